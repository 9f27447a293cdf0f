"""checkoutComplete: a cart becomes an order, once."""

from decimal import Decimal

import pytest

from catalog.models import Price, Product, ProductStatus, ProductVariant, StockHold, StockLevel
from checkout import orders
from checkout.gateways import GatewayUnavailable
from checkout.models import Cart, Order, PaymentEntry, ShippingRate, TestCharge
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
    assert list(OutboxMessage.objects.values_list("topic", flat=True)) == ["payment.captured", "order.confirmed"]
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


@pytest.mark.parametrize("expected", ["25.0", "25.0000", "25"])
def test_agrees_on_a_total_however_it_is_written(execute, expected):
    cart = builders.a_ready_cart((builders.a_variant("MUG", price="10.00"), 2))

    payload = complete(execute, cart, expectedTotal=expected)

    assert payload["userErrors"] == []


@pytest.mark.parametrize("expected", ["NaN", "sNaN", "-Infinity", "1e400"])
def test_agrees_on_no_total_that_is_none(execute, expected):
    cart = builders.a_ready_cart((builders.a_variant("MUG"), 1))

    payload = complete(execute, cart, expectedTotal=expected)

    assert [error["code"] for error in payload["userErrors"]] == ["TOTAL_CHANGED"]
    assert not Order.objects.exists()


def test_charges_the_price_of_now_and_no_other_than_agreed(execute):
    cart = builders.a_ready_cart((builders.a_variant("MUG", price="10.00"), 2))
    Price.objects.update(amount="11.00")

    refused = complete(execute, cart, expectedTotal="25.00")
    agreed = complete(execute, cart, expectedTotal="27.00")

    assert refused["userErrors"] == [
        {"code": "TOTAL_CHANGED", "field": ["payment", "expectedTotal"], "message": "The total is 27.00 USD now."}
    ]
    assert agreed["order"]["totalPrice"] == {"amount": "27.00"}
    assert list(TestCharge.objects.values_list("amount", flat=True)) == [Decimal("27.00")]


def test_keeps_the_words_and_prices_of_the_day(execute):
    mug = builders.a_variant("MUG", price="10.00", title="Mug")
    cart = builders.a_ready_cart((mug, 2))
    token = complete(execute, cart)["orderStatusToken"]
    before = execute(ORDER_STATUS, token=token)

    Price.objects.update(amount="99.00")
    Product.objects.update(title="Cup", status=ProductStatus.ARCHIVED)
    ProductVariant.objects.update(sku="CUP")
    ShippingRate.objects.update(amount="50.00")

    assert execute(ORDER_STATUS, token=token) == before


def test_refuses_what_ran_out_since_it_was_put_into_the_cart(execute, assert_verified):
    mug, tea = builders.a_variant("MUG", stock=1), builders.a_variant("TEA", stock=5)
    cart = builders.a_ready_cart((tea, 1), (mug, 2))

    payload = complete(execute, cart)

    assert payload["userErrors"] == [
        {"code": "INSUFFICIENT_STOCK", "field": ["cartId"], "message": "Only 1 of MUG left."}
    ]
    assert payload["cart"] == {"id": builders.id_of(cart), "totalQuantity": 3}
    assert not Order.objects.exists()
    assert not StockHold.objects.exists()
    assert not TestCharge.objects.exists()
    assert_verified()


def test_refuses_what_is_deleted_at_this_very_moment(execute, monkeypatch):
    cart = builders.a_ready_cart((builders.a_variant("MUG"), 1))
    place = orders.place

    def place_too_late(priced, language):
        ProductVariant.objects.filter(sku="MUG").delete()
        return place(priced, language)

    monkeypatch.setattr(orders, "place", place_too_late)

    assert complete(execute, cart)["userErrors"] == [
        {"code": "INSUFFICIENT_STOCK", "field": ["cartId"], "message": "This product is out of stock."}
    ]
    assert not Order.objects.exists()


def test_refuses_what_is_no_longer_sold(execute):
    mug = builders.a_variant("MUG", title="Mug")
    cart = builders.a_ready_cart((mug, 1))
    Product.objects.update(status=ProductStatus.ARCHIVED)

    payload = complete(execute, cart)

    assert payload["userErrors"] == [
        {"code": "MERCHANDISE_NOT_SOLD", "field": ["cartId"], "message": "Mug is no longer sold; remove it."}
    ]
    assert not Order.objects.exists()


