"""What is left to pay of an order: what it comes to now, less what was received, and less what is promised.

What was given back for goodwill, although it was owed, is not asked for again. What was given back because less was
owed is asked for where more is owed again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from checkout.models import Order, Payment, PaymentStatus, Refund, RefundStatus
from shop.money import Money


@dataclass(frozen=True, slots=True)
class Dues:
    """`outstanding` is not received yet, and `due` nor promised; `excess` came in beyond what is owed."""

    outstanding: Money
    due: Money
    excess: Money


def of(order: Order) -> Dues:
    """What is left to pay of the order as it stands."""
    refunds = Refund.objects.filter(payment__order=order)
    return reckoned(order.current_total, order.payments.all(), refunds)


def reckoned(total: Money, paid: Iterable[Payment], refunds: Iterable[Refund]) -> Dues:
    """What is left to pay of an order that comes to `total` now, with these payments and refunds."""
    received = promised = Decimal(0)
    for payment in paid:
        received += payment.captured
        if payment.status == PaymentStatus.AUTHORIZED:
            promised += payment.amount
    for refund in refunds:
        if refund.status != RefundStatus.FAILED:
            received -= refund.amount - refund.goodwill
    zero, left = Money.zero(total.currency), total - Money.rounded(received, total.currency)
    due = left - Money.rounded(promised, total.currency)
    return Dues(outstanding=max(left, zero), due=max(due, zero), excess=max(zero - left, zero))
