"""Changes of one order at the same moment: no unit is cancelled, sent or given back twice."""

from collections.abc import Callable
from functools import partial

import pytest
from django.core.management import call_command
from django.db.models import Sum

from accounts.actors import SYSTEM
from catalog.models import StockHold, StockLevel, StockLocation
from checkout import cancellations, fulfilment, fulfilment_orders, returns
from checkout.cancellations import Cancellation
from checkout.fulfilment import Tracking
from checkout.models import FulfillmentLine, Order, Refund, Return
from shop import relay
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_unit_is_both_sent_and_cancelled() -> None:
    order = builders.an_order((builders.a_variant("MUG", stock=12, price="10.00"), 12))
    [line] = order.lines.all()
    one = [(line.pk, 1)]
    cancel = partial(
        cancellations.cancel_lines, order_key=order.key, lines=one, cancellation=Cancellation(), actor=SYSTEM
    )
    send = partial(fulfilment.create, order_key=order.key, lines=one, tracking=Tracking(), actor=SYSTEM)

    works: list[Callable[[], object]] = [cancel, send]
    refused = refused_at_once(*works * 8)

    line.refresh_from_db()
    assert len(refused) == 4
    assert line.fulfilled_quantity + line.cancelled_quantity == 12
    relay.drain()
    assert Refund.objects.aggregate(sum=Sum("amount"))["sum"] == 10 * line.cancelled_quantity
    assert Order.objects.get().current_total.amount == 125 - 10 * line.cancelled_quantity
    call_command("verify", verbosity=0)


def test_nothing_comes_back_twice() -> None:
    order = builders.an_order((builders.a_variant("MUG", stock=8, price="10.00"), 8))
    [line] = order.lines.all()
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    ask = partial(returns.request, order_key=order.key, lines=[(line.pk, 1)], reason="", actor=SYSTEM)

    refused = refused_at_once(*[ask] * 12)

    assert [refusal.code for refusal in refused] == ["RETURN_TOO_LARGE"] * 4
    receive = [
        partial(returns.receive, return_key=key, arrivals=None, location_id=None, refund=True, actor=SYSTEM)
        for key in Return.objects.values_list("key", flat=True)
    ]
    refused = refused_at_once(*receive * 2)

    assert [refusal.code for refusal in refused] == ["RETURN_STATUS_REFUSED"] * 8
    relay.drain()
    line.refresh_from_db()
    assert (line.returning_quantity, line.returned_quantity) == (0, 8)
    assert Refund.objects.aggregate(sum=Sum("amount"))["sum"] == 80
    call_command("verify", verbosity=0)


def test_no_unit_is_sent_from_two_locations() -> None:
    mug = builders.a_variant("MUG", stock=6, price="10.00")
    shop = builders.a_location("Shop")
    order = builders.an_order((mug, 6))
    builders.stocked(mug, shop, 6)
    [line] = order.lines.all()
    main = StockLocation.objects.get(code="main")
    works: list[Callable[[], object]] = [
        partial(
            fulfilment.create,
            order_key=order.key,
            lines=[(line.pk, 1)],
            tracking=Tracking(),
            actor=SYSTEM,
            location_id=location.pk,
        )
        for location in (main, shop)
    ]
    works.append(
        partial(
            fulfilment_orders.move,
            order_key=order.key,
            location_id=main.pk,
            to_id=shop.pk,
            lines=[(line.pk, 1)],
            actor=SYSTEM,
        )
    )

    refused_at_once(*works * 4)

    line.refresh_from_db()
    sent = FulfillmentLine.objects.aggregate(sum=Sum("quantity"))["sum"]
    left = StockLevel.objects.aggregate(sum=Sum("on_hand"))["sum"]
    assert (line.fulfilled_quantity, sent, left) == (6, 6, 6)
    assert Order.objects.get().status == "FULFILLED"
    assert not StockHold.objects.exists()
    call_command("verify", verbosity=0)
