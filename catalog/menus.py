"""Writing menus: named lists of links, some of which follow the tree of categories."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Required, TypedDict

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from catalog import categories, handles
from catalog.models import Menu, MenuItem, Translation
from shop import text
from shop.errors import InvalidInput, NotFound, Refusals, blaming, together

MAX_TITLE = 255
MAX_PATH = 1000
MAX_LEVELS = 3
MAX_LINKS = 250

_PLACE = re.compile(r"/(?!/)\S*|https?://[^\s/?#]+\S*|(?:mailto|tel):\S+", re.IGNORECASE)


class Link(TypedDict, total=False):
    """A link to a path, with links below it; or one that follows a category and shows so many levels below it."""

    title: str | None
    path: str | None
    category_id: int | None
    depth: int | None
    items: "list[Link] | None"


class MenuFields(TypedDict, total=False):
    """What may be said of a menu. A key left out leaves what there is; None puts back the default."""

    title: str | None
    handle: str | None
    items: list[Link] | None


class NewMenu(TypedDict, total=False):
    """A menu to make."""

    title: Required[str]
    handle: str | None
    items: list[Link] | None


@transaction.atomic(durable=True)
def create(*, menu: NewMenu) -> Menu:
    """Make a menu with its links. Raises InvalidInput, NotFound, HandleTaken."""
    with blaming("menu"):
        columns, links = _checked(menu)
        made = Menu(**columns)
        _save(made)
        with blaming("items"):
            _place(made, links)
    return made


@transaction.atomic(durable=True)
def update(*, menu_id: int, menu: MenuFields) -> Menu:
    """Change a menu; where links are given, they take the place of all it had.

    Raises InvalidInput, NotFound, HandleTaken.
    """
    with blaming("menu"):
        columns, links = _checked(menu)
    changed = _locked(menu_id)
    for name, value in columns.items():
        setattr(changed, name, value)
    with blaming("menu"):
        _save(changed)
        if "items" in menu:
            told = {_said(row.menu_item, row.language): row for row in _translations(changed)}
            changed.items.all().delete()
            with blaming("items"):
                _place(changed, links)
            _tell_again(changed, told)
    return changed


@transaction.atomic(durable=True)
def delete(*, menu_id: int) -> None:
    """Remove a menu with its links. Raises NotFound."""
    _locked(menu_id).delete()


def _locked(menu_id: int) -> Menu:
    found = Menu.objects.select_for_update().filter(pk=menu_id).first()
    if found is None:
        raise NotFound("Menu", field=("id",))
    return found


def _save(menu: Menu) -> None:
    """Raises HandleTaken for a handle that another menu has."""
    if not menu.handle:
        menu.handle = handles.made_from(menu.title, otherwise="menu", among=Menu.objects.exclude(pk=menu.pk))
    try:
        with transaction.atomic():
            menu.save()
    except IntegrityError as error:
        raise handles.HandleTaken(menu.handle) from error


def _checked(menu: MenuFields | NewMenu) -> tuple[dict[str, Any], list[Link]]:
    """The columns to write, and the links. A handle that is to be made from the title is "". Raises Refusals."""
    columns: dict[str, Any] = {}
    links: list[Link] = []
    with together() as check:
        if "title" in menu:
            with check("title"):
                columns["title"] = text.line(menu["title"] or "", limit=MAX_TITLE, required=True)
        if "handle" in menu:
            with check("handle"):
                columns["handle"] = handles.checked(menu["handle"]) if menu["handle"] is not None else ""
        with check("items"):
            links = _checked_links(menu.get("items") or [], level=1)
            number = sum(1 for _ in _all(links))
            if number > MAX_LINKS:
                raise InvalidInput(f"A menu has {MAX_LINKS} links at the most; these are {number}.")
    return columns, links


def _checked_links(links: Sequence[Link], level: int) -> list[Link]:
    if links and level > MAX_LEVELS:
        raise InvalidInput(f"Links stand on {MAX_LEVELS} levels at the most.")
    checked: list[Link] = []
    with together() as check:
        for number, link in enumerate(links):
            with check(number):
                follows = link.get("category_id") is not None
                checked.append(_followed(link) if follows else _plain(link, level))
    return checked


def _plain(link: Link, level: int) -> Link:
    """A link to a path, as it is written. Raises Refusals."""
    found: Link = {}
    with together() as check:
        with check("title"):
            found["title"] = text.line(link.get("title") or "", limit=MAX_TITLE, required=True)
        with check("path"):
            found["path"] = text.line(link.get("path") or "", limit=MAX_PATH, required=True)
            if not _PLACE.fullmatch(found["path"] or ""):
                raise InvalidInput('A link leads to a path such as "/pages/about", or to an address such as https://….')
        with check("depth"):
            if link.get("depth") is not None:
                raise InvalidInput("Only a link that follows a category has a depth.")
        with check("items"):
            found["items"] = _checked_links(link.get("items") or [], level + 1)
    return found


def _followed(link: Link) -> Link:
    """A link that follows a category, as it is written. Raises Refusals."""
    depth = link.get("depth")
    found: Link = {"category_id": link["category_id"], "depth": 1 if depth is None else depth}
    with together() as check:
        with check("title"):
            found["title"] = text.line(link.get("title") or "", limit=MAX_TITLE)
        with check("path"):
            if link.get("path"):
                raise InvalidInput("A link that follows a category leads there; leave the path out.")
        with check("depth"):
            if not 0 <= (found["depth"] or 0) <= MAX_LEVELS:
                raise InvalidInput(f"A link shows 0 to {MAX_LEVELS} levels of the tree below its category.")
        with check("items"):
            if link.get("items"):
                raise InvalidInput("Below a link that follows a category stands its tree; leave the links out.")
    return found


def _all(links: Sequence[Link]) -> Iterator[Link]:
    for link in links:
        yield link
        yield from _all(link.get("items") or [])


def _place(menu: Menu, links: Sequence[Link]) -> None:
    """Write the links level by level. Raises NotFound, blaming the link whose category is not there."""
    if any(link.get("category_id") is not None for link in _all(links)):
        categories.hold_tree()
    level: list[tuple[MenuItem | None, Sequence[Link], tuple[str | int, ...]]] = [(None, links, ())]
    while level:
        placed: list[tuple[MenuItem, Link, tuple[str | int, ...]]] = []
        for parent, below, where in level:
            placed += [
                (_row(menu, parent, place, link), link, (*where, place, "items")) for place, link in enumerate(below)
            ]
        _ensure_categories([(row, where[:-1]) for row, _, where in placed])
        MenuItem.objects.bulk_create(row for row, _, _ in placed)
        level = [(row, link.get("items") or [], where) for row, link, where in placed if link.get("items")]


def _row(menu: Menu, parent: MenuItem | None, position: int, link: Link) -> MenuItem:
    return MenuItem(
        menu=menu,
        parent=parent,
        position=position,
        title=link.get("title") or "",
        path=link.get("path") or "",
        category_id=link.get("category_id"),
        levels=link.get("depth") or 0,
    )


def _translations(menu: Menu) -> QuerySet[Translation]:
    return Translation.objects.filter(menu_item__menu=menu).select_related("menu_item").order_by("-pk")


def _said(link: MenuItem | None, language: str) -> tuple[Any, ...]:
    return (link.title, link.path, link.category_id, language) if link else ()


def _tell_again(menu: Menu, told: Mapping[tuple[Any, ...], Translation]) -> None:
    """Keep what was translated of links that say and do the same as before: they were written anew."""
    for link in menu.items.order_by("pk"):
        for language in {row.language for row in told.values()}:
            row = told.get(_said(link, language))
            if row is not None:
                Translation.objects.create(menu_item=link, language=language, texts=row.texts, sources=row.sources)


def _ensure_categories(rows: Sequence[tuple[MenuItem, tuple[str | int, ...]]]) -> None:
    known = categories.existing({row.category_id for row, _ in rows if row.category_id is not None})
    missing = [where for row, where in rows if row.category_id is not None and row.category_id not in known]
    if missing:
        raise Refusals([NotFound("Category", field=(*where, "category_id")) for where in missing])
