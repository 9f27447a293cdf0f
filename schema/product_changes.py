"""Changing products and their variants: inputs, payloads and mutations, for staff who keep the catalog."""

from decimal import Decimal
from typing import Annotated, Any, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import attribute_values, handles, products, uploads, variants
from catalog.products import NewProduct, ProductFields
from catalog.variants import VariantFields
from schema import codes, errors, loaders, nodes
from schema.attribute_inputs import AttributeValueInput
from schema.choices import SelectedOptionInput
from schema.context import Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.inputs import ImageInput, SEOInput, given
from schema.permissions import Staff
from schema.products import Product, ProductStatus
from schema.variants import ProductVariant
from shop.errors import Refusal

ProductErrorCode = errors.code_enum(
    "ProductErrorCode", "a product", errors.codes_of(products, attribute_values, variants, handles, uploads)
)


@strawberry.type(description="Why a product or a variant was not made or changed.")
class ProductUserError(DisplayableError):
    code: ProductErrorCode = strawberry.field(description="The reason, for programs.")  # type: ignore[valid-type]

    @classmethod
    def of(cls, refusal: Refusal) -> "ProductUserError":
        return cls(**errors.parts(refusal, ProductErrorCode))


@strawberry.input(description="A choice to offer, such as Size.")
class ProductOptionInput:
    name: str = strawberry.field(
        description="What is chosen, at most 100 characters; no other option of the product has it, capitals aside."
    )
    values: list[str] = strawberry.field(
        description="What there is to choose from, in the order to show it; at least one variant has each. "
        "At most 150 characters each."
    )


@strawberry.input(description="A variant to make.")
class ProductVariantInput:
    sku: str = strawberry.field(description="The stock keeping unit, unique in the shop; at most 255 characters.")
    price: Decimal = strawberry.field(
        description="What one costs: zero or more, with no more decimals than the currency has."
    )
    compare_at_price: Decimal | None = strawberry.field(
        default=UNSET, description="The price it is reduced from; shoppers see it where it is above the price."
    )
    currency: codes.CurrencyCode | None = strawberry.field(
        default=UNSET, description="The currency of both prices; the shop's own where it is left out."
    )
    option_values: list[SelectedOptionInput] | None = strawberry.field(
        default=UNSET, description="A value for each option of the product; no two variants have the same."
    )
    barcode: str | None = strawberry.field(default=UNSET, description="GTIN, EAN or ISBN; at most 50 characters.")
    weight_grams: int | None = strawberry.field(default=UNSET, description="Weight in grams; 0 where it is left out.")
    requires_shipping: bool | None = strawberry.field(
        default=UNSET, description="Whether it is sent in a parcel; it is unless this is false."
    )
    is_gift_card: bool | None = strawberry.field(
        default=UNSET,
        description="Whether each unit sold is a gift card worth its price, mailed to the buyer once it is paid. "
        "Then it is not sent in a parcel, unless `requiresShipping` says so.",
    )
    inventory_quantity: int | None = strawberry.field(
        default=UNSET, description="Units on hand to begin with; 0 where it is left out."
    )
    attributes: list[AttributeValueInput] | None = strawberry.field(
        default=UNSET, description="What it is where it differs from the product: values of attributes, at most 250."
    )


@strawberry.input(description="A picture of a product.")
class ProductImageInput(ImageInput):
    width: int | None = strawberry.field(
        default=UNSET, description="Width in pixels, where known; that of a file is seen."
    )
    height: int | None = strawberry.field(
        default=UNSET, description="Height in pixels, where known; that of a file is seen."
    )


