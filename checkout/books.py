"""The ledger of payments: what is written when money that was received is given back."""

from accounts.actors import Actor
from checkout.models import OrderEventKind, Payment, PaymentEntry, PaymentEntryKind, PaymentStatus, Refund, RefundStatus
from checkout.timeline import record


def give_back(payment: Payment, refund: Refund, *, reference: str = "", message: str = "") -> None:
    """Enter a refund that is done; a payment that is given back whole becomes refunded. The caller holds its lock."""
    PaymentEntry.objects.create(
        payment=payment,
        kind=PaymentEntryKind.REFUND,
        amount=refund.amount,
        gateway_reference=reference,
        message=message[:500],
    )
    record(payment.order, OrderEventKind.REFUNDED, f"{refund.money} was given back.", actor=Actor(refund.actor_id))
    is_pending = payment.refunds.filter(status=RefundStatus.PENDING).exists()
    if payment.status == PaymentStatus.CAPTURED and payment.refunded == payment.captured and not is_pending:
        payment.become(PaymentStatus.REFUNDED)
        payment.save(update_fields=["status", "updated_at"])
