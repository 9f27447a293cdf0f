"""shippingMethodCreate, shippingMethodUpdate, shippingMethodDelete: ways to deliver and what they cost."""

from decimal import Decimal

import pytest

from checkout.models import ShippingMethod, ShippingRate, ShippingZone
from tests import builders
from tests.api.cart_documents import group

METHOD = """
handle title description readyText basis position isActive zone { title } pickupLocation { name }
rates { currency amount { amount } freeFrom { amount } steps { minimum amount { amount } } maximum }
"""
CREATE = f"""
mutation ($method: ShippingMethodCreateInput!) {{
  shippingMethodCreate(shippingMethod: $method) {{
    shippingMethod {{ {METHOD} }} userErrors {{ code field message }}
  }}
}}
"""
UPDATE = f"""
mutation ($id: ID!, $method: ShippingMethodUpdateInput!) {{
  shippingMethodUpdate(id: $id, shippingMethod: $method) {{
    shippingMethod {{ {METHOD} }} userErrors {{ code field message }}
  }}
}}
"""
DELETE = """
mutation ($id: ID!) {
  shippingMethodDelete(id: $id) { deletedShippingMethodId userErrors { code field message } }
}
"""
FLAT = {"currency": "USD", "amount": "5.00"}


@pytest.fixture
def zone(db):
    return ShippingZone.objects.create(title="Everywhere")


@pytest.fixture
def cart(db):
    """Three mugs of 400 g at 12.50."""
    mug = builders.a_variant("MUG", price="12.50", stock=9)
    type(mug).objects.update(weight_grams=400)
    return builders.a_ready_cart((mug, 3), delivery_method=builders.a_shipping_method("Unchosen"))


def test_makes_a_method_with_a_table_of_weights(execute, sam, zone):
    rate = {
        **FLAT,
        "freeFrom": "99.00",
        "steps": [{"minimum": "1000", "amount": "7.50"}, {"minimum": "5000", "amount": "12"}],
        "maximum": "30000",
    }

    payload = create(execute, sam, zone, rates=[rate], basis="WEIGHT", description="By van.", position=3)

    assert payload == {
        "shippingMethod": {
            "handle": "parcel-post",
            "title": "Parcel post",
            "description": "By van.",
            "readyText": None,
            "basis": "WEIGHT",
            "position": 3,
            "isActive": True,
            "zone": {"title": "Everywhere"},
            "pickupLocation": None,
            "rates": [
                {
                    "currency": "USD",
                    "amount": {"amount": "5.00"},
                    "freeFrom": {"amount": "99.00"},
                    "steps": [
                        {"minimum": 1000.0, "amount": {"amount": "7.50"}},
                        {"minimum": 5000.0, "amount": {"amount": "12.00"}},
                    ],
                    "maximum": 30000.0,
                }
            ],
        },
        "userErrors": [],
    }


@pytest.mark.parametrize(
    ("basis", "minimum", "price"),
    [
        ("WEIGHT", "1200", "9.00"),
        ("WEIGHT", "1201", "5.00"),
        ("PRICE", "37.50", "9.00"),
        ("PRICE", "37.51", "5.00"),
        ("ITEMS", "3", "9.00"),
        ("ITEMS", "4", "5.00"),
    ],
)
def test_a_step_holds_from_its_beginning_on(execute, sam, zone, cart, basis, minimum, price):
    create(execute, sam, zone, basis=basis, rates=[{**FLAT, "steps": [{"minimum": minimum, "amount": "9.00"}]}])

    options = {one["handle"]: one["estimatedCost"]["amount"] for one in group(execute, cart)["deliveryOptions"]}

    assert options == {"unchosen": "5.00", "parcel-post": price}


@pytest.mark.parametrize(
    ("basis", "maximum", "message"),
    [
        ("WEIGHT", "1199", "Parcel post carries 1199 g at the most."),
        ("PRICE", "37.49", "Parcel post carries 37.49 USD at the most."),
        ("ITEMS", "2", "Parcel post carries 2 units at the most."),
    ],
)
def test_says_why_a_method_is_not_offered(execute, sam, zone, cart, basis, maximum, message):
    create(execute, sam, zone, basis=basis, rates=[{**FLAT, "maximum": maximum}])

    found = group(execute, cart)

    assert [option["handle"] for option in found["deliveryOptions"]] == ["unchosen"]
    assert found["unavailableDeliveryOptions"] == [
        {"handle": "parcel-post", "title": "Parcel post", "reason": "TOO_MUCH", "message": message}
    ]


