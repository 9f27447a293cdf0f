"""A second connection beside a long transaction, for what must be seen, and be told, before that one ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def connected() -> Iterator[BaseDatabaseWrapper]:
    """A connection of its own, on which every statement is a transaction.

    It waits for whatever the long transaction has locked, without end: touch no row that was written there.
    """
    other = connection.copy()
    try:
        yield other
    finally:
        other.close()
