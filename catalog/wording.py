"""What categories and collections say of themselves: the same fields, held to the same rules."""

from typing import Any, Required, TypedDict

from catalog import handles, media, seo
from shop import text
from shop.errors import together

MAX_TITLE = 255
MAX_DESCRIPTION = 50_000


class Said(TypedDict, total=False):
    """What may be said of either besides the title. A key left out leaves what there is; None puts back the default."""

    handle: str | None
    description: str | None
    seo: seo.Seo | None
    is_active: bool | None
    image: media.Picture | None


class Changed(Said, total=False):
    """What may be said of one that is there."""

    title: str | None


class New(Said, total=False):
    """What is said of a new one."""

    title: Required[str]


def columns(said: Changed | New) -> dict[str, Any]:
    """The columns to write. A handle that is to be made from the title is "". Raises Refusals."""
    written: dict[str, Any] = {}
    with together() as check:
        if "title" in said:
            with check("title"):
                written["title"] = text.line(said["title"] or "", limit=MAX_TITLE, required=True)
        if "handle" in said:
            with check("handle"):
                written["handle"] = handles.checked(said["handle"]) if said["handle"] is not None else ""
        if "description" in said:
            with check("description"):
                written["description"] = text.paragraphs(said["description"] or "", limit=MAX_DESCRIPTION)
        if "seo" in said:
            with check("seo"):
                written |= seo.columns(said["seo"])
        if "image" in said:
            with check("image"):
                written |= media.columns(said["image"])
        if "is_active" in said:
            written["is_active"] = said["is_active"] is not False
    return written
