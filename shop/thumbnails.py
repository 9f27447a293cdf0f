"""Pictures in the size a page needs: made when they are first asked for, and kept as long as there is room.

The address of each is signed, so that nobody but the API can make the shop render a size. What is kept is spread over
shards, and each shard makes room for itself: what was asked for least recently goes first.
"""

import base64
import hashlib
import os
import tempfile
import time
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.http import require_safe
from PIL import Image, ImageOps

from shop import pictures
from shop.errors import InvalidInput
from shop.media import CONTENT_SECURITY_POLICY, FOR_EVER, UPLOADS, storage_of

MAX_SIDE = 5760
MAX_SCALE = 3
SHARDS = 16
# How many seconds a request waits for its turn to render, so that waiting never takes all threads for long.
PATIENCE = 0.5
FOR_A_DAY = "public, max-age=86400"
KINDS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}

# Each ending of a picture that can be made smaller, and what it becomes where nothing is said.
_BECOMES = {"jpg": "jpg", "jpeg": "jpg", "png": "png", "webp": "webp", "gif": "webp", "avif": "webp"}
# The sides that are made: few, so that a picture is kept in few sizes whatever pages ask for.
_SIDES = (
    *(1, 2, 4, 8, 16, 32, 50, 64, 80, 100, 120, 150, 200, 240, 300, 320, 360, 400, 480, 500, 600, 640, 720, 750, 800),
    *(900, 960, 1000, 1080, 1200, 1280, 1440, 1500, 1600, 1800, 1920, 2048, 2400, 2560, 2880, 3200, 3840, 4800),
    MAX_SIDE,
)
_UNFINISHED = "."
# A file that is still being written after so many seconds was left behind by a process that ended.
_ABANDONED = 3600
_KEEPS = {"center": (0.5, 0.5), "top": (0.5, 0.0), "bottom": (0.5, 1.0), "left": (0.0, 0.5), "right": (1.0, 0.5)}
_OPTIONS: dict[str, dict[str, int | bool]] = {
    "png": {"optimize": True},
    "jpg": {"quality": 82, "optimize": True, "progressive": True},
    "webp": {"quality": 80},
}

# An unpacked picture takes a hundred megabytes at worst: no more than two at once in each process.
_rendering = BoundedSemaphore(2)


class _Busy(Exception):
    """Others are rendering as many pictures as may be at once."""


@dataclass(frozen=True, slots=True)
class Transform:
    """What to make of a picture: its `size` as the address has it, and the ending of its kind if one is wished for."""

    size: str
    ending: str | None


def transform(
    *, max_width: int | None, max_height: int | None, crop: str | None, scale: int, ending: str | None
) -> Transform:
    """What these wishes come to. Raises InvalidInput."""
    for name, side in (("max_width", max_width), ("max_height", max_height)):
        if side is not None and not 1 <= side <= MAX_SIDE:
            raise InvalidInput(f"A side measures from 1 to {MAX_SIDE} pixels.", field=(name,))
    if not 1 <= scale <= MAX_SCALE:
        raise InvalidInput(f"The scale is from 1 to {MAX_SCALE}.", field=("scale",))
    width, height = (min(side * scale, MAX_SIDE) if side else 0 for side in (max_width, max_height))
    if crop and width and height:
        # What is cut keeps the proportions that were asked for.
        longer = max(width, height)
        width, height = (max(1, round(side * _rounded(longer) / longer)) for side in (width, height))
        return Transform(f"{width}x{height}-{crop.lower()}", ending)
    return Transform(f"{_rounded(width) or ''}x{_rounded(height) or ''}", ending)


def _rounded(side: int) -> int:
    """The largest side that is made and not longer than this; 0 for 0."""
    return _SIDES[bisect_right(_SIDES, side) - 1] if side else 0


def url(location: str, wanted: Transform) -> str:
    """The address of the picture at `location` as it is wanted; `location` itself where it has to stay as it is."""
    base = f"{settings.SHOP_URL}{settings.MEDIA_URL}"
    src = location.removeprefix(base)
    if settings.S3_PUBLIC_URL and src == location:
        src = location.removeprefix(f"{settings.S3_PUBLIC_URL}/")
    own = src.rpartition(".")[2].lower()
    if src == location or own not in _BECOMES:
        return location
    ending = wanted.ending or _BECOMES[own]
    if wanted.size == "x" and wanted.ending in {None, own}:
        return location
    path = f"{src}.{ending}"
    return f"{base}sized/{_signature(wanted.size, path)}/{wanted.size}/{path}"


