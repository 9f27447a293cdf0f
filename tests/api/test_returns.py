"""returnRequest, …Approve, …Decline, …Cancel and …Receive: what was sent comes back once, into stock or written off."""

from typing import Any

import pytest

from accounts.actors import SYSTEM
from accounts.models import User
from accounts.staff import Permission
from catalog.models import StockLevel, StockMovement
from checkout import fulfilment
from checkout.fulfilment import Tracking
from checkout.models import Order, PaymentEntry, Refund, Return
from shop import relay
from tests import builders
from tests.conftest import Execute

ANSWER = """{
  return { id status reason answer lineItems { quantity goodQuantity damagedQuantity } }
  order { currentTotalPrice { amount } lineItems(first: 1) { nodes { returnedQuantity returnableQuantity } } }
  userErrors { code field message }
}"""
REQUEST = f"""
mutation ($id: ID, $token: String, $lines: [OrderLineQuantityInput!]!, $reason: String! = "") {{
  returnRequest(id: $id, token: $token, lines: $lines, reason: $reason) {ANSWER}
}}
"""
APPROVE = f'mutation ($id: ID!) {{ returnApprove(id: $id, answer: "Use the box.") {ANSWER} }}'
DECLINE = f'mutation ($id: ID!) {{ returnDecline(id: $id, answer: "Too late.") {ANSWER} }}'
CANCEL = f"mutation ($id: ID!) {{ returnCancel(id: $id) {ANSWER} }}"
RECEIVE = f"""
mutation ($id: ID!, $lines: [ReturnArrivalInput!], $locationId: ID, $refund: Boolean! = true) {{
  returnReceive(id: $id, lines: $lines, locationId: $locationId, refund: $refund) {ANSWER}
}}
"""


@pytest.fixture
def order(alice: User) -> Order:
    """Three mugs for alice, paid (3 x 10 + 5 for delivery) and sent."""
    order = builders.an_order((builders.a_variant("MUG", stock=5, price="10.00", title="Mug"), 3), owner=alice)
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    return order


def units(order: Order, quantity: int) -> list[dict[str, Any]]:
    return [{"orderLineItemId": builders.id_of(order.lines.get()), "quantity": quantity}]


def ask(execute: Execute, user: User, order: Order, quantity: int) -> dict[str, Any]:
    answer: dict[str, Any] = execute(
        REQUEST, as_=user, id=builders.id_of(order), lines=units(order, quantity), reason="Too blue"
    )["returnRequest"]
    return answer


def on_hand() -> dict[str, int]:
    return dict(StockLevel.objects.values_list("location__code", "on_hand"))


def test_comes_back_with_its_money(
    execute: Execute, alice: User, sam: User, order: Order, assert_verified: Any
) -> None:
    asked = ask(execute, alice, order, 2)
    assert asked == {
        "return": {
            "id": asked["return"]["id"],
            "status": "REQUESTED",
            "reason": "Too blue",
            "answer": None,
            "lineItems": [{"quantity": 2, "goodQuantity": 0, "damagedQuantity": 0}],
        },
        "order": {
            "currentTotalPrice": {"amount": "35.00"},
            "lineItems": {"nodes": [{"returnedQuantity": 0, "returnableQuantity": 1}]},
        },
        "userErrors": [],
    }
    id, line = asked["return"]["id"], builders.id_of(order.lines.get())
    approved = execute(APPROVE, as_=sam, id=id)["returnApprove"]
    assert (approved["return"]["status"], approved["return"]["answer"]) == ("OPEN", "Use the box.")
    shelf = builders.a_location("Returns")

    came = execute(
        RECEIVE,
        as_=sam,
        id=id,
        lines=[{"orderLineItemId": line, "goodQuantity": 1, "damagedQuantity": 1}],
        locationId=builders.id_of(shelf),
    )["returnReceive"]
    relay.drain()

    assert came["return"]["status"] == "RECEIVED"
    assert came["return"]["lineItems"] == [{"quantity": 2, "goodQuantity": 1, "damagedQuantity": 1}]
    assert came["order"] == {
        "currentTotalPrice": {"amount": "15.00"},
        "lineItems": {"nodes": [{"returnedQuantity": 2, "returnableQuantity": 1}]},
    }
    assert on_hand() == {"main": 2, "returns": 1}
    movements = StockMovement.objects.filter(location=shelf).order_by("pk")
    assert list(movements.values_list("kind", "on_hand_delta", "actor")) == [
        ("RETURN", 2, sam.pk),
        ("DAMAGE", -1, sam.pk),
    ]
    assert [f"{entry.kind} {entry.amount:.2f}" for entry in PaymentEntry.objects.order_by("pk")] == [
        "CAPTURE 35.00",
        "REFUND 20.00",
    ]
    assert [kind for kind in order.events.order_by("pk").values_list("kind", flat=True) if "RETURN" in kind] == [
        "RETURN_REQUESTED",
        "RETURN_APPROVED",
        "RETURNED",
    ]
    assert_verified()


