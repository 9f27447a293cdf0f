"""Stock counts: recorded by several people while the shop sells, and put on the books at once."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.staff import Permission
from catalog import stock
from catalog.models import MovementKind, StockCount, StockCountLine, StockLevel, StockMovement
from tests import builders

COUNT = """
stockCount {
  status note createdBy location { code }
  summary { lines counted difference differenceValue { amount } }
  lines(first: 50) { nodes {
    expected counted difference differenceValue { amount } countedBy variant { sku }
  } }
}
userErrors { code field message }
"""
START = f"mutation ($count: StockCountStartInput!) {{ stockCountStart(count: $count) {{ {COUNT} }} }}"
RECORD = f"""
mutation ($id: ID!, $lines: [StockCountLineInput!]!) {{ stockCountLinesRecord(id: $id, lines: $lines) {{ {COUNT} }} }}
"""
COMPLETE = f"mutation ($id: ID!) {{ stockCountComplete(id: $id) {{ {COUNT} }} }}"
CANCEL = f"mutation ($id: ID!) {{ stockCountCancel(id: $id) {{ {COUNT} }} }}"
LISTED = """
query ($status: StockCountStatus) {
  stockCounts(status: $status) { totalCount nodes {
    location { code } summary { lines } lines(first: 5) { totalCount nodes { countedBy variant { sku } } }
  } }
}
"""


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", stock=5)


@pytest.fixture
def begin(execute, sam):
    """Start a count of these variants at the default location, or of what is said instead."""

    def send(*variants, **said):
        what = {"variantIds": [builders.id_of(variant) for variant in variants]} if variants else {}
        count = {"locationId": builders.id_of(stock.default_location()), **what, **said}
        return execute(START, as_=sam, count=count)["stockCountStart"]

    return send


@pytest.fixture
def act(execute, sam):
    """Do something with the latest count."""

    def send(document, *found, as_=sam):
        lines = [{"variantId": builders.id_of(variant), "quantity": units} for variant, units in found]
        arguments = {"lines": lines} if found else {}
        [payload] = execute(document, as_=as_, id=builders.id_of(StockCount.objects.latest("pk")), **arguments).values()
        return payload

    return send


@transaction.atomic
def change(variant, delta, kind=MovementKind.SALE):
    stock.adjust({variant.pk: delta}, stock.Reason(kind))


def skus(payload):
    assert payload["userErrors"] == []
    return [line["variant"]["sku"] for line in payload["stockCount"]["lines"]["nodes"]]


def errors(payload):
    assert payload["stockCount"] is None
    return [(error["code"], error["field"], error["message"]) for error in payload["userErrors"]]


def on_hand(variant):
    return StockLevel.objects.get(variant=variant).on_hand


def posted():
    return list(StockMovement.objects.filter(kind="ADJUSTMENT").values_list("on_hand_delta", "reference"))


def test_what_is_found_is_on_the_books_when_the_count_is_completed(begin, act, mug, sam, assert_verified):
    with transaction.atomic():
        spot = (mug.pk, stock.default_location().pk)
        stock.adjust_each({spot: 5}, stock.Reason(MovementKind.PURCHASE), {spot: Decimal(2)})
    begun = begin(mug, note=" Spring ")
    helper = builders.a_clerk(Permission.MANAGE_INVENTORY)
    recorded = act(RECORD, (mug, 7), as_=helper)
    assert (on_hand(mug), posted()) == (10, [])

    completed = act(COMPLETE)

    line = {"expected": None, "counted": None, "difference": None, "differenceValue": None, "countedBy": None}
    assert begun["stockCount"] == {
        "status": "OPEN",
        "note": "Spring",
        "createdBy": sam.email,
        "location": {"code": "main"},
        "summary": {"lines": 1, "counted": 0, "difference": 0, "differenceValue": {"amount": "0.00"}},
        "lines": {"nodes": [{**line, "variant": {"sku": "MUG"}}]},
    }
    found = {"expected": 10, "counted": 7, "difference": -3, "differenceValue": {"amount": "-6.00"}}
    assert recorded["stockCount"]["lines"]["nodes"] == [{**found, "countedBy": helper.email, "variant": {"sku": "MUG"}}]
    assert completed["userErrors"] == []
    assert completed["stockCount"]["status"] == "COMPLETED"
    assert completed["stockCount"]["summary"]["differenceValue"] == {"amount": "-6.00"}
    assert (on_hand(mug), posted()) == (7, [(-3, StockCount.objects.get().reference)])
    assert_verified()


def test_what_is_sold_before_and_after_a_variant_is_recorded_counts_once(begin, act, mug, assert_verified):
    begin(mug)
    change(mug, -1)
    act(RECORD, (mug, 3))
    change(mug, -2)
    change(mug, 4, MovementKind.PURCHASE)

    act(COMPLETE)

    # One of five was missing from the shelf: 3 found, 2 sold since, 4 came in.
    assert (on_hand(mug), [delta for delta, _ in posted()]) == (5, [-1])
    assert_verified()


def test_a_variant_recorded_again_is_counted_anew(begin, act, mug, assert_verified):
    begin(mug)
    act(RECORD, (mug, 1))
    change(mug, -1)

    again = act(RECORD, (mug, 4))
    act(COMPLETE)

    [line] = again["stockCount"]["lines"]["nodes"]
    assert (line["expected"], line["counted"]) == (4, 4)
    assert (on_hand(mug), posted()) == (4, [])
    assert_verified()


def test_what_nobody_counted_stays_as_it_is_and_a_count_given_up_changes_nothing(begin, act, mug, assert_verified):
    cup = builders.a_variant("CUP", stock=9)
    begin(mug, cup)
    act(RECORD, (cup, 8))
    given_up = act(CANCEL)
    begin(mug, cup)
    act(RECORD, (cup, 7))

    act(COMPLETE)

    assert given_up["stockCount"]["status"] == "CANCELLED"
    assert (on_hand(mug), on_hand(cup)) == (5, 7)
    assert [delta for delta, _ in posted()] == [-2]
    assert_verified()


def test_counts_a_category_with_all_below_it_or_all_that_lies_there(begin, act, mug, execute, sam):
    kitchen = builders.a_category("Kitchen")
    builders.a_variant("CUP", category=builders.a_category("Cups", parent=kitchen))
    builders.a_variant("POT", category=kitchen)
    berlin = builders.a_location("Berlin")
    builders.stocked(mug, berlin, 1)

    below = skus(begin(categoryId=builders.id_of(kitchen)))
    act(CANCEL)
    everything = skus(begin(all=True))
    elsewhere = skus(begin(all=True, locationId=builders.id_of(berlin)))

    assert (below, everything, elsewhere) == (["CUP", "POT"], ["MUG", "CUP", "POT"], ["MUG"])


def test_a_variant_is_part_of_one_open_count_in_a_place(begin, mug):
    begin(mug)
    first = StockCount.objects.get()

    assert errors(begin(all=True)) == [
        (
            "COUNTED_ELSEWHERE",
            ["count"],
            f"MUG is part of the open count {first.pk} here; complete or cancel that first.",
        )
    ]
    assert StockCount.objects.get() == first
    other = StockCount.objects.create(location=first.location)
    with pytest.raises(IntegrityError, match="one_open_count_of_a_variant_in_a_place"), transaction.atomic():
        StockCountLine.objects.create(count=other, variant=mug, location=first.location)


def test_refuses_to_start_what_is_no_count(begin, mug):
    kitchen = builders.a_category("Kitchen")

    assert (
        errors(begin(mug, all=True))
        == errors(begin())
        == [("INVALID", ["count"], "Say either which variants, or which category, or that all are to be counted.")]
    )
    assert errors(begin(categoryId=builders.id_of(kitchen))) == [
        ("INVALID", ["count"], "There is nothing to count: no stock of these variants was ever kept there.")
    ]
    assert errors(begin(variantIds=[builders.id_of(mug), "gid://shop/ProductVariant/404"])) == [
        ("NOT_FOUND", ["count", "variantIds", "1"], "ProductVariant not found.")
    ]
    assert not StockCount.objects.exists()


def test_refuses_what_is_no_part_of_the_count(begin, act, mug):
    cup = builders.a_variant("CUP")
    begin(mug)

    assert errors(act(RECORD, (mug, 1), (cup, 1))) == [
        ("NOT_FOUND", ["lines", "1", "variantId"], "ProductVariant not found.")
    ]
    assert errors(act(RECORD, (mug, -1), (mug, 1))) == [
        ("INVALID", ["lines", "0", "quantity"], "A quantity is from 0 to 1000000000."),
        ("INVALID", ["lines", "1", "variantId"], "This variant is in the list already; add up what was found."),
    ]
    assert StockCountLine.objects.get().counted is None


@pytest.mark.parametrize(("last", "status"), [(COMPLETE, "completed"), (CANCEL, "cancelled")])
def test_a_count_that_is_over_stays_as_it_is(begin, act, mug, last, status, assert_verified):
    begin(mug)
    act(RECORD, (mug, 4))
    act(last)
    movements = posted()

    for document, found in ((RECORD, [(mug, 1)]), (COMPLETE, []), (CANCEL, [])):
        assert errors(act(document, *found)) == [("COUNT_CLOSED", ["id"], f"The count is {status}; start another one.")]
    assert posted() == movements
    assert_verified()


def test_refuses_to_take_what_orders_hold_or_what_has_left(begin, act, mug, assert_verified):
    begin(mug)
    act(RECORD, (mug, 1))
    with transaction.atomic():
        stock.hold({mug.pk: 2}, reference="order", expires_at=None)
    held = errors(act(COMPLETE))
    with transaction.atomic():
        stock.ship("order", {mug.pk: 2})

    contradicted = errors(act(COMPLETE))

    assert held == [("STOCK_TAKEN", ["id"], "2 of MUG are held for orders; stock cannot go below that.")]
    assert contradicted == [
        ("COUNT_CONTRADICTED", ["id"], "More of MUG have left than the count found; count it again.")
    ]
    assert (on_hand(mug), posted(), StockCount.objects.get().status) == (3, [], "OPEN")
    assert_verified()


def test_verify_tells_a_count_that_the_ledger_does_not(begin, act, mug, assert_verified):
    begin(mug)
    act(RECORD, (mug, 4))
    act(COMPLETE)
    StockCountLine.objects.update(counted=3)

    with pytest.raises(Exception, match=r"count \d+ of variant \d+ differs from the ledger"):
        assert_verified()


def test_is_for_staff_who_keep_the_inventory(request_graphql, mug):
    answer = request_graphql(LISTED, as_=builders.a_clerk(Permission.MANAGE_CATALOG))

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


@pytest.mark.parametrize("size", [1, 20])
def test_a_list_costs_the_same_however_long(begin, act, execute, sam, size):
    for _ in range(size):
        mug = builders.a_variant()
        begin(mug)
        act(RECORD, (mug, 4))

    with CaptureQueriesContext(connection) as queries:
        listed = execute(LISTED, as_=sam, status="OPEN")["stockCounts"]

    assert listed["totalCount"] == size
    assert len(queries) == 10
