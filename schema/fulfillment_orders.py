"""Fulfilment orders: what each location sends of an order."""

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from checkout import fulfilment_orders
from checkout.fulfilment_orders import FulfilmentOrder, Part
from checkout.models import OrderLine
from schema import errors, loaders, nodes
from schema.context import Context
from schema.edges import edge
from schema.locations import Location
from schema.nodes import gid
from shop.errors import NotFound

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data
    from schema.order_lines import OrderLineItem

    class FulfillmentOrderStatus(Enum): ...

else:
    FulfillmentOrderStatus = errors.enum_of(
        "FulfillmentOrderStatus",
        "Where it stands with what a location sends of an order.",
        dict(fulfilment_orders.FulfilmentOrderStatus.choices),
    )


def fulfillment_orders_of_order(context: Context, keys: Sequence[int]) -> list[list[FulfilmentOrder]]:
    lines = loaders.lines_of_order(context, keys)
    found = fulfilment_orders.of_orders(dict(zip(keys, lines, strict=True)))
    return [found[key] for key in keys]


def parsed(id: str) -> tuple[UUID, int]:
    """The key of the order and the location in the id of a fulfilment order. Raises NotFound."""
    order, _, place = nodes.key(id, "FulfillmentOrder").rpartition("-")
    if not place.isdigit():
        raise NotFound("FulfillmentOrder")
    return nodes.uuid(gid("FulfillmentOrder", order), "FulfillmentOrder"), nodes.number(
        gid("Location", place), "Location"
    )


def _lines(context: Context, keys: Sequence[OrderLine]) -> list[OrderLine]:
    """The lines themselves, which are read already."""
    return list(keys)


@strawberry.type(description="Units of a line of an order that a location sends.")
class FulfillmentOrderLineItem:
    remaining_quantity: int = strawberry.field(description="Units that are still to be sent from there.")
    total_quantity: int = strawberry.field(description="Units that were sent from there, or are to be.")
    line_item: Annotated["OrderLineItem", strawberry.lazy("schema.order_lines")] = edge(
        _lines, key="line", description="The line."
    )
    line: strawberry.Private[OrderLine]

    @classmethod
    def of(cls, part: Part) -> "FulfillmentOrderLineItem":
        return cls(remaining_quantity=part.remaining, total_quantity=part.remaining + part.sent, line=part.line)


@strawberry.type(description="What one location sends of an order: for what is held there, until it is moved or sent.")
class FulfillmentOrder:
    id: strawberry.ID = strawberry.field(description="Its id: of the order at this location.")
    status: FulfillmentOrderStatus = strawberry.field(description="Where it stands.")
    assigned_location: Location = strawberry.field(description="Where it is sent from.")
    line_items: list[FulfillmentOrderLineItem] = strawberry.field(description="What is, or was, to be sent from there.")

    @classmethod
    def of(cls, row: FulfilmentOrder) -> "FulfillmentOrder":
        return cls(
            id=gid("FulfillmentOrder", f"{row.order.key}-{row.location.pk}"),
            status=FulfillmentOrderStatus[row.status],
            assigned_location=Location.of(row.location),
            line_items=[FulfillmentOrderLineItem.of(part) for part in row.parts],
        )
