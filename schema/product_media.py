"""Changing the pictures of products: inputs, payloads and mutations, for staff who keep the catalog."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import media, product_media, products, uploads
from catalog.details import ImageRow
from catalog.models import ProductImage
from catalog.product_media import Described
from schema import errors, loaders, nodes
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.images import MediaImage
from schema.inputs import ImageInput, given
from schema.nodes import gid
from schema.permissions import Staff
from schema.products import Product
from shop.errors import Refusal

ProductMediaErrorCode = errors.code_enum(
    "ProductMediaErrorCode", "a product's pictures", errors.codes_of(product_media, media, products, uploads)
)


@strawberry.type(description="Why the pictures of a product were not changed.")
class ProductMediaUserError(DisplayableError):
    code: ProductMediaErrorCode = strawberry.field(description="The reason, for programs.")  # type: ignore[valid-type]

    @classmethod
    def of(cls, refusal: Refusal) -> "ProductMediaUserError":
        return cls(**errors.parts(refusal, ProductMediaErrorCode))


@strawberry.input(description="What a picture of a product is to say anew.")
class ProductMediaUpdateInput:
    id: strawberry.ID = strawberry.field(description="The picture: the `id` of its `Image`.")
    alt: str | None = strawberry.field(
        default=UNSET,
        description="What it shows, for who cannot see it; at most 500 characters. Null says nothing, and so does "
        "leaving it out.",
    )


@strawberry.type(description="What became of `productMediaCreate`.")
class ProductMediaCreatePayload:
    product: Product | None = edge(
        loaders.products, key="product_id", description="The product as it is now; null where this was refused."
    )
    media: list[MediaImage] = strawberry.field(
        default_factory=list, description="The new pictures, in the order they were given in."
    )
    user_errors: list[ProductMediaUserError] = strawberry.field(
        default_factory=list, description="Why nothing was added; empty when all went well."
    )
    product_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `productMediaUpdate`.")
class ProductMediaUpdatePayload:
    product: Product | None = edge(
        loaders.products, key="product_id", description="The product as it is now; null where this was refused."
    )
    media: list[MediaImage] = strawberry.field(
        default_factory=list, description="The changed pictures, in the order they were named in."
    )
    user_errors: list[ProductMediaUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    product_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `productMediaReorder`.")
class ProductMediaReorderPayload:
    product: Product | None = edge(
        loaders.products, key="product_id", description="The product as it is now; null where this was refused."
    )
    user_errors: list[ProductMediaUserError] = strawberry.field(
        default_factory=list, description="Why the order stayed; empty when all went well."
    )
    product_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `productMediaDelete`.")
class ProductMediaDeletePayload:
    product: Product | None = edge(
        loaders.products, key="product_id", description="The product as it is now; null where this was refused."
    )
    deleted_media_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The ids of the pictures that are gone."
    )
    user_errors: list[ProductMediaUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )
    product_id: strawberry.Private[int | None] = None


PRODUCT_ID = strawberry.argument(description="The product whose pictures these are.")


@strawberry.type
class ProductMediaMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_media_create(
        self,
        product_id: Annotated[strawberry.ID, PRODUCT_ID],
        media: Annotated[
            list[ImageInput], strawberry.argument(description="The pictures to add behind those it has, in order.")
        ],
    ) -> ProductMediaCreatePayload:
        """Add pictures to a product, as files or by their addresses. For staff who manage the catalog."""
        key = nodes.number(product_id, "Product", "product_id")
        added = product_media.create(product_id=key, pictures=given(media))
        return ProductMediaCreatePayload(product_id=key, media=[_shown(image) for image in added])

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_media_update(
        self,
        product_id: Annotated[strawberry.ID, PRODUCT_ID],
        media: Annotated[
            list[ProductMediaUpdateInput], strawberry.argument(description="The pictures, each with what it shows.")
        ],
    ) -> ProductMediaUpdatePayload:
        """Say anew what pictures of a product show. For staff who manage the catalog."""
        key = nodes.number(product_id, "Product", "product_id")
        descriptions = [
            Described(id=nodes.number(one.id, "Image", "media", place, "id"), alt=one.alt or None)
            for place, one in enumerate(media)
        ]
        changed = product_media.update(product_id=key, descriptions=descriptions)
        return ProductMediaUpdatePayload(product_id=key, media=[_shown(image) for image in changed])

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_media_reorder(
        self,
        product_id: Annotated[strawberry.ID, PRODUCT_ID],
        media_ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(description="The pictures to put first, in this order; the others follow as they are."),
        ],
    ) -> ProductMediaReorderPayload:
        """Put the pictures of a product in order; the first stands for it in lists.

        For staff who manage the catalog.
        """
        key = nodes.number(product_id, "Product", "product_id")
        product_media.reorder(product_id=key, image_ids=_keys(media_ids))
        return ProductMediaReorderPayload(product_id=key)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_media_delete(
        self,
        product_id: Annotated[strawberry.ID, PRODUCT_ID],
        media_ids: Annotated[list[strawberry.ID], strawberry.argument(description="The pictures to take away.")],
    ) -> ProductMediaDeletePayload:
        """Take pictures away from a product; their files go with them. For staff who manage the catalog."""
        key = nodes.number(product_id, "Product", "product_id")
        keys = _keys(media_ids)
        product_media.delete(product_id=key, image_ids=keys)
        return ProductMediaDeletePayload(product_id=key, deleted_media_ids=[gid("Image", one) for one in keys])


def _keys(media_ids: list[strawberry.ID]) -> list[int]:
    return [nodes.number(id, "Image", "media_ids", place) for place, id in enumerate(media_ids)]


def _shown(image: ProductImage) -> MediaImage:
    return MediaImage.of(ImageRow(image.product_id, image.pk, image.src, image.alt, image.width, image.height))
