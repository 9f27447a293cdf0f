"""checkoutAbandon: while payment is pending a shopper may think again."""

from typing import Any

import pytest

from catalog.models import StockLevel
from checkout.models import Order, Payment, TestCharge
from tests import builders
from tests.conftest import Execute

ABANDON = """
mutation ($cart: ID!) {
  checkoutAbandon(cartId: $cart) { cart { id totalQuantity } userErrors { code field message } }
}
"""


@pytest.fixture
def cart(db: None) -> Any:
    return builders.a_ready_cart((builders.a_variant("MUG", stock=3), 2))


def abandon(execute: Execute, cart: Any) -> dict[str, Any]:
    payload: dict[str, Any] = execute(ABANDON, cart=builders.id_of(cart))["checkoutAbandon"]
    return payload


def test_opens_the_cart_and_frees_the_stock(execute: Execute, cart: Any, assert_verified: Any) -> None:
    order = builders.completed(cart, token="pending")
    assert StockLevel.objects.get().reserved == 2

    payloads = [abandon(execute, cart) for _ in range(2)]

    assert payloads == [{"cart": {"id": builders.id_of(cart), "totalQuantity": 2}, "userErrors": []}] * 2
    order.refresh_from_db()
    assert (order.status, StockLevel.objects.get().reserved) == ("CANCELLED", 0)
    assert (Payment.objects.get().status, TestCharge.objects.get().status) == ("VOIDED", "VOIDED")
    assert builders.completed(cart).status == "CONFIRMED"
    assert_verified()


def test_refuses_once_the_payment_is_sure(execute: Execute, cart: Any) -> None:
    order = builders.completed(cart)

    payload = abandon(execute, cart)

    assert payload == {
        "cart": None,
        "userErrors": [
            {"code": "CHECKOUT_DECIDED", "field": ["cartId"], "message": f"Order {order.name} is confirmed."}
        ],
    }
    assert Order.objects.get().status == "CONFIRMED"


def test_hears_of_a_payment_that_came_in_meanwhile(execute: Execute, cart: Any) -> None:
    builders.completed(cart, token="pending")
    TestCharge.objects.update(status="CAPTURED")

    payload = abandon(execute, cart)

    assert [error["code"] for error in payload["userErrors"]] == ["CHECKOUT_DECIDED"]
    assert (Order.objects.get().status, Payment.objects.get().status) == ("CONFIRMED", "CAPTURED")
