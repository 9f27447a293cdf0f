"""Finding things of several kinds by words: products and pages in one list, and suggestions while somebody types."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import Case, F, FloatField, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce

from catalog import browsing, content, filters, lists, search, vocabulary
from catalog.browsing import Listing, ProductRow, ProductSort
from catalog.content import PageRow
from catalog.filters import ProductFilter
from catalog.lists import CollectionRow
from catalog.models import Page
from catalog.readings import Reader, Reading
from catalog.search import Asked, Part
from catalog.shopper import Shopper
from shop import paging
from shop.paging import Order, PageRequest

Row = TypeVar("Row")

# Ids of pages count on from here where they stand in one list with products.
_PAGES_FROM = 10**15


class FindSort(Enum):
    """Orders of what is found: best match first, or lowest price first. The value is more than any key there can be."""

    RELEVANCE = 10.0
    PRICE = 1e13


class SoldOut(Enum):
    """What becomes of products that cannot be bought now: hidden, shown after the others, or shown among them."""

    HIDE = "HIDE"
    LAST = "LAST"
    SHOW = "SHOW"


class Wanted(NamedTuple):
    """What is looked for, and among what."""

    text: str
    products: bool = True
    pages: bool = True
    sold_out: SoldOut = SoldOut.SHOW
    filter: ProductFilter = ProductFilter()


class Suggestions(NamedTuple):
    """What somebody who types may mean."""

    products: list[ProductRow]
    collections: list[CollectionRow]
    pages: list[PageRow]
    queries: list[str]


class Found(NamedTuple, Generic[Row]):
    """A page of what was found, and how the words were taken."""

    page: "paging.Page[Row]"
    reading: Reading


def products(
    shopper: Shopper,
    text: str,
    wanted: ProductFilter,
    request: PageRequest,
    sort: ProductSort,
    *,
    reverse: bool = False,
) -> Found[ProductRow]:
    """A page of the products that have the words and are wanted beside. Raises InvalidInput, InvalidPage."""

    def look(asked: Asked) -> "paging.Page[ProductRow]":
        [page] = browsing.products(shopper, [replace(wanted, asked=asked)], request, sort, reverse=reverse)
        return page

    return _read(Reader(shopper, text), look)


def find(
    shopper: Shopper,
    wanted: Wanted,
    request: PageRequest,
    sort: FindSort = FindSort.RELEVANCE,
    *,
    reverse: bool = False,
) -> "Found[ProductRow | PageRow]":
    """A page of the products and pages that have the words, pages after products. Raises InvalidInput, InvalidPage."""
    words_of_pages = content.words_of_pages(shopper) if wanted.pages else {}

    def look(asked: Asked) -> "paging.Page[ProductRow | PageRow]":
        return _look(shopper, wanted, asked, _pages_with(words_of_pages, asked), request, sort, reverse=reverse)

    return _read(Reader(shopper, wanted.text), look)


def suggest(shopper: Shopper, text: str, limit: int) -> Suggestions:
    """Up to `limit` things of each kind that have the words or their beginnings, and words to search for."""
    reader = Reader(shopper, text)
    if not reader.typed.parts:
        return Suggestions([], [], [], [])
    words_of_pages = content.words_of_pages(shopper)

    def look(asked: Asked) -> "paging.Page[ProductRow]":
        wanted = ProductFilter(asked=asked)
        [page] = browsing.products(shopper, [wanted], PageRequest(first=limit), ProductSort.RELEVANCE)
        return page

    products, reading = _read(reader, look)
    # Who is still typing has not said all the words yet: what has only some of them is nothing to suggest.
    asked = reader.typed if reading.is_relaxed else reading.asked
    collections = lists.collections_titled(shopper, asked.words, limit)
    pages = content.pages_by_id(shopper, _pages_with(words_of_pages, asked)[:limit])
    queries = vocabulary.suggestions(search.read(reader.corrected_text() or text).words, reader.vocabulary, limit)
    return Suggestions(
        [] if reading.is_relaxed else list(products.rows), collections, [pages[key] for key in sorted(pages)], queries
    )


def _read(reader: Reader, look: "Callable[[Asked], paging.Page[Row]]") -> Found[Row]:
    """What is found for the words as they were typed, or as they were meant where that is nothing."""
    # With a word that no product had lately, what it was meant to be is found out at once, not after an empty page.
    reading = reader.meant() if reader.doubted else Reading(reader.typed)
    page = look(reading.asked)
    if page.rows or reader.doubted:
        return Found(page, reading)
    reading = reader.meant()
    return Found(page if reading.asked == reader.typed else look(reading.asked), reading)


def _look(
    shopper: Shopper,
    wanted: Wanted,
    asked: Asked,
    page_ids: list[int],
    request: PageRequest,
    sort: FindSort,
    *,
    reverse: bool,
) -> "paging.Page[ProductRow | PageRow]":
    descending = (sort is FindSort.RELEVANCE) != reverse
    order = Order(f"FOUND {sort.name} {descending:d}", "sort_key", descending, float)
    last = -sort.value if descending else sort.value
    listing = browsing.Listing(shopper, _filter(wanted, asked), beside=len(page_ids))
    kinds: list[QuerySet[Any, Any]] = []
    if wanted.products:
        kinds.append(_placed(_products(listing, wanted.sold_out, sort, last), order, request, ids_from=0))
    if page_ids:
        pages = Page.objects.filter(pk__in=page_ids).annotate(sort_key=Value(2 * last))
        kinds.append(_placed(pages, order, request, ids_from=_PAGES_FROM))
    places = _merged(kinds, order, request)
    found = paging.finish(places, listing if wanted.products else None, order, request, key_of=tuple)
    return _filled(shopper, replace(found, total=len(page_ids)))


def _filter(wanted: Wanted, asked: Asked) -> ProductFilter:
    if wanted.sold_out is SoldOut.HIDE:
        return replace(wanted.filter, asked=asked, hides_sold_out=True)
    return replace(wanted.filter, asked=asked)


def _products(listing: Listing, sold_out: SoldOut, sort: FindSort, last: float) -> QuerySet[Any, Any]:
    chosen, is_ranked = filters.matching(listing.shopper, listing.wanted)
    if sort is FindSort.PRICE:
        key: Any = Cast(Coalesce("price_min", Value(0), output_field=FloatField()), FloatField())
    else:
        key = F("rank") if is_ranked else Value(0.0)
    if sold_out is SoldOut.LAST:
        key += Case(When(is_in_stock=True, then=Value(0.0)), default=Value(last))
    return chosen.annotate(sort_key=key)


def _placed(chosen: QuerySet[Any, Any], order: Order, request: PageRequest, *, ids_from: int) -> QuerySet[Any, Any]:
    rows = paging.window(chosen, order, request, ids_from=ids_from)
    marked: QuerySet[Any, Any] = rows.annotate(place=F("pk") + Value(ids_from))
    return marked.values_list("sort_key", "place")


def _merged(kinds: Sequence[QuerySet[Any, Any]], order: Order, request: PageRequest) -> list[tuple[float, int]]:
    """The first places of all these windows, which are in order and limited already."""
    windows = [kind for kind in kinds if not kind.query.is_empty()]
    if len(windows) <= 1:
        return list(windows[0]) if windows else []
    ways = [way.replace("pk", "place") for way in order.columns_from(request)]
    return list(windows[0].union(*windows[1:], all=True).order_by(*ways)[: request.size + 1])


def _filled(shopper: Shopper, found: "paging.Page[tuple[float, int]]") -> "paging.Page[ProductRow | PageRow]":
    """The things that stand at these places. What vanished since they were found is left out."""
    places = [place for _, place in found.rows]
    products = browsing.products_by_id(shopper, [place for place in places if place < _PAGES_FROM])
    pages = content.pages_by_id(shopper, [place - _PAGES_FROM for place in places if place >= _PAGES_FROM])
    things: dict[int, ProductRow | PageRow] = {**products, **{_PAGES_FROM + key: row for key, row in pages.items()}}
    kept = [(things[place], cursor) for place, cursor in zip(places, found.cursors, strict=True) if place in things]
    return paging.Page(
        rows=[thing for thing, _ in kept],
        cursors=[cursor for _, cursor in kept],
        has_previous=found.has_previous,
        has_next=found.has_next,
        total=found.total,
        source=found.source,
    )


def _pages_with(words_of_pages: Mapping[int, set[str]], asked: Asked) -> list[int]:
    """The pages that have what is asked for; in Python, for a shop has few, and words are cut and folded there."""
    if asked.terms or asked.is_empty:
        return []
    least = asked.least or len(asked.parts)
    return [
        pk
        for pk, words in words_of_pages.items()
        if sum(_has_part(words, part) for part in asked.parts) >= least
        and not any(_begins(words, start) for start in asked.excluded)
    ]


def _has_part(words: set[str], part: Part) -> bool:
    return all(_begins(words, start) for start in part.words) or any(words.issuperset(other) for other in part.others)


def _begins(words: set[str], start: str) -> bool:
    return any(word.startswith(start) for word in words)
