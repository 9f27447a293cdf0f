"""order(id), node(id) of an order and orderStatus(token): for its owner, staff, and who was given the token."""

from datetime import UTC, datetime

import pytest

from accounts.staff import Permission
from checkout.models import Order
from shop import clock
from tests import builders

ORDER = """
query ($id: ID!) {
  order(id: $id) {
    id name orderNumber processedAt status financialStatus fulfillmentStatus email phone note
    customAttributes { key value }
    currencyCode
    subtotalPrice { amount } totalShippingPrice { amount } totalTax { amount }
    totalPrice { amount currencyCode }
    statusUrl deliveryMethod holdExpiresAt canceledAt cancelReason
    shippingAddress { formatted }
    customer { email }
    payments { gateway status amount { amount } }
    successfulFulfillments { trackingCompany }
    lineItems(first: 5) {
      nodes {
        title variantTitle sku quantity fulfilledQuantity requiresShipping
        originalUnitPrice { amount } originalTotalPrice { amount }
        customAttributes { key value } variant { id }
      }
    }
  }
}
"""
SEEN = "query ($id: ID!) { order(id: $id) { id } node(id: $id) { id } }"
STATUS = "query ($token: String!) { orderStatus(token: $token) { id } }"


@pytest.fixture
def order(alice, monkeypatch) -> Order:
    """Two mugs alice bought at noon."""
    noon = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    mug = builders.a_variant("MUG", price="12.50", title="Mug")
    with monkeypatch.context() as stopped:
        stopped.setattr(clock, "now", lambda: noon)
        return builders.an_order(
            (mug, 2), owner=alice, note="Ring twice.", attributes=[{"key": "gift", "value": "yes"}]
        )


def test_tells_its_owner_everything(execute, alice, order, settings):
    assert execute(ORDER, as_=alice, id=builders.id_of(order))["order"] == {
        "id": f"gid://shop/Order/{order.key}",
        "name": f"#{order.number}",
        "orderNumber": order.number,
        "processedAt": "2026-05-04T12:00:00+00:00",
        "status": "CONFIRMED",
        "financialStatus": "PAID",
        "fulfillmentStatus": "UNFULFILLED",
        "email": "alice@example.com",
        "phone": None,
        "note": "Ring twice.",
        "customAttributes": [{"key": "gift", "value": "yes"}],
        "currencyCode": "USD",
        "subtotalPrice": {"amount": "25.00"},
        "totalShippingPrice": {"amount": "5.00"},
        "totalTax": {"amount": "0.00"},
        "totalPrice": {"amount": "30.00", "currencyCode": "USD"},
        "statusUrl": settings.ORDER_STATUS_URL.format(token=order.status_token),
        "deliveryMethod": "Standard",
        "holdExpiresAt": None,
        "canceledAt": None,
        "cancelReason": None,
        "shippingAddress": {"formatted": ["Ada Byron", "12 Analytical Way", "Mountain View CA 94043", "US"]},
        "customer": {"email": "alice@example.com"},
        "payments": [{"gateway": "test", "status": "CAPTURED", "amount": {"amount": "30.00"}}],
        "successfulFulfillments": [],
        "lineItems": {
            "nodes": [
                {
                    "title": "Mug",
                    "variantTitle": "Default Title",
                    "sku": "MUG",
                    "quantity": 2,
                    "fulfilledQuantity": 0,
                    "requiresShipping": True,
                    "originalUnitPrice": {"amount": "12.50"},
                    "originalTotalPrice": {"amount": "25.00"},
                    "customAttributes": [],
                    "variant": {"id": builders.id_of(order.lines.get().variant)},
                }
            ]
        },
    }


def test_tells_staff_who_keep_orders(execute, sam, order):
    found = execute(ORDER, as_=sam, id=builders.id_of(order))["order"]

    assert (found["id"], found["customer"]) == (builders.id_of(order), {"email": "alice@example.com"})


def test_tells_nobody_else(execute, bob, order):
    clerk = builders.a_clerk(*set(Permission) - {Permission.MANAGE_ORDERS})

    for somebody in (bob, clerk, None):
        assert execute(SEEN, as_=somebody, id=builders.id_of(order)) == {"order": None, "node": None}


@pytest.mark.parametrize(
    "id", ["gid://shop/Order/0", "gid://shop/Order/019bf8a0-0000-7000-8000-000000000000", "gid://shop/Cart/1", "x", ""]
)
def test_is_null_for_an_unknown_or_malformed_id(execute, sam, id):
    assert execute(SEEN, as_=sam, id=id) == {"order": None, "node": None}


def test_is_read_by_node_and_in_any_namespace(execute, alice, order):
    id = f"gid://shopify/Order/{order.key}"

    assert execute(SEEN, as_=alice, id=id) == {
        "order": {"id": builders.id_of(order)},
        "node": {"id": builders.id_of(order)},
    }


def test_keeps_a_line_whose_variant_is_gone(execute, alice, order):
    order.lines.update(variant=None)

    [line] = execute(ORDER, as_=alice, id=builders.id_of(order))["order"]["lineItems"]["nodes"]

    assert (line["title"], line["variant"]) == ("Mug", None)


def test_tells_until_when_stock_is_kept_while_payment_is_pending(execute, alice, settings):
    order = builders.an_order((builders.a_variant("MUG"), 1), owner=alice, token="pending")

    found = execute(ORDER, as_=alice, id=builders.id_of(order))["order"]

    assert (found["status"], found["financialStatus"]) == ("PLACED", "PENDING")
    assert datetime.fromisoformat(found["holdExpiresAt"]) == order.hold_expires_at
    assert abs(datetime.fromisoformat(found["holdExpiresAt"]) - order.placed_at) <= settings.HOLD_LIFETIME


def test_status_is_read_with_the_token_alone(execute, order):
    assert execute(STATUS, token=order.status_token)["orderStatus"] == {"id": builders.id_of(order)}


@pytest.mark.parametrize("token", ["", "0" * 32, "A" * 32, "%", "\u0000", "x" * 10_000])
def test_status_is_null_for_an_unknown_token(execute, order, token):
    assert execute(STATUS, token=token) == {"orderStatus": None}
