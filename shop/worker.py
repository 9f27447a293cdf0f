"""The worker: threads that hand out what is due in the outbox and run it, until they are told to stop."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Event, Lock, Thread, current_thread
from time import monotonic
from typing import Protocol

import dramatiq
import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from shop import periodic, relay

logger = logging.getLogger(__name__)

# Seconds between two looks at the database, or Redis, that found nothing to do.
RELAY_PAUSE = 0.2
PERIODIC_PAUSE = 1.0
REDIS_PAUSE = 0.1
# Seconds between attempts to reach a database or Redis that is away.
FIRST_RECONNECT = 0.5
LAST_RECONNECT = 5.0


class Crew(Protocol):
    """Who runs the deliveries that the relay hands out."""

    def start(self) -> None:
        """Begin to run what is taken."""

    def room(self) -> int:
        """How many deliveries can be taken now."""

    def take(self, delivery_ids: list[int]) -> None:
        """Have them run, and return before they are."""

    def stop(self, grace: float) -> bool:
        """Take up nothing more; say whether all that runs came to its end within `grace` seconds."""


@contextmanager
def working(*, threads: int, grace: float) -> Iterator[None]:
    """Work during the block; at its end, let what runs come to its own end, for `grace` seconds at the most."""
    _fit_pool(threads)
    outage = Outage()
    room_made = Event()
    crew = RedisCrew(dramatiq.get_broker(), threads) if settings.REDIS_URL else ThreadCrew(threads, room_made)
    crew.start()
    relaying = Loop("relay", lambda: _hand_out(crew), pause=RELAY_PAUSE, wake=room_made, outage=outage)
    timing = Loop("periodic", periodic.run_due, pause=PERIODIC_PAUSE, wake=Event(), outage=outage)
    relaying.start()
    timing.start()
    logger.info("Working with %d threads%s.", threads, ", jobs travel by Redis" if settings.REDIS_URL else "")
    try:
        yield
    finally:
        logger.info("Stopping: running jobs have %g seconds to end.", grace)
        ends_at = monotonic() + grace
        timing.stop()
        relaying.stop()
        relaying.join(grace)
        have_ended = crew.stop(max(ends_at - monotonic(), 0))
        timing.join(max(ends_at - monotonic(), 0))
        if not have_ended or relaying.is_alive() or timing.is_alive():
            logger.warning("Stopped before every job had ended; those will be run again.")


class ThreadCrew:
    """Runs deliveries in threads of this process, and sets `room_made` whenever one is free again."""

    def __init__(self, size: int, room_made: Event) -> None:
        self._size, self._room_made = size, room_made
        self._taken: SimpleQueue[int | None] = SimpleQueue()
        self._in_hand = 0
        self._lock = Lock()
        self._threads = [Thread(name=f"job-{n}", target=self._work, daemon=True) for n in range(size)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def room(self) -> int:
        return self._size - self._in_hand

    def take(self, delivery_ids: list[int]) -> None:
        with self._lock:
            self._in_hand += len(delivery_ids)
        for delivery_id in delivery_ids:
            self._taken.put(delivery_id)

    def stop(self, grace: float) -> bool:
        ends_at = monotonic() + grace
        for _ in self._threads:
            self._taken.put(None)
        for thread in self._threads:
            thread.join(max(ends_at - monotonic(), 0))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        for delivery_id in iter(self._taken.get, None):
            try:
                relay.deliver(delivery_id)
            except Exception:
                # Not even the error could be recorded, so the delivery stays due: nothing is lost.
                logger.exception("Delivery %d was cut short and will be sent again.", delivery_id)
            close_old_connections()
            with self._lock:
                self._in_hand -= 1
            self._room_made.set()


class RedisCrew:
    """Sends deliveries through Redis to whichever worker is free first, and runs this worker's share of them."""

    def __init__(self, broker: dramatiq.Broker, size: int) -> None:
        time_limit = relay.DELIVERY_TIMEOUT.total_seconds() * 1000
        self._actor = dramatiq.actor(broker=broker, queue_name="outbox", time_limit=time_limit)(relay.deliver)
        pause = int(REDIS_PAUSE * 1000)
        self._worker = dramatiq.Worker(broker, queues={"outbox"}, worker_threads=size, worker_timeout=pause)

    def start(self) -> None:
        self._worker.start()

    def room(self) -> int:
        return relay.BATCH

    def take(self, delivery_ids: list[int]) -> None:
        for sent, delivery_id in enumerate(delivery_ids):
            try:
                self._actor.send(delivery_id)
            except redis.RedisError:
                relay.give_back(delivery_ids[sent:])
                raise

    def stop(self, grace: float) -> bool:
        self._worker.stop(timeout=int(grace * 1000))
        return not any(thread.is_alive() for thread in self._worker.workers)


class Outage:
    """Says once that the database or Redis is away, and once that all are back, however many threads notice."""

    def __init__(self) -> None:
        self._waiting: set[str] = set()
        self._lock = Lock()

    def begins(self, error: Exception) -> None:
        with self._lock:
            if not self._waiting:
                logger.warning("Work pauses until the connection is back: %s", " ".join(str(error).split()))
            self._waiting.add(current_thread().name)

    def ends(self) -> None:
        with self._lock:
            if self._waiting == {current_thread().name}:
                logger.info("The connection is back; work goes on.")
            self._waiting.discard(current_thread().name)


class Loop(Thread):
    """Calls `step` until it is stopped: at once again while it finds work, else after `pause` seconds or at `wake`.

    While what it needs is away, it tries after ever longer waits.
    """

    def __init__(self, name: str, step: Callable[[], int], *, pause: float, wake: Event, outage: Outage) -> None:
        super().__init__(name=name, daemon=True)
        self._step, self._pause, self._wake, self._outage = step, pause, wake, outage
        self._is_stopping = Event()

    def stop(self) -> None:
        self._is_stopping.set()
        self._wake.set()

    def run(self) -> None:
        reconnect = FIRST_RECONNECT
        while not self._is_stopping.is_set():
            self._wake.clear()
            try:
                wait = 0.0 if self._step() else self._pause
                reconnect = FIRST_RECONNECT
                self._outage.ends()
            except (OperationalError, InterfaceError, redis.RedisError) as error:
                self._outage.begins(error)
                wait, reconnect = reconnect, min(reconnect * 2, LAST_RECONNECT)
            except Exception:
                logger.exception("The %s loop met a bug and goes on.", self.name)
                wait = LAST_RECONNECT
            finally:
                close_old_connections()
            # A stop between the check above and `clear` is seen here: it was set first.
            if not self._is_stopping.is_set():
                self._wake.wait(wait)


def _hand_out(crew: Crew) -> int:
    relayed = relay.relay_once()
    claimed = relay.claim_due(crew.room())
    crew.take(claimed)
    return relayed + len(claimed)


def _fit_pool(threads: int) -> None:
    """Let the pool hold the connections of all threads: two per job, one for the relay, two for a periodic task."""
    pool = connection.settings_dict["OPTIONS"].get("pool")
    if pool:
        pool["max_size"] = max(pool["max_size"], 2 * threads + 3)
        # The pool would log every attempt to connect; the outage is told once, above.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
