"""The work of bulk jobs, done by the worker: each step is a delivery of the outbox, and publishes the next.

What a step writes, how far the job has come by it, and the message of the next step are one transaction. So a worker
may be killed at any line: the step is done anew by another, and nothing of it is there twice or by half.

- An import that skips bad rows takes a batch a step.
- One that stops at a bad row, and a dry run, is a single step: all of it is one transaction, and how far it has come is
  told over a connection beside it.
- An export takes a piece a step.
"""

import logging
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.dateparse import parse_datetime
from dramatiq.middleware import TimeLimitExceeded

from accounts import actors
from accounts.actors import SYSTEM, Actor
from accounts.staff import Permission
from catalog import bulk_files, exports, imports
from catalog.imports import Format, Outcome, Stopped, Summary, Unreadable
from catalog.imports.running import Run, batches
from catalog.models import BulkChunk, BulkError, BulkJob, BulkJobKind, BulkJobStatus, BulkOnError
from shop import aside, outbox
from shop.errors import Refusal
from shop.outbox import Message

logger = logging.getLogger(__name__)

STEP = "bulk.step"
MOST_ERRORS = 10_000
MOST_REPEATED = 10_000

_COUNTS = {
    Outcome.CREATED: "created",
    Outcome.UPDATED: "updated",
    Outcome.UNCHANGED: "unchanged",
    Outcome.SKIPPED: "failed",
}


@dataclass(slots=True)
class Reports:
    """The bad rows of a run, as many as are kept."""

    room: int = field(default_factory=lambda: MOST_ERRORS)
    kept: list[BulkError] = field(default_factory=list)

    def __call__(self, number: int | None, refusal: Refusal) -> None:
        if len(self.kept) < self.room:
            path = [str(part)[:300] for part in refusal.field]
            self.kept.append(BulkError(row=number, field=path, code=refusal.code, message=refusal.message[:1000]))


class _Failed(Exception):
    """The job cannot come to its end."""

    def __init__(self, message: str, reports: Reports, failed: int = 0) -> None:
        super().__init__(message)
        self.reports = reports
        self.failed = failed


class _CalledOff(Exception):
    """Somebody cancelled the job while it ran."""


@outbox.handler(STEP)
def step(message: Message) -> None:
    """Take a job one step further."""
    job_id = message.payload["job_id"]
    try:
        with transaction.atomic():
            _step(job_id)
    except _CalledOff:
        bulk_files.forget(job_id)
    except _Failed as failed:
        _fail(job_id, str(failed), failed.reports, failed.failed)
    except OperationalError:
        # The database was away, or had two wait for each other: the step is due again later.
        raise
    except TimeLimitExceeded:
        _fail(job_id, "This took too long in one transaction; send a smaller file, or skip rows instead.", Reports())
    except Exception:
        logger.exception("Bulk job %d met a bug.", job_id)
        _fail(job_id, "Something went wrong on our side.", Reports())


def _step(job_id: int) -> None:
    job = BulkJob.objects.filter(pk=job_id).first()
    if job is None or job.has_ended:
        return
    if job.status == BulkJobStatus.QUEUED:
        _begin(_locked(job_id))
    elif job.kind == BulkJobKind.EXPORT:
        _export_piece(_locked(job_id))
    elif job.is_dry_run or job.on_error == BulkOnError.STOP:
        _import_whole(job)
    else:
        _import_batch(_locked(job_id))


def _begin(job: BulkJob) -> None:
    job.become(BulkJobStatus.RUNNING)
    if job.kind == BulkJobKind.EXPORT:
        wanted = _wanted(job)
        job.total = exports.count(Format(job.format), wanted)
        job.place = {"size": 0, "place": exports.begin(Format(job.format), wanted).as_json()}
    else:
        job.total, repeated = _looked_through(job)
        job.place = {"start": 0, "number": 0, "repeated": repeated}
    job.save()
    outbox.publish(STEP, job_id=job.pk)


def _looked_through(job: BulkJob) -> tuple[int, dict[str, str]]:
    """How many rows the file has, and those that say again what an earlier one said. Raises _Failed."""
    repeated: dict[str, str] = {}
    total = 0

    def note(number: int, refusal: Refusal) -> None:
        if refusal.code == "TAKEN":
            repeated[str(number)] = refusal.message

    running = Run(note, strict=False, defers=True)
    try:
        for _ in running.lines(imports.rows(Format(job.format), bulk_files.opened(job.pk))):
            total += 1
    except Unreadable as unreadable:
        raise _unreadable(str(unreadable)) from unreadable
    if len(repeated) > MOST_REPEATED:
        raise _unreadable(f"More than {MOST_REPEATED} rows say again what an earlier row said.")
    return total + running.summary.count(Outcome.SKIPPED), repeated


def _unreadable(message: str) -> _Failed:
    reports = Reports()
    refusal = Refusal(message)
    reports(None, refusal)
    return _Failed(message, reports)


def _running(job: BulkJob, reports: Reports, *, strict: bool, defers: bool) -> Run:
    repeated = {int(number): message for number, message in job.place["repeated"].items()}
    return Run(reports, strict=strict, defers=defers, repeated=repeated, actor=_actor(job))


