"""The tree of categories and its price facts: types and queries."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Optional

import strawberry

from accounts.staff import Permission
from catalog import facts, lists
from catalog.lists import CategoryRow
from schema import images, loaders, nodes
from schema.attributes import CategoryAttribute, attributes_of_category
from schema.classes import ShippingClass, TaxClass, classes_of_category
from schema.context import Context, Info
from schema.edges import edge
from schema.fields import query
from schema.images import Image
from schema.lists import products_of_list
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import Staff
from schema.products import ProductConnection
from schema.scalars import SEO, MoneyV2
from shop.money import Money
from shop.paging import PageRequest


@strawberry.type(description="How many products cost at least `min` and less than `max`.")
class PriceBucket:
    min: MoneyV2 = strawberry.field(description="Where the bucket begins.")
    max: MoneyV2 | None = strawberry.field(description="Where it ends; null for the last, which has no end.")
    product_count: int = strawberry.field(description="Products in it.")


def _buckets(histogram: facts.Histogram) -> list[PriceBucket]:
    def money(amount: Decimal) -> MoneyV2:
        return MoneyV2.of(Money.rounded(amount, histogram.facts.currency))

    return [
        PriceBucket(
            min=money(bucket.low),
            max=None if bucket.high is None else money(bucket.high),
            product_count=bucket.product_count,
        )
        for bucket in histogram.buckets
    ]


def _median(histogram: facts.Histogram) -> MoneyV2 | None:
    return None if histogram.median is None else MoneyV2.of(histogram.median)


@strawberry.type(
    description="Facts about the products a shopper may see in a category and below it, each with the price of its "
    "cheapest variant in the context currency. Exact as of the last committed change; never recounted on reading."
)
class CategoryFacts:
    product_count: int = strawberry.field(description="Products.")
    in_stock_count: int = strawberry.field(description="Products that can be bought now.")
    on_sale_count: int = strawberry.field(description="Products with a reduced price.")
    price_min: MoneyV2 | None = strawberry.field(description="The lowest price; null without products.")
    price_max: MoneyV2 | None = strawberry.field(description="The highest price; null without products.")
    price_average: MoneyV2 | None = strawberry.field(
        description="The mean price, rounded half up; null without products."
    )
    price_median: MoneyV2 | None = edge(
        loaders.histogram_of_category,
        key="row",
        convert=_median,
        description="The median price as read from the histogram: exact to the bucket, interpolated within it.",
    )
    histogram: list[PriceBucket] = edge(
        loaders.histogram_of_category,
        key="row",
        convert=_buckets,
        description="Products by price, cheapest first; empty buckets are left out.",
    )
    row: strawberry.Private[facts.Facts]

    @classmethod
    def of(cls, row: facts.Facts) -> "CategoryFacts":
        def money(amount: Decimal | None) -> MoneyV2 | None:
            return None if amount is None else MoneyV2.of(Money.rounded(amount, row.currency))

        average = row.price_average
        return cls(
            product_count=row.product_count,
            in_stock_count=row.in_stock_count,
            on_sale_count=row.on_sale_count,
            price_min=money(row.price_min),
            price_max=money(row.price_max),
            price_average=None if average is None else MoneyV2.of(average),
            row=row,
        )


@strawberry.type(description="What the rules of a category and of those above it come to: the nearest decides.")
class CategoryRules:
    max_quantity: int | None = strawberry.field(
        description="The most units of one variant that an order may have; null where no rule says."
    )
    tax_class: TaxClass | None = edge(
        classes_of_category,
        key="category_id",
        convert=lambda found: found.effective_tax and TaxClass.of(found.effective_tax),
        description="How its goods are taxed; null for the standard rate.",
    )
    shipping_class: ShippingClass | None = edge(
        classes_of_category,
        key="category_id",
        convert=lambda found: found.effective_shipping and ShippingClass.of(found.effective_shipping),
        description="How its goods are sent; null where every method may.",
    )
    category_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: CategoryRow) -> "CategoryRules":
        return cls(max_quantity=row.effective_max_quantity, category_id=row.pk)


def _rules(_: Context, keys: Sequence[CategoryRow]) -> Sequence[CategoryRow]:
    """Made of the row, and only where somebody asks: a tree has thousands of categories."""
    return keys


@strawberry.type(description="A node of the tree of categories. Every product stands in one category.")
class Category(Node):
    handle: str = strawberry.field(description="The category's name in URLs, unique among categories and collections.")
    title: str = strawberry.field(description="The category's name.")
    description: str = strawberry.field(description="What is found here, as plain text.")
    seo: SEO = strawberry.field(description="What search engines are told.")
    image: Image | None = strawberry.field(description="A picture for the category, if it has one.")
    level: int = strawberry.field(description="How deep it lies: 1 for a root.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    max_quantity: int | None = strawberry.field(
        description="Its own rule: the most units of one variant of its products that an order may have."
    )
    tax_class: TaxClass | None = edge(
        classes_of_category,
        convert=lambda found: found.tax and TaxClass.of(found.tax),
        description="Its own rule: how its goods are taxed.",
    )
    shipping_class: ShippingClass | None = edge(
        classes_of_category,
        convert=lambda found: found.shipping and ShippingClass.of(found.shipping),
        description="Its own rule: how its goods are sent.",
    )
    effective_rules: CategoryRules = edge(
        _rules,
        key="row",
        description="What holds for its products: its own rules, or those of the nearest category above.",
    )
    is_active: bool = strawberry.field(
        description="Whether its branch is shown to shoppers. Staff only.",
        permission_classes=[Staff(Permission.MANAGE_CATALOG)],
    )
    parent: Optional["Category"] = edge(
        loaders.parent_of_category, key="row", description="The category above; null for a root."
    )
    ancestors: list["Category"] = edge(
        loaders.ancestors_of_category, key="row", description="The categories above, root first: the breadcrumbs."
    )
    children: list["Category"] = edge(
        loaders.children_of_category, key="row", description="The categories directly below, in the merchant's order."
    )
    attributes: list[CategoryAttribute] = edge(
        attributes_of_category,
        key="row.path",
        description="What products here are described by: what the categories above give comes first, root first.",
    )
    facts: CategoryFacts = edge(
        loaders.facts_of_category, description="Counts and prices of the products here and below."
    )
    products: ProductConnection = edge(products_of_list, key="row.products", description="The products here and below.")
    pk: strawberry.Private[int]
    row: strawberry.Private[CategoryRow]

    @classmethod
    def of(cls, row: CategoryRow) -> "Category":
        return cls(
            id=gid("Category", row.pk),
            handle=row.handle,
            title=row.title,
            description=row.description,
            seo=SEO.of(row.seo_title, row.seo_description),
            image=images.at(row.image_src, row.image_alt, row.image_width, row.image_height),
            level=row.depth,
            updated_at=row.updated_at,
            max_quantity=row.max_quantity,
            is_active=row.is_active,
            pk=row.pk,
            row=row,
        )


@strawberry.type
class CategoryQueries:
    @query
    def category(
        self,
        info: Info,
        handle: Annotated[str | None, strawberry.argument(description="The category's name in URLs.")] = None,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The category's id.")] = None,
    ) -> Category | None:
        """The category with this handle or id; null where shoppers see none under it."""
        shopper = loaders.shopper(info.context)
        if id is not None:
            key = nodes.number(id, "Category")
            row = lists.categories_by_id(shopper, [key]).get(key)
        else:
            row = lists.category(shopper, handle or "")
        return Category.of(row) if row else None

    @query
    def categories(
        self,
        info: Info,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        roots_only: Annotated[bool, strawberry.argument(description="Only the categories without a parent.")] = True,
    ) -> CountedConnection[Category]:
        """The tree of categories in its order, a category before its children."""
        request = PageRequest(first, last, after, before)
        page = lists.categories(loaders.shopper(info.context), request, roots_only=roots_only)
        return CountedConnection.of(page, Category.of)
