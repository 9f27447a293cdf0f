"""Gift cards that are sold: one for each unit of an order line, once the order is paid, and its code by mail.

The code is derived from the order line with the shop's secret key, so that a message handled twice makes the same card
and the mail can be written again, although the code is nowhere stored.
"""

import hashlib
import hmac
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F, Sum
from django.utils.translation import gettext

from checkout import gift_cards, letters
from checkout.gift_cards import ALPHABET, CODE_LENGTH
from checkout.models import GiftCard, Order, OrderLine, OrderStatus, PaymentStatus
from shop import clock, mails, outbox
from shop.money import Money
from shop.outbox import Message

# Line attributes by which a buyer has the card sent to somebody else; the words of the dialect.
RECIPIENT, MESSAGE = "Recipient email", "Message"


class CodeLost(Exception):
    """The shop's secret key was changed between issuing a card and writing its mail: staff make another card."""


@outbox.handler("order.confirmed")
@outbox.handler("order.edited")
@outbox.handler("payment.captured")
def issue(message: Message) -> None:
    """Issue the cards of an order whose money is received in full, once; a second message changes nothing."""
    order_id = message.payload["order_id"]
    if not OrderLine.objects.filter(order_id=order_id, is_gift_card=True).exists():
        return
    order = Order.objects.select_for_update().get(pk=order_id)
    if not _is_received(order):
        return
    lines = order.lines.filter(is_gift_card=True, unit_price__gt=0).order_by("pk")
    known = set(GiftCard.objects.filter(order_line__order=order).values_list("order_line_id", "unit"))
    for line in lines:
        for unit in range(1, line.quantity - line.gone + 1):
            if (line.pk, unit) not in known:
                _issue(order, line, unit)


@outbox.handler("order.cancelled")
def switch_off(message: Message) -> None:
    """What was bought with a cancelled order pays nothing any more; what it has paid already stays paid."""
    cards = GiftCard.objects.filter(order_line__order_id=message.payload["order_id"], deactivated_at=None)
    for card in cards.select_for_update(of=("self",)).order_by("pk"):
        card.deactivated_at = clock.now()
        card.save(update_fields=["deactivated_at"])


@outbox.handler("order.lines_cancelled")
@outbox.handler("return.received")
def switch_off_some(message: Message) -> None:
    """Of a line of which units are gone, as many cards pay nothing any more: those first that have paid nothing yet."""
    lines = OrderLine.objects.filter(order_id=message.payload["order_id"], is_gift_card=True)
    for line in lines.order_by("pk"):
        cards = list(line.gift_cards.select_for_update().filter(deactivated_at=None).order_by("-unit"))
        cards.sort(key=lambda card: card.balance < card.initial_value)
        for card in cards[: max(len(cards) - (line.quantity - line.gone), 0)]:
            card.deactivated_at = clock.now()
            card.save(update_fields=["deactivated_at"])


@outbox.handler("gift_card.issued")
def send(message: Message) -> None:
    """Mail the code to the recipient, or the buyer, where there is an address. Raises CodeLost."""
    card = GiftCard.objects.select_related("order_line__order").get(pk=message.payload["gift_card_id"])
    line = card.order_line
    if line is None or card.unit is None or not card.recipient_email or not card.is_usable:
        return
    code = _code(line.order, line.pk, card.unit)
    if gift_cards.digest(code) != card.code_digest:
        raise CodeLost(f"The code of gift card {card.key} cannot be told any more.")
    with letters.speaking_of(line.order):
        value = letters.price(card.initial_value, card.currency)
        context = {
            "code": gift_cards.spelled(code),
            "value": value,
            "until": letters.day(card.expires_at) if card.expires_at else "",
            "message": _said(line).get(MESSAGE, ""),
        }
        subject = gettext("a gift card worth %(value)s") % {"value": value}
        name = f"gift_card.{card.key}"
        mails.send("checkout/mail/gift_card", context, subject=subject, to=[card.recipient_email], name=name)


def _issue(order: Order, line: OrderLine, unit: int) -> None:
    code = _code(order, line.pk, unit)
    days = settings.GIFT_CARD_DAYS
    card = GiftCard(
        code_digest=gift_cards.digest(code),
        last_characters=code[-4:],
        currency=order.currency,
        expires_at=clock.now() + timedelta(days=days) if days else None,
        recipient_email=_recipient(line) or order.email,
        order_line=line,
        unit=unit,
    )
    gift_cards.issue(card, Money.rounded(line.unit_price, order.currency), order=order)
    outbox.publish("gift_card.issued", gift_card_id=card.pk)


def _is_received(order: Order) -> bool:
    if order.status not in (OrderStatus.CONFIRMED, OrderStatus.FULFILLED):
        return False
    captured = order.payments.filter(status=PaymentStatus.CAPTURED)
    received = captured.aggregate(sum=Sum(F("captured") - F("refunded")))["sum"]
    return (received or Decimal(0)) >= order.current_total.amount


def _code(order: Order, line_id: int, unit: int) -> str:
    told = f"{order.key} {order.status_token} {line_id} {unit}".encode()
    secret = hashlib.sha256(f"gift card codes {settings.SECRET_KEY}".encode()).digest()
    found = hmac.new(secret, told, hashlib.sha256).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in found[:CODE_LENGTH])


def _said(line: OrderLine) -> dict[str, str]:
    return {pair["key"]: pair["value"] for pair in line.attributes}


def _recipient(line: OrderLine) -> str:
    """The address the buyer gave for somebody else; what is none is passed over, and the buyer gets the card."""
    address = _said(line).get(RECIPIENT, "").strip()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address[:254]
