"""Payments and refunds of orders, and what became of the money."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from checkout import payments, refunds
from checkout.models import Payment
from checkout.models import Refund as StoredRefund
from schema import errors, loaders
from schema.context import Context
from schema.nodes import Node, gid
from schema.order_dues import Owing
from schema.scalars import MoneyV2
from shop.money import Money

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class OrderFinancialStatus(Enum): ...

    class PaymentStatus(Enum): ...

    class RefundStatus(Enum): ...

else:
    PaymentStatus = errors.enum_of("PaymentStatus", "Where a payment stands.", dict(payments.PaymentStatus.choices))
    RefundStatus = errors.enum_of("RefundStatus", "Where a refund stands.", dict(refunds.RefundStatus.choices))
    OrderFinancialStatus = errors.enum_of(
        "OrderFinancialStatus",
        "What became of the money.",
        {
            "PENDING": "Nothing is paid yet; an answer is awaited.",
            "AUTHORIZED": "Promised: to be captured, or paid on delivery.",
            "PARTIALLY_PAID": "A part is received, the rest is promised or awaited.",
            "PAID": "Received.",
            "PARTIALLY_REFUNDED": "Received, and a part of it given back.",
            "REFUNDED": "Given back.",
            "VOIDED": "Given up before it was received.",
        },
    )


@strawberry.type(description="One attempt to pay an order, or a part of it.")
class OrderPayment(Node):
    gateway: str = strawberry.field(description="Through whom: the handle of a payment gateway.")
    status: PaymentStatus = strawberry.field(description="Where it stands.")
    amount: MoneyV2 = strawberry.field(description="How much.")
    captured_amount: MoneyV2 = strawberry.field(description="How much of it was received.")
    refunded_amount: MoneyV2 = strawberry.field(description="How much of that was given back, or is about to be.")
    created_at: datetime = strawberry.field(description="When it was begun.")

    @classmethod
    def of(cls, row: Payment) -> "OrderPayment":
        return cls(
            id=gid("Payment", row.key),
            gateway=row.gateway,
            status=PaymentStatus[row.status],
            amount=MoneyV2.of(row.money),
            captured_amount=MoneyV2.of(Money.rounded(row.captured, row.currency)),
            refunded_amount=MoneyV2.of(Money.rounded(row.refunded, row.currency)),
            created_at=row.created_at,
        )


@strawberry.type(description="A part of a payment that is given back.")
class Refund(Node):
    status: RefundStatus = strawberry.field(description="Where it stands.")
    amount: MoneyV2 = strawberry.field(description="How much.")
    reason: str | None = strawberry.field(description="Why, for the customer.")
    to_store_credit: bool = strawberry.field(description="Whether the customer has it as store credit.")
    created_at: datetime = strawberry.field(description="When it was decided.")

    @classmethod
    def of(cls, row: StoredRefund) -> "Refund":
        return cls(
            id=gid("Refund", row.key),
            status=RefundStatus[row.status],
            amount=MoneyV2.of(row.money),
            reason=row.reason or None,
            to_store_credit=row.to_store_credit,
            created_at=row.created_at,
        )


def financial_statuses(context: Context, keys: Sequence[Owing]) -> list[OrderFinancialStatus]:
    found = loaders.payments_of_order(context, [key.order_id for key in keys])
    rows = zip(keys, found, strict=True)
    return [OrderFinancialStatus[payments.financial_status(paid, key.total.amount)] for key, paid in rows]
