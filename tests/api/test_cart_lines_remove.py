"""cartLinesRemove: lines taken out; all or nothing."""

import pytest

from tests import builders
from tests.api.cart_documents import LINES_REMOVE


def test_takes_lines_out(execute):
    mug, tea, pot = (builders.a_variant(sku) for sku in ("MUG", "TEA", "POT"))
    cart = builders.a_cart((mug, 1), (tea, 2), (pot, 3))
    ids = [builders.id_of(cart.lines.get(variant=variant)) for variant in (mug, pot)]

    payload = remove(execute, cart, *ids, ids[0])

    assert payload == {
        "cart": {
            "totalQuantity": 2,
            "lines": {
                "nodes": [
                    {
                        "id": builders.id_of(cart.lines.get()),
                        "quantity": 2,
                        "attributes": [],
                        "merchandise": {"sku": "TEA"},
                    }
                ]
            },
        },
        "userErrors": [],
        "warnings": [],
    }


@pytest.mark.parametrize(
    ("line_id", "code"),
    [
        ("gid://shop/CartLine/99999999", "INVALID_MERCHANDISE_LINE"),
        ("gid://shop/CartLine/x", "NOT_FOUND"),
        ("", "NOT_FOUND"),
    ],
)
def test_refuses_a_line_that_is_not_there_and_takes_none_out(execute, line_id, code):
    cart = builders.a_cart((builders.a_variant("MUG"), 1))

    payload = remove(execute, cart, builders.id_of(cart.lines.get()), line_id)

    [error] = payload["userErrors"]
    assert (error["code"], error["field"]) == (code, ["lineIds", "1"])
    assert payload["cart"]["totalQuantity"] == 1
    assert cart.lines.count() == 1


def test_does_not_touch_the_line_of_another_cart(execute):
    mug = builders.a_variant("MUG")
    own, other = builders.a_cart((mug, 1)), builders.a_cart((mug, 1))

    payload = remove(execute, own, builders.id_of(other.lines.get()))

    assert payload["userErrors"][0]["code"] == "INVALID_MERCHANDISE_LINE"
    assert other.lines.count() == 1


def remove(execute, cart, *ids: str) -> dict:
    payload: dict = execute(LINES_REMOVE, cartId=builders.id_of(cart), lineIds=list(ids))["cartLinesRemove"]
    return payload
