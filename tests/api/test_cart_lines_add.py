"""cartLinesAdd: more of what is there, or a line of its own; all or nothing."""

import random
import string

import pytest

from catalog.models import ProductStatus
from tests import builders
from tests.api.cart_documents import LINES_ADD


def stored(cart) -> list[tuple[str, int, list]]:
    return list(cart.lines.order_by("pk").values_list("variant__sku", "quantity", "attributes"))


def test_adds_a_line(execute):
    cart, mug = builders.a_cart(), builders.a_variant("MUG", stock=2)

    payload = add(execute, cart, {"merchandiseId": builders.id_of(mug), "quantity": 2})

    line = cart.lines.get()
    assert payload == {
        "cart": {
            "totalQuantity": 2,
            "lines": {
                "nodes": [
                    {"id": builders.id_of(line), "quantity": 2, "attributes": [], "merchandise": {"sku": "MUG"}},
                ]
            },
        },
        "userErrors": [],
        "warnings": [],
    }


def test_makes_the_same_merchandise_one_line(execute):
    mug = builders.a_variant("MUG", stock=5)
    cart = builders.a_cart((mug, 1))

    add(execute, cart, {"merchandiseId": builders.id_of(mug), "quantity": 2}, {"merchandiseId": builders.id_of(mug)})

    assert stored(cart) == [("MUG", 4, [])]


def test_makes_other_attributes_a_line_of_their_own_whatever_their_order(execute):
    mug = builders.a_variant("MUG", stock=5)
    cart = builders.a_cart((mug, 1))
    one, two = {"key": "name", "value": "Ada"}, {"key": "font", "value": "Gill"}

    add(execute, cart, {"merchandiseId": builders.id_of(mug), "attributes": [one, two]})
    add(execute, cart, {"merchandiseId": builders.id_of(mug), "attributes": [two, one]})

    assert stored(cart) == [("MUG", 1, []), ("MUG", 2, [two, one])]


def test_keeps_attributes_that_no_index_could_hold(execute):
    mug = builders.a_variant("MUG", stock=5)
    cart = builders.a_cart((mug, 1))
    poem = "".join(random.Random(1).choices(string.printable[:90], k=1990))  # noqa: S311
    long = {"merchandiseId": builders.id_of(mug), "attributes": [{"key": f"{n}", "value": poem} for n in range(5)]}

    add(execute, cart, long)
    add(execute, cart, long)

    assert [quantity for _, quantity, _ in stored(cart)] == [1, 2]


def test_refuses_more_than_is_left(execute):
    mug = builders.a_variant("MUG", stock=1)
    cart = builders.a_cart()

    payload = add(execute, cart, {"merchandiseId": builders.id_of(mug), "quantity": 2})

    assert payload == {
        "cart": {"totalQuantity": 0, "lines": {"nodes": []}},
        "userErrors": [{"code": "INSUFFICIENT_STOCK", "field": ["lines"], "message": "Only 1 of MUG left."}],
        "warnings": [],
    }
    assert not cart.lines.exists()


def test_counts_what_is_in_the_cart_already_when_it_refuses(execute):
    mug, tea = builders.a_variant("MUG", stock=3), builders.a_variant("TEA")
    cart = builders.a_cart((mug, 2))

    payload = add(execute, cart, {"merchandiseId": builders.id_of(tea)}, line(mug, 2, name="Ada"))

    assert payload["cart"]["totalQuantity"] == 2
    assert [error["message"] for error in payload["userErrors"]] == ["Only 3 of MUG left."]
    assert stored(cart) == [("MUG", 2, [])]


def test_adds_to_a_cart_in_which_something_else_ran_out(execute):
    mug, tea = builders.a_variant("MUG", stock=0, title="Mug"), builders.a_variant("TEA")
    cart = builders.a_cart((mug, 2))

    payload = add(execute, cart, line(tea, 1))

    assert payload["userErrors"] == []
    assert payload["warnings"] == [
        {
            "code": "MERCHANDISE_OUT_OF_STOCK",
            "message": "Mug is out of stock.",
            "target": builders.id_of(cart.lines.get(variant=mug)),
        }
    ]
    assert stored(cart) == [("MUG", 2, []), ("TEA", 1, [])]


@pytest.mark.parametrize("namespace", ["shop", "shopify", "any-thing_1"])
def test_accepts_an_id_of_any_namespace(execute, namespace):
    cart, mug = builders.a_cart(), builders.a_variant("MUG")

    execute(
        LINES_ADD,
        cartId=f"gid://{namespace}/Cart/{cart.secret}",
        lines=[{"merchandiseId": f"gid://{namespace}/ProductVariant/{mug.pk}"}],
    )

    assert stored(cart) == [("MUG", 1, [])]


