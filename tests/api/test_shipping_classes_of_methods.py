"""Classes of goods in shipping rates: a surcharge for each unit, or a method that does not carry them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Category, ShippingClass
from checkout.models import ShippingClassRule, ShippingZone
from tests import builders
from tests.api.cart_documents import group

CREATE = """
mutation ($method: ShippingMethodCreateInput!) {
  shippingMethodCreate(shippingMethod: $method) {
    shippingMethod { rates { classes { shippingClass { title } isCarried surcharge { amount } } } }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def bulky(db):
    return ShippingClass.objects.create(handle="bulky", title="Bulky")


@pytest.fixture
def cart(db, bulky):
    """Two sofas, which are bulky, and a mug, which is not."""
    sofas = builders.a_category("Sofas")
    Category.objects.filter(pk=sofas.pk).update(shipping_class=bulky, effective_shipping_class=bulky)
    sofa = builders.a_product("Sofa", category=sofas, price="100.00").variants.get()
    return builders.a_cart((sofa, 2), (builders.a_variant("MUG"), 1))


@pytest.mark.parametrize(("rate", "price"), [({}, "35.00"), ({"freeFrom": "10"}, "30.00")])
def test_adds_a_surcharge_for_each_unit(execute, sam, bulky, cart, rate, price):
    rule = {"shippingClassId": builders.id_of(bulky), "surcharge": "15"}

    payload = create(execute, sam, classes=[rule], **rate)

    told = {"shippingClass": {"title": "Bulky"}, "isCarried": True, "surcharge": {"amount": "15.00"}}
    assert payload == {"shippingMethod": {"rates": [{"classes": [told]}]}, "userErrors": []}
    [option] = group(execute, cart)["deliveryOptions"]
    assert option["estimatedCost"]["amount"] == price


def test_does_not_offer_what_does_not_carry_the_goods_and_says_why(execute, sam, bulky, cart):
    create(execute, sam, classes=[{"shippingClassId": builders.id_of(bulky), "isCarried": False}])

    found = group(execute, cart)

    assert found["deliveryOptions"] == []
    assert found["unavailableDeliveryOptions"] == [
        {"handle": "van", "title": "Van", "reason": "NOT_CARRIED", "message": "Van does not carry Sofa."}
    ]


def test_reads_no_rules_where_no_goods_are_of_a_class(execute, sam, bulky, cart):
    create(execute, sam, classes=[{"shippingClassId": builders.id_of(bulky), "isCarried": False}])
    plain = builders.a_cart((builders.a_variant("TEA"), 1))

    with CaptureQueriesContext(connection) as queries:
        [option] = group(execute, plain)["deliveryOptions"]

    assert option["estimatedCost"]["amount"] == "5.00"
    assert not any("shippingclassrule" in query["sql"] for query in queries)


@pytest.mark.parametrize(
    ("rules", "code", "field", "message"),
    [
        ([{}, {}], "INVALID", ["1", "shippingClassId"], "Each class is named once."),
        ([{"surcharge": "-1"}], "INVALID", ["0", "surcharge"], "A price must be zero or more."),
        (
            [{"shippingClassId": "gid://shop/ShippingClass/99999999"}],
            "NOT_FOUND",
            ["0", "shippingClassId"],
            "ShippingClass not found.",
        ),
        ([{"shippingClassId": "bulky"}], "NOT_FOUND", ["0", "shippingClassId"], "ShippingClass not found."),
    ],
)
def test_refuses_what_is_no_rule(execute, sam, bulky, rules, code, field, message):
    payload = create(execute, sam, classes=[{"shippingClassId": builders.id_of(bulky), **rule} for rule in rules])

    path = ["shippingMethod", "rates", "0", "classes", *field]
    assert payload["userErrors"] == [{"code": code, "field": path, "message": message}]
    assert not ShippingClassRule.objects.exists()


def create(execute, sam, **rate) -> dict:
    zone = ShippingZone.objects.create(title="Everywhere")
    rates = [{"currency": "USD", "amount": "5.00", **rate}]
    method = {"title": "Van", "zoneId": builders.id_of(zone), "rates": rates}
    payload: dict = execute(CREATE, as_=sam, method=method)["shippingMethodCreate"]
    return payload
