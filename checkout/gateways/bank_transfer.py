"""Bank transfers in advance: goods wait, for days, until staff see the money on the shop's account."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from checkout.gateways.protocol import BadNotice, Charge, Incoming, NextAction, Notice, Outcome, RefundOutcome
from checkout.models import PaymentStatus, RefundStatus
from shop.money import Money


class BankTransferGateway:
    """Every payment waits until staff mark its order as paid, or its time runs out. Shoppers name the order."""

    handle = "bank_transfer"
    title = "Bank transfer"
    is_collected_outside = True
    requires: tuple[str, ...] = ()
    can_capture_later = False

    @property
    def holds_for(self) -> timedelta | None:
        return timedelta(days=settings.BANK_TRANSFER_DAYS)

    def pay(self, charge: Charge) -> Outcome:
        return Outcome(PaymentStatus.PENDING, next_action=NextAction("WAIT", reference=charge.description))

    def find(self, charge: Charge) -> Outcome | None:
        return Outcome(PaymentStatus.PENDING)

    def capture(self, charge: Charge, amount: Money) -> Outcome:
        return Outcome(PaymentStatus.CAPTURED, captured=amount)

    def void(self, charge: Charge) -> Outcome:
        return Outcome(PaymentStatus.VOIDED, message="No transfer came in time.")

    def refund(self, charge: Charge, refund_key: UUID, amount: Money) -> RefundOutcome:
        return RefundOutcome(RefundStatus.DONE)

    def webhook(self, incoming: Incoming) -> Iterable[Notice]:
        raise BadNotice("Nobody outside tells of these payments.")
