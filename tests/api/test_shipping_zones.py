"""shippingZones, shippingZoneCreate, shippingZoneUpdate, shippingZoneDelete: where methods of delivery go."""

import pytest

from accounts.staff import Permission
from checkout.models import ShippingMethod, ShippingZone
from tests import builders
from tests.api.cart_documents import offered

ZONE = "title countries provinces postcodes { first last } isRest methods { handle }"
CREATE = f"""
mutation ($zone: ShippingZoneCreateInput!) {{
  shippingZoneCreate(shippingZone: $zone) {{ shippingZone {{ {ZONE} }} userErrors {{ code field message }} }}
}}
"""
UPDATE = f"""
mutation ($id: ID!, $zone: ShippingZoneUpdateInput!) {{
  shippingZoneUpdate(id: $id, shippingZone: $zone) {{ shippingZone {{ {ZONE} }} userErrors {{ code field message }} }}
}}
"""
DELETE = """
mutation ($id: ID!) {
  shippingZoneDelete(id: $id) { deletedShippingZoneId userErrors { code field message } }
}
"""
LIST = """
{ shippingZones { totalCount nodes {
  title methods { handle zone { title } rates { amount { amount } } pickupLocation { name } }
} } }
"""


def test_makes_and_changes_a_zone(execute, sam):
    sent = {
        "title": " The Alps ",
        "countries": ["DE"],
        "provinces": ["de-by"],
        "postcodes": [{"first": "80", "last": "86"}],
    }

    payload = execute(CREATE, as_=sam, zone=sent)["shippingZoneCreate"]

    made = ShippingZone.objects.get()
    assert payload == {
        "shippingZone": {
            "title": "The Alps",
            "countries": ["DE"],
            "provinces": ["DE-BY"],
            "postcodes": [{"first": "80", "last": "86"}],
            "isRest": False,
            "methods": [],
        },
        "userErrors": [],
    }

    changes: dict[str, object] = {"countries": None, "provinces": None, "postcodes": [], "isRest": True}
    payload = execute(UPDATE, as_=sam, id=builders.id_of(made), zone=changes)["shippingZoneUpdate"]

    assert payload["shippingZone"] == {
        "title": "The Alps",
        "countries": [],
        "provinces": [],
        "postcodes": [],
        "isRest": True,
        "methods": [],
    }


@pytest.mark.parametrize(
    ("sent", "field", "message"),
    [
        ({"title": " "}, ["title"], "This must not be empty."),
        ({"countries": ["ZZ"]}, ["countries"], "ZZ stands for no country; an empty list covers every one."),
        (
            {"countries": ["US"], "provinces": ["US-CA", "CA"]},
            ["provinces", "1"],
            'Write a province with its country, such as "US-CA".',
        ),
        (
            {"countries": ["US", "CA"], "provinces": ["US-CA"]},
            ["provinces"],
            "Name provinces of every country of the zone, and of no other.",
        ),
        (
            {"postcodes": [{"first": "1", "last": "2"}]},
            ["postcodes"],
            "Only a zone within one country can have postcodes.",
        ),
        (
            {"countries": ["DE"], "postcodes": [{"first": "1", "last": "-"}]},
            ["postcodes", "0"],
            "A postcode, or its beginning, has 1 to 20 letters and digits.",
        ),
        (
            {"countries": ["DE"], "postcodes": [{"first": "86", "last": "80"}]},
            ["postcodes", "0"],
            "The last postcode comes before the first.",
        ),
    ],
)
def test_refuses_what_is_no_zone(execute, sam, sent, field, message):
    payload = execute(CREATE, as_=sam, zone={"title": "Zone", **sent})["shippingZoneCreate"]

    assert payload == {
        "shippingZone": None,
        "userErrors": [{"code": "INVALID", "field": ["shippingZone", *field], "message": message}],
    }
    assert not ShippingZone.objects.exists()


