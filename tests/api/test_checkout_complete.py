"""checkoutComplete: a cart becomes an order, once."""

import pytest

from catalog.models import StockHold, StockLevel
from checkout.models import Cart, Order, PaymentEntry, TestCharge
from shop.models import OutboxMessage
from tests import builders
from tests.api.checkout_documents import (
    ADDRESS,
    ADDRESSES_ADD,
    CART_CREATE,
    CHECKOUT_COMPLETE,
    DELIVERY_SELECT,
    ORDER_STATUS,
)


@pytest.fixture
def ready_cart(execute):
    """The id of a cart that can be completed: two mugs at 12.50, sent for 5.00."""
    mug = builders.a_variant("MUG", stock=3, price="12.50", title="Mug")
    builders.a_shipping_method("Standard", amount="5.00")
    lines = [{"merchandiseId": builders.id_of(mug), "quantity": 2}]
    created = execute(CART_CREATE, input={"lines": lines, "buyerIdentity": {"email": "ada@example.com"}})
    cart_id = created["cartCreate"]["cart"]["id"]
    added = execute(ADDRESSES_ADD, cartId=cart_id, addresses=[{"address": {"deliveryAddress": ADDRESS}}])
    [group] = added["cartDeliveryAddressesAdd"]["cart"]["deliveryGroups"]["nodes"]
    choice = {"deliveryGroupId": group["id"], "deliveryOptionHandle": "standard"}
    chosen = execute(DELIVERY_SELECT, cartId=cart_id, options=[choice])
    assert chosen["cartSelectedDeliveryOptionsUpdate"]["userErrors"] == []
    return cart_id


def test_places_and_pays_the_order(execute, ready_cart, assert_verified):
    payment = {"gateway": "test", "token": "success", "expectedTotal": "30.00"}

    payload = execute(CHECKOUT_COMPLETE, cartId=ready_cart, payment=payment)["checkoutComplete"]

    order = Order.objects.get()
    token = payload.pop("orderStatusToken")
    assert payload == {
        "order": {
            "id": builders.id_of(order),
            "name": order.name,
            "status": "CONFIRMED",
            "financialStatus": "PAID",
            "fulfillmentStatus": "UNFULFILLED",
            "totalPrice": {"amount": "30.00"},
        },
        "payment": {"status": "CAPTURED", "amount": {"amount": "30.00"}, "nextAction": None},
        "cart": None,
        "userErrors": [],
    }
    assert execute(ORDER_STATUS, token=token)["orderStatus"] == {
        "name": order.name,
        "status": "CONFIRMED",
        "financialStatus": "PAID",
        "fulfillmentStatus": "UNFULFILLED",
        "email": "ada@example.com",
        "subtotalPrice": {"amount": "25.00"},
        "totalShippingPrice": {"amount": "5.00"},
        "totalTax": {"amount": "0.00"},
        "totalPrice": {"amount": "30.00", "currencyCode": "USD"},
        "shippingAddress": {
            "formatted": ["Ada Byron", "12 Analytical Way", "Mountain View CA 94043", "US"],
        },
        "lineItems": {
            "nodes": [
                {
                    "title": "Mug",
                    "sku": "MUG",
                    "quantity": 2,
                    "originalUnitPrice": {"amount": "12.50"},
                    "originalTotalPrice": {"amount": "25.00"},
                }
            ]
        },
    }
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (3, 2)
    assert list(StockHold.objects.values_list("quantity", "expires_at")) == [(2, None)]
    assert list(OutboxMessage.objects.values_list("topic", flat=True)) == ["order.confirmed"]
    assert_verified()


def test_gives_the_same_order_when_sent_again(execute, ready_cart):
    first = execute(CHECKOUT_COMPLETE, cartId=ready_cart, payment={"gateway": "test"})

    second = execute(CHECKOUT_COMPLETE, cartId=ready_cart, payment={"gateway": "test"})

    assert second == first
    assert Order.objects.count() == 1
    assert TestCharge.objects.count() == 1
    assert PaymentEntry.objects.count() == 1
    assert StockLevel.objects.get().reserved == 2


