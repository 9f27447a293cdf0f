"""Counts beside sales: whatever is sold while somebody counts and completes, it counts once."""

import pytest
from django.db import transaction

from accounts.actors import SYSTEM
from catalog import stock, stock_counts
from catalog.models import StockCount, StockLevel, StockMovement
from catalog.stock_counts import Found, NewCount
from shop.errors import Refusal
from tests import builders
from tests.concurrency.test_facts import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


def a_count(*variants):
    wanted = NewCount(
        location_id=stock.default_location().pk,
        variant_ids=[variant.pk for variant in variants],
        category_id=None,
        is_of_all=False,
        note=None,
    )
    return stock_counts.start(count=wanted, actor=SYSTEM).pk


def test_sales_beside_recording_and_completing_count_once(assert_verified):
    mug = builders.a_variant("MUG", stock=100)
    count_id = a_count(mug)
    differences: list[int] = []

    def sell(number):
        for step in range(5):
            reference = f"order {number} {step}"
            with transaction.atomic():
                stock.hold({mug.pk: 1}, reference=reference, expires_at=None)
            with transaction.atomic():
                stock.ship(reference, {mug.pk: 1})

    def count():
        stock_counts.record(count_id=count_id, found=[Found(variant_id=mug.pk, quantity=60)], actor=SYSTEM)
        differences.append(StockCount.objects.get().lines.get().difference or 0)
        stock_counts.complete(count_id=count_id, actor=SYSTEM)

    in_threads(*[lambda number=number: sell(number) for number in range(4)], count)

    # Twenty were sold; the count found so many fewer than the books said at the moment of recording.
    assert StockLevel.objects.get().on_hand == 100 - 20 + sum(differences)
    assert_verified()


def test_of_many_who_complete_one_does_and_of_many_who_start_too(assert_verified):
    mug = builders.a_variant("MUG", stock=5)
    count_id = a_count(mug)
    stock_counts.record(count_id=count_id, found=[Found(variant_id=mug.pk, quantity=3)], actor=SYSTEM)
    refusals: list[str] = []

    def attempt(step):
        try:
            step()
        except Refusal as refused:
            refusals.append(refused.code)

    in_threads(*[lambda: attempt(lambda: stock_counts.complete(count_id=count_id, actor=SYSTEM)) for _ in range(4)])
    in_threads(*[lambda: attempt(lambda: a_count(mug)) for _ in range(4)])

    assert refusals == ["COUNT_CLOSED"] * 3 + ["COUNTED_ELSEWHERE"] * 3
    assert StockMovement.objects.filter(kind="ADJUSTMENT").count() == 1
    assert_verified()
