"""What a cart costs. `totals` is the only place a total is computed; orders store what it said."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from catalog import components, stock
from catalog.components import Part
from catalog.models import ProductImage
from catalog.models.price import Tariff, base_of, with_price
from checkout import shipping
from checkout.bills import DeliveryOption, LineRow, PricedLine, Totals
from checkout.models import Cart, CartAddress, CartLine
from shop import prepared
from shop.money import Money


def totals(cart: Cart) -> Totals:
    """Price the cart from the catalog as it is now. Everything is in the cart's currency."""
    rows = [LineRow(*row) for row in _rows(cart.pk, tariff(cart))]
    parts = _parts(rows)
    bill = Totals(cart.currency, [_priced(row, cart.currency, parts.get(row.variant_id, ())) for row in rows])
    if not bill.requires_shipping:
        return bill
    options = shipping.options(cart, bill.address, bill.subtotal)
    chosen = next((option for option in options if option.method_id == cart.delivery_method_id), None)
    return delivered(replace(bill, delivery_options=options), chosen)


def tariff(cart: Cart) -> Tariff:
    """By which prices the cart is sold."""
    return Tariff(base_of(cart.currency))


def delivered(bill: Totals, option: DeliveryOption | None) -> Totals:
    """The bill with this one of its delivery options, or none, chosen."""
    return replace(bill, delivery=option)


def _parts(rows: Iterable[LineRow]) -> dict[int, list[Part]]:
    """What bundles among these lines are made of; without any, nothing is asked for."""
    bundles = {row.variant_id for row in rows if row.bundle_pricing}
    return components.parts(bundles) if bundles else {}


def _priced(row: LineRow, currency: str, parts: Sequence[Part]) -> PricedLine:
    unit = Money.rounded(row.amount or Decimal(0), currency)
    line = PricedLine(row, unit, unit * row.quantity, parts=parts)
    if not line.is_sold:
        return replace(line, subtotal=Money.zero(currency))
    if row.compare_at is not None and row.compare_at > unit.amount:
        return replace(line, compare_at=Money.rounded(row.compare_at, currency))
    return line


@prepared.statement
def _rows(cart_id: int, tariff: Tariff) -> QuerySet[Any, Any]:
    # One row at the most, repeated on each line: it saves a statement of its own.
    address = CartAddress.objects.filter(cart_id=OuterRef("cart_id"), is_selected=True).values("address")
    first_image = ProductImage.objects.filter(product_id=OuterRef("variant__product_id"), position=0).values("src")[:1]
    return (
        with_price(CartLine.objects.filter(cart_id=cart_id), tariff, "variant__prices")
        .order_by("pk")
        .values_list(
            "pk",
            "variant_id",
            "quantity",
            "attributes",
            "variant__product_id",
            "variant__product__title",
            "variant__title",
            "variant__sku",
            "variant__requires_shipping",
            "variant__bundle_pricing",
            "variant__weight_grams",
            "variant__product__status",
            "variant__product__category__is_listed",
            "variant__product__category__effective_max_quantity",
            "amount",
            "was",
            stock.units_of("variant_id", "variant__bundle_pricing"),
            "variant__image__src",
            Subquery(first_image),
            Subquery(address),
        )
    )
