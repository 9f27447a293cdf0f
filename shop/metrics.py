"""What is counted and timed, and the page that tells it to Prometheus.

Labels have few values, and none that a client could choose: each combination is kept for ever.
"""

import atexit
import hmac
import logging
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from threading import Lock, Thread
from time import perf_counter, sleep
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from shop import health, siblings

log = logging.getLogger(__name__)

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
WRITTEN_EVERY = 1.0  # seconds

OK, WITH_ERRORS, REJECTED, BUG = "ok", "errors", "rejected", "bug"

_counted = CollectorRegistry()
_operations = Counter(
    "shop_graphql_operations",
    "Operations executed, by executor, and why it was not the fast one.",
    ["executor", "reason"],
    registry=_counted,
)
_documents = Counter(
    "shop_graphql_documents",
    "Documents that were known already (hit) or had to be read.",
    ["result"],
    registry=_counted,
)
_durations = Histogram(
    "shop_graphql_request_duration_seconds",
    "Time from a request's arrival at the view to its answer, by kind of operation and what came of it.",
    ["kind", "outcome"],
    buckets=SECONDS,
    registry=_counted,
)
_pool_connections = Gauge(
    "shop_database_pool_connections",
    "Database connections that the server's processes keep.",
    ["state"],
    registry=_counted,
    multiprocess_mode="livesum",
)
_pool_waiting = Gauge(
    "shop_database_pool_waiting",
    "Threads that wait for a database connection.",
    registry=_counted,
    multiprocess_mode="livesum",
)
_pool_counts = {
    "requests_num": Counter("shop_database_pool_requests", "Connections asked for.", registry=_counted),
    "requests_queued": Counter("shop_database_pool_queued", "Connections waited for.", registry=_counted),
    "requests_errors": Counter("shop_database_pool_timeouts", "Connections waited for in vain.", registry=_counted),
    "requests_wait_ms": Counter("shop_database_pool_wait_seconds", "Time spent waiting.", registry=_counted),
}
_subscriptions = Gauge(
    "shop_subscriptions",
    "Subscriptions that are being answered, by protocol.",
    ["protocol"],
    registry=_counted,
    multiprocess_mode="livesum",
)
_subscribed = Counter("shop_subscriptions_begun", "Subscriptions that began.", ["protocol"], registry=_counted)
_payments = Counter(
    "shop_payment_outcomes",
    "What gateways said of payments and refunds, and when they said nothing.",
    ["gateway", "outcome"],
    registry=_counted,
)
_document_known = _documents.labels("hit")
_document_read = _documents.labels("miss")


def document_known() -> None:
    """Count a document that need not be read again."""
    _later.count(_document_known)


def document_read() -> None:
    """Count a document that has to be read."""
    _later.count(_document_read)


def executed(executor: str, reason: str = "") -> None:
    """Count an operation that this executor carries out, and why it was not the fast one."""
    _later.count(_operation(executor, reason))


@cache
def _operation(executor: str, reason: str) -> Counter:
    return _operations.labels(executor, reason)


def payment(gateway: str, outcome: str) -> None:
    """Count what a gateway said of a payment or a refund, once it is written for good: what is tried is undone."""
    transaction.on_commit(_payments.labels(gateway, outcome).inc)


@contextmanager
def subscribed(protocol: str) -> Iterator[None]:
    """Count a subscription that goes on for as long as the block."""
    _subscribed.labels(protocol).inc()
    with _subscriptions.labels(protocol).track_inprogress():
        yield


