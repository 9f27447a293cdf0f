"""What the outbox promises when several workers share it, in real transactions and with a real Redis."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event
from uuid import uuid4

import pytest
import redis
from django.db import connections, transaction
from django_dramatiq.middleware import DbConnectionsMiddleware
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import TimeLimit

from shop import clock, outbox, periodic, relay, worker
from shop.models import OutboxDelivery, OutboxMessage, PeriodicRun
from tests.concurrency.waiting import PATIENCE, eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test registers its own handlers and tasks."""
    monkeypatch.setattr(outbox, "HANDLERS", {})
    monkeypatch.setattr(outbox, "TASKS", {})


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Move the clock forward."""

    def move(by: timedelta) -> None:
        time = clock.now() + by
        monkeypatch.setattr(clock, "now", lambda: time)

    return move


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Four threads, each with a database connection of its own."""
    with ThreadPoolExecutor(4) as pool:
        yield pool
        together = Barrier(4)

        def leave(_: int) -> None:
            together.wait(PATIENCE)
            connections.close_all()

        list(pool.map(leave, range(4)))


@pytest.fixture
def broker(redis_url: str) -> Iterator[RedisBroker]:
    """A queue of this test's own."""
    own = RedisBroker(url=redis_url, namespace=str(uuid4()), middleware=[TimeLimit(), DbConnectionsMiddleware()])
    yield own
    forget_everything(own)
    own.close()


def forget_everything(broker: RedisBroker) -> None:
    """What the loss of its memory does to a Redis."""
    for key in broker.client.scan_iter(f"{broker.namespace}*"):
        broker.client.delete(key)


def publish(topic: str, *, times: int = 1) -> None:
    with transaction.atomic():
        for _ in range(times):
            outbox.publish(topic)


def all_done() -> bool:
    return not OutboxMessage.objects.filter(relayed_at=None).exists() and not (
        OutboxDelivery.objects.filter(done_at=None).exists()
    )


def test_relays_that_work_at_once_make_each_delivery_once(threads, monkeypatch):
    monkeypatch.setattr(relay, "BATCH", 3)
    outbox.handler("bell")(lambda message: None)
    publish("bell", times=60)
    together = Barrier(4)

    def relay_all(_: int) -> int:
        together.wait(PATIENCE)
        relayed = 0
        while OutboxMessage.objects.filter(relayed_at=None).exists():
            relayed += relay.relay_once()
        return relayed

    assert sum(threads.map(relay_all, range(4))) == 60
    assert OutboxDelivery.objects.count() == 60
    assert set(OutboxDelivery.objects.values_list("message_id", flat=True)) == set(
        OutboxMessage.objects.values_list("pk", flat=True)
    )


def test_a_relay_passes_over_what_another_one_is_relaying(threads):
    outbox.handler("bell")(lambda message: None)
    publish("bell", times=2)

    with transaction.atomic():
        OutboxMessage.objects.select_for_update().earliest("pk")
        assert threads.submit(relay.relay_once).result(PATIENCE) == 1

    assert relay.relay_once() == 1


def test_claims_made_at_once_never_overlap(threads):
    outbox.handler("bell")(lambda message: None)
    publish("bell", times=40)
    relay.relay_once()
    together = Barrier(4)

    def claim(_: int) -> list[int]:
        together.wait(PATIENCE)
        return [delivery_id for _ in range(5) for delivery_id in relay.claim_due(2)]

    claims = [delivery_id for claimed in threads.map(claim, range(4)) for delivery_id in claimed]

    assert len(claims) == 40
    assert len(set(claims)) == 40


def test_a_delivery_that_runs_is_not_run_elsewhere_however_long_it_takes(threads, later):
    started, may_end = Event(), Event()
    runs: list[int] = []

    @outbox.handler("bell")
    def ring_long(message: outbox.Message) -> None:
        runs.append(message.id)
        started.set()
        assert may_end.wait(PATIENCE)

    publish("bell")
    relay.relay_once()
    (delivery_id,) = relay.claim_due(1)
    first = threads.submit(relay.deliver, delivery_id)
    assert started.wait(PATIENCE)

    threads.submit(relay.deliver, delivery_id).result(PATIENCE)
    later(relay.DELIVERY_TIMEOUT * 2)
    assert relay.claim_due(1) == []
    may_end.set()
    first.result(PATIENCE)
    relay.deliver(delivery_id)

    assert len(runs) == 1
    assert OutboxDelivery.objects.get().attempts == 1


