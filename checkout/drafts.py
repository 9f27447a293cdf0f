"""Draft orders: made by staff for a customer, told with their bill, and completed once.

A draft is priced when it is saved, and keeps that as its quote. What it comes to when it is completed must be the
same, or nothing happens: nobody is charged what staff did not see. Promotions and codes do not apply; staff take off
what they agreed. A completed draft is a confirmed order: it holds its stock without end, and is paid later, or already.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import addresses, contacts
from accounts.actors import Actor
from accounts.addresses import Address
from accounts.models import User
from catalog import classes, tariffs
from catalog.category_rules import MAX_QUANTITY
from catalog.models import ProductVariant, TaxClass
from checkout import carts, further_payments, orders, pricing, quotes, tax_answers
from checkout.bills import Totals
from checkout.checkouts import MerchandiseNotSold, TotalChanged
from checkout.models import DraftLine, DraftOrder, Order, OrderEventKind, ShippingMethod
from checkout.timeline import record
from shop import clock, money, paging, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.money import Money
from shop.paging import Page, PageRequest

_NEWEST_FIRST = paging.Order("NEWEST", "pk", descending=True)


class DraftCompleted(Refusal):
    """The draft has become an order, and does not change any more."""

    code = "DRAFT_ORDER_COMPLETED"

    def __init__(self, draft: DraftOrder) -> None:
        super().__init__(f"Draft {draft.name} has become an order; change the order instead.", field=("id",))


class DraftNotReady(Refusal):
    """Something is missing before the draft can become an order; the message says what."""

    code = "DRAFT_ORDER_NOT_READY"


class DraftTooLarge(Refusal):
    """The draft has more lines, or costs more, than an order may."""

    code = "DRAFT_ORDER_TOO_LARGE"


@dataclass(frozen=True, slots=True)
class NewLine:
    """A quantity of a variant, perhaps at another price for a reason; or of what has no variant, by title and price."""

    variant_id: int | None = None
    quantity: int = 1
    attributes: tuple[tuple[str, str], ...] = ()
    price: Decimal | None = None
    price_reason: str = ""
    title: str = ""
    tax_class_id: int | None = None
    requires_shipping: bool = True


@dataclass(frozen=True, slots=True)
class Reduction:
    """What staff take off all goods together: a percentage, or an amount."""

    percentage: Decimal | None = None
    amount: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery option by its handle, or a title and a price of its own."""

    handle: str = ""
    title: str = ""
    price: Decimal | None = None


class DraftFields(TypedDict, total=False):
    """What may be said of a draft. A key left out leaves what there is; None takes it away."""

    customer_id: int | None
    email: str | None
    phone: str | None
    note: str | None
    attributes: Sequence[tuple[str, str]] | None
    currency_code: str | None
    shipping_address: Address | None
    line_items: Sequence[NewLine] | None
    applied_discount: Reduction | None
    delivery: Delivery | None


def read(key: UUID) -> DraftOrder:
    """The draft with this key. Raises NotFound."""
    draft = DraftOrder.objects.filter(key=key).first()
    if draft is None:
        raise NotFound("DraftOrder")
    return draft


def page(is_completed: bool | None, request: PageRequest) -> Page[DraftOrder]:
    """A page of the drafts, newest first, perhaps only of those that became orders, or not. Raises InvalidPage."""
    found = DraftOrder.objects.all()
    if is_completed is not None:
        found = found.filter(completed_at__isnull=not is_completed)
    return paging.page(found, _NEWEST_FIRST, request, list, lambda row: (row.pk,))


def create(*, draft: DraftFields, actor: Actor) -> DraftOrder:
    """A new draft, priced. Its currency, which stays, is the one named, or that of whom it is for.

    Raises InvalidInput, NotFound, DraftTooLarge and their kin, for all fields together.
    """
    with transaction.atomic(durable=True), blaming("draft_order"):
        made, bill = prepared(draft, actor)
    return _saved_again(made) if ask(bill) else made


def prepared(draft: DraftFields, actor: Actor) -> tuple[DraftOrder, Totals]:
    """As `create`, with the bill, as a part of another command."""
    made = DraftOrder(actor_id=actor.user_id)
    return made, _save(made, draft)


