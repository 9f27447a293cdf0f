"""Mutations of returns: customers ask and give up, staff decide and receive."""

from typing import Annotated

import strawberry

from accounts.staff import Permission
from checkout import returns
from checkout.returns import Arrival
from schema import inputs, nodes
from schema.context import Info
from schema.fields import mutation
from schema.order_changes import OrderLineQuantityInput, OwnId, Token
from schema.orders import Order, OrderUserError, RefundWish, named
from schema.permissions import SignedIn, Staff
from schema.returns import Return
from shop.errors import blaming

ReturnId = Annotated[strawberry.ID, strawberry.argument(description="The return.")]


@strawberry.input(description="What came of one line of a return.")
class ReturnArrivalInput:
    order_line_item_id: strawberry.ID = strawberry.field(description="The line of the order.")
    good_quantity: int = strawberry.field(default=0, description="Units that can be sold again.")
    damaged_quantity: int = strawberry.field(default=0, description="Units that are damaged.")

    def to_domain(self) -> Arrival:
        with blaming("order_line_item_id"):
            line_id = nodes.number(self.order_line_item_id, "OrderLineItem")
        return Arrival(line_id, self.good_quantity, self.damaged_quantity)


@strawberry.type
class ReturnPayload:
    return_: Return | None = strawberry.field(name="return", default=None, description="The return.")
    order: Order | None = strawberry.field(default=None, description="The order after the change.")
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The new return and its order.")
class ReturnRequestPayload(ReturnPayload):
    pass


@strawberry.type(description="The approved return and its order.")
class ReturnApprovePayload(ReturnPayload):
    pass


@strawberry.type(description="The declined return and its order.")
class ReturnDeclinePayload(ReturnPayload):
    pass


@strawberry.type(description="The return that was given up, and its order.")
class ReturnCancelPayload(ReturnPayload):
    pass


@strawberry.type(description="The received return and its order.")
class ReturnReceivePayload(ReturnPayload):
    pass


@strawberry.type
class ReturnMutations:
    @mutation
    def return_request(
        self,
        info: Info,
        lines: Annotated[list[OrderLineQuantityInput], strawberry.argument(description="What is to come back.")],
        reason: Annotated[str, strawberry.argument(description="Why: up to 500 characters.")] = "",
        id: OwnId = None,
        token: Token = None,
    ) -> ReturnRequestPayload:
        """Ask to send back what was sent. What staff who keep orders ask for is approved at once."""
        order = named(info.context, id, token)
        row = returns.request(
            order_key=order.key, lines=inputs.meant(lines, "lines"), reason=reason, actor=info.context.actor
        )
        return ReturnRequestPayload(return_=Return.of(row), order=Order.of(row.order))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def return_approve(
        self,
        info: Info,
        id: ReturnId,
        answer: Annotated[str, strawberry.argument(description="How to send it, for the customer.")] = "",
    ) -> ReturnApprovePayload:
        """Let the goods of a return come back."""
        row = returns.approve(return_key=nodes.uuid(id, "Return", "id"), answer=answer, actor=info.context.actor)
        return ReturnApprovePayload(return_=Return.of(row), order=Order.of(row.order))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def return_decline(
        self,
        info: Info,
        id: ReturnId,
        answer: Annotated[str, strawberry.argument(description="Why not, for the customer.")] = "",
    ) -> ReturnDeclinePayload:
        """Do not take the goods of a return back."""
        row = returns.decline(return_key=nodes.uuid(id, "Return", "id"), answer=answer, actor=info.context.actor)
        return ReturnDeclinePayload(return_=Return.of(row), order=Order.of(row.order))

    @mutation(permission_classes=[SignedIn])
    def return_cancel(self, info: Info, id: ReturnId) -> ReturnCancelPayload:
        """Give up a return of which nothing came: one's own, or any for staff."""
        row = returns.cancel(return_key=nodes.uuid(id, "Return", "id"), actor=info.context.actor)
        return ReturnCancelPayload(return_=Return.of(row), order=Order.of(row.order))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def return_receive(
        self,
        info: Info,
        id: ReturnId,
        lines: Annotated[
            list[ReturnArrivalInput] | None,
            strawberry.argument(description="What came; all of it in good condition where nothing is said."),
        ] = None,
        location_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Where it came; the main location if left out.")
        ] = None,
        refund: RefundWish = True,
    ) -> ReturnReceivePayload:
        """Take back what came: into stock, or written off where damaged. What did not come stays sold."""
        row = returns.receive(
            return_key=nodes.uuid(id, "Return", "id"),
            arrivals=None if lines is None else inputs.meant(lines, "lines"),
            location_id=None if location_id is None else nodes.number(location_id, "Location", "location_id"),
            refund=refund,
            actor=info.context.actor,
        )
        return ReturnReceivePayload(return_=Return.of(row), order=Order.of(row.order))
