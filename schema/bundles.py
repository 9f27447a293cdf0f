"""Bundles: the mutations that make a variant one of other variants, for staff who keep the catalog."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from accounts.staff import Permission
from catalog import bundles
from catalog.bundles import NewPart
from catalog.models import BundlePricing as StoredPricing
from schema import errors, inputs, loaders, nodes
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.permissions import Staff
from schema.variants import BundlePricing, ProductVariant
from shop.errors import Refusal

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class ProductBundleErrorCode(Enum): ...

else:
    ProductBundleErrorCode = errors.code_enum("ProductBundleErrorCode", "a bundle", errors.codes_of(bundles))


@strawberry.type(description="Why a bundle was not changed.")
class ProductBundleUserError(DisplayableError):
    code: ProductBundleErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "ProductBundleUserError":
        return cls(**errors.parts(refusal, ProductBundleErrorCode))


@strawberry.input(description="A part of a bundle.")
class ProductBundlePartInput:
    variant_id: strawberry.ID = strawberry.field(description="The variant: no bundle itself, and named once.")
    quantity: int = strawberry.field(default=1, description="How many units are in one unit of the bundle: 1 to 1,000.")

    def to_domain(self) -> NewPart:
        return {"variant_id": nodes.number(self.variant_id, "ProductVariant", "variant_id"), "quantity": self.quantity}


@strawberry.type(description="What became of `productBundleSet`.")
class ProductBundleSetPayload:
    product_variant: ProductVariant | None = edge(
        loaders.variants, key="variant_id", description="The bundle as it is now; null where this was refused."
    )
    user_errors: list[ProductBundleUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    variant_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `productBundleUnset`.")
class ProductBundleUnsetPayload:
    product_variant: ProductVariant | None = edge(
        loaders.variants, key="variant_id", description="The variant as it is now; null where this was refused."
    )
    user_errors: list[ProductBundleUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    variant_id: strawberry.Private[int | None] = None


@strawberry.type
class BundleMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_bundle_set(
        self,
        variant_id: Annotated[
            strawberry.ID, strawberry.argument(description="The variant that is to be a bundle; it has no stock.")
        ],
        pricing: Annotated[
            BundlePricing, strawberry.argument(description="Whether it has a price of its own or costs the sum.")
        ],
        parts: Annotated[
            list[ProductBundlePartInput],
            strawberry.argument(
                description="What it is made of, in the order to show it, in place of what it was: 1 to 50 parts."
            ),
        ],
    ) -> ProductBundleSetPayload:
        """Make a variant a bundle of others, or change what it is made of. For staff who manage the catalog."""
        key = nodes.number(variant_id, "ProductVariant", "variant_id")
        made = bundles.set_parts(
            variant_id=key, pricing=StoredPricing[pricing.name], parts=inputs.meant(parts, "parts")
        )
        return ProductBundleSetPayload(variant_id=made.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_bundle_unset(
        self, variant_id: Annotated[strawberry.ID, strawberry.argument(description="The bundle.")]
    ) -> ProductBundleUnsetPayload:
        """Make a bundle an ordinary variant again: it keeps its price, and has no stock yet. For catalog staff."""
        changed = bundles.unset(variant_id=nodes.number(variant_id, "ProductVariant", "variant_id"))
        return ProductBundleUnsetPayload(variant_id=changed.pk)
