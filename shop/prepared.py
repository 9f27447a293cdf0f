"""Reads whose SQL is compiled once: a queryset says what is read, a statement remembers what it came to.

Django compiles a queryset anew each time, which for a storefront's pages costs several times what reading the rows
does. `@statement` compiles it once for each shape it takes, and from then on only puts other values into its SQL:

    @statement
    def _options(product_ids: list[int]) -> QuerySet:
        return ProductOption.objects.filter(product_id__any=product_ids).values_list("product_id", "name")

    for product_id, name in _options([1, 2, 3]): ...

A queryset of whole instances answers instances, with those that `select_related` names. The writes beside these reads
are in `shop/writes.py`.

Positional arguments are the values; they travel as parameters, never as text of the statement. None, a boolean or a
member of an Enum among them, what is `Fixed`, and how many parts a tuple has, may lead to another queryset and so
belong to the shape, as do all keyword arguments. A list is one value however long it is: say `__any` for it, not
`__in`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from itertools import chain
from operator import attrgetter, methodcaller
from typing import Any, Generic, NamedTuple, ParamSpec, TypeAlias, TypeVar
from uuid import UUID

import psycopg
from django.db import NotSupportedError, connection
from django.db.models import Field, ForeignObject, JSONField, Lookup, QuerySet
from django.db.models.expressions import BaseExpression
from django.db.models.query import ModelIterable, get_related_populators
from django.db.transaction import TransactionManagementError
from psycopg.adapt import AdaptersMap
from psycopg.types.numeric import Int8Dumper

# Of each statement so many shapes are kept, those used last.
MAX_SHAPES = 128

Row: TypeAlias = tuple[Any, ...]
P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class CannotPrepare(Exception):
    """A queryset that cannot be run with other values than it was compiled with: a bug of whoever wrote it."""


class Bound(NamedTuple):
    """A statement with its values: a list, or a mapping where it calls them by name.

    It is planned for these very values where it reads much or little by what is asked.
    """

    sql: str
    values: Any
    is_planned_anew: bool = False


class Fixed(NamedTuple):
    """A part of a value that belongs to the shape of a statement: it leads to another queryset, or into its text."""

    value: Any


class Statement(Generic[P, R]):
    """What `statement` makes of a function that builds a queryset of rows (`values_list`) or of instances."""

    def __init__(self, build: Callable[P, QuerySet[Any, R]]) -> None:
        self.queryset = build
        self._template = lru_cache(MAX_SHAPES)(self._compiled)

    def __call__(self, *values: P.args, **shape: P.kwargs) -> list[R]:
        """What the queryset has with these values. Raises CannotPrepare."""
        template, bound = self._filled(values, shape)
        found: list[Any] = rows([bound])
        return [template.instance(row) for row in found] if template.instance else found

    def bound(self, *values: P.args, **shape: P.kwargs) -> Bound:
        """The statement with these values, to be run by `rows`. Raises CannotPrepare."""
        return self._filled(values, shape)[1]

    def _filled(self, values: tuple[Any, ...], shape: dict[str, Any]) -> tuple["_Template", Bound]:
        given: list[Any] = []
        kinds = tuple([_shape(value, given) for value in values])
        template = self._template(kinds, tuple(shape.items()))
        if template.is_locking and connection.get_autocommit():
            raise TransactionManagementError(f"{self.queryset.__name__} locks rows: it needs a transaction.")
        return template, Bound(template.sql, [slot.filled(given[slot.number]) for slot in template.slots])

    def shapes(self) -> int:
        """How many shapes are kept."""
        return self._template.cache_info().currsize

    def _compiled(self, kinds: tuple[Any, ...], shape: tuple[tuple[str, Any], ...]) -> "_Template":
        """Compiled twice with different marks: the places where the two differ are those where a value belongs."""
        compiled, marks = [], []
        for beginning in _BEGINNINGS:
            chosen: list[Any] = []
            marked = [_marked(kind, beginning, chosen) for kind in kinds]
            queryset = self.queryset(*marked, **dict(shape))
            _ensure_as_stored(queryset)
            compiler = queryset.query.get_compiler(queryset.db)
            compiled.append(compiler.as_sql())
            marks.append(chosen)
        (sql, params), (other_sql, other_params) = compiled
        if sql != other_sql:
            raise CannotPrepare(f"{self.queryset.__name__} writes a value into the text of its SQL: {sql}")
        pairs = list(zip(params, other_params, strict=True))
        slots = [None if pair[0] == pair[1] else _slot(pair, marks) for pair in pairs]
        if {slot.number for slot in slots if slot} != set(range(len(marks[0]))):
            raise CannotPrepare(f"{self.queryset.__name__} does not pass on every value: {sql}")
        places = iter(zip(slots, params, strict=True))
        text = _PLACE.sub(lambda found: _written(*next(places)) if found["is_place"] else "%%", sql)
        instance = _maker(compiler) if queryset._iterable_class is ModelIterable else None
        return _Template(text, [slot for slot in slots if slot], instance, bool(queryset.query.select_for_update))


def statement(build: Callable[P, QuerySet[Any, R]]) -> Statement[P, R]:
    """Have a function that builds a queryset answer what it has, compiled once for each shape."""
    return Statement(build)


def compiled(queryset: QuerySet[Any, Any]) -> Bound:
    """A queryset compiled now, to run beside prepared statements. Raises EmptyResultSet where it can have no rows."""
    _ensure_as_stored(queryset)
    sql, params = queryset.query.get_compiler(queryset.db).as_sql()
    return Bound(_literal(sql, params), [])


def rows(statements: Sequence[Bound]) -> list[Row]:
    """The rows of one statement, or of several as one: a UNION ALL, in whose rows no order is promised."""
    if not statements:
        return []
    cursors = _PlanningCursor if any(one.is_planned_anew for one in statements) else _Cursor
    found: list[Row] = _run(*_as_one(statements), methodcaller("fetchall"), cursors)
    return found


def _as_one(statements: Sequence[Bound]) -> tuple[str, Any]:
    if len(statements) == 1:
        [one] = statements
        return one.sql, one.values
    sql = " UNION ALL ".join([f"({one.sql})" for one in statements])
    return sql, list(chain.from_iterable(one.values for one in statements))


def execute(sql: str, values: Sequence[Any]) -> int:
    """Run a statement that answers no rows, written by hand and always the same text; how many rows it wrote."""
    written: int = _run(sql, values, attrgetter("rowcount"), _Cursor)
    return written


def _run(sql: str, values: Any, answer: Callable[[Any], T], cursors: "type[_Cursor]") -> T:
    connection.ensure_connection()
    # As `connection.cursor()`, but of our class: what counts and logs queries sees this one like any other.
    with connection._prepare_cursor(cursors(connection.connection)) as cursor:  # type: ignore[attr-defined]
        try:
            cursor.execute(sql, values)
        except NotSupportedError:
            # A migration changed the type of a column under a plan that is kept. In a transaction it is too late.
            if connection.in_atomic_block:
                raise
            cursor.execute("DEALLOCATE ALL")
            cursor.execute(sql, values)
        return answer(cursor)


class _Slot(NamedTuple):
    """What a parameter is made of: a value, and the text about it."""

    number: int
    before: str = ""
    after: str = ""

    def filled(self, value: Any) -> Any:
        return f"{self.before}{value}{self.after}" if self.before or self.after else value


class _Template(NamedTuple):
    """The SQL of one shape, constants written in, what its parameters are made of, and what becomes of its rows."""

    sql: str
    slots: list[_Slot]
    instance: Callable[[Row], Any] | None
    is_locking: bool


class _Cursor(psycopg.Cursor[Row]):
    """Has PostgreSQL bind the values and keep the plan of what is often asked, and send rows in its binary format.

    Django's own cursor puts the values into the text, for which PostgreSQL has to plan each statement anew. Whether
    and when plans are kept is up to `prepare_threshold` of the connection, that is to DATABASE_KEEP_PLANS.
    """

    _prepare: bool | None = None
    _integers = AdaptersMap(psycopg.adapters)
    # Always of one type: psycopg would choose it by size, and PostgreSQL plan again for each combination of sizes.
    _integers.register_dumper(int, Int8Dumper)

    @property
    def adapters(self) -> AdaptersMap:
        return self._integers

    def execute(self, query: Any, params: Any = None, **_: Any) -> "_Cursor":
        return super().execute(query, params, binary=True, prepare=self._prepare)


class _PlanningCursor(_Cursor):
    """Never keeps a plan: PostgreSQL plans for the values it is given."""

    _prepare = False


@Field.register_lookup
@ForeignObject.register_lookup
class _EqualsAny(Lookup):
    """`column__any=[…]`: as `__in`, but the list is one parameter, and may be empty."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} = ANY(%s)", [*params, self.rhs]


