"""Mutations of staff on payments: taking what was promised, giving it up, and giving money back."""

from decimal import Decimal
from typing import Annotated

import strawberry

from accounts.staff import Permission
from checkout import payments, refunds
from schema import nodes
from schema.context import Info
from schema.fields import mutation
from schema.order_payments import OrderPayment, Refund
from schema.orders import Order, OrderUserError
from schema.permissions import Staff
from shop.errors import blaming

PaymentId = Annotated[strawberry.ID, strawberry.argument(description="The payment.")]


@strawberry.type(description="The payment and its order.")
class PaymentCapturePayload:
    payment: OrderPayment | None = strawberry.field(default=None, description="The payment after the change.")
    order: Order | None = strawberry.field(default=None, description="The order after the change.")
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The payment and its order.")
class PaymentVoidPayload:
    payment: OrderPayment | None = strawberry.field(default=None, description="The payment after the change.")
    order: Order | None = strawberry.field(default=None, description="The order after the change.")
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The paid order.")
class OrderMarkAsPaidPayload:
    order: Order | None = strawberry.field(default=None, description="The order after the change.")
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.input(description="What is given back.")
class RefundInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    amount: Decimal | None = strawberry.field(
        default=None,
        description="How much, in the order's currency; all that was received and not given back if left out.",
    )
    reason: str | None = strawberry.field(default=None, description="Why, for the customer: up to 500 characters.")
    to_store_credit: bool = strawberry.field(
        default=False,
        description="Whether the customer has it as store credit. What gift cards and points paid goes back to them.",
    )


@strawberry.type(description="The refunds and their order.")
class RefundCreatePayload:
    refunds: list[Refund] | None = strawberry.field(
        default=None, description="One for each payment that money is given back of, the latest payment first."
    )
    order: Order | None = strawberry.field(default=None, description="The order after the change.")
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type
class PaymentMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)], resumes=True)
    def payment_capture(
        self,
        id: PaymentId,
        amount: Annotated[
            Decimal | None,
            strawberry.argument(
                description="How much of it, once: the rest is given up, or of an order on invoice stays open as "
                "a payment of its own. All of it if left out."
            ),
        ] = None,
    ) -> PaymentCapturePayload:
        """Take what a payment promises. What was captured already stays as it is."""
        with blaming("id"):
            key = nodes.uuid(id, "Payment")
        row = payments.capture(payment_key=key, amount=amount)
        return PaymentCapturePayload(payment=OrderPayment.of(row), order=Order.of(row.order))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)], resumes=True)
    def payment_void(self, id: PaymentId) -> PaymentVoidPayload:
        """Give up a payment of which nothing was received. An order that still waits for it is cancelled."""
        with blaming("id"):
            key = nodes.uuid(id, "Payment")
        row = payments.void(payment_key=key)
        return PaymentVoidPayload(payment=OrderPayment.of(row), order=Order.of(row.order))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)], resumes=True)
    def order_mark_as_paid(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The order.")]
    ) -> OrderMarkAsPaidPayload:
        """Take all that is promised for an order: cash was collected, a transfer came in."""
        with blaming("id"):
            key = nodes.uuid(id, "Order")
        return OrderMarkAsPaidPayload(order=Order.of(payments.mark_as_paid(order_key=key)))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def refund_create(
        self, info: Info, refund: Annotated[RefundInput, strawberry.argument(description="What is given back.")]
    ) -> RefundCreatePayload:
        """Give back what was received for an order, or a part of it. Goods are not touched.

        A refund is pending until a job has asked its gateway: at once, and again until the gateway decides.
        """
        with blaming("refund"):
            with blaming("order_id"):
                key = nodes.uuid(refund.order_id, "Order")
            rows = refunds.create(
                order_key=key,
                amount=refund.amount,
                reason=refund.reason or "",
                actor=info.context.actor,
                to_store_credit=refund.to_store_credit,
            )
        return RefundCreatePayload(refunds=[Refund.of(row) for row in rows], order=Order.of(rows[0].payment.order))
