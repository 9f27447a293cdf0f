"""What customers who left a phone number are told about their orders, by SMS; `settings.CUSTOMER_SMS` chooses.

A text is one message of 160 signs wherever that can be, and holds no secret but the link to the order's page.
"""

import logging

from django.conf import settings
from django.utils.translation import gettext

from checkout import dues, letters, notifications
from checkout.models import Fulfillment, Order, OrderStatus, Payment, PaymentStatus
from shop import outbox, sms
from shop.outbox import Message

log = logging.getLogger(__name__)

# Signs of good typesetting that GSM does not have; with one of them a text costs twice as much.
_IN_GSM = str.maketrans({"\u00a0": " ", "\u2019": "'", "\u2212": "-"})


@outbox.handler("order.confirmed")
@outbox.handler("payment.captured")
@outbox.handler("order.shipped")
@outbox.handler("order.delivered")
@outbox.handler("order.edited")
@outbox.handler("order.partly_paid")
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
    with letters.speaking_of(order):
        news = _news(message, order) if number else []
        text = _worded(news, order) if news else ""
    if not text:
        return
    try:
        sms.sender().send(number, text, f"outbox-{message.id}")
    except sms.NumberRefused as refused:
        log.warning("Order %s: no text message to %s: %s", order.name, sms.masked(number), refused)


def _news(message: Message, order: Order) -> list[str]:
    """What happened, in several wordings, the wordiest first; nothing where it is true no longer."""
    if message.payload.get("is_moved"):
        return []
    said = {"name": order.name}
    if message.topic == "payment.refunded":
        said |= {"amount": notifications.given_back(message)["amount"]}
        return [gettext("%(amount)s of order %(name)s is given back.") % said]
    if message.topic == "order.cancelled":
        return [gettext("order %(name)s is cancelled.") % said] if notifications.is_called_off(order) else []
    if order.status == OrderStatus.CANCELLED:
        return []
    match message.topic:
        case "order.confirmed":
            said |= {"total": letters.price(order.total, order.currency)}
            return [
                gettext("order %(name)s is confirmed, %(total)s.") % said,
                gettext("order %(name)s is confirmed.") % said,
            ]
        case "payment.captured":
            return _payment(message, order)
        case "order.shipped":
            return _parcel(message, order)
        case "order.partly_paid":
            said |= {"due": letters.price(dues.of(order).due.amount, order.currency)}
            is_open = order.status == OrderStatus.PLACED
            return [gettext("%(due)s of order %(name)s are left to pay.") % said] if is_open else []
        case "order.edited":
            return [gettext("order %(name)s was changed.") % said] if message.payload["notifies"] else []
        case _:
            return [gettext("order %(name)s has arrived.") % said]


def _payment(message: Message, order: Order) -> list[str]:
    payment = Payment.objects.filter(pk=message.payload["payment_id"], status=PaymentStatus.CAPTURED).first()
    if payment is None or not notifications.was_promised(payment):
        return []
    said = {"amount": letters.price(payment.captured, payment.currency), "name": order.name}
    return [gettext("we received %(amount)s for order %(name)s.") % said]


def _parcel(message: Message, order: Order) -> list[str]:
    fulfillment = Fulfillment.objects.filter(pk=message.payload["fulfillment_id"]).first()
    if fulfillment is None:
        return []
    if order.status == OrderStatus.FULFILLED:
        by, sent = gettext("order %(name)s is on its way with %(carrier)s."), gettext("order %(name)s is on its way.")
    else:
        by = gettext("a part of order %(name)s is on its way with %(carrier)s.")
        sent = gettext("a part of order %(name)s is on its way.")
    carriers = [" ".join(filter(None, [one["company"], one["number"]])) for one in letters.tracking(fulfillment)]
    told = [by % {"name": order.name, "carrier": carrier} for carrier in carriers[:1] if carrier]
    return [*told, sent % {"name": order.name}]


def _worded(news: list[str], order: Order) -> str:
    url = letters.status_url(order)
    news = [words.translate(_IN_GSM) for words in news]
    named = [f"{settings.SHOP_NAME}: {words} {url}" for words in news]
    # A name in letters that GSM does not have would double the price.
    return sms.shortest([*named, f"{news[-1][:1].upper()}{news[-1][1:]} {url}"])
