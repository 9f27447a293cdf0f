"""Giving money back: a refund is intended, its gateway is asked outside of any transaction, its answer is recorded.

What is intended counts against the payment at once, so that no two refunds together give back more than was received.
The refund's key is the gateway's idempotency key: whoever asks again, after a lost answer or a crash, gives back once.
"""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.actors import Actor
from checkout import books, credit, dues, gateways, orders, payments, purses, store_credit
from checkout.gateways import RefundOutcome
from checkout.models import Order, OrderEventKind, OrderStatus, Payment, PaymentStatus, Refund, RefundStatus
from checkout.payments import ReversalUnfinished
from checkout.timeline import record as record_event
from shop import clock, metrics, money, outbox, text
from shop.errors import InvalidInput, Refusal, blaming
from shop.money import Money
from shop.outbox import Message

_CANCELLED, _TOO_LATE = "The order was cancelled.", "It came in after it was given up."


class RefundTooLarge(Refusal):
    """More is to be given back than was received and not given back yet."""

    code = "REFUND_TOO_LARGE"


class OrderUndecided(Refusal):
    """The order still waits for a payment, so that nothing of it can be given back by itself."""

    code = "ORDER_UNDECIDED"

    def __init__(self, order: Order) -> None:
        super().__init__(f"Order {order.name} still waits for a payment; cancel it instead.", field=("order_id",))


@transaction.atomic(durable=True)
def create(
    *, order_key: UUID, amount: Decimal | None, reason: str, actor: Actor, to_store_credit: bool = False
) -> list[Refund]:
    """Have a job give back `amount` of what was received for an order, or all of it; the latest payment first.

    What gateways received goes `to_store_credit` of the order's customer where that is wanted. No gateway is asked
    here: one transaction intends all of it, so that nobody who asks again for want of an answer gives back twice.

    Raises NotFound, InvalidAmount, InvalidInput, RefundTooLarge, OrderUndecided.
    """
    with blaming("order_id"):
        order = orders.locked(order_key)
    if order.status == OrderStatus.PLACED:
        raise OrderUndecided(order)
    if to_store_credit and order.customer_id is None:
        raise InvalidInput("This order is of no customer who could have store credit.", field=("to_store_credit",))
    paid = list(Payment.objects.select_for_update().filter(order=order).order_by("-pk"))
    most = money.total((payment.refundable for payment in paid), order.currency)
    with blaming("amount"):
        left = most if amount is None else Money.price(amount, order.currency)
        if not left or most < left:
            raise RefundTooLarge(f"{most} of order {order.name} can be given back.")
    because = text.line(reason, limit=500, field=("reason",))
    excess = dues.of(order).excess
    goodwill = max(left - excess, Money.zero(order.currency))
    return intend(paid, left, because, actor, goodwill=goodwill, to_store_credit=to_store_credit)


def settle(refund_id: int) -> Refund:
    """Ask the gateway about a refund that is pending, and record what it says. Raises GatewayUnavailable."""
    refund = Refund.objects.select_related("payment__order").get(pk=refund_id)
    if refund.status != RefundStatus.PENDING:
        return refund
    payment, source = refund.payment, refund.payment.source
    if refund.to_store_credit and payment.order.customer_id is None:
        return record(refund.pk, RefundOutcome(RefundStatus.FAILED, message="The customer has no account any more."))
    if purses.is_inside(source) or refund.to_store_credit:
        return record(refund.pk, RefundOutcome(RefundStatus.DONE, source.gateway_reference))
    outcome = gateways.named(source.gateway).refund(payments.charge(source), refund.key, refund.money)
    return record(refund.pk, outcome)