def ask(bill: Totals) -> bool:
    """Ask carriers and the tax service what is not known of a bill; False, and nothing is asked, in a transaction."""
    question = bill.taxes_told.wanted
    is_quoted = bool(bill.quotes_wanted) and quotes.fetch(bill.quotes_wanted)
    return (question is not None and tax_answers.fetch(question)) or is_quoted


def update(*, draft_key: UUID, draft: DraftFields) -> DraftOrder:
    """Change what is given of a draft, and price it anew. `line_items` replace those there are.

    Raises as `create`, and NotFound, DraftCompleted.
    """
    with transaction.atomic(durable=True):
        changed = _locked(draft_key)
        if changed.order_id is not None:
            raise DraftCompleted(changed)
        with blaming("draft_order"):
            bill = _save(changed, draft)
    return _saved_again(changed) if ask(bill) else changed


@transaction.atomic(durable=True)
def _saved_again(draft: DraftOrder) -> DraftOrder:
    """The draft priced anew by what was asked meanwhile, unless it became an order."""
    changed = _locked(draft.key)
    if changed.order_id is None:
        _save(changed, {})
    return changed


@transaction.atomic(durable=True)
def delete(*, draft_key: UUID) -> None:
    """Remove a draft that has not become an order. Raises NotFound, DraftCompleted."""
    draft = _locked(draft_key)
    if draft.order_id is not None:
        raise DraftCompleted(draft)
    draft.delete()


@transaction.atomic(durable=True)
def complete(*, draft_key: UUID, is_paid: bool, actor: Actor) -> DraftOrder:
    """Make an order of a draft, and hold its stock. Completing again answers the same order and does nothing more.

    Raises NotFound, DraftNotReady, DraftTooLarge, MerchandiseNotSold, QuantityTooHigh, TotalChanged, InsufficientStock.
    """
    draft = _locked(draft_key)
    if draft.order_id is not None:
        return draft
    with blaming("id"):
        order = ordered(draft, actor)
    if is_paid or not order.total:
        further_payments.receive(order)
    return draft


def ordered(draft: DraftOrder, actor: Actor) -> Order:
    """The confirmed order of a draft that the caller has locked, with its stock held. Raises as `complete`."""
    lines = list(draft.lines.order_by("position"))
    bill = pricing.of_draft(draft, lines)
    _ensure_ready(draft, bill)
    if _agreed(quote(bill)) != _agreed(draft.quote):
        raise TotalChanged(f"It was priced anew, and comes to {bill.total}. Save the draft again to see what changed.")
    order = orders.place_draft(draft, bill, actor)
    reasons = [
        f"{priced.row.product_title} at {priced.unit_price}: {line.price_reason}"
        for line, priced in zip(lines, bill.lines, strict=True)
        if line.price_reason
    ]
    if reasons:
        record(order, OrderEventKind.NOTE, "; ".join(reasons)[:5000], is_public=False, actor=actor)
    draft.order, draft.completed_at = order, clock.now()
    draft.save(update_fields=["order", "completed_at"])
    return order


def _ensure_ready(draft: DraftOrder, bill: Totals) -> None:
    """Refuse what no order can be made of. Raises DraftNotReady, DraftTooLarge, MerchandiseNotSold, QuantityTooHigh."""
    if not bill.lines:
        raise DraftNotReady("Add a line first.")
    for line in bill.lines:
        if not line.is_sold:
            raise MerchandiseNotSold(f"{line.row.product_title} is not sold in {draft.currency}; remove it.")
    carts.ensure_within_limits(bill, carts.wanted_of(bill))
    if not draft.email and not draft.phone:
        raise DraftNotReady("Give an e-mail address or a phone number first.")
    if bill.requires_shipping:
        if bill.address is None and not bill.is_pickup:
            raise DraftNotReady("Give a delivery address first.")
        if bill.delivery is None:
            raise DraftNotReady("Choose a delivery option, or give the delivery a price, first.")
        if bill.delivery.is_outdated:
            raise DraftNotReady(f"What {bill.delivery.title} costs is out of date; save the draft again.")
    if bill.taxes_told.hindrance:
        raise DraftNotReady("What taxes come to is out of date, or not known now; save the draft again.")
    _ensure_bearable(bill)


