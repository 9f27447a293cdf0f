"""Asking gateways about whatever is not settled, in case that a notice, an answer or a job was lost.

What a gateway says goes through `payments.record` and `refunds.record`, as everything does.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q, QuerySet

from checkout import gateways, payments, refunds
from checkout.gateways import GatewayUnavailable, Outcome
from checkout.models import Payment, PaymentStatus, Refund, RefundStatus
from shop import clock, outbox
from shop.money import Money

log = logging.getLogger(__name__)

# Before, whoever asked first may still be at it; after, a gateway's notice is no longer lost but was never sent.
_SETTLES_WITHIN, _MAY_COME_LATE = timedelta(hours=1), timedelta(days=2)
_AT_ONCE = 500
_UNSETTLED = {PaymentStatus.PENDING, PaymentStatus.AUTHORIZED}
_GIVEN_UP = {PaymentStatus.FAILED, PaymentStatus.VOIDED}
_RECEIVED = {PaymentStatus.CAPTURED, PaymentStatus.REFUNDED}


@outbox.every(seconds=3600)
def settle() -> None:
    """Ask about payments and refunds that should be settled by now, and about payments given up lately.

    A gateway in trouble does not keep the others waiting: it is asked again the next time.
    """
    now = clock.now()
    overdue = Q(status__in=_UNSETTLED, updated_at__lt=now - _SETTLES_WITHIN)
    lately = Q(status__in=_GIVEN_UP, updated_at__gt=now - _MAY_COME_LATE) & ~Q(gateway_reference="")
    for payment in _told_by_gateways().filter(overdue | lately).order_by("updated_at", "pk")[:_AT_ONCE]:
        try:
            outcome = gateways.named(payment.gateway).find(payments.charge(payment))
            if outcome is not None:
                payments.record(payment.pk, outcome)
        except Exception:
            log.exception("What became of payment %s could not be told; it is asked about again.", payment.key)
    waiting = Refund.objects.filter(status=RefundStatus.PENDING, created_at__lt=now - _SETTLES_WITHIN)
    for refund in waiting.order_by("pk")[:_AT_ONCE]:
        try:
            refunds.settle(refund.pk)
        except Exception:
            log.exception("What became of refund %s could not be told; it is asked about again.", refund.key)


def differences(*, days: int) -> Iterator[str]:
    """A sentence for each payment begun in so many days of which its gateway says something else than our ledger."""
    for payment in _told_by_gateways().filter(created_at__gt=clock.now() - timedelta(days=days)).order_by("pk"):
        try:
            outcome = gateways.named(payment.gateway).find(payments.charge(payment))
        except GatewayUnavailable:
            yield f"payment {payment.key}: {payment.gateway} does not answer"
            continue
        if not _agree(payment, outcome):
            yield f"payment {payment.key}: {_told(payment)} here, and at {payment.gateway} {_heard(payment, outcome)}"


def _told_by_gateways() -> QuerySet[Payment]:
    asked = [handle for handle in gateways.known() if not gateways.named(handle).is_collected_outside]
    return Payment.objects.filter(gateway__in=asked, amount__gt=0).select_related("order")


def _agree(payment: Payment, outcome: Outcome | None) -> bool:
    if outcome is None:
        return payment.status in {PaymentStatus.PENDING, *_GIVEN_UP}
    if outcome.status in _RECEIVED and payment.status in _RECEIVED:
        return outcome.captured is None or outcome.captured.amount == payment.captured
    if outcome.status in _GIVEN_UP and payment.status in _GIVEN_UP:
        return True
    return outcome.status == payment.status


def _told(payment: Payment) -> str:
    received = Money.rounded(payment.captured, payment.currency)
    return f"{payment.status.lower()} ({received} of {payment.money} received)"


def _heard(payment: Payment, outcome: Outcome | None) -> str:
    if outcome is None:
        return "unknown"
    received = f" ({outcome.captured} received)" if outcome.captured else ""
    return f"{outcome.status.lower()}{received}"
