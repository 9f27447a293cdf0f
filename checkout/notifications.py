"""What customers are told about their orders, by e-mail.

A letter tells how things are when it is written, not when its message was: what is true no longer is not told.
`settings.CUSTOMER_MAILS` chooses. An order is first heard of when it is confirmed; one that never was, ends unheard.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from checkout import invoice_pdf, letters, purses
from checkout.models import (
    Fulfillment,
    InvoiceKind,
    Order,
    OrderEventKind,
    OrderStatus,
    Payment,
    PaymentEntryKind,
    PaymentStatus,
    Refund,
)
from checkout.timeline import record
from shop import mails, outbox

# What the timeline of an order calls each mail.
_TITLES = {
    "order_confirmed": "The confirmation",
    "payment_received": "The receipt of a payment",
    "order_partly_paid": "The question for the rest",
    "order_shipped": "The news of a parcel",
    "order_delivered": "The news of an arrival",
    "order_edited": "The news of a change",
    "order_cancelled": "The cancellation",
    "payment_refunded": "The news of a refund",
}


@outbox.handler("order.confirmed")
def confirm_order(message: outbox.Message) -> None:
    """Send the customer what was ordered, if they left an address and the order still stands."""
    if order := _standing(message):
        with letters.speaking_of(order):
            subject = gettext("order %(name)s confirmed") % {"name": order.name}
            _send("order_confirmed", order, letters.whole(order), subject=subject)


@outbox.handler("payment.captured")
def confirm_payment(message: outbox.Message) -> None:
    """Tell that money came in, unless the order was paid at once, which its confirmation told."""
    order = _standing(message)
    payment = Payment.objects.filter(pk=message.payload["payment_id"], status=PaymentStatus.CAPTURED).first()
    if order is None or payment is None or not was_promised(payment):
        return
    with letters.speaking_of(order):
        context = letters.about(order) | {"amount": letters.price(payment.captured, payment.currency)}
        subject = gettext("payment of order %(name)s received") % {"name": order.name}
        _send("payment_received", order, context, subject=subject, name=f"payment_received.{payment.key}")


@outbox.handler("order.partly_paid")
def ask_for_rest(message: outbox.Message) -> None:
    """Tell that money came in which does not cover the order, and where and until when the rest can be paid."""
    order = _standing(message)
    if order is None or order.status != OrderStatus.PLACED or order.hold_expires_at is None:
        return
    with letters.speaking_of(order):
        context = letters.rest_of(order, order.hold_expires_at)
        said = {"due": context["due"], "name": order.name}
        subject = gettext("%(due)s of order %(name)s are left to pay") % said
        _send("order_partly_paid", order, context, subject=subject)


@outbox.handler("order.shipped")
def tell_of_parcel(message: outbox.Message) -> None:
    """Tell what is on its way, and how to follow it; with the invoice, if there is one yet."""
    order = _standing(message)
    fulfillment = Fulfillment.objects.filter(pk=message.payload["fulfillment_id"]).first()
    if order is None or fulfillment is None:
        return
    is_rest_open = order.status != OrderStatus.FULFILLED
    attachments = [
        (f"{invoice.name}.pdf", invoice_pdf.invoice(invoice.snapshot), "application/pdf")
        for invoice in order.invoices.filter(kind=InvoiceKind.INVOICE)
    ]
    with letters.speaking_of(order):
        context = letters.parcel(order, fulfillment) | {"is_rest_open": is_rest_open}
        part, whole = gettext("a part of order %(name)s is on its way"), gettext("order %(name)s is on its way")
        subject = (part if is_rest_open else whole) % {"name": order.name}
        name = f"order_shipped.{fulfillment.key}"
        _send("order_shipped", order, context, subject=subject, name=name, attachments=attachments)


@outbox.handler("order.delivered")
def tell_of_arrival(message: outbox.Message) -> None:
    """Tell that a parcel arrived, or the whole order where it was one."""
    order = _standing(message)
    if order is None:
        return
    is_part = order.status != OrderStatus.FULFILLED or order.fulfillments.count() > 1
    with letters.speaking_of(order):
        parcel, whole = gettext("a parcel of order %(name)s has arrived"), gettext("order %(name)s has arrived")
        context = letters.about(order) | {"is_part": is_part}
        name = f"order_delivered.{message.payload.get('fulfillment_id', order.key)}"
        _send(
            "order_delivered", order, context, subject=(parcel if is_part else whole) % {"name": order.name}, name=name
        )


@outbox.handler("order.edited")
def tell_of_edit(message: outbox.Message) -> None:
    """Tell what the order has become, and what is left to pay or is given back, where staff wished so."""
    order = _standing(message)
    if order is None or not message.payload["notifies"]:
        return
    edit = order.edits.get(pk=message.payload["edit_id"])
    money_back = edit.total_change < 0 and order.payments.filter(captured__gt=0).exists()
    with letters.speaking_of(order):
        context = letters.present(order) | {"reason": edit.reason, "money_back": money_back}
        subject = gettext("order %(name)s was changed") % {"name": order.name}
        _send("order_edited", order, context, subject=subject, name=f"order_edited.{order.key}.{edit.pk}")


@outbox.handler("order.cancelled")
def tell_of_cancellation(message: outbox.Message) -> None:
    """Tell that nothing will come, to whoever was told that something would."""
    order = _addressed(message)
    if order is None or not is_called_off(order):
        return
    is_owed = order.payments.filter(captured__gt=0).exists()
    with letters.speaking_of(order):
        money_back = gettext("What you paid is given back.") if is_owed else ""
        context = letters.about(order) | {"reason": order.cancel_reason, "money_back": money_back}
        subject = gettext("order %(name)s is cancelled") % {"name": order.name}
        _send("order_cancelled", order, context, subject=subject)


@outbox.handler("payment.refunded")
def tell_of_refund(message: outbox.Message) -> None:
    """Tell how much went back. What was moved to another order, or a gift card paid of one that never was, did not."""
    order = None if message.payload.get("is_moved") else _addressed(message)
    payment = Payment.objects.get(pk=message.payload["payment_id"])
    if order is None or (order.confirmed_at is None and purses.is_inside(payment)):
        return
    with letters.speaking_of(order):
        refunded = given_back(message)
        said = {"amount": refunded["amount"], "name": order.name}
        subject = gettext("%(amount)s of order %(name)s given back") % said
        name = f"payment_refunded.{refunded['key']}"
        _send("payment_refunded", order, letters.about(order) | refunded, subject=subject, name=name)


def was_promised(payment: Payment) -> bool:
    """Whether the payment was promised before it came in, or made after the order was, so that it is news."""
    confirmed_at = payment.order.confirmed_at
    if confirmed_at is not None and confirmed_at < payment.created_at:
        return True
    return payment.entries.filter(kind=PaymentEntryKind.AUTHORIZATION).exists()


def is_called_off(order: Order) -> bool:
    """Whether an order the customer was told of is no more."""
    was_told = order.confirmed_at is not None or order.partly_paid_at is not None
    return order.status == OrderStatus.CANCELLED and was_told


def given_back(message: outbox.Message) -> dict[str, Any]:
    """Amount, reason and key of what a message says was refunded; of the whole payment where it names no refund."""
    refund_id = message.payload.get("refund_id")
    if refund_id is not None:
        refund = Refund.objects.select_related("payment").get(pk=refund_id)
        return {
            "amount": letters.price(refund.amount, refund.payment.currency),
            "reason": refund.reason,
            "key": refund.key,
        }
    payment = Payment.objects.get(pk=message.payload["payment_id"])
    return {"amount": letters.price(payment.refunded, payment.currency), "reason": "", "key": payment.key}


def _addressed(message: outbox.Message) -> Order | None:
    """The order a message is about, if its customer is to be told and left an address."""
    if message.topic not in settings.CUSTOMER_MAILS:
        return None
    order = Order.objects.get(pk=message.payload["order_id"])
    return order if order.email else None


def _standing(message: outbox.Message) -> Order | None:
    order = _addressed(message)
    return order if order and order.status != OrderStatus.CANCELLED else None


def _send(
    template: str,
    order: Order,
    context: dict[str, Any],
    *,
    subject: str,
    name: str = "",
    attachments: Sequence[tuple[str, bytes, str]] = (),
) -> None:
    name = name or f"{template}.{order.key}"
    mails.send(
        f"checkout/mail/{template}", context, subject=subject, to=[order.email], name=name, attachments=attachments
    )
    record(order, OrderEventKind.MAIL_SENT, f"{_TITLES[template]} was sent to {order.email}.", is_public=False)
