"""The gateway `invoice`: customers with credit complete the checkout now and pay within their terms."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from accounts.actors import SYSTEM
from accounts.models import CreditLimit, User
from accounts.staff import Permission
from checkout import cancellations, fulfilment, invoice_pdf, invoices, returns
from checkout.cancellations import Cancellation
from checkout.fulfilment import Tracking
from checkout.models import Cart, Invoice, Order, Payment
from schema.nodes import gid
from shop import relay
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
