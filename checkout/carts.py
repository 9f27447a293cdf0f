"""Carts: filling them and saying who buys. Nothing is held for a cart; orders hold stock.

Whoever knows a cart's secret may use it. Every command locks the cart first, then its lines, and answers the cart
priced anew.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeAlias

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts import contacts
from accounts.actors import Actor
from catalog import stock
from catalog.category_rules import MAX_QUANTITY
from catalog.models import Price, ProductStatus, ProductVariant
from catalog.models.price import Tariff
from checkout import pricing, promotion_facts, quotes, tax_answers
from checkout.bills import PricedLine, Totals
from checkout.models import Cart, CartLine
from shop import clock, prepared, text, writes
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together

MAX_LINES = 250
MAX_ATTRIBUTES = 50
MAX_CODES = 10
MAX_CODE = 50

# What commands change of a cart itself.
_CHANGEABLE = (
    *("customer", "country", "email", "phone", "note", "attributes", "delivery_method", "currency", "price_list"),
    *("discount_codes", "points", "updated_at"),
)

# What a line remembers of its price when it is set.
_SEEN = ("seen_price", "seen_currency")
# What a variant costs, as `pricing.amounts_of` says it.
Amounts: TypeAlias = Sequence[Sequence[str]]


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
    discount_codes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PricedCart:
    """A cart with its bill."""

    cart: Cart
    totals: Totals


def read(secret: str) -> PricedCart:
    """The open cart behind this secret. Raises NotFound for an unknown, expired or completed one."""
    return _answered(_priced(_open(secret, lock=False)))


def open_with(secret: str) -> PricedCart | None:
    """As `read`, but None where there is none."""
    try:
        return read(secret)
    except NotFound:
        return None


def locked(cart: Cart) -> PricedCart:
    """The bill of a cart that the caller has locked. Raises NotFound for an expired or completed one."""
    if not is_open(cart):
        raise NotFound("Cart", field=("cart_id",))
    return _priced(cart)


def cart_command(act: Callable[..., Totals | None]) -> Callable[..., PricedCart]:
    """Make `act(cart, …)` a command on the open cart with a secret: lock it, act, stamp it, price it anew, commit.

    An `act` that knows the new bill answers it. Priced under the lock, the bill is what this command made of the cart,
    whoever else changes it a moment later.
    """

    @wraps(act)
    def command(secret: str, *args: Any, **arguments: Any) -> PricedCart:
        with transaction.atomic(durable=True):
            cart = _open(secret, lock=True)
            bill = act(cart, *args, **arguments)
            pricing.choose_prices(cart)
            priced = PricedCart(cart, bill or pricing.totals(cart))
            _note_codes(priced)
            cart.updated_at = clock.now()
            writes.update([cart], *_CHANGEABLE)
        return _answered(priced)

    return command


@transaction.atomic(durable=True)
def create(new: NewCart) -> PricedCart:
    """A new cart. Raises InvalidInput, InvalidMerchandise, QuantityTooLow, InsufficientStock and their kin."""
    return begun(new)


def begun(new: NewCart) -> PricedCart:
    """As `create`, inside a transaction of the caller's."""
    cart = Cart(currency=new.currency, note=text.paragraphs(new.note, limit=5000, field=("note",)))
    cart.attributes = clean_attributes(new.attributes)
    with blaming("buyer_identity"):
        _identify(cart, new.buyer)
    cart.discount_codes = _entered(new.discount_codes)
    pricing.choose_prices(cart)
    writes.insert([cart])
    priced = PricedCart(cart, fill(cart, [], new.lines))
    if cart.discount_codes:
        _note_codes(priced)
        writes.update([cart], "discount_codes")
    return priced


@cart_command
def add_lines(cart: Cart, lines: Sequence[NewLine]) -> Totals:
    """Add to the cart; what is there already, attributes included, becomes one line with the sum.

    Raises InvalidMerchandise, QuantityTooLow, QuantityTooHigh, CartTooLarge, InsufficientStock; then nothing is added.
    """
    return fill(cart, locked_lines(cart.pk), lines)


