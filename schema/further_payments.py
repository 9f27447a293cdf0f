"""Paying an order that stands: what staff made, what it came to more, or the rest of what came in."""

from typing import Annotated

import strawberry

from checkout import further_payments
from schema.checkouts import CheckoutPayment, CheckoutPaymentInput
from schema.context import Info
from schema.fields import mutation
from schema.order_changes import OwnId, Token
from schema.orders import Order, OrderUserError, named


@strawberry.type(description="The order, and how the payment went.")
class OrderPayPayload:
    order: Order | None = strawberry.field(default=None, description="The order after the payment.")
    payment: CheckoutPayment | None = strawberry.field(
        default=None, description="How it went, and what the buyer must still do."
    )
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was paid; empty on success."
    )


@strawberry.type
class FurtherPaymentMutations:
    @mutation(resumes=True)
    def order_pay(
        self,
        info: Info,
        payment: Annotated[CheckoutPaymentInput, strawberry.argument(description="How the buyer pays.")],
        id: OwnId = None,
        token: Token = None,
    ) -> OrderPayPayload:
        """Pay all that is due of an order that is confirmed or paid in part: one's own, or that of a status link.

        Sent again while the payment is pending it charges nothing more; another gateway gives the pending payment up
        first. After a declined payment it can be paid in another way.
        """
        order = named(info.context, id, token)
        completed = further_payments.pay(order_key=order.key, wish=payment.to_domain(), buyer=info.context.actor)
        return OrderPayPayload(order=Order.of(completed.order), payment=CheckoutPayment.of(completed))