@strawberry.input(description="A product to make. Limits: 3 options, 250 variants, 250 pictures, 250 tags.")
class ProductCreateInput:
    title: str = strawberry.field(description="Its name, on one line of at most 255 characters.")
    category_id: strawberry.ID = strawberry.field(description="Where it stands in the tree of categories.")
    variants: list[ProductVariantInput] = strawberry.field(
        description="What can be bought, in the order to show it: exactly one without options."
    )
    handle: str | None = strawberry.field(
        default=UNSET,
        description="Its name in URLs, unique among products: lower-case letters and digits with hyphens between them. "
        "Made from the title where it is left out.",
    )
    description_html: str | None = strawberry.field(
        default=UNSET,
        description="The description in HTML, at most 100,000 characters; scripts and handlers are removed, and plain "
        "text gets paragraphs.",
    )
    vendor: str | None = strawberry.field(
        default=UNSET, description="The brand, at most 255 characters; made if the shop does not know it."
    )
    product_type: str | None = strawberry.field(
        default=UNSET, description="Your own word for the kind of product, at most 255 characters."
    )
    tags: list[str] | None = strawberry.field(
        default=UNSET, description="Your own labels, at most 255 characters each."
    )
    seo: SEOInput | None = strawberry.field(default=UNSET, description="What search engines are to be told.")
    status: ProductStatus | None = strawberry.field(
        default=UNSET, description="Whether shoppers see it; a draft where it is left out."
    )
    options: list[ProductOptionInput] | None = strawberry.field(
        default=UNSET, description="The choices to offer, in order; none for a product that comes in one way."
    )
    images: list[ProductImageInput] | None = strawberry.field(
        default=UNSET, description="The pictures, in order; the first stands for the product in lists."
    )
    attributes: list[AttributeValueInput] | None = strawberry.field(
        default=UNSET, description="What it is: values of attributes that its category has, at most 250."
    )

    def to_domain(self) -> NewProduct:
        fields: dict[str, Any] = given(self)
        fields["category_id"] = nodes.number(self.category_id, "Category", "product", "category_id")
        return cast(NewProduct, fields)


@strawberry.input(
    description="What is to change of a product. What is left out stays; null puts a field back to its default."
)
class ProductUpdateInput:
    title: str | None = strawberry.field(
        default=UNSET, description="Its name, on one line of at most 255 characters; it cannot be empty."
    )
    handle: str | None = strawberry.field(
        default=UNSET,
        description="Its name in URLs, unique among products; null makes one from the title. The old "
        "address leads to the new one.",
    )
    category_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The category to move it to; it cannot be null."
    )
    description_html: str | None = strawberry.field(
        default=UNSET,
        description="The description in HTML, at most 100,000 characters; scripts and handlers are removed, and plain "
        "text gets paragraphs.",
    )
    vendor: str | None = strawberry.field(
        default=UNSET, description="The brand, at most 255 characters; made if the shop does not know it."
    )
    product_type: str | None = strawberry.field(
        default=UNSET, description="Your own word for the kind of product, at most 255 characters."
    )
    tags: list[str] | None = strawberry.field(
        default=UNSET, description="Your own labels, in place of those it has; at most 250 of 255 characters each."
    )
    seo: SEOInput | None = strawberry.field(default=UNSET, description="What search engines are to be told.")
    attributes: list[AttributeValueInput] | None = strawberry.field(
        default=UNSET, description="What it is: values of attributes, at most 250; those not named stay."
    )

    def to_domain(self) -> ProductFields:
        fields: dict[str, Any] = given(self)
        if isinstance(self.category_id, str):
            fields["category_id"] = nodes.number(self.category_id, "Category", "product", "category_id")
        return cast(ProductFields, fields)