def test_offers_an_estimate_before_there_is_an_address(execute, cart):
    builders.a_shipping_method("Domestic", countries=("US",))
    cart.addresses.all().delete()

    found = group(execute, cart)

    assert (found["isEstimate"], len(found["deliveryOptions"])) == (True, 2)
    type(cart).objects.update(country="DE")
    assert [option["handle"] for option in group(execute, cart)["deliveryOptions"]] == ["unchosen"]


@pytest.mark.parametrize(
    ("sent", "code", "field", "message"),
    [
        ({"rates": []}, "INVALID", ["rates"], "Say what it costs, in one currency at least."),
        ({"rates": [FLAT, FLAT]}, "INVALID", ["rates", "1", "currency"], "There is one rate for each currency."),
        ({"rates": [{**FLAT, "amount": "-1"}]}, "INVALID", ["rates", "0", "amount"], "A price must be zero or more."),
        (
            {"rates": [{**FLAT, "maximum": "5"}]},
            "INVALID",
            ["rates", "0", "maximum"],
            "A flat rate depends on nothing; say by what it grows with `basis`.",
        ),
        (
            {"basis": "ITEMS", "rates": [{**FLAT, "maximum": "1.5"}]},
            "INVALID",
            ["rates", "0", "maximum"],
            "This is a whole number of grams or units, from 1 to 1000000000.",
        ),
        (
            {"basis": "PRICE", "rates": [{**FLAT, "steps": [{"minimum": "9", "amount": "1"}] * 2}]},
            "INVALID",
            ["rates", "0", "steps", "1", "minimum"],
            "Each step begins above the one before it, and the first above 0.",
        ),
        ({"handle": "unchosen"}, "HANDLE_TAKEN", ["handle"], 'The handle "unchosen" is taken; choose another.'),
        ({"handle": "Über"}, "INVALID", ["handle"], None),
        ({"position": -1}, "INVALID", ["position"], "A position is a number from 0 to 32767; the lowest comes first."),
        (
            {"zoneId": None},
            "INVALID",
            ["zoneId"],
            "Name either the zone it goes to or the location of a pick-up.",
        ),
        ({"zoneId": "gid://shop/ShippingZone/999999999"}, "NOT_FOUND", ["zoneId"], "ShippingZone not found."),
    ],
)
def test_refuses_what_is_no_method(execute, sam, zone, sent, code, field, message):
    builders.a_shipping_method("Unchosen")

    payload = create(execute, sam, zone, **sent)

    [error] = payload["userErrors"]
    assert (error["code"], error["field"]) == (code, ["shippingMethod", *field])
    assert message in (None, error["message"])
    assert ShippingMethod.objects.count() == 1


def test_changes_a_method(execute, sam, zone):
    method = builders.a_shipping_method("Standard", amount="5.00")
    changes = {
        "title": "By weight",
        "zoneId": builders.id_of(zone),
        "basis": "WEIGHT",
        "rates": [{"currency": "EUR", "amount": "6"}],
    }

    payload = execute(UPDATE, as_=sam, id=builders.id_of(method), method=changes)["shippingMethodUpdate"]

    assert payload["userErrors"] == []
    found = payload["shippingMethod"]
    assert (found["title"], found["handle"], found["zone"]["title"]) == ("By weight", "standard", "Everywhere")
    assert list(ShippingRate.objects.values_list("currency", "amount")) == [("EUR", Decimal(6))]

    payload = execute(UPDATE, as_=sam, id=builders.id_of(method), method={"basis": None})["shippingMethodUpdate"]

    assert payload["userErrors"] == [
        {"code": "INVALID", "field": ["shippingMethod", "rates"], "message": "Say what it costs by the new basis."}
    ]
    method.refresh_from_db()
    assert method.basis == "WEIGHT"


def test_deletes_a_method_and_frees_the_carts_that_chose_it(execute, sam, cart):
    id = builders.id_of(cart.delivery_method)

    payload = execute(DELETE, as_=sam, id=id)["shippingMethodDelete"]

    assert payload == {"deletedShippingMethodId": id, "userErrors": []}
    cart.refresh_from_db()
    assert cart.delivery_method is None
    assert not ShippingRate.objects.exists()


def create(execute, sam, zone, **fields) -> dict:
    method = {"title": "Parcel post", "zoneId": builders.id_of(zone), "rates": [FLAT], "position": 999, **fields}
    payload: dict = execute(CREATE, as_=sam, method=method)["shippingMethodCreate"]
    return payload
