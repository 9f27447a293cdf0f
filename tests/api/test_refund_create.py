"""refundCreate: money goes back in parts or whole, never more than came in, and once for each refund."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.actors import SYSTEM
from accounts.models import User
from accounts.staff import Permission
from checkout import cancellations, dues, edits, payments
from checkout import refunds as checkout_refunds
from checkout.cancellations import Cancellation
from checkout.edits import SetQuantity, Wish
from checkout.gateways import GatewayUnavailable, Outcome
from checkout.gateways.test import TestGateway
from checkout.models import Order, PaymentEntry, PaymentStatus, Refund, TestCharge, TestRefund
from shop import relay
from shop.ids import new_key
from shop.money import Money
from tests import builders
from tests.conftest import Execute

REFUND = """
mutation ($order: ID!, $amount: Decimal, $reason: String) {
  refundCreate(refund: { orderId: $order, amount: $amount, reason: $reason }) {
    refunds { status amount { amount } reason }
    order { financialStatus status payments { status capturedAmount { amount } refundedAmount { amount } } }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def order(db: None) -> Order:
    """Paid: 25.00."""
    return builders.an_order((builders.a_variant("MUG", stock=3, price="10.00"), 2))


@pytest.fixture
def refund(execute: Execute, sam: User, order: Order) -> Execute:
    def send(amount: str | None = None, reason: str = "") -> dict[str, Any]:
        payload: dict[str, Any] = execute(REFUND, as_=sam, order=builders.id_of(order), amount=amount, reason=reason)[
            "refundCreate"
        ]
        return payload

    return send


def cancel(order: Order, units: int) -> None:
    line = order.lines.get()
    cancellations.cancel_lines(order_key=order.key, lines=[(line.pk, units)], cancellation=Cancellation(), actor=SYSTEM)


def ledger() -> list[tuple[str, str]]:
    return [(entry.kind, f"{entry.amount:.2f}") for entry in PaymentEntry.objects.order_by("pk")]


def test_gives_back_a_part_then_the_rest(refund: Execute, order: Order, assert_verified: Any) -> None:
    part, rest = refund("7.50", " A chip "), refund()

    assert part == {
        "refunds": [{"status": "PENDING", "amount": {"amount": "7.50"}, "reason": "A chip"}],
        "order": {
            "financialStatus": "PARTIALLY_REFUNDED",
            "status": "CONFIRMED",
            "payments": [
                {"status": "CAPTURED", "capturedAmount": {"amount": "25.00"}, "refundedAmount": {"amount": "7.50"}}
            ],
        },
        "userErrors": [],
    }
    assert rest["refunds"] == [{"status": "PENDING", "amount": {"amount": "17.50"}, "reason": None}]
    assert rest["order"]["financialStatus"] == "REFUNDED"
    assert ledger() == [("CAPTURE", "25.00")]

    relay.drain()

    assert ledger() == [("CAPTURE", "25.00"), ("REFUND", "7.50"), ("REFUND", "17.50")]
    assert set(Refund.objects.values_list("status", flat=True)) == {"DONE"}
    assert TestRefund.objects.count() == Refund.objects.count() == 2
    assert not relay.troubled().exists()
    assert_verified()


@pytest.mark.parametrize(
    ("amount", "code", "message"),
    [
        ("25.01", "REFUND_TOO_LARGE", "25.00 USD of order #{number} can be given back."),
        ("0", "REFUND_TOO_LARGE", "25.00 USD of order #{number} can be given back."),
        ("-1", "INVALID", "A price must be zero or more."),
        ("0.001", "INVALID", "A price in USD has 2 decimals at the most."),
    ],
)
def test_refuses_what_cannot_be_given_back(refund: Execute, order: Order, amount: str, code: str, message: str) -> None:
    payload = refund(amount)

    assert payload == {
        "refunds": None,
        "order": None,
        "userErrors": [{"code": code, "field": ["refund", "amount"], "message": message.format(number=order.number)}],
    }
    assert not Refund.objects.exists()
    assert ledger() == [("CAPTURE", "25.00")]


def test_a_lost_answer_gives_back_once(
    refund: Execute, order: Order, monkeypatch: pytest.MonkeyPatch, assert_verified: Any
) -> None:
    gives_back = TestGateway.refund
    refund("5")

    def answerless(gateway: TestGateway, *asked: Any) -> Any:
        gives_back(gateway, *asked)
        raise GatewayUnavailable("The bank does not answer.")

    with monkeypatch.context() as broken:
        broken.setattr(TestGateway, "refund", answerless)
        relay.drain()
    assert list(Refund.objects.values_list("status", flat=True)) == ["PENDING"]
    assert_verified()

    checkout_refunds.settle(Refund.objects.get().pk)

    assert list(Refund.objects.values_list("status", "amount")) == [("DONE", Decimal(5))]
    assert ledger() == [("CAPTURE", "25.00"), ("REFUND", "5.00")]
    assert_verified()


def test_the_same_wish_under_one_key_gives_back_once(request_graphql: Execute, sam: User, order: Order) -> None:
    document = """
    mutation ($order: ID!) {
      refundCreate(refund: { orderId: $order, amount: 5 }) @idempotent(key: "one") {
        refunds { id } userErrors { code }
      }
    }
    """

    first, again = (request_graphql(document, as_=sam, order=builders.id_of(order)) for _ in range(2))
    relay.drain()

    assert again["data"] == first["data"]
    assert ledger() == [("CAPTURE", "25.00"), ("REFUND", "5.00")]


def test_what_the_gateway_refuses_stays_with_the_shop(refund: Execute, order: Order, assert_verified: Any) -> None:
    payment = order.payments.get()
    TestGateway().refund(payments.charge(payment), new_key(), Money.rounded(Decimal(20), "USD"))

    refund("10")
    relay.drain()
    refund("5")
    relay.drain()

    assert list(Refund.objects.order_by("pk").values_list("status", "amount")) == [
        ("FAILED", Decimal(10)),
        ("DONE", Decimal(5)),
    ]
    assert ledger() == [("CAPTURE", "25.00"), ("REFUND", "5.00")]
    assert_verified()


def test_refuses_an_order_that_waits_for_its_payment(execute: Execute, sam: User, db: None) -> None:
    order = builders.an_order((builders.a_variant("MUG"), 1), token="pending")

    payload = execute(REFUND, as_=sam, order=builders.id_of(order), amount="1")["refundCreate"]

    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [
        ("ORDER_UNDECIDED", ["refund", "orderId"])
    ]


def test_is_for_staff_who_keep_orders(request_graphql: Execute, order: Order, alice: User) -> None:
    clerk = builders.a_clerk(*(set(Permission) - {Permission.MANAGE_ORDERS}))

    answers = [request_graphql(REFUND, as_=user, order=builders.id_of(order)) for user in (None, alice, clerk)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == [
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "FORBIDDEN",
    ]
    assert not Refund.objects.exists()


def test_what_staff_gave_back_first_is_not_given_back_by_the_job(
    execute: Execute, sam: User, assert_verified: Any
) -> None:
    order = builders.an_order((builders.a_variant("MUG", stock=3, price="10.00"), 3), token="authorize")
    cancel(order, 1)
    TestCharge.objects.update(status="CAPTURED")
    payments.record(order.payments.get().pk, Outcome(PaymentStatus.CAPTURED))  # 35.00, in the bank's own dashboard

    execute(REFUND, as_=sam, order=builders.id_of(order), amount="10")
    relay.drain()

    assert ledger() == [("AUTHORIZATION", "35.00"), ("CAPTURE", "35.00"), ("REFUND", "10.00")]
    assert_verified()


def test_goodwill_stays_where_less_is_owed_later(refund: Execute, order: Order, assert_verified: Any) -> None:
    refund("5", "Sorry")
    cancel(order, 1)
    relay.drain()

    assert ledger() == [("CAPTURE", "25.00"), ("REFUND", "5.00"), ("REFUND", "10.00")]
    order.refresh_from_db()
    assert [str(one) for one in (dues.of(order).due, dues.of(order).excess)] == ["0.00 USD"] * 2
    wish = Wish([SetQuantity(order.lines.get().pk, 2)])
    assert str(edits.edit(order_key=order.key, wish=wish, actor=SYSTEM).due) == "10.00 USD"
    assert_verified()


def test_no_more_goes_back_than_goodwill_left(refund: Execute, order: Order, assert_verified: Any) -> None:
    refund("20", "Sorry")
    cancel(order, 1)
    relay.drain()

    assert ledger() == [("CAPTURE", "25.00"), ("REFUND", "20.00"), ("REFUND", "5.00")]
    order.refresh_from_db()
    assert str(dues.of(order).excess) == "0.00 USD"
    assert_verified()
