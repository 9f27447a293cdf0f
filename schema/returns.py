"""Returns: what customers send back, and what staff do with it."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from checkout import returns
from checkout.models import Order as StoredOrder
from checkout.models import Return as StoredReturn
from checkout.models import ReturnLine as StoredReturnLine
from checkout.models import returns as return_model
from schema import errors
from schema.context import Context
from schema.edges import edge
from schema.nodes import Node, gid
from schema.scalars import MoneyV2

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data
    from schema.orders import Order

    class ReturnSettlement(Enum): ...

    class ReturnStatus(Enum): ...

else:
    ReturnSettlement = errors.enum_of(
        "ReturnSettlement",
        "What became of the value of goods that came back.",
        dict(return_model.Settlement.choices),
    )
    ReturnStatus = errors.enum_of(
        "ReturnStatus", "Where a return stands in its life.", dict(return_model.ReturnStatus.choices)
    )


def returns_of_order(context: Context, keys: Sequence[int]) -> list[list[StoredReturn]]:
    found: dict[int, list[StoredReturn]] = {key: [] for key in keys}
    for row in returns.of_orders(list(keys)):
        found[row.order_id].append(row)
    return [found[key] for key in keys]


def exchanged_returns_of_order(context: Context, keys: Sequence[int]) -> list[StoredReturn | None]:
    """The return for which each order was made, if it was made for one."""
    found = {row.exchange_order_id: row for row in returns.exchanged_for(list(keys))}
    return [found.get(key) for key in keys]


def _orders(context: Context, keys: Sequence[int]) -> list[StoredOrder | None]:
    found = StoredOrder.objects.in_bulk(list(keys))
    return [found.get(key) for key in keys]


@strawberry.type(description="Units of a line that are to come back, or came.")
class ReturnLineItem:
    order_line_item_id: strawberry.ID = strawberry.field(description="The line of the order.")
    title: str = strawberry.field(description="The product's name when it was bought.")
    quantity: int = strawberry.field(description="Units that were to come back.")
    good_quantity: int = strawberry.field(description="Units that came and can be sold again.")
    damaged_quantity: int = strawberry.field(description="Units that came damaged.")

    @classmethod
    def of(cls, line: StoredReturnLine) -> "ReturnLineItem":
        return cls(
            order_line_item_id=gid("OrderLineItem", line.order_line_id),
            title=line.order_line.title,
            quantity=line.quantity,
            good_quantity=line.good,
            damaged_quantity=line.damaged,
        )


@strawberry.type(description="Units of an order that go back together.")
class Return(Node):
    status: ReturnStatus = strawberry.field(description="Where it stands.")
    reason: str | None = strawberry.field(description="Why, in the words of who asked for it.")
    answer: str | None = strawberry.field(description="What staff told the customer: how to send it, or why not.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    decided_at: datetime | None = strawberry.field(description="When its status last changed.")
    line_items: list[ReturnLineItem] = strawberry.field(description="What is to come back, or came.")
    value: MoneyV2 = strawberry.field(description="How much less is owed for the order since it came.")
    settlement: ReturnSettlement = strawberry.field(description="What became of that.")
    order_name: str = strawberry.field(description="The name of the order it is of.")
    exchange_order: Annotated["Order", strawberry.lazy("schema.orders")] | None = edge(
        _orders, key="exchange_order_id", description="The order of what was wanted instead; null where there is none."
    )
    exchange_order_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, row: StoredReturn) -> "Return":
        return cls(
            id=gid("Return", row.key),
            status=ReturnStatus[row.status],
            reason=row.reason or None,
            answer=row.answer or None,
            created_at=row.created_at,
            decided_at=row.decided_at,
            line_items=[ReturnLineItem.of(line) for line in sorted(row.lines.all(), key=lambda line: line.pk)],
            value=MoneyV2.of(row.worth),
            settlement=ReturnSettlement[row.settlement],
            order_name=row.order.name,
            exchange_order_id=row.exchange_order_id,
        )
