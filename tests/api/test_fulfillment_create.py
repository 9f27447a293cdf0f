"""fulfillmentCreate: what was ordered is sent, in one parcel or several, and leaves the stock."""

import pytest
from django.db import transaction

from accounts.staff import Permission
from catalog import stock
from catalog.models import MovementKind, ProductVariant, StockHold, StockLevel, StockMovement
from checkout import orders
from checkout.models import Fulfillment
from shop.models import OutboxMessage
from tests import builders

CREATE = """
mutation ($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id trackingCompany trackingInfo { number url } }
    order {
      status fulfillmentStatus
      lineItems { nodes { sku fulfilledQuantity } }
      successfulFulfillments { id trackingCompany }
    }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def order(db):
    """Three mugs, and two cups of tea on two lines."""
    mug, tea = builders.a_variant("MUG", stock=5), builders.a_variant("TEA", stock=2)
    cart = builders.a_ready_cart((mug, 3), (tea, 1))
    cart.lines.create(variant=tea, quantity=1, attributes=[{"key": "milk", "value": "yes"}])
    return builders.completed(cart)


def test_sends_a_part_and_then_the_rest(execute, sam, order, assert_verified):
    mug, _, milky = order.lines.order_by("position")
    tracking = {"company": "DHL", "number": "JD 1", "url": "https://track.example/JD1"}

    payload = create(execute, sam, order, lines=[(mug, 2), (milky, 1)], trackingInfo=tracking)

    first = Fulfillment.objects.get()
    assert payload == {
        "fulfillment": {
            "id": f"gid://shop/Fulfillment/{first.key}",
            "trackingCompany": "DHL",
            "trackingInfo": [{"number": "JD 1", "url": "https://track.example/JD1"}],
        },
        "order": {
            "status": "CONFIRMED",
            "fulfillmentStatus": "PARTIALLY_FULFILLED",
            "lineItems": {
                "nodes": [
                    {"sku": "MUG", "fulfilledQuantity": 2},
                    {"sku": "TEA", "fulfilledQuantity": 0},
                    {"sku": "TEA", "fulfilledQuantity": 1},
                ]
            },
            "successfulFulfillments": [{"id": builders.id_of(first), "trackingCompany": "DHL"}],
        },
        "userErrors": [],
    }
    assert levels() == {"MUG": (3, 1), "TEA": (1, 1)}

    payload = create(execute, sam, order)

    order.refresh_from_db()
    assert (payload["order"]["status"], payload["order"]["fulfillmentStatus"]) == ("FULFILLED", "FULFILLED")
    assert payload["fulfillment"]["trackingInfo"] == []
    assert order.fulfilled_at is not None
    assert levels() == {"MUG": (2, 0), "TEA": (0, 0)}
    assert not StockHold.objects.exists()
    assert list(
        StockMovement.objects.filter(kind="SALE")
        .order_by("pk")
        .values_list("variant__sku", "on_hand_delta", "reserved_delta", "reference", "actor")
    ) == [
        (sku, -units, -units, f"order:{order.key}", sam.pk)
        for sku, units in [("MUG", 2), ("TEA", 1), ("MUG", 1), ("TEA", 1)]
    ]
    assert OutboxMessage.objects.filter(topic="order.shipped").count() == 2
    assert_verified()


def test_refuses_more_than_is_left_to_send(execute, sam, order):
    mug, *_ = order.lines.order_by("position")

    payload = create(execute, sam, order, lines=[(mug, 2), (mug, 2)])

    assert payload == {
        "fulfillment": None,
        "order": None,
        "userErrors": [
            {
                "code": "FULFILLMENT_TOO_LARGE",
                "field": ["fulfillment", "lines", "1", "quantity"],
                "message": "Only 3 of MUG are left to send.",
            }
        ],
    }
    assert_nothing_was_sent(order)


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"lines": []}, ["lines"], "Name at least one line to send."),
        (
            {"lines": [{"orderLineItemId": "gid://shop/OrderLineItem/99999999", "quantity": 1}]},
            ["lines", "0", "orderLineItemId"],
            "This line is not in the order.",
        ),
        (
            {"lines": [{"orderLineItemId": "gid://shop/CartLine/1", "quantity": 1}]},
            ["lines", "0", "orderLineItemId"],
            "OrderLineItem not found.",
        ),
        ({"trackingInfo": {"url": "javascript:alert(1)"}}, ["trackingInfo", "urls", "0"], "This is not a web address."),
        (
            {"trackingInfo": {"company": "x" * 256}},
            ["trackingInfo", "company"],
            "At most 255 characters are allowed; these are 256.",
        ),
        ({"orderId": "nonsense"}, ["orderId"], "Order not found."),
        ({"orderId": "gid://shop/Order/019bf8a0-0000-7000-8000-000000000000"}, ["orderId"], "Order not found."),
    ],
)
def test_refuses_what_cannot_be_sent(execute, sam, order, changes, field, message):
    given = {"orderId": builders.id_of(order), **changes}

    payload = execute(CREATE, as_=sam, fulfillment=given)["fulfillmentCreate"]

    [error] = payload["userErrors"]
    assert (error["field"], error["message"]) == (["fulfillment", *field], message)
    assert_nothing_was_sent(order)


@pytest.mark.parametrize("quantity", [0, -1])
def test_refuses_a_quantity_that_is_none(execute, sam, order, quantity):
    payload = create(execute, sam, order, lines=[(order.lines.first(), quantity)])

    assert payload["userErrors"] == [
        {
            "code": "INVALID",
            "field": ["fulfillment", "lines", "0", "quantity"],
            "message": "The quantity must be 1 or more.",
        }
    ]
    assert_nothing_was_sent(order)


def test_refuses_an_order_that_is_not_paid_or_is_cancelled(execute, sam):
    mug = builders.a_variant("MUG")
    placed, cancelled = builders.an_order((mug, 1), token="pending"), builders.an_order((mug, 1))
    orders.cancel(order_key=cancelled.key, reason="")

    for order, status in ((placed, "placed"), (cancelled, "cancelled")):
        assert create(execute, sam, order)["userErrors"] == [
            {
                "code": "ORDER_STATUS_REFUSED",
                "field": ["fulfillment"],
                "message": f"Order {order.name} is {status} and cannot become fulfilled.",
            }
        ]
    assert not Fulfillment.objects.exists()
    assert levels() == {"MUG": (5, 1)}


def test_sends_what_is_left_of_an_order_whose_variant_was_deleted(execute, sam, order):
    ProductVariant.objects.get(sku="MUG").delete()

    payload = create(execute, sam, order)

    assert payload["order"]["status"] == "FULFILLED"
    assert levels() == {"TEA": (0, 0)}


def test_refuses_to_send_what_was_sold_in_advance_until_it_comes_in(execute, sam, assert_verified):
    mug = builders.a_variant("MUG", stock=2)
    StockLevel.objects.filter(variant=mug).update(backorder_limit=5)
    order = builders.an_order((mug, 3))

    payload = create(execute, sam, order)

    assert payload["userErrors"] == [
        {"code": "INSUFFICIENT_STOCK", "field": ["fulfillment"], "message": "Only 2 of MUG left."}
    ]
    assert levels() == {"MUG": (2, 3)}
    with transaction.atomic():
        stock.adjust({mug.pk: 1}, stock.Reason(MovementKind.PURCHASE))

    payload = create(execute, sam, order)

    assert payload["order"]["status"] == "FULFILLED"
    assert levels() == {"MUG": (0, 0)}
    assert_verified()


def test_is_for_staff_who_keep_orders(request_graphql, alice, order):
    clerk = builders.a_clerk(*set(Permission) - {Permission.MANAGE_ORDERS})
    given = {"orderId": builders.id_of(order)}

    codes = [
        request_graphql(CREATE, as_=somebody, fulfillment=given)["errors"][0]["extensions"]["code"]
        for somebody in (None, alice, clerk)
    ]

    assert codes == ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN"]
    assert_nothing_was_sent(order)


def create(execute, sam, order, lines=None, **more) -> dict:
    given = {"orderId": builders.id_of(order), **more}
    if lines is not None:
        given["lines"] = [{"orderLineItemId": builders.id_of(line), "quantity": units} for line, units in lines]
    payload: dict = execute(CREATE, as_=sam, fulfillment=given)["fulfillmentCreate"]
    return payload


def levels() -> dict[str, tuple[int, int]]:
    rows = StockLevel.objects.values_list("variant__sku", "on_hand", "reserved")
    return {sku: (on_hand, reserved) for sku, on_hand, reserved in rows}


def assert_nothing_was_sent(order) -> None:
    assert not Fulfillment.objects.exists()
    assert not any(order.lines.values_list("fulfilled_quantity", flat=True))
    assert levels() == {"MUG": (5, 3), "TEA": (2, 2)}
