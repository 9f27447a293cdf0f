"""Payments: an intention is recorded, the gateway is asked outside of any transaction, its answer is recorded.

A crash between any two of the three loses nothing: the intention's key is the gateway's idempotency key, so asking
again charges once, and `checkouts.settle_overdue` asks about whatever nobody asked again. An order may have several
payments; it is confirmed once those that are authorised or captured cover its total.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum

from checkout import credit, dues, gateways, orders
from checkout.gateways import Charge, Outcome
from checkout.models import (
    Cart,
    Order,
    OrderEvent,
    OrderEventKind,
    OrderStatus,
    Payment,
    PaymentEntry,
    PaymentEntryKind,
    PaymentStatus,
)
from checkout.models.payment import PaymentStatusRefused
from checkout.timeline import record as record_event
from shop import metrics, outbox, prepared, writes
from shop.errors import NotFound, Refusal
from shop.models import OutboxMessage
from shop.money import Money
from shop.outbox import Message

_ENTRY = {
    PaymentStatus.AUTHORIZED: PaymentEntryKind.AUTHORIZATION,
    PaymentStatus.CAPTURED: PaymentEntryKind.CAPTURE,
    PaymentStatus.FAILED: PaymentEntryKind.FAILURE,
    PaymentStatus.VOIDED: PaymentEntryKind.VOID,
    PaymentStatus.REFUNDED: PaymentEntryKind.REFUND,
}
_TOLD = {
    PaymentStatus.AUTHORIZED: (OrderEventKind.PAYMENT_AUTHORIZED, "{} is promised."),
    PaymentStatus.CAPTURED: (OrderEventKind.PAYMENT_CAPTURED, "{} came in."),
    PaymentStatus.FAILED: (OrderEventKind.PAYMENT_FAILED, "The payment of {} was declined."),
    PaymentStatus.VOIDED: (OrderEventKind.PAYMENT_VOIDED, "The payment of {} was given up."),
    PaymentStatus.REFUNDED: (OrderEventKind.REFUNDED, "{} was given back."),
}
BY_AGREEMENT = "manual"
_GIVEN_UP = {PaymentStatus.FAILED, PaymentStatus.VOIDED}
_PROMISED = {PaymentStatus.PENDING, PaymentStatus.AUTHORIZED}


class ReversalUnfinished(Exception):
    """The gateway has not given the money back, nor given it up, yet; the outbox asks again later."""


class CaptureUnfinished(Exception):
    """The gateway has not captured the payment yet; the outbox asks again later."""


class NotCapturable(Refusal):
    """Only an authorised payment can be captured, and no more of it than was authorised."""

    code = "PAYMENT_NOT_CAPTURABLE"


def intend(order: Order, gateway: str, amount: Money) -> Payment:
    """The wish to be paid so much of the order. Call inside the transaction that makes it due."""
    payment = Payment(order=order, gateway=gateway, amount=amount.amount, currency=order.currency)
    writes.insert([payment])
    return payment


def agree(order: Order, amount: Money, gateway: str) -> Payment:
    """Take the buyer's word for so much of an order, which the caller has locked: it is collected outside."""
    payment = intend(order, gateway, amount)
    _become(payment, Outcome(PaymentStatus.AUTHORIZED))
    return payment


def ask(payment: Payment, *, token: str) -> Outcome:
    """Ask the gateway for the money. Not in a transaction: a bank may think for long, and cannot be rolled back."""
    if not payment.money:
        return Outcome(PaymentStatus.CAPTURED, message="Nothing was to be paid.")
    return gateways.named(payment.gateway).pay(charge(payment, token=token))


def charge(payment: Payment, *, token: str = "") -> Charge:
    """The payment as its gateway is told of it."""
    order = payment.order
    return Charge(
        key=payment.key,
        amount=payment.money,
        description=f"Order {order.name}",
        email=order.email,
        token=token,
        reference=payment.gateway_reference,
        captures_later=payment.gateway in settings.PAYMENT_CAPTURE_LATER,
    )


