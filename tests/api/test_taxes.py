"""Taxes on carts and orders: by place and class, on top of prices or within them, and none for exempt businesses."""

from typing import Any

import pytest

from accounts.models import User
from accounts.staff import Permission
from catalog.models import Category, TaxClass
from checkout.models import Cart, Order, TaxRate
from schema.nodes import gid
from tests import builders
from tests.conftest import Execute

CART = """
query ($id: ID!) {
  cart(id: $id) {
    cost { subtotalAmount { amount } totalTaxAmount { amount } totalAmount { amount } taxesIncluded }
    lines(first: 9) { nodes { cost { totalAmount { amount } } taxLines { title rate price { amount } } } }
    deliveryGroups(first: 1) { nodes { selectedDeliveryOption { taxLines { title price { amount } } } } }
  }
}
"""
COMPLETE = """
mutation ($cart: ID!) {
  checkoutComplete(cartId: $cart, payment: { gateway: "test" }) {
    order {
      subtotalPrice { amount } totalTax { amount } totalPrice { amount } taxesIncluded
      shippingTaxLines { title rate price { amount } }
      lineItems(first: 9) { nodes { taxLines { title rate price { amount } } } }
    }
    userErrors { code message }
  }
}
"""
RATE = """
mutation ($rate: TaxRateCreateInput!) {
  taxRateCreate(taxRate: $rate) {
    taxRate { title country region rate appliesToShipping taxClass { handle } }
    userErrors { code field message }
  }
}
"""
CLASS = """
mutation ($category: ID!, $class: ID) {
  categoryUpdate(id: $category, category: { taxClassId: $class }) {
    category { taxClass { handle } effectiveRules { taxClass { handle } } }
    userErrors { code field }
  }
}
"""


def us(title: str = "Sales tax", rate: str = "0.1", **fields: Any) -> TaxRate:
    return TaxRate.objects.create(title=title, rate=rate, country="US", **fields)


@pytest.fixture
def cart(db: None) -> Cart:
    """Two mugs at 10.00 and delivery for 5.00, to California."""
    return builders.a_ready_cart((builders.a_variant("MUG", stock=5, price="10.00"), 2))


def read(execute: Execute, cart: Cart) -> dict[str, Any]:
    found: dict[str, Any] = execute(CART, id=gid("Cart", cart.secret))["cart"]
    return found


def bill(found: dict[str, Any]) -> tuple[str, str, str]:
    cost = found["cost"]
    return tuple(cost[name]["amount"] for name in ("subtotalAmount", "totalTaxAmount", "totalAmount"))


def test_what_the_country_and_the_region_take_comes_on_top(execute: Execute, cart: Cart, assert_verified: Any) -> None:
    us("Federal", "0.05")
    us("California", "0.0725", region="CA", applies_to_shipping=False)
    us("Texas", "0.5", region="TX")
    TaxRate.objects.create(title="VAT", rate="0.19", country="DE")

    found = read(execute, cart)
    order = execute(COMPLETE, cart=gid("Cart", cart.secret))["checkoutComplete"]["order"]

    lines = [
        {"title": "Federal", "rate": 0.05, "price": {"amount": "1.00"}},
        {"title": "California", "rate": 0.0725, "price": {"amount": "1.45"}},
    ]
    assert bill(found) == ("20.00", "2.70", "27.70")
    assert found["lines"]["nodes"] == [{"cost": {"totalAmount": {"amount": "20.00"}}, "taxLines": lines}]
    [group] = found["deliveryGroups"]["nodes"]
    assert group["selectedDeliveryOption"] == {"taxLines": [{"title": "Federal", "price": {"amount": "0.25"}}]}
    assert order == {
        "subtotalPrice": {"amount": "20.00"},
        "totalTax": {"amount": "2.70"},
        "totalPrice": {"amount": "27.70"},
        "taxesIncluded": False,
        "shippingTaxLines": [{"title": "Federal", "rate": 0.05, "price": {"amount": "0.25"}}],
        "lineItems": {"nodes": [{"taxLines": lines}]},
    }
    assert_verified()


