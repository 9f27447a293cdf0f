"""Buying on invoice: the goods go first, and the customer pays within the terms of their credit."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from checkout import credit
from checkout.gateways.protocol import BadNotice, Charge, Incoming, Notice, Outcome, RefundOutcome
from checkout.models import PaymentStatus, RefundStatus
from shop.money import Money


class InvoiceGateway:
    """Promises every payment: whether the customer has credit was decided when the order was placed."""

    handle = credit.HANDLE
    title = "Invoice"
    is_collected_outside = True
    requires: tuple[str, ...] = ()
    can_capture_later = True
    holds_for: timedelta | None = None

    def pay(self, charge: Charge) -> Outcome:
        return Outcome(PaymentStatus.AUTHORIZED)

    def find(self, charge: Charge) -> Outcome | None:
        return Outcome(PaymentStatus.AUTHORIZED)

    def capture(self, charge: Charge, amount: Money) -> Outcome:
        return Outcome(PaymentStatus.CAPTURED, captured=amount)

    def void(self, charge: Charge) -> Outcome:
        return Outcome(PaymentStatus.VOIDED)

    def refund(self, charge: Charge, refund_key: UUID, amount: Money) -> RefundOutcome:
        return RefundOutcome(RefundStatus.DONE)

    def webhook(self, incoming: Incoming) -> Iterable[Notice]:
        raise BadNotice("Nobody outside tells of these payments.")