def quote(bill: Totals) -> dict[str, Any]:
    """The bill as a draft keeps it."""
    return {
        "subtotal": str(bill.subtotal.amount),
        "discount": str(bill.discount.amount),
        "shipping": None if bill.shipping is None else str(bill.shipping.amount),
        "shipping_title": bill.delivery.title if bill.delivery else "",
        "tax": str(bill.tax.amount),
        "taxes_included": bill.taxes_included,
        "total": str(bill.total.amount),
        "lines": [
            {
                "variant_id": line.row.variant_id or None,
                "title": line.row.product_title,
                "variant_title": line.row.variant_title,
                "sku": line.row.sku,
                "quantity": line.row.quantity,
                "attributes": line.row.attributes,
                "unit_price": str(line.unit_price.amount),
                "total": str(line.total.amount),
                "discounts": [one.as_json() for one in line.discounts],
                "taxes": [one.as_json() for one in line.taxes],
                "is_sold": line.is_sold,
            }
            for line in bill.lines
        ],
        "options": [
            {"handle": one.handle, "title": one.title, "price": str(one.price.amount)} for one in bill.delivery_options
        ],
    }


def _agreed(said: dict[str, Any]) -> dict[str, Any]:
    """What of a quote must be the same when the draft is completed: all but the ways to deliver that there were."""
    return {name: value for name, value in said.items() if name != "options"}


def _locked(draft_key: UUID) -> DraftOrder:
    draft = DraftOrder.objects.select_for_update().filter(key=draft_key).first()
    if draft is None:
        raise NotFound("DraftOrder", field=("id",))
    return draft


def _save(draft: DraftOrder, given: DraftFields) -> Totals:
    """Check what is given, price the draft as it would be, and store it with its quote, which is told."""
    with together() as check:
        with check("customer_id"):
            _set_customer(draft, given)
        with check():
            _set_contacts(draft, given)
        with check("shipping_address"):
            if "shipping_address" in given:
                address = given["shipping_address"]
                draft.delivery_address = addresses.checked(address).as_json() if address else None
        with check("currency_code"):
            _set_currency(draft, given)
    with together() as check:
        with check("applied_discount"):
            if "applied_discount" in given:
                _set_discount(draft, given["applied_discount"])
        with check():
            lines = _lines(draft, given)
    bill = _priced(draft, lines, given)
    draft.quote, draft.total, draft.updated_at = quote(bill), bill.total.amount, clock.now()
    draft.save()
    if "line_items" in given:
        draft.lines.all().delete()
        DraftLine.objects.bulk_create(lines)
    return bill


def _set_customer(draft: DraftOrder, given: DraftFields) -> None:
    if "customer_id" not in given:
        return
    customer_id = given["customer_id"]
    customer = None if customer_id is None else User.objects.filter(pk=customer_id).first()
    if customer_id is not None and customer is None:
        raise NotFound("Customer")
    draft.customer = customer
    if customer is not None and not draft.email and "email" not in given:
        draft.email = customer.email


def _set_contacts(draft: DraftOrder, given: DraftFields) -> None:
    with together() as check:
        if "email" in given:
            email = given["email"] or ""
            with check():
                draft.email = contacts.email(email) if email.strip() else ""
        if "phone" in given:
            with check():
                draft.phone = contacts.phone(given["phone"] or "", country=draft.country or settings.SHOP_COUNTRY)
        if "note" in given:
            with check("note"):
                draft.note = text.paragraphs(given["note"] or "", limit=5000)
        if "attributes" in given:
            with check():
                draft.attributes = carts.clean_attributes(given["attributes"] or ())


def _set_currency(draft: DraftOrder, given: DraftFields) -> None:
    wanted = given.get("currency_code")
    if not draft.currency:
        place = draft.country or settings.SHOP_COUNTRY
        draft.currency = wanted or tariffs.chosen(place, draft.customer_id).currency
    elif wanted and wanted != draft.currency:
        raise InvalidInput(f"The draft is in {draft.currency}; make another one for another currency.")


def _set_discount(draft: DraftOrder, wanted: Reduction | None) -> None:
    draft.discount_percentage = draft.discount_amount = None
    draft.discount_reason = ""
    if wanted is None:
        return
    if (wanted.percentage is None) == (wanted.amount is None):
        raise InvalidInput("Give either a percentage or an amount.")
    with together() as check:
        with check("reason"):
            draft.discount_reason = text.line(wanted.reason, limit=255, required=True)
        if wanted.amount is not None:
            with check("amount"):
                draft.discount_amount = Money.price(wanted.amount, draft.currency).amount
                if not draft.discount_amount:
                    raise InvalidInput("The amount must be more than zero.")
        if wanted.percentage is not None:
            with check("percentage"):
                draft.discount_percentage = _percentage(wanted.percentage)


