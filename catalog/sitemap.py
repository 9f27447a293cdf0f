"""The sitemap: the handle of everything a visitor may open, in numbered pages, for search engines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet, Value

from accounts.actors import GUEST
from catalog import translated
from catalog.models import Category, Collection, Page, Product
from catalog.shopper import Shopper

PAGE_SIZE = 250


class Entry(NamedTuple):
    """One thing to open, and when it last changed."""

    handle: str
    updated_at: datetime


def pages_count(shopper: Shopper, noun: str) -> int:
    """How many pages the entries of a kind fill; a kind the shop does not keep fills none."""
    entries = sum(source.count() for source in _sources(shopper, noun))
    return -(-entries // PAGE_SIZE)


def page(shopper: Shopper, noun: str, number: int) -> list[Entry]:
    """The entries on one page, the first page being 1; empty before it and beyond the last."""
    sources = [
        source.order_by().annotate(source=Value(place)).values_list("handle", "updated_at", "source", "pk")
        for place, source in enumerate(_sources(shopper, noun))
    ]
    if not sources or number < 1:
        return []
    start = (number - 1) * PAGE_SIZE
    merged = sources[0].union(*sources[1:], all=True).order_by("source", "pk")[start : start + PAGE_SIZE]
    return _told(shopper.language, noun, list(merged))


def _told(language: str, noun: str, rows: Sequence[tuple[str, datetime, int, int]]) -> list[Entry]:
    """The entries with the handles they have in the language."""
    owners = {"PRODUCT": ["product"], "COLLECTION": ["collection", "category"], "PAGE": ["page"]}[noun]
    ids = {owner: [pk for *_, place, pk in rows if owners[place] == owner] for owner in owners}
    told = translated.of_several(language, ids)
    handles = {key: one.handle for key, one in told.items() if one.handle}
    return [Entry(handles.get((owners[place], pk), handle), updated_at) for handle, updated_at, place, pk in rows]


def _sources(shopper: Shopper, noun: str) -> list[QuerySet[Any]]:
    """Where the entries of a kind are kept. Search engines are shown what every shopper sees, and nothing more."""
    match noun:
        case "PRODUCT":
            return [Product.objects.visible_to(GUEST).filter(offers__price_list=shopper.tariff.price_list_id)]
        case "COLLECTION":
            return [Collection.objects.filter(is_active=True), Category.objects.filter(is_listed=True)]
        case "PAGE":
            return [Page.objects.filter(is_published=True)]
        case _:
            return []
