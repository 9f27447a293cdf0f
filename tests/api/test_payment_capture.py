"""paymentCapture, paymentVoid, orderMarkAsPaid and sending the goods: what was promised is taken, or given up."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.actors import SYSTEM
from accounts.models import User
from accounts.staff import Permission
from checkout import cancellations, edits, fulfilment
from checkout.cancellations import Cancellation
from checkout.edits import RemoveLine, SetQuantity, Wish
from checkout.fulfilment import Tracking
from checkout.gateways.manual import ManualGateway
from checkout.gateways.test import TestGateway
from checkout.models import Order, OrderStatus, Payment, PaymentEntry, TestCharge
from schema.nodes import gid
from shop import relay
from tests import builders
from tests.conftest import Execute

ANSWER = """
    payment { status capturedAmount { amount } }
    order { financialStatus status }
    userErrors { code field message }
"""
CAPTURE = f"mutation ($id: ID!, $amount: Decimal) {{ paymentCapture(id: $id, amount: $amount) {{ {ANSWER} }} }}"
VOID = f"mutation ($id: ID!) {{ paymentVoid(id: $id) {{ {ANSWER} }} }}"
PAID = "mutation ($id: ID!) { orderMarkAsPaid(id: $id) { order { financialStatus } userErrors { code field } } }"


def promised(gateway: str = "test") -> Order:
    """Authorised: 25.00."""
    return builders.an_order((builders.a_variant("MUG", stock=3, price="10.00"), 2), gateway=gateway, token="authorize")


def id_of(order: Order) -> str:
    return gid("Payment", order.payments.get().key)


def ledger() -> list[tuple[str, str]]:
    return [(entry.kind, f"{entry.amount:.2f}") for entry in PaymentEntry.objects.order_by("pk")]


@pytest.mark.parametrize(("amount", "taken", "said"), [(None, "25.00", "PAID"), ("12.5", "12.50", "PARTIALLY_PAID")])
def test_takes_the_whole_or_a_part_once(
    execute: Execute, sam: User, amount: str | None, taken: str, said: str, assert_verified: Any
) -> None:
    order = promised()

    payloads = [
        execute(CAPTURE, as_=sam, id=id_of(order), amount=one)["paymentCapture"] for one in (amount, "1.00", None)
    ]

    assert (
        payloads
        == [
            {
                "payment": {"status": "CAPTURED", "capturedAmount": {"amount": taken}},
                "order": {"financialStatus": said, "status": "CONFIRMED"},
                "userErrors": [],
            }
        ]
        * 3
    )
    assert ledger() == [("AUTHORIZATION", "25.00"), ("CAPTURE", taken)]
    assert TestCharge.objects.get().amount == Decimal(taken)
    assert_verified()


@pytest.mark.parametrize("amount", ["25.01", "0"])
def test_refuses_more_than_was_promised(execute: Execute, sam: User, db: None, amount: str) -> None:
    order = promised()

    payload = execute(CAPTURE, as_=sam, id=id_of(order), amount=amount)["paymentCapture"]

    assert [error["code"] for error in payload["userErrors"]] == ["PAYMENT_NOT_CAPTURABLE"]
    assert ledger() == [("AUTHORIZATION", "25.00")]


def test_gives_up_what_was_promised_and_nothing_else(execute: Execute, sam: User, assert_verified: Any) -> None:
    order, paid = promised(), builders.an_order((builders.a_variant("TEA", price="5.00"), 1))

    payloads = [execute(VOID, as_=sam, id=id_of(one))["paymentVoid"] for one in (order, order, paid)]

    assert [payload["payment"] and payload["payment"]["status"] for payload in payloads] == ["VOIDED", "VOIDED", None]
    assert [error["code"] for error in payloads[2]["userErrors"]] == ["PAYMENT_STATUS_REFUSED"]
    assert paid.payments.get().status == "CAPTURED"
    assert_verified()


def test_giving_up_a_payment_that_is_awaited_cancels_its_order(execute: Execute, sam: User, db: None) -> None:
    order = builders.an_order((builders.a_variant("MUG"), 1), token="pending")

    payload = execute(VOID, as_=sam, id=id_of(order))["paymentVoid"]

    assert payload["order"] == {"financialStatus": "VOIDED", "status": "CANCELLED"}


def test_cash_is_marked_as_paid(execute: Execute, sam: User, assert_verified: Any) -> None:
    order = promised("manual")

    payloads = [execute(PAID, as_=sam, id=builders.id_of(order))["orderMarkAsPaid"] for _ in range(2)]

    assert payloads == [
        {"order": {"financialStatus": "PAID"}, "userErrors": []},
        {"order": None, "userErrors": [{"code": "PAYMENT_NOT_CAPTURABLE", "field": ["id"]}]},
    ]
    assert ledger() == [("AUTHORIZATION", "25.00"), ("CAPTURE", "25.00")]
    assert_verified()


@pytest.mark.parametrize(("gateway", "status"), [("test", "CAPTURED"), ("manual", "AUTHORIZED")])
def test_sending_the_goods_takes_what_the_gateway_promised(db: None, gateway: str, status: str) -> None:
    order = promised(gateway)

    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    relay.drain()

    assert Payment.objects.get().status == status
    assert Order.objects.get().status == OrderStatus.FULFILLED
    assert not relay.troubled().exists()


def test_gives_back_what_was_cancelled_while_it_was_captured(
    execute: Execute, sam: User, monkeypatch: pytest.MonkeyPatch, assert_verified: Any
) -> None:
    order = promised()
    line = order.lines.get()
    captures = TestGateway.capture

    def late(gateway: TestGateway, *asked: Any) -> Any:
        cancellations.cancel_lines(
            order_key=order.key, lines=[(line.pk, 1)], cancellation=Cancellation("Out of clay"), actor=SYSTEM
        )
        return captures(gateway, *asked)

    with monkeypatch.context() as slow:
        slow.setattr(TestGateway, "capture", late)
        execute(CAPTURE, as_=sam, id=id_of(order))
    relay.drain()

    assert ledger() == [("AUTHORIZATION", "25.00"), ("CAPTURE", "25.00"), ("REFUND", "10.00")]
    assert_verified()


def test_two_promises_of_an_order_edited_there_and_back_do_not_both_stay(
    execute: Execute, sam: User, monkeypatch: pytest.MonkeyPatch, assert_verified: Any
) -> None:
    order = promised("manual")
    edits.edit(order_key=order.key, wish=Wish([SetQuantity(order.lines.get().pk, 3)]), actor=SYSTEM)
    edits.edit(order_key=order.key, wish=Wish([RemoveLine(order.lines.latest("pk").pk)]), actor=SYSTEM)
    first, second = (gid("Payment", key) for key in order.payments.order_by("pk").values_list("key", flat=True))
    captures = ManualGateway.capture

    def late(gateway: ManualGateway, *asked: Any) -> Any:
        monkeypatch.setattr(ManualGateway, "capture", captures)
        execute(CAPTURE, as_=sam, id=second)
        return captures(gateway, *asked)

    monkeypatch.setattr(ManualGateway, "capture", late)
    execute(CAPTURE, as_=sam, id=first)
    relay.drain()

    assert [entry for entry in ledger() if entry[0] != "AUTHORIZATION"] == [
        ("CAPTURE", "10.00"), ("CAPTURE", "25.00"), ("REFUND", "10.00")
    ]  # fmt: skip
    assert_verified()


@pytest.mark.parametrize("document", [CAPTURE, VOID, PAID])
def test_is_for_staff_who_keep_orders(request_graphql: Execute, alice: User, document: str) -> None:
    order = promised()
    clerk = builders.a_clerk(*(set(Permission) - {Permission.MANAGE_ORDERS}))
    of = builders.id_of(order) if document is PAID else id_of(order)

    answers = [request_graphql(document, as_=user, id=of) for user in (alice, clerk)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["FORBIDDEN"] * 2
    assert ledger() == [("AUTHORIZATION", "25.00")]
