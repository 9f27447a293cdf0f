"""Bulk jobs, for staff who keep the catalog: imports and exports that a worker does, to be looked at meanwhile.

`catalog/bulk_work.py` is what the worker does.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.actors import Actor
from accounts.staff import Permission
from catalog import bulk_files, bulk_work, categories
from catalog.bulk_files import UnpackedTooLarge
from catalog.exports import Wanted
from catalog.models import (
    BulkChunk,
    BulkError,
    BulkFormat,
    BulkJob,
    BulkJobKind,
    BulkJobStatus,
    BulkOnError,
    ProductStatus,
)
from catalog.models.bulk import BulkJobStatusRefused
from catalog.uploads import FileTooLarge
from shop import clock, outbox, paging, text
from shop.errors import InvalidInput, NotFound, blaming
from shop.paging import Page, PageRequest

__all__ = ["BulkJobStatusRefused", "FileTooLarge", "UnpackedTooLarge", "cancel", "create_export", "create_import"]

FILES_KEPT = timedelta(days=7)
JOBS_KEPT = timedelta(days=90)
LINK_LASTS = timedelta(hours=1)

_SALT = "catalog.bulk"
_NEWEST_FIRST = paging.Order("NEWEST", "pk", descending=True)
_BY_ROW = paging.Order("ROW", "pk")


class Filter(TypedDict, total=False):
    """Which products an export is to have."""

    category_id: int | None
    statuses: list[str] | None
    tag: str | None
    updated_since: datetime | None


@transaction.atomic(durable=True)
def create_import(
    *, file: "UploadedFile[Any]", form: BulkFormat, is_dry_run: bool, on_error: BulkOnError, actor: Actor
) -> BulkJob:
    """Keep a file and have it imported. Raises FileTooLarge, UnpackedTooLarge, InvalidInput."""
    job = BulkJob.objects.create(
        kind=BulkJobKind.IMPORT,
        format=form,
        is_dry_run=is_dry_run,
        on_error=on_error,
        file_name=_name(file.name or ""),
        created_by_id=actor.user_id,
    )
    with blaming("file"):
        bulk_files.store(job.pk, file)
    outbox.publish(bulk_work.STEP, job_id=job.pk)
    return job


@transaction.atomic(durable=True)
def create_export(*, form: BulkFormat, filter: Filter | None, actor: Actor) -> BulkJob:
    """Have the catalog exported, or the products that `filter` wants. Raises NotFound, InvalidInput."""
    with blaming("filter"):
        wanted = asdict(_wanted(filter or {}))
    since = wanted["updated_since"]
    job = BulkJob.objects.create(
        kind=BulkJobKind.EXPORT,
        format=form,
        filter={**wanted, "updated_since": since.isoformat() if since else None},
        created_by_id=actor.user_id,
    )
    outbox.publish(bulk_work.STEP, job_id=job.pk)
    return job


@transaction.atomic(durable=True)
def cancel(*, job_id: int) -> BulkJob:
    """Call a job off: what an import that skips rows has imported stays. Raises NotFound, BulkJobStatusRefused."""
    job = BulkJob.objects.select_for_update(no_key=True).filter(pk=job_id).first()
    if job is None:
        raise NotFound("BulkJob", field=("id",))
    job.become(BulkJobStatus.CANCELLED)
    job.save(update_fields=["status", "finished_at"])
    if job.kind == BulkJobKind.EXPORT:
        bulk_files.forget(job.pk)
    return job


def page(status: BulkJobStatus | None, kind: BulkJobKind | None, request: PageRequest) -> Page[BulkJob]:
    """A page of the jobs, newest first. Raises InvalidPage."""
    found = BulkJob.objects.select_related("created_by")
    if status is not None:
        found = found.filter(status=status)
    if kind is not None:
        found = found.filter(kind=kind)
    return paging.page(found, _NEWEST_FIRST, request, list, lambda row: (row.pk,))


def visible(actor: Actor, job_ids: Sequence[int]) -> dict[int, BulkJob]:
    """The jobs with these keys, for staff who keep the catalog; none for anybody else."""
    if not actor.may(Permission.MANAGE_CATALOG):
        return {}
    return BulkJob.objects.select_related("created_by").in_bulk(list(job_ids))


def errors_of(job_ids: Sequence[int], request: PageRequest) -> dict[int, Page[BulkError]]:
    """A page of each job's errors, in the order of the rows. Raises InvalidPage."""
    querysets = {job_id: BulkError.objects.filter(job_id=job_id) for job_id in job_ids}
    return paging.pages(querysets, _BY_ROW, request, list, lambda row: row.job_id, lambda row: (row.pk,))


def sizes(jobs: Collection[BulkJob]) -> dict[int, int]:
    """The bytes of the file of each of these jobs that is an export and has one."""
    return bulk_files.sizes([job.pk for job in jobs if _has_file(job)])


def file_expires_at(job: BulkJob) -> datetime | None:
    """Until when the file of an export is kept."""
    return job.finished_at + FILES_KEPT if job.finished_at and _has_file(job) else None


def signed(job: BulkJob) -> str:
    """What lets whoever has it fetch the job's file, for an hour from now."""
    until = clock.now() + LINK_LASTS
    return signing.dumps([job.pk, int(until.timestamp())], salt=_SALT)


def by_signature(signature: str) -> BulkJob:
    """The job whose file may be fetched with this. Raises NotFound where it is no signature of ours, or over."""
    try:
        job_id, until = signing.loads(signature, salt=_SALT)
    except signing.BadSignature as error:
        raise NotFound("BulkJob") from error
    job = BulkJob.objects.filter(pk=job_id).first()
    if job is None or until < clock.now().timestamp() or not BulkChunk.objects.filter(job=job).exists():
        raise NotFound("BulkJob")
    return job


@outbox.every(seconds=3600)
def prune() -> None:
    """Delete files a week after their job ended, and jobs after three months."""
    now = clock.now()
    BulkChunk.objects.filter(job__finished_at__lt=now - FILES_KEPT).delete()
    BulkJob.objects.filter(finished_at__lt=now - JOBS_KEPT).delete()


def _has_file(job: BulkJob) -> bool:
    return job.kind == BulkJobKind.EXPORT and job.status == BulkJobStatus.COMPLETED


def _name(name: str) -> str:
    return "".join(character for character in name if character.isprintable())[-255:]


def _wanted(filter: Filter) -> Wanted:
    category_id, since, tag = filter.get("category_id"), filter.get("updated_since"), filter.get("tag")
    if since is not None and since.tzinfo is None:
        raise InvalidInput("A moment needs its offset, such as 2026-01-02T03:04:05+00:00.", field=("updated_since",))
    return Wanted(
        category_path=None if category_id is None else categories.get(category_id, "category_id").path,
        statuses=[ProductStatus(status).value for status in filter.get("statuses") or ()],
        tag=None if tag is None else text.line(tag, limit=255, field=("tag",)),
        updated_since=since,
    )
