"""A bank for trying things out: it keeps its own books, and the token of a payment says how it goes.

Tokens: `success` (or none) captures, `authorize` authorises, `decline` declines, `pending` waits for a confirmation
that never comes.
"""

from decimal import Decimal
from uuid import UUID

from django.conf import settings

from checkout.gateways.protocol import Charge, NextAction, Outcome
from checkout.models import PaymentStatus, TestCharge
from shop.money import Money

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
        entry, _ = TestCharge.objects.get_or_create(
            key=charge.key,
            defaults={
                "amount": charge.amount.amount,
                "currency": charge.amount.currency,
                "status": _ANSWERS.get(charge.token, PaymentStatus.FAILED),
            },
        )
        return _outcome(entry)

    def find(self, key: UUID) -> Outcome | None:
        entry = TestCharge.objects.filter(key=key).first()
        return _outcome(entry) if entry else None

    def void(self, key: UUID) -> Outcome:
        entry, _ = TestCharge.objects.get_or_create(
            key=key, defaults={"amount": Decimal(0), "currency": settings.SHOP_CURRENCY, "status": PaymentStatus.VOIDED}
        )
        if entry.status in {PaymentStatus.PENDING, PaymentStatus.AUTHORIZED}:
            entry.status = PaymentStatus.VOIDED
            entry.save(update_fields=["status"])
        return _outcome(entry)

    def refund(self, key: UUID, refund_key: UUID, amount: Money) -> Outcome:
        entry = TestCharge.objects.get(key=key)
        entry.status = PaymentStatus.REFUNDED
        entry.save(update_fields=["status"])
        return _outcome(entry)


def _outcome(entry: TestCharge) -> Outcome:
    reference = f"test_{entry.key}"
    match entry.status:
        case PaymentStatus.FAILED:
            return Outcome(PaymentStatus.FAILED, reference, "The test bank declined the payment.")
        case PaymentStatus.PENDING:
            action = NextAction("REDIRECT", f"{settings.STOREFRONT_URL}/test-bank/{entry.key}")
            return Outcome(PaymentStatus.PENDING, reference, next_action=action)
        case _:
            return Outcome(PaymentStatus(entry.status), reference)
