"""Cart.warnings and CartLine.warnings: what mutations of a cart warn of can be read at any time, and costs nothing."""

from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Price, ProductStatus
from checkout.models import CartLine
from schema.nodes import gid
from tests import builders
from tests.api.test_price_changed import NOTE, a_filled_cart
from tests.conftest import Execute

TOLD = "{ code message target previousAmount { amount } currentAmount { amount currencyCode } }"
READ = f"""
query ($id: ID!) {{
  cart(id: $id) {{
    warnings {TOLD}
    lines(first: 100) {{ nodes {{ id warnings {TOLD} ... on ComponentizableCartLine {{
      lineComponents {{ warnings {{ code }} }}
    }} }} }}
  }}
}}
"""
PLAIN = "query ($id: ID!) { cart(id: $id) { lines(first: 100) { nodes { id } } } }"


def test_each_line_tells_its_own_and_the_cart_all_of_them(execute: Execute, db: None) -> None:
    mug, tea = builders.a_variant(price="10.00"), builders.a_variant(price="3.00")
    old, few = builders.a_variant(), builders.a_variant(stock=2)
    cart = a_filled_cart(execute, (mug, 1), (tea, 1), (old, 1), (few, 2))
    cart.discount_codes = [{"code": "NONE", "applied": False}]
    cart.save(update_fields=["discount_codes"])
    Price.objects.filter(variant=mug).update(amount=Decimal("12.50"))
    old.product.status = ProductStatus.ARCHIVED
    old.product.save(update_fields=["status"])
    CartLine.objects.filter(variant=few).update(quantity=3)

    read = execute(READ, id=builders.id_of(cart))["cart"]
    payload = execute(NOTE, cartId=builders.id_of(cart), note="")["cartNoteUpdate"]

    by_line = [node["warnings"] for node in read["lines"]["nodes"]]
    assert by_line[0] == [
        {
            "code": "MERCHANDISE_PRICE_CHANGED",
            "message": f"The price of {mug.product.title} changed from 10.00 USD to 12.50 USD.",
            "target": gid("CartLine", cart.lines.get(variant=mug).pk),
            "previousAmount": {"amount": "10.00"},
            "currentAmount": {"amount": "12.50", "currencyCode": "USD"},
        }
    ]
    assert [[one["code"] for one in told] for told in by_line[1:]] == [
        [],
        ["MERCHANDISE_NOT_SOLD"],
        ["MERCHANDISE_NOT_ENOUGH_STOCK"],
    ]
    assert read["warnings"][:-1] == [one for told in by_line for one in told]
    assert read["warnings"][-1] == {
        "code": "DISCOUNT_NOT_FOUND",
        "message": read["warnings"][-1]["message"],
        "target": builders.id_of(cart),
        "previousAmount": None,
        "currentAmount": None,
    }
    kept = ("code", "message", "target")
    assert payload["warnings"] == [{name: one[name] for name in kept} for one in read["warnings"]]


@pytest.mark.django_db(transaction=True)
def test_a_bundle_warns_as_a_whole(execute: Execute) -> None:
    cup = builders.a_variant(stock=1)
    pair = builders.a_bundle((cup, 2))
    cart = builders.a_cart((pair, 1))

    [line] = execute(READ, id=builders.id_of(cart))["cart"]["lines"]["nodes"]

    assert [one["code"] for one in line["warnings"]] == ["MERCHANDISE_OUT_OF_STOCK"]
    assert line["lineComponents"] == [{"warnings": []}]


@pytest.mark.parametrize("size", [1, 20])
def test_costs_no_statement(execute: Execute, size: int, django_assert_num_queries: Any, db: None) -> None:
    cart = builders.a_cart(*((builders.a_variant(stock=1), 2) for _ in range(size)))

    with django_assert_num_queries(3):
        execute(PLAIN, id=builders.id_of(cart))
    with django_assert_num_queries(3):
        read = execute(READ, id=builders.id_of(cart))["cart"]

    assert len(read["warnings"]) == size
