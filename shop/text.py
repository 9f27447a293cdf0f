"""Words people type: what is allowed in them, said once for all of the shop."""

import unicodedata

from shop.errors import InvalidInput

# Letters, marks, numbers, punctuation, symbols and separators of any script are welcome. Not: control characters
# (Cc), halves of surrogate pairs (Cs), which no database can store, and code points nobody assigned (Cn).
_FORBIDDEN = {"Cc", "Cs", "Cn"}


def line(value: str, *, limit: int, field: tuple[str | int, ...] = (), required: bool = False) -> str:
    """`value` trimmed. Raises InvalidInput where it is longer than `limit`, empty but required, or not one clean line."""
    return _checked(value.strip(), limit, field, required, allowed="")


def paragraphs(value: str, *, limit: int, field: tuple[str | int, ...] = (), required: bool = False) -> str:
    """As `line`, but line breaks and tabs are allowed."""
    return _checked(value.strip(), limit, field, required, allowed="\n\r\t")


def _checked(value: str, limit: int, field: tuple[str | int, ...], required: bool, allowed: str) -> str:
    if len(value) > limit:
        raise InvalidInput(f"At most {limit} characters are allowed; these are {len(value)}.", field=field)
    if required and not value:
        raise InvalidInput("This must not be empty.", field=field)
    for character in value:
        if unicodedata.category(character) in _FORBIDDEN and character not in allowed:
            raise InvalidInput(f"The character U+{ord(character):04X} is not allowed.", field=field)
    return value
