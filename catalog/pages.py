"""Writing the pages of the shop: texts such as "About us"."""

from typing import Any, Required, TypedDict

from django.db import IntegrityError, transaction

from catalog import handles, markup, redirects, seo
from catalog.models import Page
from shop import text
from shop.errors import NotFound, blaming, together

MAX_TITLE = 255
MAX_BODY = 50_000


class _Fields(TypedDict, total=False):
    handle: str | None
    body: str | None
    seo: seo.Seo | None
    is_published: bool | None


class PageFields(_Fields, total=False):
    """What may be said of a page. A key left out leaves what there is; None puts back the default."""

    title: str | None


class NewPage(_Fields, total=False):
    """A page to write."""

    title: Required[str]


@transaction.atomic(durable=True)
def create(*, page: NewPage) -> Page:
    """Write a page. Raises InvalidInput, HandleTaken."""
    with blaming("page"):
        made = Page(**_checked(page))
        _save(made)
    redirects.renamed(redirects.PAGES, None, made.handle)
    return made


@transaction.atomic(durable=True)
def update(*, page_id: int, page: PageFields) -> Page:
    """Change a page; its old address leads to a new one. Raises InvalidInput, NotFound, HandleTaken."""
    with blaming("page"):
        columns = _checked(page)
    changed = _locked(page_id)
    had = changed.handle
    for name, value in columns.items():
        setattr(changed, name, value)
    with blaming("page"):
        _save(changed)
    redirects.renamed(redirects.PAGES, had, changed.handle)
    return changed


@transaction.atomic(durable=True)
def delete(*, page_id: int) -> None:
    """Remove a page. Raises NotFound."""
    _locked(page_id).delete()


def _locked(page_id: int) -> Page:
    found = Page.objects.select_for_update().filter(pk=page_id).first()
    if found is None:
        raise NotFound("Page", field=("id",))
    return found


def _save(page: Page) -> None:
    """Raises HandleTaken for a handle that another page has."""
    if not page.handle:
        page.handle = handles.made_from(page.title, otherwise="page", among=Page.objects.exclude(pk=page.pk))
    handles.ensure_untranslated(page.handle, page)
    try:
        with transaction.atomic():
            page.save()
    except IntegrityError as error:
        raise handles.HandleTaken(page.handle) from error


def _checked(page: PageFields | NewPage) -> dict[str, Any]:
    """The columns to write. A handle that is to be made from the title is "". Raises Refusals."""
    columns: dict[str, Any] = {}
    with together() as check:
        if "title" in page:
            with check("title"):
                columns["title"] = text.line(page["title"] or "", limit=MAX_TITLE, required=True)
        if "handle" in page:
            with check("handle"):
                columns["handle"] = handles.checked(page["handle"]) if page["handle"] is not None else ""
        if "body" in page:
            with check("body"):
                columns["body"] = markup.safe(text.paragraphs(page["body"] or "", limit=MAX_BODY))
        if "seo" in page:
            with check("seo"):
                columns |= seo.columns(page["seo"])
        if "is_published" in page:
            columns["is_published"] = page["is_published"] is not False
    return columns
