"""Amounts of money: decimal, exact to the currency's exponent, never mixed, rounded in one place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal, overload

import moneyed
from django.db import models

from shop.errors import InvalidInput

MAX_AMOUNT = Decimal(999999999999)


class InvalidAmount(InvalidInput):
    """An amount that the currency cannot express, or that no price may have."""


@cache
def exponent(currency: str) -> int:
    """How many decimals an amount in `currency` has by ISO 4217: 0 for JPY, 2 for USD, 3 for KWD."""
    return len(str(moneyed.get_currency(currency).sub_unit)) - 1


@cache
def quantum(currency: str) -> Decimal:
    """The smallest amount of `currency`."""
    return Decimal(1).scaleb(-exponent(currency))


def number(currency: str) -> int:
    """A number for each code, from 1 for AAA to 17,576 for ZZZ: a key for rows of which each currency has one."""
    places = [ord(letter) - ord("A") for letter in currency]
    return 1 + places[0] * 676 + places[1] * 26 + places[2]


def is_currency(code: str) -> bool:
    """Whether `code` is a current ISO 4217 code we can price in."""
    return code in moneyed.CURRENCIES


@overload
def amount_field(*, null: Literal[True], **options: Any) -> "models.DecimalField[Decimal | None, Decimal | None]": ...
@overload
def amount_field(**options: Any) -> "models.DecimalField[Decimal, Decimal]": ...
def amount_field(**options: Any) -> Any:
    """A column wide enough for any amount in any currency; the currency stands beside it."""
    return models.DecimalField(max_digits=19, decimal_places=4, **options)


def text(amount: Decimal, currency: str) -> str:
    """`amount` as the API writes it: with exactly the currency's decimals."""
    return f"{amount:.{exponent(currency)}f}"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency. Arithmetic of two currencies raises TypeError: it is a bug, not a refusal."""

    amount: Decimal
    currency: str

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(Decimal(0).quantize(quantum(currency)), currency)

    @classmethod
    def rounded(cls, amount: Decimal, currency: str) -> "Money":
        """The nearest amount the currency can express, halves away from zero."""
        return cls(amount.quantize(quantum(currency), rounding=ROUND_HALF_UP), currency)

    @classmethod
    def price(cls, amount: Decimal | str, currency: str) -> "Money":
        """A price somebody typed: refuses what is negative, not a number, too large, or finer than the currency."""
        try:
            number = Decimal(amount)
        except InvalidOperation as error:
            raise InvalidAmount("A price must be a decimal number such as 19.90.") from error
        if not number.is_finite() or number < 0:
            raise InvalidAmount("A price must be zero or more.")
        if number > MAX_AMOUNT:
            raise InvalidAmount(f"A price may be {MAX_AMOUNT} at the most.")
        if number != number.quantize(quantum(currency), rounding=ROUND_HALF_UP):
            raise InvalidAmount(f"A price in {currency} has {exponent(currency)} decimals at the most.")
        return cls.rounded(number, currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, factor: int | Decimal) -> "Money":
        return Money.rounded(self.amount * factor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{text(self.amount, self.currency)} {self.currency}"

    def allocate(self, weights: Sequence[int | Decimal]) -> list["Money"]:
        """Parts in proportion to `weights` that add up to the whole: the last units go to the largest remainders."""
        unit, total = quantum(self.currency), sum(weights, Decimal(0))
        shares = [self.amount * weight / total for weight in weights]
        parts = [share.quantize(unit, rounding="ROUND_FLOOR") for share in shares]
        missing = int((self.amount - sum(parts, Decimal(0))) / unit)
        by_remainder = sorted(range(len(shares)), key=lambda i: (parts[i] - shares[i], i))
        for i in by_remainder[:missing]:
            parts[i] += unit
        return [Money(part, self.currency) for part in parts]

    def split(self, parts: int) -> list["Money"]:
        """`parts` amounts as equal as can be that add up to the whole."""
        return self.allocate([1] * parts)

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise TypeError(f"{self.currency} and {other.currency} do not mix.")
        return other.amount


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of `amounts`, zero where there are none."""
    return sum(amounts, Money.zero(currency))
