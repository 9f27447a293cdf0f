"""locationDeactivate and locationActivate: what lies there is not for sale, and is again."""

import pytest
from django.db import transaction

from catalog import stock
from catalog.models import StockLevel, StockLocation
from tests import builders

CHANGE = """
mutation ($id: ID!) {
  %s(id: $id) { location { isActive } userErrors { code field message } }
}
"""
SEEN = """
{
  product(handle: "mug") { availableForSale variants { nodes { quantityAvailable } } }
  category(handle: "mugs") { facts { inStockCount } }
}
"""


@pytest.fixture
def change(execute, sam):
    def send(name, location):
        id_ = location if isinstance(location, str) else builders.id_of(location)
        return execute(CHANGE % name, as_=sam, id=id_)[name]

    return send


@pytest.fixture
def seen(execute):
    """Whether the mug is for sale, how many are, and how many products of its category are in stock."""

    def look():
        answer = execute(SEEN)
        [variant] = answer["product"]["variants"]["nodes"]
        return (
            answer["product"]["availableForSale"],
            variant["quantityAvailable"],
            answer["category"]["facts"]["inStockCount"],
        )

    return look


def test_takes_goods_off_sale_and_brings_them_back(change, seen, assert_verified):
    berlin = builders.a_location("Berlin")
    mug = builders.a_product("Mug", category=builders.a_category("Mugs"), stock_=0).variants.get()
    builders.stocked(mug, berlin, 3)
    looks = [seen()]

    answers = []
    for name in ("locationDeactivate", "locationActivate", "locationActivate"):
        answers.append(change(name, berlin))
        looks.append(seen())
        assert_verified()

    assert [answer["location"] for answer in answers] == [{"isActive": False}, {"isActive": True}, {"isActive": True}]
    assert looks == [(True, 3, 1), (False, 0, 0), (True, 3, 1), (True, 3, 1)]


def test_still_sends_what_orders_hold_there(change, assert_verified):
    berlin, mug = builders.a_location("Berlin"), builders.a_variant("MUG", stock=0)
    builders.stocked(mug, berlin, 3)
    with transaction.atomic():
        stock.hold({mug.pk: 2}, reference="order", expires_at=None)

    change("locationDeactivate", berlin)
    with transaction.atomic():
        stock.ship("order", {mug.pk: 2})

    assert StockLevel.objects.filter(location=berlin).values_list("on_hand", "reserved").get() == (1, 0)
    assert_verified()


def test_keeps_the_default_location_active(change):
    main = stock.default_location()

    payload = change("locationDeactivate", main)

    message = (
        "Main warehouse is where goods go when no location is named; it must stay active. Give it a high priority "
        "number to have orders take from it last."
    )
    error = {"code": "LOCATION_IS_DEFAULT", "field": ["id"], "message": message}
    assert payload == {"location": None, "userErrors": [error]}
    assert StockLocation.objects.get().is_active


@pytest.mark.parametrize("name", ["locationActivate", "locationDeactivate"])
def test_refuses_a_location_that_is_not_there(change, name):
    payload = change(name, "gid://shop/Location/404")

    error = {"code": "NOT_FOUND", "field": ["id"], "message": "Location not found."}
    assert payload == {"location": None, "userErrors": [error]}