@cart_command
def update_lines(cart: Cart, changes: Sequence[LineChange]) -> Totals:
    """Change lines. Raises as `add_lines`; then nothing is changed. To take less is never refused."""
    found = list(_locked_with_amounts(cart.pk, pricing.tariff(cart)))
    amounts = {variant_id: said for _, variant_id, *_, said in found}
    lines = [
        CartLine(
            pk=pk, cart=cart, variant_id=variant, quantity=units, attributes=notes, seen_price=price, seen_currency=of
        )
        for pk, variant, units, notes, price, of, _ in found
    ]
    before = _units((line.variant_id, line.quantity) for line in lines)
    by_id = {line.pk: line for line in lines}
    known = sold(cart, [change.variant_id for change in changes if change.variant_id is not None])
    for number, change in enumerate(changes):
        with blaming("lines", number):
            if change.line_id not in by_id:
                raise InvalidMerchandise("This line is not in the cart.", field=("id",))
            _apply(by_id[change.line_id], change, known)
    changed = {by_id[change.line_id].variant_id for change in changes}
    amounts |= known
    return _store(cart, lines, before, {variant: amounts[variant] for variant in changed})


@cart_command
def identify_buyer(cart: Cart, buyer: Buyer) -> None:
    """Say who buys. Raises InvalidInput for an e-mail address, phone number or country that is none."""
    with blaming("buyer_identity"):
        _identify(cart, buyer)


@cart_command
def set_note(cart: Cart, note: str) -> None:
    """Leave a note for the shop, of 5,000 characters at the most."""
    cart.note = text.paragraphs(note, limit=5000, field=("note",))


@cart_command
def set_attributes(cart: Cart, attributes: tuple[tuple[str, str], ...]) -> None:
    """Replace the cart's attributes."""
    cart.attributes = clean_attributes(attributes)


@cart_command
def set_discount_codes(cart: Cart, codes: Sequence[str]) -> None:
    """Replace the codes entered; those that are unknown or do not apply are kept too. Raises InvalidInput."""
    cart.discount_codes = _entered(codes)


def _entered(codes: Sequence[str]) -> list[dict[str, Any]]:
    """Codes as a cart keeps them, each once however it is typed. Raises InvalidInput."""
    typed: dict[str, str] = {}
    for place, code in enumerate(codes):
        clean = text.line(code, limit=MAX_CODE, field=("discount_codes", place))
        if clean:
            typed.setdefault(promotion_facts.key_of(clean), clean)
    if len(typed) > MAX_CODES:
        raise InvalidInput(f"A cart has {MAX_CODES} discount codes at the most.", field=("discount_codes",))
    return [{"code": code, "applied": False} for code in typed.values()]


def _note_codes(priced: PricedCart) -> None:
    """Remember which codes applied when the shopper was told: the checkout refuses to forget one of those silently."""
    applied = {promotion_facts.key_of(one.code) for one in priced.totals.outcomes if one.code and one.is_applied}
    for entered in priced.cart.discount_codes:
        entered["applied"] = promotion_facts.key_of(entered["code"]) in applied


def _priced(cart: Cart) -> PricedCart:
    return PricedCart(cart, pricing.totals(cart))


def _answered(priced: PricedCart) -> PricedCart:
    """The cart with what carriers and the tax service say, where they are to be asked: not within a transaction."""
    wanted = priced.totals.quotes_wanted
    if wanted and quotes.fetch(wanted):
        priced = _priced(priced.cart)
    question = priced.totals.taxes_told.wanted
    return _priced(priced.cart) if question and tax_answers.fetch(question) else priced


def _open(secret: str, *, lock: bool) -> Cart:
    found = with_secret(secret, lock=lock)
    if not found or not is_open(found[0]):
        raise NotFound("Cart", field=("cart_id",))
    pricing.choose_prices(found[0])
    return found[0]


