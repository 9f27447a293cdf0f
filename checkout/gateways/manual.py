"""Money that changes hands outside of the shop: cash on delivery, a bank transfer, an invoice."""

from uuid import UUID

from checkout.gateways.protocol import Charge, Outcome, RefundOutcome
from checkout.models import PaymentStatus, RefundStatus
from shop.money import Money


class ManualGateway:
    """Promises every payment: the order is confirmed as authorised, and the money is collected outside of the shop."""

    handle = "manual"
    title = "Pay on delivery"
    is_collected_outside = True

    def pay(self, charge: Charge) -> Outcome:
        return Outcome(PaymentStatus.AUTHORIZED)

    def find(self, key: UUID) -> Outcome | None:
        return Outcome(PaymentStatus.AUTHORIZED)

    def capture(self, key: UUID, amount: Money) -> Outcome:
        return Outcome(PaymentStatus.CAPTURED, captured=amount)

    def void(self, key: UUID) -> Outcome:
        return Outcome(PaymentStatus.VOIDED)

    def refund(self, key: UUID, refund_key: UUID, amount: Money) -> RefundOutcome:
        return RefundOutcome(RefundStatus.DONE)