@transaction.atomic
def record(payment_id: int, outcome: Outcome) -> Payment:
    """Write what the gateway said and what follows for the order. Old news, and none, change nothing."""
    payment = locked(payment_id)
    if outcome.status not in PaymentStatus(payment.status).next:
        _learn_reference(payment, outcome)
        return payment
    # Several things follow from a payment; the messages and the timeline tell all of them at once.
    with writes.gathered(OrderEvent, OutboxMessage):
        _follow(payment, outcome)
    return payment


def _follow(payment: Payment, outcome: Outcome) -> None:
    """Write what is new of a payment that is locked, and what follows for its order."""
    is_late = payment.status in _GIVEN_UP
    _become(payment, outcome)
    order, is_paid = payment.order, outcome.status in {PaymentStatus.CAPTURED, PaymentStatus.AUTHORIZED}
    if order.status == OrderStatus.PLACED and is_paid and not is_late:
        sure = payment.captured if outcome.status == PaymentStatus.CAPTURED else payment.amount
        if sure == order.total or covered(order):
            orders.confirm(order)
        else:
            orders.await_rest(order, dues.of(order).due)
    elif order.status == OrderStatus.PLACED and not is_paid and order.partly_paid_at is None:
        orders.cancel_unpaid(order, outcome.message or "The payment failed.")
        orders.owe_back(order)
    elif is_paid and (is_late or order.status == OrderStatus.CANCELLED):
        # The order, or this payment, was given up meanwhile: the money must not stay.
        outbox.publish("payment.reversal_due", payment_id=payment.pk)
    elif outcome.status == PaymentStatus.CAPTURED:
        _return_excess(payment)
    if outcome.status == PaymentStatus.CAPTURED:
        credit.leave_rest(payment)
    # A credit limit is locked after everything else.
    credit.follow(order)


def _return_excess(payment: Payment) -> None:
    """Have a job give back what was captured beyond what is owed: less is owed meanwhile, or somebody else paid."""
    order = payment.order
    excess = min(dues.of(order).excess, payment.refundable)
    if Money.zero(order.currency) < excess:
        outbox.publish("payment.excess_captured", payment_id=payment.pk, amount=str(excess.amount))


@prepared.statement
def of_orders(order_ids: list[int]) -> QuerySet[Payment]:
    """The payments of several orders, each order's oldest first."""
    return Payment.objects.filter(order_id__any=order_ids).order_by("pk")


def covered(order: Order) -> bool:
    """Whether payments that are promised or received come to the order's total."""
    paid = order.payments.filter(status__in=[PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED])
    sums = paid.aggregate(
        promised=Sum("amount", filter=Q(status=PaymentStatus.AUTHORIZED)),
        kept=Sum(F("captured") - F("refunded"), filter=Q(status=PaymentStatus.CAPTURED)),
    )
    return sum((amount for amount in sums.values() if amount), Decimal(0)) >= order.total


def capture(*, payment_key: UUID, amount: Decimal | None = None) -> Payment:
    """Take an authorised payment, or `amount` of it and no more later. Asked again, it answers the same.

    Raises NotFound, NotCapturable, InvalidAmount, GatewayUnavailable.
    """
    payment = Payment.objects.select_related("order").filter(key=payment_key).first()
    if payment is None:
        raise NotFound("Payment", field=("id",))
    if payment.status == PaymentStatus.CAPTURED:
        return payment
    most = min(payment.money, dues.of(payment.order).outstanding)
    wanted = most if amount is None else Money.price(amount, payment.currency)
    if most < wanted or not _can_be_captured(payment, wanted):
        raise NotCapturable(_most_of(payment, most))
    return record(payment.pk, gateways.named(payment.gateway).capture(charge(payment), wanted))


def _most_of(payment: Payment, most: Money) -> str:
    if not most:
        return "Nothing of the order is left to be received; give this payment up instead."
    if _can_be_captured(payment, most):
        return f"{most} can be captured of this payment."
    return f"This payment is {payment.status.lower()}; {most} can be captured of it once it is authorised."


