"""cartAttributesUpdate: notes in two parts, replaced as a whole."""

import pytest

from tests import builders
from tests.api.cart_documents import changing

UPDATE = changing("cartAttributesUpdate", "attributes: [AttributeInput!]!", "attributes { key value }")


def test_replaces_them_all(execute):
    cart = builders.a_cart(attributes=[{"key": "old", "value": "1"}])
    new = [{"key": "gift", "value": "yes"}, {"key": "card", "value": "Happy birthday!"}]

    payload = execute(UPDATE, cartId=builders.id_of(cart), attributes=new)["cartAttributesUpdate"]

    assert payload == {"cart": {"attributes": new[::-1]}, "userErrors": [], "warnings": []}


def test_removes_them_all(execute):
    cart = builders.a_cart(attributes=[{"key": "old", "value": "1"}])

    payload = execute(UPDATE, cartId=builders.id_of(cart), attributes=[])["cartAttributesUpdate"]

    assert payload["cart"] == {"attributes": []}


@pytest.mark.parametrize(
    ("attributes", "field", "message"),
    [
        (
            [{"key": str(number), "value": ""} for number in range(51)],
            ["attributes"],
            "At most 50 attributes are allowed.",
        ),
        (
            [{"key": "k" * 256, "value": ""}],
            ["attributes", "0", "key"],
            "At most 255 characters are allowed; these are 256.",
        ),
        (
            [{"key": "k", "value": "v" * 2001}],
            ["attributes", "0", "value"],
            "At most 2000 characters are allowed; these are 2001.",
        ),
    ],
)
def test_refuses_what_is_too_long(execute, attributes, field, message):
    cart = builders.a_cart(attributes=[{"key": "old", "value": "1"}])

    payload = execute(UPDATE, cartId=builders.id_of(cart), attributes=attributes)["cartAttributesUpdate"]

    assert payload["userErrors"] == [{"code": "INVALID", "field": field, "message": message}]
    assert payload["cart"] == {"attributes": [{"key": "old", "value": "1"}]}
