"""Bundles and their parts sold, made and priced at once, in real transactions."""

from decimal import Decimal
from functools import partial

import pytest
from django.core.management import call_command

from catalog import bundles, variants
from catalog.bundles import NewPart
from catalog.models import BundlePart, BundlePricing, Price
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


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
