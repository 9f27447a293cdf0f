"""Payments: an intention is recorded, the gateway is asked outside of any transaction, its answer is recorded.

A crash between any two of the three loses nothing: the intention's key is the gateway's idempotency key, so asking
again charges once, and `checkouts.settle_overdue` asks about whatever nobody asked again.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from checkout import gateways, orders
from checkout.gateways import Charge, Outcome
from checkout.models import Cart, Order, OrderStatus, Payment, PaymentEntry, PaymentEntryKind, PaymentStatus
from shop import outbox, prepared, writes
from shop.outbox import Message

_ENTRY = {
    PaymentStatus.AUTHORIZED: PaymentEntryKind.AUTHORIZATION,
    PaymentStatus.CAPTURED: PaymentEntryKind.CAPTURE,
    PaymentStatus.FAILED: PaymentEntryKind.FAILURE,
    PaymentStatus.VOIDED: PaymentEntryKind.VOID,
    PaymentStatus.REFUNDED: PaymentEntryKind.REFUND,
}

_FINANCIAL = {
    PaymentStatus.CAPTURED: "PAID",
    PaymentStatus.AUTHORIZED: "AUTHORIZED",
    PaymentStatus.REFUNDED: "REFUNDED",
    PaymentStatus.PENDING: "PENDING",
    PaymentStatus.VOIDED: "VOIDED",
    PaymentStatus.FAILED: "VOIDED",
}


class ReversalUnfinished(Exception):
    """The gateway has not given the money back, nor given it up, yet; the outbox asks again later."""


def intend(order: Order, gateway: str) -> Payment:
    """The wish to be paid the order's total. Call inside the transaction that places the order."""
    payment = Payment(order=order, gateway=gateway, amount=order.total, currency=order.currency)
    writes.insert([payment])
    return payment


def ask(payment: Payment, *, token: str) -> Outcome:
    """Ask the gateway for the money. Not in a transaction: a bank may think for long, and cannot be rolled back."""
    if not payment.money:
        return Outcome(PaymentStatus.CAPTURED, message="Nothing was to be paid.")
    order = payment.order
    charge = Charge(payment.key, payment.money, f"Order {order.name}", order.email, token)
    return gateways.named(payment.gateway).pay(charge)


@transaction.atomic
def record(payment_id: int, outcome: Outcome) -> Payment:
    """Write what the gateway said and what follows for the order. Old news, and none, change nothing."""
    payment = _locked(payment_id)
    if outcome.status not in PaymentStatus(payment.status).next:
        return payment
    _become(payment, outcome)
    order, is_paid = payment.order, outcome.status in {PaymentStatus.CAPTURED, PaymentStatus.AUTHORIZED}
    if order.status == OrderStatus.PLACED and is_paid:
        orders.confirm(order)
    elif order.status == OrderStatus.PLACED:
        orders.cancel_unpaid(order, outcome.message or "The payment failed.")
    elif order.status == OrderStatus.CANCELLED and is_paid:
        # The order was given up meanwhile: the money must not stay.
        outbox.publish("payment.reversal_due", payment_id=payment.pk)
    return payment


@prepared.statement
def of_orders(order_ids: list[int]) -> QuerySet[Payment]:
    """The payments of several orders, each order's oldest first."""
    return Payment.objects.filter(order_id__any=order_ids).order_by("pk")


def financial_status(payments: Sequence[Payment]) -> str:
    """What became of an order's money: the furthest any of its payments got."""
    reached = {payment.status for payment in payments}
    for status, name in _FINANCIAL.items():
        if status in reached:
            return name
    return "PENDING"


@outbox.handler("payment.reversal_due")
def reverse(message: Message) -> None:
    """Give back or give up what was paid for an order that is no more. The gateway hears the same key every time.

    What turns out to be captured when it is to be given up is recorded as such, which makes another reversal due.
    Raises ReversalUnfinished.
    """
    payment = Payment.objects.get(pk=message.payload["payment_id"])
    gateway = gateways.named(payment.gateway)
    match payment.status:
        case PaymentStatus.CAPTURED if payment.money:
            outcome = gateway.refund(payment.key, payment.key, payment.money)
        case PaymentStatus.AUTHORIZED | PaymentStatus.PENDING:
            outcome = gateway.void(payment.key)
        case _:
            return
    if record(payment.pk, outcome).status == payment.status:
        raise ReversalUnfinished(f"{gateway.handle} says of payment {payment.key}: {outcome.status} {outcome.message}")


def _locked(payment_id: int) -> Payment:
    """The payment, locked after its cart and order. Every writer of a payment comes through here."""
    _lock_cart(payment_id)
    [payment] = _lock(payment_id)
    return payment


@prepared.statement
def _lock_cart(payment_id: int) -> QuerySet[Any, Any]:
    # Few orders outlive their cart, and those have none to lock.
    return Cart.objects.select_for_update(of=("self",)).filter(orders__payments=payment_id).values_list("pk")


@prepared.statement
def _lock(payment_id: int) -> QuerySet[Payment]:
    # PostgreSQL locks in the order in which tables are named here: the order, then its payment.
    return Payment.objects.select_for_update(of=("order", "self")).select_related("order").filter(pk=payment_id)


def _become(payment: Payment, outcome: Outcome) -> None:
    if outcome.status == PaymentStatus.REFUNDED and payment.status != PaymentStatus.CAPTURED:
        # Received and given back before we heard of either: the ledger tells both.
        _become(payment, replace(outcome, status=PaymentStatus.CAPTURED))
    payment.become(outcome.status)
    payment.gateway_reference = outcome.reference or payment.gateway_reference
    payment.error = outcome.message[:500] if outcome.status == PaymentStatus.FAILED else ""
    entry = PaymentEntry(
        payment=payment,
        kind=_ENTRY[outcome.status],
        amount=payment.amount,
        gateway_reference=outcome.reference,
        message=outcome.message[:500],
    )
    writes.update([payment], "status", "gateway_reference", "error", "updated_at")
    writes.insert([entry])
    outbox.publish(f"payment.{outcome.status.lower()}", payment_id=payment.pk, order_id=payment.order_id)
