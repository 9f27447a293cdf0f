"""Periodic tasks: each runs again and again, in one worker at a time however many there are."""

import logging
from traceback import format_exception

from django.db import connection

from shop import clock, outbox
from shop.models import PeriodicRun

logger = logging.getLogger(__name__)

CLAIM = "SELECT id FROM shop_periodicrun WHERE task = %s AND due_at <= %s FOR UPDATE SKIP LOCKED"
RELEASE = "UPDATE shop_periodicrun SET due_at = %s, ended_at = %s, last_error = %s WHERE id = %s"


def run_due() -> int:
    """Run here, one after the other, the tasks that are due and that no other worker runs; says how many were run."""
    due_at = dict(PeriodicRun.objects.values_list("task", "due_at"))
    new = [PeriodicRun(task=name, due_at=clock.now()) for name in outbox.TASKS if name not in due_at]
    if new:
        PeriodicRun.objects.bulk_create(new, ignore_conflicts=True)
    now = clock.now()
    return sum(_run_alone(name) for name in outbox.TASKS if due_at.get(name, now) <= now)


def _run_alone(name: str) -> bool:
    """Run the task if it is due and nobody else runs it.

    A second connection keeps its row locked meanwhile, so that the task may open and close transactions as it likes,
    and a worker that is killed lets go of it.
    """
    task = outbox.TASKS[name]
    guard = connection.copy()
    try:
        guard.set_autocommit(False)
        with guard.cursor() as cursor:
            cursor.execute(CLAIM, [name, clock.now()])
            row = cursor.fetchone()
            if row is None:
                return False
            error = _error_of(name, task.run)
            now = clock.now()
            cursor.execute(RELEASE, [now + task.interval, now, error, *row])
        guard.commit()
    finally:
        guard.close()
    return True


def _error_of(name: str, run: outbox.Task) -> str:
    """What the task raised, in full, or nothing."""
    try:
        run()
    except Exception as error:
        logger.exception("Periodic task %s failed; it runs again at its next time.", name)
        return "".join(format_exception(error))[-4000:].replace("\x00", "")
    return ""
