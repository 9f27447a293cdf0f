"""Low stock: the variants of which few units are left, and when that is, for staff who keep the inventory."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from accounts.staff import Permission
from catalog import inventory, low_stock, stock
from catalog.inventory import Threshold
from catalog.low_stock import LowRow
from schema import inputs, loaders, nodes
from schema.context import Context
from schema.edges import edge
from schema.fields import mutation, query
from schema.inventory import InventoryPayload
from schema.locations import InventoryLevel
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import Staff
from schema.variants import ProductVariant
from shop.errors import blaming
from shop.paging import PageRequest


def _free(context: Context, keys: Sequence[int]) -> list[int]:
    found = stock.free(keys)
    return [found[key] for key in keys]


@strawberry.type(description="A variant of which few units are left to sell.")
class LowStock:
    since: datetime = strawberry.field(description="Since when so few are.")
    threshold: int | None = strawberry.field(
        default=None,
        description="It is low at this many free units or fewer: the variant's own threshold, or the shop's. Null "
        "where the shop has none any more, which is put right within the hour.",
    )
    free: int = edge(_free, key="variant_id", description="Units that can still be sold, over all active locations.")
    on_hand: int = edge(
        loaders.on_hand_of_variant,
        key="variant_id",
        description="Units on hand over all locations, those held for orders included.",
    )
    levels: list[InventoryLevel] = edge(
        loaders.levels_of_variant,
        key="variant_id",
        description="Units at each location, in the order that orders take from them.",
    )
    variant: ProductVariant = edge(loaders.variants, key="variant_id", description="What is low.")
    variant_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: LowRow) -> "LowStock":
        return cls(since=row.since, threshold=row.threshold, variant_id=row.variant_id)


@strawberry.input(description="When the stock of a variant is low.")
class InventoryThresholdInput:
    variant_id: strawberry.ID = strawberry.field(description="The variant; it stands in the list once.")
    threshold: int | None = strawberry.field(
        default=None,
        description="It is low at this many free units or fewer: 0 to 1000000000; null: as few as the shop says.",
    )

    def to_domain(self) -> Threshold:
        return Threshold(
            variant_id=nodes.number(self.variant_id, "ProductVariant", "variant_id"), threshold=self.threshold
        )


@strawberry.input(description="When the stock of variants is low. All is decided, or nothing.")
class InventoryThresholdsSetInput:
    thresholds: list[InventoryThresholdInput] = strawberry.field(description="1 to 250 thresholds.")


@strawberry.type(description="What became of `inventoryThresholdsSet`.")
class InventoryThresholdsSetPayload(InventoryPayload):
    pass


@strawberry.type
class LowStockQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def low_stock(
        self, first: First = None, last: Last = None, after: After = None, before: Before = None
    ) -> CountedConnection[LowStock]:
        """The variants of which few units are left to sell, the latest first. For staff who manage the inventory."""
        page = low_stock.page(PageRequest(first, last, after, before))
        return CountedConnection.of(page, LowStock.of)


@strawberry.type
class LowStockMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def inventory_thresholds_set(
        self, input: Annotated[InventoryThresholdsSetInput, strawberry.argument(description="The thresholds.")]
    ) -> InventoryThresholdsSetPayload:
        """Decide at how few free units the stock of variants is low; staff are told once when it becomes so.

        For staff who manage the inventory.
        """
        with blaming("input"):
            thresholds = inputs.meant(input.thresholds, "thresholds")
        return InventoryThresholdsSetPayload(variant_ids=tuple(inventory.set_thresholds(thresholds=thresholds)))
