"""Mutations that settle what came back: its value is given back, or credited to an order of other goods."""

from typing import Annotated

import strawberry

from accounts.staff import Permission
from checkout import exchanges
from checkout.exchanges import Wish
from checkout.models import Return as StoredReturn
from schema import inputs, nodes
from schema.addresses import MailingAddressInput
from schema.context import Info
from schema.draft_changes import DraftOrderDeliveryInput, DraftOrderLineItemInput
from schema.fields import mutation
from schema.orders import Order
from schema.permissions import Staff
from schema.return_changes import ReturnId, ReturnPayload
from schema.returns import Return
from shop.errors import blaming


@strawberry.type(description="The refunded return and its order.")
class ReturnRefundPayload(ReturnPayload):
    pass


@strawberry.type(description="The exchanged return, its order, and the order of what is wanted instead.")
class ReturnExchangePayload(ReturnPayload):
    exchange_order: Order | None = strawberry.field(default=None, description="The order of what is wanted instead.")


@strawberry.type
class ExchangeMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def return_refund(self, info: Info, id: ReturnId) -> ReturnRefundPayload:
        """Give back what was received for goods that came back, and were neither refunded nor exchanged yet."""
        row = exchanges.give_back(return_key=nodes.uuid(id, "Return", "id"), actor=info.context.actor)
        return ReturnRefundPayload(return_=Return.of(row), order=Order.of(row.order))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)], resumes=True)
    def return_exchange(
        self,
        info: Info,
        id: ReturnId,
        line_items: Annotated[
            list[DraftOrderLineItemInput],
            strawberry.argument(description="What is wanted instead, priced as in a draft."),
        ],
        delivery: Annotated[
            DraftOrderDeliveryInput | None,
            strawberry.argument(description="How it is delivered; for nothing where nothing is said."),
        ] = None,
        shipping_address: Annotated[
            MailingAddressInput | None,
            strawberry.argument(description="Where it goes; where the order went if nothing is said."),
        ] = None,
    ) -> ReturnExchangePayload:
        """Sell other goods for those that came back, in an order of its own for the same buyer.

        What was received for the goods pays the new order first; no money moves outside of the shop for that. What is
        left to pay of it is paid with `orderPay`, what is left of the value is given back soon.
        """
        with blaming("delivery"):
            by = delivery.to_domain() if delivery else None
        wish = Wish(
            inputs.meant(line_items, "line_items"), by, shipping_address.to_domain() if shipping_address else None
        )
        row: StoredReturn = exchanges.exchange(
            return_key=nodes.uuid(id, "Return", "id"),
            wish=wish,
            actor=info.context.actor,
        )
        bought = Order.of(row.exchange_order) if row.exchange_order else None
        return ReturnExchangePayload(return_=Return.of(row), order=Order.of(row.order), exchange_order=bought)
