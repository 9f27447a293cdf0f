"""Redirects: where an address that is no more leads now.

A redirect never leads to another one, and none stands at a path where something is. Whoever writes them does so alone,
and after the rows that were renamed: the lock comes before those of stock and facts.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypedDict
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import connection, transaction

from catalog.models import ListHandle, Page, Product, UrlRedirect
from shop import paging, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.paging import PageRequest

PRODUCTS = "products"
LISTS = "collections"
PAGES = "pages"

_REAL = {PRODUCTS: Product, LISTS: ListHandle, PAGES: Page}
_NAMED = re.compile(rf"/(?P<noun>{'|'.join(_REAL)})/(?P<handle>[^/]+)")
_IN_ORDER = paging.Order("REDIRECTS", "pk")
# Any number will do, as long as nothing else in the shop locks it.
_LOCK = 0x301


class PathExists(Refusal):
    """Something of the shop is shown at the path."""

    code = "PATH_EXISTS"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"Something has the address {path}, on sale or not. Give it another handle, and the old address follows.",
            field=("path",),
        )


class PathTaken(Refusal):
    """The path leads somewhere already."""

    code = "PATH_TAKEN"

    def __init__(self, path: str, target: str) -> None:
        super().__init__(f"{path} leads to {target} already; change that redirect.", field=("path",))


class RedirectLoop(Refusal):
    """The target leads back to where it comes from."""

    code = "REDIRECT_LOOP"

    def __init__(self, path: str) -> None:
        super().__init__(f"The target leads back to {path}; choose another.", field=("target",))


class RedirectFields(TypedDict, total=False):
    """What may be said of a redirect. A key left out leaves what there is."""

    path: str | None
    target: str | None


def path(noun: str, handle: str) -> str:
    """The storefront's path of the product, list or page with this handle."""
    return f"/{noun}/{handle}"


def page(request: PageRequest, *, path: str | None = None) -> "paging.Page[UrlRedirect]":
    """A page of all redirects in the order they were written, or of the one from `path`. Raises InvalidPage."""
    chosen = UrlRedirect.objects.all() if path is None else UrlRedirect.objects.filter(path=_plain(path))
    return paging.page(chosen, _IN_ORDER, request, list, lambda row: (row.pk,))


def by_id(redirect_ids: Collection[int]) -> dict[int, UrlRedirect]:
    """The redirects with these keys."""
    return UrlRedirect.objects.in_bulk(list(redirect_ids))


def renamed(noun: str, had: str | None, handle: str) -> None:
    """Lead from the handle something had to the one it has; None where it is new.

    Call inside the transaction that renames, after that.
    """
    if had is None:
        make_way([path(noun, handle)])
    elif had != handle:
        follow({path(noun, had): path(noun, handle)})


def renamed_unseen(noun: str, had: str, handle: str) -> None:
    """Make way for the handle of what nobody was ever shown: anyone may read redirects, and one would tell of it.

    What staff led to its old handle follows. Call inside the transaction that renames, after that.
    """
    if had != handle:
        old = path(noun, had)
        follow({old: path(noun, handle)}, unseen={old})


def make_way(taken: Collection[str]) -> None:
    """Remove the redirects from paths at which something new is. Call inside the transaction that makes it."""
    if not taken:
        return
    # Who writes redirects waits, or has committed what is removed here; any number of things may be made at once.
    _lock("pg_advisory_xact_lock_shared")
    UrlRedirect.objects.filter(path__in=taken).delete()


def follow(moved: Mapping[str, str], *, taken: Iterable[str] = (), unseen: Collection[str] = ()) -> None:
    """Lead from each old path to the new one, all of them moved at the same moment, and make way for these and `taken`.

    Nothing leads from the old paths that are `unseen`. Call inside the transaction that moves them, after that.
    """
    if not moved:
        make_way(list(taken))
        return
    _lock("pg_advisory_xact_lock")
    real = {*moved.values(), *taken}
    UrlRedirect.objects.filter(path__in=real).delete()
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, [list(moved), list(moved.values())])
    UrlRedirect.objects.bulk_create(
        [UrlRedirect(path=old, target=new) for old, new in moved.items() if old not in real and old not in unseen],
        update_conflicts=True,
        unique_fields=["path"],
        update_fields=["target"],
    )


