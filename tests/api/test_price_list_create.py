"""priceListCreate: staff make a list for some shoppers, who see its prices wherever prices are told."""

from datetime import UTC, datetime

import pytest

from accounts.staff import Permission
from catalog import tariffs
from catalog.models import Offer, PriceList
from catalog.models.price import base_of
from tests import builders

CREATE = """
mutation ($priceList: PriceListCreateInput!) {
  priceListCreate(priceList: $priceList) {
    priceList {
      handle title currency isBase countries groups { title } priority startsAt endsAt isActive isCurrent
      prices { totalCount }
    }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def create(execute, sam):
    def send(**fields):
        price_list = {"title": "Germany", "currency": "EUR", **fields}
        return execute(CREATE, as_=sam, priceList=price_list)["priceListCreate"]

    return send


def test_makes_a_list_that_sells_at_the_prices_of_its_base(create, assert_verified):
    mug = builders.a_product(currency="EUR", price="9.00")
    trade = builders.a_group("Trade")

    payload = create(
        title=" Germany ", countries=["DE", "AT", "DE"], groupIds=[builders.id_of(trade)], priority=7, isActive=True
    )

    assert payload == {
        "priceList": {
            "handle": "germany",
            "title": "Germany",
            "currency": "EUR",
            "isBase": False,
            "countries": ["AT", "DE"],
            "groups": [{"title": "Trade"}],
            "priority": 7,
            "startsAt": None,
            "endsAt": None,
            "isActive": True,
            "isCurrent": True,
            "prices": {"totalCount": 0},
        },
        "userErrors": [],
    }
    made = PriceList.objects.get(handle="germany")
    assert made.base_id == base_of("EUR")
    assert made.pk >= 100_000
    assert Offer.objects.get(product=mug, price_list=made).price_min == 9
    assert_verified()


@pytest.mark.parametrize(
    ("fields", "is_current"),
    [
        ({"startsAt": "2099-01-01T00:00:00Z"}, False),
        ({"endsAt": "2020-01-01T00:00:00Z"}, False),
        ({"startsAt": "2020-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z"}, True),
        ({"isActive": False}, False),
    ],
)
def test_is_in_effect_in_its_time(create, fields, is_current):
    assert create(**fields)["priceList"]["isCurrent"] is is_current


@pytest.mark.parametrize(
    ("fields", "code", "field", "message"),
    [
        ({"title": " "}, "INVALID", ["title"], "This must not be empty."),
        ({"handle": "eur"}, "HANDLE_TAKEN", ["handle"], 'The handle "eur" is taken; choose another.'),
        ({"handle": "taken"}, "HANDLE_TAKEN", ["handle"], 'The handle "taken" is taken; choose another.'),
        ({"countries": ["ZZ"]}, "INVALID", ["countries"], "ZZ stands for no country; an empty list covers every one."),
        (
            {"priority": -1},
            "INVALID",
            ["priority"],
            "A priority is a number from 0 to 32767; the lowest comes first.",
        ),
        ({"groupIds": ["gid://shop/CustomerGroup/9"]}, "NOT_FOUND", ["groupIds", "0"], "CustomerGroup not found."),
        (
            {"startsAt": "2027-01-02T00:00:00Z", "endsAt": "2027-01-01T00:00:00Z"},
            "INVALID",
            ["endsAt"],
            "It must end after it starts.",
        ),
    ],
)
def test_refuses_what_makes_no_list(create, fields, code, field, message):
    builders.a_price_list("Taken", ends_at=datetime(2020, 1, 1, tzinfo=UTC))

    payload = create(**fields)

    assert payload == {
        "priceList": None,
        "userErrors": [{"code": code, "field": ["priceList", *field], "message": message}],
    }
    assert list(PriceList.objects.filter(base__isnull=False).values_list("title", flat=True)) == ["Taken"]


def test_is_for_staff_who_keep_the_catalog(request_graphql, alice):
    clerk = builders.a_clerk(Permission.MANAGE_ORDERS)
    for who in (alice, clerk):
        answer = request_graphql(CREATE, as_=who, priceList={"title": "Mine", "currency": "EUR"})
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert not PriceList.objects.filter(base__isnull=False).exists()


@pytest.mark.parametrize("size", [1, 20])
def test_reading_lists_costs_the_same_however_many(execute, sam, size, django_assert_num_queries):
    mug = builders.a_variant()
    for number in range(size):
        group = builders.a_group(f"Group {number}")
        builders.a_price_list(prices={mug: "1.00"}, group_ids=[group.pk])
    query = """{ priceLists(first: 50) { totalCount nodes {
      title groups { title } prices { totalCount nodes { minimumQuantity price { amount } variant { sku } } }
    } } }"""
    execute(query, as_=sam)
    tariffs.remember(tariffs.in_effect(), seconds=600)

    with django_assert_num_queries(10):
        found = execute(query, as_=sam)["priceLists"]

    assert found["totalCount"] == size + 1
