"""Taxes on a bill: exact in every currency, and always the sum of what lines and delivery bear."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import taxes
from checkout.bills import DeliveryOption, LineRow, PricedLine, Rate, TaxLine, TaxRules, Totals
from shop import money
from shop.money import Money

VAT = Rate("VAT", Decimal("0.19"), None, applies_to_shipping=True)
BOOKS = Rate("VAT", Decimal("0.07"), 7, applies_to_shipping=False)
ROW: dict[str, Any] = dict.fromkeys(LineRow._fields)


def a_bill(*prices: str, currency: str = "USD", shipping: str = "0", tax_class: int | None = None) -> Totals:
    lines = [
        PricedLine(LineRow(**{**ROW, "quantity": 1, "tax_class_id": tax_class}), price, price)
        for price in (Money.rounded(Decimal(amount), currency) for amount in prices)
    ]
    delivery = DeliveryOption(1, "standard", "Standard", "", Money.rounded(Decimal(shipping), currency))
    return Totals(currency, lines, delivery=delivery)


def taxed(bill: Totals, rules: TaxRules) -> Totals:
    return taxes.levied(replace(bill, tax_rules=rules))


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def test_comes_on_top_of_net_prices() -> None:
    bill = taxed(a_bill("10.00", "0.99", shipping="5.00"), TaxRules([VAT]))

    assert [line.taxes for line in bill.lines] == [
        (TaxLine("VAT", Decimal("0.19"), usd("1.90")),),
        (TaxLine("VAT", Decimal("0.19"), usd("0.19")),),
    ]
    assert (bill.subtotal, bill.tax, bill.total) == (usd("10.99"), usd("3.04"), usd("19.03"))


def test_is_the_part_of_gross_prices_that_the_rate_makes() -> None:
    bill = taxed(a_bill("11.90", shipping="5.00"), TaxRules([VAT], taxes_included=True))

    assert (bill.lines[0].tax, bill.tax, bill.total) == (usd("1.90"), usd("2.70"), usd("16.90"))
    assert bill.taxes_included


def test_goods_of_a_class_bear_its_rate_where_there_is_one() -> None:
    books = a_bill("10.00", shipping="5.00", tax_class=7)

    assert taxed(books, TaxRules([VAT, BOOKS])).lines[0].tax == usd("0.70")
    assert taxed(books, TaxRules([VAT])).lines[0].tax == usd("1.90")


def test_delivery_bears_only_what_applies_to_it() -> None:
    local = Rate("City", Decimal("0.01"), None, applies_to_shipping=False)

    bill = taxed(a_bill("10.00", shipping="5.00"), TaxRules([VAT, local]))

    assert bill.lines[0].tax == usd("2.00")
    assert bill.delivery is not None
    assert bill.delivery.tax == usd("0.95")


@pytest.mark.parametrize(("by_line", "tax"), [(True, "0.00"), (False, "0.02")])
def test_rounds_each_line_or_each_tax(by_line: bool, tax: str) -> None:
    bill = taxed(a_bill(*["0.02"] * 5), TaxRules([VAT], by_line=by_line))

    assert bill.tax == usd(tax)
    assert bill.total == bill.subtotal + bill.tax


def test_an_exempt_buyer_bears_none() -> None:
    bill = taxed(a_bill("10.00", shipping="5.00"), TaxRules([VAT], taxes_included=True, is_exempt=True))

    assert (bill.tax, bill.total, bill.taxes_included) == (usd("0.00"), usd("15.00"), False)
    assert taxes.net(usd("11.90"), [VAT]) == usd("10.00")


currencies = st.sampled_from(["JPY", "USD", "KWD"])
amounts = st.integers(0, 10**9)
fractions = st.decimals(0, 1, places=6)


@given(data=st.data(), currency=currencies, taxes_included=st.booleans(), by_line=st.booleans())
def test_totals_are_the_sum_of_their_parts(
    data: st.DataObject, currency: str, taxes_included: bool, by_line: bool
) -> None:
    unit = money.quantum(currency)
    prices = [str(amount * unit) for amount in data.draw(st.lists(amounts, min_size=1, max_size=8))]
    rates = [
        Rate(f"Tax {number}", rate, None, applies_to_shipping=data.draw(st.booleans()))
        for number, rate in enumerate(data.draw(st.lists(fractions, max_size=3)))
    ]
    bill = a_bill(*prices, currency=currency, shipping=str(data.draw(amounts) * unit))

    levied = taxed(bill, TaxRules(rates, taxes_included, by_line))

    assert levied.delivery is not None
    parts = [*(line.tax.amount for line in levied.lines), levied.delivery.tax.amount]
    assert levied.tax.amount == sum(parts)
    assert all(part >= 0 and part == part.quantize(unit) for part in parts)
    assert levied.subtotal == bill.subtotal
    if taxes_included:
        assert levied.total == bill.total
    else:
        assert levied.total == bill.total + levied.tax
    exact = sum(_exact(line.total.amount, rates, taxes_included) for line in levied.lines)
    exact += _exact(levied.delivery.price.amount, [rate for rate in rates if rate.applies_to_shipping], taxes_included)
    roundings = len(rates) * (len(parts) if by_line else 1)
    assert abs(levied.tax.amount - exact) <= unit / 2 * roundings + Decimal("1e-12")


def _exact(amount: Decimal, rates: list[Rate], taxes_included: bool) -> Decimal:
    together = sum((rate.rate for rate in rates), Decimal(0))
    return amount * together / (1 + together) if taxes_included else amount * together
