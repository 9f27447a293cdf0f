"""orderCancel: stock is free at once, money goes back by a job, and the order stays cancelled."""

import pytest

from accounts.actors import SYSTEM
from accounts.staff import Permission
from catalog.models import StockHold, StockLevel, StockMovement
from checkout import fulfilment, payments, refunds
from checkout.fulfilment import Tracking
from checkout.gateways import Outcome, RefundOutcome
from checkout.models import Cart, PaymentEntry, PaymentStatus, Refund, RefundStatus, TestCharge
from shop import relay
from shop.models import OutboxDelivery, OutboxMessage
from tests import builders

CANCEL = """
mutation ($id: ID!, $reason: String! = "") {
  orderCancel(id: $id, reason: $reason) {
    order { id status canceledAt cancelReason financialStatus payments { status } }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", stock=3, price="10.00")


def cancel(execute, sam, order, **more: str) -> dict:
    payload: dict = execute(CANCEL, as_=sam, id=builders.id_of(order), **more)["orderCancel"]
    return payload


def ledger() -> list[tuple[str, str]]:
    return [(entry.kind, f"{entry.amount:.2f}") for entry in PaymentEntry.objects.order_by("pk")]


def test_frees_the_stock_and_gives_the_money_back(execute, sam, mug, assert_verified):
    order = builders.an_order((mug, 2))

    payload = cancel(execute, sam, order, reason=" Out of clay ")

    order.refresh_from_db()
    assert payload == {
        "order": {
            "id": builders.id_of(order),
            "status": "CANCELLED",
            "canceledAt": str(order.cancelled_at).replace(" ", "T"),
            "cancelReason": "Out of clay",
            "financialStatus": "PAID",
            "payments": [{"status": "CAPTURED"}],
        },
        "userErrors": [],
    }
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (3, 0)
    assert not StockHold.objects.exists()
    assert list(StockMovement.objects.order_by("pk").values_list("kind", "on_hand_delta", "reserved_delta")) == [
        ("PURCHASE", 3, 0),
        ("HOLD", 0, 2),
        ("RELEASE", 0, -2),
    ]
    assert ledger() == [("CAPTURE", "25.00")]

    relay.drain()

    assert ledger() == [("CAPTURE", "25.00"), ("REFUND", "25.00")]
    assert order.payments.get().status == "REFUNDED"
    assert TestCharge.objects.get().status == "REFUNDED"
    assert not relay.troubled().exists()
    assert_verified()


def test_refunds_once_however_often_it_is_told(execute, sam, mug):
    order = builders.an_order((mug, 1))
    cancel(execute, sam, order)
    relay.drain()

    OutboxDelivery.objects.update(done_at=None, attempts=0)
    relay.drain()

    assert ledger() == [("CAPTURE", "15.00"), ("REFUND", "15.00")]


def test_gives_up_what_was_only_promised(execute, sam, mug):
    order = builders.an_order((mug, 1), gateway="manual")

    cancel(execute, sam, order)
    relay.drain()

    assert ledger() == [("AUTHORIZATION", "15.00"), ("VOID", "15.00")]


def test_gives_up_a_payment_that_is_pending(execute, sam, mug, assert_verified):
    order = builders.an_order((mug, 1), token="pending")

    payload = cancel(execute, sam, order)
    relay.drain()

    assert payload["order"]["status"] == "CANCELLED"
    assert ledger() == [("VOID", "15.00")]
    assert TestCharge.objects.get().status == "VOIDED"
    assert Cart.objects.get().completed_at is not None
    assert_verified()


def test_gives_back_what_was_captured_after_all(execute, sam, mug):
    """The shopper confirmed at the bank while staff cancelled; our books did not know of it yet."""
    order = builders.an_order((mug, 1), token="pending")
    TestCharge.objects.update(status=PaymentStatus.CAPTURED)

    cancel(execute, sam, order)
    relay.drain()

    assert ledger() == [("CAPTURE", "15.00"), ("REFUND", "15.00")]
    assert TestCharge.objects.get().status == "REFUNDED"


def test_gives_back_what_comes_in_after_it_was_cancelled(execute, sam, mug, monkeypatch):
    order = builders.an_order((mug, 1), token="pending")
    payment = order.payments.get()
    cancel(execute, sam, order)
    OutboxMessage.objects.filter(topic="payment.reversal_due").delete()
    TestCharge.objects.update(status=PaymentStatus.CAPTURED)

    payments.record(payment.pk, Outcome(PaymentStatus.CAPTURED, "late"))
    relay.drain()

    assert ledger() == [("CAPTURE", "15.00"), ("REFUND", "15.00")]
    order.refresh_from_db()
    assert order.status == "CANCELLED"


def test_what_the_gateway_will_not_give_back_is_told_and_left_to_staff(execute, sam, mug, monkeypatch, assert_verified):
    order = builders.an_order((mug, 1))
    cancel(execute, sam, order)
    with monkeypatch.context() as broken:
        broken.setattr(
            "checkout.gateways.test.TestGateway.refund",
            lambda *_: RefundOutcome(RefundStatus.FAILED, message="Too late."),
        )
        relay.drain()

    assert ledger() == [("CAPTURE", "15.00")]
    assert list(Refund.objects.values_list("status", "error")) == [("FAILED", "Too late.")]
    assert OutboxMessage.objects.filter(topic="payment.refund_failed").count() == 1
    assert not relay.troubled().exists()
    refunds.create(order_key=order.key, amount=None, reason="By hand", actor=SYSTEM)
    relay.drain()
    assert ledger() == [("CAPTURE", "15.00"), ("REFUND", "15.00")]
    assert_verified()


@pytest.mark.parametrize("answer", [PaymentStatus.CAPTURED, PaymentStatus.PENDING])
def test_asks_again_where_the_money_was_not_given_back(execute, sam, mug, monkeypatch, answer):
    order = builders.an_order((mug, 1))
    cancel(execute, sam, order)
    monkeypatch.setattr("checkout.gateways.test.TestGateway.refund", lambda *_: Outcome(answer, message="Not now."))

    relay.drain()

    assert ledger() == [("CAPTURE", "15.00")]
    [delivery] = relay.troubled()
    assert (delivery.attempts, delivery.failed_at) == (1, None)
    assert "ReversalUnfinished" in delivery.last_error

    monkeypatch.undo()
    relay.retry(relay.troubled())
    relay.drain()
    assert ledger() == [("CAPTURE", "15.00"), ("REFUND", "15.00")]


def test_gives_nothing_back_where_nothing_was_paid(execute, sam):
    builders.a_shipping_method(amount="0.00")
    order = builders.an_order((builders.a_variant("GIFT", price="0.00"), 1))

    payload = cancel(execute, sam, order)
    relay.drain()

    assert payload["order"]["status"] == "CANCELLED"
    assert ledger() == [("CAPTURE", "0.00")]
    assert not TestCharge.objects.exists()


def test_refuses_an_order_of_which_something_was_sent(execute, sam, mug):
    order = builders.an_order((mug, 2))
    [line] = order.lines.all()
    fulfilment.create(order_key=order.key, lines=[(line.pk, 1)], tracking=Tracking(), actor=SYSTEM)

    payload = cancel(execute, sam, order)

    assert payload == {
        "order": None,
        "userErrors": [
            {
                "code": "ORDER_PARTLY_FULFILLED",
                "field": None,
                "message": f"Part of order {order.name} was sent; it cannot be cancelled as a whole.",
            }
        ],
    }
    assert (StockLevel.objects.get().on_hand, StockLevel.objects.get().reserved) == (2, 1)
    assert not OutboxMessage.objects.filter(topic="order.cancelled").exists()


def test_refuses_an_order_that_was_sent_or_cancelled_before(execute, sam, mug):
    sent, cancelled = builders.an_order((mug, 1)), builders.an_order((mug, 1))
    fulfilment.create(order_key=sent.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    cancel(execute, sam, cancelled)

    messages = [cancel(execute, sam, order)["userErrors"][0] for order in (sent, cancelled)]

    assert messages == [
        {
            "code": "ORDER_STATUS_REFUSED",
            "field": None,
            "message": f"Order {sent.name} is fulfilled and cannot become cancelled.",
        },
        {
            "code": "ORDER_STATUS_REFUSED",
            "field": None,
            "message": f"Order {cancelled.name} is cancelled and cannot become cancelled.",
        },
    ]
    assert OutboxMessage.objects.filter(topic="order.cancelled").count() == 1


def test_refuses_a_reason_nobody_reads(execute, sam, mug):
    order = builders.an_order((mug, 1))

    payload = cancel(execute, sam, order, reason="x" * 501)

    assert payload["userErrors"] == [
        {
            "code": "INVALID",
            "field": ["reason"],
            "message": "At most 500 characters are allowed; these are 501.",
        }
    ]
    order.refresh_from_db()
    assert order.status == "CONFIRMED"


@pytest.mark.parametrize("id", ["gid://shop/Order/019bf8a0-0000-7000-8000-000000000000", "gid://shop/Order/1", "x"])
def test_knows_no_foreign_or_malformed_order(execute, sam, id):
    payload = execute(CANCEL, as_=sam, id=id)["orderCancel"]

    error = {"code": "NOT_FOUND", "field": ["id"], "message": "Order not found."}
    assert payload == {"order": None, "userErrors": [error]}


def test_is_for_staff_who_keep_orders(request_graphql, alice, mug):
    order = builders.an_order((mug, 1), owner=alice)
    clerk = builders.a_clerk(*set(Permission) - {Permission.MANAGE_ORDERS})

    codes = [
        request_graphql(CANCEL, as_=somebody, id=builders.id_of(order))["errors"][0]["extensions"]["code"]
        for somebody in (None, alice, clerk)
    ]

    assert codes == ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN"]
    order.refresh_from_db()
    assert order.status == "CONFIRMED"
    keeper = builders.a_clerk(Permission.MANAGE_ORDERS)
    assert cancel(lambda *a, **k: request_graphql(*a, **k)["data"], keeper, order)["userErrors"] == []