@Field.register_lookup
class _EqualsOneOf(_EqualsAny):
    """`expression__among=[…]`: as `__any`, where no index finds the rows: the list is hashed, not searched for each."""

    lookup_name = "among"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        lhs, params = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.db_type(connection)
        return f"{lhs} IN (SELECT unnest(%s::{kind}[]))", [*params, self.rhs]


# A mark has to survive as it is all that a value survives, and nothing else: text that would be trimmed, folded or
# escaped holds something of each kind, and numbers fit the smallest column.
_BEGINNINGS = (30_000, 31_000)
_MARKS: dict[type, Callable[[int], Any]] = {
    str: lambda number: f" Mark%_\\'\" {number} Mark\t",
    int: lambda number: number,
    float: lambda number: number + 0.5,
    Decimal: lambda number: Decimal(number) + Decimal("0.25"),
    datetime: lambda number: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
    UUID: lambda number: UUID(int=number),
    list: lambda number: [f"mark {number}"],
}


def _shape(value: Any, given: list[Any]) -> Any:
    """The kind of a value, whose parts that are parameters are added to `given`."""
    kind = type(value)
    if kind in _MARKS:
        given.append(value)
        return kind
    if value is None or kind is bool or kind is Fixed or isinstance(value, Enum):
        return value
    if kind is tuple:
        return tuple([_shape(part, given) for part in value])
    if isinstance(value, tuple):
        return (kind, *[_shape(part, given) for part in value])
    if is_dataclass(kind):
        return (kind, *[_shape(getattr(value, name), given) for name in _names(kind)])
    raise TypeError(f"A prepared statement takes no {kind.__name__}.")


