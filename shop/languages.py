"""The languages of the shop: its own, in which everything is written first, and those it may be translated into."""

from functools import cache

from babel import Locale, UnknownLocaleError
from django.conf import settings

_REGIONAL = {
    "PT_BR": "Portuguese (Brazil)",
    "PT_PT": "Portuguese (Portugal)",
    "ZH_CN": "Chinese (Simplified)",
    "ZH_TW": "Chinese (Traditional)",
}
# Every language there may be, by its code of ISO 639-1, some with a region; in English.
NAMES = {code.upper(): name for code, name in Locale("en").languages.items() if len(code) == 2} | _REGIONAL


def own() -> str:
    """The language of the words that are not translated."""
    code: str = settings.SHOP_LANGUAGES[0]
    return code


def offered() -> list[str]:
    """All languages the shop answers in, its own first."""
    return list(settings.SHOP_LANGUAGES)


def spoken(code: str) -> str:
    """What the shop answers in where this language is asked for: it, the same of no region, or the shop's own."""
    return next((one for one in (code, code.partition("_")[0]) if one in settings.SHOP_LANGUAGES), own())


def foreign(code: str) -> str:
    """The language into which words are to be translated for this one; empty where none has to be."""
    found = spoken(code)
    return "" if found == own() else found


@cache
def endonym(code: str) -> str:
    """What a language calls itself; where that is not known, its English name."""
    try:
        name: str | None = Locale.parse(f"{code[:2].lower()}{code[2:]}").display_name
    except (UnknownLocaleError, ValueError):
        name = None
    return name or NAMES[code]
