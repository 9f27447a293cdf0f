"""What gateways tell us by themselves: kept at once, acted upon by a job that asks the gateway for the present state.

So it does not matter in which order notices arrive, or how often; and a notice that comes before our own answer, or is
lost, changes nothing: `payments.record` is the one door for all of them.
"""

import logging
from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from checkout import gateways, payments
from checkout.gateways import Incoming, Notice
from checkout.models import Payment, RefundStatus, WebhookEvent
from shop import clock, outbox
from shop.outbox import Message

log = logging.getLogger(__name__)

_KEPT = timedelta(days=90)


@transaction.atomic(durable=True)
def receive(handle: str, incoming: Incoming) -> int:
    """Keep what the gateway says, and have it acted upon; says how many notices are new. Raises BadNotice."""
    notices = list(gateways.named(handle).webhook(incoming))
    payload = incoming.body.decode("utf-8", "replace").replace("\0", "")
    return sum(_keep(handle, notice, payload) for notice in notices)


@outbox.handler("webhook.received")
def process(message: Message) -> None:
    """Ask the gateway what is true now, and record that. Raises GatewayUnavailable."""
    event = WebhookEvent.objects.get(pk=message.payload["webhook_event_id"])
    payment = _payment(event)
    if payment is None:
        # Others may use the same account, or it is older than this shop's memory.
        log.info("%s told of a payment that is not known here: %s.", event.gateway, event.event_id)
    else:
        charge = payments.charge(payment)
        charge = replace(charge, reference=charge.reference or event.reference)
        outcome = gateways.named(payment.gateway).find(charge)
        if outcome is not None:
            payments.record(payment.pk, outcome)
        for refund in payment.refunds.filter(status=RefundStatus.PENDING).order_by("pk"):
            outbox.publish("refund.due", refund_id=refund.pk)
    event.processed_at = clock.now()
    event.save(update_fields=["processed_at"])


@outbox.every(seconds=3600)
def forget_old() -> None:
    """Remove notices that were acted upon long ago."""
    WebhookEvent.objects.filter(received_at__lt=clock.now() - _KEPT, processed_at__isnull=False).delete()


def _keep(handle: str, notice: Notice, payload: str) -> bool:
    event, is_new = WebhookEvent.objects.get_or_create(
        gateway=handle,
        event_id=notice.event_id[:255],
        defaults={
            "kind": notice.kind[:100],
            "payment_key": notice.key,
            "reference": notice.reference[:255],
            "payload": payload,
        },
    )
    if is_new:
        outbox.publish("webhook.received", webhook_event_id=event.pk)
    return is_new


def _payment(event: WebhookEvent) -> Payment | None:
    of_gateway = Payment.objects.select_related("order").filter(gateway=event.gateway)
    if event.payment_key is not None:
        return of_gateway.filter(key=event.payment_key).first()
    return of_gateway.filter(gateway_reference=event.reference).first() if event.reference else None