def test_asks_the_gateway_again_after_a_crash_before_its_answer_was_recorded(execute, ready_cart, monkeypatch):
    monkeypatch.setattr("checkout.payments.record", lambda *_: 1 / 0)
    with pytest.raises(AssertionError, match="INTERNAL_SERVER_ERROR"):
        execute(CHECKOUT_COMPLETE, cartId=ready_cart, payment={"gateway": "test"})
    monkeypatch.undo()

    payload = execute(CHECKOUT_COMPLETE, cartId=ready_cart, payment={"gateway": "test"})["checkoutComplete"]

    assert payload["order"]["financialStatus"] == "PAID"
    assert Order.objects.count() == 1
    assert TestCharge.objects.count() == 1


def test_gives_cart_and_stock_back_when_the_payment_is_declined(execute, ready_cart, assert_verified):
    payload = execute(CHECKOUT_COMPLETE, cartId=ready_cart, payment={"gateway": "test", "token": "decline"})

    assert payload["checkoutComplete"] == {
        "order": None,
        "orderStatusToken": None,
        "payment": None,
        "cart": {"id": ready_cart, "totalQuantity": 2},
        "userErrors": [
            {
                "code": "PAYMENT_DECLINED",
                "field": ["payment"],
                "message": "The test bank declined the payment.",
            }
        ],
    }
    assert StockLevel.objects.get().reserved == 0
    assert not StockHold.objects.exists()
    assert Order.objects.get().status == "CANCELLED"
    assert_verified()

    again = execute(CHECKOUT_COMPLETE, cartId=ready_cart, payment={"gateway": "test"})["checkoutComplete"]
    assert again["order"]["financialStatus"] == "PAID"


@pytest.mark.parametrize(
    ("payment", "error"),
    [
        (
            {"gateway": "barter"},
            {
                "code": "PAYMENT_GATEWAY_UNKNOWN",
                "field": ["payment", "gateway"],
                "message": "This way to pay is not offered; offered are: test, manual.",
            },
        ),
        (
            {"gateway": "test", "expectedTotal": "25.00"},
            {
                "code": "TOTAL_CHANGED",
                "field": ["payment", "expectedTotal"],
                "message": "The total is 30.00 USD now.",
            },
        ),
    ],
)
def test_refuses_before_anything_is_charged(execute, ready_cart, payment, error):
    payload = execute(CHECKOUT_COMPLETE, cartId=ready_cart, payment=payment)["checkoutComplete"]

    assert payload["userErrors"] == [error]
    assert payload["cart"] == {"id": ready_cart, "totalQuantity": 2}
    assert not Order.objects.exists()
    assert not TestCharge.objects.exists()
    assert StockLevel.objects.get().reserved == 0


def test_refuses_a_cart_that_lacks_something(execute):
    mug = builders.a_variant("MUG", stock=3)
    cart_id = execute(CART_CREATE, input=None)["cartCreate"]["cart"]["id"]

    def problem():
        payload = execute(CHECKOUT_COMPLETE, cartId=cart_id, payment={"gateway": "test"})["checkoutComplete"]
        [error] = payload["userErrors"]
        return error["code"], error["field"]

    assert problem() == ("CART_EMPTY", ["cartId"])
    cart = Cart.objects.get()
    cart.lines.create(variant=mug, quantity=1)
    assert problem() == ("CART_NOT_READY", ["buyerIdentity"])
    Cart.objects.update(email="ada@example.com")
    assert problem() == ("CART_NOT_READY", ["deliveryAddress"])
    execute(ADDRESSES_ADD, cartId=cart_id, addresses=[{"address": {"deliveryAddress": ADDRESS}}])
    assert problem() == ("CART_NOT_READY", ["deliveryOption"])
    assert not Order.objects.exists()


@pytest.mark.parametrize("cart_id", ["gid://shop/Cart/0", "nonsense", "gid://shop/Product/1", ""])
def test_knows_no_foreign_or_malformed_cart(execute, cart_id):
    payload = execute(CHECKOUT_COMPLETE, cartId=cart_id, payment={"gateway": "test"})["checkoutComplete"]

    assert payload["userErrors"] == [{"code": "NOT_FOUND", "field": ["cartId"], "message": "Cart not found."}]
    assert payload["cart"] is None
