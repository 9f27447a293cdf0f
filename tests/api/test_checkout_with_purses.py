"""checkoutComplete where money inside of the shop pays first: in one transaction with the order, and back with it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from accounts.actors import SYSTEM
from accounts.models import User
from checkout import edits, further_payments, orders, purses, refunds
from checkout.checkouts import PaymentWish
from checkout.edits import SetQuantity, Wish
from checkout.models import Cart, Order, OrderStatus, Payment, PaymentEntry, TestCharge
from shop import relay
from shop.models import OutboxMessage
from tests import builders
from tests.api.checkout_documents import CHECKOUT_COMPLETE
from tests.conftest import Execute
from tests.purse import Tins


@pytest.fixture(autouse=True)
def tins() -> Iterator[None]:
    purses.register(Tins())
    yield
    purses.forget(Tins.handle)


@pytest.fixture
def cart_with(db: None) -> Any:
    """Makes a cart of 25.00 with so much in its tin."""

    def make(coins: str) -> Cart:
        return builders.a_ready_cart((builders.a_variant("MUG", stock=3, price="10.00"), 2), note=coins)

    return make


def complete(execute: Execute, cart: Cart, **payment: str) -> dict[str, Any]:
    payload: dict[str, Any] = execute(CHECKOUT_COMPLETE, cartId=builders.id_of(cart), payment=payment)[
        "checkoutComplete"
    ]
    return payload


def paid() -> list[tuple[str, str, str]]:
    return [(one.gateway, f"{one.amount:.2f}", one.status) for one in Payment.objects.order_by("pk")]


def in_tin() -> str:
    return Cart.objects.get().note


def test_pays_first_and_leaves_the_rest_to_the_gateway(execute: Execute, cart_with: Any, assert_verified: Any) -> None:
    cart = cart_with("10.00")

    payloads = [complete(execute, cart, gateway="test") for _ in range(2)]

    assert payloads[1] == payloads[0]
    assert payloads[0]["order"]["financialStatus"] == "PAID"
    assert payloads[0]["payment"] == {"status": "CAPTURED", "amount": {"amount": "15.00"}, "nextAction": None}
    assert paid() == [("tin", "10.00", "CAPTURED"), ("test", "15.00", "CAPTURED")]
    assert [f"{entry.kind} {entry.amount:.2f}" for entry in PaymentEntry.objects.order_by("pk")] == [
        "CAPTURE 10.00",
        "CAPTURE 15.00",
    ]
    assert in_tin() == "0.00"
    assert_verified()


def test_needs_no_gateway_where_nothing_is_left(execute: Execute, cart_with: Any, assert_verified: Any) -> None:
    payload = complete(execute, cart_with("30.00"))

    assert payload["order"]["status"] == "CONFIRMED"
    assert payload["payment"] == {"status": "CAPTURED", "amount": {"amount": "25.00"}, "nextAction": None}
    assert paid() == [("tin", "25.00", "CAPTURED")]
    assert in_tin() == "5.00"
    assert not TestCharge.objects.exists()
    assert list(OutboxMessage.objects.values_list("topic", flat=True)) == ["payment.captured", "order.confirmed"]
    assert_verified()


def test_needs_no_gateway_where_nothing_is_to_be_paid(execute: Execute, assert_verified: Any) -> None:
    builders.a_shipping_method(amount="0.00")
    cart = builders.a_ready_cart((builders.a_variant("GIFT", price="0.00"), 1))

    payload = complete(execute, cart)

    assert payload["order"]["status"] == "CONFIRMED"
    assert paid() == [("none", "0.00", "CAPTURED")]
    assert_verified()


def test_spends_nothing_where_nobody_says_how_the_rest_is_paid(execute: Execute, cart_with: Any) -> None:
    payload = complete(execute, cart_with("10.00"))

    assert payload["userErrors"] == [
        {
            "code": "PAYMENT_GATEWAY_UNKNOWN",
            "field": ["payment", "gateway"],
            "message": "Choose how to pay 15.00 USD: test, manual.",
        }
    ]
    assert in_tin() == "10.00"
    assert not Order.objects.exists()


def test_has_it_back_at_once_when_the_gateway_declines(execute: Execute, cart_with: Any, assert_verified: Any) -> None:
    cart = cart_with("10.00")

    declined = complete(execute, cart, gateway="test", token="decline")

    assert [error["code"] for error in declined["userErrors"]] == ["PAYMENT_DECLINED"]
    assert in_tin() == "10.00"
    assert paid() == [("tin", "10.00", "REFUNDED"), ("test", "15.00", "FAILED")]
    assert_verified()

    assert complete(execute, cart, gateway="test")["order"]["financialStatus"] == "PAID"
    relay.drain()
    assert paid()[2:] == [("tin", "10.00", "CAPTURED"), ("test", "15.00", "CAPTURED")]
    assert in_tin() == "0.00"
    assert_verified()


def test_has_it_back_once_when_the_order_is_cancelled(execute: Execute, cart_with: Any, assert_verified: Any) -> None:
    complete(execute, cart_with("10.00"), gateway="test")

    orders.cancel(order_key=Order.objects.get().key, reason="Out of mugs")
    assert in_tin() == "10.00"
    relay.drain()

    assert Order.objects.get().status == OrderStatus.CANCELLED
    assert paid() == [("tin", "10.00", "REFUNDED"), ("test", "15.00", "REFUNDED")]
    assert in_tin() == "10.00"
    assert_verified()


def test_is_given_back_last_and_once(execute: Execute, cart_with: Any, sam: User, assert_verified: Any) -> None:
    complete(execute, cart_with("10.00"), gateway="test")
    key = Order.objects.get().key

    refunds.create(order_key=key, amount=Decimal("17.00"), reason="", actor=SYSTEM)
    relay.drain()

    assert [f"{one.gateway} {one.refunded:.2f}" for one in Payment.objects.order_by("pk")] == ["tin 2.00", "test 15.00"]
    assert in_tin() == "2.00"
    assert_verified()


def test_completing_again_asks_for_nothing_that_became_due_later(
    execute: Execute, cart_with: Any, assert_verified: Any
) -> None:
    cart = cart_with("25.00")
    first = complete(execute, cart)
    order = Order.objects.get()
    edits.edit(order_key=order.key, wish=Wish([SetQuantity(order.lines.get().pk, 3)]), actor=SYSTEM)
    further_payments.pay(order_key=order.key, wish=PaymentWish("test", "action_required"), buyer=SYSTEM)

    again = complete(execute, cart, gateway="test", token="confirm")

    assert again["payment"] == first["payment"] == {
        "status": "CAPTURED", "amount": {"amount": "25.00"}, "nextAction": None
    }  # fmt: skip
    assert [status for _, _, status in paid()] == ["CAPTURED", "PENDING"]
    assert_verified()
