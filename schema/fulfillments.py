"""What becomes of parcels on their way: mutations for staff who keep orders."""

from typing import Annotated

import strawberry

from accounts.staff import Permission
from checkout import fulfilment
from schema import nodes
from schema.fields import mutation
from schema.orders import Fulfillment, FulfillmentTrackingInput, OrderUserError
from schema.permissions import Staff


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


FulfillmentId = Annotated[strawberry.ID, strawberry.argument(description="The fulfilment.")]


@strawberry.type
class FulfillmentMutations:
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
