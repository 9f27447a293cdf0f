"""Changing stock by hand: input, payload and mutation, for staff who keep the inventory."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import inventory, stock
from catalog.details import VariantRow
from catalog.inventory import Change, LimitFields, Quantity
from catalog.models import MovementKind
from schema import errors, inputs, loaders, nodes
from schema.context import Context, Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.inputs import given
from schema.permissions import Staff
from schema.variants import ProductVariant
from shop.errors import Refusal, blaming

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
    variant_id: strawberry.ID = strawberry.field(
        description="The variant; it stands in the list once for each location."
    )
    delta: int = strawberry.field(description="How many more there are, or how many fewer where negative; not 0.")
    location_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Where; the default location where this is left out or null."
    )
    unit_cost: Decimal | None = strawberry.field(
        default=UNSET,
        description="What a unit of it cost, in the shop's currency; only where the reason is PURCHASE. The variant's "
        "`unitCost` becomes the average of what is there and what comes.",
    )

    def to_domain(self) -> Change:
        variant_id, location_id = _spot(self.variant_id, self.location_id)
        return Change(
            variant_id=variant_id,
            location_id=location_id,
            delta=self.delta,
            unit_cost=self.unit_cost if isinstance(self.unit_cost, Decimal) else None,
        )


@strawberry.input(description="Changes of stock that have one reason. All are made, or none.")
class InventoryAdjustQuantitiesInput:
    reason: InventoryReason = strawberry.field(description="Why stock changes.")
    changes: list[InventoryChangeInput] = strawberry.field(description="1 to 250 changes.")
    note: str | None = strawberry.field(default=UNSET, description="A remark for the ledger, at most 500 characters.")


@strawberry.input(description="How many units of a variant are on hand.")
class InventoryQuantityInput:
    variant_id: strawberry.ID = strawberry.field(
        description="The variant; it stands in the list once for each location."
    )
    quantity: int = strawberry.field(description="Units on hand, those held for orders included: 0 to 1000000000.")
    location_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Where; the default location where this is left out or null."
    )
    compare_quantity: int | None = strawberry.field(
        default=UNSET,
        description="What is thought to be on hand now. If somebody has changed it meanwhile, nothing is set and the "
        "error tells the true number; left out or null, it is set whatever it was.",
    )

    def to_domain(self) -> Quantity:
        variant_id, location_id = _spot(self.variant_id, self.location_id)
        return Quantity(
            variant_id=variant_id,
            location_id=location_id,
            quantity=self.quantity,
            compare_quantity=self.compare_quantity if isinstance(self.compare_quantity, int) else None,
        )


@strawberry.input(description="What is on hand, for one reason. All is set, or nothing.")
class InventorySetInput:
    quantities: list[InventoryQuantityInput] = strawberry.field(description="1 to 250 quantities.")
    reason: InventoryReason | None = strawberry.field(
        default=UNSET, description="Why stock changes; ADJUSTMENT where nothing is said."
    )
    note: str | None = strawberry.field(default=UNSET, description="A remark for the ledger, at most 500 characters.")


@strawberry.input(
    description="How far a variant may be sold at a location. What is left out stays; null puts back 0, or no date."
)
class InventoryLimitInput:
    variant_id: strawberry.ID = strawberry.field(
        description="The variant; it stands in the list once for each location."
    )
    location_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Where; the default location where this is left out or null."
    )
    backorder_limit: int | None = strawberry.field(
        default=UNSET,
        description="Units that may be sold before they come in, as back-orders or, before the first ones come, as "
        "pre-orders: 0 to 1000000000.",
    )
    safety_stock: int | None = strawberry.field(
        default=UNSET, description="Units to keep back from sale: 0 to 1000000000."
    )
    expected_at: datetime | None = strawberry.field(
        default=UNSET, description="When what is sold in advance is to come in; shoppers are told."
    )

    def to_domain(self) -> LimitFields:
        fields = given(self)
        fields["variant_id"], fields["location_id"] = _spot(self.variant_id, self.location_id)
        return cast(LimitFields, fields)


@strawberry.input(description="How far variants may be sold. All is decided, or nothing.")
class InventoryLimitsSetInput:
    limits: list[InventoryLimitInput] = strawberry.field(description="1 to 250 limits.")


def _spot(variant_id: strawberry.ID, location_id: strawberry.ID | None) -> tuple[int, int | None]:
    variant = nodes.number(variant_id, "ProductVariant", "variant_id")
    return variant, nodes.number(location_id, "Location", "location_id") if location_id else None


def _variants(context: Context, keys: Sequence[tuple[int, ...]]) -> list[list[VariantRow | None]]:
    found = iter(loaders.variants(context, [pk for key in keys for pk in key]))
    return [[next(found) for _ in key] for key in keys]


@strawberry.type
class InventoryPayload:
    """What every change of stock by hand answers."""

    variants: list[ProductVariant] | None = edge(
        _variants,
        key="variant_ids",
        description="The variants as they are now, in the order given; null where this was refused.",
    )
    user_errors: list[InventoryUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    variant_ids: strawberry.Private[tuple[int, ...] | None] = None


@strawberry.type(description="What became of `inventoryAdjustQuantities`.")
class InventoryAdjustQuantitiesPayload(InventoryPayload):
    pass


@strawberry.type(description="What became of `inventorySet`.")
class InventorySetPayload(InventoryPayload):
    pass


@strawberry.type(description="What became of `inventoryLimitsSet`.")
class InventoryLimitsSetPayload(InventoryPayload):
    pass


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
        """Change what is on hand, all or nothing. For staff who manage the inventory."""
        with blaming("input"):
            changes = inputs.meant(input.changes, "changes")
        changed = inventory.adjust_quantities(
            changes=changes,
            reason=MovementKind(input.reason.name),
            note=input.note or None,
            actor=info.context.actor,
        )
        return InventoryAdjustQuantitiesPayload(variant_ids=tuple(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def inventory_set(
        self,
        info: Info,
        input: Annotated[InventorySetInput, strawberry.argument(description="What is on hand, and why it differs.")],
    ) -> InventorySetPayload:
        """Set what is on hand, all or nothing, and only where it is what you think it is, if you say so.

        For staff who manage the inventory.
        """
        with blaming("input"):
            quantities = inputs.meant(input.quantities, "quantities")
        changed = inventory.set_quantities(
            quantities=quantities,
            reason=MovementKind(input.reason.name if input.reason else InventoryReason.ADJUSTMENT.name),
            note=input.note or None,
            actor=info.context.actor,
        )
        return InventorySetPayload(variant_ids=tuple(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def inventory_limits_set(
        self,
        input: Annotated[InventoryLimitsSetInput, strawberry.argument(description="The limits.")],
    ) -> InventoryLimitsSetPayload:
        """Decide how many units are kept back from sale and how many may be sold before they come in.

        For staff who manage the inventory.
        """
        with blaming("input"):
            limits = inputs.meant(input.limits, "limits")
        return InventoryLimitsSetPayload(variant_ids=tuple(inventory.set_limits(limits=limits)))
