"""How a price came about: the steps of each line and of the delivery add up to the total, in carts and in orders."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Price, ProductVariant
from checkout.models import Cart, CartAddress, Order, Promotion, ShippingRate, TaxRate
from tests import builders
from tests.conftest import Execute

EXPLAINED = """
  total { amount currencyCode }
  lines { ...part }
  delivery { ...part }
"""
PART = """
fragment part on PriceExplanation {
  total { amount }
  steps { kind title amount { amount } unitPrice { amount } quantity fromQuantity priceList code rate }
}
"""
CART = f"""
query ($id: ID!) {{
  cart(id: $id) {{ cost {{ totalAmount {{ amount currencyCode }} }} explanation {{ {EXPLAINED} }} }}
}} {PART}
"""
ORDER = f"""
query ($token: String!) {{
  orderStatus(token: $token) {{ totalPrice {{ amount currencyCode }} explanation {{ {EXPLAINED} }} }}
}} {PART}
"""


def of_cart(execute: Execute, cart: Cart) -> dict[str, Any]:
    shown = execute(CART, id=builders.id_of(cart))["cart"]
    assert shown["explanation"]["total"] == shown["cost"]["totalAmount"]
    return dict(shown["explanation"])


def of_order(execute: Execute, order: Order) -> dict[str, Any]:
    shown = execute(ORDER, token=order.status_token)["orderStatus"]
    assert shown["explanation"]["total"] == shown["totalPrice"]
    return dict(shown["explanation"])


def told(part: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(step["kind"], step["title"], step["amount"]["amount"]) for step in part["steps"]]


def ensure_it_adds_up(explanation: dict[str, Any]) -> None:
    """Each part is the sum of its steps, and the whole the sum of its parts."""
    parts = [*explanation["lines"], explanation["delivery"]]
    for part in parts:
        steps = [step["amount"]["amount"] for step in part["steps"] if step["kind"] != "TAX_INCLUDED"]
        assert sum(map(Decimal, steps)) == Decimal(part["total"]["amount"])
    assert sum(Decimal(part["total"]["amount"]) for part in parts) == Decimal(explanation["total"]["amount"])


def everything_changes() -> None:
    """As much later as can be: other prices, no promotion, no tax."""
    Price.objects.update(amount=Decimal(77))
    ShippingRate.objects.update(amount=Decimal(88))
    Promotion.objects.update(title="Forgotten", percentage=Decimal(1))
    ProductVariant.objects.update(title="Renamed")
    TaxRate.objects.all().delete()


def a_full_cart(currency: str, mug: str, mugs: str, tea: str, listed: str, delivery: str) -> Cart:
    """Three mugs for less each, tea by a list, a promotion, a code, and a tax on everything."""
    cup = builders.a_variant("MUG", stock=9, price=mug, currency=currency)
    leaf = builders.a_variant("TEA", stock=9, price=tea, currency=currency)
    builders.a_price(cup, mugs, currency=currency, from_=3)
    builders.a_price_list("Club", prices={leaf: listed}, currency=currency)
    builders.a_promotion("Autumn", percentage="15", currency=currency)
    builders.a_promotion("Welcome", percentage="10", currency=currency, codes=["HELLO"])
    method = builders.a_shipping_method(amount=delivery, currency=currency)
    TaxRate.objects.create(title="VAT", rate="0.0725", country="US")
    codes = [{"code": "hello", "applied": True}]
    return builders.a_ready_cart((cup, 3), (leaf, 1), currency=currency, delivery_method=method, discount_codes=codes)


def test_taxes_on_top(execute: Execute, db: None) -> None:
    cart = a_full_cart("USD", "10.00", "9.33", "5.01", "4.44", "5.00")

    before = of_cart(execute, cart)

    ensure_it_adds_up(before)
    mugs, tea = before["lines"]
    assert told(mugs) == [
        ("PRICE", "Price from 3 units on", "27.99"),
        ("PROMOTION", "Autumn", "-4.19"),
        ("CODE", "Welcome", "-2.38"),
        ("TAX", "VAT", "1.55"),
    ]
    assert told(tea) == [
        ("PRICE", "Price: Club", "4.44"),
        ("PROMOTION", "Autumn", "-0.67"),
        ("CODE", "Welcome", "-0.38"),
        ("TAX", "VAT", "0.25"),
    ]
    assert told(before["delivery"]) == [("PRICE", "Standard", "5.00"), ("TAX", "VAT", "0.36")]
    price, _, code, tax = mugs["steps"]
    assert price == {
        "kind": "PRICE",
        "title": "Price from 3 units on",
        "amount": {"amount": "27.99"},
        "unitPrice": {"amount": "9.33"},
        "quantity": 3,
        "fromQuantity": 3,
        "priceList": None,
        "code": None,
        "rate": None,
    }
    assert (code["code"], tax["rate"], tea["steps"][0]["priceList"]) == ("HELLO", 0.0725, "Club")


def test_taxes_within_prices_add_nothing(execute: Execute, settings: Any, db: None) -> None:
    settings.PRICES_INCLUDE_TAX = True
    cart = a_full_cart("JPY", "1000", "933", "501", "445", "500")

    before = of_cart(execute, cart)

    ensure_it_adds_up(before)
    assert before["total"] == {"amount": "2981", "currencyCode": "JPY"}
    assert [told(part) for part in (*before["lines"], before["delivery"])] == [
        [
            ("PRICE", "Price from 3 units on", "2799"),
            ("PROMOTION", "Autumn", "-420"),
            ("CODE", "Welcome", "-238"),
            ("TAX_INCLUDED", "VAT", "145"),
        ],
        [
            ("PRICE", "Price: Club", "445"),
            ("PROMOTION", "Autumn", "-67"),
            ("CODE", "Welcome", "-38"),
            ("TAX_INCLUDED", "VAT", "23"),
        ],
        [("PRICE", "Standard", "500"), ("TAX_INCLUDED", "VAT", "34")],
    ]


@pytest.mark.parametrize("included", [False, True])
@pytest.mark.parametrize("currency", ["USD", "JPY"])
def test_an_order_tells_for_ever_what_its_cart_told(
    execute: Execute, settings: Any, db: None, currency: str, included: bool
) -> None:
    settings.PRICES_INCLUDE_TAX = included
    cart = a_full_cart(currency, "1000", "933", "501", "445", "500")
    before = of_cart(execute, cart)

    order = builders.completed(cart)
    everything_changes()

    assert of_order(execute, order) == before


def test_a_delivery_that_a_promotion_frees(execute: Execute, db: None) -> None:
    builders.a_promotion("On us", "FREE_SHIPPING")
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=5), 1))

    before = of_cart(execute, cart)

    assert told(before["delivery"]) == [("PRICE", "Standard", "5.00"), ("PROMOTION", "On us", "-5.00")]
    assert of_order(execute, builders.completed(cart)) == before


def test_a_line_that_is_no_longer_sold_costs_nothing_and_nothing_is_sent_without_a_choice(
    execute: Execute, db: None
) -> None:
    cart = builders.a_cart((builders.a_variant("MUG"), 2))
    CartAddress.objects.all().delete()
    Price.objects.all().delete()

    explanation = of_cart(execute, cart)

    assert told(explanation["lines"][0]) == [("PRICE", "Price", "0.00")]
    assert (explanation["delivery"], explanation["total"]["amount"]) == (None, "0.00")


def test_outcomes_are_told_beside_the_steps(execute: Execute, db: None) -> None:
    builders.a_promotion("Big", percentage="10", min_subtotal="22.50")
    cart = builders.a_cart((builders.a_variant("MUG"), 1))
    document = """
      query ($id: ID!) {
        cart(id: $id) {
          promotionOutcomes { title missingAmount { amount } }
          explanation { promotionOutcomes { title missingAmount { amount } } lines { lineId } }
          lines(first: 1) { nodes { id } }
        }
      }
    """

    shown = execute(document, id=builders.id_of(cart))["cart"]

    assert shown["explanation"]["promotionOutcomes"] == shown["promotionOutcomes"]
    assert shown["promotionOutcomes"] == [{"title": "Big", "missingAmount": {"amount": "12.50"}}]
    assert shown["explanation"]["lines"] == [{"lineId": shown["lines"]["nodes"][0]["id"]}]


def test_a_cart_asks_nothing_more_and_orders_one_statement_together(execute: Execute, sam: Any, db: None) -> None:
    mug = builders.a_variant("MUG", stock=99)
    cart = builders.a_cart((mug, 1))
    builders.an_order((mug, 1))

    def cost(document: str, **values: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            execute(document, **values)
        return len(queries)

    carts = "query ($id: ID!) { cart(id: $id) { id %s } }"
    orders = "{ orders(first: 50) { nodes { id %s } } }"
    asked = "explanation { lines { steps { title } } }"
    key = builders.id_of(cart)
    assert cost(carts % asked, id=key) == cost(carts % "", id=key)
    plain, one = cost(orders % "", as_=sam), cost(orders % asked, as_=sam)
    for _ in range(3):
        builders.an_order((mug, 1))
    assert cost(orders % asked, as_=sam) == one == plain + 1
