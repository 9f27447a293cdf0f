"""Orders that came to more, or of which a part was paid: orderPay takes the rest, and who waits is told until when."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.actors import SYSTEM
from accounts.models import User
from catalog.models import StockLevel
from checkout import cancellations, checkouts, dues, edits, further_payments, gateways, orders, payments
from checkout.cancellations import Cancellation
from checkout.checkouts import PaymentWish
from checkout.edits import SetQuantity, Wish
from checkout.gateways import Outcome
from checkout.models import Order, Payment, PaymentEntry, PaymentStatus, TestCharge
from shop import clock, relay
from shop.money import Money
from tests import builders
from tests.builders import id_of
from tests.conftest import Execute

PAY = """
mutation ($id: ID, $token: String, $payment: CheckoutPaymentInput!) {
  orderPay(id: $id, token: $token, payment: $payment) {
    order { status financialStatus amountDue { amount } totalOutstanding { amount } holdExpiresAt }
    payment { status amount { amount } nextAction { type } }
    userErrors { code field message }
  }
}
"""
STATUS = """
query ($token: String!) {
  orderStatus(token: $token) {
    status financialStatus partlyPaidAt amountDue { amount } events(last: 1) { nodes { kind message } }
  }
}
"""

CAPTURE = """
mutation ($id: ID!, $amount: Decimal) {
  paymentCapture(id: $id, amount: $amount) { order { amountDue { amount } } userErrors { message } }
}
"""
COMPLETE = """
mutation ($cart: ID!, $token: String) {
  checkoutComplete(cartId: $cart, payment: { gateway: "test", token: $token }) {
    order { amountDue { amount } } payment { status amount { amount } }
  }
}
"""


@pytest.fixture
def edited(alice: User) -> Order:
    """Alice's order of one mug for 15.00, paid, and edited to two: 10.00 are due."""
    order = builders.an_order((builders.a_variant("MUG", stock=5, price="10.00", title="Mug"), 1), owner=alice)
    edits.edit(order_key=order.key, wish=Wish([SetQuantity(order.lines.get().pk, 2)]), actor=SYSTEM)
    relay.drain()
    return order


@pytest.fixture
def short(db: None) -> Order:
    """An order for 15.00 of which 9.00 came in: the gateway captured less than it was asked for."""
    return a_short_order("MUG")


def a_short_order(sku: str) -> Order:
    order = builders.an_order((builders.a_variant(sku, stock=5, price="10.00"), 1), token="pending")
    TestCharge.objects.update(status="CAPTURED", amount=9)
    payments.record(order.payments.get().pk, Outcome(PaymentStatus.CAPTURED, captured=Money.rounded(Decimal(9), "USD")))
    order.refresh_from_db()
    return order


@pytest.fixture
def pay(execute: Execute) -> Execute:
    def send(order: Order, token: str = "", **more: Any) -> dict[str, Any]:
        payment = {"gateway": "test", "token": token, **more}
        answer: dict[str, Any] = execute(PAY, token=order.status_token, payment=payment)
        return answer["orderPay"]

    return send


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    def move(by: timedelta) -> None:
        time = clock.now() + by
        monkeypatch.setattr(clock, "now", lambda: time)

    return move


def change(order: Order, *changes: SetQuantity) -> None:
    edits.edit(order_key=order.key, wish=Wish(changes), actor=SYSTEM)


def ledger() -> list[tuple[str, str]]:
    return [(entry.kind, f"{entry.amount:.2f}") for entry in PaymentEntry.objects.order_by("pk")]


def test_pays_what_an_edit_added_once(pay: Execute, edited: Order, mailoutbox: list[Any], assert_verified: Any) -> None:
    mailoutbox.clear()

    payload = pay(edited, expectedAmountDue="10.00")
    relay.drain()

    assert payload == {
        "order": {
            "status": "CONFIRMED",
            "financialStatus": "PAID",
            "amountDue": {"amount": "0.00"},
            "totalOutstanding": {"amount": "0.00"},
            "holdExpiresAt": None,
        },
        "payment": {"status": "CAPTURED", "amount": {"amount": "10.00"}, "nextAction": None},
        "userErrors": [],
    }
    assert ledger() == [("CAPTURE", "15.00"), ("CAPTURE", "10.00")]
    assert [mail.subject for mail in mailoutbox if edited.email in mail.to] == [
        f"Demo Shop: payment of order {edited.name} received"
    ]
    assert_verified()


def test_goes_on_with_a_pending_payment(pay: Execute, edited: Order, assert_verified: Any) -> None:
    begun = pay(edited, "action_required")
    done = pay(edited, "confirm")

    assert (begun["payment"]["status"], begun["payment"]["nextAction"]) == ("PENDING", {"type": "REDIRECT"})
    assert done["payment"] == {"status": "CAPTURED", "amount": {"amount": "10.00"}, "nextAction": None}
    assert ledger() == [("CAPTURE", "15.00"), ("CAPTURE", "10.00")]
    assert_verified()


