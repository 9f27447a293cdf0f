"""The relay: gives each handler its copy of each message, and runs it until it is done.

Nothing here remembers anything between calls: what is left to do stands in the database, so any number of workers may
call these functions, and be killed at any line.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from traceback import format_exception

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from dramatiq.middleware import TimeLimitExceeded

from shop import clock, outbox
from shop.models import OutboxDelivery, OutboxMessage

logger = logging.getLogger(__name__)

BATCH = 100
# How long a delivery that was handed out may stay silent until it is handed out again.
DELIVERY_TIMEOUT = timedelta(minutes=5)
MAX_ATTEMPTS = 12
FIRST_RETRY = timedelta(seconds=10)
LAST_RETRY = timedelta(hours=6)
KEPT_WHEN_DONE = timedelta(days=7)
PRUNED_AT_ONCE = 5000


def relay_once() -> int:
    """Make one delivery per handler for a batch of messages that have none, and say how many messages it was."""
    now = clock.now()
    with transaction.atomic():
        waiting = OutboxMessage.objects.select_for_update(skip_locked=True).filter(relayed_at__isnull=True)
        messages = list(waiting.order_by("pk")[:BATCH])
        if not messages:
            return 0
        OutboxDelivery.objects.bulk_create(
            OutboxDelivery(message=message, handler=name, due_at=now)
            for message in messages
            for name in outbox.HANDLERS.get(message.topic, ())
        )
        OutboxMessage.objects.filter(pk__in=[message.pk for message in messages]).update(relayed_at=now)
    return len(messages)


def claim_due(limit: int) -> list[int]:
    """Up to `limit` deliveries to run now. Nobody else is given them until DELIVERY_TIMEOUT has passed."""
    if limit < 1:
        return []
    now = clock.now()
    with transaction.atomic():
        due = _open().select_for_update(skip_locked=True).filter(due_at__lte=now).order_by("due_at", "pk")
        claimed = list(due.values_list("pk", flat=True)[:limit])
        if claimed:
            OutboxDelivery.objects.filter(pk__in=claimed).update(due_at=now + DELIVERY_TIMEOUT)
    return claimed


def give_back(delivery_ids: Collection[int]) -> None:
    """Make claimed deliveries due at once: who claimed them cannot run them."""
    _open().filter(pk__in=delivery_ids).update(due_at=clock.now())


def deliver(delivery_id: int) -> None:
    """Run the delivery's handler, unless it is done, given up, or running elsewhere at this moment.

    What the handler writes and the record that it is done are one transaction. If it raises, both are rolled back and
    the delivery becomes due again later, each time after a longer wait, until it is given up.
    """
    if not _count_attempt(delivery_id):
        return
    try:
        _run(delivery_id)
    except (Exception, TimeLimitExceeded) as error:
        _put_off(delivery_id, error)


def drain() -> int:
    """Relay and run here, one after the other, all that is due; says how many deliveries were run."""
    delivered = 0
    while relay_once():
        pass
    while claimed := claim_due(1):
        deliver(claimed[0])
        delivered += 1
        while relay_once():
            pass
    return delivered


def troubled() -> QuerySet[OutboxDelivery]:
    """The deliveries that were tried and are not done: given up, waiting for their next attempt, or running."""
    return OutboxDelivery.objects.filter(done_at__isnull=True, attempts__gt=0)


def retry(deliveries: QuerySet[OutboxDelivery]) -> int:
    """Make those of `deliveries` that are not done due now, with all their attempts before them; says how many."""
    return deliveries.filter(done_at__isnull=True).update(failed_at=None, attempts=0, due_at=clock.now())


@outbox.every(seconds=600)
def prune() -> None:
    """Delete the oldest messages whose every delivery has long been done; what was given up is kept to be looked at."""
    unfinished = OutboxDelivery.objects.filter(message=OuterRef("pk"), done_at__isnull=True)
    old = OutboxMessage.objects.filter(~Exists(unfinished), relayed_at__lt=clock.now() - KEPT_WHEN_DONE)
    OutboxMessage.objects.filter(pk__in=list(old.order_by("pk").values_list("pk", flat=True)[:PRUNED_AT_ONCE])).delete()


def _open() -> QuerySet[OutboxDelivery]:
    return OutboxDelivery.objects.filter(done_at__isnull=True, failed_at__isnull=True)


def _count_attempt(delivery_id: int) -> bool:
    """Whether to go on. Committed before the handler runs: one that kills its worker must run out of attempts too."""
    with transaction.atomic():
        delivery = _open().select_for_update(skip_locked=True).filter(pk=delivery_id).first()
        if delivery is None:
            return False
        now = clock.now()
        if delivery.attempts >= MAX_ATTEMPTS:
            _open().filter(pk=delivery_id).update(failed_at=now)
            logger.error("%s was given up: its worker ended during the last attempt.", _label(delivery))
            return False
        _open().filter(pk=delivery_id).update(attempts=F("attempts") + 1, due_at=now + DELIVERY_TIMEOUT)
        return True


def _run(delivery_id: int) -> None:
    with transaction.atomic():
        own = _open().select_related("message").select_for_update(of=("self",), skip_locked=True)
        delivery = own.filter(pk=delivery_id).first()
        if delivery is None:
            return
        message = delivery.message
        handle = outbox.handler_named(delivery.handler)
        handle(outbox.Message(message.pk, message.topic, message.payload, message.created_at))
        _open().filter(pk=delivery_id).update(done_at=clock.now(), last_error="")


def _put_off(delivery_id: int, error: BaseException) -> None:
    """Record the error and when to try again, or that there is no again."""
    with transaction.atomic():
        delivery = _open().select_related("message").select_for_update(of=("self",)).filter(pk=delivery_id).first()
        if delivery is None:
            return
        now = clock.now()
        # PostgreSQL's text cannot hold NUL.
        delivery.last_error = "".join(format_exception(error))[-4000:].replace("\x00", "")
        delivery.due_at = _next_attempt(now, delivery.attempts)
        given_up = delivery.attempts >= MAX_ATTEMPTS
        delivery.failed_at = now if given_up else None
        delivery.save(update_fields=["last_error", "due_at", "failed_at"])
    if given_up:
        logger.error("%s was given up after %d attempts.", _label(delivery), delivery.attempts, exc_info=error)
    else:
        logger.warning("%s will be tried again at %s.", _label(delivery), delivery.due_at, exc_info=error)


def _next_attempt(now: datetime, attempts: int) -> datetime:
    wait: timedelta = FIRST_RETRY * 3 ** (attempts - 1)
    return now + min(wait, LAST_RETRY)


def _label(delivery: OutboxDelivery) -> str:
    return f"Delivery {delivery.pk} ({delivery})"
