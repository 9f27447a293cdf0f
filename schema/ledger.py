"""The ledger of stock: what changed and why, and how much there was at a moment, for staff who keep the inventory."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from django.conf import settings

from accounts.staff import Permission
from catalog import ledger
from catalog.models import MovementKind, StockMovement
from schema import errors, loaders, nodes
from schema.categories import Category
from schema.edges import edge
from schema.fields import query
from schema.locations import Location
from schema.nodes import gid
from schema.pagination import After, Before, Connection, CountedConnection, First, Last
from schema.permissions import Staff
from schema.scalars import MoneyV2
from schema.variants import ProductVariant
from shop.money import Money
from shop.paging import PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class InventoryMovementKind(Enum): ...

else:
    InventoryMovementKind = errors.enum_of(
        "InventoryMovementKind",
        "Why stock changed.",
        {
            "PURCHASE": "Goods came in from a supplier.",
            "SALE": "Goods that orders held were sent.",
            "ADJUSTMENT": "A count found more or less than was on the books.",
            "RETURN": "A customer sent goods back.",
            "DAMAGE": "Goods broke, spoiled or were lost.",
            "HOLD": "An order holds goods.",
            "RELEASE": "An order gave up what it held.",
            "TRANSFER": "Goods left for another location, came in from one, or came back from the way.",
        },
    )


@strawberry.type(description="One entry of the ledger of stock; entries are never changed.")
class InventoryMovement:
    id: strawberry.ID = strawberry.field(description="The entry's id.")
    created_at: datetime = strawberry.field(description="When stock changed.")
    kind: InventoryMovementKind = strawberry.field(description="Why it changed.")
    on_hand_delta: int = strawberry.field(description="How many units came, or went where negative.")
    reserved_delta: int = strawberry.field(description="How many more units are held for orders, or how many fewer.")
    unit_cost: Decimal | None = strawberry.field(
        description="What a unit of a purchase cost, in the shop's currency, where that was told."
    )
    average_cost: Decimal | None = strawberry.field(
        description="What a unit of the variant cost on average from then on, where the purchase told its cost."
    )
    reference: str | None = strawberry.field(description="What it was done for, such as an order.")
    note: str | None = strawberry.field(description="A remark of whoever did it.")
    made_by: str | None = strawberry.field(description="Who did it, by e-mail address; null for the shop itself.")
    variant: ProductVariant = edge(loaders.variants, key="variant_id", description="What changed.")
    location: Location = edge(loaders.locations, key="location_id", description="Where.")
    variant_id: strawberry.Private[int]
    location_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: StockMovement) -> "InventoryMovement":
        return cls(
            id=gid("InventoryMovement", row.pk),
            created_at=row.created_at,
            kind=InventoryMovementKind[row.kind],
            on_hand_delta=row.on_hand_delta,
            reserved_delta=row.reserved_delta,
            unit_cost=row.unit_cost,
            average_cost=row.average_cost,
            reference=row.reference or None,
            note=row.note or None,
            made_by=row.actor.email if row.actor else None,
            variant_id=row.variant_id,
            location_id=row.location_id,
        )


@strawberry.type(description="Units of a variant at a moment, as the ledger adds up to.")
class StockAsOf:
    on_hand: int = strawberry.field(description="Units in the house, those held for orders included.")
    reserved: int = strawberry.field(description="Units held for orders.")
    variant: ProductVariant = edge(loaders.variants, key="variant_id", description="What was counted.")
    variant_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: ledger.Count) -> "StockAsOf":
        return cls(on_hand=row.on_hand, reserved=row.reserved, variant_id=row.variant_id)


@strawberry.type
class StockWorth:
    """Units and what they cost."""

    quantity: int = strawberry.field(description="Units on hand, those held for orders included.")
    quantity_without_cost: int = strawberry.field(description="Units among these of which no cost is known.")
    value: MoneyV2 = strawberry.field(
        description="What the others cost on average, in the shop's currency, rounded once."
    )

    @classmethod
    def sums(cls, rows: Iterable[ledger.Worth]) -> dict[str, Any]:
        """These fields, added up."""
        rows = list(rows)
        cost = sum((row.cost for row in rows), Decimal(0))
        return {
            "quantity": sum(row.quantity for row in rows),
            "quantity_without_cost": sum(row.without_cost for row in rows),
            "value": MoneyV2.of(Money.rounded(cost, settings.SHOP_CURRENCY)),
        }


@strawberry.type(description="What lies at a location, and what it cost.")
class StockValueAtLocation(StockWorth):
    location: Location = edge(loaders.locations, key="location_id", description="Where it lies.")
    location_id: strawberry.Private[int]


@strawberry.type(description="What belongs to a category or one below it, and what it cost.")
class StockValueInCategory(StockWorth):
    category: Category | None = edge(
        loaders.categories, key="category_id", description="Where it belongs; null where it may not be seen."
    )
    category_id: strawberry.Private[int]


@strawberry.type(description="What is in stock, or was at a moment, and what it cost.")
class StockValue(StockWorth):
    by_location: list[StockValueAtLocation] = strawberry.field(description="The same by location.")
    by_category: list[StockValueInCategory] = strawberry.field(
        description="The same by the categories right below the one asked for, each with all that is below it, or by "
        "those at the top. What is placed in the category itself stands under its own name."
    )

    @classmethod
    def of(cls, rows: Sequence[ledger.Worth]) -> "StockValue":
        locations = dict.fromkeys(row.location_id for row in rows)
        categories = dict.fromkeys(row.category_id for row in rows)
        return cls(
            **cls.sums(rows),
            by_location=[
                StockValueAtLocation(location_id=key, **cls.sums(row for row in rows if row.location_id == key))
                for key in locations
            ],
            by_category=[
                StockValueInCategory(category_id=key, **cls.sums(row for row in rows if row.category_id == key))
                for key in categories
            ],
        )


@strawberry.type
class LedgerQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def stock_value(
        self,
        at: Annotated[
            datetime | None, strawberry.argument(description="The moment, which is included; now where left out.")
        ] = None,
        location_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only at this location.")] = None,
        category_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only in this category and all below it.")
        ] = None,
    ) -> StockValue | None:
        """What is in stock, or was, and what it cost, added up from the ledger; null for an unknown place.

        Products count in the category they are placed in now. For staff who manage the inventory.
        """
        return StockValue.of(
            ledger.worth_at(
                at,
                location_id=None if location_id is None else nodes.number(location_id, "Location"),
                category_id=None if category_id is None else nodes.number(category_id, "Category"),
            )
        )

    @query(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def inventory_movements(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        variant_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only of this variant.")] = None,
        location_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only at this location.")] = None,
        kinds: Annotated[
            list[InventoryMovementKind] | None,
            strawberry.argument(description="Only for these reasons; all where the list is empty or left out."),
        ] = None,
        reference: Annotated[
            str | None, strawberry.argument(description="Only what was done for this, such as an order.")
        ] = None,
        since: Annotated[
            datetime | None, strawberry.argument(description="Only from this moment on, which is included.")
        ] = None,
        until: Annotated[
            datetime | None, strawberry.argument(description="Only before this moment, which is not included.")
        ] = None,
    ) -> CountedConnection[InventoryMovement] | None:
        """The ledger of stock, newest first; null for an unknown variant or location.

        For staff who manage the inventory.
        """
        conditions = ledger.Conditions(
            variant_id=None if variant_id is None else nodes.number(variant_id, "ProductVariant"),
            location_id=None if location_id is None else nodes.number(location_id, "Location"),
            kinds=[MovementKind(kind.name) for kind in kinds or []],
            reference=reference,
            since=since,
            until=until,
        )
        page = ledger.movements(conditions, PageRequest(first, last, after, before))
        return CountedConnection.of(page, InventoryMovement.of)

    @query(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def stock_as_of(
        self,
        time: Annotated[datetime, strawberry.argument(description="The moment, which is included.")],
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        variant_ids: Annotated[
            list[strawberry.ID] | None,
            strawberry.argument(description="Only these variants; an id that names none is left out."),
        ] = None,
        location_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only at this location; over all where left out.")
        ] = None,
    ) -> Connection[StockAsOf] | None:
        """How much there was of each variant at a moment, added up from the ledger.

        Variants whose stock had never changed by then are left out; null for an unknown location. For staff who manage
        the inventory.
        """
        wanted = [nodes.number_if_any(id, "ProductVariant") for id in variant_ids or []]
        page = ledger.counts_at(
            time,
            PageRequest(first, last, after, before),
            variant_ids=None if variant_ids is None else [key for key in wanted if key is not None],
            location_id=None if location_id is None else nodes.number(location_id, "Location"),
        )
        return Connection.of(page, StockAsOf.of)
