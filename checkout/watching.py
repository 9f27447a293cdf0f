"""Watching an order: what a watcher is told about, and the word to every process in which somebody watches."""

from checkout.models import Order
from shop import notices, outbox
from shop.outbox import Message

_TOPICS = (
    "order.confirmed",
    "order.cancelled",
    "order.shipped",
    "order.fulfilled",
    "order.delivered",
    "order.tracking_changed",
    "order.lines_cancelled",
    "order.edited",
    "order.partly_paid",
    "order.noted",
    "order.claimed",
    "return.requested",
    "return.approved",
    "return.declined",
    "return.cancelled",
    "return.exchanged",
    "return.received",
    "payment.authorized",
    "payment.captured",
    "payment.failed",
    "payment.voided",
    "payment.refunded",
    "payment.refund_failed",
)


def subject(order_id: int) -> str:
    """The name under which notices of the order travel."""
    return f"order:{order_id}"


def progress(order: Order) -> tuple[object, ...]:
    """Status, money, parcels and the timeline as everybody sees it: it differs if there is something to tell."""
    payments = order.payments.order_by("pk").values_list("pk", "status", "captured", "refunded")
    sent = order.fulfillments.order_by("pk").values_list("pk", "tracking_company", "parcels", "delivered_at")
    parcels = [(key, company, str(parcels), at) for key, company, parcels, at in sent]
    told = order.events.filter(is_public=True).order_by("pk").values_list("pk").last()
    return order.status, tuple(payments), tuple(parcels), told


def _tell_watchers(message: Message) -> None:
    """Have everybody who watches the order read it again."""
    notices.ring(subject(message.payload["order_id"]))


for _topic in _TOPICS:
    outbox.handler(_topic)(_tell_watchers)
