"""The gateway `invoice`: customers with credit complete the checkout now and pay within their terms."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db.models import F
from pypdf import PdfReader

from accounts.actors import SYSTEM
from accounts.credit_limits import CreditLimitExceeded
from accounts.models import CreditLimit, User
from accounts.staff import Permission
from checkout import cancellations, edits, fulfilment, invoice_pdf, invoices, payments, returns
from checkout.cancellations import Cancellation
from checkout.edits import SetQuantity, Wish
from checkout.fulfilment import Tracking
from checkout.gateways import Outcome
from checkout.models import Cart, Invoice, Order, Payment, PaymentStatus, Refund, TestCharge
from schema.nodes import gid
from shop import clock, relay
from tests import builders
from tests.api.test_payment_capture import CAPTURE, PAID, VOID, ledger
from tests.conftest import Execute

COMPLETE = """
mutation ($cart: ID!) {
  checkoutComplete(cartId: $cart, payment: { gateway: "invoice" }) {
    order { status financialStatus paymentDueAt openOnInvoice { amount } }
    userErrors { code field message }
  }
}
"""
PAY = """
mutation ($id: ID!, $payment: CheckoutPaymentInput!) {
  orderPay(id: $id, payment: $payment) {
    order { amountDue { amount } openOnInvoice { amount } } userErrors { code message }
  }
}
"""
CANCEL = "mutation ($id: ID!) { orderCancel(id: $id) { order { openOnInvoice { amount } } userErrors { code } } }"
OVERDUE = "{ overdueOrders(first: 50) { totalCount nodes { orderNumber openOnInvoice { amount } } } }"


@pytest.fixture(autouse=True)
def offered(settings: Any) -> None:
    settings.PAYMENT_GATEWAYS = ["invoice", "test"]
    settings.INVOICE_WHEN = "paid"


def a_cart(owner: User | None, units: int = 2, **fields: Any) -> Cart:
    """Mugs at 10.00 each, and delivery for 5.00."""
    mug = builders.a_variant(stock=50, price="10.00")
    return builders.a_ready_cart((mug, units), owner=owner, **fields)


def on_invoice(owner: User, units: int = 2) -> Order:
    return builders.completed(a_cart(owner, units), gateway="invoice")


def change(order: Order, *quantities: int) -> None:
    """Edit the first line of an order, once for each of these quantities."""
    for quantity in quantities:
        wish = Wish([SetQuantity(order.lines.earliest("pk").pk, quantity)])
        edits.edit(order_key=order.key, wish=wish, actor=SYSTEM)


def pay(execute: Execute, user: User, order: Order, gateway: str = "invoice", token: str = "") -> dict[str, Any]:
    payment = {"gateway": gateway, "token": token}
    payload: dict[str, Any] = execute(PAY, as_=user, id=builders.id_of(order), payment=payment)["orderPay"]
    return payload


def used() -> Decimal:
    return CreditLimit.objects.get().used


def test_places_the_order_with_a_due_date(execute: Execute, alice: User, assert_verified: Any) -> None:
    builders.a_credit_limit(alice, "25.00", days=14)
    cart = a_cart(alice)

    payloads = [execute(COMPLETE, as_=alice, cart=builders.id_of(cart))["checkoutComplete"] for _ in range(2)]

    order = Order.objects.get()
    assert order.payment_due_at == order.placed_at + timedelta(days=14)
    assert (
        payloads
        == [
            {
                "order": {
                    "status": "CONFIRMED",
                    "financialStatus": "AUTHORIZED",
                    "paymentDueAt": order.payment_due_at.isoformat(),
                    "openOnInvoice": {"amount": "25.00"},
                },
                "userErrors": [],
            }
        ]
        * 2
    )
    assert used() == 25
    relay.drain()
    snapshot = Invoice.objects.get().snapshot
    assert (snapshot["due_on"], snapshot["due_days"]) == (f"{order.payment_due_at:%Y-%m-%d}", 14)
    assert not relay.troubled().exists()
    assert_verified()


def test_says_what_is_available_where_it_is_too_little(execute: Execute, alice: User, assert_verified: Any) -> None:
    builders.a_credit_limit(alice, "49.99")
    on_invoice(alice)
    cart = a_cart(alice)

    payload = execute(COMPLETE, as_=alice, cart=builders.id_of(cart))["checkoutComplete"]

    assert payload == {
        "order": None,
        "userErrors": [
            {
                "code": "CREDIT_LIMIT_EXCEEDED",
                "field": ["payment", "gateway"],
                "message": "24.99 USD of a credit of 49.99 USD are available; this takes 25.00 USD. Pay open invoices "
                "first, or choose another way to pay.",
            }
        ],
    }
    assert used() == 25
    assert Order.objects.count() == 1
    cart.refresh_from_db()
    assert cart.completed_at is None
    assert_verified()


def test_is_for_customers_with_credit_in_the_currency(execute: Execute, alice: User, bob: User) -> None:
    guests, alices, bobs = a_cart(None), a_cart(alice), a_cart(bob)
    builders.a_credit_limit(alice, "100.00", currency="EUR")
    builders.a_credit_limit(bob, "0.00")
    asked = [(guests, alice), (alices, None), (alices, bob), (alices, alice), (bobs, bob)]

    told = [execute(COMPLETE, as_=by, cart=builders.id_of(cart))["checkoutComplete"] for cart, by in asked]

    assert {error["code"] for one in told for error in one["userErrors"]} == {"CREDIT_NOT_GRANTED"}
    assert [one["userErrors"][0]["message"] for one in told] == [
        "Only customers with an account buy on invoice; sign in, or pay in another way.",
        "Sign in to the account of this cart to buy on its credit.",
        "Sign in to the account of this cart to buy on its credit.",
        "This account has no credit in USD; available are 100.00 EUR.",
        "This account has no credit with the shop; choose another way to pay.",
    ]
    assert not Order.objects.exists()


def test_what_is_paid_in_part_leaves_the_rest_open(
    execute: Execute, alice: User, sam: User, assert_verified: Any
) -> None:
    builders.a_credit_limit(alice, "100.00")
    order = on_invoice(alice)
    payment = gid("Payment", order.payments.get().key)

    parts = [execute(CAPTURE, as_=sam, id=payment, amount="10.00")["paymentCapture"] for _ in range(2)]
    open_after_a_part = used()
    assert_verified()
    whole = execute(PAID, as_=sam, id=builders.id_of(order))["orderMarkAsPaid"]

    assert [one["order"]["financialStatus"] for one in parts] == ["PARTIALLY_PAID"] * 2
    assert open_after_a_part == 15
    assert whole == {"order": {"financialStatus": "PAID"}, "userErrors": []}
    assert ledger() == [
        ("AUTHORIZATION", "25.00"),
        ("CAPTURE", "10.00"),
        ("AUTHORIZATION", "15.00"),
        ("CAPTURE", "15.00"),
    ]
    assert used() == 0
    assert_verified()


def test_cancelling_frees_the_limit(execute: Execute, alice: User, sam: User, assert_verified: Any) -> None:
    builders.a_credit_limit(alice, "100.00")
    order, part = on_invoice(alice), on_invoice(alice)
    relay.drain()

    gone = execute(CANCEL, as_=sam, id=builders.id_of(order))["orderCancel"]
    line = part.lines.get()
    cancellations.cancel_lines(order_key=part.key, lines=[(line.pk, 1)], cancellation=Cancellation(), actor=SYSTEM)

    assert gone == {"order": {"openOnInvoice": {"amount": "0.00"}}, "userErrors": []}
    assert used() == 15
    relay.drain()
    notes = Invoice.objects.filter(kind="CREDIT_NOTE").order_by("pk")
    assert [(note.order_id, str(note.total)) for note in notes] == [(order.pk, "25.0000"), (part.pk, "10.0000")]
    assert Payment.objects.get(order=order).status == "VOIDED"
    assert_verified()


def test_what_comes_back_is_owed_no_more(alice: User, assert_verified: Any) -> None:
    builders.a_credit_limit(alice, "100.00")
    order = on_invoice(alice)
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    line = order.lines.get()
    back = returns.request(order_key=order.key, lines=[(line.pk, 2)], reason="Chipped", actor=SYSTEM)
    returns.receive(return_key=back.key, arrivals=None, location_id=None, refund=True, actor=SYSTEM)

    assert used() == 5
    relay.drain()
    assert not relay.troubled().exists()
    assert Invoice.objects.get(kind="CREDIT_NOTE").total == 20
    assert_verified()


def test_giving_up_the_payment_frees_the_limit_and_keeps_the_order(
    execute: Execute, alice: User, sam: User, assert_verified: Any
) -> None:
    builders.a_credit_limit(alice, "25.00")
    order = on_invoice(alice)

    payload = execute(VOID, as_=sam, id=gid("Payment", order.payments.get().key))["paymentVoid"]

    assert payload["order"] == {"financialStatus": "VOIDED", "status": "CONFIRMED"}
    assert used() == 0
    assert_verified()


def test_what_was_paid_and_is_given_back_is_no_new_debt(
    execute: Execute, alice: User, sam: User, assert_verified: Any
) -> None:
    builders.a_credit_limit(alice, "25.00")
    order = on_invoice(alice)
    execute(PAID, as_=sam, id=builders.id_of(order))

    document = "mutation ($of: ID!) { refundCreate(refund: { orderId: $of }) { refunds { id } userErrors { code } } }"
    execute(document, as_=sam, of=builders.id_of(order))
    relay.drain()

    assert used() == 0
    assert_verified()


@pytest.mark.parametrize("size", [1, 20])
def test_staff_see_what_is_overdue(
    execute: Execute, alice: User, sam: User, size: int, django_assert_num_queries: Any
) -> None:
    builders.a_credit_limit(alice, "1000.00")
    late = [on_invoice(alice, 1) for _ in range(size)]
    on_invoice(alice, 1)
    paid = on_invoice(alice, 1)
    Order.objects.filter(pk__in=[one.pk for one in [*late, paid]]).update(payment_due_at="2020-01-01T00:00Z")
    Order.objects.filter(pk=late[-1].pk).update(payment_due_at="2019-12-01T00:00Z")
    execute(PAID, as_=sam, id=builders.id_of(paid))

    with django_assert_num_queries(4):
        found = execute(OVERDUE, as_=sam)["overdueOrders"]

    assert found["totalCount"] == size
    assert [node["orderNumber"] for node in found["nodes"]] == [
        late[-1].number,
        *(order.number for order in late[:-1]),
    ]
    assert {node["openOnInvoice"]["amount"] for node in found["nodes"]} == {"15.00"}


def test_what_is_overdue_is_for_staff_who_keep_orders(request_graphql: Execute, alice: User) -> None:
    clerk = builders.a_clerk(*(set(Permission) - {Permission.MANAGE_ORDERS}))

    answers = [request_graphql(OVERDUE, as_=user) for user in (alice, clerk)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["FORBIDDEN"] * 2


def test_the_pdf_names_the_terms(alice: User) -> None:
    builders.a_credit_limit(alice, "25.00", days=1)
    order = on_invoice(alice)

    invoice = invoices.create(order_key=order.key)

    pdf = PdfReader(BytesIO(invoice_pdf.invoice(invoice.snapshot)))
    text = " ".join(pdf.pages[0].extract_text().split())
    assert ("Payable by" in text, "(1 day)" in text) == (True, True), text


def test_what_is_due_after_money_went_back_uses_credit(execute: Execute, alice: User, assert_verified: Any) -> None:
    builders.a_credit_limit(alice, "100.00")
    order = builders.completed(a_cart(alice, 9))
    change(order, 1, 9)
    relay.drain()

    payload = pay(execute, alice, order)

    assert payload == {
        "order": {"amountDue": {"amount": "0.00"}, "openOnInvoice": {"amount": "80.00"}},
        "userErrors": [],
    }
    assert used() == 80
    assert_verified()


def test_an_edit_takes_no_more_credit_than_there_is_after_money_went_back(
    execute: Execute, alice: User, sam: User, assert_verified: Any
) -> None:
    builders.a_credit_limit(alice, "95.00")
    order = on_invoice(alice, 9)
    execute(CAPTURE, as_=sam, id=gid("Payment", order.payments.get().key), amount="85")
    cancellations.cancel_lines(
        order_key=order.key, lines=[(order.lines.get().pk, 8)], cancellation=Cancellation(), actor=SYSTEM
    )
    relay.drain()
    assert used() == 0

    with pytest.raises(CreditLimitExceeded):
        change(order, 16)
    assert used() == 0
    change(order, 8)

    assert used() == 70
    assert_verified()


def test_money_that_could_not_be_given_back_pays(execute: Execute, alice: User, assert_verified: Any) -> None:
    builders.a_credit_limit(alice, "100.00")
    order = builders.completed(a_cart(alice, 9), token="refund_fails")
    change(order, 1, 9)
    pay(execute, alice, order)
    assert used() == 80

    relay.drain()

    assert used() == 0
    assert_verified()


def test_a_card_that_pays_too_late_leaves_the_credit_used(execute: Execute, alice: User, assert_verified: Any) -> None:
    builders.a_credit_limit(alice, "10.00")
    order = builders.completed(a_cart(alice, 1))
    change(order, 2)
    pay(execute, alice, order, gateway="test", token="pending")
    late = order.payments.latest("pk")
    pay(execute, alice, order)

    TestCharge.objects.filter(key=late.key).update(status="CAPTURED", amount=10)
    payments.record(late.pk, Outcome(PaymentStatus.CAPTURED))
    relay.drain()

    assert used() == 10
    refund = Refund.objects.get()
    assert (refund.payment_id, str(refund.money), refund.status) == (late.pk, "10.00 USD", "DONE")
    assert refund.reason == "It came in after it was given up."
    assert_verified()


def test_the_terms_count_from_when_the_credit_is_taken(
    execute: Execute, alice: User, sam: User, assert_verified: Any
) -> None:
    builders.a_credit_limit(alice, "25.00", days=30)
    order = on_invoice(alice)
    Order.objects.filter(pk=order.pk).update(
        placed_at=F("placed_at") - timedelta(days=40), payment_due_at=F("payment_due_at") - timedelta(days=40)
    )
    execute(VOID, as_=sam, id=gid("Payment", order.payments.get().key))
    before = clock.now()

    payload = pay(execute, alice, order)

    assert payload["userErrors"] == []
    order.refresh_from_db()
    assert order.payment_due_at is not None
    assert before + timedelta(days=30) <= order.payment_due_at <= clock.now() + timedelta(days=30)
    assert used() == 25
    assert execute(OVERDUE, as_=sam)["overdueOrders"]["nodes"] == []
    invoice = invoices.create(order_key=order.key)
    assert (invoice.snapshot["due_on"], "due_days" in invoice.snapshot) == (f"{order.payment_due_at:%Y-%m-%d}", False)
    assert_verified()
