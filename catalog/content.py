"""Pages and menus as storefronts read them: the words around the goods."""

import re
from collections.abc import Collection as Some
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from catalog import markup, redirects, search, translated
from catalog.models import Category, Menu, MenuItem, Page
from catalog.shopper import Shopper
from shop import paging
from shop.paging import Order, PageRequest
from shop.prepared import Bound


class PageRow(NamedTuple):
    """A text such as "About us"."""

    pk: int
    handle: str
    title: str
    body: str
    seo_title: str
    seo_description: str
    created_at: datetime
    updated_at: datetime


class PolicyRow(NamedTuple):
    """A page that says what a shop promises, under the name such pages have everywhere."""

    name: str
    page: PageRow


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link of a menu with the links below it, in the merchant's order.

    `levels` tells how much of the tree below its category it shows; None where it follows none.
    """

    key: int | str
    title: str
    path: str
    items: list["LinkRow"] = field(default_factory=list)
    category_id: int | None = None
    levels: int | None = None

    @property
    def target(self) -> tuple[str, str] | None:
        """What in the shop it leads to: the noun as it stands in the path, and a handle. None for other places."""
        found = _TARGET.fullmatch(self.path)
        return (found["noun"], found["handle"]) if found else None


@dataclass(frozen=True, slots=True)
class MenuRow:
    """A named list of links."""

    pk: int
    handle: str
    title: str
    items: list[LinkRow]


# Where each policy is looked for: the first of these pages that is published.
_POLICIES = {
    "privacy-policy": ("privacy-policy", "privacy"),
    "refund-policy": ("refund-policy", "refunds"),
    "shipping-policy": ("shipping-policy", "shipping-and-returns"),
    "terms-of-service": ("terms-of-service", "terms"),
}
_TARGET = re.compile(r"/(?P<noun>[a-z]+)/(?P<handle>[^/?#]+)/?")


def page(shopper: Shopper, handle: str) -> PageRow | None:
    """The published page with this handle."""
    return pages_by_handle(shopper, [handle]).get(handle)


def pages_by_handle(shopper: Shopper, handles: Some[str]) -> dict[str, PageRow]:
    """The visible ones of the pages with these handles in the shopper's language, else in the shop's."""
    named = translated.named(shopper.language, "page", handles)
    known = pages_by_id(shopper, named.values()) if named else {}
    found = {handle: known[key] for handle, key in named.items() if key in known}
    others = [handle for handle in handles if handle not in found]
    if others:
        rows = _page_rows(_visible(Page.objects.filter(handle__in=others), shopper))
        found |= zip([row.handle for row in rows], translated.rows(shopper.language, "page", rows), strict=True)
    return found


def pages_by_id(shopper: Shopper, ids: Some[int]) -> dict[int, PageRow]:
    """The visible ones of these pages."""
    rows = _page_rows(_visible(Page.objects.filter(pk__in=ids), shopper))
    return {row.pk: row for row in translated.rows(shopper.language, "page", rows)}


def pages(shopper: Shopper, request: PageRequest, *, reverse: bool = False) -> "paging.Page[PageRow]":
    """A page of the list of pages, in the order they were written. Raises InvalidPage."""
    chosen = _visible(Page.objects.all(), shopper)
    order = Order(f"PAGES {reverse:d}", "pk", reverse)

    def read(rows: QuerySet[Page]) -> list[PageRow]:
        return translated.rows(shopper.language, "page", _page_rows(rows))

    return paging.page(chosen, order, request, read=read, key_of=lambda row: (row.pk,))


def pages_as_texts(shopper: Shopper) -> Bound:
    """The statement for all visible pages, each as an array of texts, for whoever reads them beside other things.

    The texts are in the shopper's language.
    """
    texts = {column: f"page.{column}::text" for column in ("id", *PageRow._fields[1:])}
    source, values = "catalog_page page", []
    if shopper.language:
        source += " LEFT JOIN catalog_translation told ON told.page_id = page.id AND told.language = %s"
        values.append(shopper.language)
        told = {column: f"told.texts ->> '{key}'" for key, column in translated.COLUMNS["page"].items()}
        for column, said in {**told, translated.HANDLE: "told.handle"}.items():
            texts[column] = f"coalesce({said}, {texts[column]})"
    read = f"SELECT ARRAY[{', '.join(texts.values())}] FROM {source} WHERE page.is_published OR %s"  # noqa: S608
    return Bound(read, [*values, shopper.keeps_catalog])


def pages_of_texts(found: Iterable[list[str]]) -> list[PageRow]:
    """The pages that such a statement answers, in the order they were written."""
    rows = []
    for pk, handle, title, body, seo_title, seo_description, *days in found:
        created_at, updated_at = map(datetime.fromisoformat, days)
        rows.append(PageRow(int(pk), handle, title, body, seo_title, seo_description, created_at, updated_at))
    return sorted(rows)


def words_of(page: PageRow) -> set[str]:
    """The words in its title and text."""
    return set(search.words(f"{page.title} {markup.line(page.body)}"))


def policies(shopper: Shopper, names: Some[str]) -> dict[str, PolicyRow]:
    """Those of these policies for which there is a page."""
    found = pages_by_handle(shopper, [handle for name in names for handle in _POLICIES[name]])
    return {
        name: PolicyRow(name, next(found[handle] for handle in _POLICIES[name] if handle in found))
        for name in names
        if not found.keys().isdisjoint(_POLICIES[name])
    }


def menu(handle: str, language: str = "") -> MenuRow | None:
    """The menu with this handle and all its links, however deep: two statements, and one where it follows the tree.

    In another language, one more for each kind of thing that is named in it.
    """
    return next(iter(_menus(Menu.objects.filter(handle=handle), language)), None)


def menus_by_id(ids: Some[int], language: str = "") -> dict[int, MenuRow]:
    """These menus with all their links."""
    return {row.pk: row for row in _menus(Menu.objects.filter(pk__in=ids), language)}


def _menus(chosen: QuerySet[Menu], language: str) -> list[MenuRow]:
    found = [MenuRow(*row, items=[]) for row in chosen.order_by("pk").values_list("pk", "handle", "title")]
    below: dict[tuple[int, int | None], list[LinkRow]] = {(menu.pk, None): menu.items for menu in found}
    links = MenuItem.objects.filter(menu__in=[menu.pk for menu in found]).order_by("menu", "position", "pk")
    rows = list(links.values_list("menu_id", "parent_id", "pk", "title", "path", "category_id"))
    trees = _trees([pk for *_, pk, _, _, category_id in rows if category_id is not None], language)
    told = translated.of(language, "menu_item", [pk for _, _, pk, *_ in rows])
    placed = []
    for menu_id, parent_id, pk, written, path, category_id in rows:
        title = told[pk].texts.get("title", written) if pk in told else written
        if category_id is None:
            link = LinkRow(pk, title, path)
        elif pk in trees:
            link = replace(trees[pk], title=title or trees[pk].title)
        else:
            # Nobody is led to a category that is not shown.
            continue
        below[menu_id, pk] = link.items
        placed.append((menu_id, parent_id, link))
    for menu_id, parent_id, link in placed:
        # A link whose parent stands in another menu has no place in either.
        below.get((menu_id, parent_id), []).append(link)
    return found


def _trees(link_ids: list[int], language: str) -> dict[int, LinkRow]:
    """The listed categories that these links follow, each with the tree below it as far as its link shows it."""
    if not link_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOWED, [link_ids])
        rows = cursor.fetchall()
    tops: dict[int, LinkRow] = {}
    found: dict[tuple[int, str], LinkRow] = {}
    told = translated.of(language, "category", {category_id for _, _, category_id, *_ in rows})
    for link_id, levels, category_id, written, handle, path in rows:
        title, handle = _named(told.get(category_id), written, handle)
        where = redirects.path(redirects.LISTS, handle)
        parent = found.get((link_id, path[: -Category.steplen]))
        if parent is None:
            row = tops[link_id] = LinkRow(link_id, title, where, category_id=category_id, levels=levels)
        else:
            row = LinkRow(f"{link_id}-{category_id}", title, where)
            parent.items.append(row)
        found[link_id, path] = row
    return tops


def _named(told: translated.Told | None, title: str, handle: str) -> tuple[str, str]:
    return (told.texts.get("title", title), told.handle or handle) if told else (title, handle)


# Above an unlisted category nothing is cut off: what is below it is unlisted too.
_FOLLOWED = """
SELECT i.id, i.levels, c.id, c.title, c.handle, c.path
FROM catalog_menuitem i
JOIN catalog_category top ON top.id = i.category_id
JOIN catalog_category c ON c.path >= top.path AND c.path < top.path || '['
WHERE i.id = ANY(%s) AND c.is_listed AND c.depth <= top.depth + i.levels
ORDER BY i.id, c.path
"""


def _visible(chosen: QuerySet[Page], shopper: Shopper) -> QuerySet[Page]:
    return chosen if shopper.keeps_catalog else chosen.filter(is_published=True)


def _page_rows(chosen: QuerySet[Page]) -> Sequence[PageRow]:
    return [PageRow(*row) for row in chosen.values_list(*PageRow._fields)]
