"""Changing stock by hand: input, payload and mutation, for staff who keep the inventory."""

from collections.abc import Sequence
from enum import Enum
from typing import Annotated

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import inventory, stock
from catalog.browsing import VariantRow
from catalog.inventory import Change
from catalog.models import MovementKind
from schema import errors, loaders, nodes
from schema.context import Context, Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.permissions import Staff
from schema.variants import ProductVariant
from shop.errors import Refusal

InventoryErrorCode = errors.code_enum("InventoryErrorCode", "stock", errors.codes_of(inventory, stock))


@strawberry.type(description="Why stock was not changed.")
class InventoryUserError(DisplayableError):
    code: InventoryErrorCode = strawberry.field(description="The reason, for programs.")  # type: ignore[valid-type]

    @classmethod
    def of(cls, refusal: Refusal) -> "InventoryUserError":
        return cls(**errors.parts(refusal, InventoryErrorCode))


@strawberry.enum(description="Why stock is changed by hand. Sales and holds are written by orders.")
class InventoryReason(Enum):
    PURCHASE = strawberry.enum_value("PURCHASE", description="Goods came in from a supplier.")
    ADJUSTMENT = strawberry.enum_value("ADJUSTMENT", description="A count found more or less than was on the books.")
    RETURN = strawberry.enum_value("RETURN", description="A customer sent goods back.")
    DAMAGE = strawberry.enum_value("DAMAGE", description="Goods broke, spoiled or were lost.")


@strawberry.input(description="Units of a variant that come or go.")
class InventoryChangeInput:
    variant_id: strawberry.ID = strawberry.field(description="The variant; each stands in the list once.")
    delta: int = strawberry.field(description="How many more there are, or how many fewer where negative; not 0.")

    def to_domain(self, place: int) -> Change:
        key = nodes.number(self.variant_id, "ProductVariant", "input", "changes", place, "variant_id")
        return Change(variant_id=key, delta=self.delta)


@strawberry.input(description="Changes of stock that have one reason. All are made, or none.")
class InventoryAdjustQuantitiesInput:
    reason: InventoryReason = strawberry.field(description="Why stock changes.")
    changes: list[InventoryChangeInput] = strawberry.field(description="1 to 250 changes.")
    note: str | None = strawberry.field(default=UNSET, description="A remark for the ledger, at most 500 characters.")


def _variants(context: Context, keys: Sequence[tuple[int, ...]]) -> list[list[VariantRow | None]]:
    found = iter(loaders.variants(context, [pk for key in keys for pk in key]))
    return [[next(found) for _ in key] for key in keys]


@strawberry.type(description="What became of `inventoryAdjustQuantities`.")
class InventoryAdjustQuantitiesPayload:
    variants: list[ProductVariant] | None = edge(
        _variants,
        key="variant_ids",
        description="The variants with their new quantities, in the order given; null where this was refused.",
    )
    user_errors: list[InventoryUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    variant_ids: strawberry.Private[tuple[int, ...] | None] = None


@strawberry.type
class InventoryMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def inventory_adjust_quantities(
        self,
        info: Info,
        input: Annotated[
            InventoryAdjustQuantitiesInput, strawberry.argument(description="The changes and their reason.")
        ],
    ) -> InventoryAdjustQuantitiesPayload:
        """Change what is on hand at the default location, all or nothing. For staff who manage the inventory."""
        changed = inventory.adjust_quantities(
            changes=[change.to_domain(place) for place, change in enumerate(input.changes)],
            reason=MovementKind(input.reason.name),
            note=input.note or None,
            actor=info.context.actor,
        )
        return InventoryAdjustQuantitiesPayload(variant_ids=tuple(changed))