@transaction.atomic
def record(refund_id: int, outcome: RefundOutcome) -> Refund:
    """Write what the gateway said of a refund. Old news, and none, change nothing."""
    payment = payments.locked(Refund.objects.values_list("payment_id", flat=True).get(pk=refund_id))
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    refund.payment = payment
    if outcome.status not in RefundStatus(refund.status).next:
        return refund
    refund.status, refund.settled_at = outcome.status, clock.now()
    refund.error = outcome.message[:500] if outcome.status == RefundStatus.FAILED else ""
    refund.save(update_fields=["status", "settled_at", "error"])
    if outcome.status == RefundStatus.FAILED:
        payment.refunded -= refund.amount
        payment.save(update_fields=["refunded", "updated_at"])
        said = f"{refund.money} could not be given back."
        record_event(payment.order, OrderEventKind.REFUND_FAILED, said, is_public=False)
        topic = "payment.refund_failed"
    else:
        books.give_back(payment, refund, reference=outcome.reference, message=outcome.message)
        source = payment.source
        if refund.to_store_credit:
            store_credit.refund(payment.order, refund.money)
        elif purses.is_inside(source):
            purses.give_back(source, refund.money)
        topic = "payment.refunded"
    metrics.payment(payment.gateway, f"REFUND_{outcome.status}")
    outbox.publish(topic, payment_id=payment.pk, order_id=payment.order_id, refund_id=refund.pk)
    credit.follow(payment.order)
    return refund


def of_orders(order_ids: Sequence[int]) -> QuerySet[Refund]:
    """The refunds of several orders, each order's oldest first."""
    return Refund.objects.filter(payment__order_id__in=order_ids).select_related("payment").order_by("pk")


@outbox.handler("refund.due")
def finish(message: Message) -> None:
    """Ask the gateway, with no row locked, and record what it says. Raises ReversalUnfinished until it has decided."""
    refund = settle(message.payload["refund_id"])
    if refund.status == RefundStatus.PENDING:
        raise ReversalUnfinished(f"{refund.payment.gateway} has not decided about refund {refund.key} yet.")


@outbox.handler("payment.excess_captured")
def give_back_excess(message: Message) -> None:
    """Intend to give back what was captured although it was owed no more, as far as nobody has meanwhile."""
    payment = payments.locked(message.payload["payment_id"])
    excess = Money.rounded(Decimal(message.payload["amount"]), payment.currency)
    still = min(excess, dues.of(payment.order).excess, payment.refundable)
    intend([payment], still, "More was captured than was owed.")


@outbox.handler("payment.reversal_due")
def reverse(message: Message) -> None:
    """Give back or give up what was paid for an order that is no more. The gateway hears the same key every time.

    What turns out to be captured when it is to be given up is recorded as such, which makes another reversal due.
    Raises ReversalUnfinished.
    """
    payment = Payment.objects.select_related("order").get(pk=message.payload["payment_id"])
    match payment.status:
        case PaymentStatus.CAPTURED:
            give_back_rest(payment.pk)
        case PaymentStatus.AUTHORIZED | PaymentStatus.PENDING:
            outcome = payments.give_up(payment)
            if payments.record(payment.pk, outcome).status == payment.status:
                raise ReversalUnfinished(
                    f"{payment.gateway} says of payment {payment.key}: {outcome.status} {outcome.message}"
                )


def intend(
    paid: Sequence[Payment],
    amount: Money,
    reason: str,
    actor: Actor | None = None,
    *,
    goodwill: Money | None = None,
    to_store_credit: bool = False,
) -> list[Refund]:
    """The wish to give back so much of these payments, which the caller has locked; the first of them first.

    So much of it as `goodwill` is owed still, and is not asked for again. What purses paid goes back to them, whether
    the rest goes `to_store_credit` or not.
    """
    intended = []
    given = goodwill or Money.zero(amount.currency)
    for payment in paid:
        part = min(amount, payment.refundable)
        if part:
            amount -= part
            refund = Refund(
                payment=payment,
                amount=part.amount,
                goodwill=min(given, part).amount,
                reason=reason,
                to_store_credit=to_store_credit and not purses.is_inside(payment.source),
                actor_id=actor.user_id if actor else None,
            )
            given -= min(given, part)
            _reserve(payment, refund)
            outbox.publish("refund.due", refund_id=refund.pk)
            intended.append(refund)
    return intended


