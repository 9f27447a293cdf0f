"""The worker as operators meet it: a process that is started, stopped, killed, and left without its database."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from time import sleep
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from checkout.models import Order
from shop import clock, outbox, relay, worker
from shop.models import OutboxDelivery, OutboxMessage
from tests.concurrency.processes import environment
from tests.concurrency.waiting import PATIENCE, eventually

pytestmark = pytest.mark.django_db(transaction=True)
# A worker whose one handler says that it runs, and then takes as long as it is told.
SLOW_WORKER = """
import sys, time, django
django.setup()
from django.core.management import call_command
from shop import outbox

@outbox.handler("slow")
def slow(message):
    outbox.publish("was slow", of=message.id)
    print("running", flush=True)
    time.sleep(message.payload["seconds"])

call_command("worker", threads=1, grace=float(sys.argv[1]))
"""


@contextmanager
def a_slow_worker(*, grace: float) -> Iterator[subprocess.Popen[str]]:
    """A worker that has begun to run its handler."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", SLOW_WORKER, str(grace)],
        cwd=settings.BASE_DIR,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n", process.communicate()[1]
        yield process
    finally:
        process.kill()
        process.communicate()


def publish(topic: str, **payload: Any) -> None:
    with transaction.atomic():
        outbox.publish(topic, **payload)


def an_order() -> Order:
    amounts = {"subtotal": Decimal(20), "shipping_total": Decimal(0), "tax_total": Decimal(0), "total": Decimal(20)}
    return Order.objects.create(number=1001, email="alice@example.com", currency="USD", **amounts)


def test_once_delivers_what_is_due_and_exits(tmp_path):
    publish("order.confirmed", order_id=an_order().pk)

    run = subprocess.run(
        [sys.executable, "manage.py", "worker", "--once"],
        cwd=settings.BASE_DIR,
        env=environment(EMAIL_URL=f"file:///{tmp_path}"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert run.stdout == f"{OutboxDelivery.objects.exclude(done_at=None).count()} deliveries run.\n"
    (mail,) = tmp_path.iterdir()
    assert "order #1001 confirmed" in mail.read_text()


def test_a_worker_with_redis_delivers_by_way_of_it(tmp_path, redis_url):
    publish("order.confirmed", order_id=an_order().pk)

    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=settings.BASE_DIR,
        env=environment(EMAIL_URL=f"file:///{tmp_path}", REDIS_URL=redis_url),
        stderr=subprocess.PIPE,
        text=True,
    )
    mails = OutboxDelivery.objects.filter(handler="checkout.notifications.confirm_order")
    was_delivered = eventually(lambda: mails.exclude(done_at=None).exists())
    process.terminate()
    _, log = process.communicate(timeout=PATIENCE)

    assert was_delivered, log
    assert process.returncode == 0, log
    assert "jobs travel by Redis" in log
    (mail,) = tmp_path.iterdir()
    assert "order #1001 confirmed" in mail.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_worker_ends_what_it_runs(number: signal.Signals):
    publish("slow", seconds=0.2)

    with a_slow_worker(grace=PATIENCE) as process:
        process.send_signal(number)
        _, log = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0, log
    assert "Stopped before" not in log
    assert OutboxDelivery.objects.get().done_at is not None
    assert OutboxMessage.objects.filter(topic="was slow").count() == 1


def test_a_stopped_worker_does_not_wait_longer_than_it_may():
    publish("slow", seconds=60)

    with a_slow_worker(grace=0.1) as process:
        process.terminate()
        _, log = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0, log
    assert "Stopped before every job had ended; those will be run again." in log
    assert OutboxDelivery.objects.get().done_at is None
    assert not OutboxMessage.objects.filter(topic="was slow").exists()


def test_what_a_killed_worker_ran_is_run_again_and_its_effects_happen_once(monkeypatch: pytest.MonkeyPatch):
    def slow(message: outbox.Message) -> None:
        outbox.publish("was slow", of=message.id)

    publish("slow", seconds=60)
    with a_slow_worker(grace=0) as process:
        process.kill()
        process.wait(PATIENCE)
    monkeypatch.setattr(outbox, "HANDLERS", {"slow": {"__main__.slow": slow}})

    assert relay.drain() == 0
    time = clock.now() + relay.DELIVERY_TIMEOUT
    monkeypatch.setattr(clock, "now", lambda: time)
    # The server notices the loss of a client when it next speaks to it.
    assert eventually(lambda: relay.drain() == 1)

    assert OutboxMessage.objects.filter(topic="was slow").count() == 1
    delivery = OutboxDelivery.objects.get()
    assert delivery.attempts == 2
    assert delivery.done_at == time


def test_a_worker_outlives_its_database_and_says_so_once(monkeypatch, caplog, settings):
    settings.REDIS_URL = ""
    for pause in ("RELAY_PAUSE", "PERIODIC_PAUSE", "FIRST_RECONNECT", "LAST_RECONNECT"):
        monkeypatch.setattr(worker, pause, 0.02)
    ran: list[int] = []
    monkeypatch.setattr(outbox, "HANDLERS", {"bell": {"ring": lambda message: ran.append(message.id)}})
    monkeypatch.setattr(outbox, "TASKS", {})
    caplog.set_level("INFO", logger="shop.worker")

    with worker.working(threads=1, grace=PATIENCE):
        publish("bell")
        # Recorded, not only run: a delivery that is cut short would rightly say so.
        assert eventually(lambda: OutboxDelivery.objects.filter(done_at__isnull=False).count() == 1)
        with no_new_connections():
            assert eventually(lambda: "Work pauses" in caplog.text)
            sleep(0.1)
            publish("bell")
        assert eventually(lambda: len(ran) == 2 and "The connection is back" in caplog.text)

    said = [record.getMessage().partition(":")[0] for record in caplog.records]
    assert said == [
        "Working with 1 threads.",
        "Work pauses until the connection is back",
        "The connection is back; work goes on.",
        "Stopping",
    ]


@contextmanager
def no_new_connections() -> Iterator[None]:
    """Throw everybody but this test's own connection out of the database, and let nobody in."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection._nodb_cursor() as outside:
        outside.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            yield
        finally:
            outside.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
