"""What a cart costs. `totals` is the only place a total is computed; orders store what it said."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from catalog import stock
from catalog.models import ProductImage, ProductStatus
from checkout import shipping
from checkout.models import Cart, CartAddress, CartLine
from checkout.shipping import DeliveryOption
from shop import money, prepared
from shop.money import Money


class LineRow(NamedTuple):
    """A line with what the catalog says of its variant now."""

    pk: int
    variant_id: int
    quantity: int
    attributes: list[dict[str, str]]
    product_id: int
    product_title: str
    variant_title: str
    sku: str
    requires_shipping: bool
    weight_grams: int
    status: str
    is_listed: bool
    amount: Decimal | None
    compare_at: Decimal | None
    free: int
    own_image: str | None
    product_image: str | None
    cart_address: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line of a cart and its price. A line that cannot be bought any more costs nothing and blocks the checkout."""

    row: LineRow
    unit_price: Money
    total: Money
    compare_at: Money | None

    @property
    def is_sold(self) -> bool:
        return self.row.amount is not None and self.row.status == ProductStatus.ACTIVE and self.row.is_listed


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole bill. `shipping` is None until a delivery option is chosen; `total` counts it as nothing until then."""

    currency: str
    lines: list[PricedLine]
    subtotal: Money
    shipping: Money | None
    tax: Money
    total: Money
    delivery: DeliveryOption | None = None
    delivery_options: list[DeliveryOption] = field(default_factory=list)

    @property
    def address(self) -> dict[str, str] | None:
        """The selected address of what is sent in a parcel; None where there is neither."""
        return next((line.row.cart_address for line in self.lines if line.row.requires_shipping), None)

    @property
    def requires_shipping(self) -> bool:
        return any(line.row.requires_shipping for line in self.lines)

    @property
    def quantity(self) -> int:
        return sum(line.row.quantity for line in self.lines)


def totals(cart: Cart) -> Totals:
    """Price the cart from the catalog as it is now. Everything is in the cart's currency."""
    currency = cart.currency
    lines = [_priced(LineRow(*row), currency) for row in _rows(cart.pk, currency)]
    subtotal = money.total((line.total for line in lines), currency)
    tax = Money.zero(currency)
    bill = Totals(currency, lines, subtotal, None, tax, subtotal + tax)
    if not bill.requires_shipping:
        return bill
    options = shipping.options(cart, bill.address, subtotal)
    chosen = next((option for option in options if option.method_id == cart.delivery_method_id), None)
    return delivered(replace(bill, delivery_options=options), chosen)


def delivered(bill: Totals, option: DeliveryOption | None) -> Totals:
    """The bill with this one of its delivery options, or none, chosen."""
    goods = bill.subtotal + bill.tax
    if option is None:
        return replace(bill, delivery=None, shipping=None, total=goods)
    return replace(bill, delivery=option, shipping=option.price, total=goods + option.price)


def _priced(row: LineRow, currency: str) -> PricedLine:
    unit = Money.rounded(row.amount or Decimal(0), currency)
    line = PricedLine(row, unit, unit * row.quantity, None)
    if not line.is_sold:
        return PricedLine(row, unit, Money.zero(currency), None)
    if row.compare_at is not None and row.compare_at > unit.amount:
        return PricedLine(row, unit, line.total, Money.rounded(row.compare_at, currency))
    return line


@prepared.statement
def _rows(cart_id: int, currency: str) -> QuerySet[Any, Any]:
    # One row at the most, repeated on each line: it saves a statement of its own.
    address = CartAddress.objects.filter(cart_id=OuterRef("cart_id"), is_selected=True).values("address")
    first_image = ProductImage.objects.filter(product_id=OuterRef("variant__product_id"), position=0).values("src")[:1]
    return (
        CartLine.objects.filter(cart_id=cart_id)
        .annotate(price=FilteredRelation("variant__prices", condition=Q(variant__prices__currency=currency)))
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
            "variant__weight_grams",
            "variant__product__status",
            "variant__product__category__is_listed",
            "price__amount",
            "price__compare_at",
            Coalesce(Subquery(stock.free_of(OuterRef("variant_id"))), 0),
            "variant__image__src",
            Subquery(first_image),
            Subquery(address),
        )
    )
