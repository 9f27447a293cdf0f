"""What is added to an order after it was placed: priced as a cart of its own would be now, for the order's buyer.

Destination, buyer, currency and exemption from taxes are the order's; prices, taxes and the rules of categories are
those of today. Promotions and codes take nothing off what is added, for no use of them is counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog import details
from catalog.category_rules import MAX_QUANTITY
from checkout import carts, orders, pricing
from checkout.bills import PricedLine, Totals
from checkout.carts import InvalidMerchandise, QuantityTooHigh
from checkout.models import Cart, CartAddress, CartLine, Order, OrderEdit, OrderLine
from shop import languages, writes
from shop.errors import Refusal, blaming


class OtherTaxes(Refusal):
    """Prices have their taxes in them now and had not when the order was placed, or the other way round."""

    code = "ORDER_TAXED_OTHERWISE"


class TaxesUnknown(Refusal):
    """Another tells the taxes, and did not tell yet what they are on what is added."""

    code = "ORDER_TAXES_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Addition:
    """So many units of a variant that come to an order; `path` is the input that asks for them."""

    path: tuple[str | int, ...]
    variant_id: int
    quantity: int
    attributes: tuple[tuple[str, str], ...] = ()


def priced(order: Order, additions: Sequence[Addition], beside: Mapping[int, int]) -> Totals:
    """The bill of what is added, beside so many units of each variant that stay in the order.

    Call inside a transaction. Raises InvalidMerchandise, QuantityTooHigh, InvalidInput, OtherTaxes.
    """
    _ensure_few(additions, beside)
    cart = _cart(order)
    sold = carts.sold(cart, [one.variant_id for one in additions])
    for one in additions:
        with blaming(*one.path):
            if one.variant_id not in sold:
                raise _not_sold(order)
    bill = _bill(order, cart, additions, beside)
    by_variant = {line.row.variant_id: line for line in bill.lines}
    units = carts.wanted_of(bill)
    for one in additions:
        with blaming(*one.path):
            line = by_variant[one.variant_id]
            if not line.is_sold:
                raise _not_sold(order)
            wanted = units[one.variant_id] + beside.get(one.variant_id, 0)
            with blaming("quantity"):
                carts.ensure_within_limits(bill, {one.variant_id: wanted})
    if bill.tax and bill.taxes_included != order.taxes_included:
        raise OtherTaxes("Prices bear their taxes in another way than when this order was placed; make a new order.")
    return bill


def ensure_taxed(bill: Totals) -> None:
    """Refuse to add what the tax service did not tell the taxes on. Raises TaxesUnknown."""
    if bill.taxes_told.hindrance:
        raise TaxesUnknown(
            "What taxes on what is added come to is not known now. Nobody is asked about it under an idempotency key: "
            "try it with `dryRun: true` and without one, and then again."
        )


def stored(order: Order, edit: OrderEdit, lines: Sequence[PricedLine], position: int) -> list[OrderLine]:
    """The bill's lines at the end of the order, in the words of its language."""
    language = languages.foreign(order.language or languages.own())
    told = details.titles(language, {line.row.variant_id: line.row.product_id for line in lines})
    made = [
        orders.line_of(order, number, line, *told[line.row.variant_id]) for number, line in enumerate(lines, position)
    ]
    for line in made:
        line.edit = edit
    writes.insert(made)
    return made


def _ensure_few(additions: Sequence[Addition], beside: Mapping[int, int]) -> None:
    """Refuse more units than any order has, before there is a line that could not bear so many."""
    units = dict(beside)
    for one in additions:
        units[one.variant_id] = units.get(one.variant_id, 0) + one.quantity
        if units[one.variant_id] > MAX_QUANTITY:
            raise QuantityTooHigh(
                f"An order has {MAX_QUANTITY} units of a product at the most.", field=(*one.path, "quantity")
            )


def _not_sold(order: Order) -> InvalidMerchandise:
    return InvalidMerchandise(f"This product is not for sale in {order.currency}.", field=("variant_id",))


def _cart(order: Order) -> Cart:
    """A cart, not stored yet, that goes where the order goes, with the prices that hold there in its currency."""
    place = order.delivery_address or (order.pickup or {}).get("address") or {}
    country = place.get("country_code") or (order.cart.country if order.cart else "")
    cart = Cart(currency=order.currency, customer_id=order.customer_id, country=country)
    pricing.choose_prices(cart)
    if cart.currency != order.currency:
        # Today another list holds for this buyer, in another currency: the order keeps its own.
        cart.currency, cart.price_list = order.currency, None
    return cart


def _bill(order: Order, cart: Cart, additions: Sequence[Addition], beside: Mapping[int, int]) -> Totals:
    """The prices of what is added, by way of a cart that is gone again when this is known."""
    writes.insert([cart])
    if order.delivery_address:
        CartAddress.objects.create(cart=cart, address=order.delivery_address, is_selected=True)
    units: dict[tuple[int, tuple[tuple[str, str], ...]], int] = {}
    for one in additions:
        with blaming(*one.path):
            clean = tuple((pair["key"], pair["value"]) for pair in carts.clean_attributes(one.attributes))
        units[one.variant_id, clean] = units.get((one.variant_id, clean), 0) + one.quantity
    lines = [
        CartLine(cart=cart, variant_id=variant_id, quantity=quantity, attributes=[_pair(*pair) for pair in attributes])
        for (variant_id, attributes), quantity in units.items()
    ]
    writes.insert(lines)
    bill = pricing.goods(cart, beside=beside, is_exempt=bool(order.buyer_tax_id))
    cart.delete()
    return bill


def _pair(key: str, value: str) -> dict[str, str]:
    return {"key": key, "value": value}
