"""Order.events: what happened to an order, told once; shoppers see what is public, staff see all."""

from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from accounts.actors import SYSTEM, of_user
from accounts.models import User
from accounts.staff import Permission
from checkout import fulfilment, orders
from checkout.fulfilment import Tracking
from checkout.models import Order, OrderEvent
from tests import builders
from tests.conftest import Execute

EVENTS = """
query ($id: ID!, $first: Int, $after: String) {
  order(id: $id) {
    events(first: $first, after: $after) {
      nodes { kind message isPublic actor { email } } pageInfo { endCursor hasNextPage }
    }
  }
}
"""
STATUS = "query ($token: String!) { orderStatus(token: $token) { note events { nodes { kind actor { email } } } } }"
ADD = """
mutation ($id: ID!, $note: String!, $isPublic: Boolean! = false) {
  orderNoteAdd(id: $id, note: $note, isPublic: $isPublic) {
    order { events(last: 1) { nodes { kind message isPublic } } } userErrors { code field message }
  }
}
"""
UPDATE = """
mutation ($id: ID, $token: String, $note: String!) {
  orderNoteUpdate(id: $id, token: $token, note: $note) { order { note } userErrors { code field message } }
}
"""


@pytest.fixture
def order(alice: User) -> Order:
    return builders.an_order((builders.a_variant("MUG", title="Mug"), 2), owner=alice)


def kinds(order: Order) -> list[str]:
    return list(order.events.order_by("pk").values_list("kind", flat=True))


def test_tells_a_life_with_who_did_what(execute: Execute, alice: User, sam: User, order: Order) -> None:
    [line] = order.lines.all()
    fulfilment.create(order_key=order.key, lines=[(line.pk, 1)], tracking=Tracking(), actor=of_user(sam))
    execute(ADD, as_=sam, id=builders.id_of(order), note="Fragile!")
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)

    told = execute(EVENTS, as_=sam, id=builders.id_of(order))["order"]["events"]["nodes"]

    assert [(one["kind"], one["message"], one["isPublic"], (one["actor"] or {}).get("email")) for one in told] == [
        ("PLACED", "The order was placed.", True, "alice@example.com"),
        ("PAYMENT_CAPTURED", "25.00 USD came in.", True, None),
        ("CONFIRMED", "The order was confirmed.", True, None),
        ("SHIPPED", "Sent: 1 of Mug.", True, "sam@example.com"),
        ("NOTE", "Fragile!", False, "sam@example.com"),
        ("SHIPPED", "Sent: 1 of Mug.", True, None),
        ("FULFILLED", "Everything was sent.", True, None),
    ]
    own = execute(EVENTS, as_=alice, id=builders.id_of(order))["order"]["events"]["nodes"]
    assert [one["kind"] for one in own] == [one["kind"] for one in told if one["kind"] != "NOTE"]
    assert [one["actor"] for one in own if one["kind"] == "SHIPPED"] == [None, None]


def test_a_stranger_with_the_link_reads_what_is_public_and_no_names(execute: Execute, sam: User, order: Order) -> None:
    execute(ADD, as_=sam, id=builders.id_of(order), note="Fraud?")
    execute(ADD, as_=sam, id=builders.id_of(order), note="Thank you!", isPublic=True)

    found = execute(STATUS, token=order.status_token)["orderStatus"]["events"]["nodes"]

    assert found == [{"kind": kind, "actor": None} for kind in ("PLACED", "PAYMENT_CAPTURED", "CONFIRMED", "NOTE")]


def test_is_read_in_pages(execute: Execute, sam: User, order: Order) -> None:
    first = execute(EVENTS, as_=sam, id=builders.id_of(order), first=2)["order"]["events"]
    rest = execute(EVENTS, as_=sam, id=builders.id_of(order), after=first["pageInfo"]["endCursor"])["order"]["events"]

    assert [one["kind"] for one in first["nodes"] + rest["nodes"]] == kinds(order)
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many(execute: Execute, sam: User, django_assert_num_queries: Any, size: int) -> None:
    mug = builders.a_variant("MUG", stock=50)
    for _ in range(size):
        order = builders.an_order((mug, 1), owner=builders.a_customer())
        execute(ADD, as_=sam, id=builders.id_of(order), note="Seen.")

    with django_assert_num_queries(5):
        execute("{ orders { nodes { events { nodes { kind actor { email } } } } } }", as_=sam)


def test_what_was_told_stays(order: Order) -> None:
    with pytest.raises(ProgrammingError, match="never changed"), transaction.atomic():
        OrderEvent.objects.update(message="It never was.")


def test_a_cancelled_order_tells_why(order: Order) -> None:
    orders.cancel(order_key=order.key, reason="Out of clay")

    event = order.events.latest("pk")
    assert (event.kind, event.message) == ("CANCELLED", "The order was cancelled: Out of clay")


def test_the_customer_changes_their_note_until_something_is_sent(
    execute: Execute, alice: User, bob: User, order: Order
) -> None:
    own = execute(UPDATE, as_=alice, id=builders.id_of(order), note=" Ring twice. ")["orderNoteUpdate"]
    by_link = execute(UPDATE, token=order.status_token, note="Ring once.")["orderNoteUpdate"]
    foreign = execute(UPDATE, as_=bob, id=builders.id_of(order), note="Mine")["orderNoteUpdate"]

    assert own == {"order": {"note": "Ring twice."}, "userErrors": []}
    assert by_link == {"order": {"note": "Ring once."}, "userErrors": []}
    assert foreign["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"], "message": "Order not found."}]
    assert kinds(order)[3:] == ["NOTE_CHANGED", "NOTE_CHANGED"]
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)

    late = execute(UPDATE, as_=alice, id=builders.id_of(order), note="")["orderNoteUpdate"]

    assert [error["code"] for error in late["userErrors"]] == ["NOTE_TOO_LATE"]
    order.refresh_from_db()
    assert order.note == "Ring once."


def test_notes_are_left_by_staff_who_keep_orders(request_graphql: Execute, alice: User, order: Order) -> None:
    clerk = builders.a_clerk(*(set(Permission) - {Permission.MANAGE_ORDERS}))

    answers = [request_graphql(ADD, as_=user, id=builders.id_of(order), note="x") for user in (None, alice, clerk)]

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN"]
    assert kinds(order) == ["PLACED", "PAYMENT_CAPTURED", "CONFIRMED"]


def test_numbers_do_not_tell_how_many_orders_there_were(settings: Any, order: Order) -> None:
    settings.ORDER_NUMBER_PREFIX = "CLAY-"
    numbers = [builders.an_order((builders.a_variant(), 1)).number for _ in range(20)]

    assert len({order.number, *numbers}) == 21
    assert all(10_000_000 <= number < 10_000_000 + 2**26 for number in numbers)
    assert numbers != sorted(numbers)
    assert order.name == f"CLAY-{order.number}"