@cache
def _names(kind: Any) -> list[str]:
    return [field.name for field in fields(kind)]


def _marked(kind: Any, beginning: int, chosen: list[Any]) -> Any:
    """What `_shape` was given, with marks, which are added to `chosen`, instead of parameters."""
    if isinstance(kind, type):
        chosen.append(_MARKS[kind](beginning + len(chosen)))
        return chosen[-1]
    if isinstance(kind, Fixed):
        return kind.value
    if isinstance(kind, tuple):
        make: Any = kind[0] if kind and isinstance(kind[0], type) and kind[0] not in _MARKS else None
        parts = [_marked(part, beginning, chosen) for part in (kind[1:] if make else kind)]
        return make(*parts) if make else tuple(parts)
    return kind


def _slot(pair: tuple[Any, Any], marks: Sequence[Sequence[Any]]) -> _Slot:
    for number, (mark, other_mark) in enumerate(zip(*marks, strict=True)):
        if pair == (mark, other_mark):
            return _Slot(number)
        if isinstance(mark, str) and isinstance(pair[0], str) and pair[0].count(mark) == 1:
            before, after = pair[0].split(mark)
            if pair[1] == f"{before}{other_mark}{after}":
                return _Slot(number, before, after)
    raise CannotPrepare(f"A value was changed on its way into the statement: {pair[0]!r}.")


_PLACE = re.compile("%(?:%|(?P<is_place>s))")


def _written(slot: _Slot | None, constant: Any) -> str:
    return "%s" if slot else _literal("%s", [constant])


def _literal(sql: str, params: Sequence[Any]) -> str:
    """Text with parameters written in as Django's own cursor does, to be part of a statement that has parameters."""
    text: str = connection.ops.compose_sql(sql, params)  # type: ignore[attr-defined]
    return text.replace("%", "%%")


def _maker(compiler: Any) -> Callable[[Row], Any]:
    """What makes an instance of a row of this compiled queryset, as Django's own loop over a queryset does."""
    chosen, info = compiler.select, compiler.klass_info
    first, last = info["select_fields"][0], info["select_fields"][-1] + 1
    model, names = info["model"], [column.target.attname for column, _, _ in chosen[first:last]]
    related = get_related_populators(info, chosen, compiler.using)  # type: ignore[call-arg]  # of Django 6

    def make(row: Row) -> Any:
        instance = model.from_db(compiler.using, names, row[first:last])
        for populator in related:
            populator.populate(row, instance)
        return instance

    return make


def _ensure_as_stored(queryset: QuerySet[Any, Any]) -> None:
    """Raises CannotPrepare for rows that would need Python to make values of what the database answers."""
    compiler = queryset.query.get_compiler(queryset.db)
    compiler.setup_query()
    for expression in _columns(compiler):
        if not _is_as_stored(expression):
            raise CannotPrepare(f"{expression} is not what the database answers, but made of it in Python.")


def _columns(compiler: Any) -> Iterator[Any]:
    return (expression for expression, _, _ in compiler.select[: compiler.col_count])


def _is_as_stored(expression: Any) -> bool:
    """Numbers of expressions pass: Django makes sure of their type, which here is up to whoever writes the queryset.

    So does JSON, which Django has the database send as text, while here psycopg reads it.
    """
    converters = connection.ops.get_db_converters(expression) + expression.get_db_converters(connection)
    makes_sure = getattr(type(expression), "convert_value", None) is BaseExpression.convert_value
    return all(
        (makes_sure and converter is expression.convert_value) or _is_json(converter) for converter in converters
    )


def _is_json(converter: Any) -> bool:
    field = getattr(converter, "__self__", None)
    return isinstance(field, JSONField) and field.decoder is None