@prepared.statement
def with_secret(secret: str, *, lock: bool) -> QuerySet[Cart]:
    """The cart behind this secret, open or not, in a list."""
    carts = Cart.objects.select_for_update() if lock else Cart.objects.all()
    return carts.filter(secret=secret)


def active_of(customer_id: int) -> PricedCart | None:
    """The open cart this customer changed last, if there is one."""
    opened = Cart.objects.filter(
        customer_id=customer_id, completed_at=None, updated_at__gt=clock.now() - settings.CART_LIFETIME
    )
    cart = opened.order_by("-updated_at", "-pk").first()
    return _answered(_priced(cart)) if cart else None


def is_open(cart: Cart) -> bool:
    """Whether it may be changed: it is neither expired nor has it become an order."""
    return cart.completed_at is None and cart.updated_at > clock.now() - settings.CART_LIFETIME


@prepared.statement
def locked_lines(cart_id: int) -> QuerySet[CartLine]:
    """The lines of a cart that the caller has locked, locked too; those that are saved for later among them."""
    return CartLine.objects.select_for_update().filter(cart_id=cart_id).order_by("pk")


@prepared.statement
def _locked_with_amounts(cart_id: int, tariff: Tariff) -> QuerySet[Any, Any]:
    """As `locked_lines`, what the lines are and what their variants cost."""
    columns = ("pk", "variant_id", "quantity", "attributes", *_SEEN)
    locked = CartLine.objects.select_for_update().filter(cart_id=cart_id, is_saved=False).order_by("pk")
    return locked.values_list(*columns, pricing.amounts_of("variant_id", tariff))


def fill(cart: Cart, lines: list[CartLine], new: Sequence[NewLine]) -> Totals:
    """Add `new` to the `lines` the cart has, which the caller has locked. Raises as `add_lines`.

    Those saved for later among them stay as they are, and count only for how many lines a cart has.
    """
    saved = sum(line.is_saved for line in lines)
    lines = [line for line in lines if not line.is_saved]
    before = _units((line.variant_id, line.quantity) for line in lines)
    known = sold(cart, [line.variant_id for line in new])
    for number, one in enumerate(new):
        with blaming("lines", number):
            if one.variant_id not in known:
                raise _not_sold()
            if one.quantity < 1:
                raise QuantityTooLow("The quantity must be 1 or more.", field=("quantity",))
            attributes = clean_attributes(one.attributes)
            lines.append(CartLine(cart=cart, variant_id=one.variant_id, quantity=one.quantity, attributes=attributes))
    return _store(cart, lines, before, known, saved)


def _apply(line: CartLine, change: LineChange, known: Container[int]) -> None:
    if change.variant_id is not None and change.variant_id != line.variant_id:
        if change.variant_id not in known:
            raise _not_sold()
        line.variant_id = change.variant_id
    if change.attributes is not None:
        line.attributes = clean_attributes(change.attributes)
    if change.quantity is not None:
        if change.quantity < 0:
            raise QuantityTooLow("The quantity must be 0 or more; 0 removes the line.", field=("quantity",))
        line.quantity = change.quantity


def _not_sold() -> InvalidMerchandise:
    return InvalidMerchandise("This product is not for sale.", field=("merchandise_id",))


