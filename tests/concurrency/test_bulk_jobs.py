"""Bulk jobs and what may befall their worker: killed in the middle, or two at once, or called off meanwhile."""

import json
import subprocess
import sys
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from accounts.actors import SYSTEM
from catalog import bulk
from catalog.imports import running
from catalog.models import BulkFormat, BulkJob, BulkOnError, Product, ProductVariant
from shop import clock, relay
from tests.concurrency.processes import environment
from tests.concurrency.waiting import PATIENCE, eventually
from tests.domain.import_lines import a_category_line, a_product_line, differences

pytestmark = pytest.mark.django_db(transaction=True)
LINES = [a_category_line(), *(a_product_line(f"p{number}") for number in range(5))]
# A worker that takes two rows a step, and says so and falls asleep when it has written the rows from p2 on.
SLOW_WORKER = """
import time, django
django.setup()
from django.core.management import call_command
from catalog.imports import products, running
running.BATCH = 2
write = products.write
def slow(lines):
    written = write(lines)
    if any(line.record.handle == "p2" for line in lines):
        print("written", flush=True)
        time.sleep(600)
    return written
running._WRITERS["product"] = slow
call_command("worker", threads=1, grace=0)
"""


def an_import(on_error: BulkOnError, lines: list[dict[str, Any]] = LINES) -> BulkJob:
    content = "\n".join(map(json.dumps, lines)).encode()
    file = SimpleUploadedFile("catalog.jsonl", content)
    return bulk.create_import(file=file, form=BulkFormat.JSONL, is_dry_run=False, on_error=on_error, actor=SYSTEM)


def handles() -> list[str]:
    return list(Product.objects.order_by("pk").values_list("handle", flat=True))


@pytest.mark.parametrize(("on_error", "before"), [(BulkOnError.SKIP_ROW, ["p0", "p1"]), (BulkOnError.STOP, [])])
def test_what_a_killed_worker_left_is_gone_on_with(monkeypatch, on_error, before):
    monkeypatch.setattr(running, "BATCH", 2)
    job = an_import(on_error)
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", SLOW_WORKER],
        cwd=settings.BASE_DIR,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        job.refresh_from_db()
        seen = (job.status, job.total, job.processed)
    finally:
        process.kill()
        process.communicate()

    assert seen == ("RUNNING", 6, 3)
    assert handles() == before
    time = clock.now() + relay.DELIVERY_TIMEOUT
    monkeypatch.setattr(clock, "now", lambda: time)
    # The server notices the loss of a client when it next speaks to it.
    assert eventually(lambda: relay.drain() > 0)
    relay.drain()

    job.refresh_from_db()
    assert (job.status, job.created, job.failed, job.processed) == ("COMPLETED", 6, 0, 6)
    assert handles() == ["p0", "p1", "p2", "p3", "p4"]
    assert ProductVariant.objects.count() == 5
    assert differences() == []


def test_two_workers_take_every_step_once(monkeypatch):
    monkeypatch.setattr(running, "BATCH", 1)
    jobs = [an_import(BulkOnError.SKIP_ROW, [a_category_line(f"x{n}"), *LINES]) for n in range(2)]

    def work() -> None:
        while relay.drain():
            pass
        connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE)
    relay.drain()

    counts = [(job.status, job.processed, job.failed) for job in BulkJob.objects.order_by("pk")]
    assert counts == [("COMPLETED", 7, 0)] * len(jobs)
    assert sorted(handles()) == ["p0", "p1", "p2", "p3", "p4"]


def test_calling_off_a_whole_import_leaves_nothing(monkeypatch):
    monkeypatch.setattr(running, "BATCH", 2)
    job = an_import(BulkOnError.STOP)
    written = running.Run.write

    def write_and_be_called_off(self: Any, batch: Any) -> None:
        written(self, batch)
        if batch[0].record.handle == "p0":
            canceller = Thread(target=call_off)
            canceller.start()
            canceller.join(PATIENCE)

    def call_off() -> None:
        bulk.cancel(job_id=job.pk)
        connection.close()

    monkeypatch.setattr(running.Run, "write", write_and_be_called_off)
    relay.drain()

    job.refresh_from_db()
    assert job.status == "CANCELLED"
    assert handles() == []
    assert not job.chunks.exists()
