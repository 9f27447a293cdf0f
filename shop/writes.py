"""Writes whose SQL is put together once for each model, where `save` and `bulk_create` compile theirs anew each time.

Values pass through the model's fields as in Django's own writes. Whole numbers are sent in binary, where one that is
too large for its column would become another: it is refused here. No signal is sent and no `save` is called: we have
neither. For what is written often; elsewhere Django's own words are as good.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, NamedTuple

from django.db import DataError, connection
from django.db.models import BigIntegerField, Model
from django.db.models.expressions import DatabaseDefault

from shop import prepared
from shop.prepared import Bound


def insert(instances: Sequence[Model]) -> None:
    """Store new instances of one model in one statement, and tell them their keys.

    What one that is alone leaves to the database's default, it is told as well.
    """
    if not instances:
        return
    model, gathering = type(instances[0]), _gathering.get()
    if gathering is not None and model in gathering:
        gathering[model] += instances
        return
    is_alone = len(instances) == 1
    form = _insertion(model, _left_out(instances[0]) if is_alone else (), is_alone=is_alone)
    stored = prepared.rows([Bound(form.sql, _values(form, instances, add=True))])
    for instance, answers in zip(instances, stored, strict=True):
        for field, answer in zip(form.answered, answers, strict=True):
            setattr(instance, field.attname, answer)
        instance._state.adding, instance._state.db = False, connection.alias


@contextmanager
def gathered(*models: type[Model]) -> Iterator[None]:
    """Store what is inserted of these models at the end, each model's in one statement; until then it has no keys.

    For what nobody reads before the transaction ends, such as messages. Nothing is stored where the block fails.
    """
    gathering: dict[type[Model], list[Model]] = {model: [] for model in models}
    token = _gathering.set(gathering)
    try:
        yield
    finally:
        _gathering.reset(token)
    for instances in gathering.values():
        insert(instances)


def update(instances: Sequence[Model], *names: str) -> None:
    """Store these fields of instances of one model that are there already, in one statement."""
    if instances:
        form = _change(type(instances[0]), names, is_alone=len(instances) == 1)
        prepared.execute(form.sql, _values(form, instances, add=False))


class _Form(NamedTuple):
    """A statement, the fields it takes values of, those it answers, and which numbers have bounds (see `_bounds`)."""

    sql: str
    fields: list[Any]
    answered: list[Any]
    bounds: list[tuple[int, int]]


_gathering: ContextVar[dict[type[Model], list[Model]] | None] = ContextVar("gathering", default=None)


def _left_out(instance: Model) -> tuple[str, ...]:
    """The fields whose values the database is to find."""
    values = vars(instance)
    return tuple(name for name in _with_default(type(instance)) if isinstance(values[name], DatabaseDefault))


@cache
def _with_default(model: type[Model]) -> tuple[str, ...]:
    """The fields that have a default in the database and none in the program."""
    fields = model._meta.local_concrete_fields
    return tuple(field.attname for field in fields if field.has_db_default() and not field.has_default())


@cache
def _insertion(model: type[Model], left_out: tuple[str, ...], *, is_alone: bool) -> _Form:
    meta = model._meta
    fields = [
        field
        for field in meta.local_concrete_fields
        if not field.generated and field is not meta.auto_field and field.attname not in left_out
    ]
    columns = ", ".join(_name(field) for field in fields)
    rows = f"VALUES ({_marks(fields)})" if is_alone else f"SELECT * FROM {_unnested(fields)}"  # noqa: S608  (names of our own)
    answered = list(meta.db_returning_fields) or [meta.pk]
    answers = ", ".join(_name(field) for field in answered)
    sql = f"INSERT INTO {_quoted(meta.db_table)} ({columns}) {rows} RETURNING {answers}"
    return _Form(sql, fields, answered, _bounds(fields))


@cache
def _change(model: type[Model], names: tuple[str, ...], *, is_alone: bool) -> _Form:
    table, key = _quoted(model._meta.db_table), model._meta.pk
    fields = [model._meta.get_field(name) for name in names]
    if is_alone:
        changes = ", ".join(f"{_name(field)} = %s" for field in fields)
        sql = f"UPDATE {table} SET {changes} WHERE {_name(key)} = %s"  # noqa: S608
        return _Form(sql, [*fields, key], [], _bounds(fields))
    changes = ", ".join(f"{_name(field)} = changed.{_name(field)}" for field in fields)
    columns = ", ".join(_name(field) for field in [*fields, key])
    source = f"{_unnested([*fields, key])} AS changed({columns})"
    sql = f"UPDATE {table} SET {changes} FROM {source} WHERE {table}.{_name(key)} = changed.{_name(key)}"  # noqa: S608
    return _Form(sql, [*fields, key], [], _bounds(fields))


def _values(form: _Form, instances: Sequence[Model], *, add: bool) -> list[Any]:
    """One value of each field, or where there are several instances, all of them in a list. Raises DataError."""
    columns = [
        [field.get_db_prep_save(field.pre_save(instance, add), connection) for instance in instances]
        for field in form.fields
    ]
    for place, most in form.bounds:
        if any(value is not None and not -most - 1 <= value <= most for value in columns[place]):
            raise DataError(f"{form.fields[place]} has whole numbers up to {most}, and none of {columns[place]}.")
    return columns if len(instances) > 1 else [column[0] for column in columns]


def _bounds(fields: Sequence[Any]) -> list[tuple[int, int]]:
    """Which of the fields have columns of whole numbers that are smaller than those of psycopg, each with its most."""
    found = []
    for place, field in enumerate(fields):
        kind = (field.target_field if field.is_relation else field).get_internal_type()
        _, most = connection.ops.integer_field_ranges.get(kind, (None, None))
        if most is not None and most < BigIntegerField.MAX_BIGINT:
            found.append((place, most))
    return found


def _marks(fields: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(fields))


def _unnested(fields: Sequence[Any]) -> str:
    """Lists of values as rows. A cast to a type with a length would cut off what is too long instead of refusing it."""
    kinds = [field.db_type(connection).partition("(")[0] for field in fields]
    return f"unnest({', '.join(f'%s::{kind}[]' for kind in kinds)})"


def _name(field: Any) -> str:
    return _quoted(field.column)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
