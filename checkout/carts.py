"""Carts: filling them and saying who buys and where it goes. Nothing is held for a cart; orders hold stock.

Whoever knows a cart's secret may use it. Every command locks the cart first, then its lines, and answers the cart
priced anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts import addresses
from accounts.actors import Actor
from accounts.addresses import Address
from catalog import stock
from catalog.models import Product, ProductVariant
from checkout import pricing, shipping
from checkout.models import Cart, CartAddress, CartLine
from checkout.pricing import PricedLine, Totals
from shop import clock, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming

MAX_LINES = 250
MAX_QUANTITY = 10_000
MAX_ATTRIBUTES = 50
MAX_ADDRESSES = 20


class InvalidMerchandise(Refusal):
    """A line names a variant that is not for sale, or a line that is not in the cart."""

    code = "INVALID_MERCHANDISE_LINE"


class QuantityTooLow(Refusal):
    """A line needs a quantity of one or more."""

    code = "LESS_THAN"


class QuantityTooHigh(Refusal):
    """A line has more units than one order may have."""

    code = "MAXIMUM_EXCEEDED"


class CartTooLarge(Refusal):
    """The cart has more lines than a cart may have."""

    code = "CART_TOO_LARGE"


class DeliveryOptionUnknown(Refusal):
    """The delivery option is not offered for this cart and address."""

    code = "DELIVERY_OPTION_UNKNOWN"


@dataclass(frozen=True, slots=True)
class NewLine:
    """A wish for `quantity` of a variant; `attributes` make a line of their own."""

    variant_id: int
    quantity: int = 1
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LineChange:
    """What to change of a line; None leaves it. Quantity zero removes it."""

    line_id: int
    quantity: int | None = None
    variant_id: int | None = None
    attributes: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys; None leaves what is known."""

    email: str | None = None
    phone: str | None = None
    country: str | None = None
    customer: Actor | None = None


@dataclass(frozen=True, slots=True)
class NewCart:
    """What a cart may start with."""

    currency: str
    lines: Sequence[NewLine] = ()
    buyer: Buyer = field(default_factory=Buyer)
    note: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Warning:
    """Something the shopper should know of a line before buying: it will not stop the cart, but may stop the checkout."""

    code: str
    message: str
    line_id: int


@dataclass(frozen=True, slots=True, eq=False)
class PricedCart:
    """A cart with its bill."""

    cart: Cart
    totals: Totals

    @property
    def warnings(self) -> list[Warning]:
        return [warning for line in self.totals.lines if (warning := _warning(line))]


def read(secret: str) -> PricedCart:
    """The open cart behind this secret. Raises NotFound for an unknown, expired or completed one."""
    return priced(_open(secret, lock=False))


def priced(cart: Cart) -> PricedCart:
    return PricedCart(cart, pricing.totals(cart))


def cart_command(act: Callable[..., None]) -> Callable[..., PricedCart]:
    """Make `act(cart, …)` a command on the open cart with a secret: lock it, act, stamp it, commit, price it anew."""

    @wraps(act)
    def command(secret: str, *args: Any, **arguments: Any) -> PricedCart:
        with transaction.atomic(durable=True):
            cart = _open(secret, lock=True)
            act(cart, *args, **arguments)
            cart.updated_at = clock.now()
            cart.save()
        return priced(cart)

    return command


@transaction.atomic(durable=True)
def create(new: NewCart) -> PricedCart:
    """A new cart. Raises InvalidInput, InvalidMerchandise, QuantityTooLow, InsufficientStock and their kin."""
    cart = Cart(currency=new.currency, note=text.paragraphs(new.note, limit=5000, field=("note",)))
    cart.attributes = _attributes(new.attributes)
    with blaming("buyer_identity"):
        _identify(cart, new.buyer)
    cart.save()
    _add(cart, new.lines)
    return priced(cart)


@cart_command
def add_lines(cart: Cart, lines: Sequence[NewLine]) -> None:
    """Add to the cart; what is there already, attributes included, becomes one line with the sum.

    Raises InvalidMerchandise, QuantityTooLow, QuantityTooHigh, CartTooLarge, InsufficientStock; then nothing is added.
    """
    _add(cart, lines)


@cart_command
def update_lines(cart: Cart, changes: Sequence[LineChange]) -> None:
    """Change lines. Raises as `add_lines`; then nothing is changed."""
    lines = {line.pk: line for line in CartLine.objects.select_for_update().filter(cart=cart).order_by("pk")}
    for number, change in enumerate(changes):
        with blaming("lines", number):
            if change.line_id not in lines:
                raise InvalidMerchandise("This line is not in the cart.", field=("id",))
            _apply(lines[change.line_id], change)
    _store(cart, _joined(list(lines.values())), sold=_variants([line.variant_id for line in lines.values()]))


