"""The ledger of payments: what is written when money that was received is given back, or moved to another order."""

from accounts.actors import Actor
from checkout.models import (
    Order,
    OrderEventKind,
    Payment,
    PaymentEntry,
    PaymentEntryKind,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from checkout.timeline import record
from shop import outbox

# The gateway of payments that no gateway and no purse received: an exchange moved their money from another order.
MOVED = "exchange"


def give_back(payment: Payment, refund: Refund, *, reference: str = "", message: str = "") -> None:
    """Enter a refund that is done, and tell of it; as `enter`."""
    enter(payment, refund, reference=reference, message=message)
    record(payment.order, OrderEventKind.REFUNDED, f"{refund.money} was given back.", actor=Actor(refund.actor_id))


def enter(payment: Payment, refund: Refund, *, reference: str = "", message: str = "") -> None:
    """Enter a refund that is done; a payment that is given back whole becomes refunded. The caller holds its lock."""
    PaymentEntry.objects.create(
        payment=payment,
        kind=PaymentEntryKind.REFUND,
        amount=refund.amount,
        gateway_reference=reference,
        message=message[:500],
    )
    is_pending = payment.refunds.filter(status=RefundStatus.PENDING).exists()
    if payment.status == PaymentStatus.CAPTURED and payment.refunded == payment.captured and not is_pending:
        payment.become(PaymentStatus.REFUNDED)
        payment.save(update_fields=["status", "updated_at"])


def take_over(refund: Refund, order: Order, *, method: str) -> None:
    """Enter what a refund moved to another order as received for that, in the transaction that made the order."""
    payment = Payment.objects.create(
        order=order,
        gateway=MOVED,
        method=method,
        status=PaymentStatus.CAPTURED,
        amount=refund.amount,
        captured=refund.amount,
        currency=order.currency,
        moved_by=refund,
    )
    PaymentEntry.objects.create(payment=payment, kind=PaymentEntryKind.CAPTURE, amount=payment.amount)
    record(order, OrderEventKind.PAYMENT_CAPTURED, f"{payment.money} came in: {method}.")
    outbox.publish("payment.captured", payment_id=payment.pk, order_id=order.pk)
