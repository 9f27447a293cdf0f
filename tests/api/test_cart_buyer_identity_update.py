"""cartBuyerIdentityUpdate: who buys."""

import pytest

from tests import builders
from tests.api.cart_documents import changing

UPDATE = changing(
    "cartBuyerIdentityUpdate",
    "buyerIdentity: CartBuyerIdentityInput!",
    "id buyerIdentity { email phone countryCode customer { id } }",
)


def test_says_who_buys(execute):
    cart = builders.a_cart(email="")

    payload = update(execute, cart, {"email": "ada@example.com", "phone": "+44 20 7946 0958", "countryCode": "GB"})

    assert payload == {
        "cart": {
            "id": builders.id_of(cart),
            "buyerIdentity": {
                "email": "ada@example.com",
                "phone": "+442079460958",
                "countryCode": "GB",
                "customer": None,
            },
        },
        "userErrors": [],
        "warnings": [],
    }


def test_leaves_what_is_not_said_and_removes_what_is_empty(execute):
    cart = builders.a_cart(email="ada@example.com", phone="+12025550123", country="US")

    identity = update(execute, cart, {"email": "", "phone": None, "countryCode": "ZZ"})["cart"]["buyerIdentity"]

    assert identity == {"email": None, "phone": "+12025550123", "countryCode": "US", "customer": None}


def test_reads_a_phone_number_in_the_country_named_with_it(execute):
    cart = builders.a_cart(country="US")

    identity = update(execute, cart, {"phone": "030 901820", "countryCode": "DE"})["cart"]["buyerIdentity"]

    assert identity["phone"] == "+4930901820"


def test_lets_a_customer_take_the_cart_over_and_keeps_the_address_it_has(execute, alice):
    cart = builders.a_cart(email="ada@example.com")

    identity = update(execute, cart, {}, as_=alice)["cart"]["buyerIdentity"]

    assert identity["customer"] == {"id": builders.id_of(alice)}
    assert identity["email"] == "ada@example.com"


@pytest.mark.parametrize(
    ("identity", "error"),
    [
        (
            {"email": "ada at example"},
            {
                "code": "EMAIL_INVALID",
                "field": ["buyerIdentity", "email"],
                "message": "This is not an e-mail address; one looks like name@example.com.",
            },
        ),
        (
            {"phone": "12"},
            {
                "code": "PHONE_INVALID",
                "field": ["buyerIdentity", "phone"],
                "message": "This is not a phone number; begin it with + and the country.",
            },
        ),
        (
            {"customerAccessToken": "forged"},
            {
                "code": "TOKEN_REFUSED",
                "field": ["buyerIdentity", "customerAccessToken"],
                "message": "The access token is not valid: sign in again with tokenCreate.",
            },
        ),
    ],
)
def test_refuses_what_identifies_nobody_and_changes_nothing(execute, identity, error):
    cart = builders.a_cart(email="ada@example.com")

    payload = update(execute, cart, {"countryCode": "FR", **identity})

    assert payload["userErrors"] == [error]
    assert payload["cart"]["buyerIdentity"]["email"] == "ada@example.com"
    cart.refresh_from_db()
    assert (cart.email, cart.phone, cart.country, cart.customer_id) == ("ada@example.com", "", "", None)


def update(execute, cart, identity: dict, as_=None) -> dict:
    sent = execute(UPDATE, as_=as_, cartId=builders.id_of(cart), buyerIdentity=identity)
    payload: dict = sent["cartBuyerIdentityUpdate"]
    return payload
