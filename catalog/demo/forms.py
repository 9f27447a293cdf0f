"""The forms the demo catalog is written in: a tree of categories, and families of items to sell in its leaves."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """A shelf of the shop; the ones without children hold the products."""

    name: str
    description: str
    children: tuple["Category", ...] = ()

    @property
    def slug(self) -> str:
        return slug(self.name)


@dataclass(frozen=True)
class Axis:
    """One thing a shopper chooses, such as Size; a value written `Large +6.00` costs that much more."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """One product: what sets it apart from the rest of its family."""

    name: str
    price: str
    text: str
    axes: tuple[Axis, ...] = ()
    more: str = ""  # said instead of the family's facts and care, where those do not hold
    was: str = ""
    was_for: str = ""  # the one option value on sale; empty means all of them
    colour: str = ""  # for the picture, where Color is not an option
    pattern: str = "plain"
    motif: str = ""  # empty takes the family's
    form: int = 0  # which of the motif's shapes to draw
    brand: str | None = None  # None takes the family's, "" is unbranded
    tags: tuple[str, ...] = ()
    grams: int = 0
    sold_out: bool = False


@dataclass(frozen=True)
class Family:
    """What a handful of products share: where they stand, what they are made of, how they are cared for."""

    leaf: str
    kind: str
    motif: str
    brand: str
    grams: int
    facts: tuple[str, ...]
    care: str
    specs: tuple[str, ...]
    tags: tuple[str, ...]
    items: tuple[Item, ...]


def axis(name: str, *values: str) -> Axis:
    return Axis(name, values)


def colours(*names: str) -> Axis:
    return Axis("Color", names)


def sizes(*names: str) -> Axis:
    return Axis("Size", names)


def slug(name: str) -> str:
    """The name as it stands in an address: lower-case words and digits joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("&", " and ").replace("'", "")).strip("-")
