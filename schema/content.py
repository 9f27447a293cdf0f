"""Pages and menus: types and queries."""

import re
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from django.conf import settings
from django.utils.text import Truncator

from catalog import content, markup
from catalog.content import LinkRow, MenuRow, PageRow
from schema import loaders, nodes
from schema.categories import Category
from schema.context import Info
from schema.edges import edge
from schema.fields import query
from schema.nodes import Node, gid
from schema.pagination import After, Before, Connection, First, Last, Reverse
from schema.scalars import HTML, SEO, URL
from shop.paging import PageRequest

_SUMMARY_LENGTH = 160
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@strawberry.type(description='A text of the shop, such as "About us".')
class Page(Node):
    handle: str = strawberry.field(description="The page's name in URLs.")
    title: str = strawberry.field(description="The heading.")
    body: HTML = strawberry.field(description="The text, in safe HTML.")
    body_summary: str = strawberry.field(description="The beginning of the text, without markup.")
    seo: SEO = strawberry.field(description="What search engines are told.")
    created_at: datetime = strawberry.field(description="When it was written.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    tracking_parameters: str | None = strawberry.field(
        default=None, description="Always null: searches are not tracked.", deprecation_reason="Nothing is tracked."
    )

    @classmethod
    def of(cls, row: PageRow) -> "Page":
        return cls(
            id=gid("Page", row.pk),
            handle=row.handle,
            title=row.title,
            body=HTML(row.body),
            body_summary=Truncator(markup.line(row.body)).chars(_SUMMARY_LENGTH),
            seo=SEO.of(row.seo_title, row.seo_description),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


@strawberry.enum(description="Where a link leads.")
class MenuItemType(Enum):
    FRONTPAGE = strawberry.enum_value("FRONTPAGE", description="The storefront's first page.")
    CATALOG = strawberry.enum_value("CATALOG", description="All products.")
    COLLECTIONS = strawberry.enum_value("COLLECTIONS", description="All collections.")
    COLLECTION = strawberry.enum_value("COLLECTION", description="A collection or category.")
    PRODUCT = strawberry.enum_value("PRODUCT", description="A product.")
    PAGE = strawberry.enum_value("PAGE", description="A page of the shop.")
    SHOP_POLICY = strawberry.enum_value("SHOP_POLICY", description="A policy of the shop.")
    SEARCH = strawberry.enum_value("SEARCH", description="The search page.")
    BLOG = strawberry.enum_value("BLOG", description="A blog.")
    ARTICLE = strawberry.enum_value("ARTICLE", description="An article of a blog.")
    CUSTOMER_ACCOUNT_PAGE = strawberry.enum_value("CUSTOMER_ACCOUNT_PAGE", description="The customer's own pages.")
    METAOBJECT = strawberry.enum_value("METAOBJECT", description="Not used: the shop has no objects of a free kind.")
    HTTP = strawberry.enum_value("HTTP", description="Any other place.")


# The first that matches the whole path tells the type.
_TYPES = (
    (re.compile(r"/?"), MenuItemType.FRONTPAGE),
    (re.compile(r"/collections/all/?|/products/?"), MenuItemType.CATALOG),
    (re.compile(r"/collections/?"), MenuItemType.COLLECTIONS),
    (re.compile(r"/collections/[^/]+/?"), MenuItemType.COLLECTION),
    (re.compile(r"/products/[^/]+/?"), MenuItemType.PRODUCT),
    (re.compile(r"/pages/[^/]+/?"), MenuItemType.PAGE),
    (re.compile(r"/policies/[^/]+/?"), MenuItemType.SHOP_POLICY),
    (re.compile(r"/search([/?].*)?"), MenuItemType.SEARCH),
    (re.compile(r"/blogs/[^/]+/?"), MenuItemType.BLOG),
    (re.compile(r"/blogs/[^/]+/[^/]+/?"), MenuItemType.ARTICLE),
    (re.compile(r"/account(/.*)?"), MenuItemType.CUSTOMER_ACCOUNT_PAGE),
)


@strawberry.type(description="A link of a menu.")
class MenuItem(Node):
    title: str = strawberry.field(description="The words of the link.")
    url: URL = strawberry.field(description="Where it leads, as an absolute URL.")
    type: MenuItemType = strawberry.field(description="What kind of place that is.")
    tags: list[str] = strawberry.field(description="Tags that narrow a linked collection; always empty.")
    items: list["MenuItem"] = strawberry.field(description="The links below this one, in the merchant's order.")
    resource_id: strawberry.ID | None = edge(
        loaders.targets_of_links,
        key="target",
        description="The id of the product, collection or page it leads to; null for other places.",
    )
    category: Category | None = edge(
        loaders.categories,
        key="category_id",
        description="The category it follows: the links below it are the tree there; null for a link to a place.",
    )
    depth: int | None = strawberry.field(
        description="How many levels of the tree it shows below the category it follows; null where it follows none."
    )
    target: strawberry.Private[tuple[str, str] | None]
    category_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, row: LinkRow) -> "MenuItem":
        return cls(
            id=gid("MenuItem", row.key),
            title=row.title,
            url=storefront_url(row.path),
            type=next((kind for pattern, kind in _TYPES if pattern.fullmatch(row.path)), MenuItemType.HTTP),
            tags=[],
            items=[cls.of(below) for below in row.items],
            depth=row.levels,
            target=row.target,
            category_id=row.category_id,
        )


@strawberry.type(description="A named list of links, such as the one in a storefront's header.")
class Menu(Node):
    handle: str = strawberry.field(description="The name storefronts ask for it by.")
    title: str = strawberry.field(description="What staff call it.")
    items: list[MenuItem] = strawberry.field(description="The links, in the merchant's order.")

    @classmethod
    def of(cls, row: MenuRow) -> "Menu":
        return cls(
            id=gid("Menu", row.pk),
            handle=row.handle,
            title=row.title,
            items=[MenuItem.of(link) for link in row.items],
        )


def storefront_url(path: str) -> URL:
    """The URL of a path in the storefront; an absolute URL stays what it is."""
    return URL(path if _ABSOLUTE.match(path) else f"{settings.STOREFRONT_URL}/{path.lstrip('/')}")


@strawberry.type
class ContentQueries:
    @query
    def menu(
        self, info: Info, handle: Annotated[str, strawberry.argument(description="The name of the menu.")]
    ) -> Menu | None:
        """The menu with this handle, with all its links; null where there is none."""
        row = content.menu(handle, loaders.shopper(info.context).language)
        return Menu.of(row) if row else None

    @query
    def page(
        self,
        info: Info,
        handle: Annotated[str | None, strawberry.argument(description="The page's name in URLs.")] = None,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The page's id.")] = None,
    ) -> Page | None:
        """The published page with this handle or id; null where there is none."""
        if id is not None:
            [row] = loaders.pages(info.context, [nodes.number(id, "Page")])
        else:
            row = content.page(loaders.shopper(info.context), handle or "")
        return Page.of(row) if row else None

    @query(deprecation_reason="Use `page(handle)`.")
    def page_by_handle(
        self, info: Info, handle: Annotated[str, strawberry.argument(description="The page's name in URLs.")]
    ) -> Page | None:
        """The published page with this handle."""
        row = content.page(loaders.shopper(info.context), handle)
        return Page.of(row) if row else None

    @query
    def pages(
        self,
        info: Info,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        reverse: Reverse = False,
    ) -> Connection[Page]:
        """The published pages, in the order they were written."""
        request = PageRequest(first, last, after, before)
        page = content.pages(loaders.shopper(info.context), request, reverse=bool(reverse))
        return Connection.of(page, Page.of)
