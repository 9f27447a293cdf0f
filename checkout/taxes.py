"""Taxes on a bill: which rates hold for each line and for the delivery, and what they come to.

Amounts are rounded half away from zero, each for itself or each tax as a whole (`TAX_ROUNDING`); either way a tax is
the sum of the parts that lines and delivery bear of it. Where prices include their taxes (`PRICES_INCLUDE_TAX`) a
shopper pays the same price everywhere, and the tax is the part of it that the rates of the place make.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

from checkout.bills import PricedLine, Rate, TaxLine, TaxRules, Totals
from shop.money import Money

# A tax on one part of the bill: the part's number, the rate, and the exact amount.
_Share: TypeAlias = tuple[int, Rate, Decimal]


def net(price: Money, rates: Iterable[Rate]) -> Money:
    """What is left of a price that includes these taxes."""
    return Money.rounded(price.amount / (1 + sum((rate.rate for rate in rates), Decimal(0))), price.currency)


def untaxed(price: Money, rates: Iterable[Rate], rules: TaxRules) -> Money:
    """What the price is for the buyer before promotions: an exempt one does not pay the taxes in it."""
    return net(price, rates) if rules.is_exempt and rules.taxes_included else price


def levied(bill: Totals) -> Totals:
    """The bill with its taxes, on what discounts left of each line and of the chosen delivery option."""
    rules = bill.tax_rules
    if rules.is_exempt or not rules.rates:
        return bill
    parts = [(line.total, rules.of_line(line.row)) for line in bill.lines]
    if bill.delivery:
        parts.append((bill.delivery.price, rules.of_shipping))
    taxes = _taxes(parts, rules, bill.currency)
    lines: list[PricedLine] = [replace(line, taxes=tuple(taxes[number])) for number, line in enumerate(bill.lines)]
    delivery = bill.delivery and replace(bill.delivery, taxes=tuple(taxes[len(lines)]))
    return replace(bill, lines=lines, delivery=delivery)


def _taxes(
    parts: Sequence[tuple[Money, Sequence[Rate]]], rules: TaxRules, currency: str
) -> defaultdict[int, list[TaxLine]]:
    """The tax lines of each part, by its number."""
    by_rate: defaultdict[Rate, list[_Share]] = defaultdict(list)
    for number, (amount, rates) in enumerate(parts):
        together = sum((rate.rate for rate in rates), Decimal(0))
        for rate in rates:
            base = amount.amount / (1 + together) if rules.taxes_included else amount.amount
            by_rate[rate].append((number, rate, base * rate.rate))
    found: defaultdict[int, list[TaxLine]] = defaultdict(list)
    for shares in by_rate.values():
        exact = [share for *_, share in shares]
        amounts = [Money.rounded(share, currency) for share in exact] if rules.by_line else _as_a_whole(exact, currency)
        for (number, rate, _), amount in zip(shares, amounts, strict=True):
            found[number].append(TaxLine(rate.title, rate.rate, amount))
    return found


def _as_a_whole(exact: Sequence[Decimal], currency: str) -> list[Money]:
    """These amounts, rounded so that their sum is the rounded sum."""
    whole = Money.rounded(sum(exact, Decimal(0)), currency)
    return whole.allocate(exact) if whole else [whole] * len(exact)
