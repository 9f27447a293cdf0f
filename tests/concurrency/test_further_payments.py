"""What is due of an order is charged once, whoever pays it at the same moment, and whatever becomes of the order."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from django.core.management import call_command
from django.db.models import F, Sum

from accounts.actors import SYSTEM
from checkout import edits, further_payments, orders, payments
from checkout.checkouts import PaymentWish
from checkout.edits import SetQuantity
from checkout.models import Order, Payment, TestCharge
from shop import relay
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order() -> Order:
    """One mug for 15.00, paid, and edited to two: 10.00 are due."""
    order = builders.an_order((builders.a_variant("MUG", stock=5, price="10.00"), 1))
    edits.edit(order_key=order.key, wish=edits.Wish([SetQuantity(order.lines.get().pk, 2)]), actor=SYSTEM)
    return order


def kept(order: Order) -> Decimal:
    sums = Payment.objects.filter(order=order).aggregate(kept=Sum(F("captured") - F("refunded")))
    return sums["kept"] or Decimal(0)


def test_is_charged_once(order: Order) -> None:
    pay = partial(further_payments.pay, order_key=order.key, wish=PaymentWish("test", "success"), buyer=SYSTEM)

    refused = refused_at_once(*[pay] * 8)

    assert {refusal.code for refusal in refused} <= {"ORDER_NOTHING_DUE"}
    assert TestCharge.objects.aggregate(sum=Sum("amount"))["sum"] == 25
    call_command("verify", verbosity=0)


def test_nothing_too_much_stays(order: Order) -> None:
    line = order.lines.latest("pk")
    works: list[Callable[[], object]] = [
        partial(further_payments.pay, order_key=order.key, wish=PaymentWish("test", "success"), buyer=SYSTEM),
        partial(payments.mark_as_paid, order_key=order.key),
        partial(edits.edit, order_key=order.key, wish=edits.Wish([edits.RemoveLine(line.pk)]), actor=SYSTEM),
    ]

    refused_at_once(*works)
    relay.drain()

    order.refresh_from_db()
    assert kept(order) == order.current_total.amount == 15
    call_command("verify", verbosity=0)


def test_of_a_cancelled_order_all_goes_back(order: Order) -> None:
    pay = partial(further_payments.pay, order_key=order.key, wish=PaymentWish("test", "success"), buyer=SYSTEM)

    refused_at_once(pay, partial(orders.cancel, order_key=order.key, reason=""))
    relay.drain()

    assert kept(order) == 0
    call_command("verify", verbosity=0)
