"""What was sent of an order: parcels, and how to follow them."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from checkout import fulfilment
from checkout.models import Fulfillment as StoredFulfillment
from schema import errors, loaders
from schema.context import Context
from schema.nodes import Node, gid
from schema.scalars import URL

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class OrderFulfillmentStatus(Enum): ...

else:
    OrderFulfillmentStatus = errors.enum_of(
        "OrderFulfillmentStatus",
        "How much of an order was sent.",
        {
            "UNFULFILLED": "Nothing yet.",
            "PARTIALLY_FULFILLED": "A part.",
            "FULFILLED": "Everything.",
        },
    )


@strawberry.type(description="How to follow a parcel.")
class FulfillmentTrackingInfo:
    number: str | None = strawberry.field(description="The carrier's number for it.")
    url: URL | None = strawberry.field(description="The carrier's page about it.")


@strawberry.type(description="What was sent together.")
class Fulfillment(Node):
    created_at: datetime = strawberry.field(description="When it was sent.")
    tracking_company: str | None = strawberry.field(description="The carrier.")
    tracking_info: list[FulfillmentTrackingInfo] = strawberry.field(
        description="How to follow it, one for each parcel."
    )
    delivered_at: datetime | None = strawberry.field(description="When it arrived, if that is known.")

    @classmethod
    def of(cls, row: StoredFulfillment) -> "Fulfillment":
        tracking = [
            FulfillmentTrackingInfo(number=parcel["number"] or None, url=URL(parcel["url"]) if parcel["url"] else None)
            for parcel in row.parcels
        ]
        return cls(
            id=gid("Fulfillment", row.key),
            created_at=row.created_at,
            tracking_company=row.tracking_company or None,
            tracking_info=tracking,
            delivered_at=row.delivered_at,
        )


def fulfillment_statuses(context: Context, keys: Sequence[int]) -> list[OrderFulfillmentStatus]:
    found = loaders.lines_of_order(context, keys)
    return [OrderFulfillmentStatus[fulfilment.status_of(lines)] for lines in found]
