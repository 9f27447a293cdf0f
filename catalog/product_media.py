"""The pictures of a product, changed one by one: added, described, put in order and taken away."""

from collections.abc import Sequence
from typing import TypedDict

from django.db.models import Case, F, Max, QuerySet, Value, When

from catalog import media, products, uploads
from catalog.media import SizedPicture
from catalog.models import Product, ProductImage
from shop import clock
from shop.errors import InvalidInput, NotFound, blaming, together


class Described(TypedDict):
    """A picture by its key, and what it shows to who cannot see it; None says nothing."""

    id: int
    alt: str | None


@uploads.atomic
def create(*, product_id: int, pictures: Sequence[SizedPicture]) -> list[ProductImage]:
    """Add pictures behind those that a product has. Raises InvalidInput, NotFound, and what `uploads.read` raises."""
    with blaming("media"):
        added = media.images(pictures)
    product = products.locked(product_id, "product_id")
    had = _of(product).count()
    if had + len(added) > media.MAX_IMAGES:
        raise InvalidInput(f"A product has {media.MAX_IMAGES} pictures at the most; it has {had}.", field=("media",))
    for place, image in enumerate(added, start=had):
        image.product, image.position = product, place
    ProductImage.objects.bulk_create(added)
    _touch(product)
    return added


@uploads.atomic
def update(*, product_id: int, descriptions: Sequence[Described]) -> list[ProductImage]:
    """Say anew what pictures of a product show. Raises InvalidInput, NotFound."""
    product = products.locked(product_id, "product_id")
    images = _named(product, [one["id"] for one in descriptions], "media")
    with together() as check:
        for place, (image, described) in enumerate(zip(images, descriptions, strict=True)):
            with check("media", place):
                image.alt = media.alt_text(described["alt"])
    ProductImage.objects.bulk_update(images, ["alt"])
    _touch(product)
    return images


@uploads.atomic
def reorder(*, product_id: int, image_ids: Sequence[int]) -> Product:
    """Put these pictures of a product first, in this order; the others keep theirs behind. Raises NotFound."""
    product = products.locked(product_id, "product_id")
    first = [image.pk for image in _named(product, image_ids, "media_ids")]
    others = _of(product).exclude(pk__in=first).order_by("position").values_list("pk", flat=True)
    _place(product, [*first, *others])
    _touch(product)
    return product


@uploads.atomic
def delete(*, product_id: int, image_ids: Sequence[int]) -> Product:
    """Take pictures away from a product; variants that show them show none. Raises InvalidInput, NotFound."""
    product = products.locked(product_id, "product_id")
    gone = _named(product, image_ids, "media_ids")
    _of(product).filter(pk__in=[image.pk for image in gone]).delete()
    _place(product, list(_of(product).order_by("position").values_list("pk", flat=True)))
    uploads.forget(image.src for image in gone)
    _touch(product)
    return product


def _of(product: Product) -> QuerySet[ProductImage]:
    return ProductImage.objects.filter(product=product)


def _named(product: Product, image_ids: Sequence[int], field: str) -> list[ProductImage]:
    """These pictures of the product, each named once, in this order. Raises NotFound, InvalidInput."""
    if not image_ids:
        raise InvalidInput("Name at least one picture.", field=(field,))
    found = _of(product).in_bulk(list(image_ids))
    seen: set[int] = set()
    with together() as check:
        for place, image_id in enumerate(image_ids):
            with check(field, place):
                if image_id not in found:
                    raise NotFound("Image")
                if image_id in seen:
                    raise InvalidInput("Name each picture once.")
                seen.add(image_id)
    return [found[image_id] for image_id in image_ids]


def _place(product: Product, image_ids: Sequence[int]) -> None:
    """Number all pictures of a locked product anew, in this order."""
    if not image_ids:
        return
    last = _of(product).aggregate(last=Max("position"))["last"]
    # Out of the way first: no two may have the same place, even for a moment.
    _of(product).update(position=F("position") + last + 1)
    places = [When(pk=image_id, then=Value(place)) for place, image_id in enumerate(image_ids)]
    _of(product).update(position=Case(*places))


def _touch(product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(updated_at=clock.now())
