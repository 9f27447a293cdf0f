"""priceChangeSchedule: staff plan prices; when their moment comes, price, offers, facts and history change as one."""

from datetime import timedelta
from decimal import Decimal

import pytest

from catalog import prices
from catalog.models import Offer, Price, PriceChange, ScheduledPriceChange
from schema.nodes import gid
from shop import clock
from tests import builders

SCHEDULE = """
mutation ($at: DateTime!, $changes: [PriceChangeInput!]!, $list: ID, $currency: CurrencyCode) {
  priceChangeSchedule(at: $at, changes: $changes, priceListId: $list, currency: $currency) {
    scheduledPriceChanges { price { amount } compareAtPrice { amount } variant { sku } priceList { title } }
    userErrors { code field message }
  }
}
"""
CANCEL = """
mutation ($id: ID!) {
  scheduledPriceChangeCancel(id: $id) { cancelledPriceChangeId userErrors { code field message } }
}
"""
PLANNED = "{ scheduledPriceChanges(first: 5) { totalCount nodes { id at price { amount } } } }"


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", price="10.00")


@pytest.fixture
def tomorrow():
    return clock.now() + timedelta(days=1)


@pytest.fixture
def plan(execute, sam, mug, tomorrow):
    def send(at=None, list=None, currency=None, **change):
        sent = [{"variantId": builders.id_of(mug), "price": "8", **change}]
        variables = {"at": (at or tomorrow).isoformat(), "changes": sent, "list": list, "currency": currency}
        return execute(SCHEDULE, as_=sam, **variables)["priceChangeSchedule"]

    return send


def test_changes_the_price_when_its_moment_has_come(plan, mug, tomorrow, monkeypatch, assert_verified):
    payload = plan(compareAtPrice="10")
    prices.apply_due()
    before = Price.objects.get().amount

    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    prices.apply_due()
    prices.apply_due()

    assert payload == {
        "scheduledPriceChanges": [
            {
                "price": {"amount": "8.00"},
                "compareAtPrice": {"amount": "10.00"},
                "variant": {"sku": "MUG"},
                "priceList": {"title": "USD"},
            }
        ],
        "userErrors": [],
    }
    assert before == 10
    assert Price.objects.values_list("amount", "compare_at").get() == (Decimal(8), Decimal(10))
    assert Offer.objects.values_list("price_min", "is_on_sale").get() == (Decimal(8), True)
    assert list(PriceChange.objects.order_by("pk").values_list("amount", flat=True)) == [Decimal(10), Decimal(8)]
    assert not ScheduledPriceChange.objects.exists()
    assert_verified()


def test_a_currency_without_prices_gets_its_first(plan, mug, tomorrow, monkeypatch, assert_verified):
    plan(currency="JPY", price="900")

    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    prices.apply_due()

    assert set(Price.objects.values_list("price_list__title", "amount")) == {
        ("USD", Decimal(10)),
        ("JPY", Decimal(900)),
    }
    assert_verified()


@pytest.mark.parametrize(
    ("fields", "code", "field", "message"),
    [
        ({"price": "-1"}, "INVALID", ["changes", "0", "price"], "A price must be zero or more."),
        (
            {"price": "0.5", "currency": "JPY"},
            "INVALID",
            ["changes", "0", "price"],
            "A price in JPY has 0 decimals at the most.",
        ),
        ({"list": gid("PriceList", 5)}, "NOT_FOUND", ["priceListId"], "PriceList not found."),
        (
            {"variantId": gid("ProductVariant", 0)},
            "NOT_FOUND",
            ["changes", "0", "variantId"],
            "ProductVariant not found.",
        ),
    ],
)
def test_refuses_what_cannot_be_priced_so(plan, fields, code, field, message):
    payload = plan(**fields)

    assert payload == {
        "scheduledPriceChanges": None,
        "userErrors": [{"code": code, "field": field, "message": message}],
    }
    assert not ScheduledPriceChange.objects.exists()


def test_refuses_the_past_and_the_same_moment_twice(plan, tomorrow):
    past = plan(at=clock.now() - timedelta(seconds=1))
    plan()
    twice = plan()

    assert past["userErrors"] == [
        {
            "code": "INVALID",
            "field": ["at"],
            "message": "Choose a moment to come; to change prices now, set them.",
        }
    ]
    assert twice["userErrors"][0]["code"] == "PRICE_CHANGE_ALREADY_SCHEDULED"
    assert ScheduledPriceChange.objects.count() == 1


def test_lists_what_is_planned_and_gives_it_up(plan, execute, sam, tomorrow, monkeypatch):
    plan()
    planned = execute(PLANNED, as_=sam)["scheduledPriceChanges"]

    first, again = (
        execute(CANCEL, as_=sam, id=planned["nodes"][0]["id"])["scheduledPriceChangeCancel"] for _ in range(2)
    )

    assert (planned["totalCount"], planned["nodes"][0]["price"]) == (1, {"amount": "8.00"})
    assert first == {"cancelledPriceChangeId": planned["nodes"][0]["id"], "userErrors": []}
    assert again["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"], "message": "ScheduledPriceChange not found."}]
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    prices.apply_due()
    assert Price.objects.get().amount == 10
