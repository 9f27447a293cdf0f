"""Returns: what customers send back, and what staff do with it."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from checkout import returns
from checkout.models import Return as StoredReturn
from checkout.models import ReturnLine as StoredReturnLine
from checkout.models import returns as return_model
from schema import errors
from schema.context import Context
from schema.nodes import Node, gid

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class ReturnStatus(Enum): ...

else:
    ReturnStatus = errors.enum_of(
        "ReturnStatus", "Where a return stands in its life.", dict(return_model.ReturnStatus.choices)
    )


def returns_of_order(context: Context, keys: Sequence[int]) -> list[list[StoredReturn]]:
    found: dict[int, list[StoredReturn]] = {key: [] for key in keys}
    for row in returns.of_orders(list(keys)):
        found[row.order_id].append(row)
    return [found[key] for key in keys]


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
        )