@strawberry.input(
    description="What is to change of a variant. What is left out stays; null puts a field back to its default."
)
class ProductVariantUpdateInput:
    sku: str | None = strawberry.field(
        default=UNSET, description="The stock keeping unit, unique in the shop; it cannot be empty."
    )
    price: Decimal | None = strawberry.field(
        default=UNSET,
        description="What one costs: zero or more, with no more decimals than the currency has; it cannot be null.",
    )
    compare_at_price: Decimal | None = strawberry.field(
        default=UNSET, description="The price it is reduced from; null where it is reduced no more."
    )
    currency: codes.CurrencyCode | None = strawberry.field(
        default=UNSET,
        description="The currency of both prices; the shop's own where it is left out. Prices in others stay.",
    )
    barcode: str | None = strawberry.field(default=UNSET, description="GTIN, EAN or ISBN; at most 50 characters.")
    weight_grams: int | None = strawberry.field(default=UNSET, description="Weight in grams.")
    requires_shipping: bool | None = strawberry.field(default=UNSET, description="Whether it is sent in a parcel.")
    is_gift_card: bool | None = strawberry.field(
        default=UNSET,
        description="Whether each unit sold is a gift card worth its price; true makes it need no parcel too, unless "
        "`requiresShipping` says otherwise.",
    )

    def to_domain(self) -> VariantFields:
        return cast(VariantFields, given(self))


@strawberry.type(description="What became of `productCreate`.")
class ProductCreatePayload:
    product: Product | None = edge(
        loaders.products, key="product_id", description="The new product; null where it was refused."
    )
    user_errors: list[ProductUserError] = strawberry.field(
        default_factory=list, description="Why nothing was made; empty when all went well."
    )
    product_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `productUpdate`.")
class ProductUpdatePayload:
    product: Product | None = edge(
        loaders.products, key="product_id", description="The product as it is now; null where this was refused."
    )
    user_errors: list[ProductUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    product_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `productPublish`.")
class ProductPublishPayload:
    product: Product | None = edge(
        loaders.products, key="product_id", description="The product, now for sale; null where this was refused."
    )
    user_errors: list[ProductUserError] = strawberry.field(
        default_factory=list, description="Why it is not for sale; empty when all went well."
    )
    product_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `productArchive`.")
class ProductArchivePayload:
    product: Product | None = edge(
        loaders.products, key="product_id", description="The product, now archived; null where this was refused."
    )
    user_errors: list[ProductUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    product_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `productVariantUpdate`.")
class ProductVariantUpdatePayload:
    product_variant: ProductVariant | None = edge(
        loaders.variants, key="variant_id", description="The variant as it is now; null where this was refused."
    )
    user_errors: list[ProductUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    variant_id: strawberry.Private[int | None] = None


@strawberry.type
class ProductMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_create(
        self,
        info: Info,
        product: Annotated[ProductCreateInput, strawberry.argument(description="The product to make.")],
    ) -> ProductCreatePayload:
        """Make a product with its options, variants, opening stock and pictures. For staff who manage the catalog."""
        made = products.create(product=product.to_domain(), actor=info.context.actor)
        return ProductCreatePayload(product_id=made.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_update(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The product to change.")],
        product: Annotated[ProductUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> ProductUpdatePayload:
        """Change what is said of a product, or move it to another category. For staff who manage the catalog."""
        changed = products.update(product_id=nodes.number(id, "Product", "id"), product=product.to_domain())
        return ProductUpdatePayload(product_id=changed.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_publish(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The product to offer for sale.")]
    ) -> ProductPublishPayload:
        """Offer a product for sale. For staff who manage the catalog."""
        published = products.publish(product_id=nodes.number(id, "Product", "id"))
        return ProductPublishPayload(product_id=published.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_archive(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The product to take off sale.")]
    ) -> ProductArchivePayload:
        """Take a product off sale and keep it for the record. For staff who manage the catalog."""
        archived = products.archive(product_id=nodes.number(id, "Product", "id"))
        return ProductArchivePayload(product_id=archived.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_variant_update(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The variant to change.")],
        variant: Annotated[ProductVariantUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> ProductVariantUpdatePayload:
        """Change a variant, and its price in one currency. For staff who manage the catalog."""
        key = nodes.number(id, "ProductVariant", "id")
        changed = variants.update(variant_id=key, variant=variant.to_domain())
        return ProductVariantUpdatePayload(variant_id=changed.pk)
