"""Collections: curated lists of products, and categories for storefronts that know no tree."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from django.utils.html import linebreaks

from catalog import browsing, lists
from catalog.lists import CollectionRow, CollectionSort
from schema import images, loaders, nodes
from schema.context import Info
from schema.edges import edge
from schema.fields import query
from schema.images import Image
from schema.lists import products_of_list
from schema.nodes import Node, gid
from schema.pagination import After, Before, Connection, CountedConnection, First, Last, Reverse
from schema.products import Product
from schema.scalars import HTML, SEO
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


@strawberry.type(
    description="Products that a merchant put together, or a category shown as a collection of all products below it."
)
class Collection(Node):
    handle: str = strawberry.field(description="Its name in URLs, unique among collections and categories.")
    title: str = strawberry.field(description="Its name.")
    description: str = strawberry.field(description="What is found here, as plain text.")
    description_html: HTML = strawberry.field(description="What is found here, in safe HTML.")
    seo: SEO = strawberry.field(description="What search engines are told.")
    image: Image | None = strawberry.field(description="A picture for the collection, if it has one.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    tracking_parameters: str | None = strawberry.field(
        default=None, description="Always null: searches are not tracked.", deprecation_reason="Nothing is tracked."
    )
    products: CountedConnection[Product] = edge(
        products_of_list, key="list_filter", description="Its products, by default in the merchant's order."
    )
    list_filter: strawberry.Private[browsing.ProductFilter]

    @classmethod
    def of(cls, row: CollectionRow) -> "Collection":
        return cls(
            id=gid("Collection", row.place),
            handle=row.handle,
            title=row.title,
            description=row.description,
            description_html=HTML(linebreaks(row.description, autoescape=True)),
            seo=SEO(title=row.seo_title or None, description=row.seo_description or None),
            image=images.at(row.image_src, row.image_alt),
            updated_at=row.updated_at,
            list_filter=row.products,
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
