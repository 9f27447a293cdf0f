"""orderLinesCancel: units that were not sent are owed no more; what was agreed stays as it was."""

from typing import Any

import pytest

from accounts.actors import SYSTEM
from accounts.models import User
from accounts.staff import Permission
from catalog.models import StockLevel, StockMovement
from checkout import fulfilment
from checkout.fulfilment import Tracking
from checkout.models import Order, PaymentEntry, Refund
from shop import relay
from tests import builders
from tests.conftest import Execute

CANCEL = """
mutation ($id: ID!, $lines: [OrderLineQuantityInput!]!, $reason: String! = "", $restock: Boolean! = true,
          $refund: Boolean! = true) {
  orderLinesCancel(id: $id, lines: $lines, reason: $reason, restock: $restock, refund: $refund) {
    order {
      status fulfillmentStatus totalPrice { amount } currentSubtotalPrice { amount } currentTotalPrice { amount }
      lineItems { nodes { quantity currentQuantity refundableQuantity } }
      events(last: 1) { nodes { kind message } }
    }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def order(db: None) -> Order:
    """Three mugs and a jug, paid: 3 x 10 + 7 + 5 for delivery."""
    mug = builders.a_variant("MUG", stock=5, price="10.00", title="Mug")
    return builders.an_order((mug, 3), (builders.a_variant("JUG", stock=2, price="7.00", title="Jug"), 1))


@pytest.fixture
def cancel(execute: Execute, sam: User, order: Order) -> Execute:
    def send(*units: tuple[int, int], **more: Any) -> dict[str, Any]:
        lines = list(order.lines.order_by("position"))
        given = [{"orderLineItemId": builders.id_of(lines[at]), "quantity": quantity} for at, quantity in units]
        answer: dict[str, Any] = execute(CANCEL, as_=sam, id=builders.id_of(order), lines=given, **more)
        relay.drain()
        return answer["orderLinesCancel"]

    return send


def levels() -> dict[str, tuple[int, int]]:
    rows = StockLevel.objects.values_list("variant__sku", "on_hand", "reserved")
    return {sku: (on_hand, reserved) for sku, on_hand, reserved in rows}


def ledger() -> list[tuple[str, str]]:
    return [(entry.kind, f"{entry.amount:.2f}") for entry in PaymentEntry.objects.order_by("pk")]


def test_takes_units_off_and_gives_their_money_back(cancel: Execute, order: Order, assert_verified: Any) -> None:
    payload = cancel((0, 2), reason="Chipped")

    assert payload == {
        "order": {
            "status": "CONFIRMED",
            "fulfillmentStatus": "UNFULFILLED",
            "totalPrice": {"amount": "42.00"},
            "currentSubtotalPrice": {"amount": "17.00"},
            "currentTotalPrice": {"amount": "22.00"},
            "lineItems": {
                "nodes": [
                    {"quantity": 3, "currentQuantity": 1, "refundableQuantity": 1},
                    {"quantity": 1, "currentQuantity": 1, "refundableQuantity": 1},
                ]
            },
            "events": {"nodes": [{"kind": "LINES_CANCELLED", "message": "Cancelled: 2 of Mug. Chipped"}]},
        },
        "userErrors": [],
    }
    assert levels() == {"MUG": (5, 1), "JUG": (2, 1)}
    assert ledger() == [("CAPTURE", "42.00"), ("REFUND", "20.00")]
    assert_verified()


def test_what_was_sent_of_the_rest_makes_it_fulfilled(cancel: Execute, order: Order, assert_verified: Any) -> None:
    mug, jug = order.lines.order_by("position")
    fulfilment.create(order_key=order.key, lines=[(mug.pk, 1), (jug.pk, 1)], tracking=Tracking(), actor=SYSTEM)

    payload = cancel((0, 2))

    assert (payload["order"]["status"], payload["order"]["fulfillmentStatus"]) == ("FULFILLED", "FULFILLED")
    assert levels() == {"MUG": (4, 0), "JUG": (1, 0)}
    assert_verified()


def test_the_last_unit_cancels_the_order_and_its_delivery(cancel: Execute, order: Order, assert_verified: Any) -> None:
    cancel((0, 3))

    payload = cancel((1, 1))

    assert (payload["order"]["status"], payload["order"]["currentTotalPrice"]) == ("CANCELLED", {"amount": "0.00"})
    assert [line["currentQuantity"] for line in payload["order"]["lineItems"]["nodes"]] == [0, 0]
    assert ledger() == [("CAPTURE", "42.00"), ("REFUND", "30.00"), ("REFUND", "12.00")]
    assert levels() == {"MUG": (5, 0), "JUG": (2, 0)}
    assert_verified()


def test_what_is_broken_is_written_off_and_money_may_stay(cancel: Execute, assert_verified: Any) -> None:
    cancel((0, 1), restock=False, refund=False)

    assert levels() == {"MUG": (4, 2), "JUG": (2, 1)}
    assert StockMovement.objects.filter(kind="DAMAGE").values_list("on_hand_delta", "reserved_delta").get() == (-1, -1)
    assert not Refund.objects.exists()
    assert_verified()


def test_of_what_is_only_promised_less_is_taken(execute: Execute, sam: User, assert_verified: Any) -> None:
    order = builders.an_order((builders.a_variant("MUG", price="10.00"), 2), token="authorize")
    given = [{"orderLineItemId": builders.id_of(order.lines.get()), "quantity": 1}]
    execute(CANCEL, as_=sam, id=builders.id_of(order), lines=given)

    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    relay.drain()

    assert ledger() == [("AUTHORIZATION", "25.00"), ("CAPTURE", "15.00")]
    assert_verified()


def test_no_cent_is_lost_in_what_cannot_be_divided(cancel: Execute, order: Order, assert_verified: Any) -> None:
    mug = order.lines.get(position=0)
    mug.discount_total, mug.total = mug.discount_total + 10, mug.total - 10
    mug.discounts = [{"promotion_id": None, "title": "For the scratch", "code": "", "amount": "10.00"}]
    mug.save()
    Order.objects.update(subtotal=27, total=32, discount_total=10)

    totals = [cancel((0, 1))["order"]["currentSubtotalPrice"]["amount"] for _ in range(3)]

    assert totals == ["20.33", "13.67", "7.00"]
    assert_verified()


@pytest.mark.parametrize(
    ("units", "code", "field", "message"),
    [
        ([], "INVALID", ["lines"], "Name at least one line to cancel."),
        ([(0, 0)], "INVALID", ["lines", "0", "quantity"], "The quantity must be 1 or more."),
        (
            [(0, 2), (0, 2)],
            "CANCELLATION_TOO_LARGE",
            ["lines", "1", "quantity"],
            "Only 3 of MUG are left to cancel.",
        ),
    ],
)
def test_refuses_what_cannot_be_cancelled(
    cancel: Execute, units: list[tuple[int, int]], code: str, field: list[str], message: str
) -> None:
    payload = cancel(*units)

    assert payload == {"order": None, "userErrors": [{"code": code, "field": field, "message": message}]}
    assert levels() == {"MUG": (5, 3), "JUG": (2, 1)}
    assert not Refund.objects.exists()


def test_is_for_staff_who_keep_orders(request_graphql: Execute, alice: User, order: Order) -> None:
    clerk = builders.a_clerk(*(set(Permission) - {Permission.MANAGE_ORDERS}))
    given = [{"orderLineItemId": builders.id_of(order.lines.earliest("pk")), "quantity": 1}]

    answers = [
        request_graphql(CANCEL, as_=user, id=builders.id_of(order), lines=given) for user in (None, alice, clerk)
    ]

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN"]
    assert levels() == {"MUG": (5, 3), "JUG": (2, 1)}
