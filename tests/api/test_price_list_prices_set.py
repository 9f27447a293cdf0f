"""priceListPricesSet and priceListPricesRemove: staff say what variants cost by a list, and from how many on."""

from decimal import Decimal

import pytest

from catalog.models import Offer, Price, PriceChange
from catalog.models.price import base_of
from schema.nodes import gid
from tests import builders

SET = """
mutation ($id: ID!, $prices: [PriceListPriceInput!]!) {
  priceListPricesSet(priceListId: $id, prices: $prices) {
    priceList { prices { nodes { minimumQuantity price { amount currencyCode } compareAtPrice { amount } } } }
    userErrors { code field message }
  }
}
"""
REMOVE = """
mutation ($id: ID!, $variants: [ID!]!, $quantity: Int) {
  priceListPricesRemove(priceListId: $id, variantIds: $variants, minimumQuantity: $quantity) {
    priceList { prices { nodes { minimumQuantity } } }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", price="10.00")


@pytest.fixture
def sale(mug):
    return builders.a_price_list("Sale")


@pytest.fixture
def put(execute, sam, sale, mug):
    def send(*prices, to=None):
        sent = [{"variantId": builders.id_of(mug), **price} for price in prices]
        return execute(SET, as_=sam, id=builders.id_of(to or sale), prices=sent)["priceListPricesSet"]

    return send


def test_sets_prices_of_one_and_of_many(put, sale, mug, assert_verified):
    payload = put({"price": "8", "compareAtPrice": "10.00"}, {"price": "7.5", "minimumQuantity": 10})

    assert payload == {
        "priceList": {
            "prices": {
                "nodes": [
                    {
                        "minimumQuantity": 1,
                        "price": {"amount": "8.00", "currencyCode": "USD"},
                        "compareAtPrice": {"amount": "10.00"},
                    },
                    {
                        "minimumQuantity": 10,
                        "price": {"amount": "7.50", "currencyCode": "USD"},
                        "compareAtPrice": None,
                    },
                ]
            }
        },
        "userErrors": [],
    }
    offers = dict(Offer.objects.values_list("price_list__title", "price_min"))
    assert offers == {"USD": Decimal(10), "Sale": Decimal(8)}
    assert_verified()


def test_setting_again_changes_what_is_there_and_keeps_history(put, sale, mug):
    put({"price": "8"})
    put({"price": "6"})
    put({"price": "6"})

    assert Price.objects.get(price_list=sale).amount == 6
    changes = PriceChange.objects.filter(price_list=sale).order_by("pk")
    assert list(changes.values_list("amount", flat=True)) == [Decimal(8), Decimal(6)]


@pytest.mark.parametrize(
    ("price", "code", "field", "message"),
    [
        ({"price": "-1"}, "INVALID", "price", "A price must be zero or more."),
        ({"price": "1.005"}, "INVALID", "price", "A price in USD has 2 decimals at the most."),
        ({"price": "1", "compareAtPrice": "-1"}, "INVALID", "compareAtPrice", "A price must be zero or more."),
        ({"price": "1", "currency": "EUR"}, "INVALID", "currency", "The list is in USD; give its prices in that."),
        (
            {"price": "1", "minimumQuantity": 0},
            "INVALID",
            "minimumQuantity",
            "A quantity is a number from 1 to 1000000000.",
        ),
        (
            {"price": "1", "minimumQuantity": 5},
            "NOT_PRICED_BY_LIST",
            "minimumQuantity",
            "The list needs a price from a quantity of 1 first; give it too.",
        ),
        ({"price": "1", "variantId": gid("ProductVariant", 0)}, "NOT_FOUND", "variantId", "ProductVariant not found."),
    ],
)
def test_refuses_a_price_the_list_cannot_have(put, sale, price, code, field, message):
    payload = put(price)

    assert payload == {
        "priceList": None,
        "userErrors": [{"code": code, "field": ["prices", "0", field], "message": message}],
    }
    assert not Price.objects.filter(price_list=sale).exists()


def test_removes_a_price_and_sells_at_that_of_the_base_again(put, execute, sam, sale, mug, assert_verified):
    put({"price": "8"}, {"price": "7", "minimumQuantity": 10})
    ids = {"id": builders.id_of(sale), "variants": [builders.id_of(mug)]}

    one = execute(REMOVE, as_=sam, quantity=10, **ids)["priceListPricesRemove"]
    rest = execute(REMOVE, as_=sam, **ids)["priceListPricesRemove"]
    again = execute(REMOVE, as_=sam, **ids)["priceListPricesRemove"]

    assert one == {"priceList": {"prices": {"nodes": [{"minimumQuantity": 1}]}}, "userErrors": []}
    assert rest == {"priceList": {"prices": {"nodes": []}}, "userErrors": []}
    assert again["userErrors"] == [
        {"code": "INVALID", "field": ["variantIds", "0"], "message": "The list has no such price of this variant."}
    ]
    assert Offer.objects.get(price_list=sale).price_min == 10
    assert_verified()


def test_what_a_base_list_prices_no_more_is_not_sold(execute, sam, mug, assert_verified):
    base = gid("PriceList", base_of("USD"))

    payload = execute(REMOVE, as_=sam, id=base, variants=[builders.id_of(mug)])["priceListPricesRemove"]

    assert payload["userErrors"] == []
    shown = execute("query ($handle: String) { product(handle: $handle) { id } }", handle=mug.product.handle)
    assert shown == {"product": None}
    assert not Offer.objects.exists()
    assert_verified()
