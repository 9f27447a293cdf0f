"""What customers who left a phone number are told about their orders, by SMS; `settings.CUSTOMER_SMS` chooses.

A text is one message of 160 signs wherever that can be, and holds no secret but the link to the order's page.
"""

import logging

from django.conf import settings

from checkout import letters, notifications
from checkout.models import Fulfillment, Order, OrderStatus, Payment, PaymentStatus
from shop import outbox, sms
from shop.outbox import Message

log = logging.getLogger(__name__)


@outbox.handler("order.confirmed")
@outbox.handler("payment.captured")
@outbox.handler("order.shipped")
@outbox.handler("order.delivered")
@outbox.handler("order.edited")
@outbox.handler("order.cancelled")
@outbox.handler("payment.refunded")
def tell(message: Message) -> None:
    """Send the news of a message, if it still is news. A number that cannot be reached is logged, and not tried again.

    Raises SmsNotSent, after which the outbox tries again.
    """
    if message.topic not in settings.CUSTOMER_SMS:
        return
    order = Order.objects.get(pk=message.payload["order_id"])
    number = order.phone or (order.delivery_address or {}).get("phone", "")
    news = _news(message, order) if number else []
    if not news:
        return
    try:
        sms.sender().send(number, _worded(news, order), f"outbox-{message.id}")
    except sms.NumberRefused as refused:
        log.warning("Order %s: no text message to %s: %s", order.name, sms.masked(number), refused)


def _news(message: Message, order: Order) -> list[str]:
    """What happened, in several wordings, the wordiest first; nothing where it is true no longer."""
    if message.topic == "payment.refunded":
        return [f"{notifications.given_back(message)['amount']} of order {order.name} is given back."]
    if message.topic == "order.cancelled":
        return [f"order {order.name} is cancelled."] if notifications.is_called_off(order) else []
    if order.status == OrderStatus.CANCELLED:
        return []
    match message.topic:
        case "order.confirmed":
            return [f"order {order.name} is confirmed, {order.total_price}.", f"order {order.name} is confirmed."]
        case "payment.captured":
            return _payment(message, order)
        case "order.shipped":
            return _parcel(message, order)
        case "order.edited":
            return [f"order {order.name} was changed."] if message.payload["notifies"] else []
        case _:
            return [f"order {order.name} has arrived."]


def _payment(message: Message, order: Order) -> list[str]:
    payment = Payment.objects.filter(pk=message.payload["payment_id"], status=PaymentStatus.CAPTURED).first()
    if payment is None or not notifications.was_promised(payment):
        return []
    return [f"we received {letters.price(payment.captured, payment.currency)} for order {order.name}."]


def _parcel(message: Message, order: Order) -> list[str]:
    fulfillment = Fulfillment.objects.filter(pk=message.payload["fulfillment_id"]).first()
    if fulfillment is None:
        return []
    sent = f"order {order.name} is on its way"
    if order.status != OrderStatus.FULFILLED:
        sent = f"a part of {sent}"
    carriers = [" ".join(filter(None, [one["company"], one["number"]])) for one in letters.tracking(fulfillment)]
    return [*(f"{sent} with {carrier}." for carrier in carriers[:1] if carrier), f"{sent}."]


def _worded(news: list[str], order: Order) -> str:
    url = letters.status_url(order)
    named = [f"{settings.SHOP_NAME}: {words} {url}" for words in news]
    # A name in letters that GSM does not have would double the price.
    return sms.shortest([*named, f"{news[-1][:1].upper()}{news[-1][1:]} {url}"])
