"""Points that orders earn: waiting, credited, and taken back in proportion; Customer.loyalty and Order.earnedPoints."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts import points
from accounts.actors import SYSTEM, Actor
from accounts.models import PointsAccount, PointsEntry, User
from checkout import cancellations, claims, earned_points, edits, fulfilment, orders, payments, refunds, returns
from checkout.cancellations import Cancellation
from checkout.edits import AddVariant, SetQuantity, Wish
from checkout.fulfilment import Tracking
from checkout.models import EarnedPoints, Order
from shop import clock, relay
from tests import builders
from tests.conftest import Execute

LOYALTY = """
{ me {
  loyalty { balance pending worth { amount currencyCode } entries(first: 9) { nodes { kind points orderId reason } } }
  orders(first: 9) { nodes { earnedPoints { points isCredited pointsMissed } } }
} }
"""


@pytest.fixture
def order(alice: User) -> Order:
    """Three mugs for alice, paid (3 x 10 + 5 for delivery): it earns two points for one, which she has after a week."""
    builders.a_loyalty_program(earns="2", pays="0.05", pending_days=7)
    return builders.an_order((builders.a_variant("MUG", stock=9, price="10.00"), 3), owner=alice)


def has(execute: Execute, user: User) -> tuple[int, int]:
    found = execute(LOYALTY, as_=user)["me"]["loyalty"]
    return found["balance"], found["pending"]


def sent(order: Order) -> None:
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    relay.drain()


def later(order: Order) -> None:
    EarnedPoints.objects.filter(order=order).update(available_at=clock.now() - timedelta(seconds=1))
    earned_points.credit_due()


def back(order: Order, quantity: int) -> None:
    asked = returns.request(
        order_key=order.key, lines=[(order.lines.get().pk, quantity)], reason="Too blue", actor=SYSTEM
    )
    returns.receive(return_key=asked.key, arrivals=None, location_id=None, refund=True, actor=SYSTEM)
    relay.drain()


def ledger() -> list[tuple[str, int, str]]:
    return [(entry.kind, entry.points, entry.reason) for entry in PointsEntry.objects.order_by("pk")]


def test_wait_until_the_order_is_sent_and_some_days(
    execute: Execute, order: Order, alice: User, assert_verified: Any
) -> None:
    relay.drain()
    assert has(execute, alice) == (0, 60)
    assert EarnedPoints.objects.get().available_at is None

    sent(order)
    earned_points.credit_due()
    waits = EarnedPoints.objects.get().available_at
    assert waits is not None
    assert timedelta(days=6) < waits - clock.now() < timedelta(days=7)
    assert has(execute, alice) == (0, 60)
    later(order)
    later(order)

    me = execute(LOYALTY, as_=alice)["me"]
    assert me["loyalty"] == {
        "balance": 60,
        "pending": 0,
        "worth": {"amount": "3.00", "currencyCode": "USD"},
        "entries": {"nodes": [{"kind": "EARN", "points": 60, "orderId": builders.id_of(order), "reason": None}]},
    }
    assert me["orders"]["nodes"] == [{"earnedPoints": {"points": 60, "isCredited": True, "pointsMissed": 0}}]
    assert_verified()


def test_are_earned_by_what_was_received(execute: Execute, order: Order, alice: User) -> None:
    promised = builders.an_order((builders.a_variant("PAN", price="9.99"), 1), owner=alice, gateway="manual")
    relay.drain()
    assert has(execute, alice) == (0, 60)

    sent(promised)
    assert EarnedPoints.objects.filter(order=promised, available_at=None).exists()
    payments.mark_as_paid(order_key=promised.key)
    relay.drain()

    assert has(execute, alice) == (0, 79)  # 19.98 rounded down
    assert EarnedPoints.objects.filter(order=promised, available_at__isnull=False).exists()


def test_discounts_points_and_gift_cards_earn_nothing(execute: Execute, alice: User) -> None:
    builders.a_loyalty_program(pays="0.01")
    builders.given_points(alice, 500)
    builders.a_promotion(percentage="10")
    card = builders.a_variant("CARD", price="50.00")
    type(card).objects.filter(pk=card.pk).update(is_gift_card=True)
    cart = builders.a_ready_cart((builders.a_variant("MUG", price="20.00"), 1), (card, 1), owner=alice, points=500)

    builders.completed(cart)
    relay.drain()

    goods = sum(line.total for line in Order.objects.get().lines.filter(is_gift_card=False))
    assert goods == 18
    assert has(execute, alice) == (0, 13)


def test_are_taken_back_in_proportion(execute: Execute, order: Order, alice: User, assert_verified: Any) -> None:
    sent(order)
    later(order)

    refunds.create(order_key=order.key, amount=Decimal(7), reason="", actor=SYSTEM)  # a fifth of 35
    relay.drain()
    assert has(execute, alice) == (48, 0)
    assert_verified()
    back(order, 1)
    assert has(execute, alice) == (28, 0)  # 18 of 25 are paid, for goods of 20: what was given stays
    back(order, 2)

    assert has(execute, alice) == (0, 0)
    assert ledger() == [("EARN", 60, ""), ("TAKE_BACK", -12, ""), ("TAKE_BACK", -20, ""), ("TAKE_BACK", -28, "")]
    assert_verified()


def test_what_is_spent_cannot_be_taken_back_and_that_is_told(
    execute: Execute, order: Order, alice: User, assert_verified: Any
) -> None:
    sent(order)
    later(order)
    points.adjust(customer_id=alice.pk, points=-50, reason="Spent", actor=SYSTEM)

    back(order, 2)
    builders.given_points(alice, 100)
    earned_points.count(order.pk)

    assert ledger()[2:] == [("TAKE_BACK", -10, "30 more were spent already."), ("ADJUSTMENT", 100, "Welcome")]
    [shown] = execute(LOYALTY, as_=alice)["me"]["orders"]["nodes"]
    assert shown == {"earnedPoints": {"points": 20, "isCredited": True, "pointsMissed": 30}}
    assert has(execute, alice) == (100, 0)
    assert_verified()


def test_what_expired_is_taken_of_no_others(
    execute: Execute, order: Order, alice: User, monkeypatch: pytest.MonkeyPatch, assert_verified: Any
) -> None:
    builders.a_loyalty_program(earns="2", pays="0.05", expiry_days=10)
    sent(order)
    relay.drain()
    assert has(execute, alice) == (60, 0)
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(days=11))
    points.expire()
    builders.given_points(alice, 100)

    refunds.create(order_key=order.key, amount=None, reason="Broken", actor=SYSTEM)
    relay.drain()

    assert has(execute, alice) == (100, 0)
    assert ledger()[1:] == [
        ("EXPIRE", -60, ""),
        ("ADJUSTMENT", 100, "Welcome"),
        ("TAKE_BACK", 0, "60 more were spent, or expired, already."),
    ]
    assert EarnedPoints.objects.get().missed == 60
    assert_verified()


def test_a_refund_that_fails_gives_them_again(execute: Execute, alice: User, assert_verified: Any) -> None:
    builders.a_loyalty_program()
    order = builders.an_order((builders.a_variant("MUG", price="10.00"), 3), owner=alice, token="refund_fails")
    sent(order)
    earned_points.credit_due()
    refunds.create(order_key=order.key, amount=Decimal(7), reason="", actor=SYSTEM)
    earned_points.count(order.pk)
    assert has(execute, alice) == (24, 0)

    relay.drain()

    assert has(execute, alice) == (30, 0)
    assert ledger() == [("EARN", 30, ""), ("TAKE_BACK", -6, ""), ("EARN", 6, "")]
    assert_verified()


def test_less_is_pending_once_less_is_bought(execute: Execute, order: Order, alice: User) -> None:
    lines = [(order.lines.get().pk, 1)]
    cancellations.cancel_lines(order_key=order.key, lines=lines, cancellation=Cancellation(), actor=SYSTEM)
    relay.drain()
    assert has(execute, alice) == (0, 40)

    orders.cancel(order_key=order.key, reason="")
    relay.drain()

    assert has(execute, alice) == (0, 0)
    assert ledger() == []


def test_an_edit_changes_what_is_pending_once_it_is_paid(execute: Execute, order: Order, alice: User) -> None:
    line, pan = order.lines.get().pk, builders.a_variant("PAN", price="8.00")

    edits.edit(order_key=order.key, wish=Wish([SetQuantity(line, 2), AddVariant(pan.pk)]), actor=SYSTEM)
    relay.drain()
    assert has(execute, alice) == (0, 56)
    edits.edit(order_key=order.key, wish=Wish([AddVariant(pan.pk)]), actor=SYSTEM)
    relay.drain()

    assert has(execute, alice) == (0, 57)  # 33 of 41 are paid, and as much of 36 for goods: 28.97


def test_guests_earn_when_they_claim_the_order(execute: Execute, alice: User) -> None:
    builders.a_loyalty_program()
    order = builders.an_order((builders.a_variant("MUG", price="10.00"), 3), email=alice.email)
    relay.drain()
    assert not EarnedPoints.objects.exists()

    claims.confirm(secret=claims.secret_of(order, alice), actor=Actor(alice.pk, alice.email))
    relay.drain()

    assert has(execute, alice) == (0, 30)


def test_nothing_is_earned_without_a_program(execute: Execute, alice: User) -> None:
    order = builders.an_order((builders.a_variant("MUG"), 1), owner=alice)
    sent(order)
    builders.a_loyalty_program(currency="EUR")
    earned_points.count(order.pk)

    me = execute(LOYALTY, as_=alice)["me"]

    assert me["loyalty"] == {"balance": 0, "pending": 0, "worth": None, "entries": {"nodes": []}}
    assert me["orders"]["nodes"] == [{"earnedPoints": None}]


def test_verify_finds_what_was_credited_twice(order: Order) -> None:
    sent(order)
    later(order)
    assert earned_points.differences() == []

    points.move(points.locked(order.customer_id or 0), "EARN", 60, reference=f"order:{order.key}")  # type: ignore[arg-type]

    assert earned_points.differences() == [f"order {order.number} and what the ledger says it earned differ"]


def test_an_order_that_cannot_be_credited_keeps_no_other_waiting(
    execute: Execute, order: Order, alice: User, bob: User
) -> None:
    """Alice has as many points already as an account can have at all."""
    other = builders.an_order((builders.a_variant("PAN", price="10.00"), 1), owner=bob)
    for one in (order, other):
        sent(one)
    PointsAccount.objects.update_or_create(customer=alice, defaults={"balance": 2**31 - 1})
    EarnedPoints.objects.update(available_at=clock.now() - timedelta(seconds=1))

    earned_points.credit_due()

    assert (has(execute, alice), has(execute, bob)) == ((2**31 - 1, 60), (20, 0))
