"""inventoryAdjustQuantities: stock changes for a reason that the ledger remembers, all of it or none."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog import stock
from catalog.models import StockLevel, StockMovement
from tests import builders

ADJUST = """
mutation ($input: InventoryAdjustQuantitiesInput!) {
  inventoryAdjustQuantities(input: $input) {
    variants { sku inventoryQuantity quantityAvailable availableForSale }
    userErrors { code field message }
  }
}
"""
FACTS = '{ category(handle: "mugs") { facts { inStockCount } } }'


@pytest.fixture
def adjust(execute, sam):
    """Add a delta to each variant, or to each id."""

    def send(*changes, reason="ADJUSTMENT", note=None):
        listed = [
            {"variantId": variant if isinstance(variant, str) else builders.id_of(variant), "delta": delta}
            for variant, delta in changes
        ]
        input_ = {"reason": reason, "note": note, "changes": listed}
        return execute(ADJUST, as_=sam, input=input_)["inventoryAdjustQuantities"]

    return send


def refused(code, field, message):
    return {"variants": None, "userErrors": [{"code": code, "field": field, "message": message}]}


def on_hand():
    return list(StockLevel.objects.order_by("variant_id").values_list("on_hand", flat=True))


def test_changes_each_variant_and_answers_what_is_left(adjust, sam, assert_verified):
    mug, cup = builders.a_variant("MUG", stock=5), builders.a_variant("CUP", stock=2)
    StockMovement.objects.update(note="before")

    payload = adjust((cup, -2), (mug, 3), reason="DAMAGE", note="Fell off a shelf")

    assert payload == {
        "variants": [
            {"sku": "CUP", "inventoryQuantity": 0, "quantityAvailable": 0, "availableForSale": False},
            {"sku": "MUG", "inventoryQuantity": 8, "quantityAvailable": 8, "availableForSale": True},
        ],
        "userErrors": [],
    }
    written = StockMovement.objects.exclude(note="before").order_by("variant_id")
    assert list(written.values_list("variant", "kind", "on_hand_delta", "note", "actor")) == [
        (mug.pk, "DAMAGE", 3, "Fell off a shelf", sam.pk),
        (cup.pk, "DAMAGE", -2, "Fell off a shelf", sam.pk),
    ]
    assert_verified()


def test_keeps_facts_exact_as_goods_run_out_and_come_back(adjust, execute, assert_verified):
    mug = builders.a_variant("MUG", stock=5, category=builders.a_category("Mugs"))
    seen = [execute(FACTS)["category"]["facts"]["inStockCount"]]

    for delta in (-5, 1):
        adjust((mug, delta))
        seen.append(execute(FACTS)["category"]["facts"]["inStockCount"])
        assert_verified()

    assert seen == [1, 0, 1]


@pytest.mark.parametrize("reason", ["PURCHASE", "ADJUSTMENT", "RETURN", "DAMAGE"])
def test_writes_the_reason_into_the_ledger(adjust, reason):
    adjust((builders.a_variant(stock=0), 4), reason=reason)

    assert list(StockMovement.objects.values_list("kind", "on_hand_delta")) == [(reason, 4)]


def test_refuses_to_take_what_orders_hold_and_then_changes_nothing(adjust, assert_verified):
    mug, cup = builders.a_variant("MUG", stock=5), builders.a_variant("CUP", stock=2)
    with transaction.atomic():
        stock.hold({mug.pk: 3}, reference="order", expires_at=None)

    payload = adjust((cup, 10), (mug, -3))

    message = "3 of MUG are held for orders; stock cannot go below that."
    assert payload == refused("STOCK_TAKEN", ["input", "changes"], message)
    assert on_hand() == [5, 2]
    assert_verified()


@pytest.mark.parametrize("delta", [-6, 1_000_000_000])
def test_refuses_stock_below_zero_or_beyond_counting(adjust, delta):
    mug = builders.a_variant("MUG", stock=5)

    payload = adjust((mug, delta))

    message = "Stock of MUG must be from 0 to 1000000000."
    assert payload == refused("INVALID", ["input", "changes"], message)
    assert on_hand() == [5]


def test_refuses_a_variant_twice_and_a_change_of_nothing(adjust):
    mug, cup = builders.a_variant("MUG", stock=5), builders.a_variant("CUP", stock=2)

    payload = adjust((mug, 1), (cup, 0), (mug, 1))

    assert payload == {
        "variants": None,
        "userErrors": [
            {
                "code": "INVALID",
                "field": ["input", "changes", "1", "delta"],
                "message": "A change of 0 units changes nothing; leave it out.",
            },
            {
                "code": "INVALID",
                "field": ["input", "changes", "2", "variantId"],
                "message": "This variant is in the list already; add its changes up.",
            },
        ],
    }
    assert on_hand() == [5, 2]


@pytest.mark.parametrize("id_", ["gid://shop/ProductVariant/404", "gid://shop/Product/1", "MUG"])
def test_refuses_a_variant_that_is_not_there(adjust, id_):
    mug = builders.a_variant("MUG", stock=5)

    payload = adjust((mug, 1), (id_, 1))

    assert payload == refused("NOT_FOUND", ["input", "changes", "1", "variantId"], "ProductVariant not found.")
    assert on_hand() == [5]


@pytest.mark.parametrize("count", [0, 251])
def test_refuses_too_few_and_too_many_changes(adjust, count):
    mug = builders.a_variant("MUG", stock=5)

    payload = adjust(*[(mug, 1)] * count)

    assert payload == refused("INVALID", ["input", "changes"], "One call makes 1 to 250 changes.")
    assert on_hand() == [5]


@pytest.mark.parametrize("note", ["x" * 501, "bell\u0007"])
def test_refuses_a_note_that_the_ledger_cannot_hold(adjust, note):
    payload = adjust((builders.a_variant(stock=5), 1), note=note)

    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("INVALID", ["input", "note"])]
    assert on_hand() == [5]


def test_changes_a_variant_at_several_locations(execute, sam, assert_verified):
    mug, berlin = builders.a_variant("MUG", stock=5), builders.a_location("Berlin")
    there = {"variantId": builders.id_of(mug), "delta": 3, "locationId": builders.id_of(berlin)}
    here = {"variantId": builders.id_of(mug), "delta": -1}

    payload = execute(ADJUST, as_=sam, input={"reason": "ADJUSTMENT", "changes": [there, here]})

    assert payload["inventoryAdjustQuantities"]["userErrors"] == []
    levels = StockLevel.objects.order_by("location_id").values_list("location__code", "on_hand")
    assert sorted(levels) == [("berlin", 3), ("main", 4)]
    assert_verified()


def test_refuses_a_location_that_is_not_there(execute, sam):
    mug = builders.a_variant("MUG", stock=5)
    change = {"variantId": builders.id_of(mug), "delta": 3, "locationId": "gid://shop/Location/404"}

    payload = execute(ADJUST, as_=sam, input={"reason": "ADJUSTMENT", "changes": [change]})

    field = ["input", "changes", "0", "locationId"]
    assert payload["inventoryAdjustQuantities"] == refused("NOT_FOUND", field, "Location not found.")
    assert on_hand() == [5]


def test_costs_the_same_however_many_variants(adjust):
    def cost_of(size):
        changes = [(builders.a_variant(stock=0), 1) for _ in range(size)]
        with CaptureQueriesContext(connection) as queries:
            payload = adjust(*changes)
        assert len(payload["variants"]) == size
        return len(queries)

    assert cost_of(1) == cost_of(20)
