"""ProductVariant.lowestPrice30d and priceHistory: the prior price beside a reduction, after Directive 98/6/EC."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.staff import Permission
from catalog import facts, tariffs
from catalog.models import Price, PriceChange
from catalog.models.price import base_of
from shop import clock
from tests import builders

LOWEST = """
query ($handle: String!) { product(handle: $handle) { variants(first: 30) { nodes {
  lowestPrice30d { amount currencyCode }
} } } }
"""


def lowest(execute, variant):
    [node] = execute(LOWEST, handle=variant.product.handle)["product"]["variants"]["nodes"]
    return node["lowestPrice30d"] and node["lowestPrice30d"]["amount"]


def a_past(variant, *past, price_list_id=None):
    """What the variant cost so many days ago: amount, and what it was reduced from."""
    key = price_list_id or base_of("USD")
    PriceChange.objects.filter(variant=variant, price_list=key).delete()
    for days, amount, was in past:
        PriceChange.objects.create(
            variant=variant,
            price_list_id=key,
            amount=amount and Decimal(amount),
            compare_at=was and Decimal(was),
            since=clock.now() - timedelta(days=days),
        )


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        ([(100, "10", None)], "10.00"),
        ([(100, "9", None), (40, "8", None), (20, "10", None)], "8.00"),
        ([(100, "7", None), (31, "8", None), (20, "10", None)], "8.00"),
        ([(100, "12", None), (5, "10", "12")], "12.00"),
        ([(100, "12", None), (20, "9", None), (10, "12", None), (5, "10", "12")], "9.00"),
        ([(100, "12", None), (60, "9", None), (50, "12", None), (5, "10", "12")], "12.00"),
        ([(100, "12", None), (40, "11", "12"), (5, "10", "12")], "12.00"),
        ([(100, "12", None), (40, "8", "12"), (20, "12", None), (5, "10", "12")], "8.00"),
        ([(5, "10", "12")], None),
        ([(100, "9", None), (50, None, None), (5, "10", "12")], None),
        ([(100, "9", None), (20, None, None), (5, "10", None)], "9.00"),
    ],
)
def test_is_the_lowest_of_the_days_before_the_reduction_or_of_the_last(execute, past, expected):
    mug = builders.a_variant(price="10.00")
    a_past(mug, *past)

    assert lowest(execute, mug) == expected


def test_by_a_list_of_its_own_counts_what_applied_in_its_time(execute):
    mug = builders.a_variant(price="10.00")
    sale = builders.a_price_list("Sale", prices={mug: "6.00"})
    a_past(mug, (100, "10", None), (25, "9", None), (10, "10", None))
    a_past(mug, (40, "5", None), (35, None, None), (3, "6", None), price_list_id=sale.pk)

    assert lowest(execute, mug) == "6.00"


def test_history_is_kept_by_whatever_way_a_price_changes(execute, sam):
    mug = builders.a_variant("MUG", price="10.00")
    Price.objects.update(amount=Decimal(9))
    Price.objects.update(amount=Decimal(9))
    sale = builders.a_price_list("Sale", prices={mug: "6.00"})
    Price.objects.filter(price_list=sale).delete()
    facts.refresh([mug.product_id])

    query = """query ($handle: String!) { product(handle: $handle) { variants(first: 1) { nodes {
      priceHistory(first: 9) { nodes { price { amount } currencyCode priceListTitle } }
    } } } }"""
    found = execute(query, as_=sam, handle=mug.product.handle)["product"]["variants"]["nodes"][0]

    assert [
        (one["priceListTitle"], one["currencyCode"], one["price"] and one["price"]["amount"])
        for one in found["priceHistory"]["nodes"]
    ] == [("Sale", "USD", None), ("Sale", "USD", "6.00"), ("USD", "USD", "9.00"), ("USD", "USD", "10.00")]


def test_history_goes_with_its_variant_and_is_for_staff(request_graphql):
    mug = builders.a_variant("MUG")
    query = "query ($handle: String!) { product(handle: $handle) { variants(first: 1) { nodes { priceHistory {"
    query += " nodes { since } } } } } }"
    answer = request_graphql(query, as_=builders.a_clerk(Permission.MANAGE_ORDERS), handle=mug.product.handle)

    mug.delete()

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert not PriceChange.objects.exists()


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many_variants(execute, size, django_assert_num_queries):
    product = builders.a_product(variants=size)
    builders.a_price_list("Sale", prices=dict.fromkeys(product.variants.all(), "6.00"))
    tariffs.remember(tariffs.in_effect(), seconds=600)
    execute(LOWEST, handle=product.handle)

    with django_assert_num_queries(3):
        found = execute(LOWEST, handle=product.handle)

    assert len(found["product"]["variants"]["nodes"]) == size
