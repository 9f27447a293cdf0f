"""Standard codes as enums: currencies (ISO 4217), countries (ISO 3166-1) and languages (ISO 639-1)."""

from enum import Enum, EnumType
from functools import cache
from typing import TYPE_CHECKING

import moneyed
import strawberry
from babel import Locale

from shop import languages

_ENGLISH = Locale("en")
# Two letters that CLDR names although they are no country: unions, pseudo-locales and parts of others.
_NOT_COUNTRIES = {"CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "UN", "XA", "XB"}


def _enum(name: str, texts: dict[str, str], description: str) -> type[Enum]:
    members = {code: strawberry.enum_value(code, description=f"{text}.") for code, text in sorted(texts.items())}
    made: type[Enum] = EnumType.__call__(Enum, name, members)
    return strawberry.enum(made, description=description)


def _countries() -> dict[str, str]:
    names = {code: name for code, name in _ENGLISH.territories.items() if len(code) == 2 and code.isalpha()}
    return {code: name for code, name in names.items() if code not in _NOT_COUNTRIES} | {"ZZ": "Unknown country"}


COUNTRIES = _countries()
CURRENCIES = {code: moneyed.get_currency(code).name for code in moneyed.CURRENCIES}
if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class CountryCode(Enum): ...

    class CurrencyCode(Enum): ...

    class LanguageCode(Enum): ...

else:
    CurrencyCode = _enum("CurrencyCode", CURRENCIES, "A currency, by its ISO 4217 code.")
    CountryCode = _enum("CountryCode", COUNTRIES, "A country or territory, by its ISO 3166-1 alpha-2 code.")
    LanguageCode = _enum("LanguageCode", languages.NAMES, "A language, by its ISO 639-1 code, some with a region.")


@cache
def currency(code: str) -> CurrencyCode:
    """The enum member of an ISO 4217 code."""
    return CurrencyCode[code]


@cache
def country(code: str) -> CountryCode:
    """The enum member of an ISO 3166-1 code."""
    return CountryCode[code]


@cache
def language(code: str) -> LanguageCode:
    """The enum member of an ISO 639-1 code."""
    return LanguageCode[code]
