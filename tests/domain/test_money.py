"""Money: exact to the currency, rounded in one way, never mixed, and nothing of it lost when it is shared out."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shop import money
from shop.money import InvalidAmount, Money

CURRENCIES = {"JPY": 0, "USD": 2, "KWD": 3}
amounts = st.integers(0, 10**14)
currencies = st.sampled_from(sorted(CURRENCIES))


def of(text: str, currency: str = "USD") -> Money:
    return Money.rounded(Decimal(text), currency)


@pytest.mark.parametrize(
    ("currency", "zero", "rounded"), [("JPY", "0", "1235"), ("USD", "0.00", "1234.57"), ("KWD", "0.000", "1234.568")]
)
def test_has_the_decimals_of_its_currency(currency, zero, rounded):
    assert money.exponent(currency) == CURRENCIES[currency]
    assert str(Money.zero(currency).amount) == zero
    assert str(of("1234.5675", currency).amount) == rounded
    assert str(of("1234.5675", currency)) == f"{rounded} {currency}"
    assert money.text(Decimal("1234.5678"), currency) == f"{of('1234.5678', currency).amount}"


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [("0.005", "0.01"), ("0.015", "0.02"), ("0.0049999", "0.00"), ("-0.005", "-0.01"), ("2.675", "2.68")],
)
def test_rounds_halves_away_from_zero(exact, rounded):
    assert of(exact) == of(rounded)


def test_rounds_once_after_multiplying():
    assert of("0.07") * Decimal("0.5") == of("0.04")
    assert of("19.99") * 3 == of("59.97")
    assert of("100", "JPY") * Decimal("0.195") == of("20", "JPY")


def test_adds_subtracts_and_compares():
    assert of("1.10") + of("2.20") == of("3.30")
    assert of("1.10") - of("2.20") == of("-1.10")
    assert of("1.10") < of("1.11") <= of("1.11")
    assert (bool(of("0.00")), bool(of("0.01"))) == (False, True)
    assert money.total([of("0.10")] * 3, "USD") == of("0.30")
    assert money.total([], "KWD") == Money.zero("KWD")


@pytest.mark.parametrize(
    "mix",
    [
        lambda: of("1") + of("1", "EUR"),
        lambda: of("1") - of("1", "EUR"),
        lambda: of("1") < of("1", "EUR"),
        lambda: of("1") <= of("1", "EUR"),
        lambda: money.total([of("1"), of("1", "EUR")], "USD"),
        lambda: money.total([of("1")], "EUR"),
    ],
)
def test_never_mixes_currencies(mix):
    with pytest.raises(TypeError, match="do not mix"):
        mix()


def test_is_equal_only_in_the_same_currency():
    assert of("1.00") != of("1.00", "EUR")


@pytest.mark.parametrize(
    ("amount", "parts"),
    [("10.00", ["3.34", "3.33", "3.33"]), ("0.02", ["0.01", "0.01", "0.00"]), ("0.00", ["0.00", "0.00", "0.00"])],
)
def test_splits_as_evenly_as_can_be(amount, parts):
    assert of(amount).split(3) == [of(part) for part in parts]


def test_gives_the_last_units_to_the_largest_remainders():
    assert of("0.10").allocate([1, 1, 8]) == [of("0.01"), of("0.01"), of("0.08")]
    assert of("100", "JPY").allocate([Decimal("0.5"), Decimal("0.3"), Decimal("0.2"), Decimal("0.1")]) == [
        of(part, "JPY") for part in ("46", "27", "18", "9")
    ]


@given(amounts, currencies, st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_loses_nothing_when_it_is_shared_out(units, currency, weights):
    assume(sum(weights))
    whole = Money(Decimal(units) * money.quantum(currency), currency)

    parts = whole.allocate(weights)

    assert money.total(parts, currency) == whole
    for part, weight in zip(parts, weights, strict=True):
        share = whole.amount * weight / sum(weights)
        assert abs(part.amount - share) < money.quantum(currency)
        assert weight or not part


@given(amounts, currencies, st.integers(1, 50))
def test_splits_into_parts_that_differ_by_one_unit_at_the_most(units, currency, number):
    whole = Money(Decimal(units) * money.quantum(currency), currency)

    parts = [part.amount for part in whole.split(number)]

    assert sum(parts) == whole.amount
    assert max(parts) - min(parts) <= money.quantum(currency)
    assert parts == sorted(parts, reverse=True)


@pytest.mark.parametrize(
    ("typed", "currency", "message"),
    [
        ("abc", "USD", "A price must be a decimal number such as 19.90."),
        ("", "USD", "A price must be a decimal number such as 19.90."),
        ("-0.01", "USD", "A price must be zero or more."),
        ("NaN", "USD", "A price must be zero or more."),
        ("sNaN", "USD", "A price must be zero or more."),
        ("Infinity", "USD", "A price must be zero or more."),
        ("1000000000000", "USD", "A price may be 999999999999 at the most."),
        ("1e999999", "USD", "A price may be 999999999999 at the most."),
        ("1.001", "USD", "A price in USD has 2 decimals at the most."),
        ("1.5", "JPY", "A price in JPY has 0 decimals at the most."),
        ("1e-999999", "KWD", "A price in KWD has 3 decimals at the most."),
    ],
)
def test_refuses_a_price_nobody_can_pay(typed, currency, message):
    with pytest.raises(InvalidAmount) as refused:
        Money.price(typed, currency)

    assert refused.value.message == message


@pytest.mark.parametrize(
    ("typed", "currency", "price"),
    [
        ("19.9", "USD", "19.90"),
        ("0", "KWD", "0.000"),
        ("1.50", "USD", "1.50"),
        ("1e3", "JPY", "1000"),
        ("999999999999", "USD", "999999999999.00"),
    ],
)
def test_reads_a_price_somebody_typed(typed, currency, price):
    assert str(Money.price(typed, currency).amount) == price
