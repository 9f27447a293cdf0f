"""What customers and staff do with an order beside paying and sending it: notes, claims, buying again."""

from typing import Annotated

import strawberry

from accounts.staff import Permission
from checkout import cancellations, claims, events, reorders
from checkout.cancellations import Cancellation
from schema import inputs, nodes
from schema.cart_warnings import CartWarningCode
from schema.carts import Cart
from schema.context import Info
from schema.fields import mutation
from schema.nodes import gid
from schema.orders import Order, OrderUserError, Reason, RefundWish, Restock, named
from schema.permissions import SignedIn, Staff
from shop.errors import blaming

OwnId = Annotated[strawberry.ID | None, strawberry.argument(description="The order: one's own, or any for staff.")]
Token = Annotated[str | None, strawberry.argument(description="Instead of it, a guest's token out of the status URL.")]


@strawberry.type(description="The order with the note.")
class OrderNoteAddPayload:
    order: Order | None = strawberry.field(default=None, description="The order after the change.")
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The order with the customer's note.")
class OrderNoteUpdatePayload:
    order: Order | None = strawberry.field(default=None, description="The order after the change.")
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The order where it is the customer's own, or that a link was sent.")
class OrderClaimPayload:
    order: Order | None = strawberry.field(
        default=None, description="The order, if it is the customer's own already; null while it is not."
    )
    confirmation_sent: bool = strawberry.field(
        default=False, description="Whether a link was sent to the order's e-mail address: see `orderClaimConfirm`."
    )
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The order, which is the customer's own now.")
class OrderClaimConfirmPayload:
    order: Order | None = strawberry.field(default=None, description="The order after the change.")
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="Why a line of an order is not in the new cart, or not all of it.")
class OrderReorderWarning:
    code: CartWarningCode = strawberry.field(description="The kind of warning, for programs.")
    message: str = strawberry.field(description="The warning in words for people.")
    target: strawberry.ID = strawberry.field(description="The id of the order's line.")

    @classmethod
    def of(cls, left_out: reorders.LeftOut) -> "OrderReorderWarning":
        target = gid("OrderLineItem", left_out.line_id)
        return cls(code=CartWarningCode[left_out.code], message=left_out.message, target=target)


@strawberry.type(description="A new cart with what the order had.")
class OrderReorderPayload:
    cart: Cart | None = strawberry.field(default=None, description="The cart, at the prices of today.")
    warnings: list[OrderReorderWarning] = strawberry.field(
        default_factory=list, description="What of the order is not in it, and why."
    )
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why there is no cart; empty on success."
    )


@strawberry.input(description="Units of a line of an order.")
class OrderLineQuantityInput:
    order_line_item_id: strawberry.ID = strawberry.field(description="The line.")
    quantity: int = strawberry.field(description="How many units: 1 or more.")

    def to_domain(self) -> tuple[int, int]:
        with blaming("order_line_item_id"):
            return nodes.number(self.order_line_item_id, "OrderLineItem"), self.quantity


@strawberry.type(description="The order without what was cancelled.")
class OrderLinesCancelPayload:
    order: Order | None = strawberry.field(default=None, description="The order after the change.")
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type
class OrderChangeMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def order_lines_cancel(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The order.")],
        lines: Annotated[list[OrderLineQuantityInput], strawberry.argument(description="What is not to be sent.")],
        reason: Reason = "",
        restock: Restock = True,
        refund: RefundWish = True,
    ) -> OrderLinesCancelPayload:
        """Cancel units of a confirmed order that were not sent. Nothing left to send, it is fulfilled or cancelled."""
        with blaming("id"):
            key = nodes.uuid(id, "Order")
        order = cancellations.cancel_lines(
            order_key=key,
            lines=inputs.meant(lines, "lines"),
            cancellation=Cancellation(reason, restock, refund),
            actor=info.context.actor,
        )
        return OrderLinesCancelPayload(order=Order.of(order))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def order_note_add(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The order.")],
        note: Annotated[str, strawberry.argument(description="The note: 1 to 5,000 characters.")],
        is_public: Annotated[bool, strawberry.argument(description="Whether the customer is to see it.")] = False,
    ) -> OrderNoteAddPayload:
        """Leave a note in the timeline of an order, for staff alone or for the customer too."""
        with blaming("id"):
            key = nodes.uuid(id, "Order")
        order = events.add_note(order_key=key, note=note, is_public=is_public, actor=info.context.actor)
        return OrderNoteAddPayload(order=Order.of(order))

    @mutation
    def order_note_update(
        self,
        info: Info,
        note: Annotated[str, strawberry.argument(description="What the shop should know; empty takes it back.")],
        id: OwnId = None,
        token: Token = None,
    ) -> OrderNoteUpdatePayload:
        """Change the customer's note on an order of which nothing was sent yet."""
        order = named(info.context, id, token)
        changed = events.change_note(order_key=order.key, note=note, actor=info.context.actor)
        return OrderNoteUpdatePayload(order=Order.of(changed))

    @mutation(permission_classes=[SignedIn])
    def order_claim(
        self,
        info: Info,
        token: Annotated[str, strawberry.argument(description="The token at the end of the order's status URL.")],
    ) -> OrderClaimPayload:
        """Ask to take an order that was placed as a guest into one's account: a link goes to the order's address."""
        claim = claims.ask(token=token, actor=info.context.actor, client_address=info.context.client_address)
        return OrderClaimPayload(order=Order.of(claim.order) if claim.order else None, confirmation_sent=claim.is_sent)

    @mutation(permission_classes=[SignedIn])
    def order_claim_confirm(
        self,
        info: Info,
        secret: Annotated[str, strawberry.argument(description="The token in the link that was sent.")],
    ) -> OrderClaimConfirmPayload:
        """Take the order into one's account, in which the link was asked for."""
        return OrderClaimConfirmPayload(order=Order.of(claims.confirm(secret=secret, actor=info.context.actor)))

    @mutation
    def order_reorder(self, info: Info, id: OwnId = None, token: Token = None) -> OrderReorderPayload:
        """Make a new cart with what an order had, as far as it is still sold and there is enough."""
        cart, left_out = reorders.again(named(info.context, id, token), info.context.actor)
        return OrderReorderPayload(cart=Cart.of(cart), warnings=[OrderReorderWarning.of(one) for one in left_out])
