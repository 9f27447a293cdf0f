"""What the outbox promises when one worker works: see `docs/background-work.md`."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from shop import clock, outbox, relay, requests
from shop.models import OutboxDelivery, OutboxMessage

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


class Clock:
    """Stands at noon until a test moves it."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def advance(self, by: timedelta) -> None:
        self.time += by


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> Clock:
    held = Clock()
    monkeypatch.setattr(clock, "now", held.now)
    return held


@pytest.fixture(autouse=True)
def no_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test registers its own."""
    monkeypatch.setattr(outbox, "HANDLERS", {})


@pytest.fixture
def heard(no_handlers: None) -> list[str]:
    """What the two handlers of "bell" have heard."""
    said: list[str] = []

    @outbox.handler("bell")
    def neighbour(message: outbox.Message) -> None:
        said.append(f"neighbour {message.payload['ring']}")

    @outbox.handler("bell")
    def dog(message: outbox.Message) -> None:
        said.append(f"dog {message.payload['ring']}")

    return said


@pytest.fixture
def breaks(no_handlers: None) -> Callable[[BaseException | None], None]:
    """Register a handler of "vase" that writes a message and then raises what the test says, if anything."""
    fate: list[BaseException | None] = [None]

    @outbox.handler("vase")
    def drop(message: outbox.Message) -> None:
        outbox.publish("shards", of=message.id)
        if fate[0]:
            raise fate[0]

    def choose(error: BaseException | None) -> None:
        fate[0] = error

    return choose


@pytest.mark.django_db(transaction=True)
def test_refuses_to_publish_outside_a_transaction():
    with pytest.raises(RuntimeError, match=r"order\.confirmed must be published in the transaction"):
        outbox.publish("order.confirmed", order_id=1)

    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_publishes_nothing(heard):
    class ChangeOfMind(Exception): ...

    def change_mind() -> None:
        with transaction.atomic():
            outbox.publish("bell", ring=1)
            raise ChangeOfMind

    with pytest.raises(ChangeOfMind):
        change_mind()

    assert not OutboxMessage.objects.exists()
    assert relay.drain() == 0
    assert heard == []


@pytest.mark.parametrize("given", ["order-page-7", "x" * 128])
def test_a_message_carries_the_id_of_its_request(db, given):
    def view(request: HttpRequest) -> HttpResponse:
        outbox.publish("bell", ring=1)
        return HttpResponse()

    requests.RequestId(view)(RequestFactory().get("/", headers={"X-Request-Id": given}))

    assert OutboxMessage.objects.get().request_id == given


def test_every_handler_of_a_topic_gets_each_message_once(db, heard):
    outbox.publish("bell", ring=1)
    outbox.publish("bell", ring=2)
    outbox.publish("knock", ring=3)

    assert relay.drain() == 4
    assert relay.drain() == 0

    assert heard == ["neighbour 1", "dog 1", "neighbour 2", "dog 2"]
    assert not OutboxMessage.objects.filter(relayed_at=None).exists()
    assert not OutboxDelivery.objects.filter(done_at=None).exists()


def test_a_handler_is_told_what_happened_and_when(db):
    told: list[outbox.Message] = []
    outbox.handler("bell")(told.append)
    outbox.publish("bell", ring=1, by={"name": "Zoë"})
    stored = OutboxMessage.objects.get()

    relay.drain()

    assert told == [outbox.Message(stored.pk, "bell", {"ring": 1, "by": {"name": "Zoë"}}, stored.created_at)]


def test_what_a_handler_publishes_is_delivered_in_the_same_drain(db, heard):
    outbox.handler("doorstep")(lambda message: outbox.publish("bell", ring=message.payload["visitor"]))
    outbox.publish("doorstep", visitor=7)

    assert relay.drain() == 3

    assert heard == ["neighbour 7", "dog 7"]


def test_more_messages_than_a_batch_are_all_relayed(db, heard, monkeypatch):
    monkeypatch.setattr(relay, "BATCH", 2)
    for ring in range(5):
        outbox.publish("bell", ring=ring)

    assert [relay.relay_once() for _ in range(4)] == [2, 2, 1, 0]

    assert OutboxDelivery.objects.count() == 10


@pytest.mark.parametrize("messages", [1, 20])
def test_relaying_and_claiming_cost_the_same_however_many_messages(db, heard, messages, django_assert_num_queries):
    for ring in range(messages):
        outbox.publish("bell", ring=ring)

    with django_assert_num_queries(5 + 4):  # each number counts the two ends of a savepoint
        relay.relay_once()
        assert len(relay.claim_due(100)) == messages * 2


def test_a_claimed_delivery_is_nobody_elses_until_it_times_out(db, heard, at_noon):
    outbox.publish("bell", ring=1)
    relay.relay_once()

    claimed = relay.claim_due(10)

    assert len(claimed) == 2
    assert relay.claim_due(10) == []
    at_noon.advance(relay.DELIVERY_TIMEOUT - timedelta(seconds=1))
    assert relay.claim_due(10) == []
    at_noon.advance(timedelta(seconds=1))
    assert relay.claim_due(10) == claimed


def test_a_delivery_given_back_is_due_at_once(db, heard, at_noon):
    outbox.publish("bell", ring=1)
    relay.relay_once()
    claimed = relay.claim_due(1)

    relay.give_back(claimed)

    assert set(relay.claim_due(10)) > set(claimed)


def test_a_done_delivery_is_never_run_again(db, heard):
    outbox.publish("bell", ring=1)
    relay.relay_once()
    claimed = relay.claim_due(10)

    for delivery_id in claimed * 2:
        relay.deliver(delivery_id)

    assert heard == ["neighbour 1", "dog 1"]


def test_a_failing_handler_leaves_nothing_but_its_error_and_blocks_nobody(db, at_noon, heard, breaks):
    breaks(ValueError("slippery \x00 hands"))
    outbox.publish("vase")
    outbox.publish("bell", ring=1)

    relay.drain()

    assert heard == ["neighbour 1", "dog 1"]
    assert not OutboxMessage.objects.filter(topic="shards").exists()
    delivery = OutboxDelivery.objects.get(message__topic="vase")
    assert delivery.last_error.endswith("ValueError: slippery  hands\n")
    assert (delivery.attempts, delivery.done_at, delivery.failed_at) == (1, None, None)
    assert delivery.due_at == NOON + timedelta(seconds=10)


def test_a_handler_that_recovers_is_done_once(db, at_noon, breaks):
    breaks(ValueError())
    outbox.publish("vase")
    relay.drain()
    breaks(None)

    assert relay.drain() == 0
    at_noon.advance(timedelta(seconds=10))
    assert relay.drain() == 1

    delivery = OutboxDelivery.objects.get()
    assert (delivery.attempts, delivery.done_at, delivery.last_error) == (2, NOON + timedelta(seconds=10), "")
    assert OutboxMessage.objects.filter(topic="shards").count() == 1


def test_waits_longer_after_each_failure_and_gives_up_after_the_last(db, at_noon, breaks, caplog):
    breaks(ValueError("slippery"))
    outbox.publish("vase")
    waits = []
    relay.drain()

    while (delivery := OutboxDelivery.objects.get()).failed_at is None:
        waits.append(int((delivery.due_at - at_noon.time).total_seconds()))
        at_noon.time = delivery.due_at
        assert relay.drain() == 1

    assert waits == [10, 30, 90, 270, 810, 2430, 7290, 21600, 21600, 21600, 21600]
    assert delivery.attempts == 12
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 11 + [logging.ERROR]
    assert caplog.records[-1].getMessage().endswith("was given up after 12 attempts.")
    at_noon.advance(timedelta(days=365))
    assert relay.drain() == 0


def test_a_delivery_cut_short_is_run_again_and_its_effects_happen_once(db, at_noon, breaks):
    class Killed(BaseException): ...

    breaks(Killed())
    outbox.publish("vase")
    with pytest.raises(Killed):
        relay.drain()
    assert not OutboxMessage.objects.filter(topic="shards").exists()
    breaks(None)

    assert relay.drain() == 0
    at_noon.advance(relay.DELIVERY_TIMEOUT)
    assert relay.drain() == 1

    assert OutboxMessage.objects.filter(topic="shards").count() == 1
    assert OutboxDelivery.objects.get(message__topic="vase").attempts == 2


def test_a_handler_that_kills_every_worker_is_given_up(db, at_noon, breaks, caplog):
    class Killed(BaseException): ...

    breaks(Killed())
    outbox.publish("vase")
    for _ in range(relay.MAX_ATTEMPTS):
        with pytest.raises(Killed):
            relay.drain()
        at_noon.advance(relay.DELIVERY_TIMEOUT)

    relay.drain()

    assert OutboxDelivery.objects.get().failed_at == at_noon.time
    assert caplog.messages[-1].endswith("was given up: its worker ended during the last attempt.")


def test_a_delivery_whose_handler_is_gone_says_so(db, heard, monkeypatch):
    outbox.publish("bell", ring=1)
    relay.relay_once()
    monkeypatch.setattr(outbox, "HANDLERS", {})

    relay.drain()

    delivery = OutboxDelivery.objects.order_by("pk")[0]
    assert f"No handler is named {delivery.handler}: was it renamed" in delivery.last_error
    assert delivery.done_at is None


@pytest.mark.django_db(transaction=True)
def test_what_fails_only_at_the_commit_is_a_failure_too(at_noon):
    @outbox.handler("vase")
    def write_what_cannot_stand(message: outbox.Message) -> None:
        OutboxDelivery.objects.create(message_id=message.id + 999, handler="of no message")

    with transaction.atomic():
        outbox.publish("vase")

    relay.drain()

    delivery = OutboxDelivery.objects.get()
    assert "violates foreign key constraint" in delivery.last_error
    assert (delivery.done_at, delivery.due_at) == (None, NOON + timedelta(seconds=10))


def test_two_functions_cannot_share_a_name(heard):
    (first, *_) = outbox.HANDLERS["bell"].values()

    def impostor(message: outbox.Message) -> None: ...

    impostor.__module__, impostor.__qualname__ = first.__module__, first.__qualname__

    with pytest.raises(ValueError, match="Two handlers of bell are named"):
        outbox.handler("bell")(impostor)


def test_prunes_what_was_done_long_ago_and_keeps_what_failed(db, at_noon, heard, breaks):
    breaks(ValueError())
    outbox.publish("bell", ring="old")
    outbox.publish("vase")
    relay.drain()
    at_noon.advance(relay.KEPT_WHEN_DONE)
    outbox.publish("bell", ring="new")
    relay.relay_once()
    relay.prune()
    assert OutboxMessage.objects.count() == 3

    at_noon.advance(timedelta(seconds=1))
    relay.prune()

    assert [str(message.payload.get("ring")) for message in OutboxMessage.objects.order_by("pk")] == ["None", "new"]


def test_operators_see_what_is_in_trouble_and_try_it_again(db, at_noon, heard, breaks, monkeypatch):
    monkeypatch.setattr(relay, "MAX_ATTEMPTS", 1)
    breaks(ValueError("slippery hands"))
    outbox.publish("vase")
    outbox.publish("bell", ring=1)
    relay.drain()
    failed = OutboxDelivery.objects.get(message__topic="vase")
    shown, retried = StringIO(), StringIO()

    call_command("outbox", "list", stdout=shown)
    breaks(None)
    call_command("outbox", "retry", stdout=retried)

    assert shown.getvalue().splitlines() == [
        f"{failed.pk}  {failed.message}  {failed.handler}  1 attempts  given up  ValueError: slippery hands",
        "1 deliveries in trouble, 0 messages not relayed yet.",
    ]
    assert retried.getvalue() == "1 deliveries will be tried again.\n"
    assert relay.drain() == 1
    assert not relay.troubled().exists()


def test_retries_only_the_deliveries_named(db, at_noon, breaks, monkeypatch):
    monkeypatch.setattr(relay, "MAX_ATTEMPTS", 1)
    breaks(ValueError())
    outbox.publish("vase")
    outbox.publish("vase")
    relay.drain()
    first, second = OutboxDelivery.objects.order_by("pk")

    call_command("outbox", "retry", str(second.pk), stdout=StringIO())

    assert relay.claim_due(10) == [second.pk]
    first.refresh_from_db()
    assert first.failed_at == NOON
