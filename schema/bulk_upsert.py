"""productBulkUpsert: many products made or changed at once, for staff who keep the catalog."""

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import attribute_values, bulk_upsert, bundles, handles, stock, translations, variants
from catalog.bulk_upsert import Match, Upserted, UpsertProduct
from catalog.imports import Outcome
from schema import errors, inputs, loaders, nodes
from schema.attribute_inputs import AttributeValueInput
from schema.context import Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.inputs import SEOInput
from schema.permissions import Staff
from schema.product_changes import ProductOptionInput, ProductVariantInput
from schema.products import Product, ProductStatus
from schema.translations import TranslationInput
from schema.variants import BundlePricing
from shop.errors import Refusal

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class ProductBulkErrorCode(Enum): ...

    class ProductIdentifier(Enum):
        HANDLE = "HANDLE"

    class UpsertOutcome(Enum): ...

else:
    ProductIdentifier = errors.enum_of(
        "ProductIdentifier",
        "What tells which product of the shop is meant.",
        {
            "HANDLE": "Its handle.",
            "EXTERNAL_ID": "The id that another system knows it by.",
            "SKU": "The skus of its variants, of which it has at least one.",
        },
    )
    UpsertOutcome = errors.enum_of(
        "UpsertOutcome",
        "What became of a product.",
        {
            "CREATED": "It is new to the shop.",
            "UPDATED": "The shop had it, and something of it changed.",
            "UNCHANGED": "The shop has it just as it was sent.",
        },
    )
    ProductBulkErrorCode = errors.code_enum(
        "ProductBulkErrorCode",
        "many products",
        errors.codes_of(bulk_upsert, variants, handles, stock, attribute_values, bundles, translations),
    )


@strawberry.input(description="A part of a bundle, by its sku; it may be new in the same list.")
class BundlePartUpsertInput:
    sku: str = strawberry.field(description="The variant: no bundle itself, and named once.")
    quantity: int = strawberry.field(default=1, description="How many units are in one unit of the bundle: 1 to 1,000.")


@strawberry.input(description="What a variant is made of, in place of what it was.")
class BundleUpsertInput:
    parts: list[BundlePartUpsertInput] = strawberry.field(description="Its parts, in order; 50 at the most.")
    pricing: BundlePricing = strawberry.field(default=BundlePricing["OWN"], description="Where its price comes from.")


@strawberry.input(description="A variant of a product to make or change, known by its sku.")
class ProductVariantUpsertInput(ProductVariantInput):
    inventory_quantity: int | None = strawberry.field(
        default=UNSET,
        description="Units on hand at the default location, as counted; left out they stay, and are 0 of a new one.",
    )
    unit_cost: Decimal | None = strawberry.field(
        default=UNSET,
        description="What each of these units cost, in the shop's currency, if the variant is new to the shop; of "
        "others purchases tell.",
    )
    attributes: list[AttributeValueInput] | None = strawberry.field(
        default=UNSET, description="Its values of attributes; those not named stay."
    )
    bundle: BundleUpsertInput | None = strawberry.field(
        default=UNSET, description="What it is made of; null makes it an ordinary variant again."
    )


