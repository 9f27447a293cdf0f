"""Points: what a customer has, what a cart is paid with, and what an order earns."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from accounts import loyalty, points
from accounts.models import PointsEntry as StoredEntry
from accounts.models import PointsEntryKind as StoredKind
from checkout import cart_points, earned_points
from checkout.cart_points import Applied
from checkout.carts import PricedCart
from checkout.models import EarnedPoints as StoredEarned
from schema import errors
from schema.context import Context
from schema.edges import edge
from schema.nodes import gid
from schema.pagination import After, Before, Connection, First, Last
from schema.scalars import MoneyV2
from shop.money import Money
from shop.paging import Page, PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class PointsEntryKind(Enum): ...

else:
    PointsEntryKind = errors.enum_of(
        "PointsEntryKind",
        "What an entry of the ledger of points says happened.",
        {kind.value: str(kind.label) for kind in StoredKind},
    )


def loyalty_of_customer(context: Context, keys: Sequence[int]) -> list[tuple[int, int]]:
    found = points.balances(keys)
    return [(key, found.get(key, 0)) for key in keys]


def pending_points(context: Context, keys: Sequence[int]) -> list[int]:
    found = earned_points.pending(keys)
    return [found.get(key, 0) for key in keys]


def worth_of_points(context: Context, keys: Sequence[int]) -> list[Money | None]:
    currency = context.currency
    rate = loyalty.redeeming([currency]).get(currency)
    return [rate.worth(key) if rate else None for key in keys]


def entries_of_points(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[StoredEntry]]:
    found = points.entries(keys, PageRequest(first, last, after, before))
    return [found[key] for key in keys]


def points_of_cart(context: Context, keys: Sequence[PricedCart]) -> list[Applied | None]:
    return cart_points.applied(keys)


def points_of_order(context: Context, keys: Sequence[int]) -> list[StoredEarned | None]:
    found = {row.order_id: row for row in StoredEarned.objects.filter(order__in=keys)}
    return [found.get(key) for key in keys]


@strawberry.type(description="One line of the ledger of a customer's points: all of them together are the balance.")
class PointsEntry:
    kind: PointsEntryKind = strawberry.field(description="What happened.")
    points: int = strawberry.field(description="What it changed the balance by: negative where points went.")
    order_id: strawberry.ID | None = strawberry.field(description="The order it is about, if it is about one.")
    expires_at: datetime | None = strawberry.field(description="When what came expires, if it does.")
    reason: str | None = strawberry.field(description="Why, where staff changed it; what could not be taken back.")
    created_at: datetime = strawberry.field(description="When.")

    @classmethod
    def of(cls, row: StoredEntry) -> "PointsEntry":
        _, _, order = row.reference.partition("order:")
        return cls(
            kind=PointsEntryKind[row.kind],
            points=row.points,
            order_id=gid("Order", order) if order else None,
            expires_at=row.expires_at,
            reason=row.reason or None,
            created_at=row.created_at,
        )


@strawberry.type(description="The points a customer has.")
class CustomerLoyalty:
    balance: int = strawberry.field(description="The points that can be spent now.")
    pending: int = edge(
        pending_points,
        key="pk",
        description="The points that orders earned and that can be spent later, if the orders stay as they are.",
    )
    worth: MoneyV2 | None = edge(
        worth_of_points,
        key="balance",
        description="What the balance pays in the currency of the request; null where points pay nothing.",
    )
    entries: Connection[PointsEntry] = edge(entries_of_points, key="pk", description="The ledger, oldest first.")
    pk: strawberry.Private[int]

    @classmethod
    def of(cls, row: tuple[int, int]) -> "CustomerLoyalty":
        pk, balance = row
        return cls(pk=pk, balance=balance)


@strawberry.type(description="The points a cart is paid with.")
class AppliedPoints:
    points: int = strawberry.field(description="How many its customer wants to spend.")
    points_used: int = strawberry.field(
        description="How many of them would pay now: fewer where they are not there any more, or not so many may pay."
    )
    amount_used: MoneyV2 = strawberry.field(description="What they would pay.")

    @classmethod
    def of(cls, row: Applied) -> "AppliedPoints":
        return cls(points=row.points, points_used=row.used, amount_used=MoneyV2.of(row.amount))


@strawberry.type(description="The points an order earns its customer.")
class EarnedPoints:
    points: int = strawberry.field(description="How many, as it stands now: less once a part is given back.")
    available_at: datetime | None = strawberry.field(
        description="From when they can be spent; null until the order is sent and paid."
    )
    is_credited: bool = strawberry.field(description="Whether they came into the balance.")
    points_missed: int = strawberry.field(
        description="How many could not be taken back with a part of the order, because they were spent already."
    )

    @classmethod
    def of(cls, row: StoredEarned) -> "EarnedPoints":
        return cls(
            points=row.points,
            available_at=row.available_at,
            is_credited=row.account_id is not None,
            points_missed=row.missed,
        )
