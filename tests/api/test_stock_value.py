"""stockValue and unitCost: what purchases cost, on average, and what stock is worth by place, category and time."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.staff import Permission
from catalog import stock, transfers
from catalog.models import MovementKind, StockMovement
from catalog.transfers import NewTransfer, Units
from tests import builders

ADJUST = """
mutation ($input: InventoryAdjustQuantitiesInput!) {
  inventoryAdjustQuantities(input: $input) {
    variants { unitCost { amount currencyCode } } userErrors { code field message }
  }
}
"""
VALUE = """
query ($at: DateTime, $location: ID, $category: ID) {
  stockValue(at: $at, locationId: $location, categoryId: $category) {
    quantity quantityWithoutCost value { amount }
    byLocation { quantity value { amount } location { code } }
    byCategory { quantity quantityWithoutCost value { amount } category { handle } }
  }
}
"""
COSTS = "{ inventoryMovements { nodes { kind onHandDelta unitCost averageCost } } }"


@pytest.fixture
def mug(db):
    return builders.a_product("Mug", category=builders.a_category("Mugs"), stock_=0).variants.get()


@pytest.fixture
def buy(execute, sam):
    """Buy units of a variant at a cost, or change stock for another reason."""

    def send(variant, delta, cost, *, reason="PURCHASE", location=None):
        change = {"variantId": builders.id_of(variant), "delta": delta, "unitCost": cost}
        if location:
            change["locationId"] = builders.id_of(location)
        return execute(ADJUST, as_=sam, input={"reason": reason, "changes": [change]})["inventoryAdjustQuantities"]

    return send


@pytest.fixture
def worth(execute, sam):
    """What stock is worth, or was."""

    def ask(**where):
        return execute(VALUE, as_=sam, **where)["stockValue"]

    return ask


def cost_in(payload):
    assert payload["userErrors"] == []
    [variant] = payload["variants"]
    return variant["unitCost"] and variant["unitCost"]["amount"]


def test_the_cost_is_the_moving_average_of_purchases(buy, mug, execute, sam, assert_verified):
    costs = [
        cost_in(buy(mug, 4, None)),
        cost_in(buy(mug, 2, "3.00")),
        cost_in(buy(mug, 1, "10.00")),
        cost_in(buy(mug, -4, None, reason="DAMAGE")),
        cost_in(buy(mug, 3, "1.00")),
    ]

    assert costs == [None, "3.00", "4.00", "4.00", "2.50"]
    movements = execute(COSTS, as_=sam)["inventoryMovements"]["nodes"]
    assert [(one["onHandDelta"], one["unitCost"], one["averageCost"]) for one in movements] == [
        (3, "1.000000", "2.500000"),
        (-4, None, None),
        (1, "10.000000", "4.000000"),
        (2, "3.000000", "3.000000"),
        (4, None, None),
    ]
    assert_verified()


def test_thirds_add_up(buy, mug, worth):
    buy(mug, 1, "1.00")
    buy(mug, 2, "2.00")

    assert StockMovement.objects.latest("pk").average_cost == Decimal("1.666667")
    assert worth()["value"] == {"amount": "5.00"}


def test_what_is_on_its_way_between_locations_weighs_as_well(buy, mug, sam):
    buy(mug, 4, "3.00")
    berlin, main = builders.a_location("Berlin"), stock.default_location()
    lines = [Units(variant_id=mug.pk, quantity=4)]
    plan = NewTransfer(origin_id=main.pk, destination_id=berlin.pk, lines=lines, note=None)
    transfers.ship(transfer_id=transfers.create(transfer=plan, actor=SYSTEM).pk, actor=SYSTEM)

    assert cost_in(buy(mug, 4, "5.00", location=berlin)) == "4.00"


def test_stock_is_worth_what_it_cost_by_location_and_category(buy, mug, worth):
    berlin = builders.a_location("Berlin")
    parent = builders.a_category("Kitchen")
    cups, pots = builders.a_category("Cups", parent=parent), builders.a_category("Pots", parent=parent)
    cup = builders.a_product("Cup", category=cups, stock_=0).variants.get()
    pot = builders.a_product("Pot", category=pots, stock_=0).variants.get()
    builders.a_product("Lid", category=parent, stock_=7)
    buy(mug, 2, "3.00")
    buy(cup, 3, "4.00", location=berlin)
    buy(pot, 1, "0.50")

    kitchen = worth(category=builders.id_of(parent))

    assert worth() == {
        "quantity": 13,
        "quantityWithoutCost": 7,
        "value": {"amount": "18.50"},
        "byLocation": [
            {"quantity": 10, "value": {"amount": "6.50"}, "location": {"code": "main"}},
            {"quantity": 3, "value": {"amount": "12.00"}, "location": {"code": "berlin"}},
        ],
        "byCategory": [
            {"quantity": 2, "quantityWithoutCost": 0, "value": {"amount": "6.00"}, "category": {"handle": "mugs"}},
            {"quantity": 11, "quantityWithoutCost": 7, "value": {"amount": "12.50"}, "category": {"handle": "kitchen"}},
        ],
    }
    assert {one["category"]["handle"]: one["quantity"] for one in kitchen["byCategory"]} == {
        "kitchen": 7,
        "cups": 3,
        "pots": 1,
    }
    assert worth(location=builders.id_of(berlin))["value"] == {"amount": "12.00"}
    assert worth(location=builders.id_of(berlin), category=builders.id_of(pots))["quantity"] == 0
    assert worth(category="gid://shop/Category/404") is None


def test_stock_was_worth_what_it_had_cost_by_then(buy, mug, worth):
    buy(mug, 2, "3.00")
    then = timezone.now()
    buy(mug, 2, "5.00")
    buy(mug, -1, None, reason="DAMAGE")

    assert (worth(at=then.isoformat())["quantity"], worth(at=then.isoformat())["value"]["amount"]) == (2, "6.00")
    assert (worth()["quantity"], worth()["value"]["amount"]) == (3, "12.00")


@pytest.mark.parametrize(
    ("delta", "cost", "reason", "message"),
    [
        (1, "1.00", "RETURN", "Only units that come in by a PURCHASE tell what they cost."),
        (-1, "1.00", "PURCHASE", "Only units that come in by a PURCHASE tell what they cost."),
        (1, "-1.00", "PURCHASE", "A price must be zero or more."),
        (1, "1.001", "PURCHASE", "A price in USD has 2 decimals at the most."),
    ],
)
def test_refuses_what_is_no_cost_of_a_purchase(buy, mug, delta, cost, reason, message):
    payload = buy(mug, delta, cost, reason=reason)

    [error] = payload["userErrors"]
    assert (error["code"], error["field"], error["message"]) == (
        "INVALID",
        ["input", "changes", "0", "unitCost"],
        message,
    )
    assert not StockMovement.objects.exists()


def test_nothing_but_a_purchase_tells_its_cost(mug):
    with pytest.raises(IntegrityError, match="only_a_purchase_tells_its_cost"), transaction.atomic():
        StockMovement.objects.create(
            variant=mug,
            location=stock.default_location(),
            kind=MovementKind.RETURN,
            on_hand_delta=1,
            unit_cost=Decimal(1),
            average_cost=Decimal(1),
        )


@pytest.mark.parametrize(
    "document", [VALUE, '{ product(handle: "mug") { variants { nodes { unitCost { amount } } } } }'], ids=["all", "one"]
)
def test_costs_are_for_staff_who_keep_the_inventory(request_graphql, document, mug):
    answer = request_graphql(document, as_=builders.a_clerk(Permission.MANAGE_CATALOG))

    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}


@pytest.mark.parametrize("size", [1, 20])
def test_the_report_costs_the_same_however_much_there_is(worth, size):
    for _ in range(size):
        builders.a_variant(stock=1)

    with CaptureQueriesContext(connection) as queries:
        assert worth()["quantity"] == size

    assert len(queries) == 5