@cart_command
def remove_lines(cart: Cart, line_ids: Sequence[int]) -> None:
    """Take lines out. Raises InvalidMerchandise for a line that is not in the cart; then none is removed."""
    lines = CartLine.objects.select_for_update().filter(cart=cart, pk__in=line_ids).order_by("pk")
    missing = set(line_ids) - {line.pk for line in lines}
    if missing:
        number = next(i for i, line_id in enumerate(line_ids) if line_id in missing)
        raise InvalidMerchandise("This line is not in the cart.", field=("line_ids", number))
    lines.delete()


@cart_command
def identify_buyer(cart: Cart, buyer: Buyer) -> None:
    """Say who buys. Raises InvalidInput for an e-mail address, phone number or country that is none."""
    with blaming("buyer_identity"):
        _identify(cart, buyer)


@cart_command
def add_addresses(cart: Cart, new: Sequence[tuple[Address, bool]]) -> None:
    """Add addresses with whether each is selected; a first one is selected by itself. Raises Refusals, InvalidInput."""
    kept = CartAddress.objects.filter(cart=cart).count()
    if kept + len(new) > MAX_ADDRESSES:
        raise InvalidInput(f"A cart has {MAX_ADDRESSES} addresses at the most.", field=("addresses",))
    for number, (address, is_selected) in enumerate(new):
        with blaming("addresses", number, "address", "delivery_address"):
            clean = addresses.checked(address)
        select = is_selected or kept + number == 0
        if select:
            CartAddress.objects.filter(cart=cart, is_selected=True).update(is_selected=False)
        CartAddress.objects.create(cart=cart, address=clean.as_json(), is_selected=select)
    _forget_lost_delivery(cart)


@cart_command
def select_delivery(cart: Cart, handles: Sequence[str]) -> None:
    """Choose how the cart is delivered: one handle, for it is delivered in one group. Raises DeliveryOptionUnknown."""
    if len(handles) != 1:
        raise InvalidInput("Choose one delivery option.", field=("selected_delivery_options",))
    bill, [handle] = pricing.totals(cart), handles
    chosen = next((option for option in bill.delivery_options if option.handle == handle), None)
    if chosen is None:
        offered = ", ".join(option.handle for option in bill.delivery_options) or "none"
        raise DeliveryOptionUnknown(
            f"This delivery option is not offered; offered are: {offered}.",
            field=("selected_delivery_options", 0, "delivery_option_handle"),
        )
    cart.delivery_method_id = chosen.method_id


@cart_command
def set_note(cart: Cart, note: str) -> None:
    """Leave a note for the shop, of 5,000 characters at the most."""
    cart.note = text.paragraphs(note, limit=5000, field=("note",))


@cart_command
def set_attributes(cart: Cart, attributes: tuple[tuple[str, str], ...]) -> None:
    """Replace the cart's attributes."""
    cart.attributes = _attributes(attributes)


def _open(secret: str, *, lock: bool) -> Cart:
    carts = Cart.objects.select_for_update() if lock else Cart.objects.all()
    oldest = clock.now() - settings.CART_LIFETIME
    cart = carts.filter(secret=secret, completed_at__isnull=True, updated_at__gt=oldest).first()
    if cart is None:
        raise NotFound("Cart", field=("cart_id",))
    return cart


def _add(cart: Cart, new: Sequence[NewLine]) -> None:
    lines = list(CartLine.objects.select_for_update().filter(cart=cart).order_by("pk"))
    sold = _variants([line.variant_id for line in new])
    for number, one in enumerate(new):
        with blaming("lines", number):
            if one.variant_id not in sold:
                raise InvalidMerchandise("This product is not for sale.", field=("merchandise_id",))
            if one.quantity < 1:
                raise QuantityTooLow("The quantity must be 1 or more.", field=("quantity",))
            attributes = _attributes(one.attributes)
            lines.append(CartLine(cart=cart, variant_id=one.variant_id, quantity=one.quantity, attributes=attributes))
    _store(cart, _joined(lines), sold)


def _apply(line: CartLine, change: LineChange) -> None:
    if change.variant_id is not None and change.variant_id != line.variant_id:
        if change.variant_id not in _variants([change.variant_id]):
            raise InvalidMerchandise("This product is not for sale.", field=("merchandise_id",))
        line.variant_id = change.variant_id
    if change.attributes is not None:
        line.attributes = _attributes(change.attributes)
    if change.quantity is not None:
        if change.quantity < 0:
            raise QuantityTooLow("The quantity must be 0 or more; 0 removes the line.", field=("quantity",))
        line.quantity = change.quantity