def test_deliverers_that_work_at_once_have_each_effect_once(threads):
    @outbox.handler("bell")
    def echo(message: outbox.Message) -> None:
        outbox.publish("echo", of=message.id)

    publish("bell", times=10)
    relay.relay_once()
    claimed = relay.claim_due(10)
    together = Barrier(4)

    def deliver_all(_: int) -> None:
        together.wait(PATIENCE)
        for delivery_id in claimed:
            relay.deliver(delivery_id)

    list(threads.map(deliver_all, range(4)))
    for delivery_id in claimed:
        relay.deliver(delivery_id)

    echoes = [message.payload["of"] for message in OutboxMessage.objects.filter(topic="echo")]
    assert sorted(echoes) == sorted(OutboxMessage.objects.filter(topic="bell").values_list("pk", flat=True))
    assert not OutboxDelivery.objects.filter(done_at=None).exists()


def test_a_handler_that_failed_did_nothing_for_others_to_see(threads):
    @outbox.handler("vase")
    def drop(message: outbox.Message) -> None:
        outbox.publish("shards")
        raise ValueError

    publish("vase")

    relay.drain()

    assert threads.submit(lambda: OutboxMessage.objects.filter(topic="shards").exists()).result(PATIENCE) is False
    assert OutboxDelivery.objects.get().attempts == 1


def test_a_worker_of_threads_runs_everything_once(settings):
    settings.REDIS_URL = ""
    ran: list[int] = []
    outbox.handler("bell")(lambda message: ran.append(message.id))
    publish("bell", times=10)

    with worker.working(threads=3, grace=PATIENCE):
        publish("bell", times=10)
        assert eventually(lambda: OutboxDelivery.objects.exclude(done_at=None).count() == 20)

    assert sorted(ran) == sorted(OutboxMessage.objects.values_list("pk", flat=True))
    assert all_done()


def test_a_job_on_redis_is_run_once(broker):
    ran: list[int] = []
    outbox.handler("bell")(lambda message: ran.append(message.id))
    crew = worker.RedisCrew(broker, size=2)
    publish("bell", times=10)
    relay.relay_once()
    claimed = relay.claim_due(crew.room())

    crew.take(claimed + claimed[:5])
    crew.start()

    assert eventually(lambda: broker.do_qsize("outbox") == 0 and all_done())
    assert crew.stop(PATIENCE)
    assert sorted(ran) == sorted(OutboxMessage.objects.values_list("pk", flat=True))


def test_a_job_lost_with_its_redis_is_sent_again(broker, later):
    ran: list[int] = []
    outbox.handler("bell")(lambda message: ran.append(message.id))
    crew = worker.RedisCrew(broker, size=1)
    publish("bell")
    relay.relay_once()
    crew.take(relay.claim_due(crew.room()))
    assert broker.do_qsize("outbox") == 1

    forget_everything(broker)
    crew.start()
    assert relay.claim_due(crew.room()) == []
    later(relay.DELIVERY_TIMEOUT)
    crew.take(relay.claim_due(crew.room()))

    assert eventually(all_done)
    assert crew.stop(PATIENCE)
    assert len(ran) == 1


def test_jobs_that_redis_does_not_take_are_given_back():
    outbox.handler("bell")(lambda message: None)
    away = RedisBroker(url="unix:///nowhere/redis.socket", middleware=[TimeLimit()])
    crew = worker.RedisCrew(away, size=1)
    publish("bell", times=2)
    relay.relay_once()
    claimed = relay.claim_due(crew.room())

    with pytest.raises(redis.ConnectionError):
        crew.take(claimed)

    assert relay.claim_due(crew.room()) == claimed


def test_a_periodic_task_runs_at_its_time_and_outside_a_transaction(later):
    ran: list[datetime] = []

    @outbox.every(seconds=60)
    def sweep() -> None:
        with transaction.atomic(durable=True):
            ran.append(clock.now())

    assert [periodic.run_due(), periodic.run_due()] == [1, 0]
    later(timedelta(seconds=59))
    assert periodic.run_due() == 0
    later(timedelta(seconds=2))
    assert periodic.run_due() == 1
    assert len(ran) == 2


def test_a_periodic_task_runs_in_one_worker_at_a_time(threads):
    started, may_end = Event(), Event()

    @outbox.every(seconds=0)
    def sweep() -> None:
        started.set()
        assert may_end.wait(PATIENCE)

    first = threads.submit(periodic.run_due)
    assert started.wait(PATIENCE)

    assert periodic.run_due() == 0
    may_end.set()
    assert first.result(PATIENCE) == 1
    assert periodic.run_due() == 1


def test_a_periodic_task_that_fails_says_so_and_runs_again_at_its_time(later, caplog):
    @outbox.every(seconds=60)
    def sweep() -> None:
        raise ValueError("no broom")

    assert periodic.run_due() == 1
    assert PeriodicRun.objects.get().last_error.endswith("ValueError: no broom\n")
    assert periodic.run_due() == 0
    later(timedelta(seconds=61))
    assert periodic.run_due() == 1
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
