"""A bank for trying things out: it keeps its own books, and the token of a payment says how it goes.

Tokens: `success` (or none) captures, `authorize` authorises, `decline` declines, `pending` waits for a confirmation
that never comes.
"""

from decimal import Decimal
from uuid import UUID

from django.conf import settings

from checkout.gateways.protocol import Charge, NextAction, Outcome
from checkout.models import PaymentStatus, TestCharge
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

    def pay(self, charge: Charge) -> Outcome:
        status = _ANSWERS.get(charge.token, PaymentStatus.FAILED)
        entry = [charge.key, charge.amount.amount, charge.amount.currency, status, clock.now()]
        [(status,)] = prepared.rows([Bound(_PAY, entry)])
        return _outcome(charge.key, status)

    def find(self, key: UUID) -> Outcome | None:
        entry = TestCharge.objects.filter(key=key).first()
        return _outcome(entry.key, entry.status) if entry else None

    def void(self, key: UUID) -> Outcome:
        entry, _ = TestCharge.objects.get_or_create(
            key=key, defaults={"amount": Decimal(0), "currency": settings.SHOP_CURRENCY, "status": PaymentStatus.VOIDED}
        )
        if entry.status in {PaymentStatus.PENDING, PaymentStatus.AUTHORIZED}:
            entry.status = PaymentStatus.VOIDED
            entry.save(update_fields=["status"])
        return _outcome(entry.key, entry.status)

    def refund(self, key: UUID, refund_key: UUID, amount: Money) -> Outcome:
        entry = TestCharge.objects.get(key=key)
        entry.status = PaymentStatus.REFUNDED
        entry.save(update_fields=["status"])
        return _outcome(entry.key, entry.status)


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
