"""Inserting many rows at once by PostgreSQL's COPY, several times as fast as `bulk_create`."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Model
from psycopg import sql


def insert(rows: Sequence[Model]) -> None:
    """Insert new rows of one model, and give each the next key of its table. Call inside a transaction."""
    if not rows:
        return
    table, fields = rows[0]._meta.db_table, rows[0]._meta.concrete_fields
    with connection.cursor() as cursor:
        sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        cursor.execute(sequence, [table, len(rows)])
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
        columns = sql.SQL(", ").join([sql.Identifier(str(field.column)) for field in fields])
        command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
        with connection.wrap_database_errors, cursor.copy(command) as copy:
            for row in rows:
                copy.write_row([field.pre_save(row, add=True) for field in fields])
    for row in rows:
        row._state.adding = False
