"""Keyset pagination: a page is found by the values of its neighbour, never by counting rows (no OFFSET)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar

import orjson
from django.core.exceptions import EmptyResultSet
from django.db.models import BigIntegerField, Count, F, Model, QuerySet, Value
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThanOrEqual, TupleLessThanOrEqual

from shop import prepared
from shop.errors import InvalidInput
from shop.prepared import Bound

MAX_PAGE = 250
DEFAULT_PAGE = 50
_MAX_ID = 2**63 - 2  # the one after it is compared with too
_MAX_DIGITS = 30

Row = TypeVar("Row")
M = TypeVar("M", bound=Model)
Owner = TypeVar("Owner")
# What a list's length is counted by: a queryset, or a function that binds a statement to the number that it is to
# answer beside the length. It raises EmptyResultSet where it knows that there is nothing to count.
Source: TypeAlias = QuerySet[Any, Any] | Callable[[int], Bound]
# The values of an order's columns in a row: where the row stands.
Place: TypeAlias = tuple[Any, ...]


class InvalidPage(InvalidInput):
    """A page was asked for in a way that has no answer: too large, two directions at once, or a cursor not ours."""

    code = "INVALID_PAGE"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list: the `first` after a cursor or the `last` before one; 50 rows where nothing is said."""

    first: int | None = None
    last: int | None = None
    after: str | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        if self.first is not None and self.last is not None:
            raise InvalidPage("Ask for the first or for the last rows, not for both.")
        size = self.first if self.first is not None else self.last
        if size is not None and not 0 <= size <= MAX_PAGE:
            raise InvalidPage(f"A page has 0 to {MAX_PAGE} rows; {size} were asked for.")

    @property
    def size(self) -> int:
        if self.first is not None:
            return self.first
        return self.last if self.last is not None else DEFAULT_PAGE

    @property
    def is_backward(self) -> bool:
        return self.last is not None

    @property
    def from_the_end(self) -> "PageRequest":
        """As many rows, but from the very end of the list."""
        return PageRequest(first=self.first, last=self.last)


@dataclass(frozen=True, slots=True)
class Order:
    """A total order of rows: by `key`, ties by id, both descending where `descending`.

    `name` goes into cursors, so that a cursor of one order is refused by another.
    """

    name: str
    key: str
    descending: bool = False
    parse: Callable[[Any], Any] = field(default=lambda value: value)

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.key,) if self.key == "pk" else (self.key, "pk")

    def columns_from(self, request: PageRequest) -> tuple[str, ...]:
        """What to order by so that the wanted rows come first."""
        sign = "-" if self.descending != request.is_backward else ""
        return tuple(f"{sign}{column}" for column in self.columns)


@dataclass(frozen=True, slots=True, eq=False)
class Page(Generic[Row]):
    """Rows with their cursors, and whether there are more on either side.

    `total` is the length of the whole list where it is known; otherwise `source` is what `totals` can count.
    """

    rows: Sequence[Row]
    cursors: Sequence[str]
    has_previous: bool = False
    has_next: bool = False
    total: int | None = None
    source: Source | None = None


def page(
    queryset: QuerySet[M],
    order: Order,
    request: PageRequest,
    read: Callable[[QuerySet[M]], Sequence[Row]],
    key_of: Callable[[Row], Place],
) -> Page[Row]:
    """One page of `queryset` in one statement; `read` turns rows of the ordered, limited queryset into values.

    `key_of` gives the values of `order.columns` for a row. Raises InvalidPage for a cursor that is not of this order.
    """
    return finish(read(window(queryset, order, request)), queryset, order, request, key_of)


def pages(
    querysets: Mapping[Owner, QuerySet[M]],
    order: Order,
    request: PageRequest,
    read: Callable[[QuerySet[M]], Sequence[Row]],
    owner_of: Callable[[Row], Any],
    key_of: Callable[[Row], Place],
) -> dict[Owner, Page[Row]]:
    """As `page`, one of each owner's queryset, all in one statement; `owner_of` tells whose a row is."""
    if not querysets:
        return {}
    windows = [window(own, order, request) for own in querysets.values()]
    rows = read(windows[0].union(*windows[1:], all=True) if len(windows) > 1 else windows[0])
    found: dict[Any, list[Row]] = {owner: [] for owner in querysets}
    for row in sorted(rows, key=key_of, reverse=order.descending != request.is_backward):
        found[owner_of(row)].append(row)
    return {owner: finish(found[owner], own, order, request, key_of) for owner, own in querysets.items()}


def window(queryset: QuerySet[M], order: Order, request: PageRequest, *, ids_from: int = 0) -> QuerySet[M]:
    """The rows of a page and one more, from the end the page is counted from. Raises InvalidPage.

    `ids_from` is what cursors add to this table's ids, in a list that merges several tables into one order.
    """
    return cut(queryset, order, request, *places(order, request, ids_from=ids_from))


def places(order: Order, request: PageRequest, *, ids_from: int = 0) -> tuple[Place | None, Place | None]:
    """The places in `order` after and before which rows are wanted. Raises InvalidPage."""
    after, before = _position(order, request.after, "after"), _position(order, request.before, "before")
    if not ids_from:
        return after, before
    return after and (*after[:-1], after[-1] - ids_from), before and (*before[:-1], before[-1] - ids_from)


def cut(
    queryset: QuerySet[M], order: Order, request: PageRequest, after: Place | None, before: Place | None
) -> QuerySet[M]:
    """A `window` between places already read from the cursors of `request`."""
    if after is not None:
        queryset = queryset.filter(_beyond(order, after, descending=order.descending))
    if before is not None:
        queryset = queryset.filter(_beyond(order, before, descending=not order.descending))
    return queryset.order_by(*order.columns_from(request))[: request.size + 1]


