"""Pictures as the API shows them."""

import strawberry
from django.conf import settings

from catalog.browsing import ImageRow
from schema.nodes import gid
from schema.scalars import URL


@strawberry.type(description="A picture.")
class Image:
    id: strawberry.ID | None = strawberry.field(description="The picture's id; null where it has none of its own.")
    url: URL = strawberry.field(description="Where the picture is.")
    alt_text: str | None = strawberry.field(description="What it shows, for who cannot see it.")
    width: int | None = strawberry.field(description="Width in pixels, where known.")
    height: int | None = strawberry.field(description="Height in pixels, where known.")

    @classmethod
    def of(cls, row: ImageRow) -> "Image":
        return cls(
            id=gid("Image", row.pk),
            url=absolute(row.src),
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
    return Image(id=gid("Image", pk), url=absolute(src), alt_text=alt or None, width=width, height=height)


def at(src: str, alt: str) -> Image | None:
    """The picture at a place kept with its owner, or None where that is empty."""
    return Image(id=None, url=absolute(src), alt_text=alt or None, width=None, height=None) if src else None


def placeholder(alt: str) -> Image:
    """What stands for a picture nobody took: storefronts expect one on every product."""
    url = URL(f"{settings.SHOP_URL}{settings.STATIC_URL}schema/placeholder.svg")
    return Image(id=None, url=url, alt_text=alt, width=1200, height=1200)


def absolute(src: str) -> URL:
    """The URL of a picture stored as a URL or as a path below the media directory."""
    if src.startswith(("http://", "https://")):
        return URL(src)
    return URL(f"{settings.SHOP_URL}{settings.MEDIA_URL}{src}")
