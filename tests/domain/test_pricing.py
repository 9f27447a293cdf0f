"""What a cart costs: `pricing.totals` is the only place a total is computed."""

from decimal import Decimal

import pytest

from catalog.models import ProductStatus, ProductVariant, StockLocation
from checkout import pricing
from checkout.models import ShippingRate
from shop.money import Money
from tests import builders


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def test_adds_lines_and_delivery(db):
    mug, tea = builders.a_variant("MUG", price="12.50"), builders.a_variant("TEA", price="0.99")
    cart = builders.a_ready_cart((mug, 2), (tea, 3))

    bill = pricing.totals(cart)

    assert [line.total for line in bill.lines] == [usd("25.00"), usd("2.97")]
    assert (bill.subtotal, bill.shipping, bill.tax, bill.total) == (
        usd("27.97"),
        usd("5.00"),
        usd("0.00"),
        usd("32.97"),
    )
    assert (bill.quantity, bill.requires_shipping) == (5, True)


def test_an_empty_cart_costs_nothing(db):
    bill = pricing.totals(builders.a_ready_cart())

    assert (bill.lines, bill.total, bill.shipping, bill.delivery_options) == ([], usd("0.00"), None, [])


def test_counts_only_prices_in_the_currency_of_the_cart(db):
    both, dollars = builders.a_variant("BOTH", price="10.00"), builders.a_variant("DOLLARS", price="7.00")
    builders.a_price(both, "1500", "2000", currency="JPY")
    cart = builders.a_cart((both, 2), (dollars, 1), currency="JPY")

    bill = pricing.totals(cart)

    assert bill.total == Money(Decimal(3000), "JPY")
    assert [(line.is_sold, line.unit_price.amount, line.compare_at) for line in bill.lines] == [
        (True, Decimal(1500), Money(Decimal(2000), "JPY")),
        (False, Decimal(0), None),
    ]


@pytest.mark.parametrize("compare_at", ["10.00", "9.00", None])
def test_is_reduced_only_from_more(db, compare_at):
    cart = builders.a_cart((builders.a_variant("MUG", price="10.00", compare_at=compare_at), 1))

    [line] = pricing.totals(cart).lines

    assert line.compare_at is None


def test_what_is_not_sold_costs_nothing_and_needs_no_delivery_price(db):
    mug = builders.a_variant("MUG", status=ProductStatus.ARCHIVED)
    hidden = builders.a_variant("HIDDEN", category=builders.a_category(is_active=False))
    cart = builders.a_ready_cart((mug, 1), (hidden, 1))

    bill = pricing.totals(cart)

    assert [(line.is_sold, line.total) for line in bill.lines] == [(False, usd("0.00"))] * 2
    assert bill.subtotal == usd("0.00")


def test_a_cart_of_things_that_are_not_sent_has_no_delivery(db):
    song = builders.a_variant("SONG", price="1.00")
    ProductVariant.objects.filter(pk=song.pk).update(requires_shipping=False)

    bill = pricing.totals(builders.a_ready_cart((song, 1)))

    assert (bill.requires_shipping, bill.shipping, bill.delivery_options, bill.total) == (False, None, [], usd("1.00"))


def test_delivery_is_free_from_a_subtotal_on_and_the_choice_still_stands(db):
    builders.a_shipping_method(amount="5.00", free_from="20.00")
    cart = builders.a_ready_cart((builders.a_variant("MUG", price="10.00"), 2))

    bill = pricing.totals(cart)

    assert (bill.shipping, bill.total) == (usd("0.00"), usd("20.00"))
    assert bill.delivery is not None


def test_a_rate_that_went_away_is_chosen_no_more(db):
    cart = builders.a_ready_cart((builders.a_variant("MUG", price="10.00"), 1))
    ShippingRate.objects.all().delete()

    bill = pricing.totals(cart)

    assert (bill.delivery, bill.shipping, bill.total) == (None, None, usd("10.00"))


def test_knows_what_is_free_at_open_locations(db):
    mug = builders.a_variant("MUG", stock=5)
    cart = builders.a_cart((mug, 1))
    builders.an_order((mug, 2))
    assert [line.row.free for line in pricing.totals(cart).lines] == [3]

    StockLocation.objects.update(is_active=False)
    assert [line.row.free for line in pricing.totals(cart).lines] == [0]


def test_costs_the_same_queries_for_1_and_20_lines(db, django_assert_num_queries):
    builders.a_shipping_method()
    variants = [builders.a_variant() for _ in range(20)]
    small, large = (builders.a_ready_cart(*[(one, 1) for one in variants[:size]]) for size in (1, 20))

    for cart in (small, large):
        with django_assert_num_queries(2):
            pricing.totals(cart)
