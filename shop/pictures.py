"""Pictures that strangers sent: known by their content, bounded before they are unpacked, and written anew.

What is written holds the picture alone. Where and with what it was taken, comments, and whatever else was hidden in or
behind the picture stay behind.
"""

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from shop.errors import Refusal

# The ending of a file's name for each format that is read, in Pillow's words.
ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "AVIF": "avif"}
MAX_PIXELS = 25_000_000
MAX_FRAMES = 300
MAX_MOVING_PIXELS = 25_000_000

_AS_GOOD: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90, "optimize": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": 90},
    "GIF": {},
    "AVIF": {"quality": 85},
}


class NotAPicture(Refusal):
    """The file is no picture of a kind that browsers show, whatever its name says."""

    code = "NOT_A_PICTURE"

    def __init__(self) -> None:
        super().__init__("This is no picture that can be read. Send a JPEG, PNG, WebP, GIF or AVIF.")


class PictureTooLarge(Refusal):
    """The picture has more pixels than may be unpacked."""

    code = "PICTURE_TOO_LARGE"

    def __init__(self, message: str) -> None:
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Clean:
    """A picture written anew, ready to be stored."""

    content: bytes
    format: str
    width: int
    height: int


def clean(file: IO[bytes]) -> Clean:
    """The picture in a file, upright and without anything beside it. Raises NotAPicture, PictureTooLarge."""
    with opened(file) as picture:
        kind = str(picture.format)
        frames = _frames_of(picture)
        # A phone's JPEG may carry a second picture (MPO), for depth: it is no film.
        if frames > 1 and kind != "JPEG":
            return _film(picture, kind, frames)
        return _still(picture, kind)


def opened(file: IO[bytes]) -> Image.Image:
    """The picture in a file, its size checked and its pixels yet to be read. Raises NotAPicture, PictureTooLarge."""
    with warnings.catch_warnings():
        # Pillow warns of sizes that are refused below.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            picture = Image.open(file, formats=tuple(ENDINGS))
        except Image.DecompressionBombError:
            raise _too_many_pixels() from None
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError):
            raise NotAPicture from None
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_many_pixels(picture.width, picture.height)
    return picture


def _too_many_pixels(*size: int) -> PictureTooLarge:
    measured = f"This picture has {' by '.join(map(str, size))} pixels" if size else "This picture has too many pixels"
    return PictureTooLarge(f"{measured}; {MAX_PIXELS // 1_000_000} million are allowed.")


def _frames_of(picture: Image.Image) -> int:
    try:
        return int(getattr(picture, "n_frames", 1))
    except Exception:
        # What Pillow raises for broken data depends on where it breaks; all of it says that this is no picture.
        raise NotAPicture from None


def _still(picture: Image.Image, kind: str) -> Clean:
    profile = picture.info.get("icc_profile")
    try:
        upright = ImageOps.exif_transpose(picture)
    except Exception:
        raise NotAPicture from None
    if kind == "JPEG" and upright.mode not in {"RGB", "L"}:
        upright, profile = upright.convert("RGB"), None
    return _written([upright], kind, profile, {})


def _film(picture: Image.Image, kind: str, frames: int) -> Clean:
    if frames > MAX_FRAMES or frames * picture.width * picture.height > MAX_MOVING_PIXELS:
        raise PictureTooLarge(
            f"This moving picture has {frames} frames; {MAX_FRAMES} are allowed, and "
            f"{MAX_MOVING_PIXELS // 1_000_000} million pixels in all of them."
        )
    profile, loop = picture.info.get("icc_profile"), picture.info.get("loop")
    stills, durations = [], []
    try:
        for frame in ImageSequence.Iterator(picture):
            stills.append(frame.convert("RGBA"))
            durations.append(int(frame.info.get("duration", 100)))
    except Exception:
        raise NotAPicture from None
    options: dict[str, Any] = {"save_all": True, "append_images": stills[1:], "duration": durations}
    if loop is not None:
        options["loop"] = loop
    if kind == "GIF":
        # Each frame stands for itself: one that shines through would otherwise show what came before.
        options["disposal"] = 2
    return _written(stills, kind, profile, options)


def _written(stills: list[Image.Image], kind: str, profile: bytes | None, options: dict[str, Any]) -> Clean:
    first = stills[0]
    for still in stills:
        # Else some formats would write again what was read: EXIF, XMP, texts and comments.
        still.info = {key: value for key, value in still.info.items() if key == "transparency"}
    content = BytesIO()
    try:
        first.save(content, kind, **_AS_GOOD[kind], **options, icc_profile=profile)
    except Exception:
        raise NotAPicture from None
    return Clean(content.getvalue(), kind, first.width, first.height)
