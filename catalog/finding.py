"""Finding things of several kinds by words: products and pages in one list, and suggestions while somebody types."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

from django.db.models import Case, F, FloatField, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce

from catalog import browsing, content, lists, search
from catalog.browsing import ProductFilter, ProductRow, ProductSort, Shopper
from catalog.content import PageRow
from catalog.lists import CollectionRow
from catalog.models import Page
from shop import paging
from shop.paging import Order, PageRequest

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


class Suggestions(NamedTuple):
    """What somebody who types may mean."""

    products: list[ProductRow]
    collections: list[CollectionRow]
    pages: list[PageRow]


def find(
    shopper: Shopper,
    wanted: Wanted,
    request: PageRequest,
    sort: FindSort = FindSort.RELEVANCE,
    *,
    reverse: bool = False,
) -> "paging.Page[ProductRow | PageRow]":
    """A page of the products and pages that have the words, pages after products. Raises InvalidPage."""
    descending = (sort is FindSort.RELEVANCE) != reverse
    order = Order(f"FOUND {sort.name} {descending:d}", "sort_key", descending, float)
    last = -sort.value if descending else sort.value
    kinds: list[QuerySet[Any, Any]] = []
    if wanted.products:
        kinds.append(_placed(_products(shopper, wanted, sort, last), order, request, ids_from=0))
    if wanted.pages:
        pages = Page.objects.filter(pk__in=_pages_with(shopper, wanted.text)).annotate(sort_key=Value(2 * last))
        kinds.append(_placed(pages, order, request, ids_from=_PAGES_FROM))
    places = _merged(kinds, order, request)
    return _filled(shopper, paging.finish(places, None, order, request, key_of=tuple))


def suggest(shopper: Shopper, text: str, limit: int) -> Suggestions:
    """Up to `limit` things of each kind that have the words or their beginnings."""
    asked = search.read(text)
    if not asked.words:
        return Suggestions([], [], [])
    [products] = browsing.products(shopper, [ProductFilter(text=text)], PageRequest(first=limit), ProductSort.RELEVANCE)
    collections = lists.collections_titled(shopper, asked.words, limit)
    pages = content.pages_by_id(shopper, _pages_with(shopper, text)[:limit])
    return Suggestions(list(products.rows), collections, [pages[key] for key in sorted(pages)])


def _products(shopper: Shopper, wanted: Wanted, sort: FindSort, last: float) -> QuerySet[Any, Any]:
    available = True if wanted.sold_out is SoldOut.HIDE else None
    chosen, is_ranked = browsing.matching(shopper, ProductFilter(text=wanted.text, available=available))
    if sort is FindSort.PRICE:
        key: Any = Cast(Coalesce("price_min", Value(0), output_field=FloatField()), FloatField())
    else:
        key = F("rank") if is_ranked else Value(0.0)
    if wanted.sold_out is SoldOut.LAST:
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
    )


def _pages_with(shopper: Shopper, text: str) -> list[int]:
    """The pages that have all the words; read in Python, for a shop has few, and words are cut and folded there."""
    asked = search.read(text)
    if asked.terms or (text.strip() and not asked.words and not asked.excluded):
        return []
    found = []
    for pk, content_words in content.words_of_pages(shopper).items():
        begins = [any(word.startswith(start) for word in content_words) for start in asked.words]
        if all(begins) and not any(word.startswith(start) for word in content_words for start in asked.excluded):
            found.append(pk)
    return found