def lies_between(order: Order, place: Place, after: Place | None, before: Place | None) -> bool:
    """Whether a row at `place`, that is in memory, is one of those that `cut` keeps."""
    if order.descending:
        after, before = before, after
    return (after is None or place > after) and (before is None or place < before)


def finish(
    rows: Sequence[Row],
    source: Source | None,
    order: Order,
    request: PageRequest,
    key_of: Callable[[Row], Place],
) -> Page[Row]:
    """The page that the rows of a `window` make; `source` is the whole list, where its length is to be told."""
    kept = list(rows[: request.size])
    if request.is_backward:
        kept.reverse()
    has_more = len(rows) > request.size
    return Page(
        rows=kept,
        cursors=[cursor(order, key_of(row)) for row in kept],
        has_previous=has_more if request.is_backward else request.after is not None,
        has_next=request.before is not None if request.is_backward else has_more,
        source=source,
    )


def totals(pages: Sequence[Page[Any]]) -> list[int]:
    """The length of each page's whole list, counted in one statement for all of them."""
    found = {number: page.total or 0 for number, page in enumerate(pages)}
    counts = []
    for number, page in enumerate(pages):
        if page.source is not None:
            with suppress(EmptyResultSet):
                counts.append(_counting(page.source, number))
    found |= dict(prepared.rows(counts))
    return [found[number] for number in range(len(pages))]


def numbered(queryset: QuerySet[Any, Any], number: int, length: Any = None) -> QuerySet[Any, Any]:
    """`number` beside how many rows there are, or beside another aggregate of them that tells the length."""
    marked = queryset.order_by().annotate(page_number=Value(number)).values_list("page_number")
    counted: QuerySet[Any, Any] = marked.annotate(length=length or Count("pk"))
    return counted


def _counting(source: Source, number: int) -> Bound:
    return source(number) if callable(source) else prepared.compiled(numbered(source, number))


def slice_of(rows: Sequence[Row], request: PageRequest) -> Page[Row]:
    """A page of a short list that is already in memory; its cursors are positions."""
    start = 0 if request.after is None else _offset(request.after, "after") + 1
    stop = len(rows) if request.before is None else _offset(request.before, "before")
    start, stop = (max(min(end, len(rows)), 0) for end in (start, stop))
    if request.is_backward:
        first, last = max(start, stop - request.size), stop
    else:
        first, last = start, min(stop, start + request.size)
    return Page(
        rows=rows[first:last],
        cursors=list(map(_position_cursor, range(first, last))),
        has_previous=first > 0,
        has_next=last < len(rows),
        total=len(rows),
    )


@lru_cache(1024)
def _position_cursor(position: int) -> str:
    return _encode(["position", position])


def cursor(order: Order, key: Place) -> str:
    """An opaque name of a row's place in `order`."""
    return _encode([order.name, *key])


def _encode(values: list[Any]) -> str:
    return urlsafe_b64encode(orjson.dumps(values, default=str)).decode().rstrip("=")


def _decode(text: str, argument: str) -> list[Any]:
    try:
        values = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError as error:
        raise InvalidPage("This cursor is not one of ours.", field=(argument,)) from error
    if not isinstance(values, list) or not values:
        raise InvalidPage("This cursor is not one of ours.", field=(argument,))
    return values


def _position(order: Order, text: str | None, argument: str) -> Place | None:
    if text is None:
        return None
    name, *key = _decode(text, argument)
    if name != order.name or len(key) != len(order.columns):
        raise InvalidPage("This cursor belongs to a list in another order.", field=(argument,))
    try:
        *values, pk = key
        return (*(_stored(order.parse(value)) for value in values), _id(pk))
    except (ValueError, TypeError, ArithmeticError) as error:
        raise InvalidPage("This cursor is not one of ours.", field=(argument,)) from error


def _stored(value: Any) -> Any:
    """`value`, if a column may hold it: a forged cursor must not reach the database and fail there."""
    if isinstance(value, str) and "\0" in value:
        raise ValueError("No text holds a null character.")
    if isinstance(value, Decimal) and not (value.is_finite() and value.adjusted() < _MAX_DIGITS):
        raise ValueError("No amount is that large.")
    if isinstance(value, int) and abs(value) > _MAX_ID:
        raise ValueError("No number is that large.")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("Every moment has a time zone.")
    return value


def _id(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= _MAX_ID:
        raise ValueError("No row has this id.")
    return value


def _offset(text: str, argument: str) -> int:
    values = _decode(text, argument)
    if len(values) != 2 or values[0] != "position" or not isinstance(values[1], int):
        raise InvalidPage("This cursor belongs to a list in another order.", field=(argument,))
    return values[1]


def _beyond(order: Order, place: Place, *, descending: bool) -> TupleLessThanOrEqual | TupleGreaterThanOrEqual:
    """Rows after `place`: compared as (key, id), so that PostgreSQL enters an index of both at the very place.

    It guesses how many rows these are from the key alone. With `<` none of many equal keys would count, and it would
    choose a walk of few steps that is a long one; so it is told `<=`, and the id next to this one.
    """
    *values, pk = place
    compare, step = (TupleLessThanOrEqual, -1) if descending else (TupleGreaterThanOrEqual, 1)
    return compare(Tuple(*map(F, order.columns)), (*values, Value(pk, output_field=BigIntegerField()) + step))