def _store(
    cart: Cart, lines: list[CartLine], before: dict[int, int], amounts: Mapping[int, Amounts], saved: int = 0
) -> Totals:
    """Check the cart as it would be, then write it: first what goes, then the rest in one statement each.

    `before` are the units of each variant until now: only of what grows there must be enough. `amounts` is what the
    variants cost that this is about: their lines remember it as the price that was seen. Answers the new bill,
    which also knows the limits of categories: what is refused then is written no more than what was refused before.
    """
    _join(lines)
    wanted = _units((line.variant_id, line.quantity) for line in lines)
    with blaming("lines"):
        if any(quantity > MAX_QUANTITY for quantity in wanted.values()):
            raise QuantityTooHigh(f"An order has {MAX_QUANTITY} units of a product at the most.")
        kept_too = ", those saved for later among them" if saved else ""
        if saved + sum(line.quantity > 0 for line in lines) > MAX_LINES:
            raise CartTooLarge(f"A cart has {MAX_LINES} lines at the most{kept_too}.")
        grown = {variant: units for variant, units in wanted.items() if units > before.get(variant, 0)}
        stock.ensure_available(wanted, before)
    for line in lines:
        if line.variant_id in amounts:
            line.seen_price = pricing.amount_for(amounts[line.variant_id], wanted[line.variant_id])
            line.seen_currency = cart.currency
    stored = [line for line in lines if line.pk]
    gone = [line.pk for line in stored if not line.quantity]
    if gone:
        CartLine.objects.filter(pk__in=gone).delete()
    writes.update([line for line in stored if line.quantity], "variant", "quantity", "attributes", *_SEEN)
    writes.insert([line for line in lines if line.quantity and not line.pk])
    bill = pricing.totals(cart)
    with blaming("lines"):
        ensure_within_limits(bill, grown)
    return bill


def ensure_within_limits(bill: Totals, units: Mapping[int, int]) -> None:
    """Refuse more `units[variant_id]` of a variant than its category lets one order have. Raises QuantityTooHigh."""
    for line in bill.lines:
        limit = line.row.max_quantity
        if limit is not None and units.get(line.row.variant_id, 0) > limit:
            raise QuantityTooHigh(limited(line))


def wanted_of(bill: Totals) -> dict[int, int]:
    """The units of each variant over all lines of a cart."""
    return _units((line.row.variant_id, line.row.quantity) for line in bill.lines)


def limited(line: PricedLine) -> str:
    """How much of a line one order may have, in words."""
    return f"An order has {line.row.max_quantity} of {line.row.product_title} at the most."


def _join(lines: list[CartLine]) -> None:
    """Make lines of the same variant and attributes one, the later into the earlier, which leaves the later nothing."""
    kept: dict[tuple[object, ...], CartLine] = {}
    for line in lines:
        first = kept.setdefault(line.mark, line)
        if first is not line:
            first.quantity += line.quantity
            line.quantity = 0


def _units(quantities: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The units of each variant over all lines."""
    units: dict[int, int] = {}
    for variant_id, quantity in quantities:
        units[variant_id] = units.get(variant_id, 0) + quantity
    return units


def sold(cart: Cart, variant_ids: Sequence[int]) -> dict[int, Amounts]:
    """Which of these variants this cart's shopper can buy now, stock aside, and what they cost."""
    return dict(_for_sale(list(variant_ids), pricing.tariff(cart))) if variant_ids else {}


@prepared.statement
def _for_sale(variant_ids: list[int], tariff: Tariff) -> QuerySet[Any, Any]:
    sold = ProductVariant.objects.filter(
        pk__any=variant_ids,
        product__status=ProductStatus.ACTIVE,
        product__category__is_listed=True,
        pk__in=Price.objects.by(tariff).values("variant"),
    )
    return sold.values_list("pk", pricing.amounts_of("pk", tariff))


def _identify(cart: Cart, buyer: Buyer) -> None:
    if buyer.customer is not None and buyer.customer.user_id is not None:
        if cart.customer_id != buyer.customer.user_id:
            cart.points = 0
        cart.customer_id = buyer.customer.user_id
        cart.email = cart.email or buyer.customer.email
    if buyer.country is not None:
        cart.country = buyer.country
    with together() as check:
        if buyer.email is not None:
            with check():
                cart.email = contacts.email(buyer.email) if buyer.email.strip() else ""
        if buyer.phone is not None:
            with check():
                cart.phone = contacts.phone(buyer.phone, country=cart.country or settings.SHOP_COUNTRY)


def clean_attributes(attributes: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
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
