"""Inserting many rows at once by PostgreSQL's COPY, several times as fast as `bulk_create`."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from psycopg import sql


def insert(rows: Sequence[Model]) -> None:
    """Insert new rows of one model, and give each the next key of its table. Call inside a transaction."""
    if not rows:
        return
    table = rows[0]._meta.db_table
    fields = [field for field in rows[0]._meta.concrete_fields if not field.generated]
    with connection.cursor() as cursor:
        for row, key in zip(rows, keys(cursor, table, len(rows)), strict=True):
            row.pk = key
        values = ([field.pre_save(row, add=True) for field in fields] for row in rows)
        copy(cursor, table, " ".join(str(field.column) for field in fields), values)
    for row in rows:
        row._state.adding = False


def keys(cursor: CursorWrapper, table: str, count: int) -> list[int]:
    """The next keys of the table; nobody else will get them."""
    cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
    return [key for (key,) in cursor.fetchall()]


def copy(cursor: CursorWrapper, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Copy the rows into these columns, named with spaces between them."""
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join([sql.Identifier(column) for column in columns.split()])
    )
    with connection.wrap_database_errors, cursor.copy(command) as stream:
        for row in rows:
            stream.write_row(row)
