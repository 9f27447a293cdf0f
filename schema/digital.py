"""Digital goods: what buyers of a variant may download, and the mutations of staff that keep it."""

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import digital, uploads
from catalog.digital import FileFields
from catalog.models import DigitalFile
from schema import errors, nodes
from schema.context import Context
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.inputs import given
from schema.nodes import gid
from schema.permissions import Staff
from schema.scalars import Upload
from shop.errors import Refusal

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class ProductDownloadErrorCode(Enum): ...

else:
    ProductDownloadErrorCode = errors.code_enum(
        "ProductDownloadErrorCode", "a digital file", errors.codes_of(digital, uploads)
    )


def files_of_variant(context: Context, keys: Sequence[int]) -> list[list[DigitalFile]]:
    found = digital.files_of(keys)
    return [found[key] for key in keys]


@strawberry.type(description="A file that buyers of a variant may download once they have paid.")
class ProductDownload:
    id: strawberry.ID = strawberry.field(description="The file's id.")
    title: str = strawberry.field(description="What it is called.")
    file_name: str = strawberry.field(description="The name it is saved under.")
    size_bytes: float = strawberry.field(description="Its size in bytes.")
    download_limit: int | None = strawberry.field(
        description="How often it may be downloaded for each unit bought; null for as often as one likes."
    )
    valid_days: int | None = strawberry.field(
        description="For how many days after payment it may be downloaded; null for ever."
    )

    @classmethod
    def of(cls, row: DigitalFile) -> "ProductDownload":
        return cls(
            id=gid("ProductDownload", row.pk),
            title=row.title,
            file_name=row.file_name,
            size_bytes=float(row.size),
            download_limit=row.download_limit,
            valid_days=row.valid_days,
        )


@strawberry.type(description="Why a digital file was not changed.")
class ProductDownloadUserError(DisplayableError):
    code: ProductDownloadErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "ProductDownloadUserError":
        return cls(**errors.parts(refusal, ProductDownloadErrorCode))


@strawberry.input(
    description="What is said of a digital file, for those who buy from now on. What is left out stays as it is, or "
    "without a limit; null puts a field back to its default."
)
class ProductDownloadInput:
    title: str | None = strawberry.field(
        default=UNSET, description="What it is called, at most 255 characters; null for the name of the file."
    )
    download_limit: int | None = strawberry.field(
        default=UNSET, description="How often it may be downloaded for each unit bought; null for no limit."
    )
    valid_days: int | None = strawberry.field(
        default=UNSET, description="For how many days after payment it may be downloaded; null for ever."
    )

    def to_domain(self) -> FileFields:
        return cast(FileFields, given(self))


@strawberry.type(description="What became of `productDownloadCreate`.")
class ProductDownloadCreatePayload:
    product_download: ProductDownload | None = strawberry.field(
        default=None, description="The new file; null where it was refused."
    )
    user_errors: list[ProductDownloadUserError] = strawberry.field(
        default_factory=list, description="Why nothing was added; empty when all went well."
    )


@strawberry.type(description="What became of `productDownloadUpdate`.")
class ProductDownloadUpdatePayload:
    product_download: ProductDownload | None = strawberry.field(
        default=None, description="The file as it is now; null where this was refused."
    )
    user_errors: list[ProductDownloadUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `productDownloadDelete`.")
class ProductDownloadDeletePayload:
    deleted_product_download_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the file that is sold no more; null where this was refused."
    )
    user_errors: list[ProductDownloadUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


@strawberry.type
class DigitalMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_download_create(
        self,
        variant_id: Annotated[strawberry.ID, strawberry.argument(description="The variant whose buyers get the file.")],
        file: Annotated[Upload, strawberry.argument(description="The file, in a multipart request.")],
        download: Annotated[ProductDownloadInput | None, strawberry.argument(description="What is said of it.")] = None,
    ) -> ProductDownloadCreatePayload:
        """Give buyers of a variant a file to download. With its first one a variant is no longer sent in a parcel.

        For staff who manage the catalog.
        """
        key = nodes.number(variant_id, "ProductVariant", "variant_id")
        fields = (download or ProductDownloadInput()).to_domain()
        made = digital.create(variant_id=key, file=file, fields=fields)  # type: ignore[arg-type]
        return ProductDownloadCreatePayload(product_download=ProductDownload.of(made))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_download_update(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The file.")],
        download: Annotated[ProductDownloadInput, strawberry.argument(description="What is to change.")],
    ) -> ProductDownloadUpdatePayload:
        """Say something else of a digital file, for those who buy from now on. For staff who manage the catalog."""
        key = nodes.number(id, "ProductDownload", "id")
        changed = digital.update(file_id=key, fields=download.to_domain())
        return ProductDownloadUpdatePayload(product_download=ProductDownload.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_download_delete(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The file.")]
    ) -> ProductDownloadDeletePayload:
        """Sell a file no more; who bought it may download it on. For staff who manage the catalog."""
        key = nodes.number(id, "ProductDownload", "id")
        digital.remove(file_id=key)
        return ProductDownloadDeletePayload(deleted_product_download_id=gid("ProductDownload", key))
