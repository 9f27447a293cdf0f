"""Words people type: what is allowed in them, said once for all of the shop."""

import unicodedata

from shop.errors import InvalidInput

# Letters, marks, numbers, punctuation, symbols and separators of any script are welcome, the newest emoji too. Not:
# control characters (Cc), and halves of surrogate pairs (Cs), which no database can store. Nor what turns round all
# that is written behind it, on whatever page it is shown: scripts that run the other way need no such help.
_FORBIDDEN = {"Cc", "Cs"}
_TURNING = {"\N{LEFT-TO-RIGHT OVERRIDE}", "\N{RIGHT-TO-LEFT OVERRIDE}"}


def line(value: str, *, limit: int, field: tuple[str | int, ...] = (), required: bool = False) -> str:
    """`value` trimmed. Raises InvalidInput where it is too long, empty but required, or not one clean line."""
    return _checked(value.strip(), limit, field, required, allowed="")


def paragraphs(value: str, *, limit: int, field: tuple[str | int, ...] = (), required: bool = False) -> str:
    """As `line`, but line breaks and tabs are allowed."""
    return _checked(value.strip(), limit, field, required, allowed="\n\r\t")


def _checked(value: str, limit: int, field: tuple[str | int, ...], required: bool, allowed: str) -> str:
    if len(value) > limit:
        raise InvalidInput(f"At most {limit} characters are allowed; these are {len(value)}.", field=field)
    if required and not any(_shows(character) for character in value):
        raise InvalidInput("This must not be empty.", field=field)
    for character in value:
        if (unicodedata.category(character) in _FORBIDDEN and character not in allowed) or character in _TURNING:
            raise InvalidInput(f"The character U+{ord(character):04X} is not allowed.", field=field)
    return value


def _shows(character: str) -> bool:
    """Whether it leaves a mark: spaces (Z…) and invisible joiners (Cf) alone would make an empty line."""
    category = unicodedata.category(character)
    return category[0] != "Z" and category != "Cf"
