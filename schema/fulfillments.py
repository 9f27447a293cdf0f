"""Sending orders, and what becomes of parcels on their way: mutations for staff who keep orders."""

from typing import Annotated

import strawberry

from accounts.staff import Permission
from checkout import fulfilment, fulfilment_orders
from schema import inputs, nodes
from schema.context import Info
from schema.fields import mutation
from schema.fulfillment_orders import parsed
from schema.order_changes import OrderLineQuantityInput
from schema.orders import Order, OrderUserError
from schema.parcels import Fulfillment
from schema.permissions import Staff
from shop.errors import blaming


@strawberry.type(description="The new fulfilment and its order.")
class FulfillmentCreatePayload:
    fulfillment: Fulfillment | None = strawberry.field(default=None, description="What was sent.")
    order: Order | None = strawberry.field(default=None, description="The order after the change.")
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.input(description="How many units of a line are sent.")
class FulfillmentLineInput:
    order_line_item_id: strawberry.ID = strawberry.field(description="The line.")
    quantity: int = strawberry.field(description="How many units: 1 or more.")

    def to_domain(self) -> tuple[int, int]:
        with blaming("order_line_item_id"):
            return nodes.number(self.order_line_item_id, "OrderLineItem"), self.quantity


@strawberry.input(description="Where the recipient can follow the parcel.")
class FulfillmentTrackingInput:
    company: str | None = strawberry.field(default=None, description="The carrier.")
    number: str | None = strawberry.field(default=None, description="The carrier's number for the parcel.")
    url: str | None = strawberry.field(
        default=None, description="The carrier's page about it; filled in for carriers that are known."
    )
    numbers: list[str] | None = strawberry.field(
        default=None, description="Instead of `number`: the numbers of several parcels, at most 50."
    )
    urls: list[str] | None = strawberry.field(
        default=None, description="Instead of `url`: the pages about them, in the same order."
    )

    def to_domain(self) -> fulfilment.Tracking:
        numbers = tuple(self.numbers or ([self.number] if self.number else []))
        urls = tuple(self.urls or ([self.url] if self.url else []))
        return fulfilment.Tracking(self.company or "", numbers, urls)


@strawberry.input(description="What is sent.")
class FulfillmentInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    lines: list[FulfillmentLineInput] | None = strawberry.field(
        default=None, description="The lines; all that is left to send where nothing is said."
    )
    location_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Where it is sent from: without lines, all that is left to send from there; with lines, these, "
        "which are taken there wherever they are held. From where everything is held where nothing is said.",
    )
    tracking_info: FulfillmentTrackingInput | None = strawberry.field(
        default=None, description="Where the recipient can follow it."
    )

    @property
    def place(self) -> int | None:
        """The location's key, if one is named. Raises NotFound."""
        return None if self.location_id is None else nodes.number(self.location_id, "Location", "location_id")


@strawberry.type(description="What became of `fulfillmentTrackingUpdate`.")
class FulfillmentTrackingUpdatePayload:
    fulfillment: Fulfillment | None = strawberry.field(
        default=None, description="The fulfilment as it is now; null where this was refused."
    )
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `fulfillmentMarkDelivered`.")
class FulfillmentMarkDeliveredPayload:
    fulfillment: Fulfillment | None = strawberry.field(
        default=None, description="The fulfilment as it is now; null where this was refused."
    )
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="The order, of which another location sends what was moved.")
class FulfillmentOrderMovePayload:
    order: Order | None = strawberry.field(
        default=None, description="The order, with its fulfilment orders as they are."
    )
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was moved; empty when all went well."
    )


FulfillmentId = Annotated[strawberry.ID, strawberry.argument(description="The fulfilment.")]


@strawberry.type
class FulfillmentMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def fulfillment_create(
        self,
        info: Info,
        fulfillment: Annotated[FulfillmentInput, strawberry.argument(description="What is sent.")],
    ) -> FulfillmentCreatePayload:
        """Send a part of a confirmed order, or all that is left: its units leave the stock."""
        with blaming("fulfillment"):
            with blaming("order_id"):
                key = nodes.uuid(fulfillment.order_id, "Order")
            made = fulfilment.create(
                order_key=key,
                lines=None if fulfillment.lines is None else inputs.meant(fulfillment.lines, "lines"),
                tracking=(fulfillment.tracking_info or FulfillmentTrackingInput()).to_domain(),
                actor=info.context.actor,
                location_id=fulfillment.place,
            )
        return FulfillmentCreatePayload(fulfillment=Fulfillment.of(made), order=Order.of(made.order))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def fulfillment_order_move(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The fulfilment order: what a location sends.")],
        new_location_id: Annotated[strawberry.ID, strawberry.argument(description="The location to send it from.")],
        lines: Annotated[
            list[OrderLineQuantityInput] | None,
            strawberry.argument(description="What of it; all that is left to send where nothing is said."),
        ] = None,
    ) -> FulfillmentOrderMovePayload:
        """Have another location send what one has to send of a confirmed order, if it has enough.

        Goods stay where they lie: what was held for the order at the one is free again, and held at the other.
        """
        with blaming("id"):
            order_key, location_id = parsed(id)
        order = fulfilment_orders.move(
            order_key=order_key,
            location_id=location_id,
            to_id=nodes.number(new_location_id, "Location", "new_location_id"),
            lines=None if lines is None else inputs.meant(lines, "lines"),
            actor=info.context.actor,
        )
        return FulfillmentOrderMovePayload(order=Order.of(order))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def fulfillment_tracking_update(
        self,
        fulfillment_id: FulfillmentId,
        tracking_info: Annotated[
            FulfillmentTrackingInput, strawberry.argument(description="All that is known of its parcels.")
        ],
    ) -> FulfillmentTrackingUpdatePayload:
        """Tell anew how to follow what was sent. For staff who manage orders."""
        key = nodes.uuid(fulfillment_id, "Fulfillment", "fulfillment_id")
        changed = fulfilment.update_tracking(fulfillment_key=key, tracking=tracking_info.to_domain())
        return FulfillmentTrackingUpdatePayload(fulfillment=Fulfillment.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def fulfillment_mark_delivered(self, fulfillment_id: FulfillmentId) -> FulfillmentMarkDeliveredPayload:
        """What was sent has arrived; saying so again changes nothing. For staff who manage orders."""
        key = nodes.uuid(fulfillment_id, "Fulfillment", "fulfillment_id")
        arrived = fulfilment.mark_delivered(fulfillment_key=key)
        return FulfillmentMarkDeliveredPayload(fulfillment=Fulfillment.of(arrived))
