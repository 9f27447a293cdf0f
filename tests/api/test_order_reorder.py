"""orderReorder: a new cart with what an order had, as far as it can be bought now."""

import pytest

from accounts.models import User
from catalog.models import ProductStatus, StockLevel
from checkout.models import Cart, Order
from tests import builders
from tests.conftest import Execute

REORDER = """
mutation ($id: ID, $token: String) {
  orderReorder(id: $id, token: $token) {
    cart { buyerIdentity { email customer { email } } lines { nodes { quantity attributes { key value } merchandise {
      ... on ProductVariant { sku }
    } } } }
    warnings { code message target }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def order(alice: User) -> Order:
    """Of four things, some of which will be gone."""
    mug, tea = builders.a_variant("MUG", stock=9, title="Mug"), builders.a_variant("TEA", stock=2, title="Tea")
    jug, cup = builders.a_variant("JUG", title="Jug"), builders.a_variant("CUP", title="Cup", stock=1)
    cart = builders.a_ready_cart((mug, 2), (tea, 2), (jug, 1), (cup, 1), owner=alice)
    cart.lines.create(variant=mug, quantity=1, attributes=[{"key": "name", "value": "Ada"}])
    return builders.completed(cart)


def test_takes_what_is_still_sold_and_tells_of_the_rest(execute: Execute, alice: User, order: Order) -> None:
    _, tea, jug, cup, _ = order.lines.order_by("position")
    StockLevel.objects.filter(variant=tea.variant).update(on_hand=3)
    jug.variant.product.status = ProductStatus.ARCHIVED  # type: ignore[union-attr]
    jug.variant.product.save()  # type: ignore[union-attr]

    payload = execute(REORDER, as_=alice, id=builders.id_of(order))["orderReorder"]

    assert payload == {
        "cart": {
            "buyerIdentity": {"email": "alice@example.com", "customer": {"email": "alice@example.com"}},
            "lines": {
                "nodes": [
                    {"quantity": 2, "attributes": [], "merchandise": {"sku": "MUG"}},
                    {"quantity": 1, "attributes": [], "merchandise": {"sku": "TEA"}},
                    {"quantity": 1, "attributes": [{"key": "name", "value": "Ada"}], "merchandise": {"sku": "MUG"}},
                ]
            },
        },
        "warnings": [
            {"code": code, "message": message, "target": builders.id_of(line)}
            for code, message, line in [
                ("MERCHANDISE_NOT_ENOUGH_STOCK", "Only 1 of Tea can be bought now.", tea),
                ("MERCHANDISE_NOT_SOLD", "Jug is no longer sold.", jug),
                ("MERCHANDISE_OUT_OF_STOCK", "Cup cannot be bought now.", cup),
            ]
        ],
        "userErrors": [],
    }


def test_needs_the_order_or_its_link(execute: Execute, bob: User, order: Order) -> None:
    foreign = execute(REORDER, as_=bob, id=builders.id_of(order))["orderReorder"]
    assert foreign["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"], "message": "Order not found."}]
    assert Cart.objects.count() == 1

    by_link = execute(REORDER, token=order.status_token)["orderReorder"]

    assert by_link["cart"]["buyerIdentity"] == {"email": "alice@example.com", "customer": None}
