"""Transactions that wait for each other in a circle: the database gives one of them up, and it is run again.

The order of locks rules circles out among the commands of the shop. What it cannot rule out is what the database locks
by itself, such as rows that go with others; and a circle there must not be an error to whoever asked.
"""

from collections.abc import Callable
from typing import TypeVar

import psycopg
from django.db import OperationalError, connection

T = TypeVar("T")

ATTEMPTS = 3


def again(work: Callable[[], T]) -> T:
    """What `work` answers, run up to `ATTEMPTS` times where the database gives it up.

    `work` is one transaction, or goes on where it stopped. Inside a transaction, which is lost as a whole, it is not
    run again.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return work()
        except OperationalError as error:
            if connection.in_atomic_block or not is_one(error):
                raise
    return work()


def is_one(error: BaseException | None) -> bool:
    """Whether the database gave a transaction up to end a circle."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, psycopg.errors.DeadlockDetected)
