"""Writes whose SQL is put together once for each model, where `save` and `bulk_create` compile theirs anew each time.

Values pass through the model's fields as in Django's own writes. No signal is sent and no `save` is called: we have
neither. For what is written often; elsewhere Django's own words are as good.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model

from shop import prepared
from shop.prepared import Bound


def insert(instances: Sequence[Model]) -> None:
    """Store new instances of one model in one statement, and tell them their keys."""
    if not instances:
        return
    form = _insertion(type(instances[0]), is_alone=len(instances) == 1)
    stored = prepared.rows([Bound(form.sql, _values(form.fields, instances, add=True))])
    for instance, answers in zip(instances, stored, strict=True):
        for field, answer in zip(form.answered, answers, strict=True):
            setattr(instance, field.attname, answer)
        instance._state.adding, instance._state.db = False, connection.alias


def update(instances: Sequence[Model], *names: str) -> None:
    """Store these fields of instances of one model that are there already, in one statement."""
    if instances:
        form = _change(type(instances[0]), names, is_alone=len(instances) == 1)
        prepared.execute(form.sql, _values(form.fields, instances, add=False))


class _Form(NamedTuple):
    """A statement, the fields it takes values of, and those it answers."""

    sql: str
    fields: list[Any]
    answered: list[Any]


@cache
def _insertion(model: type[Model], *, is_alone: bool) -> _Form:
    meta = model._meta
    fields = [field for field in meta.local_concrete_fields if not field.generated and field is not meta.auto_field]
    columns = ", ".join(_name(field) for field in fields)
    rows = f"VALUES ({_marks(fields)})" if is_alone else f"SELECT * FROM {_unnested(fields)}"  # noqa: S608  (names of our own)
    answered = list(meta.db_returning_fields) or [meta.pk]
    answers = ", ".join(_name(field) for field in answered)
    sql = f"INSERT INTO {_quoted(meta.db_table)} ({columns}) {rows} RETURNING {answers}"
    return _Form(sql, fields, answered)


@cache
def _change(model: type[Model], names: tuple[str, ...], *, is_alone: bool) -> _Form:
    table, key = _quoted(model._meta.db_table), model._meta.pk
    fields = [model._meta.get_field(name) for name in names]
    if is_alone:
        changes = ", ".join(f"{_name(field)} = %s" for field in fields)
        return _Form(f"UPDATE {table} SET {changes} WHERE {_name(key)} = %s", [*fields, key], [])  # noqa: S608
    changes = ", ".join(f"{_name(field)} = changed.{_name(field)}" for field in fields)
    columns = ", ".join(_name(field) for field in [*fields, key])
    source = f"{_unnested([*fields, key])} AS changed({columns})"
    sql = f"UPDATE {table} SET {changes} FROM {source} WHERE {table}.{_name(key)} = changed.{_name(key)}"  # noqa: S608
    return _Form(sql, [*fields, key], [])


def _values(fields: Sequence[Any], instances: Sequence[Model], *, add: bool) -> list[Any]:
    """One value of each field, or where there are several instances, all of them in a list."""
    columns = [
        [field.get_db_prep_save(field.pre_save(instance, add), connection) for instance in instances]
        for field in fields
    ]
    return columns if len(instances) > 1 else [column[0] for column in columns]


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
