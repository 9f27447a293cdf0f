"""Digital goods: the files of a variant, uploaded by staff and kept in a storage that nobody outside the shop reads.

What is said of a file holds for those who buy from then on; `checkout.downloads` remembers what buyers were promised.
"""

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import PurePath
from typing import Any, TypedDict

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet

from catalog.models import DigitalFile, ProductVariant
from catalog.uploads import FileTooLarge
from shop import ids, prepared, text
from shop.errors import InvalidInput, NotFound, blaming, together

MAX_FILES = 50
MAX_TITLE = 255
MAX_FILE_NAME = 200
MAX_LIMIT = 1_000_000
MAX_DAYS = 36_500


class FileFields(TypedDict, total=False):
    """What may be said of a file. A key left out leaves what there is; None puts back the default."""

    title: str | None
    download_limit: int | None
    valid_days: int | None


def storage() -> Storage:
    """Where the files are."""
    return storages["private"]


@transaction.atomic(durable=True)
def create(*, variant_id: int, file: "UploadedFile[Any]", fields: FileFields) -> DigitalFile:
    """Give buyers of a variant a file; with the first it is no longer sent in a parcel, unless staff say so again.

    Raises InvalidInput, NotFound, FileTooLarge.
    """
    with together() as check:
        with check("download"):
            columns = _checked(fields)
        with check("file"):
            if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
                raise FileTooLarge
            if not file.size:
                raise InvalidInput("This file is empty.")
    with blaming("variant_id"):
        variant = _variant(variant_id)
        count = DigitalFile.objects.filter(variant=variant).count()
        if count >= MAX_FILES:
            raise InvalidInput(f"A variant has {MAX_FILES} files at the most.")
    file_name = _file_name(file.name or "")
    made = DigitalFile(
        variant=variant,
        file_name=file_name,
        size=file.size or 0,
        title=columns.pop("title", "") or file_name,
        **columns,
    )
    made.position = count
    # Nobody can guess it, should the storage ever be read by others.
    made.name = storage().save(f"{ids.new_secret()}/{file_name}", file)
    try:
        made.save()
        if not count and variant.requires_shipping:
            variant.requires_shipping = False
            variant.save(update_fields=["requires_shipping", "updated_at"])
    except BaseException:
        with suppress(OSError):
            storage().delete(made.name)
        raise
    return made


@transaction.atomic(durable=True)
def update(*, file_id: int, fields: FileFields) -> DigitalFile:
    """Say something else of a file, for those who buy from now on. Raises InvalidInput, NotFound."""
    with blaming("download"):
        columns = _checked(fields)
    changed = _locked(file_id)
    if "title" in columns:
        columns["title"] = columns["title"] or changed.file_name
    for name, value in columns.items():
        setattr(changed, name, value)
    changed.save(update_fields=list(columns))
    return changed


@transaction.atomic(durable=True)
def remove(*, file_id: int) -> int:
    """Take a file off its variant, and answer that; who bought it may have it on. Raises NotFound."""
    removed = _locked(file_id)
    variant_id = removed.variant_id or 0
    removed.variant = None
    removed.save(update_fields=["variant"])
    return variant_id


def files_of(variant_ids: Collection[int]) -> dict[int, list[DigitalFile]]:
    """The files of each variant, in the merchant's order."""
    found: dict[int, list[DigitalFile]] = {variant_id: [] for variant_id in variant_ids}
    for file in _files(list(found)):
        if file.variant_id is not None:
            found[file.variant_id].append(file)
    return found


@prepared.statement
def _files(variant_ids: list[int]) -> QuerySet[DigitalFile]:
    return DigitalFile.objects.filter(variant_id__any=variant_ids).order_by("variant_id", "position", "pk")


def _checked(fields: FileFields) -> dict[str, Any]:
    """The columns to write. Raises Refusals."""
    columns: dict[str, Any] = {}
    with together() as check:
        if "title" in fields:
            with check("title"):
                columns["title"] = text.line(fields["title"] or "", limit=MAX_TITLE)
        limits: Sequence[tuple[str, int | None, int]] = (
            ("download_limit", fields.get("download_limit"), MAX_LIMIT),
            ("valid_days", fields.get("valid_days"), MAX_DAYS),
        )
        for name, value, most in limits:
            if name in fields:
                with check(name):
                    if value is not None and not 1 <= value <= most:
                        raise InvalidInput(f"Say a number from 1 to {most}, or null for no limit.")
                    columns[name] = value
    return columns


def _variant(variant_id: int) -> ProductVariant:
    found = ProductVariant.objects.select_for_update(no_key=True).filter(pk=variant_id).first()
    if found is None:
        raise NotFound("ProductVariant")
    return found


def _locked(file_id: int) -> DigitalFile:
    found = DigitalFile.objects.select_for_update().filter(pk=file_id, variant__isnull=False).first()
    if found is None:
        raise NotFound("ProductDownload", field=("id",))
    return found


def _file_name(sent: str) -> str:
    """A name that any disk can keep: the last part of a path, without signs that mean something to one."""
    clean = re.sub(r"[^\w.() +-]+", "_", PurePath(sent.replace("\\", "/")).name).strip(". ") or "download"
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[: MAX_FILE_NAME - 20]}.{ending[:19]}" if dot and stem else clean[:MAX_FILE_NAME]
