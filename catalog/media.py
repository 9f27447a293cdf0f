"""Pictures: where they are, what they show, and how large they are."""

import re
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from shop import text
from shop.errors import InvalidInput, blaming

MAX_SRC = 1000
MAX_ALT = 500
MAX_PIXELS = 100_000

_is_url = URLValidator(schemes=["http", "https"])
_PATH = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*")


class _Where(TypedDict):
    src: str


class Picture(_Where, total=False):
    """A picture somebody gave: its address, and what it shows to who cannot see it."""

    alt: str | None


def columns(picture: Picture | None) -> dict[str, str]:
    """The columns of its owner, checked; None takes the picture away. Raises InvalidInput."""
    if picture is None:
        return {"image_src": "", "image_alt": ""}
    return {"image_src": checked_src(picture["src"]), "image_alt": checked_alt(picture.get("alt"))}


def checked_src(src: str) -> str:
    """`src`, if it is an absolute web address or a path below the media directory. Raises InvalidInput."""
    with blaming("src"):
        src = text.line(src, limit=MAX_SRC, required=True)
        try:
            if not _PATH.fullmatch(src):
                _is_url(src)
        except ValidationError as error:
            raise InvalidInput(
                "A picture is at an address that begins with https:// or http://, or at a path below the media "
                "directory such as products/mug.jpg."
            ) from error
    return src


def checked_alt(alt: str | None) -> str:
    """`alt` as one clean line. Raises InvalidInput."""
    with blaming("alt"):
        return text.line(alt or "", limit=MAX_ALT)