@transaction.atomic
def give_back_rest(payment_id: int) -> None:
    """Have a job give back whatever of the payment is left, and not about to be given back."""
    payment = payments.locked(payment_id)
    is_cancelled = payment.order.status == OrderStatus.CANCELLED
    intend([payment], payment.refundable, _CANCELLED if is_cancelled else _TOO_LATE)
    credit.follow(payment.order)


def _reserve(payment: Payment, refund: Refund) -> None:
    payment.refunded += refund.amount
    payment.save(update_fields=["refunded", "updated_at"])
    refund.save()


def move(paid: Sequence[Payment], amount: Money, to: Order, actor: Actor) -> Money:
    """Have so much of these payments, the first of them first, pay another order, and tell how much there was.

    No gateway is asked. The caller has locked the payments and both orders. What it was given back later goes to where
    it came from.
    """
    left = amount
    for payment in paid:
        part = min(left, payment.refundable)
        if not part:
            continue
        left -= part
        refund = Refund(
            payment=payment,
            amount=part.amount,
            reason=f"Credited to order {to.name}.",
            status=RefundStatus.DONE,
            settled_at=clock.now(),
            actor_id=actor.user_id,
        )
        _reserve(payment, refund)
        books.enter(payment, refund, message=refund.reason)
        books.take_over(refund, to, method=f"Return of order {payment.order.name}")
        told = {"payment_id": payment.pk, "order_id": payment.order_id, "refund_id": refund.pk}
        outbox.publish("payment.refunded", **told, is_moved=True)
    return amount - left


def differences() -> list[str]:
    """Every payment whose amounts are not what its ledger and its refunds come to, or more than its order's total."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG)
        wrong = [f"payment {key} contradicts its ledger or its refunds" for (key,) in cursor.fetchall()]
        cursor.execute(_MOVED)
        wrong += [f"payment {key} has other money than was moved to it" for (key,) in cursor.fetchall()]
        cursor.execute(_TOO_MUCH)
        return [*wrong, *(f"order #{number} keeps more than its total" for (number,) in cursor.fetchall())]


_WRONG = """
SELECT p.key
FROM checkout_payment p
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount) FILTER (WHERE kind = 'CAPTURE'), 0) AS captured,
           coalesce(sum(amount) FILTER (WHERE kind = 'REFUND'), 0) AS refunded
    FROM checkout_paymententry e WHERE e.payment_id = p.id
) ledger
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount) FILTER (WHERE status = 'PENDING'), 0) AS pending
    FROM checkout_refund r WHERE r.payment_id = p.id
) wish
WHERE p.captured <> ledger.captured OR p.refunded <> ledger.refunded + wish.pending
   OR (p.status = 'REFUNDED') <> (p.captured > 0 AND p.captured = ledger.refunded)
   OR (p.captured > 0 AND p.status NOT IN ('CAPTURED', 'REFUNDED'))
ORDER BY p.id
"""

_MOVED = """
SELECT p.key
FROM checkout_payment p
JOIN checkout_refund r ON r.id = p.moved_by_id
JOIN checkout_payment f ON f.id = r.payment_id
WHERE r.status <> 'DONE' OR p.captured <> r.amount OR p.currency <> f.currency OR p.order_id = f.order_id
ORDER BY p.id
"""

_TOO_MUCH = """
SELECT o.number
FROM checkout_order o JOIN checkout_payment p ON p.order_id = o.id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.total + CASE WHEN o.taxes_included THEN 0 ELSE l.tax_total END), 0) AS total
    FROM checkout_orderline l WHERE l.order_id = o.id AND l.edit_id IS NOT NULL
) added
GROUP BY o.id, added.total HAVING sum(p.captured - p.refunded) > o.total + added.total
ORDER BY o.id
"""
