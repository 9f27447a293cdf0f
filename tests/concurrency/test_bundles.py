"""Bundles and their parts sold, made and priced at once, in real transactions."""

from decimal import Decimal
from functools import partial

import pytest
from django.core.management import call_command

from catalog import bundles, variants
from catalog.bundles import NewPart
from catalog.models import BundlePart, BundlePricing, Price, StockLevel
from checkout import checkouts
from checkout.checkouts import PaymentWish
from checkout.models import Order, OrderStatus
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_bundles_and_their_parts_are_never_oversold():
    mug, tea = builders.a_variant("MUG", stock=10), builders.a_variant("TEA", stock=10)
    box, other = builders.a_bundle((mug, 2), (tea, 1)), builders.a_bundle((tea, 2), (mug, 1))
    wishes = [((box, 1), (mug, 1)), ((tea, 1), (other, 1)), ((box, 1), (other, 1)), ((mug, 3),)] * 4
    crowd = [builders.a_ready_cart(*wish) for wish in wishes]

    refusals = refused_at_once(*[partial(checkouts.complete, cart.secret, PaymentWish("test")) for cart in crowd])

    orders = Order.objects.filter(status=OrderStatus.CONFIRMED)
    assert {refusal.code for refusal in refusals} == {"INSUFFICIENT_STOCK"}
    assert orders.count() == Order.objects.count() == 16 - len(refusals)
    taken = {"MUG": 0, "TEA": 0}
    for order in orders:
        for line in order.lines.all():
            for part in line.components or [{"sku": line.sku, "quantity": 1}]:
                taken[part["sku"]] += part["quantity"] * line.quantity
    assert dict(StockLevel.objects.filter(on_hand__gt=0).values_list("variant__sku", "reserved")) == taken
    assert max(taken.values()) <= 10
    call_command("verify", verbosity=0)


def test_no_two_bundles_become_parts_of_each_other():
    pair = [builders.a_variant(stock=0) for _ in range(2)]

    def nest(outer, inner):
        parts = [NewPart(variant_id=inner.pk, quantity=1)]
        bundles.set_parts(variant_id=outer.pk, pricing=BundlePricing.SUM, parts=parts)

    refusals = refused_at_once(partial(nest, *pair), partial(nest, *reversed(pair)))

    assert [refusal.code for refusal in refusals] == ["BUNDLE_NESTED"]
    assert BundlePart.objects.count() == 1
    call_command("verify", verbosity=0)


def test_a_sum_is_right_whoever_changes_prices_and_parts_at_once():
    pieces = [builders.a_variant(price="1.00") for _ in range(6)]
    box = builders.a_bundle(*[(piece, 1) for piece in pieces[:4]], pricing="SUM")
    prices = [
        partial(variants.update, variant_id=piece.pk, variant={"price": Decimal(place)})
        for place, piece in enumerate(pieces, 2)
    ]
    parts = [NewPart(variant_id=piece.pk, quantity=1) for piece in reversed(pieces)]
    change = partial(bundles.set_parts, variant_id=box.pk, pricing=BundlePricing.SUM, parts=parts)

    refusals = refused_at_once(*prices[:3], change, *prices[3:])

    assert refusals == []
    assert Price.objects.get(variant=box).amount == sum(range(2, 8))
    call_command("verify", verbosity=0)
