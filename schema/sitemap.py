"""The sitemap: what storefronts tell search engines to visit."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from catalog import sitemap
from schema import loaders
from schema.context import Context
from schema.edges import edge
from schema.fields import query


@strawberry.enum(description="Kinds of things in a sitemap.")
class SitemapType(Enum):
    PRODUCT = strawberry.enum_value("PRODUCT", description="Products for sale.")
    COLLECTION = strawberry.enum_value("COLLECTION", description="Collections and categories.")
    PAGE = strawberry.enum_value("PAGE", description="Published pages.")
    ARTICLE = strawberry.enum_value("ARTICLE", description="Articles: there are none.")
    BLOG = strawberry.enum_value("BLOG", description="Blogs: there are none.")
    METAOBJECT = strawberry.enum_value("METAOBJECT", description="Objects of a free kind: there are none.")


@strawberry.interface(description="One thing to visit.")
class SitemapResourceInterface:
    handle: str = strawberry.field(description="Its name in URLs.")
    updated_at: datetime = strawberry.field(description="When it last changed.")


@strawberry.type(description="A product, collection or page to visit.")
class SitemapResource(SitemapResourceInterface):
    pass


@strawberry.type(description="An object of a free kind to visit; the shop keeps none.")
class SitemapResourceMetaobject(SitemapResourceInterface):
    type: str = strawberry.field(description="The kind of the object.")


@strawberry.type(description="A number of things.")
class Count:
    count: int = strawberry.field(description="How many.")

    @classmethod
    def of(cls, row: int) -> "Count":
        return cls(count=row)


@strawberry.type(description="One page of a sitemap.")
class PaginatedSitemapResources:
    items: list[SitemapResourceInterface] = strawberry.field(description="What to visit, oldest first.")

    @classmethod
    def of(cls, rows: Sequence[sitemap.Entry]) -> "PaginatedSitemapResources":
        return cls(items=[SitemapResource(handle=row.handle, updated_at=row.updated_at) for row in rows])


def _pages_counts(context: Context, keys: Sequence[str]) -> list[int]:
    return [sitemap.pages_count(loaders.shopper(context), key) for key in keys]


def _resources(
    context: Context,
    keys: Sequence[str],
    *,
    page: Annotated[int, strawberry.argument(description="Which page; the first is 1.")],
) -> list[list[sitemap.Entry]]:
    return [sitemap.page(loaders.shopper(context), key, page) for key in keys]


@strawberry.type(description="Everything of one kind that a visitor may open, in numbered pages of 250.")
class Sitemap:
    pages_count: Count | None = edge(_pages_counts, key="noun", description="How many pages there are.")
    resources: PaginatedSitemapResources | None = edge(
        _resources, key="noun", description="One page; empty beyond the last."
    )
    noun: strawberry.Private[str]


@strawberry.type
class SitemapQueries:
    @query
    def sitemap(
        self, type: Annotated[SitemapType, strawberry.argument(description="The kind of things to list.")]
    ) -> Sitemap:
        """What search engines may be told to visit."""
        return Sitemap(noun=type.name)
