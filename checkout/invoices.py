"""Invoices and credit notes: issued once for what happened, numbered without gaps, told by signed links.

An invoice keeps all that stands on it. `INVOICE_WHEN` says when one is due; staff may issue one earlier. What is given
back afterwards is credited, a refund at a time, and a cancelled order at once with all that is left of its invoices.
What an edit adds to an order that is invoiced has a further invoice; what it takes out, and no refund tells of, is
credited.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import connection, transaction
from django.db.models import F, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from checkout import invoice_snapshots, orders, payments
from checkout.models import Invoice, InvoiceKind, Order, OrderEdit, OrderLine, OrderStatus, Refund, RefundStatus
from shop import clock, outbox
from shop.errors import NotFound, Refusal, blaming
from shop.money import Money
from shop.outbox import Message

_SALT = "checkout.invoices"
_SLIP = "PACKING_SLIP"
_STANDING = (OrderStatus.CONFIRMED, OrderStatus.FULFILLED)
_PAID = {"PAID", "PARTIALLY_REFUNDED"}


class NotInvoiceable(Refusal):
    """There is nothing to be invoiced: the order is not confirmed, or no more."""

    code = "ORDER_NOT_INVOICEABLE"


class Expired(Exception):
    """The link was right, and its time is over."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An invoice with a link that holds for a while."""

    invoice: Invoice
    url: str


@transaction.atomic(durable=True)
def create(*, order_key: UUID) -> Invoice:
    """The invoice of an order, issued now if it has none yet, or that of what was added since.

    Raises NotFound, NotInvoiceable.
    """
    with blaming("order_id"):
        order = orders.locked(order_key)
        found = _of(order)
        if found is None and order.status not in _STANDING:
            raise NotInvoiceable(f"Order {order.name} is {order.status.lower()}; there is nothing to invoice.")
    if found is None:
        return _issue(order)
    further = _issue_further(order)
    return further[-1] if further else found


@outbox.handler("order.confirmed")
@outbox.handler("order.edited")
@outbox.handler("payment.captured")
@outbox.handler("order.shipped")
@outbox.handler("order.cancelled")
@outbox.handler("order.lines_cancelled")
@outbox.handler("return.received")
@outbox.handler("payment.refunded")
def keep_up(message: Message) -> None:
    """Issue what is due for an order as it stands; a second message finds nothing left to issue."""
    order = Order.objects.select_for_update().get(pk=message.payload["order_id"])
    invoice = _of(order)
    if invoice is None and order.status in _STANDING and _is_due(order):
        invoice = _issue(order)
    if invoice is None:
        return
    if order.status == OrderStatus.CANCELLED:
        _credit(order, None, None, order.cancel_reason)
        return
    _credit_given_back(order)
    if order.edited_at is not None or order.payment_due_at is not None:
        if _is_due(order):
            _issue_further(order)
        _credit_unpaid(order, _("Lines were cancelled, or came back."))


def of_orders(order_ids: Sequence[int]) -> dict[int, list[Shown]]:
    """The invoices and credit notes of several orders, each order's oldest first."""
    found: dict[int, list[Shown]] = {order_id: [] for order_id in order_ids}
    for invoice in Invoice.objects.filter(order_id__in=order_ids).order_by("pk"):
        found[invoice.order_id].append(shown(invoice))
    return found


def shown(invoice: Invoice) -> Shown:
    """The invoice with a new link to its PDF."""
    return Shown(invoice, _url(invoice.kind, str(invoice.key)))


def packing_slip_url(order_id: int) -> str:
    """A link to the list of what is left to send of an order, as it is when the link is followed."""
    return _url(_SLIP, order_id)


def follow(token: str) -> Invoice | Order:
    """The invoice a link leads to, or the order whose packing slip it is. Raises NotFound, Expired."""
    try:
        kind, key, expires = signing.Signer(salt=_SALT).unsign_object(token)
    except signing.BadSignature as error:
        raise NotFound("Document") from error
    if clock.now().timestamp() > expires:
        raise Expired("This link has expired. Open the order again for a new one.")
    found = Order.objects.filter(pk=key) if kind == _SLIP else Invoice.objects.filter(key=UUID(key))
    document = found.first()
    if document is None:
        raise NotFound("Document")
    return document


def _of(order: Order) -> Invoice | None:
    return Invoice.objects.filter(order=order, kind=InvoiceKind.INVOICE, is_further=False).first()


def _is_due(order: Order) -> bool:
    match settings.INVOICE_WHEN:
        case "paid":
            if order.payment_due_at is not None:
                return True
            paid = list(order.payments.order_by("pk"))
            return payments.financial_status(paid, order.current_total.amount) in _PAID
        case "shipped":
            return order.fulfillments.exists()
        case _:
            return False


def _issue(order: Order) -> Invoice:
    """The invoice of the order with all that was added to it so far."""
    invoice = _invoiced(order, list(order.lines.order_by("position")), is_further=False)
    OrderEdit.objects.filter(order=order).update(invoice=invoice)
    _credit_given_back(order)
    _credit_unpaid(order, _("Lines were cancelled."))
    return invoice


def _issue_further(order: Order) -> list[Invoice]:
    """An invoice of what each edit added that is not invoiced yet, as far as anything of it is left."""
    issued = []
    for edit in OrderEdit.objects.filter(order=order, invoice=None).order_by("pk"):
        lines = list(order.lines.filter(edit=edit).select_related("order").order_by("position"))
        if any(line.current_quantity for line in lines):
            edit.invoice = _invoiced(order, lines, is_further=True)
            edit.save(update_fields=["invoice"])
            issued.append(edit.invoice)
    return issued


