"""Pictures: where they are, what they show, and how large they are."""

import re
from collections.abc import Sequence
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from catalog.models import ProductImage
from shop import text
from shop.errors import InvalidInput, blaming, together

MAX_SRC = 1000
MAX_ALT = 500
MAX_PIXELS = 100_000
MAX_IMAGES = 250

_is_url = URLValidator(schemes=["http", "https"])
_PATH = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*")


class _Where(TypedDict):
    src: str


class Picture(_Where, total=False):
    """A picture somebody gave: its address, and what it shows to who cannot see it."""

    alt: str | None


class SizedPicture(Picture, total=False):
    """A picture whose size in pixels may be known, so that a page can keep room for it."""

    width: int | None
    height: int | None


def columns(picture: Picture | None) -> dict[str, str]:
    """The columns of its owner, checked; None takes the picture away. Raises InvalidInput."""
    if picture is None:
        return {"image_src": "", "image_alt": ""}
    with together() as check:
        with check():
            src = _src(picture["src"])
        with check():
            alt = _alt(picture.get("alt"))
    return {"image_src": src, "image_alt": alt}


def images(pictures: Sequence[SizedPicture]) -> list[ProductImage]:
    """A product's pictures to write, in order. Raises InvalidInput, Refusals."""
    if len(pictures) > MAX_IMAGES:
        raise InvalidInput(f"A product has {MAX_IMAGES} pictures at the most.")
    rows = []
    with together() as check:
        for place, picture in enumerate(pictures):
            row = ProductImage(position=place, width=picture.get("width"), height=picture.get("height"))
            with check(place):
                row.src = _src(picture["src"])
            with check(place):
                row.alt = _alt(picture.get("alt"))
            for name in ("width", "height"):
                pixels = getattr(row, name)
                if pixels is not None and not 1 <= pixels <= MAX_PIXELS:
                    with check(place, name):
                        raise InvalidInput(f"A picture measures from 1 to {MAX_PIXELS} pixels.")
            rows.append(row)
    return rows


def _src(src: str) -> str:
    """`src`, if it is an absolute web address or a path below the media directory."""
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


def _alt(alt: str | None) -> str:
    with blaming("alt"):
        return text.line(alt or "", limit=MAX_ALT)
