"""The bill of a cart: what each part costs, what was taken off it and by whom, and which taxes it bears.

`checkout.pricing` makes bills, and is alone in it; promotions, shipping and taxes each add their part to one. An order
stores what its bill said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from catalog.components import Part
from catalog.models import ProductStatus
from checkout.quotes import Wanted
from checkout.tax_services import Question
from shop import money
from shop.money import Money


class Rate(NamedTuple):
    """A rate of tax that holds in the place goods go to: a fraction, 0.19 for 19 %."""

    title: str
    rate: Decimal
    tax_class_id: int | None
    applies_to_shipping: bool


@dataclass(frozen=True, slots=True)
class TaxRules:
    """How a bill is taxed, in the country where nobody knows an address. An exempt buyer pays net prices."""

    rates: Sequence[Rate] = ()
    taxes_included: bool = False
    by_line: bool = True
    is_exempt: bool = False
    country: str = ""

    def of_line(self, row: "LineRow") -> list[Rate]:
        """The taxes on a line; none on a gift card, for what is bought with it bears them."""
        return [] if row.is_gift_card else self.of_class(row.tax_class_id)

    def of_class(self, tax_class_id: int | None) -> list[Rate]:
        """The rates goods of this class bear: its own where the place has any, else the standard ones."""
        own = [rate for rate in self.rates if rate.tax_class_id == tax_class_id]
        return own or [rate for rate in self.rates if rate.tax_class_id is None]

    @property
    def of_shipping(self) -> list[Rate]:
        return [rate for rate in self.rates if rate.tax_class_id is None and rate.applies_to_shipping]


class LineRow(NamedTuple):
    """A line with what the catalog says of its variant now; `variant_id` is 0 where staff sell what has none.

    `price_list` is the title of the list its amount is of, "" for the base; the amount is that `from_quantity` on.
    `seen_price` is the amount when the line was last set, None where that is not known.
    """

    pk: int
    variant_id: int
    quantity: int
    attributes: list[dict[str, str]]
    product_id: int
    product_title: str
    variant_title: str
    sku: str
    requires_shipping: bool
    bundle_pricing: str
    weight_grams: int
    status: str
    is_listed: bool
    max_quantity: int | None
    amount: Decimal | None
    compare_at: Decimal | None
    free: int
    own_image: str | None
    product_image: str | None
    cart_address: dict[str, str] | None
    breaks: list[list[Any]]
    tax_class_id: int | None
    shipping_class_id: int | None
    is_gift_card: bool
    price_list: str = ""
    seen_price: Decimal | None = None
    seen_currency: str = ""
    from_quantity: int = 1


@dataclass(frozen=True, slots=True)
class Discount:
    """What one promotion takes off a line, or off the delivery; `code` where a code brought it."""

    title: str
    amount: Money
    code: str = ""
    promotion_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "code": self.code,
            "promotion_id": self.promotion_id,
            "amount": str(self.amount.amount),
        }


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a promotion takes nothing off a bill: `amount` or `quantity` is how much is missing, where that is known."""

    code: str
    message: str
    amount: Money | None = None
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one promotion, or of one code that was entered: it applies where nothing hinders it.

    `amount` is what it takes off lines. Where it `frees_delivery` it takes the price off every delivery option.
    """

    title: str
    amount: Money
    code: str = ""
    promotion_id: int | None = None
    code_id: int | None = None
    hindrance: Hindrance | None = None
    frees_delivery: bool = False

    @property
    def is_applied(self) -> bool:
        return self.hindrance is None


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax on a line, or on the delivery: `rate` is a fraction, 0.19 for 19 %."""

    title: str
    rate: Decimal
    amount: Money

    def as_json(self) -> dict[str, str]:
        return {"title": self.title, "rate": str(self.rate), "amount": str(self.amount.amount)}


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line of a cart and its price. A line that cannot be bought any more costs nothing and blocks the checkout.

    `subtotal` is unit price times quantity; `total` is what is left of it by discounts. Taxes come on top of it, or are
    in it, as the bill says. `parts` is what a bundle is made of, and empty for what is none. A gift is a line that no
    shopper put there: a promotion did, and takes its whole price off.
    """

    row: LineRow
    unit_price: Money
    subtotal: Money
    compare_at: Money | None = None
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[TaxLine, ...] = ()
    parts: Sequence[Part] = ()
    is_gift: bool = False

    @property
    def is_sold(self) -> bool:
        row = self.row
        is_shown = row.amount is not None and row.status == ProductStatus.ACTIVE and row.is_listed
        return is_shown and (not row.bundle_pricing or self.is_whole)

    @property
    def is_whole(self) -> bool:
        """Whether there are still all parts of the bundle."""
        return bool(self.parts) and all(part.is_sold for part in self.parts)

    @property
    def takes(self) -> list[tuple[int, int]]:
        """The variants it takes out of stock, with their units."""
        if not self.row.variant_id:
            return []
        if not self.row.bundle_pricing:
            return [(self.row.variant_id, self.row.quantity)]
        return [(part.part_id, part.quantity * self.row.quantity) for part in self.parts if part.part_id is not None]

    @property
    def discount(self) -> Money:
        return taken_off(self.discounts, self.subtotal.currency)

    @property
    def total(self) -> Money:
        return self.subtotal - self.discount

    @property
    def tax(self) -> Money:
        return levied(self.taxes, self.subtotal.currency)


@dataclass(frozen=True, slots=True)
class Pickup:
    """Where and when shoppers collect what they bought, instead of having it sent."""

    location_id: int
    name: str
    address: dict[str, str]
    ready_text: str

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "address": self.address, "ready_text": self.ready_text}


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """A method at the price it has for this cart, discounts taken off, and the taxes on it once it is chosen.

    In so many `days`, where its carrier says so. One that is outdated is shown, and cannot be bought.
    """

    method_id: int
    handle: str
    title: str
    description: str
    price: Money
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[TaxLine, ...] = ()
    pickup: Pickup | None = None
    days: int | None = None
    is_outdated: bool = False

    @property
    def tax(self) -> Money:
        return levied(self.taxes, self.price.currency)


class DeliveryRefusal(NamedTuple):
    """A method that goes where the cart goes, but does not carry it, and why."""

    handle: str
    title: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class TaxesTold:
    """Which service told the taxes, by its title and its reference; "" where the shop's own rates make them.

    `wanted` is to be asked of it; a `hindrance` says why the bill cannot be bought as it is.
    """

    service: str = ""
    reference: str = ""
    wanted: Question | None = None
    hindrance: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole bill: every total is the sum of the parts it names.

    `delivery` is None until an option is chosen, and `total` counts it as nothing until then. Where `taxes_included`,
    prices have their taxes in them already, and `tax` tells how much that is. `outcomes` tells of each promotion and
    code that was considered, `quotes_wanted` which carriers are to be asked what.
    """

    currency: str
    lines: Sequence[PricedLine] = ()
    delivery: DeliveryOption | None = None
    delivery_options: Sequence[DeliveryOption] = field(default_factory=list)
    delivery_refusals: Sequence[DeliveryRefusal] = ()
    tax_rules: TaxRules = TaxRules()
    outcomes: Sequence[Outcome] = ()
    quotes_wanted: Sequence[Wanted] = ()
    taxes_told: TaxesTold = TaxesTold()

    @property
    def taxes_included(self) -> bool:
        return self.tax_rules.taxes_included and not self.tax_rules.is_exempt

    @property
    def subtotal(self) -> Money:
        """All lines, discounts taken off."""
        return money.total((line.total for line in self.lines), self.currency)

    @property
    def discount(self) -> Money:
        """What was taken off lines and delivery."""
        kinds = [line.discounts for line in self.lines] + ([self.delivery.discounts] if self.delivery else [])
        return money.total((taken_off(discounts, self.currency) for discounts in kinds), self.currency)

    @property
    def shipping(self) -> Money | None:
        return self.delivery.price if self.delivery else None

    @property
    def tax(self) -> Money:
        parts = [line.tax for line in self.lines] + ([self.delivery.tax] if self.delivery else [])
        return money.total(parts, self.currency)

    @property
    def total(self) -> Money:
        goods = self.subtotal if self.taxes_included else self.subtotal + self.tax
        return goods + self.delivery.price if self.delivery else goods

    @property
    def address(self) -> dict[str, str] | None:
        """The selected address of what is sent in a parcel; None where there is neither."""
        return next((line.row.cart_address for line in self.lines if line.row.requires_shipping), None)

    @property
    def is_pickup(self) -> bool:
        return self.delivery is not None and self.delivery.pickup is not None

    @property
    def requires_shipping(self) -> bool:
        return any(line.row.requires_shipping for line in self.lines)

    @property
    def quantity(self) -> int:
        return sum(line.row.quantity for line in self.lines)

    @property
    def sent_quantity(self) -> int:
        """The units that are sent in a parcel."""
        return sum(line.row.quantity for line in self.lines if line.row.requires_shipping)

    @property
    def weight_grams(self) -> int:
        """What is sent in a parcel weighs so much."""
        return sum(line.row.quantity * line.row.weight_grams for line in self.lines if line.row.requires_shipping)


def stock_taken(lines: Iterable[PricedLine]) -> dict[int, int]:
    """The units of stock that these lines take together, by variant: of bundles those of their parts."""
    taken: dict[int, int] = {}
    for line in lines:
        for variant_id, quantity in line.takes:
            taken[variant_id] = taken.get(variant_id, 0) + quantity
    return taken


def taken_off(discounts: Iterable[Discount], currency: str) -> Money:
    """What these discounts come to."""
    return money.total((discount.amount for discount in discounts), currency)


def levied(taxes: Iterable[TaxLine], currency: str) -> Money:
    """What these taxes come to."""
    return money.total((tax.amount for tax in taxes), currency)
