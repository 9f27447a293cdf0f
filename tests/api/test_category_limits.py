"""Category.maxQuantity: how much one order may have, inherited down the tree and kept by carts and checkouts."""

import pytest

from catalog.models import Category
from checkout.models import CartLine, Order
from tests import builders

UPDATE = """
mutation ($id: ID!, $limit: Int) {
  categoryUpdate(id: $id, category: {maxQuantity: $limit}) { userErrors { code field message } }
}
"""
MOVE = "mutation ($id: ID!, $to: ID) { categoryMove(id: $id, parentId: $to) { userErrors { message } } }"
CREATE = """
mutation ($category: CategoryCreateInput!) {
  categoryCreate(category: $category) {
    category { maxQuantity effectiveRules { maxQuantity } } userErrors { code field message }
  }
}
"""
ADD = """
mutation ($cart: ID!, $variant: ID!, $quantity: Int!, $note: String!) {
  cartLinesAdd(cartId: $cart, lines: [
    {merchandiseId: $variant, quantity: $quantity, attributes: [{key: "note", value: $note}]}
  ]) { cart { totalQuantity } warnings { code message } userErrors { code field message } }
}
"""
CHANGE = """
mutation ($cart: ID!, $line: ID!, $quantity: Int!) {
  cartLinesUpdate(cartId: $cart, lines: [{id: $line, quantity: $quantity}]) {
    cart { totalQuantity } warnings { code message } userErrors { code field message }
  }
}
"""
COMPLETE = """
mutation ($cart: ID!) {
  checkoutComplete(cartId: $cart, payment: {gateway: "test", token: ""}) {
    order { name } userErrors { code field message }
  }
}
"""
RULE = """
query ($id: ID!) { node(id: $id) { ... on ProductVariant { quantityRule { minimum maximum increment } } } }
"""


@pytest.fixture
def tree(db):
    """Goods, with lamps and bulbs below them."""
    goods = builders.a_category("Goods")
    lamps = builders.a_category("Lamps", parent=goods)
    return goods, lamps, builders.a_category("Bulbs", parent=lamps)


def limits():
    return list(Category.objects.order_by("pk").values_list("effective_max_quantity", flat=True))


def test_the_nearest_decides_wherever_the_tree_goes(execute, sam, tree, assert_verified):
    goods, lamps, bulbs = (builders.id_of(one) for one in tree)

    execute(UPDATE, as_=sam, id=goods, limit=9)
    execute(UPDATE, as_=sam, id=lamps, limit=4)
    assert limits() == [9, 4, 4]
    execute(MOVE, as_=sam, id=bulbs, to=goods)
    assert limits() == [9, 4, 9]
    execute(UPDATE, as_=sam, id=goods, limit=None)
    assert limits() == [None, 4, None]
    made = execute(CREATE, as_=sam, category={"title": "Shades", "parentId": lamps})["categoryCreate"]

    assert made == {"category": {"maxQuantity": None, "effectiveRules": {"maxQuantity": 4}}, "userErrors": []}
    assert_verified()


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_refuses_a_limit_that_no_order_could_keep(execute, sam, tree, limit):
    payload = execute(UPDATE, as_=sam, id=builders.id_of(tree[0]), limit=limit)["categoryUpdate"]

    assert payload["userErrors"] == [
        {
            "code": "INVALID",
            "field": ["category", "maxQuantity"],
            "message": "An order has 1 to 10000 units of a product at the most.",
        }
    ]
    assert limits() == [None, None, None]


def test_a_cart_holds_no_more_over_all_lines_of_a_variant(execute, sam, tree):
    execute(UPDATE, as_=sam, id=builders.id_of(tree[0]), limit=3)
    variant = builders.a_variant("BULB", stock=50, title="Bulb", category=tree[2])
    cart = builders.a_cart((variant, 2))
    add = {"cart": builders.id_of(cart), "variant": builders.id_of(variant), "note": "gift"}

    refused = execute(ADD, **add, quantity=2)["cartLinesAdd"]
    lines = list(CartLine.objects.values_list("quantity", flat=True))
    payload = execute(ADD, **add, quantity=1)["cartLinesAdd"]

    assert refused["userErrors"] == [
        {"code": "MAXIMUM_EXCEEDED", "field": ["lines"], "message": "An order has 3 of Bulb at the most."}
    ]
    assert lines == [2]
    assert payload == {"cart": {"totalQuantity": 3}, "warnings": [], "userErrors": []}
    rule = execute(RULE, id=builders.id_of(variant))["node"]
    assert rule == {"quantityRule": {"minimum": 1, "maximum": 3, "increment": 1}}


def test_a_cart_that_held_more_is_warned_may_take_less_and_waits_at_checkout(execute, sam, tree):
    variant = builders.a_variant("BULB", stock=50, title="Bulb", category=tree[2])
    cart = builders.a_ready_cart((variant, 6))
    execute(UPDATE, as_=sam, id=builders.id_of(tree[1]), limit=3)
    line = {"cart": builders.id_of(cart), "line": builders.id_of(cart.lines.get())}

    refused = execute(COMPLETE, cart=builders.id_of(cart))["checkoutComplete"]
    less = execute(CHANGE, **line, quantity=5)["cartLinesUpdate"]

    assert refused["userErrors"] == [
        {"code": "MAXIMUM_EXCEEDED", "field": ["cartId"], "message": "An order has 3 of Bulb at the most."}
    ]
    assert not Order.objects.exists()
    assert less == {
        "cart": {"totalQuantity": 5},
        "warnings": [
            {
                "code": "MERCHANDISE_LIMITED",
                "message": "An order has 3 of Bulb at the most. Take less to check out.",
            }
        ],
        "userErrors": [],
    }
    assert execute(CHANGE, **line, quantity=3)["cartLinesUpdate"]["warnings"] == []
    assert execute(COMPLETE, cart=builders.id_of(cart))["checkoutComplete"]["userErrors"] == []
