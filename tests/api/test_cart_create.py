"""cartCreate: a cart, empty or filled, for guests and customers."""

import pytest

from catalog.models import ProductStatus
from checkout.models import Cart
from tests import builders
from tests.api.cart_documents import CREATE

NOTHING = {"amount": "0.00", "currencyCode": "USD"}


@pytest.mark.parametrize("variables", [{}, {"input": None}, {"input": {}}])
def test_makes_an_empty_cart(execute, variables):
    payload = execute(CREATE, **variables)["cartCreate"]

    cart = Cart.objects.get()
    assert payload == {
        "cart": {
            "id": f"gid://shop/Cart/{cart.secret}",
            "note": None,
            "totalQuantity": 0,
            "attributes": [],
            "cost": {
                "subtotalAmount": NOTHING,
                "totalAmount": {"amount": "0.00"},
                "totalTaxAmount": {"amount": "0.00"},
            },
            "buyerIdentity": {"email": None, "phone": None, "countryCode": None, "customer": None},
            "lines": {"nodes": []},
            "discountCodes": [],
            "appliedGiftCards": [],
        },
        "userErrors": [],
        "warnings": [],
    }
    assert len(cart.secret) == 32


def test_fills_it_at_once(execute):
    mug = builders.a_variant("MUG", stock=5, price="12.50", compare_at="15.00")
    tea = builders.a_variant("TEA", stock=1, price="3.10")
    lines = [
        {"merchandiseId": builders.id_of(mug)},
        {"merchandiseId": builders.id_of(tea), "quantity": None},
        {"merchandiseId": builders.id_of(mug), "quantity": 2, "attributes": []},
        {"merchandiseId": builders.id_of(mug), "attributes": [{"key": "engraving", "value": "Ada"}]},
    ]
    given = {
        "lines": lines,
        "note": "  Ring twice.\n",
        "attributes": [{"key": "b", "value": "2"}, {"key": "a", "value": "1"}],
        "buyerIdentity": {"email": " ada@Example.com ", "phone": "202 555 0123", "countryCode": "US"},
    }

    payload = execute(CREATE, input=given)["cartCreate"]

    cart = payload["cart"]
    assert payload["userErrors"] == payload["warnings"] == []
    assert cart["note"] == "Ring twice."
    assert cart["attributes"] == [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
    assert cart["buyerIdentity"] == {
        "email": "ada@Example.com",
        "phone": "+12025550123",
        "countryCode": "US",
        "customer": None,
    }
    assert cart["totalQuantity"] == 5
    assert cart["cost"]["subtotalAmount"]["amount"] == "53.10"
    assert [(line["merchandise"]["id"], line["quantity"], line["attributes"]) for line in cart["lines"]["nodes"]] == [
        (builders.id_of(mug), 3, []),
        (builders.id_of(tea), 1, []),
        (builders.id_of(mug), 1, [{"key": "engraving", "value": "Ada"}]),
    ]
    assert cart["lines"]["nodes"][0]["cost"] == {
        "amountPerQuantity": {"amount": "12.50"},
        "compareAtAmountPerQuantity": {"amount": "15.00"},
        "subtotalAmount": {"amount": "37.50"},
        "totalAmount": {"amount": "37.50"},
    }


def test_knows_a_signed_in_customer(execute, alice):
    cart = execute(CREATE, as_=alice)["cartCreate"]["cart"]

    assert cart["buyerIdentity"] == {
        "email": "alice@example.com",
        "phone": None,
        "countryCode": None,
        "customer": {"id": builders.id_of(alice)},
    }


def test_knows_a_customer_by_access_token_but_shows_the_account_to_nobody_else(execute, alice, bob):
    given = {"buyerIdentity": {"customerAccessToken": builders.an_access_token(alice)}}

    cart = execute(CREATE, as_=bob, input=given)["cartCreate"]["cart"]

    assert cart["buyerIdentity"]["customer"] is None
    assert Cart.objects.get().customer == alice


def test_speaks_the_currency_of_the_shop(execute, settings):
    settings.SHOP_CURRENCY = "JPY"
    mug = builders.a_variant("MUG", currency="JPY", price="1200")

    cart = execute(CREATE, input={"lines": [{"merchandiseId": builders.id_of(mug)}]})["cartCreate"]["cart"]

    assert cart["cost"]["subtotalAmount"] == {"amount": "1200", "currencyCode": "JPY"}
    assert Cart.objects.get().currency == "JPY"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (
            {"buyerIdentity": {"email": "ada"}},
            {
                "code": "EMAIL_INVALID",
                "field": ["input", "buyerIdentity", "email"],
                "message": "This is not an e-mail address; one looks like name@example.com.",
            },
        ),
        (
            {"buyerIdentity": {"customerAccessToken": "forged"}},
            {
                "code": "TOKEN_REFUSED",
                "field": ["input", "buyerIdentity", "customerAccessToken"],
                "message": "The access token is not valid: sign in again with tokenCreate.",
            },
        ),
        (
            {"note": "x" * 5001},
            {
                "code": "INVALID",
                "field": ["input", "note"],
                "message": "At most 5000 characters are allowed; these are 5001.",
            },
        ),
        (
            {"attributes": [{"key": "a", "value": "1"}, {"key": " ", "value": "2"}]},
            {"code": "INVALID", "field": ["input", "attributes", "1", "key"], "message": "This must not be empty."},
        ),
        (
            {"lines": [{"merchandiseId": "gid://shop/ProductVariant/1"}]},
            {
                "code": "INVALID_MERCHANDISE_LINE",
                "field": ["input", "lines", "0", "merchandiseId"],
                "message": "This product is not for sale.",
            },
        ),
    ],
)
def test_refuses_what_it_cannot_keep(execute, given, error):
    payload = execute(CREATE, input=given)["cartCreate"]

    assert payload == {"cart": None, "userErrors": [error], "warnings": []}
    assert not Cart.objects.exists()


def test_tells_all_that_is_wrong_with_the_buyer(execute):
    payload = execute(CREATE, input={"buyerIdentity": {"email": "ada", "phone": "1"}})["cartCreate"]

    assert [error["field"][-1] for error in payload["userErrors"]] == ["email", "phone"]
    assert not Cart.objects.exists()


def test_makes_no_cart_where_a_line_is_refused(execute):
    mug = builders.a_variant("MUG", stock=1)
    draft = builders.a_variant("DRAFT", status=ProductStatus.DRAFT)
    lines = [{"merchandiseId": builders.id_of(mug)}, {"merchandiseId": builders.id_of(draft)}]

    payload = execute(CREATE, input={"lines": lines})["cartCreate"]

    assert payload["cart"] is None
    assert payload["userErrors"][0]["field"] == ["input", "lines", "1", "merchandiseId"]
    assert not Cart.objects.exists()
