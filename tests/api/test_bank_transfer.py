"""Paying by bank transfer: the order waits for days, until staff tell that the money came."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from catalog.models import StockHold, StockLevel
from checkout import checkouts
from checkout.models import Cart, Order, PaymentEntry
from shop import clock
from tests import builders
from tests.api.test_payment_capture import PAID
from tests.conftest import Execute


@pytest.fixture
def cart(settings: Any, db: None) -> Cart:
    settings.PAYMENT_GATEWAYS = ["bank_transfer"]
    return builders.a_ready_cart((builders.a_variant("MUG", stock=3), 1))


def complete(cart: Cart) -> checkouts.Completed:
    return checkouts.complete(cart.secret, checkouts.PaymentWish("bank_transfer"))


def test_waits_with_its_stock_until_staff_tell_that_it_came(
    cart: Cart, execute: Execute, sam: User, assert_verified: Any
) -> None:
    begun = [complete(cart) for _ in range(2)]

    order = Order.objects.get()
    assert [one.next_action.reference for one in begun if one.next_action] == [f"Order {order.name}"] * 2
    assert order.hold_expires_at is not None
    assert order.hold_expires_at > clock.now() + timedelta(days=6)
    assert StockHold.objects.get().expires_at == order.hold_expires_at
    checkouts.settle_overdue()

    payload = execute(PAID, as_=sam, id=builders.id_of(order))["orderMarkAsPaid"]

    assert payload == {"order": {"financialStatus": "PAID"}, "userErrors": []}
    assert complete(cart).order.status == "CONFIRMED"
    assert [entry.kind for entry in PaymentEntry.objects.all()] == ["CAPTURE"]
    assert_verified()


def test_gives_everything_back_when_nothing_came(cart: Cart, assert_verified: Any) -> None:
    complete(cart)
    Order.objects.update(hold_expires_at="2020-01-01T00:00Z")

    checkouts.settle_overdue()

    order = Order.objects.get()
    assert (order.status, order.cancel_reason) == ("CANCELLED", "No transfer came in time.")
    assert StockLevel.objects.get().reserved == 0
    assert_verified()