def _invoiced(order: Order, lines: Sequence[OrderLine], *, is_further: bool) -> Invoice:
    """An invoice of these lines; the first one asks for the delivery too."""
    kind, now = InvoiceKind.INVOICE, clock.now()
    number, name = _next(kind)
    snapshot = invoice_snapshots.of_lines(order, lines, name, now, with_delivery=not is_further)
    total = sum((_gross(order, line) for line in lines if line.is_added), Decimal(0))
    return Invoice.objects.create(
        kind=kind, number=number, name=name, order=order, currency=order.currency, is_further=is_further,
        total=total if is_further else order.total + total, snapshot=snapshot, issued_at=now,
    )  # fmt: skip


def _gross(order: Order, line: OrderLine) -> Decimal:
    return line.total if order.taxes_included else line.total + line.tax_total


def _credit_given_back(order: Order) -> None:
    """Take back what was given back: goodwill, and for goods what no credit note took back already."""
    zero = Money.zero(order.currency)
    given_back = Refund.objects.filter(payment__order=order, status=RefundStatus.DONE, credit_notes=None)
    for refund in given_back.select_related("payment").order_by("pk"):
        goodwill = Money.rounded(refund.goodwill, order.currency)
        for_goods = min(refund.money - goodwill, max(_untold(order), zero))
        _credit(order, goodwill + for_goods, refund, refund.reason)


def _credit_unpaid(order: Order, reason: str) -> None:
    """Take back what is gone of what was invoiced, and neither a refund nor a credit note tells of."""
    pending = Refund.objects.filter(payment__order=order, status=RefundStatus.PENDING)
    coming = pending.aggregate(sum=Sum(F("amount") - F("goodwill")))["sum"] or Decimal(0)
    untold = _untold(order) - Money.rounded(coming, order.currency)
    if untold.amount > 0:
        _credit(order, untold, None, reason)


def _untold(order: Order) -> Money:
    """What is gone of what was invoiced, less what credit notes took back of goods."""
    return Money.rounded(_gone(order) - _credited(order), order.currency)


def _credited(order: Order) -> Decimal:
    """What credit notes took back for goods: all they did, but for goodwill."""
    notes = Invoice.objects.filter(order=order, kind=InvoiceKind.CREDIT_NOTE).order_by().values("refund")
    told = notes.annotate(sum=Sum("total")).values_list("sum", "refund__goodwill")
    return sum((max(total - (goodwill or 0), Decimal(0)) for total, goodwill in told), Decimal(0))


def _gone(order: Order) -> Decimal:
    """What units cost that were invoiced, and are no part of the order any more."""
    lines = order.lines.filter(Q(edit=None) | Q(edit__invoice__isnull=False)).select_related("order")
    gone = Decimal(0)
    for line in lines:
        gone += line.share(line.total, line.gone)
        gone += 0 if order.taxes_included else line.share(line.tax_total, line.gone)
    return gone


def _credit(order: Order, amount: Money | None, refund: Refund | None, reason: str) -> None:
    """Take back an amount of the order's invoices, the oldest first, or all that is left of them where it is None."""
    for invoice in Invoice.objects.filter(order=order, kind=InvoiceKind.INVOICE).order_by("pk"):
        before = [note.snapshot for note in Invoice.objects.filter(corrects=invoice).order_by("pk")]
        left = invoice_snapshots.left(invoice.snapshot, before)
        total = left if amount is None else min(left, amount)
        if not total:
            continue
        if amount is not None:
            amount -= total
        kind, now = InvoiceKind.CREDIT_NOTE, clock.now()
        number, name = _next(kind)
        Invoice.objects.create(
            kind=kind, number=number, name=name, order=order, corrects=invoice, refund=refund,
            currency=invoice.currency, total=total.amount, issued_at=now,
            snapshot=invoice_snapshots.of_credit(invoice.snapshot, before, total, name, now, reason),
        )  # fmt: skip


def _next(kind: InvoiceKind) -> tuple[int, str]:
    """The next number of a series and how it is written. Others wait for it until this transaction ends: no gaps."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [kind])
        (number,) = cursor.fetchone()
    prefix = settings.INVOICE_PREFIX if kind == InvoiceKind.INVOICE else settings.CREDIT_NOTE_PREFIX
    return number, f"{prefix}{number:06}"


def _url(kind: str, key: str | int) -> str:
    ends: datetime = clock.now() + settings.DOWNLOAD_LINK_LIFETIME
    token = signing.Signer(salt=_SALT).sign_object([kind, key, int(ends.timestamp())])
    return f"{settings.SHOP_URL}{reverse('document', args=[token])}"


def gaps() -> list[str]:
    """Every series that has fewer invoices than numbers."""
    with connection.cursor() as cursor:
        cursor.execute(_GAPS)
        return [f"series {kind} counts to {last} and has {count}" for kind, last, count in cursor.fetchall()]


def credited_twice() -> list[str]:
    """Every order of which credit notes took back more for goods than is gone of them."""
    notes = Invoice.objects.filter(kind=InvoiceKind.CREDIT_NOTE).exclude(order__status=OrderStatus.CANCELLED)
    orders_with_notes = Order.objects.filter(pk__in=notes.values("order")).order_by("pk")
    return [
        f"order {order.number} has more credited for goods than is gone of them"
        for order in orders_with_notes.iterator(chunk_size=500)
        if _credited(order) > _gone(order)
    ]


_NEXT = """
INSERT INTO checkout_invoiceseries AS series (kind, last_number) VALUES (%s, 1)
ON CONFLICT (kind) DO UPDATE SET last_number = series.last_number + 1
RETURNING last_number
"""
_GAPS = """
SELECT s.kind, s.last_number, count(i.id) FROM checkout_invoiceseries s
LEFT JOIN checkout_invoice i ON i.kind = s.kind
GROUP BY s.kind, s.last_number HAVING count(i.id) <> s.last_number
"""
