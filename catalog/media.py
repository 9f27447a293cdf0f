"""Pictures: where they are, what they show, and how large they are."""

import re
from collections.abc import Sequence
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator

from catalog import uploads
from catalog.models import ProductImage
from catalog.uploads import Upload
from shop import text
from shop.errors import InvalidInput, blaming, together

MAX_SRC = 1000
MAX_ALT = 500
MAX_PIXELS = 100_000
MAX_IMAGES = 250

_is_url = URLValidator(schemes=["http", "https"])
_PATH = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*")


class Picture(TypedDict, total=False):
    """A picture somebody gave: its address or its file, and what it shows to who cannot see it."""

    src: str | None
    file: "UploadedFile[Any] | None"
    alt: str | None


class SizedPicture(Picture, total=False):
    """A picture whose size in pixels may be known, so that a page can keep room for it."""

    width: int | None
    height: int | None


def columns(picture: Picture | None) -> dict[str, Any]:
    """The columns of its owner, checked; None takes the picture away. A file is stored: call inside `uploads.atomic`.

    The size of a picture is known where its file was sent.

    Raises Refusals.
    """
    if picture is None:
        return {"image_src": "", "image_alt": "", "image_width": None, "image_height": None}
    with together() as check:
        with check():
            src, upload = _found(picture)
        with check():
            alt = alt_text(picture.get("alt"))
    uploads.store([upload] if upload else [])
    size = (upload.width, upload.height) if upload else (None, None)
    return {"image_src": src, "image_alt": alt, **dict(zip(("image_width", "image_height"), size, strict=True))}


def images(pictures: Sequence[SizedPicture]) -> list[ProductImage]:
    """A product's pictures to write, in order. Files are stored: call inside `uploads.atomic`.

    Raises InvalidInput, Refusals.
    """
    if len(pictures) > MAX_IMAGES:
        raise too_many()
    rows, sent = [], []
    with together() as check:
        for place, picture in enumerate(pictures):
            row = ProductImage(position=place, width=picture.get("width"), height=picture.get("height"))
            with check(place):
                row.src, upload = _found(picture)
                if upload:
                    row.width, row.height = upload.width, upload.height
                    sent.append(upload)
            with check(place):
                row.alt = alt_text(picture.get("alt"))
            for name in ("width", "height"):
                pixels = getattr(row, name)
                if pixels is not None and not 1 <= pixels <= MAX_PIXELS:
                    with check(place, name):
                        raise InvalidInput(f"A picture measures from 1 to {MAX_PIXELS} pixels.")
            rows.append(row)
    uploads.store(sent)
    return rows


def too_many() -> InvalidInput:
    return InvalidInput(f"A product has {MAX_IMAGES} pictures at the most.")


def _found(picture: Picture) -> tuple[str, Upload | None]:
    """Where the picture is or will be, and what is to be stored for that. Raises Refusals."""
    file, src = picture.get("file"), picture.get("src")
    if (file is None) == (src is None):
        raise InvalidInput("Send a picture's file, or say where it is: one of the two.")
    if file is None:
        return _src(src or ""), None
    with blaming("file"):
        upload = uploads.read(file)
    return upload.name, upload


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


def alt_text(alt: str | None) -> str:
    """What a picture shows, for who cannot see it. Raises InvalidInput."""
    with blaming("alt"):
        return text.line(alt or "", limit=MAX_ALT)
