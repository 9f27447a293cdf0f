"""Many hands on the same stock: who compares first wins, and locations close between orders."""

import random

import pytest
from django.db import transaction

from accounts.actors import SYSTEM
from catalog import inventory, locations, stock, transfers
from catalog.inventory import Quantity, Threshold
from catalog.models import MovementKind, StockLevel
from catalog.transfers import NewTransfer, Units
from shop.errors import Refusal, Refusals
from shop.models import OutboxMessage
from tests import builders
from tests.concurrency.test_facts import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("is_kept", [True, False], ids=["kept there already", "never kept there"])
def test_of_many_who_compare_with_the_same_number_one_sets_it(is_kept, assert_verified):
    mug, place = builders.a_variant("MUG", stock=0), stock.default_location()
    if not is_kept:
        place = builders.a_location("Berlin")
    winners: list[int] = []
    refusals: list[str] = []

    def count(quantity):
        said = Quantity(variant_id=mug.pk, location_id=place.pk, quantity=quantity, compare_quantity=0)
        try:
            inventory.set_quantities(quantities=[said], reason=MovementKind.ADJUSTMENT, note=None, actor=SYSTEM)
        except Refusals as refused:
            refusals.append(refused.refusals[0].code)
        else:
            winners.append(quantity)

    in_threads(*[lambda quantity=quantity: count(quantity) for quantity in (3, 4, 5, 6)])

    [winner] = winners
    assert refusals == ["STOCK_CHANGED"] * 3
    assert StockLevel.objects.get(variant=mug, location=place).on_hand == winner
    assert_verified()


def test_facts_stay_true_while_locations_close_and_goods_come_and_go(assert_verified):
    berlin = builders.a_location("Berlin")
    mugs = [builders.a_variant(stock=0, category=builders.a_category()).pk for _ in range(4)]
    dice = random.Random(7)  # noqa: S311  (the same changes each time)

    def close_and_open():
        for _ in range(10):
            locations.deactivate(location_id=berlin.pk)
            locations.activate(location_id=berlin.pk)

    def restock():
        for _ in range(30):
            with transaction.atomic():
                counts = {mug: dice.randrange(2) for mug in dice.sample(mugs, 2)}
                stock.set_on_hand(counts, stock.Reason(MovementKind.ADJUSTMENT), berlin)

    in_threads(close_and_open, restock, restock)

    assert_verified()


def test_a_transfer_leaves_and_comes_in_once_however_many_say_so(assert_verified):
    mug, berlin = builders.a_variant("MUG", stock=5), builders.a_location("Berlin")
    plan = NewTransfer(
        origin_id=stock.default_location().pk,
        destination_id=berlin.pk,
        lines=[Units(variant_id=mug.pk, quantity=2)],
        note=None,
    )
    planned = transfers.create(transfer=plan, actor=SYSTEM)
    refusals: list[str] = []

    def attempt(step):
        try:
            step(transfer_id=planned.pk, actor=SYSTEM)
        except Refusal as refused:
            refusals.append(refused.code)

    def receive(**who):
        transfers.receive(lines=None, **who)

    in_threads(*[lambda: attempt(transfers.ship) for _ in range(3)])
    in_threads(*[lambda: attempt(receive) for _ in range(3)])

    assert refusals == ["TRANSFER_STATUS_REFUSED"] * 4
    levels = StockLevel.objects.order_by("location__priority").values_list("location__code", "on_hand")
    assert list(levels) == [("main", 3), ("berlin", 2)]
    assert_verified()


def test_the_crossing_of_a_threshold_is_told_once_however_many_sell(assert_verified):
    mug = builders.a_variant("MUG", stock=12)
    inventory.set_thresholds(thresholds=[Threshold(variant_id=mug.pk, threshold=9)])

    def sell(number):
        with transaction.atomic():
            stock.hold({mug.pk: 1}, reference=f"order {number}", expires_at=None)

    in_threads(*[lambda number=number: sell(number) for number in range(8)])

    [message] = OutboxMessage.objects.filter(topic="stock.low")
    assert message.payload == {"variant_ids": [mug.pk]}
    assert_verified()


def test_what_is_low_stays_true_while_thresholds_change_and_goods_come_and_go(assert_verified):
    berlin = builders.a_location("Berlin")
    mugs = [builders.a_variant(stock=3).pk for _ in range(3)]
    dice = random.Random(7)  # noqa: S311  (the same changes each time)

    def change_thresholds():
        for _ in range(15):
            said = [Threshold(variant_id=mug, threshold=dice.randrange(6)) for mug in dice.sample(mugs, 2)]
            inventory.set_thresholds(thresholds=said)

    def restock():
        for _ in range(15):
            with transaction.atomic():
                counts = {mug: dice.randrange(6) for mug in dice.sample(mugs, 2)}
                stock.set_on_hand(counts, stock.Reason(MovementKind.ADJUSTMENT), berlin)

    in_threads(change_thresholds, restock, restock)

    assert_verified()