def test_another_way_to_pay_gives_the_pending_one_up(pay: Execute, edited: Order, assert_verified: Any) -> None:
    pay(edited, "pending")

    done = pay(edited, gateway="manual")

    assert (done["payment"]["status"], done["order"]["amountDue"]) == ("AUTHORIZED", {"amount": "0.00"})
    assert ledger() == [("CAPTURE", "15.00"), ("VOID", "10.00"), ("AUTHORIZATION", "10.00")]
    assert list(TestCharge.objects.order_by("created_at").values_list("status", flat=True)) == ["CAPTURED", "VOIDED"]
    assert_verified()


def test_a_declined_payment_leaves_the_order_as_it_is(pay: Execute, edited: Order, assert_verified: Any) -> None:
    payload = pay(edited, "decline")
    relay.drain()

    [error] = payload["userErrors"]
    assert (error["code"], error["field"]) == ("PAYMENT_DECLINED", ["payment"])
    edited.refresh_from_db()
    assert (edited.status, dues.of(edited).due.amount) == ("CONFIRMED", Decimal(10))
    assert pay(edited)["payment"]["status"] == "CAPTURED"
    assert_verified()


def test_what_two_paid_is_given_back_once(edited: Order, assert_verified: Any) -> None:
    """A payment that was pending comes in after staff entered the money by hand."""
    pending = further_payments.pay(
        order_key=edited.key, wish=PaymentWish("test", "action_required"), buyer=SYSTEM
    ).payment
    payments.mark_as_paid(order_key=edited.key)

    for _ in range(2):
        payments.record(pending.pk, payments.ask(pending, token="confirm"))
        relay.drain()

    assert ledger() == [("CAPTURE", "15.00"), ("CAPTURE", "10.00"), ("CAPTURE", "10.00"), ("REFUND", "10.00")]
    assert_verified()


def test_refuses_what_is_not_due_as_told(pay: Execute, execute: Execute, edited: Order, bob: User) -> None:
    mug = edited.lines.earliest("pk").variant
    assert mug is not None
    gone, waiting = builders.an_order((mug, 1)), builders.an_order((mug, 1), token="pending")
    orders.cancel(order_key=gone.key, reason="")

    told = [
        pay(edited, expectedAmountDue="9.00"), pay(edited, gateway="cowries"), pay(gone), pay(waiting),
        execute(PAY, as_=bob, id=id_of(edited), payment={"gateway": "test"})["orderPay"],
    ]  # fmt: skip

    assert [(error["code"], error["field"], error["message"]) for one in told for error in one["userErrors"]] == [
        ("TOTAL_CHANGED", ["payment", "expectedAmountDue"], "10.00 USD are left to pay now."),
        ("PAYMENT_GATEWAY_UNKNOWN", ["payment", "gateway"],
         f"This way to pay is not offered; offered are: {gateways.names_offered()}."),
        ("ORDER_NOTHING_DUE", ["id"], f"Order {gone.name} is cancelled; nothing of it is to be paid."),
        ("ORDER_NOTHING_DUE", ["id"],
         f"Order {waiting.name} waits for the payment of its checkout; complete that again."),
        ("NOT_FOUND", ["id"], "Order not found."),
    ]  # fmt: skip
    assert Payment.objects.count() == 3


def test_an_order_paid_in_part_waits_and_says_so(
    execute: Execute, short: Order, sam: User, mailoutbox: list[Any], assert_verified: Any
) -> None:
    relay.drain()

    found = execute(STATUS, token=short.status_token)["orderStatus"]

    assert (found["status"], found["financialStatus"], found["amountDue"]) == (
        "PLACED", "PARTIALLY_PAID", {"amount": "6.00"}
    )  # fmt: skip
    assert found["partlyPaidAt"] is not None
    assert found["events"]["nodes"] == [{"kind": "PARTLY_PAID", "message": "6.00 USD of 15.00 USD are left to pay."}]
    assert sorted((mail.to, mail.subject) for mail in mailoutbox) == [
        (["ada@example.com"], f"Demo Shop: 6.00 USD of order {short.name} are left to pay"),
        ([sam.email], f"Demo Shop: 6.00 USD of order {short.name} are missing"),
    ]
    assert_verified()


def test_the_rest_confirms_it_and_a_declined_try_does_not_cancel_it(
    pay: Execute, short: Order, assert_verified: Any
) -> None:
    declined = pay(short, "decline")
    short.refresh_from_db()
    assert (declined["userErrors"][0]["code"], short.status) == ("PAYMENT_DECLINED", "PLACED")

    payload = pay(short)
    relay.drain()

    assert (payload["order"]["status"], payload["order"]["financialStatus"]) == ("CONFIRMED", "PAID")
    assert ledger() == [("CAPTURE", "9.00"), ("FAILURE", "6.00"), ("CAPTURE", "6.00")]
    assert_verified()


def test_staff_enter_the_rest_that_came_by_hand(short: Order, assert_verified: Any) -> None:
    payments.mark_as_paid(order_key=short.key)

    short.refresh_from_db()
    assert (short.status, ledger()) == ("CONFIRMED", [("CAPTURE", "9.00"), ("CAPTURE", "6.00")])
    assert_verified()


