"""Buying again: a new cart with what an order had, as far as it is still sold."""

from dataclasses import dataclass

from accounts.actors import Actor
from catalog import stock
from catalog.models import ProductVariant
from checkout import carts, pricing
from checkout.carts import Buyer, NewCart, NewLine, PricedCart
from checkout.models import Cart, Order, OrderLine


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of an order's line did not come into the cart, and why."""

    code: str
    message: str
    line_id: int


def again(order: Order, actor: Actor) -> tuple[PricedCart, list[LeftOut]]:
    """A new cart with the lines of an order that the caller may see, and what was left out of it.

    Prices are those of today. Raises as `carts.create` where stock is bought away meanwhile.
    """
    is_own = actor.user_id is not None and actor.user_id == order.customer_id
    country = (order.delivery_address or {}).get("country_code") or None
    buyer = Buyer(email=order.email or None, country=country, customer=actor if is_own else None)
    lines = list(order.lines.order_by("position"))
    wanted, left_out = _still_sold(order, lines, country or "", actor if is_own else None)
    return carts.create(NewCart(order.currency, lines=wanted, buyer=buyer)), left_out


def _still_sold(
    order: Order, lines: list[OrderLine], country: str, customer: Actor | None
) -> tuple[list[NewLine], list[LeftOut]]:
    cart = Cart(currency=order.currency, country=country, customer_id=customer.user_id if customer else None)
    pricing.choose_prices(cart)
    variant_ids = [line.variant_id for line in lines if line.variant_id is not None]
    sold = carts.sold(cart, variant_ids)
    left = _most(set(sold))
    wanted, left_out = [], []
    for line in lines:
        if line.is_gift:
            continue  # Nobody bought it: where its promotion still applies, it comes by itself.
        if line.variant_id is None or line.variant_id not in sold:
            left_out.append(LeftOut("MERCHANDISE_NOT_SOLD", f"{line.title} is no longer sold.", line.pk))
            continue
        units = min(line.quantity, left[line.variant_id])
        left[line.variant_id] -= units
        if not units:
            left_out.append(LeftOut("MERCHANDISE_OUT_OF_STOCK", f"{line.title} cannot be bought now.", line.pk))
            continue
        if units < line.quantity:
            said = f"Only {units} of {line.title} can be bought now."
            left_out.append(LeftOut("MERCHANDISE_NOT_ENOUGH_STOCK", said, line.pk))
        attributes = tuple((pair["key"], pair["value"]) for pair in line.attributes)
        wanted.append(NewLine(line.variant_id, units, attributes))
    return wanted, left_out


def _most(variant_ids: set[int]) -> dict[int, int]:
    """The units of each variant that one cart can have: what is free, within the limit of its category."""
    rows = ProductVariant.objects.filter(pk__in=variant_ids)
    limits = dict(rows.values_list("pk", "product__category__effective_max_quantity"))
    return {
        pk: units if (limit := limits.get(pk)) is None else min(units, limit)
        for pk, units in stock.free(variant_ids).items()
    }
