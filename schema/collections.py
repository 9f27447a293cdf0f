"""Collections: curated lists of products, and categories for storefronts that know no tree."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from django.utils.html import linebreaks

from accounts.staff import Permission
from catalog import lists, rules
from catalog.lists import CollectionRow, CollectionSort, RuleBased
from catalog.rules import RuleRow
from schema import images, loaders, nodes
from schema.categories import Category
from schema.context import Context, Info
from schema.edges import edge
from schema.fields import query
from schema.images import Image
from schema.lists import products_of_list
from schema.nodes import Node, gid
from schema.pagination import After, Before, Connection, First, Last, Reverse
from schema.permissions import Staff
from schema.products import ProductConnection
from schema.scalars import HTML, SEO, MoneyV2
from shop.money import Money
from shop.paging import PageRequest


@strawberry.enum(description="Orders of a list of collections.")
class CollectionSortKeys(Enum):
    ID = strawberry.enum_value("ID", description="Curated collections first, then categories; each as they were made.")
    TITLE = strawberry.enum_value("TITLE", description="By title.")
    UPDATED_AT = strawberry.enum_value("UPDATED_AT", description="Longest unchanged first.")
    RELEVANCE = strawberry.enum_value("RELEVANCE", description="As ID: there are no words to match.")


_SORTS = {
    "ID": CollectionSort.ID,
    "TITLE": CollectionSort.TITLE,
    "UPDATED_AT": CollectionSort.UPDATED_AT,
    "RELEVANCE": CollectionSort.ID,
}


@strawberry.enum(description="How many of a collection's rules a product has to satisfy.")
class CollectionRuleMatch(Enum):
    ALL = strawberry.enum_value("ALL", description="Every rule.")
    ANY = strawberry.enum_value("ANY", description="One rule at least.")


@strawberry.type(description="A price range in one currency; either end may be open.")
class CollectionRulePrice:
    min: MoneyV2 | None = strawberry.field(description="The lowest price; null for an open end.")
    max: MoneyV2 | None = strawberry.field(description="The highest price; null for an open end.")


@strawberry.type(description="A condition that finds products for a collection: exactly one of its fields is not null.")
class CollectionRule:
    category: Category | None = edge(
        loaders.categories, key="category_id", description="In this category or anywhere below it."
    )
    tag: str | None = strawberry.field(description="Labelled so, letter for letter.")
    brand: str | None = strawberry.field(description="Of the brand of this name.")
    price: CollectionRulePrice | None = strawberry.field(
        description="With a variant in this price range, whatever currency is looked at."
    )
    on_sale: bool | None = strawberry.field(
        description="With a price that is reduced in the currency looked at, or without."
    )
    published_within_days: int | None = strawberry.field(
        description="First offered for sale at most so many times 24 hours ago."
    )
    category_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, row: RuleRow) -> "CollectionRule":
        return cls(
            category_id=row.category_id,
            tag=row.tag or None,
            brand=row.brand,
            price=_price_of(row) if row.currency else None,
            on_sale=row.is_on_sale,
            published_within_days=row.within_days,
        )


def _price_of(row: RuleRow) -> CollectionRulePrice:
    ends = [None if end is None else Money.rounded(end, row.currency) for end in (row.price_min, row.price_max)]
    low, high = [None if end is None else MoneyV2.of(end) for end in ends]
    return CollectionRulePrice(min=low, max=high)


@strawberry.type(description="The rules that find the products of a collection, anew each time it is looked at.")
class CollectionRuleSet:
    match: CollectionRuleMatch = strawberry.field(description="Whether a product has to satisfy all of them or any.")
    rules: list[CollectionRule] = strawberry.field(description="The rules, in the order they were given in.")

    @classmethod
    def of(cls, found: tuple[str, list[RuleRow]]) -> "CollectionRuleSet":
        match, rows = found
        return cls(match=CollectionRuleMatch[match], rules=[CollectionRule.of(row) for row in rows])


def rule_set_of_collection(context: Context, keys: Sequence[RuleBased]) -> list[tuple[str, list[RuleRow]]]:
    found = rules.of_collections([key.collection_id for key in keys])
    return [(key.match, found[key.collection_id]) for key in keys]


@strawberry.type(
    description="Products that a merchant put together or that rules find, or a category shown as a collection of all "
    "products below it."
)
class Collection(Node):
    handle: str = strawberry.field(description="Its name in URLs, unique among collections and categories.")
    title: str = strawberry.field(description="Its name.")
    description: str = strawberry.field(description="What is found here, as plain text.")
    description_html: HTML = strawberry.field(description="What is found here, in safe HTML.")
    seo: SEO = strawberry.field(description="What search engines are told.")
    image: Image | None = strawberry.field(description="A picture for the collection, if it has one.")
    is_active: bool = strawberry.field(
        description="Whether shoppers see it. Staff only.", permission_classes=[Staff(Permission.MANAGE_CATALOG)]
    )
    updated_at: datetime = strawberry.field(description="When it last changed.")
    tracking_parameters: str | None = strawberry.field(
        default=None, description="Always null: searches are not tracked.", deprecation_reason="Nothing is tracked."
    )
    products: ProductConnection = edge(
        products_of_list,
        key="row.products",
        description="Its products, by default in the merchant's order; what rules find shows best sellers first.",
    )
    rule_set: CollectionRuleSet | None = edge(
        rule_set_of_collection,
        key="rules_key",
        description="The rules that find its products; null where they are put in by hand. Staff only.",
        permission_classes=[Staff(Permission.MANAGE_CATALOG)],
    )
    row: strawberry.Private[CollectionRow]
    rules_key: strawberry.Private[RuleBased | None]

    @classmethod
    def of(cls, row: CollectionRow) -> "Collection":
        return cls(
            id=gid("Collection", row.place),
            handle=row.handle,
            title=row.title,
            description=row.description,
            description_html=HTML(linebreaks(row.description, autoescape=True)),
            seo=SEO.of(row.seo_title, row.seo_description),
            image=images.at(row.image_src, row.image_alt, row.image_width, row.image_height),
            is_active=row.is_active,
            updated_at=row.updated_at,
            row=row,
            rules_key=row.products if isinstance(row.products, RuleBased) else None,
        )


@strawberry.type
class CollectionQueries:
    @query
    def collection(
        self,
        info: Info,
        handle: Annotated[str | None, strawberry.argument(description="Its name in URLs.")] = None,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id.")] = None,
    ) -> Collection | None:
        """The collection with this handle or id, categories included; null where shoppers see none under it."""
        if id is not None:
            [row] = loaders.collections(info.context, [nodes.number(id, "Collection")])
        else:
            row = lists.collection(loaders.shopper(info.context), handle or "")
        return Collection.of(row) if row else None

    @query(deprecation_reason="Use `collection(handle)`.")
    def collection_by_handle(
        self,
        info: Info,
        handle: Annotated[str, strawberry.argument(description="Its name in URLs.")],
    ) -> Collection | None:
        """The collection with this handle."""
        row = lists.collection(loaders.shopper(info.context), handle)
        return Collection.of(row) if row else None

    @query
    def collections(
        self,
        info: Info,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        reverse: Reverse = False,
        sort_key: Annotated[
            CollectionSortKeys | None, strawberry.argument(description="The order.")
        ] = CollectionSortKeys.ID,
    ) -> Connection[Collection]:
        """Curated collections and categories in one list."""
        request = PageRequest(first, last, after, before)
        sort = _SORTS[sort_key.name] if sort_key else CollectionSort.ID
        page = lists.collections(loaders.shopper(info.context), request, sort, reverse=bool(reverse))
        return Connection.of(page, Collection.of)
