"""locations, ProductVariant.inventoryLevels and where orders take goods from."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.staff import Permission
from catalog import stock
from catalog.models import StockHold
from checkout import checkouts
from checkout.checkouts import PaymentWish
from shop.errors import Refusal
from tests import builders

LOCATIONS = "{ locations { totalCount nodes { code isDefault isActive } } }"
LEVELS = """
query ($id: ID!) {
  node(id: $id) { ... on ProductVariant {
    quantityAvailable
    inventoryLevels { onHand reserved available location { code } }
  } }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { id ... on Location { name } } }"


def holds():
    return list(StockHold.objects.order_by("location__priority").values_list("location__code", "quantity"))


def test_lists_all_of_them_by_priority(execute, sam):
    builders.a_location("Berlin", priority=7)
    builders.a_location("Closed", priority=3, is_active=False)
    stock.default_location()

    assert execute(LOCATIONS, as_=sam)["locations"] == {
        "totalCount": 3,
        "nodes": [
            {"code": "main", "isDefault": True, "isActive": True},
            {"code": "closed", "isDefault": False, "isActive": False},
            {"code": "berlin", "isDefault": False, "isActive": True},
        ],
    }


@pytest.mark.parametrize("document", [LOCATIONS, "{ inventoryMovements { nodes { id } } }"])
def test_shows_them_to_nobody_else(request_graphql, alice, document):
    clerk = builders.a_clerk(Permission.MANAGE_CATALOG)

    codes = [request_graphql(document, as_=user)["errors"][0]["extensions"]["code"] for user in (None, alice, clerk)]

    assert codes == ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN"]


def test_can_be_read_again_by_staff_who_manage_the_inventory(execute, sam, alice):
    id_ = builders.id_of(builders.a_location("Berlin"))

    assert execute(NODE, as_=sam, id=id_)["node"] == {"id": id_, "name": "Berlin"}
    assert execute(NODE, as_=alice, id=id_)["node"] is None


def test_tells_what_lies_where(execute, sam):
    mug = builders.a_variant("MUG", stock=2)
    builders.stocked(mug, builders.a_location("Berlin"), 3)
    builders.stocked(mug, builders.a_location("Closed", is_active=False), 4)
    builders.an_order((mug, 3))

    assert execute(LEVELS, as_=sam, id=builders.id_of(mug))["node"] == {
        "quantityAvailable": 2,
        "inventoryLevels": [
            {"onHand": 2, "reserved": 2, "available": 0, "location": {"code": "main"}},
            {"onHand": 3, "reserved": 1, "available": 2, "location": {"code": "berlin"}},
            {"onHand": 4, "reserved": 0, "available": 0, "location": {"code": "closed"}},
        ],
    }


@pytest.mark.parametrize(
    ("main", "berlin", "taken"),
    [
        ([], [], [("main", 2), ("berlin", 1)]),
        (["DE"], ["US"], [("berlin", 3)]),
        (["CA", "US"], [], [("main", 2), ("berlin", 1)]),
    ],
)
def test_orders_take_from_what_covers_their_country(db, main, berlin, taken, assert_verified):
    mug = builders.a_variant("MUG", stock=2)
    place = stock.default_location()
    place.countries = main
    place.save()
    builders.stocked(mug, builders.a_location("Berlin", countries=berlin), 5)

    builders.an_order((mug, 3))

    assert holds() == taken
    assert_verified()


def test_an_order_is_refused_what_cannot_be_sent_to_its_country(db, assert_verified):
    mug = builders.a_variant("MUG", stock=1)
    builders.stocked(mug, builders.a_location("Berlin", countries=["DE", "AT"]), 5)
    cart = builders.a_ready_cart((mug, 2))

    with pytest.raises(Refusal) as refused:
        checkouts.complete(cart.secret, PaymentWish("test", ""))

    assert (refused.value.code, refused.value.message) == ("INSUFFICIENT_STOCK", "Only 1 of MUG can be sent to US.")
    assert holds() == []
    assert_verified()


def test_costs_the_same_however_many_locations(execute, sam):
    def cost_of(size):
        for number in range(size):
            builders.a_location(f"Place {size} {number}")
        with CaptureQueriesContext(connection) as queries:
            execute(LOCATIONS, as_=sam)
        return len(queries)

    assert cost_of(1) == cost_of(20)
