"""cartLinesUpdate: quantities, other variants and notes of lines; all or nothing."""

import pytest

from catalog.models import ProductStatus
from tests import builders
from tests.api.cart_documents import LINES_UPDATE


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", stock=5, title="Mug")


@pytest.fixture
def tea(db):
    return builders.a_variant("TEA", stock=5, title="Tea")


def test_changes_a_quantity(execute, mug, tea):
    cart = builders.a_cart((mug, 1), (tea, 1))
    first, second = cart.lines.order_by("pk")

    payload = update(execute, cart, {"id": builders.id_of(first), "quantity": 4})

    assert payload == {
        "cart": {
            "totalQuantity": 5,
            "lines": {
                "nodes": [
                    {"id": builders.id_of(first), "quantity": 4, "attributes": [], "merchandise": {"sku": "MUG"}},
                    {"id": builders.id_of(second), "quantity": 1, "attributes": [], "merchandise": {"sku": "TEA"}},
                ]
            },
        },
        "userErrors": [],
        "warnings": [],
    }


def test_removes_a_line_at_quantity_zero(execute, mug, tea):
    cart = builders.a_cart((mug, 1), (tea, 1))

    update(execute, cart, {"id": line_id(cart, mug), "quantity": 0})

    assert stored(cart) == [("TEA", 1)]


def test_leaves_what_it_does_not_name(execute, mug):
    cart = builders.a_cart((mug, 2))
    cart.lines.update(attributes=[{"key": "name", "value": "Ada"}])

    update(execute, cart, {"id": line_id(cart, mug), "quantity": None, "merchandiseId": None, "attributes": None})

    line = cart.lines.get()
    assert (line.quantity, line.variant, line.attributes) == (2, mug, [{"key": "name", "value": "Ada"}])


def test_changes_notes(execute, mug):
    cart = builders.a_cart((mug, 2))

    update(execute, cart, {"id": line_id(cart, mug), "attributes": [{"key": "name", "value": "Ada"}]})

    assert cart.lines.get().attributes == [{"key": "name", "value": "Ada"}]


def test_swaps_the_variants_of_two_lines(execute, mug, tea):
    cart = builders.a_cart((mug, 1), (tea, 2))
    first, second = line_id(cart, mug), line_id(cart, tea)

    update(
        execute,
        cart,
        {"id": first, "merchandiseId": builders.id_of(tea)},
        {"id": second, "merchandiseId": builders.id_of(mug)},
    )

    assert stored(cart) == [("TEA", 1), ("MUG", 2)]
    assert [line_id(cart, tea), line_id(cart, mug)] == [first, second]


def test_merges_a_line_into_the_one_it_becomes_the_same_as(execute, mug, tea):
    cart = builders.a_cart((mug, 1), (tea, 2))

    update(execute, cart, {"id": line_id(cart, tea), "merchandiseId": builders.id_of(mug)})

    assert stored(cart) == [("MUG", 3)]


def test_refuses_more_than_is_left(execute, mug, tea):
    cart = builders.a_cart((mug, 1), (tea, 2))

    payload = update(
        execute, cart, {"id": line_id(cart, tea), "quantity": 1}, {"id": line_id(cart, mug), "quantity": 6}
    )

    assert payload["userErrors"] == [
        {"code": "INSUFFICIENT_STOCK", "field": ["lines"], "message": "Only 5 of MUG left."}
    ]
    assert payload["cart"]["totalQuantity"] == 3
    assert stored(cart) == [("MUG", 1), ("TEA", 2)]


def test_takes_less_even_where_that_is_still_more_than_is_left(execute, mug, tea):
    rare = builders.a_variant("RARE", stock=1, title="Rare")
    cart = builders.a_cart((rare, 4), (mug, 1))

    payload = update(
        execute, cart, {"id": line_id(cart, rare), "quantity": 2}, {"id": line_id(cart, mug), "quantity": 2}
    )

    assert payload["userErrors"] == []
    assert payload["warnings"] == [
        {"code": "MERCHANDISE_NOT_ENOUGH_STOCK", "message": "Only 1 of Rare left.", "target": line_id(cart, rare)}
    ]
    assert stored(cart) == [("RARE", 2), ("MUG", 2)]


