"""What a shopper should know of a cart before buying: told by its bill, so that asking for it costs nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from catalog.models import ProductStatus
from checkout import bills, carts, taxes
from checkout.bills import PricedLine, TaxRules, Totals
from checkout.carts import PricedCart
from shop.money import Money


@dataclass(frozen=True, slots=True)
class Warning:
    """Something to know before buying, of a line or of the cart: it may stop the checkout, but never the cart.

    `was` and `now` are the unit prices of a price that changed; `secret` is the cart's.
    """

    code: str
    message: str
    line_id: int | None = None
    secret: str = ""
    was: Money | None = None
    now: Money | None = None


def of_cart(priced: PricedCart) -> list[Warning]:
    """All of a cart: of its lines in their order, then of its discount codes."""
    of_codes = [replace(one, secret=priced.cart.secret) for one in _of_codes(priced.totals)]
    return [*(one for told in of_lines(priced) for one in told), *of_codes, *_of_delivery(priced), *_of_taxes(priced)]


def of_lines(priced: PricedCart) -> list[list[Warning]]:
    """What is to be told of each line of a cart, in the order of its lines: one thing at the most."""
    bill = priced.totals
    wanted, taken = carts.wanted_of(bill), bills.stock_taken(bill.lines)
    found = [
        _of_line(line, wanted[line.row.variant_id], taken) or _price_change(line, bill.tax_rules) for line in bill.lines
    ]
    return [[replace(one, secret=priced.cart.secret)] if one else [] for one in found]


def _of_delivery(priced: PricedCart) -> list[Warning]:
    """That what carriers ask is not known, or no more: whoever reads the cart has it asked for anew."""
    if not any(option.is_outdated for option in priced.totals.delivery_options):
        return []
    said = "What delivery costs is out of date, or not known yet; it is asked for when the cart is read."
    return [Warning("DELIVERY_QUOTE_OUTDATED", said, secret=priced.cart.secret)]


def _of_taxes(priced: PricedCart) -> list[Warning]:
    """That the tax service has not said what the cart bears, so that it cannot be bought as it is."""
    hindrance = priced.totals.taxes_told.hindrance
    return [Warning("TAXES_OUTDATED", hindrance, secret=priced.cart.secret)] if hindrance else []


def _of_codes(bill: Totals) -> list[Warning]:
    found = []
    for one in bill.outcomes:
        if one.code and one.hindrance:
            code = "DISCOUNT_NOT_FOUND" if one.hindrance.code == "NOT_FOUND" else "DISCOUNT_CODE_NOT_HONOURED"
            found.append(Warning(code, one.hindrance.message))
    return found


def _of_line(line: PricedLine, wanted: int, taken: Mapping[int, int]) -> Warning | None:
    """What stands in the way of buying this line.

    The whole cart wants so many of its variant, and takes so many units of each variant out of stock.
    """
    row = line.row
    if row.amount is None and row.status == ProductStatus.ACTIVE and row.is_listed:
        message = f"{row.product_title} is not sold in {line.unit_price.currency}. Remove it to check out."
        return Warning("MERCHANDISE_NOT_SOLD", message, row.pk)
    if not line.is_sold:
        return Warning(
            "MERCHANDISE_NOT_SOLD", f"{row.product_title} is no longer sold. Remove it to check out.", row.pk
        )
    if row.free <= 0:
        return Warning("MERCHANDISE_OUT_OF_STOCK", f"{row.product_title} is out of stock.", row.pk)
    if row.free < (wanted if row.bundle_pricing else taken[row.variant_id]):
        return Warning("MERCHANDISE_NOT_ENOUGH_STOCK", f"Only {row.free} of {row.product_title} left.", row.pk)
    for part in line.parts:
        if part.part_id is not None and part.free < taken[part.part_id]:
            said = f"Only {part.free} of {part.title} left, of which {row.product_title} is made too."
            return Warning("MERCHANDISE_NOT_ENOUGH_STOCK", said, row.pk)
    if row.max_quantity is not None and row.max_quantity < wanted:
        return Warning("MERCHANDISE_LIMITED", f"{carts.limited(line)} Take less to check out.", row.pk)
    return None


def _price_change(line: PricedLine, rules: TaxRules) -> Warning | None:
    """That a unit costs another price than when its shopper last set the line, in the same currency."""
    row, now = line.row, line.unit_price
    if row.seen_price is None or row.seen_currency != now.currency or row.seen_price == row.amount:
        return None
    seen = taxes.untaxed(Money.rounded(row.seen_price, now.currency), rules.of_line(row), rules)
    said = f"The price of {row.product_title} changed from {seen} to {now}."
    return Warning("MERCHANDISE_PRICE_CHANGED", said, row.pk, was=seen, now=now)
