"""Pictures as the API shows them, and in the sizes that are asked for."""

from enum import Enum
from typing import Annotated, Any

import strawberry
from django.conf import settings

from catalog.details import ImageRow
from schema.nodes import gid
from schema.scalars import URL
from shop import thumbnails
from shop.errors import blaming
from shop.media import UPLOADS


@strawberry.enum(description="Which part of a picture stays when it is cut to its new size.")
class CropRegion(Enum):
    CENTER = strawberry.enum_value("CENTER", description="The middle.")
    TOP = strawberry.enum_value("TOP", description="What is at the top.")
    BOTTOM = strawberry.enum_value("BOTTOM", description="What is at the bottom.")
    LEFT = strawberry.enum_value("LEFT", description="What is on the left.")
    RIGHT = strawberry.enum_value("RIGHT", description="What is on the right.")


@strawberry.enum(description="What a picture can be made into.")
class ImageContentType(Enum):
    PNG = strawberry.enum_value("PNG", description="Every pixel as it is; large files.")
    JPG = strawberry.enum_value("JPG", description="For photographs; white stands where nothing shows.")
    WEBP = strawberry.enum_value("WEBP", description="The smallest files that every browser of today shows.")


@strawberry.input(
    description="What to make of a picture. It keeps its proportions and never grows. Drawings (SVG) and pictures that "
    "are not kept by the shop stay as they are; moving pictures stand still."
)
class ImageTransformInput:
    crop: CropRegion | None = strawberry.field(
        default=None, description="Cut it to exactly these proportions, if both sizes are given, and keep this part."
    )
    max_width: int | None = strawberry.field(
        default=None, description="Most pixels wide, 1 to 5760; rounded down to one of a few sizes that are made."
    )
    max_height: int | None = strawberry.field(
        default=None, description="Most pixels high, 1 to 5760; rounded down to one of a few sizes that are made."
    )
    preferred_content_type: ImageContentType | None = strawberry.field(
        default=None, description="What to make of it; its own kind, or WebP for GIF and AVIF, where nothing is said."
    )
    scale: int | None = strawberry.field(
        default=1, description="Pixels for each pixel of both sizes, for dense screens: 1 to 3."
    )

    def to_domain(self) -> thumbnails.Transform:
        kind = self.preferred_content_type
        return thumbnails.transform(
            max_width=self.max_width,
            max_height=self.max_height,
            crop=self.crop.name if self.crop else None,
            scale=1 if self.scale is None else self.scale,
            ending=kind.name.lower() if kind else None,
        )


def _url(
    self: Any,
    transform: Annotated[
        ImageTransformInput | None,
        strawberry.argument(description="What to make of it; the picture as it is where this is left out."),
    ] = None,
) -> URL:
    if transform is None:
        return URL(self.location)
    with blaming("transform"):
        wanted = transform.to_domain()
    return URL(thumbnails.url(self.location, wanted))


# Asked for without a transform, as on nearly every page, it costs no call.
_url.bare = "location"  # type: ignore[attr-defined]


@strawberry.type(description="A picture.")
class Image:
    location: strawberry.Private[URL]
    id: strawberry.ID | None = strawberry.field(description="The picture's id; null where it has none of its own.")
    url: URL = strawberry.field(resolver=_url, description="Where the picture is.")
    alt_text: str | None = strawberry.field(description="What it shows, for who cannot see it.")
    width: int | None = strawberry.field(description="Width in pixels, where known.")
    height: int | None = strawberry.field(description="Height in pixels, where known.")

    @classmethod
    def of(cls, row: ImageRow) -> "Image":
        return cls(
            id=gid("Image", row.pk),
            location=absolute(row.src),
            alt_text=row.alt or None,
            width=row.width,
            height=row.height,
        )


@strawberry.interface(description="Something to look at or listen to.")
class Media:
    preview_image: Image | None = strawberry.field(description="A picture that stands for it.")


@strawberry.type(description="A picture among media.")
class MediaImage(Media):
    image: Image | None = strawberry.field(description="The picture itself.")

    @classmethod
    def of(cls, row: ImageRow) -> "MediaImage":
        image = Image.of(row)
        return cls(preview_image=image, image=image)


def joined(pk: int | None, src: str | None, alt: str | None, width: int | None, height: int | None) -> Image | None:
    """The picture in the columns of a joined row, or None where the join found none."""
    if pk is None or src is None:
        return None
    return Image(id=gid("Image", pk), location=absolute(src), alt_text=alt or None, width=width, height=height)


def from_texts(texts: list[str | None] | None) -> Image | None:
    """The picture whose id, place, description, width and height a product's row lists as text, if it has one."""
    if texts is None:
        return None
    pk, src, alt, width, height = texts
    return Image(
        id=gid("Image", pk),
        location=absolute(src or ""),
        alt_text=alt or None,
        width=int(width) if width else None,
        height=int(height) if height else None,
    )


def at(src: str, alt: str, width: int | None = None, height: int | None = None) -> Image | None:
    """The picture at a place kept with its owner, or None where that is empty."""
    return Image(id=None, location=absolute(src), alt_text=alt or None, width=width, height=height) if src else None


def placeholder(alt: str) -> Image:
    """What stands for a picture nobody took: storefronts expect one on every product."""
    url = URL(f"{settings.SHOP_URL}{settings.STATIC_URL}schema/placeholder.svg")
    return Image(id=None, location=url, alt_text=alt, width=1200, height=1200)


def absolute(src: str) -> URL:
    """The URL of a picture stored as a URL or as a path below the media directory."""
    if src.startswith(("http://", "https://")):
        return URL(src)
    if settings.S3_PUBLIC_URL and src.startswith(UPLOADS):
        return URL(f"{settings.S3_PUBLIC_URL}/{src}")
    return URL(f"{settings.SHOP_URL}{settings.MEDIA_URL}{src}")
