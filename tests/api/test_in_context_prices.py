"""@inContext and price lists: a shopper sees one list, in every price, range, filter, order and fact."""

from typing import Any

import pytest

from catalog import facts, price_lists, tariffs
from tests import builders

PAGE = """
query ($handle: String!, $country: CountryCode) @inContext(country: $country) {
  localization { country { isoCode currency { isoCode } } }
  category(handle: $handle) {
    facts { productCount onSaleCount priceMin { amount currencyCode } priceMax { amount } histogram { productCount } }
    products(first: 5, sortKey: PRICE, filters: [{price: {max: 9}}]) {
      totalCount
      nodes {
        title
        priceRange { minVariantPrice { amount currencyCode } maxVariantPrice { amount } }
        variants(first: 5) { nodes {
          price { amount } compareAtPrice { amount } quantityPriceBreaks(first: 2) { nodes {
            minimumQuantity price { amount currencyCode }
          } }
        } }
      }
    }
  }
}
"""


@pytest.fixture
def shelf(db):
    home = builders.a_category("Home")
    mug = builders.a_product("Mug", category=home, currency="EUR", price="8.00")
    pot = builders.a_product("Pot", category=home, currency="EUR", price="30.00", compare_at="40.00", variants=2)
    builders.a_price(mug.variants.get(), "9.50")
    facts.refresh([mug.pk])
    german = builders.a_price_list(
        "Germany", currency="EUR", countries=["DE"], prices={pot.variants.earliest("pk"): "7.00"}
    )
    return {"home": home, "mug": mug, "pot": pot, "german": german}


def seen(execute, shelf, country=None, as_=None):
    found = execute(PAGE, as_=as_, handle=shelf["home"].handle, country=country)
    products = found["category"]["products"]
    return {
        "currency": found["localization"]["country"]["currency"]["isoCode"],
        "facts": found["category"]["facts"],
        "products": [
            (node["title"], *(node["priceRange"][end]["amount"] for end in ("minVariantPrice", "maxVariantPrice")))
            for node in products["nodes"]
        ],
        "variants": [[v["price"]["amount"] for v in node["variants"]["nodes"]] for node in products["nodes"]],
        "count": products["totalCount"],
    }


def test_a_country_sees_its_own_list_in_everything(execute, shelf, assert_verified):
    assert seen(execute, shelf, "DE") == {
        "currency": "EUR",
        "facts": {
            "productCount": 2,
            "onSaleCount": 1,
            "priceMin": {"amount": "7.00", "currencyCode": "EUR"},
            "priceMax": {"amount": "8.00"},
            "histogram": [{"productCount": 1}, {"productCount": 1}],
        },
        "products": [("Pot", "7.00", "30.00"), ("Mug", "8.00", "8.00")],
        "variants": [["7.00", "30.00"], ["8.00"]],
        "count": 2,
    }
    assert_verified()


def test_others_see_the_base_list_of_the_shop_and_only_what_is_sold_in_its_currency(execute, shelf):
    found = seen(execute, shelf, "FR")

    assert (found["currency"], found["facts"]["productCount"], found["count"]) == ("USD", 1, 0)


def test_the_lowest_priority_number_wins_and_groups_see_their_own(execute, shelf, alice, bob):
    trade = builders.a_group("Trade", alice)
    mug = shelf["mug"].variants.get()
    own: dict[str, Any] = {"currency": "EUR", "countries": ["DE"]}
    builders.a_price_list("Trade", prices={mug: "6.00"}, priority=5, group_ids=[trade.pk], **own)
    builders.a_price_list("Last", prices={mug: "1.00"}, priority=200, **own)

    assert seen(execute, shelf, "DE", as_=alice)["products"][0] == ("Mug", "6.00", "6.00")
    assert seen(execute, shelf, "DE", as_=bob)["products"][0] == ("Pot", "7.00", "30.00")
    assert seen(execute, shelf, "DE")["products"][0] == ("Pot", "7.00", "30.00")
    assert seen(execute, shelf, "FR", as_=alice)["currency"] == "USD"


def test_a_list_that_ends_is_seen_no_more(execute, shelf, assert_verified):
    price_lists.update(price_list_id=shelf["german"].pk, price_list={"is_active": False})

    assert seen(execute, shelf, "DE")["currency"] == "USD"
    assert_verified()


@pytest.mark.parametrize("country", ["DE", "US"])
def test_a_page_costs_the_same_queries_by_any_list(execute, shelf, country, django_assert_num_queries):
    tariffs.remember(tariffs.in_effect(), seconds=600)
    seen(execute, shelf, country)

    with django_assert_num_queries(7 if country == "DE" else 5):
        seen(execute, shelf, country)