def _percentage(wanted: Decimal) -> Decimal:
    if not wanted.is_finite() or not 0 < wanted <= 100 or wanted != round(wanted, 4):
        raise InvalidInput("A percentage is more than 0 and at most 100, with 4 decimals at the most.")
    return wanted


def _lines(draft: DraftOrder, given: DraftFields) -> list[DraftLine]:
    if "line_items" not in given:
        return list(draft.lines.order_by("position")) if draft.pk else []
    new = given["line_items"] or ()
    if len(new) > carts.MAX_LINES:
        raise DraftTooLarge(f"A draft has {carts.MAX_LINES} lines at the most.", field=("line_items",))
    wanted = {line.variant_id for line in new if line.variant_id is not None}
    known = set(ProductVariant.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    with together() as check:
        lines = []
        for number, line in enumerate(new):
            with check("line_items", number):
                lines.append(_line(draft, number, line, known))
    return lines


def _line(draft: DraftOrder, number: int, new: NewLine, known: set[int]) -> DraftLine:
    if not 1 <= new.quantity <= MAX_QUANTITY:
        raise InvalidInput(f"The quantity must be from 1 to {MAX_QUANTITY}.", field=("quantity",))
    line = DraftLine(
        draft=draft, position=number, quantity=new.quantity, attributes=carts.clean_attributes(new.attributes)
    )
    with blaming("price"):
        line.price = None if new.price is None else Money.price(new.price, draft.currency).amount
    if new.variant_id is None:
        line.title = text.line(new.title, limit=255, field=("title",), required=True)
        if line.price is None:
            raise InvalidInput("What has no variant needs a price.", field=("price",))
        line.tax_class_id = classes.known(TaxClass, new.tax_class_id, "tax_class_id")
        line.requires_shipping = new.requires_shipping
        line.price_reason = text.line(new.price_reason, limit=500, field=("price_reason",))
        return line
    if new.title:
        raise InvalidInput("Give either a variant, or the title of what has none.", field=("title",))
    if new.tax_class_id is not None:
        raise InvalidInput("The category of a variant says how it is taxed.", field=("tax_class_id",))
    if new.variant_id not in known:
        raise NotFound("ProductVariant", field=("variant_id",))
    line.variant_id = new.variant_id
    if line.price is not None:
        line.price_reason = text.line(new.price_reason, limit=500, field=("price_reason",), required=True)
    return line


def _priced(draft: DraftOrder, lines: Sequence[DraftLine], given: DraftFields) -> Totals:
    """The bill with the delivery that is wanted. Raises InvalidInput where that is not offered, DraftTooLarge."""
    delivery = given.get("delivery")
    if "delivery" in given:
        draft.delivery_method, draft.shipping_title, draft.shipping_price = None, "", None
    with blaming("delivery"):
        if delivery and delivery.handle:
            if delivery.title or delivery.price is not None:
                raise InvalidInput("Name either a delivery option, or give a title and a price.")
            draft.delivery_method = _method(delivery.handle, pricing.of_draft(draft, lines))
        elif delivery:
            with blaming("title"):
                draft.shipping_title = text.line(delivery.title, limit=255) or "Shipping"
            if delivery.price is None:
                raise InvalidInput("Name a delivery option, or say what the delivery costs.", field=("price",))
            with blaming("price"):
                draft.shipping_price = Money.price(delivery.price, draft.currency).amount
    bill = pricing.of_draft(draft, lines)
    _ensure_bearable(bill)
    return bill


def _method(handle: str, bill: Totals) -> ShippingMethod:
    for option in bill.delivery_options:
        if option.handle == handle:
            return ShippingMethod.objects.get(pk=option.method_id)
    offered = ", ".join(option.handle for option in bill.delivery_options) or "none"
    raise InvalidInput(f"This is not offered there; offered are: {offered}.", field=("handle",))


def _ensure_bearable(bill: Totals) -> None:
    if bill.total.amount > money.MAX_AMOUNT:
        raise DraftTooLarge(f"An order's total is {money.MAX_AMOUNT} at the most.")
