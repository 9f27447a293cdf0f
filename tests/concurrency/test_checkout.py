"""Many shoppers at once, in real transactions: nothing is sold twice, charged twice or lost."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.management import call_command

from catalog.models import StockLevel
from checkout import carts, checkouts, orders
from checkout.carts import NewLine
from checkout.checkouts import PaymentWish
from checkout.models import Cart, Order, OrderStatus, PaymentEntry, TestCharge
from shop import clock, relay
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def complete(cart: Cart, token: str = "") -> checkouts.Completed:
    return checkouts.complete(cart.secret, PaymentWish("test", token))


def test_a_declined_cart_ends_open_or_paid_but_never_between():
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=9), 1))

    refused_at_once(*[partial(complete, cart, token) for token in ["decline", "success"] * 3])

    paid = Order.objects.filter(status=OrderStatus.CONFIRMED).count()
    cart.refresh_from_db()
    assert paid == TestCharge.objects.filter(status="CAPTURED").count() == (cart.completed_at is not None)
    assert StockLevel.objects.get().reserved == paid
    assert Order.objects.exclude(status__in=[OrderStatus.CONFIRMED, OrderStatus.CANCELLED]).count() == 0
    call_command("verify", verbosity=0)


def test_no_line_put_into_a_cart_is_lost():
    mug, tea = builders.a_variant("MUG", stock=100), builders.a_variant("TEA", stock=100)
    cart = builders.a_cart()
    adds = [partial(carts.add_lines, cart.secret, [NewLine(one.pk)]) for one in [mug, tea] * 8]

    refusals = refused_at_once(*adds)

    assert refusals == []
    assert dict(cart.lines.values_list("variant__sku", "quantity")) == {"MUG": 8, "TEA": 8}


def test_an_order_whose_time_ran_out_is_decided_once_by_two_workers_and_a_shopper(monkeypatch):
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=1), 1))
    complete(cart, "pending")
    late = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: late)

    refusals = refused_at_once(checkouts.settle_overdue, checkouts.settle_overdue, partial(complete, cart))

    first = Order.objects.earliest("pk")
    assert first.status == OrderStatus.CANCELLED
    assert [entry.kind for entry in PaymentEntry.objects.filter(payment__order=first)] == ["VOID"]
    # The shopper was told of the end, was still waiting for the bank, or came after it and bought anew.
    assert {refusal.code for refusal in refusals} <= {"PAYMENT_DECLINED"}
    assert StockLevel.objects.get().reserved == Order.objects.filter(status=OrderStatus.CONFIRMED).count()
    call_command("verify", verbosity=0)


def test_money_never_stays_with_an_order_cancelled_while_it_was_paid():
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=1), 1))
    complete(cart, "pending")
    order = Order.objects.get()
    TestCharge.objects.update(status="CAPTURED")

    refused_at_once(partial(complete, cart), partial(orders.cancel, order_key=order.key, reason=""))
    relay.drain()

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert [entry.kind for entry in PaymentEntry.objects.order_by("pk")] == ["CAPTURE", "REFUND"]
    assert TestCharge.objects.get().status == "REFUNDED"
    assert StockLevel.objects.get().reserved == 0
    call_command("verify", verbosity=0)
