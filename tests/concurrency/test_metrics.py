"""Figures that are asked of the database through a connection of its own, so that they need committed rows."""

from datetime import timedelta

import pytest
from django.db import transaction

from shop import clock, outbox, relay
from shop.models import OutboxDelivery, OutboxMessage
from tests.figures import figures

pytestmark = pytest.mark.django_db(transaction=True)


def background_work() -> dict[str, float]:
    prefix = "shop_outbox_"
    return {name.removeprefix(prefix): value for name, value in figures().items() if name.startswith(prefix)}


def test_tells_of_a_shop_with_nothing_to_do():
    assert background_work() == {
        "messages_waiting": 0,
        "oldest_message_seconds": 0,
        "deliveries_due": 0,
        "oldest_delivery_seconds": 0,
        "deliveries_given_up": 0,
    }


def test_tells_what_waits_for_a_worker_and_what_was_given_up():
    with transaction.atomic():
        outbox.publish("order.confirmed", order_id=0)
    OutboxMessage.objects.update(created_at=clock.now() - timedelta(minutes=10))

    waiting = background_work()
    relay.relay_once()
    OutboxDelivery.objects.update(due_at=clock.now() - timedelta(minutes=5))
    due = background_work()
    OutboxDelivery.objects.update(failed_at=clock.now())
    given_up = background_work()

    assert waiting["messages_waiting"] == 1
    assert 600 <= waiting["oldest_message_seconds"] < 660
    handlers = len(outbox.HANDLERS["order.confirmed"])
    assert (due["messages_waiting"], due["deliveries_due"], due["deliveries_given_up"]) == (0, handlers, 0)
    assert 300 <= due["oldest_delivery_seconds"] < 360
    assert (given_up["deliveries_due"], given_up["deliveries_given_up"]) == (0, handlers)