def test_what_did_not_come_stays_sold(execute: Execute, sam: User, order: Order, assert_verified: Any) -> None:
    asked = ask(execute, sam, order, 3)
    assert asked["return"]["status"] == "OPEN"  # staff decide as they ask
    line = builders.id_of(order.lines.get())

    came = execute(
        RECEIVE,
        as_=sam,
        id=asked["return"]["id"],
        lines=[{"orderLineItemId": line, "goodQuantity": 1}],
        refund=False,
    )["returnReceive"]

    assert came["order"]["currentTotalPrice"] == {"amount": "25.00"}
    assert came["order"]["lineItems"]["nodes"] == [{"returnedQuantity": 1, "returnableQuantity": 2}]
    assert on_hand() == {"main": 3}
    assert not Refund.objects.exists()
    assert_verified()


@pytest.mark.parametrize(
    ("document", "field", "status"), [(DECLINE, "Decline", "DECLINED"), (CANCEL, "Cancel", "CANCELLED")]
)
def test_what_does_not_come_may_be_asked_for_again(
    execute: Execute, alice: User, sam: User, order: Order, document: str, field: str, status: str, assert_verified: Any
) -> None:
    first = ask(execute, alice, order, 3)["return"]["id"]
    too_many = ask(execute, alice, order, 1)
    assert [error["message"] for error in too_many["userErrors"]] == ["Only 0 of MUG can come back."]

    ended = execute(document, as_=sam, id=first)[f"return{field}"]

    assert (ended["return"]["status"], ended["userErrors"]) == (status, [])
    again = execute(RECEIVE, as_=sam, id=first)["returnReceive"]
    assert [error["code"] for error in again["userErrors"]] == ["RETURN_STATUS_REFUSED"]
    assert ask(execute, alice, order, 3)["userErrors"] == []
    assert on_hand() == {"main": 2}
    assert_verified()


def test_nothing_comes_back_that_was_not_sent(execute: Execute, alice: User) -> None:
    order = builders.an_order((builders.a_variant("TEA"), 1), owner=alice)

    payload = ask(execute, alice, order, 1)

    assert payload["userErrors"] == [
        {"code": "RETURN_TOO_LARGE", "field": ["lines", "0", "quantity"], "message": "Only 0 of TEA can come back."}
    ]
    assert not Return.objects.exists()


def test_others_see_and_touch_nothing(
    request_graphql: Execute, execute: Execute, alice: User, bob: User, order: Order
) -> None:
    asked = ask(execute, alice, order, 1)["return"]["id"]
    clerk = builders.a_clerk(*(set(Permission) - {Permission.MANAGE_ORDERS}))

    assert ask(execute, bob, order, 1)["userErrors"][0]["code"] == "NOT_FOUND"
    assert execute(CANCEL, as_=bob, id=asked)["returnCancel"]["userErrors"][0]["code"] == "NOT_FOUND"
    for document in (APPROVE, DECLINE, RECEIVE):
        codes = [
            request_graphql(document, as_=user, id=asked)["errors"][0]["extensions"]["code"]
            for user in (None, alice, clerk)
        ]
        assert codes == ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN"]
    assert Return.objects.get().status == "REQUESTED"


def test_who_has_the_link_may_ask(execute: Execute, order: Order) -> None:
    asked = execute(REQUEST, token=order.status_token, lines=units(order, 1))["returnRequest"]

    assert asked["return"]["status"] == "REQUESTED"


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many(execute: Execute, sam: User, django_assert_num_queries: Any, size: int) -> None:
    mug = builders.a_variant("MUG", stock=50)
    for _ in range(size):
        order = builders.an_order((mug, 1))
        fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
        ask(execute, sam, order, 1)

    with django_assert_num_queries(6):
        execute("{ orders { nodes { returns { status lineItems { title } } } } }", as_=sam)
