"""What staff may say of a draft order: checked, priced, and stored with its quote."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypedDict

from django.conf import settings

from accounts import addresses, contacts
from accounts.addresses import Address
from accounts.models import User
from catalog import classes, tariffs
from catalog.category_rules import MAX_QUANTITY
from catalog.models import ProductVariant, TaxClass
from checkout import carts, pricing
from checkout.bills import Totals
from checkout.models import DraftLine, DraftOrder, ShippingMethod
from shop import clock, money, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.money import Money


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


def save(draft: DraftOrder, given: DraftFields) -> Totals:
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


def ensure_bearable(bill: Totals) -> None:
    if bill.total.amount > money.MAX_AMOUNT:
        raise DraftTooLarge(f"An order's total is {money.MAX_AMOUNT} at the most.")


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
    ensure_bearable(bill)
    return bill


def _method(handle: str, bill: Totals) -> ShippingMethod:
    for option in bill.delivery_options:
        if option.handle == handle:
            return ShippingMethod.objects.get(pk=option.method_id)
    offered = ", ".join(option.handle for option in bill.delivery_options) or "none"
    raise InvalidInput(f"This is not offered there; offered are: {offered}.", field=("handle",))