@pytest.mark.parametrize(
    ("merchandise_id", "code"),
    [
        ("gid://shop/ProductVariant/99999999", "INVALID_MERCHANDISE_LINE"),
        ("gid://shop/ProductVariant/9223372036854775807", "INVALID_MERCHANDISE_LINE"),
        ("gid://shop/ProductVariant/9223372036854775808", "NOT_FOUND"),
        ("gid://shop/ProductVariant/-1", "NOT_FOUND"),
        ("gid://shop/ProductVariant/MUG", "NOT_FOUND"),
        ("gid://shop/Product/1", "NOT_FOUND"),
        ("1", "NOT_FOUND"),
        ("", "NOT_FOUND"),
    ],
)
def test_knows_no_foreign_or_malformed_merchandise(execute, merchandise_id, code):
    cart = builders.a_cart()

    payload = add(execute, cart, {"merchandiseId": merchandise_id})

    [error] = payload["userErrors"]
    assert (error["code"], error["field"]) == (code, ["lines", "0", "merchandiseId"])
    assert payload["cart"]["totalQuantity"] == 0
    assert not cart.lines.exists()


def test_refuses_what_is_not_for_sale_in_the_same_words_as_what_never_was(execute):
    archived = builders.a_variant("OLD", status=ProductStatus.ARCHIVED)
    hidden = builders.a_variant("HIDDEN", category=builders.a_category("Attic", is_active=False))
    foreign = builders.a_variant("FOREIGN", currency="EUR")
    cart = builders.a_cart()

    for variant in (archived, hidden, foreign):
        payload = add(execute, cart, line(variant, 1))

        assert payload["userErrors"] == [
            {
                "code": "INVALID_MERCHANDISE_LINE",
                "field": ["lines", "0", "merchandiseId"],
                "message": "This product is not for sale.",
            }
        ]
    assert not cart.lines.exists()


@pytest.mark.parametrize(
    ("quantity", "error"),
    [
        (0, {"code": "LESS_THAN", "field": ["lines", "0", "quantity"], "message": "The quantity must be 1 or more."}),
        (-1, {"code": "LESS_THAN", "field": ["lines", "0", "quantity"], "message": "The quantity must be 1 or more."}),
        (
            2**31 - 1,
            {
                "code": "MAXIMUM_EXCEEDED",
                "field": ["lines"],
                "message": "An order has 10000 units of a product at the most.",
            },
        ),
    ],
)
def test_refuses_a_quantity_nobody_buys(execute, quantity, error):
    mug = builders.a_variant("MUG", stock=100_000)
    cart = builders.a_cart((mug, 1))

    payload = add(execute, cart, line(mug, quantity))

    assert payload["userErrors"] == [error]
    assert payload["cart"]["totalQuantity"] == 1
    assert stored(cart) == [("MUG", 1, [])]


def test_refuses_the_251st_line(execute):
    mug = builders.a_variant("MUG", stock=1000)
    cart = builders.a_cart((mug, 1))
    many = [line(mug, 1, number=str(number)) for number in range(250)]

    payload = add(execute, cart, *many)

    assert payload["userErrors"] == [
        {"code": "CART_TOO_LARGE", "field": ["lines"], "message": "A cart has 250 lines at the most."}
    ]
    assert stored(cart) == [("MUG", 1, [])]
    assert add(execute, cart, *many[1:])["cart"]["totalQuantity"] == 250


@pytest.mark.parametrize("cart_id", ["gid://shop/Cart/0", "gid://shop/Order/1", "nonsense", ""])
def test_knows_no_foreign_or_malformed_cart(execute, cart_id):
    mug = builders.a_variant("MUG")

    payload = execute(LINES_ADD, cartId=cart_id, lines=[line(mug, 1)])["cartLinesAdd"]

    error = {"code": "NOT_FOUND", "field": ["cartId"], "message": "Cart not found."}
    assert payload == {"cart": None, "userErrors": [error], "warnings": []}


def line(variant, quantity: int, **attributes: str) -> dict:
    pairs = [{"key": key, "value": value} for key, value in attributes.items()]
    return {"merchandiseId": builders.id_of(variant), "quantity": quantity, "attributes": pairs}


def add(execute, cart, *lines: dict) -> dict:
    payload: dict = execute(LINES_ADD, cartId=builders.id_of(cart), lines=list(lines))["cartLinesAdd"]
    return payload
