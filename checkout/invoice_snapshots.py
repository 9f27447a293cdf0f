"""What stands on an invoice: plain data, in the words of the day, from which alone its PDF is made.

It is in the language the order was placed in, which it names; days are told as ISO 8601 does, for the PDF to write out.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

from django.conf import settings
from django.utils.translation import gettext

from checkout import letters
from checkout.models import Order, OrderLine
from shop import mails, money, speech
from shop.money import Money

Snapshot: TypeAlias = dict[str, Any]


def of_lines(order: Order, sold: Sequence[OrderLine], name: str, now: datetime, *, with_delivery: bool) -> Snapshot:
    """The invoice of these lines of an order as they were sold, and of its delivery."""
    with letters.speaking_of(order):
        return _of_lines(order, sold, name, now, with_delivery=with_delivery)


def _of_lines(order: Order, sold: Sequence[OrderLine], name: str, now: datetime, *, with_delivery: bool) -> Snapshot:
    lines = [_line(line, order) for line in sold]
    if with_delivery and order.shipping_total:
        shipping = gettext("Shipping")
        title = f"{shipping} ({order.delivery_method})" if order.delivery_method else shipping
        lines.append(_priced(title, [], 1, order.shipping_total, order.shipping_total, order.shipping_taxes, order))
    groups = _groups(lines, order.currency)
    return {
        **_head(gettext("Invoice"), name, now, order.language),
        "buyer": [*(letters.envelope(order.delivery_address) or [order.email]), *_tax_id(order)],
        "order": order.name,
        "ordered_on": _day(order.placed_at),
        "supplied_on": _day(order.fulfilled_at) if order.fulfilled_at else "",
        **_due(order),
        "currency": order.currency,
        "lines": lines,
        "groups": groups,
        "total": money.text(sum(map(_gross, groups), Decimal(0)), order.currency),
        "notes": _notes(order, lines),
    }


def of_credit(
    invoice: Snapshot, before: Sequence[Snapshot], total: Money, name: str, now: datetime, reason: str
) -> Snapshot:
    """A credit note over so much of an invoice: all its lines, or the amount split by the taxes it bore."""
    language = invoice.get("language", _BEFORE_LANGUAGES)
    with speech.speaking(language):
        return _of_credit(invoice, before, total, _head(gettext("Credit note"), name, now, language), reason)


def _of_credit(invoice: Snapshot, before: Sequence[Snapshot], total: Money, head: Snapshot, reason: str) -> Snapshot:
    is_whole = not before and total == left(invoice, before)
    groups = _remaining(invoice, before)
    if not is_whole:
        groups = _share(groups, total)
    label = gettext("Given back of order %(name)s") % {"name": invoice["order"]}
    lines = invoice["lines"] if is_whole else [
        {
            "title": label, "notes": [], "quantity": 1, "unit_price": group["net"], "net": group["net"],
            "taxes": group["taxes"],
        }
        for group in groups
    ]  # fmt: skip
    kept = {key: invoice[key] for key in ("buyer", "order", "ordered_on", "supplied_on", "currency")}
    return {
        **head,
        **kept,
        "corrects": {"name": invoice["name"], "issued_on": invoice["issued_on"]},
        "lines": lines,
        "groups": groups,
        "total": str(total.amount),
        "notes": [gettext("Reason: %(reason)s") % {"reason": gettext(reason)}] if reason else [],
    }


# What was written before snapshots named their language.
_BEFORE_LANGUAGES = "EN"


def left(invoice: Snapshot, before: Sequence[Snapshot]) -> Money:
    """What is left of an invoice after these credit notes."""
    amount = Decimal(invoice["total"]) - sum((Decimal(note["total"]) for note in before), Decimal(0))
    return Money(amount, invoice["currency"])


def _head(title: str, name: str, now: datetime, language: str) -> Snapshot:
    return {
        "language": language,
        "title": title,
        "name": name,
        "issued_on": _day(now),
        "shop": settings.SHOP_NAME,
        "seller": mails.imprint(),
    }


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _due(order: Order) -> Snapshot:
    """Until when an order on invoice is to be paid, with its terms; nothing for any other."""
    if order.payment_due_at is None:
        return {}
    days, rest = divmod(order.payment_due_at - order.placed_at, timedelta(days=1))
    # Credit that was taken later counts from then: no number of days from the order on is its terms.
    return {"due_on": _day(order.payment_due_at), **({} if rest else {"due_days": days})}


def _tax_id(order: Order) -> list[str]:
    return [gettext("Tax ID: %(number)s") % {"number": order.buyer_tax_id}] if order.buyer_tax_id else []


def _notes(order: Order, lines: Sequence[Snapshot]) -> list[str]:
    if order.buyer_tax_id:
        exempt = settings.INVOICE_EXEMPT_NOTE or gettext(
            "No tax is charged: the recipient is liable for it (reverse charge)."
        )
    elif any(not line["taxes"] for line in lines):
        exempt = settings.INVOICE_EXEMPT_NOTE
    else:
        exempt = ""
    return [note for note in (exempt, settings.INVOICE_NOTE) if note]


def _line(line: OrderLine, order: Order) -> Snapshot:
    how = gettext("tax included") if order.taxes_included and line.taxes else ""
    off = f"{letters.discount(line, order.currency)}{f' ({how})' if how else ''}"
    notes = [line.sku, *letters.notes(line), *([off] if line.discount_total else [])]
    return _priced(line.title, [note for note in notes if note], line.quantity, line.unit_price, line.total,
                   line.taxes, order)  # fmt: skip


def _priced(
    title: str, notes: list[str], quantity: int, unit: Decimal, total: Decimal, taxes: list[Snapshot], order: Order
) -> Snapshot:
    """A line with its price before taxes, whichever way they were agreed."""
    currency = order.currency
    taxed = sum((Decimal(tax["amount"]) for tax in taxes), Decimal(0))
    rates = sum((Decimal(tax["rate"]) for tax in taxes), Decimal(0))
    if order.taxes_included:
        unit, total = unit / (1 + rates), total - taxed
    return {
        "title": title,
        "notes": notes,
        "quantity": quantity,
        "unit_price": _fine(unit, currency),
        "net": money.text(total, currency),
        "taxes": [
            {"title": tax["title"], "rate": tax["rate"], "amount": money.text(Decimal(tax["amount"]), currency)}
            for tax in taxes
        ],
    }


def _fine(amount: Decimal, currency: str) -> str:
    """A price that may have two decimals more than its currency, if it needs them."""
    rough = money.text(amount, currency)
    fine = amount.quantize(money.quantum(currency) / 100, rounding=ROUND_HALF_UP)
    return rough if Decimal(rough) == fine else str(fine)


def _groups(lines: Iterable[Snapshot], currency: str) -> list[Snapshot]:
    """The sums of all lines that bear the same taxes."""
    found: dict[tuple[tuple[str, str], ...], Snapshot] = {}
    for line in lines:
        key = tuple((tax["title"], tax["rate"]) for tax in line["taxes"])
        if key not in found:
            nothing = [{**tax, "amount": "0"} for tax in line["taxes"]]
            found[key] = {"net": "0", "taxes": nothing}
        found[key] = _added(found[key], line, 1, currency)
    return list(found.values())


def _added(group: Snapshot, other: Snapshot, sign: int, currency: str) -> Snapshot:
    def sum_of(one: str, two: str) -> str:
        return money.text(Decimal(one) + sign * Decimal(two), currency)

    pairs = zip(group["taxes"], other["taxes"], strict=True)
    return {
        "net": sum_of(group["net"], other["net"]),
        "taxes": [{**mine, "amount": sum_of(mine["amount"], theirs["amount"])} for mine, theirs in pairs],
    }


def _remaining(invoice: Snapshot, before: Sequence[Snapshot]) -> list[Snapshot]:
    """The invoice's groups less what these credit notes took of each; a note tells of every group, in order."""
    groups: list[Snapshot] = invoice["groups"]
    for note in before:
        pairs = zip(groups, note["groups"], strict=True)
        groups = [_added(group, taken, -1, invoice["currency"]) for group, taken in pairs]
    return groups


def _share(groups: Sequence[Snapshot], total: Money) -> list[Snapshot]:
    """So much of the groups, in proportion to what they come to with their taxes."""
    shares = total.allocate([_gross(group) for group in groups])
    return [_part(group, share) for group, share in zip(groups, shares, strict=True)]


def _part(group: Snapshot, gross: Money) -> Snapshot:
    whole = _gross(group)
    factor = gross.amount / whole if whole else Decimal(0)
    taxes = [Money.rounded(Decimal(tax["amount"]) * factor, gross.currency) for tax in group["taxes"]]
    net = gross - money.total(taxes, gross.currency)
    return {
        "net": money.text(net.amount, net.currency),
        "taxes": [
            {**tax, "amount": money.text(part.amount, part.currency)}
            for tax, part in zip(group["taxes"], taxes, strict=True)
        ],
    }


def _gross(group: Snapshot) -> Decimal:
    return Decimal(group["net"]) + sum((Decimal(tax["amount"]) for tax in group["taxes"]), Decimal(0))
