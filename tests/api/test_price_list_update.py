"""priceListUpdate and priceListDelete: for whom and when a list is in effect; beginning and ending at their times."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog import price_lists
from catalog.models import Offer, PriceChange, PriceList
from catalog.models.price import base_of
from schema.nodes import gid
from shop import clock
from tests import builders

UPDATE = """
mutation ($id: ID!, $priceList: PriceListUpdateInput!) {
  priceListUpdate(id: $id, priceList: $priceList) {
    priceList { title countries groups { title } priority isCurrent }
    userErrors { code field message }
  }
}
"""
DELETE = "mutation ($id: ID!) { priceListDelete(id: $id) { deletedPriceListId userErrors { code field message } } }"


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", price="10.00")


@pytest.fixture
def update(execute, sam):
    def send(price_list, **fields):
        return execute(UPDATE, as_=sam, id=builders.id_of(price_list), priceList=fields)["priceListUpdate"]

    return send


def test_changes_what_is_said_and_leaves_the_rest(update, mug):
    trade = builders.a_group("Trade")
    sale = builders.a_price_list("Sale", countries=["DE"], group_ids=[trade.pk])

    kept = update(sale, title="Summer", priority=3)
    emptied = update(sale, countries=None, groupIds=[])

    assert kept["priceList"] == {
        "title": "Summer",
        "countries": ["DE"],
        "groups": [{"title": "Trade"}],
        "priority": 3,
        "isCurrent": True,
    }
    assert emptied["priceList"] == {**kept["priceList"], "countries": [], "groups": []}


def test_begins_and_ends_at_its_times_with_history(mug, monkeypatch, assert_verified):
    now = clock.now()
    times: dict[str, Any] = {"starts_at": now + timedelta(days=1), "ends_at": now + timedelta(days=2)}
    sale = builders.a_price_list("Sale", prices={mug: "8.00"}, **times)
    seen = []
    for days in (0, 1, 1, 2, 2):
        monkeypatch.setattr(clock, "now", lambda days=days: now + timedelta(days=days))
        price_lists.begin_and_end()
        seen.append(PriceList.objects.get(pk=sale.pk).is_current)

    assert seen == [False, True, True, False, False]
    changes = PriceChange.objects.filter(price_list=sale).order_by("pk")
    assert list(changes.values_list("amount", flat=True)) == [Decimal(8), None]
    assert_verified()


def test_refuses_to_change_or_remove_a_base_list(update, execute, sam, mug):
    base = PriceList.objects.get(pk=base_of("USD"))
    refusal = {
        "code": "PRICE_LIST_IS_BASE",
        "field": ["id"],
        "message": "This is the base list of USD, for everybody and always; change its prices, or make another list.",
    }

    assert update(base, title="Mine")["userErrors"] == [refusal]
    assert execute(DELETE, as_=sam, id=builders.id_of(base))["priceListDelete"]["userErrors"] == [refusal]
    assert PriceList.objects.get().title == "USD"


def test_removes_a_list_that_is_not_in_effect(update, execute, sam, mug, assert_verified):
    sale = builders.a_price_list("Sale", prices={mug: "8.00"})
    early = execute(DELETE, as_=sam, id=builders.id_of(sale))["priceListDelete"]
    update(sale, isActive=False)

    gone = execute(DELETE, as_=sam, id=builders.id_of(sale))["priceListDelete"]
    again = execute(DELETE, as_=sam, id=builders.id_of(sale))["priceListDelete"]

    assert early["userErrors"] == [
        {
            "code": "PRICE_LIST_IN_EFFECT",
            "field": ["id"],
            "message": "Shoppers see these prices now; make the list inactive first.",
        }
    ]
    assert gone == {"deletedPriceListId": builders.id_of(sale), "userErrors": []}
    assert again["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"], "message": "PriceList not found."}]
    assert (PriceList.objects.count(), Offer.objects.count()) == (1, 1)
    assert_verified()


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"endsAt": "2019-01-01T00:00:00Z"}, ["endsAt"], "It must end after it starts."),
        ({"groupIds": [gid("CustomerGroup", 0)]}, ["groupIds", "0"], "CustomerGroup not found."),
        ({"title": None}, ["title"], "This must not be empty."),
    ],
)
def test_refuses_what_makes_no_sense_and_changes_nothing(update, mug, fields, field, message):
    sale = builders.a_price_list("Sale", starts_at=clock.now() - timedelta(days=1))

    payload = update(sale, priority=1, **fields)

    assert payload["priceList"] is None
    assert [(one["field"], one["message"]) for one in payload["userErrors"]] == [(["priceList", *field], message)]
    assert PriceList.objects.get(pk=sale.pk).priority == 100
