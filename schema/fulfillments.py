"""What becomes of parcels on their way: mutations for staff who keep orders."""

from typing import Annotated

import strawberry

from accounts.staff import Permission
from checkout import fulfilment, fulfilment_orders
from schema import inputs, nodes
from schema.context import Info
from schema.fields import mutation
from schema.fulfillment_orders import parsed
from schema.order_changes import OrderLineQuantityInput
from schema.orders import Fulfillment, FulfillmentTrackingInput, Order, OrderUserError
from schema.permissions import Staff
from shop.errors import blaming


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