@transaction.atomic(durable=True)
def create(*, path: str, target: str) -> UrlRedirect:
    """Lead from a path to a target. Raises InvalidInput, PathExists, PathTaken, RedirectLoop."""
    with blaming("url_redirect"):
        made = UrlRedirect(**_checked({"path": path, "target": target}))
        _lock("pg_advisory_xact_lock")
        _write(made)
    return made


@transaction.atomic(durable=True)
def update(*, redirect_id: int, redirect: RedirectFields) -> UrlRedirect:
    """Change where a redirect begins or leads. Raises NotFound, InvalidInput, PathExists, PathTaken, RedirectLoop."""
    with blaming("url_redirect"):
        columns = _checked(redirect)
    _lock("pg_advisory_xact_lock")
    changed = _get(redirect_id)
    for name, value in columns.items():
        setattr(changed, name, value)
    with blaming("url_redirect"):
        _write(changed)
    return changed


@transaction.atomic(durable=True)
def delete(*, redirect_id: int) -> None:
    """Let a path lead nowhere. Raises NotFound."""
    _lock("pg_advisory_xact_lock")
    _get(redirect_id).delete()


def _get(redirect_id: int) -> UrlRedirect:
    found = UrlRedirect.objects.filter(pk=redirect_id).first()
    if found is None:
        raise NotFound("UrlRedirect", field=("id",))
    return found


def _write(row: UrlRedirect) -> None:
    """Save the redirect with the end of its target's way, which those that lead to its path lead to from now on."""
    others = UrlRedirect.objects.exclude(pk=row.pk)
    named = _NAMED.fullmatch(row.path)
    if named and _REAL[named["noun"]]._default_manager.filter(handle=named["handle"]).exists():
        raise PathExists(row.path)
    taken = others.filter(path=row.path).first()
    if taken:
        raise PathTaken(row.path, taken.target)
    beyond = others.filter(path=row.target).first()
    row.target = beyond.target if beyond else row.target
    if row.target == row.path:
        raise RedirectLoop(row.path)
    row.save()
    others.filter(target=row.path).update(target=row.target)


def _checked(redirect: RedirectFields) -> dict[str, Any]:
    """The columns to write. Raises Refusals."""
    columns: dict[str, Any] = {}
    with together() as check:
        if "path" in redirect:
            with check("path"):
                columns["path"] = _checked_path(redirect["path"] or "")
                if columns["path"] == "/":
                    raise InvalidInput("The first page of the storefront cannot lead elsewhere; choose another path.")
        if "target" in redirect:
            with check("target"):
                columns["target"] = _checked_target(redirect["target"] or "")
    return columns


def _checked_path(given: str) -> str:
    found = text.line(unquote(given), limit=UrlRedirect.MAX_PATH, required=True)
    if not found.startswith("/") or found.startswith("//") or re.search(r"[?#\\\s]", found):
        raise InvalidInput('A path begins with one "/" and has no spaces, "?" or "#", such as "/products/old-mug".')
    return found.rstrip("/") or "/"


def _checked_target(given: str) -> str:
    """A path, or an absolute URL that is not of the storefront: what is there is called by its path."""
    written = text.line(given, limit=UrlRedirect.MAX_PATH, required=True)
    if f"{written}/".startswith(f"{settings.STOREFRONT_URL}/"):
        return _checked_path(written.removeprefix(settings.STOREFRONT_URL) or "/")
    if written.startswith("/"):
        return _checked_path(written)
    try:
        parts = urlsplit(written)
        is_absolute = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_absolute = False
    if not is_absolute or re.search(r"\s", written):
        raise InvalidInput('A target is a path such as "/products/mug", or an address that begins with https://.')
    return written


def _plain(path: str) -> str:
    """A path that a browser shows, as it is stored: as people read it, alone, and with no slash at its end."""
    return unquote(re.split(r"[?#]", path, maxsplit=1)[0]).rstrip("/") or "/"


_FOLLOW = """
UPDATE catalog_urlredirect r SET target = moved.target
FROM unnest(%s::text[], %s::text[]) AS moved(path, target)
WHERE r.target = moved.path
"""


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_LOCK])
