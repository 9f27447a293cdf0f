"""Transfers of stock: planned, shipped, received bit by bit, or given up; every unit is explained on both sides."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog import stock
from catalog.models import StockLevel, StockMovement, StockTransfer
from tests import builders

TRANSFER = """
transfer {
  status reference note createdBy origin { code } destination { code }
  lines { quantity received variant { sku } }
}
userErrors { code field message }
"""
CREATE = f"""
mutation ($transfer: InventoryTransferCreateInput!) {{ inventoryTransferCreate(transfer: $transfer) {{ {TRANSFER} }} }}
"""
SHIP = f"mutation ($id: ID!) {{ inventoryTransferShip(id: $id) {{ {TRANSFER} }} }}"
RECEIVE = f"""
mutation ($id: ID!, $lines: [InventoryTransferLineInput!]) {{
  inventoryTransferReceive(id: $id, lines: $lines) {{ {TRANSFER} }}
}}
"""
CANCEL = f"mutation ($id: ID!) {{ inventoryTransferCancel(id: $id) {{ {TRANSFER} }} }}"
LISTED = """
query ($status: InventoryTransferStatus) {
  inventoryTransfers(status: $status) {
    totalCount nodes { status lines { variant { sku } } origin { code } destination { code } }
  }
}
"""


@pytest.fixture
def berlin(db):
    return builders.a_location("Berlin")


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", stock=5)


@pytest.fixture
def plan(execute, sam, berlin):
    """Plan to move so many units of each variant from the default location to Berlin."""

    def send(*units, **said):
        lines = [
            {"variantId": one if isinstance(one, str) else builders.id_of(one), "quantity": quantity}
            for one, quantity in units
        ]
        ends = {
            "originId": builders.id_of(stock.default_location()),
            "destinationId": builders.id_of(berlin),
        }
        payload = execute(CREATE, as_=sam, transfer={**ends, "lines": lines, **said})
        return payload["inventoryTransferCreate"]

    return send


@pytest.fixture
def act(execute, sam):
    """Do something with the one transfer there is."""

    def send(document, **arguments):
        id_ = builders.id_of(StockTransfer.objects.get())
        [payload] = execute(document, as_=sam, id=id_, **arguments).values()
        return payload

    return send


def of(variant, quantity):
    return {"variantId": builders.id_of(variant), "quantity": quantity}


def on_hand():
    levels = StockLevel.objects.order_by("location__priority", "variant_id")
    return list(levels.values_list("location__code", "on_hand"))


def moved():
    entries = StockMovement.objects.filter(kind="TRANSFER").order_by("pk")
    assert {entry.reference for entry in entries} <= {StockTransfer.objects.get().reference}
    return list(entries.values_list("location__code", "on_hand_delta"))


def errors(payload):
    assert payload["transfer"] is None
    return [(error["code"], error["field"], error["message"]) for error in payload["userErrors"]]


def test_plans_without_moving_anything(plan, mug, sam, assert_verified):
    payload = plan((mug, 3), note=" For the opening ")

    assert payload == {
        "transfer": {
            "status": "DRAFT",
            "reference": StockTransfer.objects.get().reference,
            "note": "For the opening",
            "createdBy": sam.email,
            "origin": {"code": "main"},
            "destination": {"code": "berlin"},
            "lines": [{"quantity": 3, "received": 0, "variant": {"sku": "MUG"}}],
        },
        "userErrors": [],
    }
    assert (on_hand(), moved()) == ([("main", 5)], [])
    assert_verified()


def test_what_is_on_its_way_belongs_to_neither_location_until_it_comes_in(plan, act, mug, assert_verified):
    plan((mug, 3))
    looks = []

    for document, arguments in ((SHIP, {}), (RECEIVE, {"lines": [of(mug, 2)]}), (RECEIVE, {})):
        payload = act(document, **arguments)
        looks.append((payload["transfer"]["status"], dict(on_hand()), stock.free([mug.pk])[mug.pk]))
        assert_verified()

    assert looks == [
        ("IN_TRANSIT", {"main": 2}, 2),
        ("IN_TRANSIT", {"main": 2, "berlin": 2}, 4),
        ("RECEIVED", {"main": 2, "berlin": 3}, 5),
    ]
    assert moved() == [("main", -3), ("berlin", 2), ("berlin", 1)]


@pytest.mark.parametrize(
    ("steps", "left"), [([], [("main", 5)]), ([SHIP], [("main", 5)]), ([SHIP, RECEIVE], [("main", 3), ("berlin", 2)])]
)
def test_giving_up_brings_back_what_is_still_on_its_way(plan, act, mug, steps, left, assert_verified):
    plan((mug, 4))
    for step in steps:
        act(step, **({"lines": [of(mug, 2)]} if step is RECEIVE else {}))

    payload = act(CANCEL)

    assert (payload["transfer"]["status"], payload["userErrors"]) == ("CANCELLED", [])
    assert on_hand() == left
    assert_verified()


def test_takes_no_more_than_lies_there_and_nothing_of_what_orders_hold(plan, act, mug, assert_verified):
    cup = builders.a_variant("CUP", stock=9)
    plan((cup, 1), (mug, 5))
    with transaction.atomic():
        stock.hold({mug.pk: 2}, reference="order", expires_at=None)
    held = errors(act(SHIP))
    with transaction.atomic():
        stock.ship("order", {mug.pk: 2})

    short = errors(act(SHIP))

    assert held == [("STOCK_TAKEN", ["id"], "2 of MUG are held for orders; stock cannot go below that.")]
    assert short == [("INSUFFICIENT_STOCK", ["id"], "Only 3 of MUG left.")]
    assert (on_hand(), moved()) == ([("main", 3), ("main", 9)], [])
    assert StockTransfer.objects.get().status == "DRAFT"
    assert_verified()


def test_refuses_more_than_is_on_its_way_and_what_is_no_part_of_it(plan, act, mug, assert_verified):
    cup = builders.a_variant("CUP", stock=9)
    plan((mug, 3))
    act(SHIP)

    payload = act(RECEIVE, lines=[of(mug, 4), of(cup, 1), of(mug, 1)])

    assert errors(payload) == [
        ("INVALID", ["lines", "0", "quantity"], "3 are on their way, and no more can come in; a line has 1 or more."),
        ("INVALID", ["lines", "1", "variantId"], "This variant is not part of the transfer."),
        ("INVALID", ["lines", "2", "variantId"], "This variant is in the list already; add its units up."),
    ]
    assert moved() == [("main", -3)]
    assert_verified()


@pytest.mark.parametrize(
    ("before", "document", "message"),
    [
        ([], RECEIVE, "The transfer is draft and cannot become received."),
        ([SHIP], SHIP, "The transfer is in transit and cannot become in transit."),
        ([SHIP, RECEIVE], CANCEL, "The transfer is received and cannot become cancelled."),
        ([CANCEL], SHIP, "The transfer is cancelled and cannot become in transit."),
    ],
)
def test_refuses_steps_that_its_status_does_not_allow(plan, act, mug, before, document, message):
    plan((mug, 3))
    for step in before:
        act(step)
    movements = moved()

    assert errors(act(document)) == [("TRANSFER_STATUS_REFUSED", ["id"], message)]
    assert moved() == movements


def test_refuses_a_plan_that_leads_nowhere(plan, mug, berlin):
    payload = plan((mug, 0), (mug, 1), note="x" * 501, originId=builders.id_of(berlin))

    assert errors(payload) == [
        ("INVALID", ["transfer", "note"], "At most 500 characters are allowed; these are 501."),
        (
            "INVALID",
            ["transfer", "destinationId"],
            "Goods can only be moved to another location than where they are.",
        ),
        ("INVALID", ["transfer", "lines", "0", "quantity"], "A line moves 1 to 1000000000 units."),
        ("INVALID", ["transfer", "lines", "1", "variantId"], "This variant is in the list already; add its units up."),
    ]
    assert not StockTransfer.objects.exists()


def test_refuses_what_is_not_there(plan, execute, sam):
    payload = plan(("gid://shop/ProductVariant/404", 1), originId="gid://shop/Location/404")
    unknown = execute(SHIP, as_=sam, id="gid://shop/InventoryTransfer/404")["inventoryTransferShip"]

    assert errors(payload) == [
        ("NOT_FOUND", ["transfer", "originId"], "Location not found."),
        ("NOT_FOUND", ["transfer", "lines", "0", "variantId"], "ProductVariant not found."),
    ]
    assert errors(unknown) == [("NOT_FOUND", ["id"], "InventoryTransfer not found.")]


def test_verify_tells_a_line_that_the_ledger_does_not(plan, act, mug, assert_verified):
    plan((mug, 3))
    act(SHIP)
    StockTransfer.objects.get().lines.update(received=1)

    with pytest.raises(Exception, match=r"transfer \d+ of variant \d+ differs from the ledger"):
        assert_verified()


@pytest.mark.parametrize("size", [1, 20])
def test_a_list_costs_the_same_however_long(plan, execute, sam, mug, size):
    for _ in range(size):
        plan((mug, 1))

    with CaptureQueriesContext(connection) as queries:
        listed = execute(LISTED, as_=sam, status="DRAFT")["inventoryTransfers"]

    assert listed["totalCount"] == size
    assert len(queries) == 7
