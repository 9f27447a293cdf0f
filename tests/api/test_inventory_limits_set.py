"""inventoryLimitsSet: units kept back from sale, and units sold before they come in; one meaning everywhere."""

from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog import stock
from catalog.models import MovementKind, StockLevel
from checkout import checkouts
from checkout.checkouts import PaymentWish
from shop.errors import Refusal
from tests import builders

SET = """
mutation ($input: InventoryLimitsSetInput!) {
  inventoryLimitsSet(input: $input) {
    variants {
      quantityAvailable availableForSale currentlyNotInStock expectedAt
      inventoryLevels { available safetyStock backorderLimit expectedAt }
    }
    userErrors { code field message }
  }
}
"""
SEEN = """
{
  product(handle: "mug") { availableForSale variants { nodes { quantityAvailable currentlyNotInStock } } }
  category(handle: "mugs") { facts { inStockCount } }
}
"""
MAY = "2026-05-01T00:00:00+00:00"


@pytest.fixture
def limit(execute, sam):
    """Set limits of each (variant, what is said of it)."""

    def send(*limits):
        listed = [{"variantId": builders.id_of(variant), **said} for variant, said in limits]
        return execute(SET, as_=sam, input={"limits": listed})["inventoryLimitsSet"]

    return send


@pytest.fixture
def mug(db):
    return builders.a_product("Mug", category=builders.a_category("Mugs"), stock_=5).variants.get()


@pytest.fixture
def seen(execute):
    """Whether the mug is for sale, how many are, whether only in advance, and what its category counts in stock."""

    def look():
        answer = execute(SEEN)
        [variant] = answer["product"]["variants"]["nodes"]
        return (
            answer["product"]["availableForSale"],
            variant["quantityAvailable"],
            variant["currentlyNotInStock"],
            answer["category"]["facts"]["inStockCount"],
        )

    return look


def limits():
    levels = StockLevel.objects.order_by("variant_id", "location_id")
    return list(levels.values_list("safety_stock", "backorder_limit"))


def test_answers_what_can_be_sold_now(limit, mug, assert_verified):
    payload = limit((mug, {"safetyStock": 6, "backorderLimit": 4, "expectedAt": MAY}))

    level = {"available": 3, "safetyStock": 6, "backorderLimit": 4, "expectedAt": MAY}
    assert payload == {
        "variants": [
            {
                "quantityAvailable": 3,
                "availableForSale": True,
                "currentlyNotInStock": True,
                "expectedAt": MAY,
                "inventoryLevels": [level],
            }
        ],
        "userErrors": [],
    }
    assert_verified()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"safetyStock": 4}, (True, 1, False, 1)),
        ({"safetyStock": 5}, (False, 0, False, 0)),
        ({"safetyStock": 9}, (False, 0, False, 0)),
        ({"backorderLimit": 2}, (True, 7, False, 1)),
        ({"safetyStock": 9, "backorderLimit": 5}, (True, 1, True, 1)),
    ],
)
def test_means_the_same_to_shoppers_and_to_facts(limit, seen, mug, said, expected, assert_verified):
    limit((mug, said))

    assert seen() == expected
    assert stock.free([mug.pk]) == {mug.pk: expected[1]}
    assert_verified()


def test_goods_kept_back_at_one_location_take_nothing_from_another(limit, seen, mug, assert_verified):
    builders.stocked(mug, builders.a_location("Berlin"), 2)

    limit((mug, {"safetyStock": 100}))

    assert seen() == (True, 2, False, 1)
    assert_verified()


def test_orders_take_no_more_than_is_free_and_not_what_is_kept_back(limit, seen, mug, assert_verified):
    limit((mug, {"safetyStock": 2}))
    builders.an_order((mug, 3))
    cart = builders.a_ready_cart((mug, 1))

    with pytest.raises(Refusal) as refused:
        checkouts.complete(cart.secret, PaymentWish("test", ""))

    assert (refused.value.code, refused.value.message) == ("INSUFFICIENT_STOCK", f"{mug.sku} is out of stock.")
    assert seen() == (False, 0, False, 0)
    assert StockLevel.objects.values_list("on_hand", "reserved").get() == (5, 3)
    assert_verified()


def test_what_is_sold_in_advance_is_sent_once_it_came_in(limit, mug, assert_verified):
    limit((mug, {"backorderLimit": 3}))
    with transaction.atomic():
        stock.hold({mug.pk: 7}, reference="order", expires_at=None)
    with pytest.raises(stock.InsufficientStock), transaction.atomic():
        stock.ship("order", {mug.pk: 7})

    with transaction.atomic():
        stock.adjust({mug.pk: 2}, stock.Reason(MovementKind.PURCHASE))
        stock.ship("order", {mug.pk: 7})

    assert StockLevel.objects.values_list("on_hand", "reserved").get() == (0, 0)
    assert_verified()


def test_leaves_what_is_left_out_and_puts_back_what_is_null(limit, mug):
    limit((mug, {"safetyStock": 1, "backorderLimit": 4, "expectedAt": MAY}))

    limit((mug, {"safetyStock": 2}))
    kept = limits(), StockLevel.objects.get().expected_at
    limit((mug, {"safetyStock": None, "backorderLimit": None, "expectedAt": None}))

    assert kept == ([(2, 4)], datetime.fromisoformat(MAY))
    assert (limits(), StockLevel.objects.get().expected_at) == ([(0, 0)], None)


def test_refuses_a_limit_below_what_is_sold_in_advance_and_then_changes_nothing(limit, mug):
    cup = builders.a_variant("CUP")
    limit((mug, {"backorderLimit": 3}))
    with transaction.atomic():
        stock.hold({mug.pk: 7}, reference="order", expires_at=None)

    payload = limit((cup, {"safetyStock": 1}), (mug, {"backorderLimit": 1}))

    error = {
        "code": "SOLD_IN_ADVANCE",
        "field": ["input", "limits"],
        "message": f"2 of {mug.sku} are sold in advance already; the limit cannot go below that.",
    }
    assert payload == {"variants": None, "userErrors": [error]}
    assert limits() == [(0, 3), (0, 0)]


@pytest.mark.parametrize("name", ["safetyStock", "backorderLimit"])
@pytest.mark.parametrize("units", [-1, 1_000_000_001])
def test_refuses_a_limit_that_is_none(limit, mug, name, units):
    payload = limit((mug, {name: units}))

    error = {
        "code": "INVALID",
        "field": ["input", "limits", "0", name],
        "message": "A limit is from 0 to 1000000000 units.",
    }
    assert payload == {"variants": None, "userErrors": [error]}
    assert limits() == [(0, 0)]


def test_refuses_a_moment_without_its_offset(limit, mug):
    [error] = limit((mug, {"expectedAt": "2026-05-01T00:00:00"}))["userErrors"]

    assert (error["code"], error["field"]) == ("INVALID", ["input", "limits", "0", "expectedAt"])


@pytest.mark.parametrize(
    ("column", "rule"),
    [("safety_stock", "safety_stock_not_negative"), ("backorder_limit", "backorder_limit_not_negative")],
)
def test_the_database_itself_holds_no_negative_limit(mug, column, rule):
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        StockLevel.objects.update(**{column: -1})


def test_costs_the_same_however_many(limit):
    def cost_of(size):
        said = [(builders.a_variant(stock=1), {"safetyStock": 1}) for _ in range(size)]
        with CaptureQueriesContext(connection) as queries:
            assert len(limit(*said)["variants"]) == size
        return len(queries)

    assert cost_of(1) == cost_of(20)