def test_one_that_cannot_be_cancelled_keeps_no_other_waiting(
    short: Order, later: Callable[[timedelta], None], settings: Any
) -> None:
    """Nothing is reserved that the first of them would set free."""
    StockLevel.objects.update(reserved=0)
    a_short_order("PAN")
    later(timedelta(days=settings.PARTIAL_PAYMENT_DAYS, seconds=1))

    checkouts.give_up_rests()

    assert list(Order.objects.order_by("pk").values_list("status", flat=True)) == ["PLACED", "CANCELLED"]


def test_without_the_rest_it_is_cancelled_in_time_and_its_money_goes_back(
    pay: Execute, short: Order, later: Callable[[timedelta], None], settings: Any, assert_verified: Any
) -> None:
    pay(short, "pending")
    later(settings.HOLD_LIFETIME + timedelta(seconds=1))
    checkouts.settle_overdue()
    checkouts.give_up_rests()
    short.refresh_from_db()
    assert (short.status, StockLevel.objects.get().reserved) == ("PLACED", 1)

    later(timedelta(days=settings.PARTIAL_PAYMENT_DAYS))
    checkouts.settle_overdue()
    checkouts.give_up_rests()
    relay.drain()

    short.refresh_from_db()
    assert (short.status, short.cancel_reason) == ("CANCELLED", "The rest was not paid in time.")
    assert StockLevel.objects.get().reserved == 0
    assert ledger() == [("CAPTURE", "9.00"), ("VOID", "6.00"), ("REFUND", "9.00")]
    assert_verified()


def test_an_awaited_transfer_gives_way_where_less_is_owed(
    pay: Execute, execute: Execute, edited: Order, sam: User, settings: Any, assert_verified: Any
) -> None:
    settings.PAYMENT_GATEWAYS = ["bank_transfer"]
    added = edited.lines.latest("pk")
    change(edited, SetQuantity(added.pk, 3))
    asked = pay(edited, gateway="bank_transfer")["payment"]

    change(edited, SetQuantity(edited.lines.latest("pk").pk, 1))
    anew = pay(edited, gateway="bank_transfer")["payment"]
    cancellations.cancel_lines(order_key=edited.key, lines=[(added.pk, 1)], cancellation=Cancellation(), actor=SYSTEM)
    last = pay(edited, gateway="bank_transfer")["payment"]
    payload = execute(CAPTURE, as_=sam, id=id_of(edited.payments.latest("pk")), amount="4")["paymentCapture"]

    assert [(one["status"], one["amount"]) for one in (asked, anew, last)] == [
        ("PENDING", {"amount": "30.00"}), ("PENDING", {"amount": "20.00"}), ("PENDING", {"amount": "10.00"})
    ]  # fmt: skip
    assert payload == {"order": {"amountDue": {"amount": "6.00"}}, "userErrors": []}
    assert ledger() == [("CAPTURE", "15.00"), ("VOID", "30.00"), ("VOID", "20.00"), ("CAPTURE", "4.00")]
    payments.mark_as_paid(order_key=edited.key)
    assert ledger()[-1] == ("CAPTURE", "6.00")
    assert_verified()


def test_staff_are_told_what_of_a_transfer_can_be_captured(
    pay: Execute, execute: Execute, edited: Order, sam: User, settings: Any
) -> None:
    settings.PAYMENT_GATEWAYS = ["bank_transfer"]
    pay(edited, gateway="bank_transfer")
    transfer = edited.payments.latest("pk")

    told = [execute(CAPTURE, as_=sam, id=id_of(transfer), amount="11")["paymentCapture"]]
    Payment.objects.filter(pk=transfer.pk).update(amount=12)  # begun while more was owed
    told.append(execute(CAPTURE, as_=sam, id=id_of(transfer), amount="12")["paymentCapture"])

    assert [error["message"] for one in told for error in one["userErrors"]] == [
        "10.00 USD can be captured of this payment."
    ] * 2


def test_another_amount_that_is_due_gives_the_pending_payment_up(
    pay: Execute, edited: Order, assert_verified: Any
) -> None:
    pay(edited, "pending")
    change(edited, SetQuantity(edited.lines.latest("pk").pk, 2))

    done = pay(edited, expectedAmountDue="20.00")

    assert (done["payment"]["status"], done["payment"]["amount"]) == ("CAPTURED", {"amount": "20.00"})
    assert ledger() == [("CAPTURE", "15.00"), ("VOID", "10.00"), ("CAPTURE", "20.00")]
    assert_verified()


def test_completing_the_checkout_again_asks_for_no_later_payment(
    pay: Execute, execute: Execute, edited: Order, assert_verified: Any
) -> None:
    pay(edited, "action_required")
    assert edited.cart is not None

    told = [
        execute(COMPLETE, cart=id_of(edited.cart), token=token)["checkoutComplete"] for token in ("confirm", "refuse")
    ]

    assert [one["payment"] for one in told] == [{"status": "CAPTURED", "amount": {"amount": "15.00"}}] * 2
    assert [one["order"]["amountDue"] for one in told] == [{"amount": "10.00"}] * 2
    assert TestCharge.objects.latest("created_at").status == "PENDING"
    assert ledger() == [("CAPTURE", "15.00")]
    assert_verified()