def test_gross_prices_stay_what_they_are(execute: Execute, cart: Cart, settings: Any) -> None:
    settings.PRICES_INCLUDE_TAX = True
    us("VAT", "0.25")

    found = read(execute, cart)
    order = execute(COMPLETE, cart=gid("Cart", cart.secret))["checkoutComplete"]["order"]

    assert bill(found) == ("20.00", "5.00", "25.00")
    assert found["cost"]["taxesIncluded"] is True
    assert (order["totalTax"], order["totalPrice"]) == ({"amount": "5.00"}, {"amount": "25.00"})
    assert Order.objects.get().taxes_included is True


def test_before_an_address_is_known_the_country_of_the_cart_counts_or_that_of_the_shop(
    execute: Execute, db: None
) -> None:
    us()
    TaxRate.objects.create(title="VAT", rate="0.2", country="DE")
    mug = builders.a_variant("MUG", price="10.00")

    bills = [bill(read(execute, builders.a_cart((mug, 1), country=country))) for country in ("", "DE", "FR")]

    assert bills == [("10.00", "1.00", "11.00"), ("10.00", "2.00", "12.00"), ("10.00", "0.00", "10.00")]


def test_a_class_is_inherited_down_the_tree_and_bears_its_own_rate(execute: Execute, sam: User, db: None) -> None:
    food = TaxClass.objects.create(handle="food", title="Food")
    top = builders.a_category("Pantry")
    below = builders.a_category("Tea", parent=top)
    us()
    us("Reduced", "0.02", tax_class=food)
    tea = builders.a_variant("TEA", price="10.00", category=below)

    payload = execute(CLASS, as_=sam, category=builders.id_of(top), **{"class": gid("TaxClass", food.pk)})
    reduced = bill(read(execute, builders.a_cart((tea, 1))))
    execute(CLASS, as_=sam, category=builders.id_of(top), **{"class": None})
    standard = bill(read(execute, builders.a_cart((tea, 1))))

    assert payload["categoryUpdate"] == {
        "category": {"taxClass": {"handle": "food"}, "effectiveRules": {"taxClass": {"handle": "food"}}},
        "userErrors": [],
    }
    assert (reduced, standard) == (("10.00", "0.20", "10.20"), ("10.00", "1.00", "11.00"))
    assert list(Category.objects.values_list("effective_tax_class", flat=True)) == [None, None]


@pytest.mark.parametrize(("included", "total"), [(False, "25.00"), (True, "20.00")])
def test_an_exempt_business_pays_net_prices(
    execute: Execute, alice: User, sam: User, settings: Any, included: bool, total: str
) -> None:
    settings.PRICES_INCLUDE_TAX = included
    us("VAT", "0.25")
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=5, price="10.00"), 2), owner=alice)
    answer = "customer { isTaxExempt taxId } userErrors { code field }"
    exempt = f"mutation ($id: ID!) {{ customerTaxExemptionSet(customerId: $id, isExempt: true) {{ {answer} }} }}"
    tell = f"mutation ($taxId: String!) {{ customerTaxIdSet(taxId: $taxId) {{ {answer} }} }}"

    early = execute(exempt, as_=sam, id=gid("Customer", alice.pk))["customerTaxExemptionSet"]
    told = execute(tell, as_=alice, taxId="DE 136,695 976")["customerTaxIdSet"]
    allowed = execute(exempt, as_=sam, id=gid("Customer", alice.pk))["customerTaxExemptionSet"]
    order = execute(COMPLETE, cart=gid("Cart", cart.secret))["checkoutComplete"]["order"]

    assert early == {"customer": None, "userErrors": [{"code": "TAX_ID_MISSING", "field": ["customerId"]}]}
    assert told["customer"] == {"isTaxExempt": False, "taxId": "DE136695976"}
    assert allowed["customer"] == {"isTaxExempt": True, "taxId": "DE136695976"}
    assert (order["totalTax"], order["totalPrice"], order["taxesIncluded"]) == (
        {"amount": "0.00"},
        {"amount": total},
        False,
    )
    assert Order.objects.get().buyer_tax_id == "DE136695976"
    execute(tell, as_=alice, taxId="")
    alice.refresh_from_db()
    assert (alice.tax_id, alice.is_tax_exempt) == ("", False)


