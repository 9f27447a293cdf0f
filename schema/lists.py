"""Lists of products inside a category or a collection: their sort keys, their conditions, and the edge to them."""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import Annotated

import strawberry

from catalog import browsing, filters, lists
from catalog.browsing import ProductRow, ProductSort
from catalog.lists import RuleBased
from schema import conditions, loaders
from schema.conditions import ProductFilter
from schema.context import Context
from schema.pagination import After, Before, First, Last, Reverse
from shop.paging import Page, PageRequest


@strawberry.enum(
    description="Orders of the products of a list. Each has its natural direction; `reverse` turns it round."
)
class ProductCollectionSortKeys(Enum):
    COLLECTION_DEFAULT = strawberry.enum_value(
        "COLLECTION_DEFAULT",
        description="As the merchant arranged it; a category, and what rules find, shows best sellers first.",
    )
    MANUAL = strawberry.enum_value("MANUAL", description="As COLLECTION_DEFAULT.")
    BEST_SELLING = strawberry.enum_value("BEST_SELLING", description="Most units sold first.")
    CREATED = strawberry.enum_value("CREATED", description="Oldest first.")
    PRICE = strawberry.enum_value("PRICE", description="Lowest price first.")
    TITLE = strawberry.enum_value("TITLE", description="By title.")
    RELEVANCE = strawberry.enum_value("RELEVANCE", description="The default order: a list has no words to match.")
    ID = strawberry.enum_value("ID", description="In the order the products were made.")


_SORTS = {
    "COLLECTION_DEFAULT": None,
    "RELEVANCE": None,
    "MANUAL": ProductSort.MANUAL,
    "BEST_SELLING": ProductSort.BEST_SELLING,
    "CREATED": ProductSort.CREATED_AT,
    "PRICE": ProductSort.PRICE,
    "TITLE": ProductSort.TITLE,
    "ID": ProductSort.ID,
}


def products_of_list(
    context: Context,
    keys: Sequence[filters.ProductFilter | RuleBased],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
    filters: Annotated[
        list[ProductFilter] | None, strawberry.argument(description="Conditions; all must hold.")
    ] = None,
    sort_key: Annotated[
        ProductCollectionSortKeys | None, strawberry.argument(description="The order.")
    ] = ProductCollectionSortKeys.COLLECTION_DEFAULT,
    reverse: Reverse = False,
) -> list[Page[ProductRow]]:
    """A page of each list: a category's subtree, or a collection of products put into it or found by its rules."""
    shopper = loaders.shopper(context)
    narrowed = conditions.merged(shopper, filters or [])
    wanted = [
        replace(
            narrowed,
            category_path=one.category_path,
            collection_id=one.collection_id,
            rules=one.rules,
            any_rule=one.any_rule,
        )
        for one in lists.filters(keys)
    ]
    request = PageRequest(first, last, after, before)
    return browsing.products(
        shopper, wanted, request, _SORTS[sort_key.name] if sort_key else None, reverse=bool(reverse)
    )
