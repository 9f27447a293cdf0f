"""orderPay: what is due of a confirmed order is paid, once, by its customer or whoever has its status link."""

from typing import Any

import pytest

from accounts.actors import of_user
from accounts.models import User
from checkout import drafts, payments
from checkout.draft_fields import NewLine
from checkout.models import Order, Payment, PaymentEntry
from shop import relay
from tests import builders
from tests.conftest import Execute

PAY = """
mutation ($id: ID, $token: String, $payment: CheckoutPaymentInput!) {
  orderPay(id: $id, token: $token, payment: $payment) {
    order { name financialStatus }
    payment { status amount { amount } nextAction { type } }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def order(sam: User, alice: User) -> Order:
    """A repair for 20.00, which alice is to pay."""
    repair = NewLine(title="Repair", price=20, requires_shipping=False)  # type: ignore[arg-type]
    draft = drafts.create(draft={"customer_id": alice.pk, "line_items": [repair]}, actor=of_user(sam))
    order = drafts.complete(draft_key=draft.key, is_paid=False, actor=of_user(sam)).order
    assert order is not None
    return order


def pay(
    execute: Execute, user: User | None = None, *, by: dict[str, str] | None = None, **asked: Any
) -> dict[str, Any]:
    answer: dict[str, Any] = execute(PAY, as_=user, payment={"gateway": "test", **(by or {})}, **asked)["orderPay"]
    return answer


def test_a_guest_pays_by_the_status_link_and_only_once(execute: Execute, order: Order, assert_verified: Any) -> None:
    paid = pay(execute, token=order.status_token)

    assert paid == {
        "order": {"name": order.name, "financialStatus": "PAID"},
        "payment": {"status": "CAPTURED", "amount": {"amount": "20.00"}, "nextAction": None},
        "userErrors": [],
    }
    assert pay(execute, token=order.status_token)["userErrors"] == [
        {
            "code": "ORDER_NOTHING_DUE",
            "field": ["id"],
            "message": f"Nothing is left to pay of order {order.name}.",
        }
    ]
    assert [f"{entry.kind} {entry.amount:.2f}" for entry in PaymentEntry.objects.all()] == ["CAPTURE 20.00"]
    assert_verified()


def test_what_was_declined_is_paid_in_another_way(execute: Execute, alice: User, order: Order) -> None:
    id = builders.id_of(order)

    declined = pay(execute, alice, id=id, by={"token": "decline"})

    assert [error["code"] for error in declined["userErrors"]] == ["PAYMENT_DECLINED"]
    order.refresh_from_db()
    assert order.status == "CONFIRMED"
    read = "query ($id: ID!) { order(id: $id) { financialStatus amountDue { amount } } }"
    standing = execute(read, as_=alice, id=id)["order"]
    assert standing == {"financialStatus": "PENDING", "amountDue": {"amount": "20.00"}}
    assert pay(execute, alice, id=id)["order"]["financialStatus"] == "PAID"


def test_goes_on_with_the_payment_that_is_pending(execute: Execute, alice: User, order: Order) -> None:
    id = builders.id_of(order)

    first = pay(execute, alice, id=id, by={"token": "action_required"})
    second = pay(execute, alice, id=id, by={"token": "confirm"})

    assert (first["payment"]["status"], second["payment"]["status"]) == ("PENDING", "CAPTURED")
    assert Payment.objects.count() == 1


def test_refuses_what_is_not_due(execute: Execute, alice: User, bob: User, order: Order) -> None:
    id = builders.id_of(order)
    placed = builders.an_order((builders.a_variant(), 1), owner=alice, token="pending")

    def refused(user: User | None, **asked: Any) -> tuple[str, list[str]]:
        [error] = pay(execute, user, **asked)["userErrors"]
        return error["code"], error["field"]

    assert refused(bob, id=id) == ("NOT_FOUND", ["id"])
    assert refused(None, token="0" * 32) == ("NOT_FOUND", ["token"])
    assert refused(alice, id=builders.id_of(placed)) == ("ORDER_NOTHING_DUE", ["id"])
    assert refused(alice, id=id, by={"expectedAmountDue": "19.00"}) == (
        "TOTAL_CHANGED",
        ["payment", "expectedAmountDue"],
    )
    assert refused(alice, id=id, by={"gateway": "barter"}) == ("PAYMENT_GATEWAY_UNKNOWN", ["payment", "gateway"])
    assert refused(alice, id=id, by={"gateway": ""}) == ("PAYMENT_GATEWAY_UNKNOWN", ["payment", "gateway"])
    assert refused(alice, id=id, by={"gateway": "invoice"}) == ("PAYMENT_GATEWAY_UNKNOWN", ["payment", "gateway"])
    assert not Payment.objects.filter(order=order).exists()


def test_what_staff_received_and_the_gateway_too_goes_back(execute: Execute, sam: User, order: Order) -> None:
    """Nothing of the order was edited: it was placed unpaid, and is paid twice."""
    pay(execute, token=order.status_token, by={"token": "action_required"})
    pending = Payment.objects.get()
    execute("mutation ($id: ID!) { orderMarkAsPaid(id: $id) { order { id } } }", as_=sam, id=builders.id_of(order))

    payments.record(pending.pk, payments.ask(pending, token="confirm"))
    relay.drain()

    ledger = [f"{entry.kind} {entry.amount:.2f}" for entry in PaymentEntry.objects.order_by("pk")]
    assert ledger == ["CAPTURE 20.00", "CAPTURE 20.00", "REFUND 20.00"]