def _joined(lines: list[CartLine]) -> list[CartLine]:
    """Lines of the same variant and attributes made one, the later into the earlier; emptied ones have quantity 0."""
    kept: dict[tuple[int, str], CartLine] = {}
    for line in lines:
        first = kept.setdefault((line.variant_id, repr(line.attributes)), line)
        if first is not line:
            first.quantity += line.quantity
            line.quantity = 0
    return lines


def _store(cart: Cart, lines: list[CartLine], sold: set[int]) -> None:
    """Check the cart as it would be, then write it: first what goes, so that no two lines are ever the same."""
    wanted: dict[int, int] = {}
    for line in lines:
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
    if any(quantity > MAX_QUANTITY for quantity in wanted.values()):
        raise QuantityTooHigh(f"An order has {MAX_QUANTITY} units of a product at the most.", field=("lines",))
    if sum(line.quantity > 0 for line in lines) > MAX_LINES:
        raise CartTooLarge(f"A cart has {MAX_LINES} lines at the most.", field=("lines",))
    with blaming("lines"):
        stock.ensure_available({variant: quantity for variant, quantity in wanted.items() if variant in sold})
    gone = [line.pk for line in lines if line.quantity == 0 and line.pk]
    if gone:
        CartLine.objects.filter(pk__in=gone).delete()
    changed = [line for line in lines if line.quantity and line.pk]
    CartLine.objects.bulk_update(changed, ["variant", "quantity", "attributes"])
    CartLine.objects.bulk_create([line for line in lines if line.quantity and not line.pk])


def _variants(variant_ids: Sequence[int]) -> set[int]:
    """Which of these variants a shopper can buy now, stock aside."""
    sold = Product.objects.filter(variants__in=variant_ids, status="ACTIVE", category__is_listed=True)
    return set(ProductVariant.objects.filter(pk__in=variant_ids, product__in=sold).values_list("pk", flat=True))


def _identify(cart: Cart, buyer: Buyer) -> None:
    if buyer.customer is not None and buyer.customer.user_id is not None:
        cart.customer_id = buyer.customer.user_id
        cart.email = cart.email or buyer.customer.email
    if buyer.email is not None:
        cart.email = _email(buyer.email)
    if buyer.phone is not None:
        cart.phone = _phone(buyer.phone, buyer.country or cart.country or settings.SHOP_COUNTRY)
    if buyer.country is not None:
        cart.country = buyer.country
        _forget_lost_delivery(cart)


def _email(value: str) -> str:
    clean = text.line(value, limit=254, field=("email",))
    if clean:
        try:
            validate_email(clean)
        except ValidationError as error:
            raise InvalidInput("This is not an e-mail address.", field=("email",)) from error
    return clean


def _phone(value: str, country: str) -> str:
    if not value.strip():
        return ""
    try:
        number = phonenumbers.parse(text.line(value, limit=40, field=("phone",)), country)
    except phonenumbers.NumberParseException as error:
        raise InvalidInput("This is not a phone number; begin it with + and the country.", field=("phone",)) from error
    if not phonenumbers.is_possible_number(number):
        raise InvalidInput("This is not a phone number; begin it with + and the country.", field=("phone",))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _attributes(attributes: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """As they are stored: sorted by key, so that their order makes no difference between lines."""
    with blaming("attributes"):
        if len(attributes) > MAX_ATTRIBUTES:
            raise InvalidInput(f"At most {MAX_ATTRIBUTES} attributes are allowed.")
        clean = {
            text.line(key, limit=255, field=(number, "key"), required=True): text.paragraphs(
                value, limit=2000, field=(number, "value")
            )
            for number, (key, value) in enumerate(attributes)
        }
    return [{"key": key, "value": value} for key, value in sorted(clean.items())]


def _forget_lost_delivery(cart: Cart) -> None:
    """A method that does not deliver to the cart's country any more is chosen no more."""
    if cart.pk and cart.delivery_method_id is not None:
        offered = {option.method_id for option in shipping.options(cart, pricing.totals(cart).subtotal)}
        if cart.delivery_method_id not in offered:
            cart.delivery_method_id = None


def _warning(line: PricedLine) -> Warning | None:
    row = line.row
    if not line.is_sold:
        return Warning(
            "MERCHANDISE_NOT_SOLD", f"{row.product_title} is no longer sold. Remove it to check out.", row.pk
        )
    if row.free <= 0:
        return Warning("MERCHANDISE_OUT_OF_STOCK", f"{row.product_title} is out of stock.", row.pk)
    if row.free < row.quantity:
        return Warning("MERCHANDISE_NOT_ENOUGH_STOCK", f"Only {row.free} of {row.product_title} left.", row.pk)
    return None
