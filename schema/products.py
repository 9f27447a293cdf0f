"""Products: types and queries."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from accounts.staff import Permission
from catalog import browsing, finding, recommendations
from catalog.browsing import ProductRow, ProductSort
from catalog.details import OptionRow
from catalog.readings import Reading
from schema import choices, conditions, images, loaders, nodes
from schema.attributes import AttributeValue, attributes_of_product
from schema.conditions import ProductFilter
from schema.context import Info
from schema.edges import edge
from schema.facets import Filter, filters_of_page
from schema.fields import query
from schema.images import Image, Media
from schema.nodes import Node, gid
from schema.pagination import After, Before, Connection, CountedConnection, First, Last, Reverse
from schema.permissions import Staff
from schema.reviews import ProductRating, Review, rating_of_product, reviews_of_product
from schema.scalars import HTML, SEO, Color, MoneyV2
from schema.variants import ProductVariant
from shop.money import Money
from shop.paging import PageRequest

if TYPE_CHECKING:
    from schema.categories import Category


_RECOMMENDED = 10


@strawberry.enum(description="Whether shoppers see a product.")
class ProductStatus(Enum):
    DRAFT = strawberry.enum_value("DRAFT", description="Being prepared; shoppers do not see it.")
    ACTIVE = strawberry.enum_value("ACTIVE", description="For sale.")
    ARCHIVED = strawberry.enum_value("ARCHIVED", description="No longer sold; kept for the record.")


@strawberry.enum(description="Orders of a list of products. Each has its natural direction; `reverse` turns it round.")
class ProductSortKeys(Enum):
    RELEVANCE = strawberry.enum_value("RELEVANCE", description="Best match first; without a query, best sellers first.")
    BEST_SELLING = strawberry.enum_value("BEST_SELLING", description="Most units sold first.")
    CREATED_AT = strawberry.enum_value("CREATED_AT", description="Oldest first.")
    UPDATED_AT = strawberry.enum_value("UPDATED_AT", description="Longest unchanged first.")
    PRICE = strawberry.enum_value("PRICE", description="Lowest price first.")
    TITLE = strawberry.enum_value("TITLE", description="By title.")
    PRODUCT_TYPE = strawberry.enum_value("PRODUCT_TYPE", description="By product type.")
    VENDOR = strawberry.enum_value("VENDOR", description="By brand.")
    ID = strawberry.enum_value("ID", description="In the order they were made.")


@strawberry.type(description="Words that find something, in place of words that do not.")
class SearchCorrection:
    query: str = strawberry.field(description="What was typed, with the words in it that nothing has corrected.")
    is_applied: bool = strawberry.field(description="Whether what is shown was found by these words.")

    @classmethod
    def of(cls, reading: Reading) -> "SearchCorrection | None":
        return None if reading.corrected is None else cls(query=reading.corrected, is_applied=True)


@strawberry.type(description="The lowest and the highest price of a product's variants.")
class ProductPriceRange:
    min_variant_price: MoneyV2 = strawberry.field(description="The cheapest variant's price.")
    max_variant_price: MoneyV2 = strawberry.field(description="The dearest variant's price.")


@strawberry.type(description="What shows an option value instead of its name.")
class ProductOptionValueSwatch:
    color: Color | None = strawberry.field(description="A color.")
    image: Media | None = strawberry.field(description="A picture.")


@strawberry.type(description="One value of an option, such as M.")
class ProductOptionValue:
    name: str = strawberry.field(description="The value as shoppers see it.")
    swatch: ProductOptionValueSwatch | None = strawberry.field(
        default=None, description="A color or picture of the value; null where the merchant keeps none."
    )
    first_selectable_variant: ProductVariant | None = edge(
        choices.first_variant_of_value,
        key="place",
        description="The variant with this value and the earliest values of the other options.",
    )
    place: strawberry.Private[tuple[int, int, str]]


@strawberry.type(description="A choice a shopper makes, such as Size.")
class ProductOption:
    id: strawberry.ID = strawberry.field(description="The option's id.")
    name: str = strawberry.field(description="What is chosen.")
    option_values: list[ProductOptionValue] = strawberry.field(description="The values, in the merchant's order.")
    values: list[str] = strawberry.field(
        description="The values' names.", deprecation_reason="Use `optionValues { name }`."
    )

    @classmethod
    def of(cls, row: OptionRow) -> "ProductOption":
        return cls(
            id=gid("ProductOption", row.key),
            name=row.name,
            option_values=[
                ProductOptionValue(name=value, place=(row.product_id, row.place, value)) for value in row.values
            ],
            values=row.values,
        )


@strawberry.type(description="Something the shop sells. What can be bought are its variants.")
class Product(Node):
    handle: str = strawberry.field(description="The product's name in URLs, unique among products.")
    title: str = strawberry.field(description="The product's name.")
    description_html: HTML = strawberry.field(description="The description in safe HTML.")
    description: str = edge(
        loaders.description_of_product, key="description_html", description="The description as plain text."
    )
    vendor: str = strawberry.field(description="The brand; empty where none is named.")
    product_type: str = strawberry.field(description="The merchant's own word for the kind of product; may be empty.")
    tags: list[str] = strawberry.field(description="The merchant's labels.")
    seo: SEO = strawberry.field(description="What search engines are told.")
    available_for_sale: bool = strawberry.field(description="Whether at least one variant can be bought now.")
    price_range: ProductPriceRange = strawberry.field(description="Prices over all variants, in the context currency.")
    featured_image: Image = strawberry.field(description="The first picture, or a placeholder.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    published_at: datetime = strawberry.field(
        description="When it was first offered for sale; if never, when it was made."
    )
    tracking_parameters: str | None = strawberry.field(
        default=None, description="Always null: searches are not tracked.", deprecation_reason="Nothing is tracked."
    )
    status: ProductStatus = strawberry.field(
        description="Draft, active or archived. Staff only.", permission_classes=[Staff(Permission.MANAGE_CATALOG)]
    )
    options: list[ProductOption] = edge(
        loaders.options_of_product,
        description='The choices to make; a product without any has one called "Title".',
    )
    variants: Connection[ProductVariant] = edge(
        loaders.variants_of_product, description="What can be bought, in the merchant's order."
    )
    selected_or_first_available_variant: ProductVariant | None = edge(
        choices.selected_variant_of_product,
        description="The variant selected, else the first that can be bought, else the first; null without variants.",
    )
    adjacent_variants: list[ProductVariant] = edge(
        choices.adjacent_variants_of_product,
        description="The variants that differ from the selected one in exactly one option.",
    )
    encoded_variant_existence: str | None = edge(
        choices.existing_choices_of_product,
        description="Which combinations of option values exist: `v1_` and a trie of the places of the values. A colon "
        "leads to the next option, a space to the next value, a comma back to the option before.",
    )
    encoded_variant_availability: str | None = edge(
        choices.available_choices_of_product,
        description="Which combinations of option values can be bought now, written as in `encodedVariantExistence`.",
    )
    images: Connection[Image] = edge(loaders.images_of_product, description="The pictures, in the merchant's order.")
    category: Annotated["Category", strawberry.lazy("schema.categories")] | None = edge(
        loaders.categories, key="category_id", description="Where it stands in the tree of categories."
    )
    attributes: list[AttributeValue] = edge(
        attributes_of_product,
        description="What it is, in the order of its category's attributes; those without a value are left out.",
    )
    rating: ProductRating = edge(rating_of_product, description="What its approved reviews come to.")
    reviews: CountedConnection[Review] = edge(
        reviews_of_product, description="What customers say of it: approved reviews."
    )
    pk: strawberry.Private[int]
    category_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: ProductRow) -> "Product":
        low = MoneyV2.of(Money.rounded(row.price_min or Decimal(0), row.currency))
        high = (
            low
            if row.price_max == row.price_min
            else MoneyV2.of(Money.rounded(row.price_max or Decimal(0), row.currency))
        )
        picture = images.from_texts(row.picture)
        return cls(
            id=gid("Product", row.pk),
            handle=row.handle,
            title=row.title,
            description_html=HTML(row.description_html),
            vendor=row.vendor or "",
            product_type=row.product_type,
            tags=row.tags,
            seo=SEO.of(row.seo_title, row.seo_description),
            available_for_sale=bool(row.is_in_stock),
            price_range=ProductPriceRange(min_variant_price=low, max_variant_price=high),
            featured_image=picture or images.placeholder(row.title),
            created_at=row.created_at,
            updated_at=row.updated_at,
            published_at=row.published_at or row.created_at,
            status=ProductStatus[row.status],
            pk=row.pk,
            category_id=row.category_id,
        )


@strawberry.type(description="A page of a list of products.")
class ProductConnection(CountedConnection[Product]):
    filters: list[Filter] = edge(
        filters_of_page, key="page", description="By what the list can be narrowed, with exact counts."
    )
    did_you_mean: SearchCorrection | None = strawberry.field(
        default=None, description="What the words were corrected to; null where they were not."
    )
    is_relaxed: bool = strawberry.field(
        default=False, description="Whether no product has all the words, and these have most of them."
    )


@strawberry.type
class ProductQueries:
    @query
    def product(
        self,
        info: Info,
        handle: Annotated[str | None, strawberry.argument(description="The product's name in URLs.")] = None,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The product's id.")] = None,
    ) -> Product | None:
        """The product with this handle or id; null where none is for sale under it."""
        shopper = loaders.shopper(info.context)
        if id is not None:
            key = nodes.number(id, "Product")
            row = browsing.products_by_id(shopper, [key]).get(key)
        else:
            row = browsing.product(shopper, handle or "")
        return Product.of(row) if row else None

    @query(deprecation_reason="Use `product(handle)`.")
    def product_by_handle(
        self, info: Info, handle: Annotated[str, strawberry.argument(description="The product's name in URLs.")]
    ) -> Product | None:
        """The product with this handle."""
        row = browsing.product(loaders.shopper(info.context), handle)
        return Product.of(row) if row else None

    @query
    def product_recommendations(
        self,
        info: Info,
        product_id: Annotated[strawberry.ID | None, strawberry.argument(description="The product looked at.")] = None,
    ) -> list[Product]:
        """Up to ten products to show beside this one: of its category, brand or tags, what can be bought now first."""
        key = nodes.number_if_any(product_id, "Product")
        rows = [] if key is None else recommendations.beside(loaders.shopper(info.context), key, _RECOMMENDED)
        return [Product.of(row) for row in rows]

    @query
    def products(
        self,
        info: Info,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        query: Annotated[
            str | None,
            strawberry.argument(
                description="Words to find in title, brand, type, tags, sku and description; the last letters may be "
                "missing, and inflections do not matter. A minus before a word excludes it. Conditions may stand among "
                'the words: `tag:x`, `vendor:"Y"`, `product_type:z`, `available_for_sale:true`, '
                "`variants.price:>10`."
            ),
        ] = None,
        filters: Annotated[
            list[ProductFilter] | None, strawberry.argument(description="Conditions; all must hold.")
        ] = None,
        sort_key: Annotated[ProductSortKeys | None, strawberry.argument(description="The order.")] = ProductSortKeys.ID,
        reverse: Reverse = False,
    ) -> ProductConnection:
        """The products for sale.

        Words that find nothing are corrected; where no product has them all, those with most of them are shown.
        """
        request = PageRequest(first, last, after, before)
        shopper = loaders.shopper(info.context)
        wanted = conditions.merged(shopper, filters or [])
        sort = ProductSort[sort_key.name] if sort_key else ProductSort.ID
        page, reading = finding.products(shopper, query or "", wanted, request, sort, reverse=bool(reverse))
        found = ProductConnection.of(page, Product.of)
        found.did_you_mean, found.is_relaxed = SearchCorrection.of(reading), reading.is_relaxed
        return found