class Timed:
    """Times a request in its `with` block, which tells `kind` and `outcome` as soon as it knows them.

    An exception out of `rejections` says that the request was not carried out, any other that there is a bug.
    """

    __slots__ = ("_rejections", "_start", "kind", "outcome")

    def __init__(self, *, rejections: tuple[type[Exception], ...]) -> None:
        self.kind, self.outcome = "unknown", OK
        self._rejections = rejections
        self._start = perf_counter()

    def __enter__(self) -> "Timed":
        return self

    def __exit__(self, raised: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        if raised:
            self.outcome = REJECTED if issubclass(raised, self._rejections) else BUG
        _later.time(_duration(self.kind, self.outcome), perf_counter() - self._start)


@cache
def _duration(kind: str, outcome: str) -> Histogram:
    return _durations.labels(kind, outcome)


class _Later:
    """Notes on the way what a thread writes down once a second.

    Written down at once, in what all processes share, it would cost the smallest request a twelfth of its time.
    """

    def __init__(self) -> None:
        self._noted: deque[tuple[Any, float | None]] = deque()
        self._lock = Lock()
        self._thread: Thread | None = None

    def count(self, counter: Counter) -> None:
        self._noted.append((counter, None))

    def time(self, histogram: Histogram, seconds: float) -> None:
        self._noted.append((histogram, seconds))
        if self._thread is None:
            self._start()

    def write(self) -> None:
        """Write down what was noted until now."""
        with self._lock:
            self._write()
            _pool.tell()

    def _write(self) -> None:
        counts: dict[Counter, int] = {}
        with suppress(IndexError):
            while True:
                metric, seconds = self._noted.popleft()
                if seconds is None:
                    counts[metric] = counts.get(metric, 0) + 1
                else:
                    metric.observe(seconds)
        for counter, times in counts.items():
            counter.inc(times)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = Thread(name="metrics", target=self._run, daemon=True)
                self._thread.start()
                atexit.register(self.write)

    def _run(self) -> None:
        while True:
            sleep(WRITTEN_EVERY)
            try:
                self.write()
            except Exception:
                log.exception("What was counted could not be written down.")


_later = _Later()


class _Pool:
    """What the pool of this process says of itself."""

    def __init__(self) -> None:
        self._told: dict[str, float] = dict.fromkeys(_pool_counts, 0)

    def tell(self) -> None:
        if pool := getattr(connection, "pool", None):
            self._tell(pool.get_stats())

    def _tell(self, stats: dict[str, int]) -> None:
        idle = stats.get("pool_available", 0)
        _pool_connections.labels("idle").set(idle)
        _pool_connections.labels("used").set(stats.get("pool_size", 0) - idle)
        _pool_waiting.set(stats.get("requests_waiting", 0))
        for name, counter in _pool_counts.items():
            counted = stats.get(name, 0) / (1000 if name.endswith("_ms") else 1)
            counter.inc(max(counted - self._told[name], 0))
            self._told[name] = counted


_pool = _Pool()


class _Outbox(Collector):
    """Where background work stands, asked of the database whenever the page is read."""

    QUERY = """
        SELECT (SELECT count(*) FROM shop_outboxmessage WHERE relayed_at IS NULL),
               (SELECT extract(epoch FROM now() - min(created_at)) FROM shop_outboxmessage WHERE relayed_at IS NULL),
               (SELECT count(*) FROM shop_outboxdelivery
                 WHERE done_at IS NULL AND failed_at IS NULL AND due_at < now()),
               (SELECT extract(epoch FROM now() - min(due_at)) FROM shop_outboxdelivery
                 WHERE done_at IS NULL AND failed_at IS NULL AND due_at < now()),
               (SELECT count(*) FROM shop_outboxdelivery WHERE failed_at IS NOT NULL)
    """
    TELLS = (
        ("shop_outbox_messages_waiting", "Messages that no worker has taken up yet."),
        ("shop_outbox_oldest_message_seconds", "How long the oldest of them has been waiting."),
        ("shop_outbox_deliveries_due", "Deliveries that should have been begun by now."),
        ("shop_outbox_oldest_delivery_seconds", "For how long the oldest of them has been due."),
        ("shop_outbox_deliveries_given_up", "Deliveries that failed too often: somebody must look."),
    )

    def collect(self) -> Iterable[Metric]:
        found = self._found()
        yield GaugeMetricFamily("shop_database_up", "Whether the database answers.", value=found is not None)
        for (name, description), value in zip(self.TELLS, found or (), strict=False):
            yield GaugeMetricFamily(name, description, value=float(value or 0))

    def _found(self) -> tuple[Any, ...] | None:
        try:
            with health.probe() as database:
                return database.execute(self.QUERY).fetchone()
        except (psycopg.Error, DatabaseError, ImproperlyConfigured):
            return None


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """What Prometheus reads: for whoever knows `METRICS_TOKEN`; without one for everybody in DEBUG, else for nobody."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
            return HttpResponse("Bearer METRICS_TOKEN is wanted.\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    elif not settings.DEBUG:
        return HttpResponseNotFound("Set METRICS_TOKEN to read the metrics.\n")
    content, content_type = page(request.headers.get("Accept", ""))
    return HttpResponse(content, content_type=content_type)


def page(accept: str) -> tuple[bytes, str]:
    """All that is known now, and its media type, in the format that `accept` prefers."""
    _later.write()
    encode, content_type = choose_encoder(accept)
    registry = CollectorRegistry()
    for collector in _collectors():
        registry.register(collector)
    return encode(registry), content_type


def _collectors() -> Iterator[Any]:
    yield _Outbox()
    folder = siblings.folder()
    if folder is None:
        yield _counted
        return
    for kept in folder.glob("gauge_live*_*.db"):
        if not siblings.is_running(pid := int(kept.stem.rpartition("_")[2])):
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
    yield MultiProcessCollector(None, str(folder))  # type: ignore[no-untyped-call]
