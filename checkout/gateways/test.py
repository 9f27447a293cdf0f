"""A bank for trying things out: it keeps its own books, and the token of a payment says how it goes.

| token | what becomes of the payment |
|---|---|
| `success`, or none | captured; authorised where captures wait for the goods |
| `authorize` | authorised |
| `decline` | failed |
| `pending` | waits for a confirmation that never comes |
| `action_required` | waits until the checkout is completed again with the token `confirm`, or `refuse` |
| `slow` | captured after some seconds |
| `lost_answer` | captured, but the answer is lost on its way; asked again, the bank answers |
| `capture_fails` | authorised, and fails when it is to be captured |
| `refund_fails` | captured, and cannot be given back |
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from time import sleep
from uuid import UUID

from django.conf import settings
from django.db import transaction

from checkout.gateways.protocol import (
    BadNotice,
    Charge,
    Incoming,
    NextAction,
    Notice,
    Outcome,
    RefundOutcome,
    unavailable,
)
from checkout.models import PaymentStatus, RefundStatus, TestCharge
from shop import clock, prepared
from shop.money import Money
from shop.prepared import Bound

SIGNATURE = "Test-Bank-Signature"

_ANSWERS = {
    "": PaymentStatus.CAPTURED,
    "success": PaymentStatus.CAPTURED,
    "slow": PaymentStatus.CAPTURED,
    "lost_answer": PaymentStatus.CAPTURED,
    "refund_fails": PaymentStatus.CAPTURED,
    "authorize": PaymentStatus.AUTHORIZED,
    "capture_fails": PaymentStatus.AUTHORIZED,
    "decline": PaymentStatus.FAILED,
    "pending": PaymentStatus.PENDING,
    "action_required": PaymentStatus.PENDING,
}
_SECOND_THOUGHTS = {"confirm": PaymentStatus.CAPTURED, "refuse": PaymentStatus.FAILED}
_SLOW = 5  # seconds


class TestGateway:
    """Never moves money. The books are a table of their own, as another company's would be."""

    __test__ = False  # not a test case, whatever pytest makes of the name

    handle = "test"
    title = "Test payment"
    is_collected_outside = False
    requires: tuple[str, ...] = ()
    can_capture_later = True
    holds_for: timedelta | None = None

    def pay(self, charge: Charge) -> Outcome:
        status: str = _ANSWERS.get(charge.token, PaymentStatus.FAILED)
        if charge.captures_later and status == PaymentStatus.CAPTURED:
            status = PaymentStatus.AUTHORIZED
        if charge.token == "slow":  # noqa: S105  (no secret)
            sleep(_SLOW)
        entry = [charge.key, charge.amount.amount, charge.amount.currency, status, charge.token[:50], clock.now()]
        [(status, is_new)] = prepared.rows([Bound(_PAY, entry)])
        if is_new and charge.token == "lost_answer":  # noqa: S105
            raise unavailable(self.handle, "The test bank's answer was lost; try again.")
        if status == PaymentStatus.PENDING and charge.token in _SECOND_THOUGHTS:
            status = self._think_again(charge)
        return _outcome(charge.key, status)

    def find(self, charge: Charge) -> Outcome | None:
        entry = TestCharge.objects.filter(key=charge.key).first()
        return _outcome_of(entry) if entry else None

    @transaction.atomic
    def capture(self, charge: Charge, amount: Money) -> Outcome:
        entry = TestCharge.objects.select_for_update().get(key=charge.key)
        if entry.status == PaymentStatus.AUTHORIZED:
            entry.status, entry.amount = PaymentStatus.CAPTURED, min(amount.amount, entry.amount)
            if entry.token == "capture_fails":  # noqa: S105
                entry.status = PaymentStatus.FAILED
            entry.save(update_fields=["status", "amount"])
        return _outcome_of(entry)

    def void(self, charge: Charge) -> Outcome:
        entry, _ = TestCharge.objects.get_or_create(
            key=charge.key,
            defaults={"amount": Decimal(0), "currency": settings.SHOP_CURRENCY, "status": PaymentStatus.VOIDED},
        )
        if entry.status in {PaymentStatus.PENDING, PaymentStatus.AUTHORIZED}:
            entry.status = PaymentStatus.VOIDED
            entry.save(update_fields=["status"])
        return _outcome_of(entry)

    @transaction.atomic
    def refund(self, charge: Charge, refund_key: UUID, amount: Money) -> RefundOutcome:
        entry = TestCharge.objects.select_for_update().get(key=charge.key)
        if entry.token == "refund_fails":  # noqa: S105
            return RefundOutcome(RefundStatus.FAILED, message="The test bank gives nothing back.")
        if not entry.refunds.filter(key=refund_key).exists():
            given_back = sum((refund.amount for refund in entry.refunds.all()), amount.amount)
            if entry.status != PaymentStatus.CAPTURED or given_back > entry.amount:
                return RefundOutcome(RefundStatus.FAILED, message="The test bank gives back what it received, no more.")
            entry.refunds.create(key=refund_key, amount=amount.amount)
            if given_back == entry.amount:
                entry.status = PaymentStatus.REFUNDED
                entry.save(update_fields=["status"])
        return RefundOutcome(RefundStatus.DONE, f"test_{refund_key}")

    def webhook(self, incoming: Incoming) -> Iterable[Notice]:
        if not hmac.compare_digest(incoming.headers.get(SIGNATURE, "").encode(), signature(incoming.body).encode()):
            raise BadNotice("The signature is not the test bank's.")
        try:
            event = json.loads(incoming.body)
            return [Notice(str(event["id"]), str(event["type"]), UUID(event["payment"]))]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadNotice("This is no event of the test bank.") from error

    def _think_again(self, charge: Charge) -> str:
        waiting = TestCharge.objects.filter(key=charge.key, status=PaymentStatus.PENDING)
        waiting.update(status=_SECOND_THOUGHTS[charge.token])
        return TestCharge.objects.values_list("status", flat=True).get(key=charge.key)


def signature(body: bytes) -> str:
    """How the test bank signs what it says."""
    return hmac.new(f"test bank {settings.SECRET_KEY}".encode(), body, hashlib.sha256).hexdigest()


# Whoever asks first writes the entry; who asks again is told what became of it.
_PAY = """
INSERT INTO checkout_testcharge (key, amount, currency, status, token, created_at) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (key) DO UPDATE SET key = excluded.key
RETURNING status, xmax = 0
"""


def _outcome_of(entry: TestCharge) -> Outcome:
    outcome = _outcome(entry.key, entry.status)
    if entry.status != PaymentStatus.CAPTURED:
        return outcome
    return replace(outcome, captured=Money.rounded(entry.amount, entry.currency))


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
