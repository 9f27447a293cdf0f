"""Imports and exports as jobs: how far each has come, the rows it could not take, and its file."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shop import clock
from shop.errors import Refusal


class BulkJobKind(models.TextChoices):
    """What a job does."""

    IMPORT = "IMPORT", "Reads a file into the catalog"
    EXPORT = "EXPORT", "Writes the catalog into a file"


class BulkFormat(models.TextChoices):
    """The form of a job's file."""

    JSONL = "JSONL", "JSON Lines: one record a line, of every kind"
    CSV = "CSV", "A sheet of products, a row for each variant"


class BulkOnError(models.TextChoices):
    """What an import does about a row that it cannot take."""

    SKIP_ROW = "SKIP_ROW", "Leave the row out and go on; what was imported stays"
    STOP = "STOP", "Stop there and leave the catalog as it was"


class BulkJobStatus(models.TextChoices):
    """The whole life of a job."""

    QUEUED = "QUEUED", "No worker has taken it up yet"
    RUNNING = "RUNNING", "A worker is at it"
    COMPLETED = "COMPLETED", "It came to its end; single rows may have been left out"
    FAILED = "FAILED", "It could not come to its end; its message says why"
    CANCELLED = "CANCELLED", "Somebody called it off"

    @property
    def next(self) -> frozenset[BulkJobStatus]:
        match self:
            case BulkJobStatus.QUEUED:
                return frozenset({BulkJobStatus.RUNNING, BulkJobStatus.FAILED, BulkJobStatus.CANCELLED})
            case BulkJobStatus.RUNNING:
                return frozenset({BulkJobStatus.COMPLETED, BulkJobStatus.FAILED, BulkJobStatus.CANCELLED})
            case BulkJobStatus.COMPLETED | BulkJobStatus.FAILED | BulkJobStatus.CANCELLED:
                return frozenset()


class BulkJobStatusRefused(Refusal):
    """The job's status does not allow what was asked."""

    code = "BULK_JOB_STATUS_REFUSED"

    def __init__(self, status: str, wanted: str) -> None:
        super().__init__(f"The job is {status.lower()} and cannot become {wanted.lower()}.", field=("id",))


class BulkJob(models.Model):
    """An import or an export. `place` is how far it has come: what a worker needs to go on with it.

    `filter` is what an export wants; of `kept_errors` of the `failed` rows it is told what is wrong.
    """

    kind = models.CharField(max_length=6, choices=BulkJobKind)
    format = models.CharField(max_length=5, choices=BulkFormat)
    on_error = models.CharField(max_length=8, choices=BulkOnError, default=BulkOnError.SKIP_ROW)
    is_dry_run = models.BooleanField(default=False)
    status = models.CharField(max_length=9, choices=BulkJobStatus, default=BulkJobStatus.QUEUED, editable=False)
    message = models.CharField(max_length=1000, blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    filter = models.JSONField(default=dict, blank=True)
    place = models.JSONField(default=dict, blank=True)
    total = models.PositiveIntegerField(null=True, blank=True)
    processed = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    kept_errors = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=BulkJobKind.values), name="bulk_job_kind_is_known"),
            models.CheckConstraint(condition=Q(format__in=BulkFormat.values), name="bulk_job_format_is_known"),
            models.CheckConstraint(condition=Q(on_error__in=BulkOnError.values), name="bulk_job_on_error_is_known"),
            models.CheckConstraint(condition=Q(status__in=BulkJobStatus.values), name="bulk_job_status_is_known"),
            models.CheckConstraint(
                condition=Q(kept_errors__lte=F("failed") + 1), name="bulk_job_keeps_errors_of_failed_rows"
            ),
        ]
        indexes = [models.Index(fields=["finished_at"], name="bulk_job_by_end")]

    def __str__(self) -> str:
        return f"{self.kind.capitalize()} {self.pk}"

    @property
    def has_ended(self) -> bool:
        return not BulkJobStatus(self.status).next

    def become(self, wanted: BulkJobStatus) -> None:
        """Take the next step, and note when; saving is up to the caller. Raises BulkJobStatusRefused."""
        if wanted not in BulkJobStatus(self.status).next:
            raise BulkJobStatusRefused(self.status, wanted)
        self.status = wanted
        if wanted == BulkJobStatus.RUNNING:
            self.started_at = clock.now()
        else:
            self.finished_at = clock.now()


class BulkError(models.Model):
    """Why a job could not take a row; without a row, what is wrong with its file."""

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="errors")
    row = models.PositiveIntegerField(null=True, blank=True)
    field = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    code = models.CharField(max_length=50)
    message = models.CharField(max_length=1000)

    class Meta:
        indexes = [models.Index(fields=["job", "id"], name="bulk_error_in_order")]

    def __str__(self) -> str:
        return f"Row {self.row}: {self.message}"


class BulkChunk(models.Model):
    """A part of a job's file, `start` bytes after its beginning.

    Files are kept in the database: they come and go with the transaction that makes or reads them, every worker can
    reach them, and no address leads to them but the one that is signed.
    """

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="chunks")
    start = models.PositiveBigIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "start"], name="bulk_chunk_starts_once")]

    def __str__(self) -> str:
        return f"{self.job_id} from {self.start}"
