"""Pick-up: shoppers collect what they bought at a location, and need no address for it."""

import pytest

from catalog.models import StockHold
from checkout.models import Cart, Order, ShippingMethod, ShippingRate
from tests import builders
from tests.api.cart_documents import changing, group
from tests.api.test_shipping_methods import CREATE as METHOD_CREATE

LOCATION_UPDATE = """
mutation ($id: ID!, $location: LocationUpdateInput!) {
  locationUpdate(id: $id, location: $location) {
    location { address { formatted } } userErrors { code field message }
  }
}
"""
SELECT = changing(
    "cartSelectedDeliveryOptionsUpdate",
    "selectedDeliveryOptions: [CartSelectedDeliveryOptionInput!]!",
    "cost { totalAmount { amount } }",
)
COMPLETE = """
mutation ($cartId: ID!) {
  checkoutComplete(cartId: $cartId, payment: { gateway: "test" }) {
    order { shippingAddress { formatted } deliveryMethod pickupLocation { name address { city } readyText } }
    userErrors { code field message }
  }
}
"""
STORE = {
    "address1": "1 Market Street",
    "city": "San Francisco",
    "provinceCode": "CA",
    "zip": "94105",
    "countryCode": "US",
}


@pytest.fixture
def store(execute, sam):
    """A location with an address, two mugs, and a pick-up."""
    store = builders.a_location("Store")
    sent = execute(LOCATION_UPDATE, as_=sam, id=builders.id_of(store), location={"name": "Store", "address": STORE})
    assert sent["locationUpdate"] == {
        "location": {"address": {"formatted": ["Store", "1 Market Street", "San Francisco CA 94105", "US"]}},
        "userErrors": [],
    }
    method = {
        "title": "Collect",
        "pickupLocationId": builders.id_of(store),
        "readyText": "In two hours.",
        "rates": [{"currency": "USD", "amount": "0"}],
    }
    payload = execute(METHOD_CREATE, as_=sam, method=method)["shippingMethodCreate"]
    assert payload["userErrors"] == []
    assert payload["shippingMethod"]["pickupLocation"] == {"name": "Store"}
    return store


@pytest.fixture
def mug(store):
    """Five at the first location, two in the store."""
    mug = builders.a_variant("MUG", price="12.50", stock=5)
    builders.stocked(mug, store, 2)
    return mug


def test_buys_without_an_address_what_is_held_where_it_is_collected(execute, store, mug):
    cart = builders.a_cart((mug, 2))

    [option] = group(execute, cart)["deliveryOptions"]

    assert option == {
        "handle": "collect",
        "deliveryMethodType": "PICK_UP",
        "estimatedCost": {"amount": "0.00"},
        "pickupLocation": {"name": "Store", "address": {"city": "San Francisco"}, "readyText": "In two hours."},
    }

    assert select(execute, cart)["cart"]["cost"]["totalAmount"]["amount"] == "25.00"
    payload = execute(COMPLETE, cartId=builders.id_of(cart))["checkoutComplete"]

    assert payload == {
        "order": {
            "shippingAddress": None,
            "deliveryMethod": "Collect",
            "pickupLocation": {"name": "Store", "address": {"city": "San Francisco"}, "readyText": "In two hours."},
        },
        "userErrors": [],
    }
    assert StockHold.objects.values_list("location", "quantity").get() == (store.pk, 2)


def test_sells_no_more_than_lies_there(execute, mug):
    cart = builders.a_cart((mug, 3))
    select(execute, cart)

    payload = execute(COMPLETE, cartId=builders.id_of(cart))["checkoutComplete"]

    assert payload == {
        "order": None,
        "userErrors": [
            {
                "code": "INSUFFICIENT_STOCK",
                "field": ["cartId"],
                "message": "Only 2 of MUG can be collected at this location.",
            }
        ],
    }
    assert not Order.objects.exists()
    assert not StockHold.objects.exists()


def test_an_address_that_was_given_does_not_go_into_the_order(execute, mug):
    cart = builders.a_cart((mug, 1))
    cart.addresses.create(address=builders.ADDRESS.as_json(), is_selected=True)
    select(execute, cart)

    payload = execute(COMPLETE, cartId=builders.id_of(cart))["checkoutComplete"]

    assert payload["order"]["shippingAddress"] is None


def test_is_offered_in_the_country_of_the_location_alone(execute, store, mug):
    cart = builders.a_cart((mug, 1))

    Cart.objects.update(country="DE")
    assert group(execute, cart)["deliveryOptions"] == []

    Cart.objects.update(country="US")
    type(store).objects.filter(pk=store.pk).update(is_active=False)
    assert group(execute, cart)["deliveryOptions"] == []


def test_needs_a_location_with_an_address(execute, sam):
    store = builders.a_location("Store")
    method = {"title": "Collect", "pickupLocationId": builders.id_of(store), "rates": []}

    payload = execute(METHOD_CREATE, as_=sam, method=method)["shippingMethodCreate"]

    assert payload["userErrors"] == [
        {
            "code": "INVALID",
            "field": ["shippingMethod", "pickupLocationId"],
            "message": "Say where this location is first, with locationUpdate.",
        }
    ]
    assert not ShippingMethod.objects.exists()
    assert not ShippingRate.objects.exists()


def select(execute, cart) -> dict:
    choice = {"deliveryGroupId": f"gid://shop/CartDeliveryGroup/{cart.secret}", "deliveryOptionHandle": "collect"}
    payload: dict = execute(SELECT, cartId=builders.id_of(cart), selectedDeliveryOptions=[choice])[
        "cartSelectedDeliveryOptionsUpdate"
    ]
    return payload
