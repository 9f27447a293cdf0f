"""cartSelectedDeliveryOptionsUpdate: how a cart is delivered, and what that costs."""

import pytest

from checkout.models import ShippingRate
from tests import builders
from tests.api.cart_documents import changing

GROUPS = """
cost { subtotalAmount { amount } totalShippingAmount { amount } totalAmount { amount } }
deliveryGroups(first: 1) {
  nodes {
    id
    deliveryAddress { formatted }
    deliveryOptions { handle code title description estimatedCost { amount currencyCode } }
    selectedDeliveryOption { handle }
  }
}
"""
SELECT = changing(
    "cartSelectedDeliveryOptionsUpdate", "selectedDeliveryOptions: [CartSelectedDeliveryOptionInput!]!", GROUPS
)
READ = f"query ($id: ID!) {{ cart(id: $id) {{ {GROUPS} }} }}"


@pytest.fixture
def cart(db):
    """Two mugs at 12.50, going to California."""
    cart = builders.a_cart((builders.a_variant("MUG", price="12.50"), 2))
    cart.addresses.create(address=builders.ADDRESS.as_json(), is_selected=True)
    return cart


def test_chooses_an_option(execute, cart):
    builders.a_shipping_method("Standard", amount="5.00")
    builders.a_shipping_method("Express", amount="15.00", countries=("US", "CA"))
    builders.a_shipping_method("Bicycle", amount="1.00", countries=("NL",))

    payload = select(execute, cart, "express")

    assert payload == {
        "cart": {
            "cost": {
                "subtotalAmount": {"amount": "25.00"},
                "totalShippingAmount": {"amount": "15.00"},
                "totalAmount": {"amount": "40.00"},
            },
            "deliveryGroups": {
                "nodes": [
                    {
                        "id": f"gid://shop/CartDeliveryGroup/{cart.secret}",
                        "deliveryAddress": {
                            "formatted": ["Ada Byron", "12 Analytical Way", "Mountain View CA 94043", "US"]
                        },
                        "deliveryOptions": [an_option("Standard", "5.00"), an_option("Express", "15.00")],
                        "selectedDeliveryOption": {"handle": "express"},
                    }
                ]
            },
        },
        "userErrors": [],
        "warnings": [],
    }


@pytest.mark.parametrize(("free_from", "shipping", "total"), [("25.00", "0.00", "25.00"), ("25.01", "5.00", "30.00")])
def test_delivers_free_from_a_subtotal_on(execute, cart, free_from, shipping, total):
    builders.a_shipping_method("Standard", amount="5.00", free_from=free_from)

    cost = select(execute, cart, "standard")["cart"]["cost"]

    assert (cost["totalShippingAmount"]["amount"], cost["totalAmount"]["amount"]) == (shipping, total)


def test_forgets_an_option_that_does_not_go_where_the_cart_goes(execute, cart):
    builders.a_shipping_method("Domestic", countries=("US",))
    select(execute, cart, "domestic")
    cart.addresses.update(address={**builders.ADDRESS.as_json(), "country_code": "DE"})

    found = execute(READ, id=builders.id_of(cart))["cart"]

    assert found["cost"]["totalShippingAmount"] is None
    assert found["deliveryGroups"]["nodes"][0]["selectedDeliveryOption"] is None
    assert found["deliveryGroups"]["nodes"][0]["deliveryOptions"] == []


def test_offers_only_what_has_a_price_in_the_currency_of_the_cart(execute, cart):
    builders.a_shipping_method("Standard")
    euro = builders.a_shipping_method("Euro")
    ShippingRate.objects.filter(method=euro).update(currency="EUR")
    builders.a_shipping_method("Retired")
    euro.__class__.objects.filter(handle="retired").update(is_active=False)

    [group] = execute(READ, id=builders.id_of(cart))["cart"]["deliveryGroups"]["nodes"]

    assert [option["handle"] for option in group["deliveryOptions"]] == ["standard"]


def test_delivers_nothing_that_is_not_sent_in_a_parcel(execute):
    builders.a_shipping_method("Standard")
    song = builders.a_variant("SONG")
    type(song).objects.update(requires_shipping=False)
    cart = builders.a_cart((song, 1))

    payload = select(execute, cart, "standard")

    assert payload["cart"]["deliveryGroups"]["nodes"] == []
    assert payload["userErrors"][0]["message"] == "This delivery option is not offered; offered are: none."


def test_refuses_an_option_that_is_not_offered(execute, cart):
    chosen = builders.a_shipping_method("Standard")
    select(execute, cart, "standard")

    payload = select(execute, cart, "rocket")

    assert payload["userErrors"] == [
        {
            "code": "DELIVERY_OPTION_UNKNOWN",
            "field": ["selectedDeliveryOptions", "0", "deliveryOptionHandle"],
            "message": "This delivery option is not offered; offered are: standard.",
        }
    ]
    cart.refresh_from_db()
    assert cart.delivery_method == chosen


@pytest.mark.parametrize("group", ["gid://shop/CartDeliveryGroup/0", "gid://shop/Cart/1", "nonsense"])
def test_knows_no_group_of_another_cart(execute, cart, group):
    builders.a_shipping_method("Standard")

    payload = select(execute, cart, "standard", group=group)

    assert payload["userErrors"] == [
        {
            "code": "NOT_FOUND",
            "field": ["selectedDeliveryOptions", "0", "deliveryGroupId"],
            "message": "CartDeliveryGroup not found.",
        }
    ]
    cart.refresh_from_db()
    assert cart.delivery_method is None


@pytest.mark.parametrize("number", [0, 2])
def test_wants_one_choice(execute, cart, number):
    builders.a_shipping_method("Standard")
    choice = {"deliveryGroupId": f"gid://shop/CartDeliveryGroup/{cart.secret}", "deliveryOptionHandle": "standard"}

    payload = execute(SELECT, cartId=builders.id_of(cart), selectedDeliveryOptions=[choice] * number)

    assert payload["cartSelectedDeliveryOptionsUpdate"]["userErrors"] == [
        {"code": "INVALID", "field": ["selectedDeliveryOptions"], "message": "Choose one delivery option."}
    ]


def an_option(title: str, cost: str) -> dict:
    return {
        "handle": title.lower(),
        "code": title.lower(),
        "title": title,
        "description": None,
        "estimatedCost": {"amount": cost, "currencyCode": "USD"},
    }


def select(execute, cart, handle: str, group: str = "") -> dict:
    choice = {
        "deliveryGroupId": group or f"gid://shop/CartDeliveryGroup/{cart.secret}",
        "deliveryOptionHandle": handle,
    }
    sent = execute(SELECT, cartId=builders.id_of(cart), selectedDeliveryOptions=[choice])
    payload: dict = sent["cartSelectedDeliveryOptionsUpdate"]
    return payload
