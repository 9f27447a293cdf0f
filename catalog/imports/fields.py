"""Reading one JSON object field by field, and saying in one sentence what is wrong with it."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from shop import money
from shop.errors import Refusal

# Control characters but for tab and line feeds, and halves of surrogate pairs: PostgreSQL or JSON cannot carry them.
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_UNFIT_IN_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# Windows-1252 read as Latin-1 leaves control characters where quotes, dashes and trade marks were; HTML does so too.
_C1 = re.compile(r"[\x80-\x9f]")
_DECIMAL = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")
_UNFIT_IN_HANDLE = re.compile(r"[\s/?#%&\"'<>\\]")

NAME_LENGTH = 255
HANDLE_LENGTH = 255
ID_LENGTH = 100
SRC_LENGTH = 1000
TEXT_LENGTH = 100_000


class BadLine(Refusal):
    """A line that cannot be imported; the message says why."""

    code = "BAD_LINE"

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message, field=parts(place))


class Taken(BadLine):
    """Another of the shop has this handle or sku, or an earlier line of the file."""

    code = "TAKEN"


class Unknown(BadLine):
    """What the line names is not there, such as its category."""

    code = "UNKNOWN"


def parts(place: str) -> tuple[str | int, ...]:
    """A place such as variants[0].sku as a path."""
    return tuple(int(part) if part.isdigit() else part for part in re.split(r"[.\[\]]+", place) if part)


class Fields:
    """A JSON object of which every field is read once, by the method that names its type. All raise BadLine."""

    def __init__(self, data: object, path: str = "") -> None:
        if not isinstance(data, dict):
            raise BadLine(f'"{path}" must be an object.' if path else "A line must be a JSON object.", path)
        self._data: dict[str, Any] = data
        self._path = path

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def name(self, key: str) -> str:
        """The field's place in the line, such as variants[0].sku."""
        return f"{self._path}.{key}" if self._path else key

    def required(self, key: str) -> Any:
        if key not in self._data:
            raise BadLine(f'"{self.name(key)}" is missing.', self.name(key))
        return self._data[key]

    def line(self, key: str, most: int = NAME_LENGTH) -> str:
        """A text on one line that is not blank."""
        return line(self.required(key), self.name(key), most)

    def optional_line(self, key: str, most: int = NAME_LENGTH) -> str | None:
        """The same, or None where the field is null, blank or absent."""
        value = self._data.get(key)
        return None if value is None or value == "" else line(value, self.name(key), most)

    def text(self, key: str) -> str:
        """A text of any number of lines; "" where the field is null or absent."""
        value = self._data.get(key)
        return "" if value is None else _text(value, self.name(key), TEXT_LENGTH, _UNFIT).strip()

    def handle(self, key: str) -> str:
        value = self.line(key, HANDLE_LENGTH)
        if found := _UNFIT_IN_HANDLE.search(value):
            raise BadLine(f'"{self.name(key)}" is part of an address and cannot hold "{found[0]}".', self.name(key))
        return value

    def integer(self, key: str, most: int) -> int:
        value = self.required(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise BadLine(f'"{self.name(key)}" must be a whole number from 0 to {most}.', self.name(key))
        return value

    def optional_integer(self, key: str, most: int) -> int | None:
        return None if self._data.get(key) is None else self.integer(key, most)

    def currency(self, key: str) -> str:
        value = self.line(key)
        if not money.is_currency(value):
            raise BadLine(f'"{self.name(key)}" is not a currency: {value}.', self.name(key))
        return value

    def truth(self, key: str) -> bool:
        value = self.required(key)
        if not isinstance(value, bool):
            raise BadLine(f'"{self.name(key)}" must be true or false.', self.name(key))
        return value

    def price(self, key: str, currency: str) -> Decimal:
        value = self.required(key)
        if not isinstance(value, str):
            raise BadLine(f'"{self.name(key)}" must be a decimal number in quotes, such as "19.90".', self.name(key))
        try:
            return money.Money.price(value, currency).amount
        except Refusal as refusal:
            raise BadLine(f'"{self.name(key)}": {refusal.message}', self.name(key)) from refusal

    def optional_price(self, key: str, currency: str) -> Decimal | None:
        return None if self._data.get(key) is None else self.price(key, currency)

    def optional_decimal(self, key: str, unit: Decimal, most: Decimal) -> Decimal | None:
        """A number in quotes from 0 to `most`, no finer than `unit`; None where the field is null or absent."""
        value = self._data.get(key)
        if value is None:
            return None
        number = Decimal(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None
        if number is None or number > most or number != number.quantize(unit):
            raise BadLine(f'"{self.name(key)}" must be a decimal number in quotes, such as "7.25".', self.name(key))
        return number

    def items(self, key: str) -> list[tuple[str, Any]]:
        """The members of a list, each with its place; an absent or null list is empty."""
        value = self._data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise BadLine(f'"{self.name(key)}" must be a list.', self.name(key))
        return [(f"{self.name(key)}[{index}]", item) for index, item in enumerate(value)]

    def objects(self, key: str) -> Iterator["Fields"]:
        for path, item in self.items(key):
            yield Fields(item, path)

    def lines(self, key: str, most: int = NAME_LENGTH) -> tuple[str, ...]:
        """A list of texts, each on one line, without those that come twice."""
        return tuple(dict.fromkeys(line(item, path, most) for path, item in self.items(key)))

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self._data.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise BadLine(f'"{self.name(key)}" must be an object.', self.name(key))
        return value


def line(value: object, name: str, most: int = NAME_LENGTH) -> str:
    """`value` as a text on one line that is not blank, without the spaces around it. Raises BadLine."""
    text = _text(value, name, most, _UNFIT_IN_NAME).strip()
    if not text:
        raise BadLine(f'"{name}" is empty.', name)
    return text


def _text(value: object, name: str, most: int, unfit: re.Pattern[str]) -> str:
    if not isinstance(value, str):
        raise BadLine(f'"{name}" must be text.', name)
    value = _C1.sub(_repaired, value)
    if found := unfit.search(value):
        raise BadLine(f'"{name}" holds U+{ord(found[0]):04X}, a character that cannot be stored.', name)
    if len(value) > most:
        raise BadLine(f'"{name}" has {len(value)} characters; {most} is the most.', name)
    return value


def _repaired(mangled: re.Match[str]) -> str:
    return mangled[0].encode("latin-1").decode("cp1252", errors="ignore") or mangled[0]
