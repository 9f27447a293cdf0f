"""Giving products more variants and taking some away, and removing products, for staff who keep the catalog."""

from typing import Annotated

import strawberry

from accounts.staff import Permission
from catalog import attribute_values, product_variants, products, stock, variants
from schema import errors, loaders, nodes
from schema.context import Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.inputs import given
from schema.nodes import gid
from schema.permissions import Staff
from schema.product_changes import ProductVariantInput
from schema.products import Product
from shop.errors import Refusal

ProductVariantsErrorCode = errors.code_enum(
    "ProductVariantsErrorCode",
    "the variants of a product",
    errors.codes_of(attribute_values, product_variants, products, stock, variants),
)


@strawberry.type(description="Why variants were not added or removed.")
class ProductVariantsUserError(DisplayableError):
    code: ProductVariantsErrorCode = strawberry.field(  # type: ignore[valid-type]
        description="The reason, for programs."
    )

    @classmethod
    def of(cls, refusal: Refusal) -> "ProductVariantsUserError":
        return cls(**errors.parts(refusal, ProductVariantsErrorCode))


@strawberry.type(description="What became of the variants of a product.")
class ProductVariantsPayload:
    product: Product | None = edge(
        loaders.products, key="product_id", description="The product as it is now; null where this was refused."
    )
    user_errors: list[ProductVariantsUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    product_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `productVariantsAdd`.")
class ProductVariantsAddPayload(ProductVariantsPayload):
    pass


@strawberry.type(description="What became of `productVariantsRemove`.")
class ProductVariantsRemovePayload(ProductVariantsPayload):
    pass


@strawberry.type(description="What became of `productDelete`.")
class ProductDeletePayload:
    deleted_product_id: strawberry.ID | None = strawberry.field(
        default=None, description="The product that is no more; null where this was refused."
    )
    user_errors: list[ProductVariantsUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


@strawberry.type
class ProductVariantMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_variants_add(
        self,
        info: Info,
        product_id: Annotated[strawberry.ID, strawberry.argument(description="The product to give more variants.")],
        variants: Annotated[
            list[ProductVariantInput],
            strawberry.argument(
                description="The variants to add, behind those it has, to 250 in all. Values that its options do not "
                "have yet are put behind theirs."
            ),
        ],
    ) -> ProductVariantsAddPayload:
        """Give a product with options more variants. For staff who manage the catalog."""
        changed = product_variants.add(
            product_id=nodes.number(product_id, "Product", "product_id"),
            new=given(variants),
            actor=info.context.actor,
        )
        return ProductVariantsAddPayload(product_id=changed.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_variants_remove(
        self,
        product_id: Annotated[strawberry.ID, strawberry.argument(description="The product to take variants from.")],
        variant_ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(description="The variants to remove: 1 to 250, and not all the product has."),
        ],
    ) -> ProductVariantsRemovePayload:
        """Take variants away from a product, with prices and stock; carts lose them. For staff who manage the catalog.

        Refused while an order waits for one. Values of options that no variant has any more go too.
        """
        changed = product_variants.remove(
            product_id=nodes.number(product_id, "Product", "product_id"),
            variant_ids=[
                nodes.number(id, "ProductVariant", "variant_ids", place) for place, id in enumerate(variant_ids)
            ],
        )
        return ProductVariantsRemovePayload(product_id=changed.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_delete(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The product to remove.")]
    ) -> ProductDeletePayload:
        """Remove a product with its variants, stock, pictures and reviews. For staff who manage the catalog.

        Carts lose it; orders keep what they say of it. Refused while an order waits for it; `productArchive` takes it
        off sale and keeps it for the record.
        """
        key = nodes.number(id, "Product", "id")
        products.delete(product_id=key)
        return ProductDeletePayload(deleted_product_id=gid("Product", key))
