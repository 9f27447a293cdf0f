"""Blogs, which storefronts ask about and the shop does not keep: every answer is null or empty."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry

from schema.context import Context
from schema.edges import edge
from schema.fields import query
from schema.images import Image
from schema.nodes import Node
from schema.pagination import After, Before, Connection, First, Last
from schema.scalars import HTML, SEO
from shop import paging
from shop.paging import PageRequest


@strawberry.type(description="Who wrote an article.")
class ArticleAuthor:
    name: str = strawberry.field(description="The author's name.")


@strawberry.type(description="An article of a blog. The shop keeps none; write a page instead.")
class Article(Node):
    handle: str = strawberry.field(description="Its name in URLs.")
    title: str = strawberry.field(description="The heading.")
    content_html: HTML = strawberry.field(description="The text, in safe HTML.")
    published_at: datetime = strawberry.field(description="When it was published.")
    author_v2: ArticleAuthor | None = strawberry.field(name="authorV2", description="Who wrote it.")
    image: Image | None = strawberry.field(description="Its picture.")
    seo: SEO | None = strawberry.field(description="What search engines are told.")
    blog: "Blog" = strawberry.field(description="The blog it belongs to.")
    tracking_parameters: str | None = strawberry.field(
        default=None, description="Always null: searches are not tracked.", deprecation_reason="Nothing is tracked."
    )


def _no_articles(
    context: Context,
    keys: Sequence[str],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[paging.Page[None]]:
    request = PageRequest(first, last, after, before)
    return [paging.slice_of([], request) for _ in keys]


def _no_article(
    context: Context,
    keys: Sequence[str],
    *,
    handle: Annotated[str, strawberry.argument(description="The article's name in URLs.")],
) -> list[None]:
    return [None for _ in keys]


def _nothing(first: First, last: Last, after: After, before: Before) -> Connection[Any]:
    """An empty page. Raises InvalidPage where any other list would."""
    return Connection.of(paging.slice_of([], PageRequest(first, last, after, before)), lambda row: row)


@strawberry.type(description="A blog. The shop keeps none; write pages instead.")
class Blog(Node):
    handle: str = strawberry.field(description="Its name in URLs.")
    title: str = strawberry.field(description="Its name.")
    seo: SEO | None = strawberry.field(description="What search engines are told.")
    articles: Connection[Article] = edge(_no_articles, key="handle", description="Its articles.")
    article_by_handle: Article | None = edge(_no_article, key="handle", description="One of its articles.")


@strawberry.type
class BlogQueries:
    @query
    def blog(
        self, handle: Annotated[str | None, strawberry.argument(description="The blog's name in URLs.")] = None
    ) -> Blog | None:
        """A blog; always null, for the shop keeps pages and no blogs."""
        return None

    @query
    def blogs(
        self, first: First = None, last: Last = None, after: After = None, before: Before = None
    ) -> Connection[Blog]:
        """The blogs; always empty, for the shop keeps pages and no blogs."""
        return _nothing(first, last, after, before)
