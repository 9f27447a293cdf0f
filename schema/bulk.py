"""Bulk jobs: types, queries and mutations, for staff who keep the catalog."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from django.conf import settings
from django.urls import reverse
from strawberry import UNSET

from accounts.staff import Permission
from catalog import bulk, models
from catalog.models import BulkError as StoredError
from catalog.models import BulkJob as StoredJob
from schema import errors, inputs, nodes
from schema.context import Context, Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import Staff
from schema.products import ProductStatus
from schema.scalars import URL, Upload
from shop.errors import Refusal
from shop.paging import Page, PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class BulkJobErrorCode(Enum): ...

    class BulkJobKind(Enum): ...

    class BulkJobStatus(Enum): ...

    class BulkFormat(Enum): ...

    class BulkOnError(Enum):
        SKIP_ROW = "SKIP_ROW"

else:
    BulkJobKind = errors.enum_of("BulkJobKind", "What a bulk job does.", dict(models.BulkJobKind.choices))
    BulkJobStatus = errors.enum_of("BulkJobStatus", "Where a bulk job stands.", dict(models.BulkJobStatus.choices))
    BulkFormat = errors.enum_of(
        "BulkFormat", "The form of a file; docs/import.md describes both.", dict(models.BulkFormat.choices)
    )
    BulkOnError = errors.enum_of(
        "BulkOnError", "What an import does about a row that it cannot take.", dict(models.BulkOnError.choices)
    )
    BulkJobErrorCode = errors.code_enum("BulkJobErrorCode", "a bulk job", errors.codes_of(bulk))


@strawberry.type(description="Why a job could not take a row of its file.")
class BulkRowError:
    row: int | None = strawberry.field(description="The row's line in the file; null for the file as a whole.")
    field: list[str] = strawberry.field(description="Where in the row it is, outermost first; empty for all of it.")
    code: str = strawberry.field(
        description="The reason, for programs, such as BAD_LINE, TAKEN, UNKNOWN, STOCK_TAKEN or INVALID."
    )
    message: str = strawberry.field(description="What is wrong, in words for people.")

    @classmethod
    def of(cls, row: StoredError) -> "BulkRowError":
        return cls(row=row.row, field=row.field, code=row.code, message=row.message)


@strawberry.type(description="The file that an export made.")
class BulkFile:
    url: URL = strawberry.field(
        description="Where it is, for an hour from now, for whoever knows the address: keep it to yourself."
    )
    size: int = strawberry.field(description="Its size in bytes.")
    expires_at: datetime | None = strawberry.field(description="Until when it is kept.")


def _errors(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[StoredError]]:
    found = bulk.errors_of(keys, PageRequest(first, last, after, before))
    return [found[key] for key in keys]


def _files(context: Context, keys: Sequence[int]) -> list[BulkFile | None]:
    jobs = bulk.visible(context.actor, keys)
    sizes = bulk.sizes(jobs.values())
    return [
        BulkFile(
            url=URL(f"{settings.SHOP_URL}{reverse('bulk-file', args=[bulk.signed(jobs[key])])}"),
            size=sizes[key],
            expires_at=bulk.file_expires_at(jobs[key]),
        )
        if key in sizes
        else None
        for key in keys
    ]


@strawberry.type(description="An import or an export that a worker does.")
class BulkJob(Node):
    kind: BulkJobKind = strawberry.field(description="What it does.")
    format: BulkFormat = strawberry.field(description="The form of its file.")
    status: BulkJobStatus = strawberry.field(description="Where it stands.")
    is_dry_run: bool = strawberry.field(description="Whether it only tells what it would do.")
    on_error: BulkOnError = strawberry.field(description="What it does about a row that it cannot take.")
    file_name: str | None = strawberry.field(description="What the imported file was called.")
    message: str | None = strawberry.field(description="Why it failed.")
    total: int | None = strawberry.field(description="Rows of the file; null until they are counted.")
    processed: int = strawberry.field(description="Rows done so far.")
    created: int = strawberry.field(description="Records that are new to the shop, or would be.")
    updated: int = strawberry.field(description="Records that changed, or would.")
    unchanged: int = strawberry.field(description="Records that the shop has as they are.")
    failed: int = strawberry.field(description="Rows that could not be taken.")
    errors_omitted: int = strawberry.field(
        description="How many of the failed rows `errors` does not tell of: it keeps the first 10,000."
    )
    created_by: str | None = strawberry.field(description="Who began it, by e-mail address.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When a worker took it up.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")
    errors: CountedConnection[BulkRowError] = edge(_errors, description="The rows that it could not take, in order.")
    file: BulkFile | None = edge(_files, description="What an export made; null before its end, and once it is gone.")
    pk: strawberry.Private[int]

    @classmethod
    def of(cls, row: StoredJob) -> "BulkJob":
        return cls(
            id=gid("BulkJob", row.pk),
            kind=BulkJobKind[row.kind],
            format=BulkFormat[row.format],
            status=BulkJobStatus[row.status],
            is_dry_run=row.is_dry_run,
            on_error=BulkOnError[row.on_error],
            file_name=row.file_name or None,
            message=row.message or None,
            total=row.total,
            processed=row.processed,
            created=row.created,
            updated=row.updated,
            unchanged=row.unchanged,
            failed=row.failed,
            errors_omitted=max(row.failed - row.kept_errors, 0),
            created_by=row.created_by.email if row.created_by else None,
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            pk=row.pk,
        )


def bulk_jobs_by_id(context: Context, keys: Sequence[int]) -> list[StoredJob | None]:
    found = bulk.visible(context.actor, keys)
    return [found.get(key) for key in keys]


@strawberry.input(description="Which products to export: those of which all that is said here holds.")
class BulkExportFilter:
    category_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Only those in this category or below it."
    )
    statuses: list[ProductStatus] | None = strawberry.field(
        default=UNSET, description="Only those with one of these; all where the list is empty or left out."
    )
    tag: str | None = strawberry.field(default=UNSET, description="Only those with this tag.")
    updated_since: datetime | None = strawberry.field(
        default=UNSET, description="Only those that changed since this moment."
    )

    def to_domain(self) -> bulk.Filter:
        fields: dict[str, Any] = inputs.given(self)
        if isinstance(self.category_id, str):
            fields["category_id"] = nodes.number(self.category_id, "Category", "filter", "category_id")
        return cast(bulk.Filter, fields)


@strawberry.type(description="Why a bulk job was not begun, or not called off.")
class BulkJobUserError(DisplayableError):
    code: BulkJobErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "BulkJobUserError":
        return cls(**errors.parts(refusal, BulkJobErrorCode))


@strawberry.type(description="What became of `bulkImportCreate`.")
class BulkImportCreatePayload:
    job: BulkJob | None = edge(
        bulk_jobs_by_id, key="job_id", description="The job, for a worker to take up; null where this was refused."
    )
    user_errors: list[BulkJobUserError] = strawberry.field(
        default_factory=list, description="Why nothing was begun; empty when all went well."
    )
    job_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `bulkExportCreate`.")
class BulkExportCreatePayload:
    job: BulkJob | None = edge(
        bulk_jobs_by_id, key="job_id", description="The job, for a worker to take up; null where this was refused."
    )
    user_errors: list[BulkJobUserError] = strawberry.field(
        default_factory=list, description="Why nothing was begun; empty when all went well."
    )
    job_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `bulkJobCancel`.")
class BulkJobCancelPayload:
    job: BulkJob | None = edge(
        bulk_jobs_by_id, key="job_id", description="The job as it is now; null where this was refused."
    )
    user_errors: list[BulkJobUserError] = strawberry.field(
        default_factory=list, description="Why it was not called off; empty when all went well."
    )
    job_id: strawberry.Private[int | None] = None


@strawberry.type
class BulkQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def bulk_job(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The job's id.")]
    ) -> BulkJob | None:
        """An import or an export, with how far it has come. For staff who manage the catalog."""
        key = nodes.number(id, "BulkJob")
        found = bulk.visible(info.context.actor, [key]).get(key)
        return BulkJob.of(found) if found else None

    @query(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def bulk_jobs(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        status: Annotated[BulkJobStatus | None, strawberry.argument(description="Only jobs that stand there.")] = None,
        kind: Annotated[BulkJobKind | None, strawberry.argument(description="Only jobs that do this.")] = None,
    ) -> CountedConnection[BulkJob]:
        """Imports and exports, newest first. For staff who manage the catalog."""
        page = bulk.page(
            models.BulkJobStatus(status.name) if status else None,
            models.BulkJobKind(kind.name) if kind else None,
            PageRequest(first, last, after, before),
        )
        return CountedConnection.of(page, BulkJob.of)


@strawberry.type
class BulkMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def bulk_import_create(
        self,
        info: Info,
        file: Annotated[
            Upload, strawberry.argument(description="The file, plain or gzip; docs/import.md describes its forms.")
        ],
        format: Annotated[BulkFormat, strawberry.argument(description="Its form.")],
        dry_run: Annotated[
            bool, strawberry.argument(description="Do all of it and take it back: only tell what would come of it.")
        ] = False,
        on_error: Annotated[
            BulkOnError, strawberry.argument(description="What to do about a row that cannot be taken.")
        ] = BulkOnError.SKIP_ROW,
    ) -> BulkImportCreatePayload:
        """Have a worker import a file into the catalog. For staff who manage the catalog."""
        job = bulk.create_import(
            file=cast(Any, file),
            form=models.BulkFormat(format.name),
            is_dry_run=dry_run,
            on_error=models.BulkOnError(on_error.name),
            actor=info.context.actor,
        )
        return BulkImportCreatePayload(job_id=job.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def bulk_export_create(
        self,
        info: Info,
        format: Annotated[BulkFormat, strawberry.argument(description="The form of the file.")],
        filter: Annotated[
            BulkExportFilter | None,
            strawberry.argument(description="Which products; where it is left out, all of them and all other kinds."),
        ] = None,
    ) -> BulkExportCreatePayload:
        """Have a worker export the catalog into a file. For staff who manage the catalog."""
        wanted = filter.to_domain() if filter else None
        job = bulk.create_export(form=models.BulkFormat(format.name), filter=wanted, actor=info.context.actor)
        return BulkExportCreatePayload(job_id=job.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def bulk_job_cancel(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The job to call off.")]
    ) -> BulkJobCancelPayload:
        """Call a job off. What an import that skips rows has imported stays.

        For staff who manage the catalog.
        """
        job = bulk.cancel(job_id=nodes.number(id, "BulkJob", "id"))
        return BulkJobCancelPayload(job_id=job.pk)