def _can_be_captured(payment: Payment, wanted: Money) -> bool:
    """Whether it is promised, or is a transfer that is awaited: staff see how much of that came."""
    is_promised = payment.status == PaymentStatus.AUTHORIZED
    if payment.status == PaymentStatus.PENDING and payment.money:
        is_promised = gateways.named(payment.gateway).is_collected_outside
    return is_promised and Money.zero(payment.currency) < wanted <= payment.money


def give_up_awaited(order: Order) -> None:
    """Give up transfers that are awaited and larger than what is left to pay: buyers are asked for that anew.

    Call where less is owed, with the order locked. Nobody outside knows of such a payment, so that nobody is asked.
    """
    outside = order.payments.filter(status=PaymentStatus.PENDING, gateway__in=gateways.collected_outside())
    for payment in outside.select_for_update().order_by("pk"):
        if payment.money > dues.of(order).outstanding:
            payment.order = order
            _become(payment, Outcome(PaymentStatus.VOIDED, message="Less is owed meanwhile."))


def mark_as_paid(*, order_key: UUID) -> Order:
    """Capture whatever was promised for the order, as far as it is owed; the rest was received outside of the shop.

    Raises NotFound, NotCapturable, GatewayUnavailable.
    """
    order = Order.objects.filter(key=order_key).first()
    if order is None:
        raise NotFound("Order", field=("id",))
    awaited = Q(status=PaymentStatus.PENDING, gateway__in=gateways.collected_outside())
    promised = list(order.payments.filter(Q(status=PaymentStatus.AUTHORIZED) | awaited).order_by("pk"))
    if not promised and not _is_rest_due(order):
        raise NotCapturable(f"Nothing is promised for order {order.name} that is not received.", field=("id",))
    for payment in promised:
        wanted = min(payment.money, dues.of(order).outstanding)
        if wanted:
            capture(payment_key=payment.key, amount=wanted.amount)
        else:
            void(payment_key=payment.key)
    _receive_rest(order.key)
    return order


def _is_rest_due(order: Order) -> bool:
    """Whether something is to be paid of an order beside what was begun when it was placed."""
    return order.takes_payments and bool(dues.of(order).due)


@transaction.atomic
def _receive_rest(order_key: UUID) -> None:
    """Enter what is owed and promised by nobody as received, outside of the shop."""
    order = orders.locked(order_key)
    if _is_rest_due(order):
        payment = intend(order, BY_AGREEMENT, dues.of(order).due)
        record(payment.pk, Outcome(PaymentStatus.CAPTURED))


@outbox.handler("order.shipped")
def capture_on_fulfilment(message: Message) -> None:
    """Take what was authorised once the first part of its order is sent; what is collected outside, staff tell."""
    promised = Payment.objects.filter(order_id=message.payload["order_id"], status=PaymentStatus.AUTHORIZED)
    for payment in promised.select_related("order").order_by("pk"):
        gateway = gateways.named(payment.gateway)
        if gateway.is_collected_outside:
            continue
        wanted = min(payment.money, dues.of(payment.order).outstanding)
        # Where nothing is owed any more, because lines were cancelled, the promise is given up.
        outcome = gateway.capture(charge(payment), wanted) if wanted else gateway.void(charge(payment))
        if record(payment.pk, outcome).status == PaymentStatus.AUTHORIZED:
            raise CaptureUnfinished(f"{gateway.handle} says of payment {payment.key}: {outcome.status}")


def void(*, payment_key: UUID) -> Payment:
    """Give up a payment nothing of which was received. Raises NotFound, PaymentStatusRefused, GatewayUnavailable."""
    payment = Payment.objects.select_related("order").filter(key=payment_key).first()
    if payment is None:
        raise NotFound("Payment", field=("id",))
    if payment.status not in {*_PROMISED, PaymentStatus.VOIDED}:
        raise PaymentStatusRefused(payment, PaymentStatus.VOIDED)
    return record(payment.pk, give_up(payment))


