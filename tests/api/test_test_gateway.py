"""What the tokens of the test gateway bring about."""

from typing import Any

import pytest

from accounts.actors import SYSTEM
from checkout import checkouts, fulfilment, refunds
from checkout.checkouts import PaymentDeclined, PaymentWish
from checkout.fulfilment import Tracking
from checkout.gateways import GatewayUnavailable
from checkout.models import Cart, Order, OrderStatus, Payment, TestCharge
from shop import relay
from tests import builders


@pytest.fixture
def cart(db: None) -> Cart:
    return builders.a_ready_cart((builders.a_variant("MUG"), 1))


def complete(cart: Cart, token: str) -> checkouts.Completed:
    return checkouts.complete(cart.secret, PaymentWish("test", token))


def send_goods() -> None:
    fulfilment.create(order_key=Order.objects.get().key, lines=None, tracking=Tracking(), actor=SYSTEM)
    relay.drain()


@pytest.mark.parametrize(("token", "status"), [("", "AUTHORIZED"), ("decline", "FAILED")])
def test_authorises_only_where_captures_wait_for_the_goods(
    cart: Cart, settings: Any, token: str, status: str, assert_verified: Any
) -> None:
    settings.PAYMENT_CAPTURE_LATER = ["test"]

    if status == "FAILED":
        with pytest.raises(PaymentDeclined):
            complete(cart, token)
    else:
        complete(cart, token)

    assert Payment.objects.get().status == status
    assert_verified()


def test_a_lost_answer_charges_once(cart: Cart, assert_verified: Any) -> None:
    with pytest.raises(GatewayUnavailable):
        complete(cart, "lost_answer")
    assert TestCharge.objects.get().status == "CAPTURED"
    assert Order.objects.get().status == OrderStatus.PLACED

    assert complete(cart, "lost_answer").order.status == OrderStatus.CONFIRMED
    assert Order.objects.count() == TestCharge.objects.count() == 1
    assert_verified()


def test_waits_for_an_action_until_it_is_confirmed_or_refused(cart: Cart, assert_verified: Any) -> None:
    waiting = [complete(cart, token) for token in ("action_required", "")]
    assert [one.next_action.type for one in waiting if one.next_action] == ["REDIRECT"] * 2

    with pytest.raises(PaymentDeclined):
        complete(cart, "refuse")
    complete(cart, "action_required")

    assert complete(cart, "confirm").order.status == OrderStatus.CONFIRMED
    assert [payment.status for payment in Payment.objects.order_by("pk")] == ["FAILED", "CAPTURED"]
    assert_verified()


def test_a_capture_that_fails_leaves_the_order_unpaid_for_staff_to_see(cart: Cart, assert_verified: Any) -> None:
    complete(cart, "capture_fails")

    send_goods()

    assert Payment.objects.get().status == "FAILED"
    assert Order.objects.get().status == OrderStatus.FULFILLED
    assert_verified()


def test_a_refund_that_fails_leaves_the_money_with_the_shop(cart: Cart, assert_verified: Any) -> None:
    complete(cart, "refund_fails")

    [refund] = refunds.create(order_key=Order.objects.get().key, amount=None, reason="", actor=SYSTEM)
    relay.drain()

    refund.refresh_from_db()
    assert (refund.status, refund.error) == ("FAILED", "The test bank gives nothing back.")
    payment = Payment.objects.get()
    assert payment.refundable == payment.money
    assert_verified()
