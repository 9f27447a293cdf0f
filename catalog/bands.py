"""Bands: ranges with round ends that hold about as many products each, of prices and of numbers.

A product may have several prices. So each is noted in fine ranges, as the bits of one number, and ranges are joined to
bands later: a product with two prices in one band is counted there once, one with prices in two bands in both.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext

from shop import money, speech

_MAX_BANDS = 6

# Where price bands may begin, in units of the currency: round amounts.
STEPS = tuple(Decimal(step).scaleb(decade) for decade in range(8) for step in ("1", "1.5", "2", "3", "4", "5", "7.5"))
# Numbers may be of any size, so their fine ranges depend on them: so many at the most, each a power of ten wide.
FINE = 50


class Band(NamedTuple):
    """A range, both ends included; without an end it is open there."""

    low: Decimal
    high: Decimal | None
    label: str
    products: int


class Scale(NamedTuple):
    """The fine ranges of numbers between `low` and `high`: each `step` wide, of numbers with so many `digits`."""

    low: Decimal
    high: Decimal
    step: Decimal
    digits: int
    unit: str


def of_prices(ranges: Mapping[int, int], currency: str) -> list[Band]:
    """The bands of prices, the last without an end; `ranges` has products by the bits of the steps they lie between."""
    bands: list[Band] = []
    for first, after, products in _joined(ranges):
        low = STEPS[first - 1] if first else Decimal(0)
        high = STEPS[after - 1] - money.quantum(currency) if after <= len(STEPS) else None
        said = {
            "low": speech.number(low, money.exponent(currency)),
            "high": speech.price(low if high is None else high, currency),
        }
        label = gettext("%(low)s to %(high)s") if bands else gettext("Up to %(high)s")
        bands.append(Band(low, high, label % said, products))
    if bands:
        last = bands[-1]
        label = gettext("%(low)s and more") % {"low": speech.price(last.low, currency)}
        bands[-1] = last._replace(high=None, label=label)
    return bands


def of_numbers(ranges: Mapping[int, int], scale: Scale) -> list[Band]:
    """The bands of numbers; `ranges` has products by the bits of the fine ranges they lie in, the first at bit 0."""
    begin, quantum = scale.low // scale.step, Decimal(1).scaleb(-scale.digits)
    if scale.low < begin * scale.step:
        begin -= 1
    bands = []
    for first, after, products in _joined(ranges):
        low, high = (begin + first) * scale.step, (begin + after) * scale.step - quantum
        ends = {"low": _number(low, scale), "high": _number(high, scale)}
        said = ends["low"] if low == high else gettext("%(low)s to %(high)s") % ends
        bands.append(Band(low, high, f"{said} {scale.unit}".rstrip(), products))
    return bands


def _number(end: Decimal, scale: Scale) -> str:
    return speech.number(end, scale.digits, grouped=False)


def _joined(ranges: Mapping[int, int]) -> list[tuple[int, int, int]]:
    """Fine ranges joined to bands: the first of each, the one after its last, and how many products it has."""
    size = max(ranges, default=0).bit_length()
    each = [sum(count for bits, count in ranges.items() if bits >> place & 1) for place in range(size)]
    begins: list[int] = []
    held, share = 0, sum(each) / _MAX_BANDS
    for place, count in enumerate(each):
        if count and not begins:
            begins.append(place)
        held += count
        if held >= share and place + 1 < size:
            begins.append(place + 1)
            held = 0
    found = []
    for first, after in zip(begins, [*begins[1:], size], strict=False):
        bits = (1 << after) - (1 << first)
        found.append((first, after, sum(count for own, count in ranges.items() if own & bits)))
    return found