@require_safe
def sized(request: HttpRequest, signature: str, size: str, path: str) -> HttpResponse:
    """Serve a picture in a size that the API gave an address to."""
    if not constant_time_compare(signature, _signature(size, path)):
        raise Http404(path)
    src, _, ending = path.rpartition(".")
    is_upload = src.startswith(UPLOADS)
    try:
        version = "" if is_upload else storage_of(src).get_modified_time(src).isoformat()
        content = _kept(f"{size}/{path}/{version}", src, size, ending)
    except _Busy:
        return HttpResponse(status=503, headers={"Retry-After": "1", "Cache-Control": "no-store"})
    except (SuspiciousOperation, ValueError, OSError) as error:
        raise Http404(path) from error
    except (pictures.NotAPicture, pictures.PictureTooLarge):
        # The merchant put it there, so it is shown as it is.
        return HttpResponseRedirect(f"{settings.MEDIA_URL}{src}")
    response = HttpResponse(content, content_type=Image.MIME[KINDS[ending]])
    response["Cache-Control"] = FOR_EVER if is_upload else FOR_A_DAY
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


def _signature(size: str, path: str) -> str:
    digest = salted_hmac("shop.thumbnails", f"{size}/{path}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:15]).decode()


def _kept(key: str, src: str, size: str, ending: str) -> bytes:
    name = hashlib.sha256(key.encode()).hexdigest()
    place = Path(settings.THUMBNAILS_ROOT) / f"{int(name[:8], 16) % SHARDS:02x}" / name
    with suppress(OSError):
        content = place.read_bytes()
        with suppress(OSError):
            os.utime(place)
        return content
    if not _rendering.acquire(timeout=PATIENCE):
        raise _Busy
    try:
        with storage_of(src).open(src) as file:
            content = _rendered(BytesIO(file.read()), size, ending)
    finally:
        _rendering.release()
    # A disk that is full, or may not be written to, makes the shop slower and takes nothing from the page.
    with suppress(OSError):
        _keep(place, content)
    return content


def _rendered(file: BytesIO, size: str, ending: str) -> bytes:
    """Raises NotAPicture, PictureTooLarge."""
    sides, _, part = size.partition("-")
    width, height = (int(side) if side else MAX_SIDE for side in sides.split("x"))
    with pictures.opened(file) as picture:
        # A JPEG is unpacked at a half, a quarter or an eighth where that is still enough.
        picture.draft(None, (max(width, height), max(width, height)))
        try:
            upright = ImageOps.exif_transpose(picture)
        except Exception:
            raise pictures.NotAPicture from None
    # Pixels of a palette cannot be mixed.
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    upright = upright.convert("RGBA" if has_alpha else "RGB")
    if part:
        shrink = min(1.0, upright.width / width, upright.height / height)
        box = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        upright = ImageOps.fit(upright, box, Image.Resampling.LANCZOS, centering=_KEEPS[part])
    else:
        upright.thumbnail((width, height), Image.Resampling.LANCZOS)
    if has_alpha and ending == "jpg":
        ground = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(ground, upright).convert("RGB")
    profile = picture.info.get("icc_profile") if picture.mode in {"RGB", "RGBA"} else None
    upright.info = {}
    content = BytesIO()
    upright.save(content, KINDS[ending], icc_profile=profile, **_OPTIONS[ending])
    return content.getvalue()


def _keep(place: Path, content: bytes) -> None:
    """Put it where the next request finds it, whole from the first moment, unless it has more than its shard may."""
    share = settings.THUMBNAILS_MAX_BYTES // SHARDS
    if len(content) > share:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    _make_room(place.parent, share - len(content))
    with tempfile.NamedTemporaryFile(dir=place.parent, prefix=_UNFINISHED, delete=False) as file:
        try:
            file.write(content)
            file.flush()
            Path(file.name).replace(place)
        except OSError:
            Path(file.name).unlink(missing_ok=True)
            raise


def _make_room(shard: Path, allowed: int) -> None:
    """Remove what was asked for least recently, until the rest has no more than `allowed` bytes.

    What another process is writing stays.
    """
    found = []
    for entry in os.scandir(shard):
        # Another process may remove it at the same moment.
        with suppress(FileNotFoundError):
            status = entry.stat()
            if entry.name.startswith(_UNFINISHED) and status.st_mtime > time.time() - _ABANDONED:
                continue
            found.append((status.st_mtime, status.st_size, entry.path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= allowed:
            return
        Path(path).unlink(missing_ok=True)
        total -= size