def give_up(payment: Payment) -> Outcome:
    """What the gateway says when it is told that nobody will pay; where nothing was to be paid, there is none to tell.

    Raises GatewayUnavailable.
    """
    if not payment.money:
        return Outcome(PaymentStatus.VOIDED)
    return gateways.named(payment.gateway).void(charge(payment))


def financial_status(payments: Sequence[Payment], total: Decimal = Decimal(0)) -> str:
    """What became of the money of an order that comes to `total` now, in the words of the dialect."""
    standing = [payment for payment in payments if payment.status not in _GIVEN_UP]
    if not standing:
        is_voided = any(payment.status == PaymentStatus.VOIDED for payment in payments)
        # What was merely declined is still to be paid, where something is.
        return "VOIDED" if is_voided or (payments and not total) else "PENDING"
    captured = sum((payment.captured for payment in standing), Decimal(0))
    refunded = sum((payment.refunded for payment in standing), Decimal(0))
    if refunded:
        return "REFUNDED" if refunded == captured else "PARTIALLY_REFUNDED"
    statuses = {payment.status for payment in standing}
    if PaymentStatus.CAPTURED in statuses:
        return "PARTIALLY_PAID" if statuses & _PROMISED or captured < total else "PAID"
    return "PENDING" if PaymentStatus.PENDING in statuses else "AUTHORIZED"


def locked(payment_id: int) -> Payment:
    """The payment, locked after its cart and order. Every writer of a payment comes through here."""
    _lock_cart(payment_id)
    [payment] = _lock(payment_id)
    return payment


@prepared.statement
def _lock_cart(payment_id: int) -> QuerySet[Any, Any]:
    # Few orders outlive their cart, and those have none to lock. Its key stays free: whoever writes an order twice has
    # it checked at the end, and would wait for us while we wait for the order.
    return (
        Cart.objects.select_for_update(of=("self",), no_key=True).filter(orders__payments=payment_id).values_list("pk")
    )


@prepared.statement
def _lock(payment_id: int) -> QuerySet[Payment]:
    # PostgreSQL locks in the order in which tables are named here: the order, then its payment.
    return Payment.objects.select_for_update(of=("order", "self")).select_related("order").filter(pk=payment_id)


def _learn_reference(payment: Payment, outcome: Outcome) -> None:
    """Keep the gateway's name for a payment that is pending still: it is found by that, whatever is lost later."""
    if payment.status == PaymentStatus.PENDING and outcome.reference not in {"", payment.gateway_reference}:
        payment.gateway_reference = outcome.reference
        writes.update([payment], "gateway_reference", "updated_at")


def _become(payment: Payment, outcome: Outcome) -> None:
    if outcome.status == PaymentStatus.REFUNDED and payment.status != PaymentStatus.CAPTURED:
        # Received and given back before we heard of either: the ledger tells both.
        _become(payment, replace(outcome, status=PaymentStatus.CAPTURED))
    payment.become(outcome.status)
    payment.gateway_reference = outcome.reference or payment.gateway_reference
    payment.error = outcome.message[:500] if outcome.status == PaymentStatus.FAILED else ""
    amount = payment.amount
    if outcome.status == PaymentStatus.CAPTURED:
        amount = payment.captured = outcome.captured.amount if outcome.captured else payment.amount
    elif outcome.status == PaymentStatus.REFUNDED:
        amount, payment.refunded = payment.captured - payment.refunded, payment.captured
    entry = PaymentEntry(
        payment=payment,
        kind=_ENTRY[outcome.status],
        amount=amount,
        gateway_reference=outcome.reference,
        message=outcome.message[:500],
    )
    writes.update([payment], "status", "captured", "refunded", "gateway_reference", "error", "updated_at")
    writes.insert([entry])
    kind, words = _TOLD[outcome.status]
    record_event(payment.order, kind, words.format(Money.rounded(amount, payment.currency)))
    metrics.payment(payment.gateway, outcome.status)
    outbox.publish(f"payment.{outcome.status.lower()}", payment_id=payment.pk, order_id=payment.order_id)