def _import_batch(job: BulkJob) -> None:
    """Import as many rows as go into one statement, and note where the next begin."""
    reports = Reports(MOST_ERRORS - job.kept_errors)
    running = _running(job, reports, strict=False, defers=False)
    rows = imports.rows(Format(job.format), bulk_files.opened(job.pk), job.place["start"], job.place["number"])
    batch, following = next(batches(running.lines(rows)), (None, None))
    if batch:
        running.write(batch)
    for outcome, name in _COUNTS.items():
        setattr(job, name, getattr(job, name) + running.summary.count(outcome))
    _keep(job, reports)
    if following is None:
        _end(job)
        return
    job.place |= {"start": following.start, "number": following.number - 1}
    _count(job)
    job.save()
    outbox.publish(STEP, job_id=job.pk)


def _import_whole(job: BulkJob) -> None:
    """Import all rows in this transaction; take it back if one is bad, or if this is a dry run.

    The job's row is not locked before the end: how far it has come is written there from beside.
    """
    reports = Reports()
    strict = job.on_error == BulkOnError.STOP
    running = _running(job, reports, strict=strict, defers=True)
    try:
        with aside.connected() as beside, transaction.atomic():
            rows = imports.rows(Format(job.format), bulk_files.opened(job.pk))
            for batch, _ in batches(running.lines(rows)):
                running.write(batch)
                _tell(beside, job.pk, running.summary)
            running.finish()
            transaction.set_rollback(job.is_dry_run)
    except Stopped as stopped:
        failed = running.summary.count(Outcome.SKIPPED) + len(reports.kept[:1])
        raise _Failed(str(stopped), reports, failed) from stopped
    job = _locked(job.pk)
    for outcome, name in _COUNTS.items():
        setattr(job, name, running.summary.count(outcome))
    _keep(job, reports)
    _end(job)


def _tell(beside: BaseDatabaseWrapper, job_id: int, summary: Summary) -> None:
    """Show how far the job has come. Raises _CalledOff."""
    counts = {name: summary.count(outcome) for outcome, name in _COUNTS.items()}
    with beside.cursor() as cursor:
        cursor.execute(_TELL, {**counts, "processed": sum(counts.values()), "id": job_id})
        found = cursor.fetchone()
    if found and found[0] == BulkJobStatus.CANCELLED:
        raise _CalledOff


_TELL = """
UPDATE catalog_bulkjob SET processed = %(processed)s, created = %(created)s, updated = %(updated)s,
    unchanged = %(unchanged)s, failed = %(failed)s
WHERE id = %(id)s
RETURNING status
"""


def _export_piece(job: BulkJob) -> None:
    place = exports.Place(**job.place["place"])
    piece = exports.piece(Format(job.format), _wanted(job), place)
    if piece.content:
        BulkChunk.objects.create(job=job, start=job.place["size"], content=piece.content)
    job.processed += piece.records
    if piece.next is None:
        job.become(BulkJobStatus.COMPLETED)
        job.total = job.processed
        job.save()
        return
    job.place = {"size": job.place["size"] + len(piece.content), "place": piece.next.as_json()}
    job.save()
    outbox.publish(STEP, job_id=job.pk)


def _wanted(job: BulkJob) -> exports.Wanted:
    wishes: dict[str, Any] = dict(job.filter)
    if wishes.get("updated_since"):
        wishes["updated_since"] = parse_datetime(wishes["updated_since"])
    return exports.Wanted(**wishes | {"tells_costs": _actor(job).may(Permission.MANAGE_INVENTORY)})


def _locked(job_id: int) -> BulkJob:
    """The job, locked, if it is still wanted. Raises _CalledOff."""
    job = BulkJob.objects.select_for_update(no_key=True).get(pk=job_id)
    if job.has_ended:
        raise _CalledOff
    return job


def _actor(job: BulkJob) -> Actor:
    return actors.of_user(job.created_by) if job.created_by else SYSTEM


def _keep(job: BulkJob, reports: Reports) -> None:
    reports.kept.sort(key=lambda error: error.row or 0)
    for error in reports.kept:
        error.job = job
    BulkError.objects.bulk_create(reports.kept)
    # A row may have several errors, and the rows of a sheet's product count as one.
    rows = len({error.row for error in reports.kept})
    job.kept_errors = min(job.kept_errors + rows, job.failed + 1)


def _count(job: BulkJob) -> None:
    job.processed = job.created + job.updated + job.unchanged + job.failed


def _end(job: BulkJob) -> None:
    """The import has come to its end: nobody needs its file any more."""
    _count(job)
    job.become(BulkJobStatus.COMPLETED)
    job.place = {}
    job.save()
    bulk_files.forget(job.pk)


def _fail(job_id: int, message: str, reports: Reports, failed: int = 0) -> None:
    job = BulkJob.objects.select_for_update(no_key=True).filter(pk=job_id).first()
    if job is None or job.has_ended:
        return
    if job.is_dry_run or job.on_error == BulkOnError.STOP:
        job.created = job.updated = job.unchanged = 0
        job.failed = failed
    _keep(job, reports)
    job.become(BulkJobStatus.FAILED)
    job.message = message[:1000]
    job.place = {}
    job.save()
    bulk_files.forget(job_id)
