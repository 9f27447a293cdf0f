"""Finding things of several kinds by words: products and pages in one list, and suggestions while somebody types."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from enum import Enum
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db.models import Case, F, FloatField, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce

from catalog import browsing, content, filters, lists, search, vocabulary
from catalog.browsing import ProductRow, ProductSort
from catalog.content import PageRow
from catalog.filters import ProductFilter
from catalog.lists import CollectionRow
from catalog.models.price import Tariff
from catalog.readings import Reader, Reading
from catalog.search import Asked, Part
from catalog.shopper import Shopper, anybody
from shop import paging, prepared
from shop.paging import Order, PageRequest, Place

Row = TypeVar("Row")
# A thing, and where it stands.
_Placed: TypeAlias = tuple[tuple[float, int], ProductRow | PageRow]

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
    reader = Reader(shopper, wanted.text, content.pages_as_texts(shopper) if wanted.pages else None)
    texts = _Texts.of(reader)

    def look(asked: Asked) -> "paging.Page[ProductRow | PageRow]":
        return _look(shopper, wanted, asked, texts.having(asked), request, sort, reverse=reverse)

    return _read(reader, look)


def suggest(shopper: Shopper, text: str, limit: int) -> Suggestions:
    """Up to `limit` things of each kind that have the words or their beginnings, and words to search for."""
    reader = Reader(shopper, text, content.pages_as_texts(shopper))
    if not reader.typed.parts:
        return Suggestions([], [], [], [])

    def look(asked: Asked) -> "paging.Page[ProductRow]":
        wanted = ProductFilter(asked=asked)
        [page] = browsing.products(shopper, [wanted], PageRequest(first=limit), ProductSort.RELEVANCE)
        return page

    products, reading = _read(reader, look)
    # Who is still typing has not said all the words yet: what has only some of them is nothing to suggest.
    asked = reader.typed if reading.is_relaxed else reading.asked
    collections = lists.collections_titled(shopper, asked.words, limit)
    pages = _Texts.of(reader).having(asked)[:limit]
    queries = vocabulary.suggestions(search.read(reader.corrected_text() or text).words, reader.vocabulary, limit)
    return Suggestions([] if reading.is_relaxed else list(products.rows), collections, pages, queries)


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
    pages: list[PageRow],
    request: PageRequest,
    sort: FindSort,
    *,
    reverse: bool,
) -> "paging.Page[ProductRow | PageRow]":
    """Products in one statement, and pages, which are known and come after all of them, from memory."""
    descending = (sort is FindSort.RELEVANCE) != reverse
    order = Order(f"FOUND {sort.name} {descending:d}", "sort_key", descending, float)
    listing = browsing.Listing(shopper, _filter(wanted, asked), beside=len(pages))
    found: list[_Placed] = []
    after, before = paging.places(order, request)
    if wanted.products:
        shape = {"order": order, "request": request.from_the_end, "sold_out": wanted.sold_out, "sort": sort}
        with suppress(EmptyResultSet):
            statement = filters.stated(
                _page, shopper.tariff, listing.wanted, after, before, keeps_catalog=shopper.keeps_catalog, **shape
            )
            found = [((row.sort_key, row.pk), row) for row in browsing.rows_of(statement, shopper.currency)]
    for page in pages:
        place = (2 * _last(sort, order), _PAGES_FROM + page.pk)
        if paging.lies_between(order, place, after, before):
            found.append((place, page))
    found.sort(key=itemgetter(0), reverse=descending != request.is_backward)
    finished = paging.finish(found, listing if wanted.products else None, order, request, key_of=itemgetter(0))
    return paging.Page(
        rows=_told(shopper, [thing for _, thing in finished.rows]),
        cursors=finished.cursors,
        has_previous=finished.has_previous,
        has_next=finished.has_next,
        total=len(pages),
        source=finished.source,
    )


def _filter(wanted: Wanted, asked: Asked) -> ProductFilter:
    if wanted.sold_out is SoldOut.HIDE:
        return replace(wanted.filter, asked=asked, hides_sold_out=True)
    return replace(wanted.filter, asked=asked)


@prepared.statement
def _page(
    tariff: Tariff,
    wanted: ProductFilter,
    after: Place | None,
    before: Place | None,
    *,
    keeps_catalog: bool,
    order: Order,
    request: PageRequest,
    sold_out: SoldOut,
    sort: FindSort,
    stems: str = "",
) -> QuerySet[Any, Any]:
    """The products of a page, each with its place in the order."""
    chosen, is_ranked = filters.matching_by(tariff, anybody(keeps_catalog), wanted)
    if sort is FindSort.PRICE:
        key: Any = Cast(Coalesce("price_min", Value(0), output_field=FloatField()), FloatField())
    else:
        key = F("rank") if is_ranked else Value(0.0)
    if sold_out is SoldOut.LAST:
        key += Case(When(is_in_stock=True, then=Value(0.0)), default=Value(_last(sort, order)))
    rows: Any = paging.cut(chosen.annotate(sort_key=key), order, request, after, before)
    found: QuerySet[Any, Any] = rows.values_list("sort_key", *browsing.PRODUCT_COLUMNS)
    return found


def _last(sort: FindSort, order: Order) -> float:
    """More than any key there can be, or less, so that what has it comes last."""
    return -sort.value if order.descending else sort.value


def _told(shopper: Shopper, things: Sequence[ProductRow | PageRow]) -> list[ProductRow | PageRow]:
    """In the shopper's language, in which pages are already."""
    told = iter(browsing.told(shopper.language, [thing for thing in things if isinstance(thing, ProductRow)]))
    return [next(told) if isinstance(thing, ProductRow) else thing for thing in things]


class _Texts(NamedTuple):
    """All pages that the shopper sees, with their words; in memory, for a shop has few, and words are folded here."""

    pages: list[tuple[PageRow, set[str]]]

    @classmethod
    def of(cls, reader: Reader) -> "_Texts":
        return cls([(page, content.words_of(page)) for page in content.pages_of_texts(reader.beside)])

    def having(self, asked: Asked) -> list[PageRow]:
        """Those that have what is asked for."""
        if asked.terms or asked.is_empty:
            return []
        least = asked.least or len(asked.parts)
        return [
            page
            for page, words in self.pages
            if sum(_has_part(words, part) for part in asked.parts) >= least
            and not any(_begins(words, start) for start in asked.excluded)
        ]


def _has_part(words: set[str], part: Part) -> bool:
    return all(_begins(words, start) for start in part.words) or any(words.issuperset(other) for other in part.others)


def _begins(words: set[str], start: str) -> bool:
    return any(word.startswith(start) for word in words)