def test_deletes_a_zone_to_which_nothing_goes(execute, sam):
    method = builders.a_shipping_method("Standard")
    zone = method.zone
    id = builders.id_of(zone)

    payload = execute(DELETE, as_=sam, id=id)["shippingZoneDelete"]

    assert payload == {
        "deletedShippingZoneId": None,
        "userErrors": [
            {
                "code": "SHIPPING_ZONE_IN_USE",
                "field": ["id"],
                "message": "Shipping methods go to Standard; delete them, or have them go elsewhere, first.",
            }
        ],
    }
    ShippingMethod.objects.all().delete()
    assert execute(DELETE, as_=sam, id=id)["shippingZoneDelete"] == {"deletedShippingZoneId": id, "userErrors": []}
    assert execute(DELETE, as_=sam, id=id)["shippingZoneDelete"]["userErrors"][0]["code"] == "NOT_FOUND"


def test_a_zone_covers_its_provinces_and_postcodes_alone(execute):
    cart = builders.a_ready_cart((builders.a_variant("MUG"), 1), delivery_method=None)
    everywhere = ShippingMethod.objects.get()
    within(provinces=["US-CA"], title="California")
    within(provinces=["US-NV"], title="Nevada")
    within(postcodes=[["94", "94"]], title="Bay")
    within(postcodes=[["93", "9404"]], title="Upto")
    within(postcodes=[["94044", "99"]], title="From")
    within(countries=["DE"], title="Germany")

    assert offered(execute, cart) == [everywhere.handle, "california", "bay", "upto"]

    cart.addresses.update(address=builders.ADDRESS.as_json() | {"zip": ""})
    assert offered(execute, cart) == [everywhere.handle, "california", "bay", "upto", "from"]


def test_the_rest_of_the_world_is_where_no_other_zone_has_a_way_to_deliver(execute):
    cart = builders.a_ready_cart((builders.a_variant("MUG"), 1), delivery_method=None)
    ShippingMethod.objects.update(is_active=False)
    domestic = within(countries=["US"], title="Domestic")
    within(countries=[], title="Abroad", is_rest=True)

    assert offered(execute, cart) == ["domestic"]

    cart.addresses.update(address=builders.ADDRESS.as_json() | {"country_code": "NZ", "province_code": ""})
    assert offered(execute, cart) == ["abroad"]

    cart.addresses.update(address=builders.ADDRESS.as_json())
    ShippingMethod.objects.filter(pk=domestic.pk).update(is_active=False)
    assert offered(execute, cart) == ["abroad"]


@pytest.mark.parametrize("size", [1, 20])
def test_lists_zones_in_as_many_queries_however_many(execute, sam, size, django_assert_num_queries):
    for number in range(size):
        builders.a_shipping_method(f"Way-{number}")

    with django_assert_num_queries(7):
        found = execute(LIST, as_=sam)["shippingZones"]

    assert found["totalCount"] == size
    assert found["nodes"][0] == {
        "title": "Way-0",
        "methods": [
            {
                "handle": "way-0",
                "zone": {"title": "Way-0"},
                "rates": [{"amount": {"amount": "5.00"}}],
                "pickupLocation": None,
            }
        ],
    }


@pytest.mark.parametrize("document", ["{ shippingZones { totalCount } }", "{ shippingMethods { totalCount } }"])
def test_is_for_staff_who_manage_the_catalog(request_graphql, document):
    clerk = builders.a_clerk(Permission.MANAGE_ORDERS)

    answer = request_graphql(document, as_=clerk)

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def within(*, title: str, is_rest: bool = False, **where: list) -> ShippingMethod:
    """A method that goes to this part of the United States, where nothing else is said."""
    method = builders.a_shipping_method(title)
    zone = {"countries": ["US"], "provinces": [], "postcodes": [], "is_rest": is_rest, **where}
    ShippingZone.objects.filter(methods=method).update(**zone)
    return method
