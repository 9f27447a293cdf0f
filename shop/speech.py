"""Saying things to people in their language: words by gettext, amounts, numbers and days as the language writes them.

What the shop itself says is written in English and translated by the catalogs in `locale/` of each package. Inside
`speaking` that of one language are used, and `price`, `number` and `day` follow it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from shop import languages, money

_ENGLISH = "en"
# A sentence that says the same in no other language: a catalog that has it has our words.
_PROOF = _("If the button does not work, open this address:")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak this language, "" for the shop's own, which also stands in for one that nobody has translated us into."""
    with translation.override(_spoken(language or languages.own(), languages.own())):
        yield


def price(amount: Decimal, currency: str) -> str:
    """An amount with exactly the decimals of its currency and its code: `1,200.00 EUR`, in German `1.200,00 EUR`."""
    return f"{number(amount, money.exponent(currency))} {currency}"


def number(amount: Decimal, decimals: int, *, grouped: bool = True) -> str:
    """A number with so many decimals, its thousands apart."""
    pattern = f"{'#,##0' if grouped else '0'}{'.' if decimals else ''}{'0' * decimals}"
    return _written(amount, pattern, grouped, _locale())


def percent(rate: Decimal) -> str:
    """A rate, such as of a tax, in per cent: `7.5 %`."""
    said: str = format_decimal(rate * 100, "0.####", locale=_locale())
    return f"{said}\u00a0%"


def day(one: date) -> str:
    """A day: `November 25, 2026`, in German `25. November 2026`."""
    said: str = format_date(one, "long", locale=_locale())
    return said


def _locale() -> Locale:
    return _located(translation.get_language() or _ENGLISH)


@lru_cache(2048)  # the ends of price bands are ever the same
def _written(amount: Decimal, pattern: str, grouped: bool, locale: Locale) -> str:
    said: str = format_decimal(amount, pattern, locale=locale, group_separator=grouped)
    # French sets thousands apart by a narrow space, which many fonts do not have.
    return said.replace("\u202f", "\u00a0")


@cache
def _located(code: str) -> Locale:
    try:
        return Locale.parse(translation.to_locale(code))
    except (UnknownLocaleError, ValueError):
        return Locale(_ENGLISH)


@cache
def _spoken(language: str, own: str) -> str:
    """The first of these that there are words for, and else English, as Django writes it: `pt-br`."""
    for code in (language, own):
        spelled = code.lower().replace("_", "-")
        with translation.override(spelled):
            if spelled == _ENGLISH or gettext(_PROOF) != _PROOF:
                return spelled
    return _ENGLISH