@pytest.mark.parametrize("tax_id", ["DE123", "DE136695977", "x" * 31])
def test_refuses_what_is_no_tax_id(execute: Execute, alice: User, tax_id: str) -> None:
    document = "mutation ($taxId: String!) { customerTaxIdSet(taxId: $taxId) { userErrors { code field } } }"

    payload = execute(document, as_=alice, taxId=tax_id)["customerTaxIdSet"]

    assert payload["userErrors"] == [{"code": "INVALID", "field": ["taxId"]}]
    alice.refresh_from_db()
    assert alice.tax_id == ""


def test_staff_keep_rates(execute: Execute, sam: User, db: None) -> None:
    food = TaxClass.objects.create(handle="food", title="Food")
    rate = {
        "title": "VAT",
        "country": "DE",
        "rate": "0.07",
        "region": "by",
        "taxClassId": gid("TaxClass", food.pk),
        "appliesToShipping": False,
    }

    made, taken = (execute(RATE, as_=sam, rate=rate)["taxRateCreate"] for _ in range(2))
    row = TaxRate.objects.get()
    execute(
        "mutation ($id: ID!) {"
        '  taxRateUpdate(id: $id, taxRate: { rate: "0.05", region: null }) { userErrors { code } }'
        "}",
        as_=sam,
        id=gid("TaxRate", row.pk),
    )
    listed = execute("{ taxRates(first: 9) { totalCount nodes { rate region } } }", as_=sam)["taxRates"]

    assert made == {
        "taxRate": {
            "title": "VAT",
            "country": "DE",
            "region": "BY",
            "rate": "0.07",
            "appliesToShipping": False,
            "taxClass": {"handle": "food"},
        },
        "userErrors": [],
    }
    assert taken["userErrors"] == [
        {
            "code": "TAX_RATE_TAKEN",
            "field": ["taxRate"],
            "message": 'There is a rate "VAT" for this place and class already; change that one.',
        }
    ]
    assert listed == {"totalCount": 1, "nodes": [{"rate": "0.05", "region": None}]}
    execute(
        "mutation ($id: ID!) { taxRateDelete(id: $id) { deletedTaxRateId userErrors { code } } }",
        as_=sam,
        id=gid("TaxRate", row.pk),
    )
    assert not TaxRate.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rate": "1.1"}, ["taxRate", "rate"]),
        ({"rate": "-0.1"}, ["taxRate", "rate"]),
        ({"rate": "0.1234567"}, ["taxRate", "rate"]),
        ({"title": " "}, ["taxRate", "title"]),
        ({"region": "x" * 11}, ["taxRate", "region"]),
        ({"taxClassId": "gid://shop/TaxClass/9"}, ["taxRate", "taxClassId"]),
        ({"taxClassId": "nonsense"}, ["taxRate", "taxClassId"]),
    ],
)
def test_refuses_what_is_no_rate(execute: Execute, sam: User, change: dict[str, str], field: list[str]) -> None:
    rate = {"title": "VAT", "country": "DE", "rate": "0.19", **change}

    payload = execute(RATE, as_=sam, rate=rate)["taxRateCreate"]

    assert [error["field"] for error in payload["userErrors"]] == [field]
    assert not TaxRate.objects.exists()


def test_rates_are_for_staff_who_manage_the_catalog(request_graphql: Execute, alice: User) -> None:
    clerk = builders.a_clerk(*(set(Permission) - {Permission.MANAGE_CATALOG}))
    rate = {"title": "VAT", "country": "DE", "rate": "0.19"}

    answers = [request_graphql(RATE, as_=user, rate=rate) for user in (alice, clerk)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["FORBIDDEN"] * 2
    assert not TaxRate.objects.exists()