def test_refuses_a_total_beyond_all_measure(execute):
    gold = builders.a_variant("GOLD", price="999999999999", stock=10_000)
    cart = builders.a_ready_cart((gold, 10_000))

    payload = complete(execute, cart)

    assert payload["userErrors"][0]["code"] == "CART_TOO_LARGE"
    assert not Order.objects.exists()


def test_asks_no_gateway_where_nothing_is_to_be_paid(execute, assert_verified):
    gift = builders.a_variant("GIFT", price="0.00")
    builders.a_shipping_method(amount="0.00")
    cart = builders.a_ready_cart((gift, 1))

    payload = complete(execute, cart, token="decline")

    assert payload["order"]["status"] == "CONFIRMED"
    assert payload["payment"] == {"status": "CAPTURED", "amount": {"amount": "0.00"}, "nextAction": None}
    assert not TestCharge.objects.exists()
    assert_verified()


def test_sells_in_the_currency_of_the_cart(execute, settings):
    settings.SHOP_CURRENCY = "JPY"
    mug = builders.a_variant("MUG", price="1200", currency="JPY")
    builders.a_price(mug, "10.00")
    rate = ShippingRate(method=builders.a_shipping_method(amount="5.00"), currency="JPY", amount=Decimal(500))
    rate.save()
    yen, dollars = builders.a_ready_cart((mug, 1), currency="JPY"), builders.a_ready_cart((mug, 1))

    totals = [complete(execute, cart)["order"]["totalPrice"]["amount"] for cart in (yen, dollars)]

    assert totals == ["1700", "15.00"]
    assert list(Order.objects.order_by("pk").values_list("currency", flat=True)) == ["JPY", "USD"]


def test_stands_by_the_first_way_to_pay_while_it_is_pending(execute):
    cart = builders.a_ready_cart((builders.a_variant("MUG"), 1))

    first = complete(execute, cart, token="pending")
    second = complete(execute, cart, gateway="manual", expectedTotal="1.00")

    assert first["payment"]["nextAction"] == {"type": "REDIRECT"}
    assert first["order"]["status"] == "PLACED"
    assert second == first
    assert Order.objects.get().payments.get().gateway == "test"


def test_goes_on_where_it_stopped_after_a_gateway_did_not_answer(execute, monkeypatch):
    cart = builders.a_ready_cart((builders.a_variant("MUG"), 1))

    def silent(*_: object) -> None:
        raise GatewayUnavailable("The bank does not answer; try again.", field=("payment",))

    monkeypatch.setattr("checkout.gateways.test.TestGateway.pay", silent)
    refused = complete(execute, cart)
    monkeypatch.undo()

    assert refused["order"] is refused["cart"] is None
    assert refused["userErrors"] == [
        {
            "code": "PAYMENT_GATEWAY_UNAVAILABLE",
            "field": ["payment"],
            "message": "The bank does not answer; try again.",
        }
    ]
    assert Order.objects.get().payments.get().status == "PENDING"
    assert complete(execute, cart)["order"]["financialStatus"] == "PAID"
    assert Order.objects.count() == TestCharge.objects.count() == 1


def test_masks_a_gateway_that_breaks_and_can_be_tried_again(execute, request_graphql, monkeypatch):
    cart = builders.a_ready_cart((builders.a_variant("MUG"), 1))
    monkeypatch.setattr("checkout.gateways.test.TestGateway.pay", lambda *_: 1 / 0)
    answer = request_graphql(CHECKOUT_COMPLETE, cartId=builders.id_of(cart), payment={"gateway": "test"})
    monkeypatch.undo()

    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert Order.objects.get().payments.get().status == "PENDING"
    assert complete(execute, cart)["order"]["financialStatus"] == "PAID"
    assert Order.objects.count() == TestCharge.objects.count() == 1


def test_brings_no_order_back_that_staff_cancelled(execute, alice, assert_verified):
    cart = builders.a_ready_cart((builders.a_variant("MUG"), 1), owner=alice)
    complete(execute, cart, token="pending")
    orders.cancel(order_key=Order.objects.get().key, reason="Fraud")

    payload = complete(execute, cart)

    assert payload["userErrors"] == [{"code": "NOT_FOUND", "field": ["cartId"], "message": "Cart not found."}]
    assert Order.objects.get().status == "CANCELLED"
    assert_verified()


def complete(execute, cart, **payment: str) -> dict:
    sent = execute(CHECKOUT_COMPLETE, cartId=builders.id_of(cart), payment={"gateway": "test", **payment})
    payload: dict = sent["checkoutComplete"]
    return payload
