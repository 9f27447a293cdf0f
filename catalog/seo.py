"""What search engines are told about a product or a list: a title and a description of their own."""

from typing import TypedDict

from shop import text
from shop.errors import blaming

MAX_TITLE = 255
MAX_DESCRIPTION = 5_000


class Seo(TypedDict, total=False):
    """A key left out leaves what there is; None empties it, so that the ordinary texts are used."""

    title: str | None
    description: str | None


def columns(seo: Seo | None) -> dict[str, str]:
    """The columns to write, checked; None empties both. Raises InvalidInput."""
    given = Seo(title=None, description=None) if seo is None else seo
    written: dict[str, str] = {}
    if "title" in given:
        with blaming("title"):
            written["seo_title"] = text.line(given["title"] or "", limit=MAX_TITLE)
    if "description" in given:
        with blaming("description"):
            written["seo_description"] = text.paragraphs(given["description"] or "", limit=MAX_DESCRIPTION)
    return written
