"""A bank for trying things out: it keeps its own books, and the token of a payment says how it goes.

Tokens: `success` (or none) captures, `authorize` authorises, `decline` declines, `pending` waits for a confirmation
that never comes.
"""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from checkout.gateways.protocol import Charge, NextAction, Outcome, RefundOutcome
from checkout.models import PaymentStatus, RefundStatus, TestCharge
from shop import clock, prepared
from shop.money import Money
from shop.prepared import Bound

_ANSWERS = {
    "": PaymentStatus.CAPTURED,
    "success": PaymentStatus.CAPTURED,
    "authorize": PaymentStatus.AUTHORIZED,
    "decline": PaymentStatus.FAILED,
    "pending": PaymentStatus.PENDING,
}


class TestGateway:
    """Never moves money. The books are a table of their own, as another company's would be."""

    __test__ = False  # not a test case, whatever pytest makes of the name

    handle = "test"
    title = "Test payment"
    is_collected_outside = False

    def pay(self, charge: Charge) -> Outcome:
        status = _ANSWERS.get(charge.token, PaymentStatus.FAILED)
        entry = [charge.key, charge.amount.amount, charge.amount.currency, status, clock.now()]
        [(status,)] = prepared.rows([Bound(_PAY, entry)])
        return _outcome(charge.key, status)

    def find(self, key: UUID) -> Outcome | None:
        entry = TestCharge.objects.filter(key=key).first()
        return _outcome(entry.key, entry.status) if entry else None

    @transaction.atomic
    def capture(self, key: UUID, amount: Money) -> Outcome:
        entry = TestCharge.objects.select_for_update().get(key=key)
        if entry.status == PaymentStatus.AUTHORIZED:
            entry.status, entry.amount = PaymentStatus.CAPTURED, min(amount.amount, entry.amount)
            entry.save(update_fields=["status", "amount"])
        return replace(_outcome(key, entry.status), captured=Money.rounded(entry.amount, entry.currency))

    def void(self, key: UUID) -> Outcome:
        entry, _ = TestCharge.objects.get_or_create(
            key=key, defaults={"amount": Decimal(0), "currency": settings.SHOP_CURRENCY, "status": PaymentStatus.VOIDED}
        )
        if entry.status in {PaymentStatus.PENDING, PaymentStatus.AUTHORIZED}:
            entry.status = PaymentStatus.VOIDED
            entry.save(update_fields=["status"])
        return _outcome(entry.key, entry.status)

    @transaction.atomic
    def refund(self, key: UUID, refund_key: UUID, amount: Money) -> RefundOutcome:
        entry = TestCharge.objects.select_for_update().get(key=key)
        if not entry.refunds.filter(key=refund_key).exists():
            given_back = sum((refund.amount for refund in entry.refunds.all()), amount.amount)
            if entry.status != PaymentStatus.CAPTURED or given_back > entry.amount:
                return RefundOutcome(RefundStatus.FAILED, message="The test bank gives back what it received, no more.")
            entry.refunds.create(key=refund_key, amount=amount.amount)
            if given_back == entry.amount:
                entry.status = PaymentStatus.REFUNDED
                entry.save(update_fields=["status"])
        return RefundOutcome(RefundStatus.DONE, f"test_{refund_key}")


# Whoever asks first writes the entry; who asks again is told what became of it.
_PAY = """
INSERT INTO checkout_testcharge (key, amount, currency, status, created_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (key) DO UPDATE SET key = excluded.key
RETURNING status
"""


def _outcome(key: UUID, status: str) -> Outcome:
    reference = f"test_{key}"
    match status:
        case PaymentStatus.FAILED:
            return Outcome(PaymentStatus.FAILED, reference, "The test bank declined the payment.")
        case PaymentStatus.PENDING:
            action = NextAction("REDIRECT", f"{settings.STOREFRONT_URL}/test-bank/{key}")
            return Outcome(PaymentStatus.PENDING, reference, next_action=action)
        case _:
            return Outcome(PaymentStatus(status), reference)
