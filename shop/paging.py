"""Keyset pagination: a page is found by the values of its neighbour, never by counting rows (no OFFSET)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import orjson
from django.db.models import Model, Q, QuerySet

from shop.errors import InvalidInput

MAX_PAGE = 250
DEFAULT_PAGE = 50

Row = TypeVar("Row")
M = TypeVar("M", bound=Model)


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


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows with their cursors, and whether there are more on either side."""

    rows: Sequence[Row]
    cursors: Sequence[str]
    has_previous: bool = False
    has_next: bool = False
    count: Callable[[], int] | None = None


def page(
    queryset: QuerySet[M],
    order: Order,
    request: PageRequest,
    read: Callable[[QuerySet[M]], Sequence[Row]],
    key_of: Callable[[Row], tuple[Any, ...]],
) -> Page[Row]:
    """One page of `queryset` in one statement; `read` turns rows of the ordered, limited queryset into values.

    `key_of` gives the values of `order.columns` for a row. Raises InvalidPage for a cursor that is not of this order.
    """
    after = _position(order, request.after, "after")
    before = _position(order, request.before, "before")
    chosen = queryset
    if after is not None:
        chosen = chosen.filter(_beyond(order, after, descending=order.descending))
    if before is not None:
        chosen = chosen.filter(_beyond(order, before, descending=not order.descending))
    descending = order.descending != request.is_backward
    chosen = chosen.order_by(*(f"-{column}" if descending else column for column in order.columns))
    rows = list(read(chosen[: request.size + 1]))
    has_more = len(rows) > request.size
    rows = rows[: request.size]
    if request.is_backward:
        rows.reverse()
    return Page(
        rows=rows,
        cursors=[cursor(order, key_of(row)) for row in rows],
        has_previous=has_more if request.is_backward else after is not None,
        has_next=before is not None if request.is_backward else has_more,
        count=queryset.count,
    )


def slice_of(rows: Sequence[Row], request: PageRequest) -> Page[Row]:
    """A page of a short list that is already in memory; its cursors are positions."""
    start = 0 if request.after is None else _offset(request.after, "after") + 1
    stop = len(rows) if request.before is None else _offset(request.before, "before")
    start, stop = min(start, len(rows)), max(min(stop, len(rows)), 0)
    if request.is_backward:
        first, last = max(start, stop - request.size), stop
    else:
        first, last = start, min(stop, start + request.size)
    return Page(
        rows=rows[first:last],
        cursors=[_encode(["position", i]) for i in range(first, last)],
        has_previous=first > 0,
        has_next=last < len(rows),
        count=lambda: len(rows),
    )


def cursor(order: Order, key: tuple[Any, ...]) -> str:
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


def _position(order: Order, text: str | None, argument: str) -> tuple[Any, ...] | None:
    if text is None:
        return None
    name, *key = _decode(text, argument)
    if name != order.name or len(key) != len(order.columns):
        raise InvalidPage("This cursor belongs to a list in another order.", field=(argument,))
    try:
        *values, pk = key
        return (*(order.parse(value) for value in values), pk)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise InvalidPage("This cursor is not one of ours.", field=(argument,)) from error


def _offset(text: str, argument: str) -> int:
    values = _decode(text, argument)
    if len(values) != 2 or values[0] != "position" or not isinstance(values[1], int):
        raise InvalidPage("This cursor belongs to a list in another order.", field=(argument,))
    return values[1]


def _beyond(order: Order, key: tuple[Any, ...], *, descending: bool) -> Q:
    """Rows after `key`; written so that PostgreSQL can walk an index on (key, id)."""
    way = "lt" if descending else "gt"
    if len(key) == 1:
        return Q(**{f"pk__{way}": key[0]})
    value, pk = key
    return Q(**{f"{order.key}__{way}e": value}) & (Q(**{f"{order.key}__{way}": value}) | Q(**{f"pk__{way}": pk}))
