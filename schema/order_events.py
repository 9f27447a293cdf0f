"""The timeline of an order."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from checkout import events
from checkout.models import OrderEvent as StoredEvent
from checkout.models import event as event_model
from schema import errors, loaders
from schema.context import Context
from schema.edges import edge
from schema.nodes import gid
from schema.pagination import After, Before, First, Last
from shop.paging import Page, PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data
    from schema.customers import Customer

    class OrderEventKind(Enum): ...

else:
    OrderEventKind = errors.enum_of(
        "OrderEventKind", "What happened to an order.", dict(event_model.OrderEventKind.choices)
    )


def events_of_order(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[StoredEvent]]:
    found = events.pages_of_orders(context.actor, keys, PageRequest(first, last, after, before))
    return [found[key] for key in keys]


@strawberry.type(description="Something that happened to an order. It is told once and never changed.")
class OrderEvent:
    id: strawberry.ID = strawberry.field(description="The event's id.")
    kind: OrderEventKind = strawberry.field(description="What happened, for programs.")
    message: str = strawberry.field(description="What happened, in words for people; of a note its text.")
    is_public: bool = strawberry.field(description="Whether the customer, and who has the status link, sees it.")
    created_at: datetime = strawberry.field(description="When it happened.")
    actor: Annotated["Customer", strawberry.lazy("schema.customers")] | None = edge(
        loaders.customers,
        key="actor_id",
        description="Who did it; null for the shop itself and for guests, and where one may not see who it was.",
    )
    actor_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, row: StoredEvent) -> "OrderEvent":
        return cls(
            id=gid("OrderEvent", row.pk),
            kind=OrderEventKind[row.kind],
            message=row.message,
            is_public=row.is_public,
            created_at=row.created_at,
            actor_id=row.actor_id,
        )
