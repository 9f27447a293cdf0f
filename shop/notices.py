"""Notices between processes: `ring` tells every process that listens, at once, that something has changed.

They travel by PostgreSQL's NOTIFY and say only what to read again. Committing transactions that notify wait for one
another, so `ring` belongs into handlers of the outbox, never into a command. A notice may be lost, when a connection
breaks for example; whoever watches reads again from time to time.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

log = logging.getLogger(__name__)

CHANNEL = "shop_notices"
FIRST_RECONNECT = 0.5  # seconds
LAST_RECONNECT = 5.0
# A connection that is cut without a word is noticed after about so long.
KEEPALIVES = {"keepalives": 1, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}


def ring(subject: str) -> None:
    """Tell all who watch `subject` to read it again, if and when the caller's transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, subject])


class Listener:
    """Hears the notices of all processes, for the watchers of this one. It belongs to one event loop."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def watching(self, subject: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever `subject` may have changed; clear it before reading."""
        event = asyncio.Event()
        self._watchers.setdefault(subject, set()).add(event)
        try:
            yield event
        finally:
            self._watchers[subject].discard(event)
            if not self._watchers[subject]:
                del self._watchers[subject]

    async def listen(self) -> None:
        """Pass notices on until cancelled. After an interruption every watcher is told, for any may have missed one."""
        reconnect = FIRST_RECONNECT
        while True:
            try:
                async with await _connection() as database:
                    await database.execute(f"LISTEN {CHANNEL}")
                    reconnect = FIRST_RECONNECT
                    self._tell_all()
                    async for notice in database.notifies():
                        self._tell(notice.payload)
            except (psycopg.Error, DatabaseError, ImproperlyConfigured) as lost:
                log.warning("Notices wait until the database is back: %s", " ".join(str(lost).split()))
            await asyncio.sleep(reconnect)
            reconnect = min(reconnect * 2, LAST_RECONNECT)

    def _tell(self, subject: str) -> None:
        for event in self._watchers.get(subject, ()):
            event.set()

    def _tell_all(self) -> None:
        for subject in self._watchers:
            self._tell(subject)


async def changed(event: asyncio.Event, *, within: float) -> None:
    """Wait until the event is set, for so many seconds at the most."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), within)


async def _connection() -> psycopg.AsyncConnection:
    # Finding the parameters may start the embedded database.
    params = await asyncio.to_thread(connection.get_connection_params)
    params.pop("cursor_factory", None)
    return await psycopg.AsyncConnection.connect(**{**KEEPALIVES, **params, "autocommit": True})
