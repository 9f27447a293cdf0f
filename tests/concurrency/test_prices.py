"""Many writers of prices at once, lists made meanwhile and planned changes: one truth, and nothing done twice."""

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from time import sleep

import pytest
from django.db import transaction

from catalog import facts, price_lists, prices, variants
from catalog.models import Price, PriceChange, PriceList, ProductVariant, ScheduledPriceChange
from shop import clock
from tests import builders
from tests.concurrency.test_facts import in_threads, released_together, somebody_waits
from tests.concurrency.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


def planned(price_list_id: int, variant_ids: list[int]) -> None:
    """Changes whose moment has come."""
    ScheduledPriceChange.objects.bulk_create(
        ScheduledPriceChange(price_list_id=price_list_id, variant_id=key, at=clock.now(), amount=Decimal(4))
        for key in variant_ids
    )


def test_writers_schedules_and_new_lists_leave_facts_exact(assert_verified: Callable[[], None]) -> None:
    home = builders.a_category("Home")
    keys = [builders.a_variant(price="10.00", category=home).pk for _ in range(6)]
    sale = builders.a_price_list("Sale").pk

    def by_list() -> None:
        dice = random.Random(1)  # noqa: S311
        for _ in range(ROUNDS):
            chosen = dice.sample(keys, 3)
            wanted = [prices.NewPrice(variant_id=key, price=Decimal(dice.randrange(1, 9))) for key in chosen]
            prices.put(price_list_id=sale, prices=wanted)
            prices.remove(price_list_id=sale, variant_ids=chosen[:1])

    def by_variant() -> None:
        dice = random.Random(2)  # noqa: S311
        for _ in range(ROUNDS):
            variants.update(variant_id=dice.choice(keys), variant={"price": Decimal(dice.randrange(1, 99))})

    def by_schedule() -> None:
        for _ in range(ROUNDS):
            planned(sale, keys)
            prices.apply_due()
            ScheduledPriceChange.objects.filter(at__lte=clock.now() - timedelta(seconds=60)).delete()

    def by_new_lists() -> None:
        for number in range(ROUNDS // 2):
            price_lists.create(price_list={"title": f"List {number}", "currency": "USD"})

    in_threads(by_list, by_variant, by_schedule, by_new_lists)

    assert facts.differences() == []
    assert_verified()


def test_a_planned_change_is_made_once_by_two_workers(assert_verified: Callable[[], None]) -> None:
    keys = [builders.a_variant(price="10.00").pk for _ in range(5)]
    base = Price.objects.values_list("price_list_id", flat=True).first()
    assert base is not None
    planned(base, keys)

    in_threads(prices.apply_due, prices.apply_due)

    assert set(Price.objects.values_list("amount", flat=True)) == {Decimal(4)}
    assert PriceChange.objects.filter(amount=4).count() == 5
    assert not ScheduledPriceChange.objects.exists()
    assert_verified()


def test_a_list_begins_once_by_two_workers(assert_verified: Callable[[], None]) -> None:
    mug = builders.a_variant(price="10.00")
    sale = builders.a_price_list("Sale", prices={mug: "8.00"}, starts_at=clock.now() + timedelta(days=1))
    with transaction.atomic():
        type(sale).objects.filter(pk=sale.pk).update(starts_at=clock.now())

    in_threads(price_lists.begin_and_end, price_lists.begin_and_end)

    assert list(PriceChange.objects.filter(price_list=sale).values_list("amount", flat=True)) == [Decimal(8)]
    assert_verified()


def test_a_list_is_made_of_what_is_true_when_it_is_there(assert_verified: Callable[[], None]) -> None:
    mug = builders.a_variant(price="10.00")
    has_written = threading.Event()

    def reprice() -> None:
        with transaction.atomic():
            Price.objects.update(amount=Decimal(3))
            facts.refresh([mug.product_id])
            has_written.set()
            # Long enough for the list to be made meanwhile, if it did not wait.
            sleep(0.5)

    def make() -> None:
        assert has_written.wait(10)
        price_lists.create(price_list={"title": "Sale", "currency": "USD"})

    in_threads(reprice, make)

    assert facts.differences() == []
    assert_verified()


def test_a_list_is_deleted_after_who_writes_prices_in_it(assert_verified: Callable[[], None]) -> None:
    mug = builders.a_variant(price="10.00")
    sale = builders.a_price_list("Sale", is_active=False)

    def put() -> None:
        prices.put(price_list_id=sale.pk, prices=[prices.NewPrice(variant_id=mug.pk, price=Decimal(8))])

    def delete() -> None:
        assert eventually(somebody_waits)
        price_lists.delete(price_list_id=sale.pk)

    released_together(ProductVariant.objects.filter(pk=mug.pk), put, delete)

    assert list(PriceList.objects.values_list("currency", flat=True)) == ["USD"]
    assert list(Price.objects.values_list("amount", flat=True)) == [Decimal(10)]
    assert_verified()
