"""Invoices and packing slips as PDF, in the language of the order. The same content always makes the same bytes."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import gettext, ngettext
from pymupdf_fonts import NotoSans_Bold, NotoSans_Regular
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from checkout import letters
from checkout.models import Order
from shop import money, speech

_INK, _SOFT, _RULE = colors.HexColor("#1f2933"), colors.HexColor("#52606d"), colors.HexColor("#d9dee3")
_MARGIN = 20 * mm
_WIDTH = A4[0] - 2 * _MARGIN
# With more signs than this beside its title, a line might need more than a page.
_MAX_NOTES = 1500
_NO_BREAK = "\u00a0"
# What reportlab leaves free around everything, in points.
_FRAME = 6


def invoice(snapshot: dict[str, Any]) -> bytes:
    """An invoice or credit note, from its snapshot alone."""
    with speech.speaking(snapshot.get("language", "EN")):
        return _invoice(snapshot)


def _invoice(snapshot: dict[str, Any]) -> bytes:
    facts = [(gettext("Number"), snapshot["name"]), (gettext("Date"), _day(snapshot["issued_on"]))]
    if corrects := snapshot.get("corrects"):
        said = {"name": corrects["name"], "day": _day(corrects["issued_on"])}
        facts.append((gettext("To invoice"), gettext("%(name)s of %(day)s") % said))
    facts += [(gettext("Order"), snapshot["order"]), (gettext("Ordered"), _day(snapshot["ordered_on"]))]
    if snapshot["supplied_on"]:
        facts.append((gettext("Supplied"), _day(snapshot["supplied_on"])))
    if due_on := snapshot.get("due_on"):
        facts.append((gettext("Payable by"), _due(due_on, snapshot.get("due_days"))))
    story = _head(snapshot["title"], snapshot["shop"], snapshot["seller"], snapshot["buyer"], facts)
    story += [_lines(snapshot), Spacer(0, 5 * mm), KeepTogether([_sums(snapshot)])]
    story += [_text(note, space=3 * mm) for note in snapshot["notes"]]
    return _pdf(story, f"{snapshot['title']} {snapshot['name']}")


def packing_slip(order: Order, shop: str, seller: Callable[[], Sequence[str]]) -> bytes:
    """What is left to send of an order, without prices."""
    with letters.speaking_of(order):
        return _packing_slip(order, shop, seller())


def _packing_slip(order: Order, shop: str, seller: Sequence[str]) -> bytes:
    facts = [
        (gettext("Order"), order.name),
        (gettext("Ordered"), letters.day(order.placed_at)),
        (gettext("Delivery"), order.delivery_method),
    ]
    heads = [_small(gettext("Item")), _small(gettext("SKU")), _small(gettext("Units"), right=True), ""]
    rows: list[list[Any]] = [heads]
    is_long = False
    for line in order.lines.order_by("position"):
        if units := line.unsent:
            parts = [f"{part['quantity'] * units} \u00d7 {part['title']}" for part in line.components]
            notes = [*letters.notes(line), *parts]
            is_long = is_long or _is_long(notes)
            rows.append([_named(line.title, notes), _text(line.sku), _text(str(units), right=True), _box()])
    story = _head(gettext("Packing slip"), shop, seller, letters.envelope(order.delivery_address), facts)
    story.append(_table(rows, [90 * mm, 45 * mm, 20 * mm, _WIDTH - 155 * mm], is_long))
    story += [_text(gettext("Note: %(note)s") % {"note": order.note}, space=4 * mm)] if order.note else []
    return _pdf(story, f"{gettext('Packing slip')} {order.name}")


def _head(
    title: str, shop: str, seller: Sequence[str], buyer: Sequence[str], facts: Sequence[tuple[str, str]]
) -> list[Any]:
    named = Table(
        [[_small(label), _text(value)] for label, value in facts], colWidths=[22 * mm, 55 * mm],
        style=[("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 0),
               ("BOTTOMPADDING", (0, 0), (-1, -1), 2), ("LEFTPADDING", (0, 0), (-1, -1), 0)],
    )  # fmt: skip
    half = _WIDTH - 77 * mm
    flat = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0)]  # fmt: skip
    sender = [_text(row, size=8.5, color=_SOFT, right=True) for row in seller]
    return [
        Table([[_text(shop, bold=True, size=13), sender]], colWidths=[half, 77 * mm], style=flat),
        Spacer(0, 10 * mm),
        Table([[[_text(row) for row in buyer], named]], colWidths=[half, 77 * mm], style=flat),
        Spacer(0, 10 * mm),
        _text(title, bold=True, size=18),
        Spacer(0, 6 * mm),
    ]


def _lines(snapshot: dict[str, Any]) -> Table:
    currency = snapshot["currency"]
    net = f"{gettext('Net')} {currency}"
    heads = [gettext("Item"), gettext("Units"), gettext("Unit price, net"), gettext("Tax"), net]
    rows: list[list[Any]] = [[_small(head, right=number > 0) for number, head in enumerate(heads)]]
    for line in snapshot["lines"]:
        rates = [_percent(tax["rate"]) for tax in line["taxes"]] or [_percent("0")]
        rows.append(
            [
                _named(line["title"], line["notes"]),
                _text(str(line["quantity"]), right=True),
                _text(_grouped(line["unit_price"]), right=True),
                [_text(rate, right=True) for rate in rates],
                _text(_grouped(line["net"]), right=True),
            ]
        )
    return _table(
        rows,
        [_WIDTH - 103 * mm, 15 * mm, 33 * mm, 20 * mm, 35 * mm],
        any(_is_long(line["notes"]) for line in snapshot["lines"]),
    )


def _sums(snapshot: dict[str, Any]) -> Table:
    """The net amount, each tax with the amount it is reckoned from, and the total."""
    currency = snapshot["currency"]
    nets: dict[tuple[str, str], Decimal] = {}
    taxes: dict[tuple[str, str], Decimal] = {}
    for group in snapshot["groups"]:
        for tax in group["taxes"] or [{"title": "", "rate": "0", "amount": "0"}]:
            key = (tax["title"], tax["rate"])
            nets[key] = nets.get(key, Decimal(0)) + Decimal(group["net"])
            taxes[key] = taxes.get(key, Decimal(0)) + Decimal(tax["amount"])
    net = sum((Decimal(group["net"]) for group in snapshot["groups"]), Decimal(0))
    rows: list[list[Any]] = [[_text(gettext("Net")), _text(_grouped(money.text(net, currency)), right=True)]]
    for (title, rate), amount in taxes.items():
        said = {"tax": f"{title or gettext('Tax')} {_percent(rate)}"}
        said["amount"] = _grouped(money.text(nets[title, rate], currency))
        rows.append(
            [_text(gettext("%(tax)s of %(amount)s") % said), _text(_grouped(money.text(amount, currency)), right=True)]
        )
    label = gettext("Total credited") if snapshot.get("corrects") else gettext("Total")
    rows.append([_text(label, bold=True), _text(f"{_grouped(snapshot['total'])} {currency}", bold=True, right=True)])
    rule = ("LINEABOVE", (0, len(rows) - 1), (-1, len(rows) - 1), 0.6, _INK)
    return Table(rows, colWidths=[75 * mm, 45 * mm], hAlign="RIGHT",
                 style=[rule, ("RIGHTPADDING", (0, 0), (-1, -1), 3)])  # fmt: skip


def _table(rows: list[list[Any]], widths: Sequence[float], is_long: bool) -> Table:
    """A table whose head stands on every page; where a row may not fit a page, rows are broken too."""
    return Table(
        rows,
        colWidths=widths,
        repeatRows=1,
        splitInRow=int(is_long),
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, _RULE),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, _INK),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ],
    )


def _is_long(notes: Sequence[str]) -> bool:
    return sum(60 + len(note) for note in notes) > _MAX_NOTES


def _named(title: str, notes: Sequence[str]) -> list[Any]:
    return [_text(title), *(_text(note, size=8, color=_SOFT) for note in notes)]


def _box() -> Table:
    """A box to be ticked."""
    return Table(
        [[""]], colWidths=[4 * mm], rowHeights=[4 * mm], style=[("BOX", (0, 0), (-1, -1), 0.6, _SOFT)], hAlign="RIGHT"
    )


def _small(words: str, *, right: bool = False) -> Paragraph:
    return _text(words, size=8, color=_SOFT, right=right)


def _text(
    words: str, *, bold: bool = False, size: float = 9.5, color: Any = _INK, right: bool = False, space: float = 0
) -> Paragraph:
    style = ParagraphStyle(
        "text",
        fontName=_font(bold),
        fontSize=size,
        leading=size * 1.35,
        textColor=color,
        alignment=TA_RIGHT if right else 0,
        spaceBefore=space,
        splitLongWords=1,
    )
    return Paragraph(escape("".join(sign for sign in words if sign.isprintable() or sign == _NO_BREAK)), style)


@cache
def _font(bold: bool) -> str:
    name, font = ("NotoSans-Bold", NotoSans_Bold) if bold else ("NotoSans", NotoSans_Regular)
    pdfmetrics.registerFont(TTFont(name, BytesIO(font.fontbuffer)))
    return name


def _percent(rate: str) -> str:
    return speech.percent(Decimal(rate))


def _grouped(number: str) -> str:
    """A number as the language writes it, with as many decimals as it has."""
    return speech.number(Decimal(number), len(number.partition(".")[2]))


def _day(stored: str) -> str:
    return speech.day(date.fromisoformat(stored))


def _due(stored: str, days: int | None) -> str:
    if days is None:  # as it was written before snapshots told of days apart
        return stored
    return f"{_day(stored)} ({ngettext('%(days)d day', '%(days)d days', days) % {'days': days}})"


def _pdf(story: list[Any], title: str) -> bytes:
    content = BytesIO()
    document = SimpleDocTemplate(
        content,
        pagesize=A4,
        leftMargin=_MARGIN - _FRAME,
        rightMargin=_MARGIN - _FRAME,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=title,
        invariant=1,
    )
    document.build(story, canvasmaker=_Numbered)
    return content.getvalue()


class _Numbered(Canvas):  # type: ignore[misc]
    """Keeps its pages until all are there, to write on each how many they are."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802  (the name reportlab calls)
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._kept, start=1):
            self.__dict__.update(page)
            self.setFont(_font(False), 8)
            self.setFillColor(_SOFT)
            self.drawRightString(A4[0] - _MARGIN, 11 * mm, f"{number} / {len(self._kept)}")
            super().showPage()
        super().save()