@strawberry.input(
    description="A product to make or change. What is left out stays as the shop has it; a new one needs title, "
    "category and variants. Pictures are changed by other mutations."
)
class ProductUpsertInput:
    handle: str | None = strawberry.field(
        default=UNSET, description="Its name in URLs; a new product has one made from its title where it is left out."
    )
    external_id: str | None = strawberry.field(
        default=UNSET, description="The id that another system knows it by, at most 100 characters."
    )
    title: str | None = strawberry.field(default=UNSET, description="Its name, on one line of at most 255 characters.")
    category_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Where it stands in the tree of categories."
    )
    description_html: str | None = strawberry.field(
        default=UNSET, description="The description in HTML, at most 100,000 characters; it is cleaned."
    )
    vendor: str | None = strawberry.field(
        default=UNSET, description="The brand; made if the shop does not know it. Empty is no brand."
    )
    product_type: str | None = strawberry.field(default=UNSET, description="Your own word for the kind of product.")
    tags: list[str] | None = strawberry.field(default=UNSET, description="Your own labels, in place of those it has.")
    seo: SEOInput | None = strawberry.field(default=UNSET, description="What search engines are to be told.")
    status: ProductStatus | None = strawberry.field(
        default=UNSET, description="Whether shoppers see it; a new product is active where it is left out."
    )
    options: list[ProductOptionInput] | None = strawberry.field(
        default=UNSET, description="The choices to offer, in order; they are sent together with variants."
    )
    variants: list[ProductVariantUpsertInput] | None = strawberry.field(
        default=UNSET,
        description="All its variants, in order: those it has and that are not here are removed. Of prices, only that "
        "in the currency named is changed.",
    )
    attributes: list[AttributeValueInput] | None = strawberry.field(
        default=UNSET, description="Its values of attributes; those not named stay."
    )
    translations: list[TranslationInput] | None = strawberry.field(
        default=UNSET, description="Its texts in other languages; those not named stay."
    )

    def to_domain(self) -> UpsertProduct:
        fields: dict[str, Any] = inputs.given(self)
        if isinstance(self.category_id, str):
            fields["category_id"] = nodes.number(self.category_id, "Category", "category_id")
        return cast(UpsertProduct, fields)


@strawberry.type(description="What became of one product of the list.")
class ProductUpsertResult:
    outcome: UpsertOutcome = strawberry.field(description="Whether it was created, updated, or had nothing to change.")
    handle: str = strawberry.field(description="Its name in URLs.")
    product: Product | None = edge(
        loaders.products, key="product_id", description="The product as it is now; null for a new one of a dry run."
    )
    product_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, row: Upserted) -> "ProductUpsertResult":
        return cls(outcome=UpsertOutcome[row.outcome.name], handle=row.handle, product_id=row.product_id)


@strawberry.type(description="Why nothing of a list of products was written.")
class ProductBulkUserError(DisplayableError):
    code: ProductBulkErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "ProductBulkUserError":
        return cls(**errors.parts(refusal, ProductBulkErrorCode))


@strawberry.type(description="What became of `productBulkUpsert`.")
class ProductBulkUpsertPayload:
    results: list[ProductUpsertResult] | None = strawberry.field(
        default=None, description="What became of each product, in the order sent; null where this was refused."
    )
    created: int = strawberry.field(default=0, description="How many are new to the shop, or would be.")
    updated: int = strawberry.field(default=0, description="How many changed, or would.")
    unchanged: int = strawberry.field(default=0, description="How many the shop has as they were sent.")
    user_errors: list[ProductBulkUserError] = strawberry.field(
        default_factory=list, description="Why nothing was written; empty when all went well."
    )

    @classmethod
    def of(cls, rows: list[Upserted]) -> "ProductBulkUpsertPayload":
        outcomes = [row.outcome for row in rows]
        return cls(
            results=[ProductUpsertResult.of(row) for row in rows],
            created=outcomes.count(Outcome.CREATED),
            updated=outcomes.count(Outcome.UPDATED),
            unchanged=outcomes.count(Outcome.UNCHANGED),
        )


@strawberry.type
class BulkUpsertMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_bulk_upsert(
        self,
        info: Info,
        products: Annotated[
            list[ProductUpsertInput], strawberry.argument(description="The products; 250 at the most.")
        ],
        dry_run: Annotated[
            bool, strawberry.argument(description="Do all of it and take it back: only tell what would come of it.")
        ] = False,
        identified_by: Annotated[
            ProductIdentifier, strawberry.argument(description="What tells which product of the shop is meant.")
        ] = ProductIdentifier.HANDLE,
    ) -> ProductBulkUpsertPayload:
        """Make or change many products with their variants, prices and stock: all of them, or none if one is refused.

        For staff who manage the catalog.
        """
        rows = bulk_upsert.upsert(
            sent=inputs.meant(products, "products"),
            match=Match(identified_by.name),
            is_dry_run=dry_run,
            actor=info.context.actor,
        )
        return ProductBulkUpsertPayload.of(rows)