def test_warns_of_lines_that_share_too_few_units(execute, mug):
    cart = builders.a_cart((mug, 3))
    cart.lines.create(variant=mug, quantity=4, attributes=[{"key": "name", "value": "Ada"}])
    first, second = cart.lines.order_by("pk")

    payload = update(execute, cart, {"id": builders.id_of(second), "quantity": 3})

    assert [(warning["code"], warning["target"]) for warning in payload["warnings"]] == [
        ("MERCHANDISE_NOT_ENOUGH_STOCK", builders.id_of(first)),
        ("MERCHANDISE_NOT_ENOUGH_STOCK", builders.id_of(second)),
    ]


def test_changes_the_rest_beside_what_is_no_longer_sold(execute, mug, tea):
    cart = builders.a_cart((mug, 1), (tea, 2))
    type(mug.product).objects.filter(pk=mug.product_id).update(status=ProductStatus.ARCHIVED)

    payload = update(execute, cart, {"id": line_id(cart, tea), "quantity": 3})

    assert payload["userErrors"] == []
    assert [warning["code"] for warning in payload["warnings"]] == ["MERCHANDISE_NOT_SOLD"]
    assert stored(cart) == [("MUG", 1), ("TEA", 3)]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (
            {"quantity": -1},
            {
                "code": "LESS_THAN",
                "field": ["lines", "1", "quantity"],
                "message": "The quantity must be 0 or more; 0 removes the line.",
            },
        ),
        (
            {"quantity": 10_001},
            {
                "code": "MAXIMUM_EXCEEDED",
                "field": ["lines"],
                "message": "An order has 10000 units of a product at the most.",
            },
        ),
        (
            {"merchandiseId": "gid://shop/ProductVariant/99999999"},
            {
                "code": "INVALID_MERCHANDISE_LINE",
                "field": ["lines", "1", "merchandiseId"],
                "message": "This product is not for sale.",
            },
        ),
        (
            {"merchandiseId": "nonsense"},
            {
                "code": "NOT_FOUND",
                "field": ["lines", "1", "merchandiseId"],
                "message": "ProductVariant not found.",
            },
        ),
        (
            {"id": "gid://shop/CartLine/99999999"},
            {
                "code": "INVALID_MERCHANDISE_LINE",
                "field": ["lines", "1", "id"],
                "message": "This line is not in the cart.",
            },
        ),
        (
            {"id": "gid://shop/Cart/1"},
            {"code": "NOT_FOUND", "field": ["lines", "1", "id"], "message": "CartLine not found."},
        ),
    ],
)
def test_refuses_and_changes_nothing(execute, mug, tea, change, error):
    cart = builders.a_cart((mug, 1), (tea, 2))

    payload = update(
        execute, cart, {"id": line_id(cart, mug), "quantity": 2}, {"id": line_id(cart, tea), "quantity": 3, **change}
    )

    assert payload["userErrors"] == [error]
    assert payload["cart"]["totalQuantity"] == 3
    assert stored(cart) == [("MUG", 1), ("TEA", 2)]


def test_does_not_touch_the_line_of_another_cart(execute, mug):
    own, other = builders.a_cart((mug, 1)), builders.a_cart((mug, 1))

    payload = update(execute, own, {"id": line_id(other, mug), "quantity": 0})

    assert payload["userErrors"][0]["code"] == "INVALID_MERCHANDISE_LINE"
    assert stored(other) == [("MUG", 1)]


def update(execute, cart, *changes: dict) -> dict:
    payload: dict = execute(LINES_UPDATE, cartId=builders.id_of(cart), lines=list(changes))["cartLinesUpdate"]
    return payload


def line_id(cart, variant) -> str:
    return builders.id_of(cart.lines.get(variant=variant))


def stored(cart) -> list[tuple[str, int]]:
    return list(cart.lines.order_by("pk").values_list("variant__sku", "quantity"))
