"""Edits of one order at the same moment as others, as parcels and as money: nothing is lost, nothing oversold."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from django.core.management import call_command
from django.db.models import F, Sum

from accounts.actors import SYSTEM
from catalog.models import ProductVariant
from checkout import edits, fulfilment, payments, refunds
from checkout.edits import AddVariant, Change, SetQuantity, Wish
from checkout.fulfilment import Tracking
from checkout.models import Order, Payment
from shop import relay
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def editing(order: Order, *changes: Change) -> Callable[[], object]:
    return partial(edits.edit, order_key=order.key, wish=Wish(changes), actor=SYSTEM)


def kept(order: Order) -> Decimal:
    sums = Payment.objects.filter(order=order).aggregate(kept=Sum(F("captured") - F("refunded")))
    return sums["kept"] or Decimal(0)


def test_no_unit_is_both_sent_and_taken_out() -> None:
    order = builders.an_order((builders.a_variant("MUG", stock=12, price="10.00"), 12))
    [line] = order.lines.all()
    send = partial(fulfilment.create, order_key=order.key, lines=[(line.pk, 2)], tracking=Tracking(), actor=SYSTEM)
    works = [send] * 4 + [editing(order, SetQuantity(line.pk, quantity)) for quantity in (10, 8, 6, 4)]

    refused_at_once(*works)
    relay.drain()

    line.refresh_from_db()
    order.refresh_from_db()
    assert line.fulfilled_quantity + line.cancelled_quantity <= 12
    # A larger quantity that comes after a smaller one adds a line, which is left to pay.
    units = sum(one.current_quantity for one in order.lines.select_related("order"))
    assert order.current_total.amount == 5 + 10 * units
    assert kept(order) <= order.current_total.amount
    call_command("verify", verbosity=0)


@pytest.mark.parametrize("quantity", [1, 5])
def test_money_that_comes_in_meanwhile_is_what_is_owed_in_the_end(quantity: int) -> None:
    order = builders.an_order((builders.a_variant("MUG", stock=9, price="10.00"), 3), token="authorize")
    [line] = order.lines.all()
    [payment] = order.payments.all()
    take = partial(payments.capture, payment_key=payment.key)

    refused_at_once(take, editing(order, SetQuantity(line.pk, quantity)))
    relay.drain()

    order.refresh_from_db()
    assert order.current_total.amount == 5 + 10 * quantity
    assert kept(order) == min(order.current_total.amount, Decimal(35))
    call_command("verify", verbosity=0)


def test_nothing_is_given_back_twice() -> None:
    order = builders.an_order((builders.a_variant("MUG", stock=9, price="10.00"), 3))
    [line] = order.lines.all()
    give = partial(refunds.create, order_key=order.key, amount=Decimal(20), reason="", actor=SYSTEM)

    refused_at_once(give, editing(order, SetQuantity(line.pk, 1)), give, editing(order, SetQuantity(line.pk, 2)))
    relay.drain()

    assert Decimal(0) <= kept(order) <= Decimal(15)
    call_command("verify", verbosity=0)


def test_edits_of_one_order_add_up() -> None:
    variants: list[ProductVariant] = [builders.a_variant(stock=4, price="1.00") for _ in range(3)]
    order = builders.an_order((variants[0], 1))
    works = [editing(order, AddVariant(variant.pk, 2)) for variant in variants]

    refused = refused_at_once(*works * 2)

    order.refresh_from_db()
    assert [refusal.code for refusal in refused] == ["INSUFFICIENT_STOCK"]
    assert order.current_total.amount == 5 + 1 + 2 * 5
    call_command("verify", verbosity=0)
