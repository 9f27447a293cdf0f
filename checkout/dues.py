"""What is left to pay of an order, or to give back: what it comes to now, beside what was received and is promised.

The one reckoning of that: whoever charges, gives back or grants credit asks here. What was given back for goodwill,
although it was owed, is like a discount: it is not asked for again, and stays with the buyer where less is owed later.
What was given back because less was owed is asked for where more is owed again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from checkout.models import Order, Payment, PaymentStatus, Refund, RefundStatus
from shop.money import Money


@dataclass(frozen=True, slots=True)
class Dues:
    """`outstanding` is not received yet, and `due` nor promised; `excess` is kept still, beyond what is owed."""

    outstanding: Money
    due: Money
    excess: Money


def of(order: Order) -> Dues:
    """What is left to pay of the order as it stands."""
    refunds = Refund.objects.filter(payment__order=order)
    return reckoned(order.current_total, order.payments.all(), refunds)


def reckoned(total: Money, paid: Iterable[Payment], refunds: Iterable[Refund]) -> Dues:
    """What is left to pay of an order that comes to `total` now, with these payments and refunds."""
    received = kept = promised = Decimal(0)
    for payment in paid:
        received += payment.captured
        kept += payment.captured - payment.refunded
        if payment.status == PaymentStatus.AUTHORIZED:
            promised += payment.amount
    for refund in refunds:
        if refund.status != RefundStatus.FAILED:
            received -= refund.amount - refund.goodwill
    zero, left = Money.zero(total.currency), total - Money.rounded(received, total.currency)
    due = left - Money.rounded(promised, total.currency)
    excess = min(zero - left, Money.rounded(kept, total.currency))
    return Dues(outstanding=max(left, zero), due=max(due, zero), excess=max(excess, zero))
