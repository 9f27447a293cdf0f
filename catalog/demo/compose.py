"""Composes products from families: text, variants, prices, stock and pictures, the same on every run."""

import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.demo.forms import Axis, Family, Item, slug

PICTURES_AT_MOST = 4
SEARCH_TEXT_LENGTH = 155


@dataclass(frozen=True)
class Sketch:
    """What to draw: a motif in one colour, or in several side by side, seen in one of the views."""

    motif: str
    colours: tuple[str, ...]
    pattern: str
    form: int
    view: str


@dataclass(frozen=True)
class Picture:
    path: str
    alt: str
    sketch: Sketch


@dataclass(frozen=True)
class Product:
    record: dict[str, Any]
    pictures: tuple[Picture, ...]


def products(family: Family) -> Iterator[Product]:
    """The family's items as products, pictures and all."""
    for place, item in enumerate(family.items):
        pictures = tuple(_pictures(family, item))
        record: dict[str, Any] = {
            "kind": "product",
            "id": f"demo-product-{slug(item.name)}",
            "name": item.name,
            "slug": slug(item.name),
            "description": _description(family, item, place),
            "brand": (family.brand if item.brand is None else item.brand) or None,
            "categories": [f"demo-category-{family.leaf}"],
            "tags": list(dict.fromkeys(family.tags + item.tags)),
            "product_type": family.kind,
            "images": [{"path": one.path, "alt": one.alt, "width": 1200, "height": 1200} for one in pictures],
            "variants": [_variant(family, item, chosen) for chosen in itertools.product(*_choices(item.axes))],
        }
        if _mark(item.name, 3) == 0:
            record["seo"] = {"title": f"{item.name} · {family.kind}", "description": _shortened(item.text)}
        yield Product(record, pictures)


def _description(family: Family, item: Item, place: int) -> str:
    """The item's own sentences, then the family's facts: three layouts in turn, so that neighbours differ."""
    if item.more:
        return f"<p>{item.text}</p><p>{item.more}</p>"
    fact = family.facts[place % len(family.facts)]
    if place % 3 == 0:
        return f"<p>{item.text}</p><p>{fact} {family.care}</p>"
    if place % 3 == 1:
        specs = "".join(f"<li>{spec}</li>" for spec in family.specs)
        return f"<p>{item.text} {fact}</p><ul>{specs}</ul>"
    return f"<p>{item.text} {fact}</p><p>{family.care}</p>"


def _choices(axes: tuple[Axis, ...]) -> list[list[tuple[str, str, Decimal]]]:
    """For each axis its (name, value, surcharge) triples."""
    choices = []
    for one in axes:
        split = [value.partition(" +") for value in one.values]
        choices.append([(one.name, label, Decimal(extra or "0")) for label, _, extra in split])
    return choices


def _variant(family: Family, item: Item, chosen: tuple[tuple[str, str, Decimal], ...]) -> dict[str, Any]:
    labels = [label for _, label, _ in chosen]
    sku = "-".join([*(word[:5] for word in slug(item.name).split("-")), *(slug(label) for label in labels)]).upper()
    extra = sum((extra for _, _, extra in chosen), Decimal(0))
    on_sale = bool(item.was) and (not item.was_for or item.was_for in labels)
    variant: dict[str, Any] = {
        "sku": sku,
        "name": " / ".join(labels) or item.name,
        "price": _money(Decimal(item.price) + extra),
        "compare_at_price": _money(Decimal(item.was) + extra) if on_sale else None,
        "currency": "USD",
        "stock": 0 if item.sold_out else _stock(sku, bool(chosen)),
        "options": {name: label for name, label, _ in chosen},
        "weight_grams": _grams(item.grams or family.grams, item.axes, labels),
    }
    if colour := variant["options"].get("Color"):
        shown = [label for _, label, _ in _choices(item.axes)[_colour_axis(item)]].index(colour)
        variant["image"] = _path(item, shown + 1)
    return variant


def _colour_axis(item: Item) -> int:
    return [one.name for one in item.axes].index("Color")


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _stock(sku: str, has_siblings: bool) -> int:
    """One in fourteen of several variants is sold out, a lone one hardly ever; one in seven nearly so."""
    mark = _mark(sku, 100)
    if mark < (7 if has_siblings else 1):
        return 0
    if mark < 20:
        return 1 + mark % 5
    return 6 + _mark(sku + "/stock", 115)


def _grams(base: int, axes: tuple[Axis, ...], labels: list[str]) -> int:
    """Every step up the Size ladder weighs a fifth more."""
    for one, label in zip(axes, labels, strict=True):
        if one.name == "Size":
            step = [value.partition(" +")[0] for value in one.values].index(label)
            return base + base * step // 5
    return base


def _pictures(family: Family, item: Item) -> Iterator[Picture]:
    shown = next((one.values for one in item.axes if one.name == "Color"), ())
    hues = tuple(value.partition(" +")[0] for value in shown)
    views: list[tuple[tuple[str, ...], str, str]] = [((hue,), "front", f"{item.name} in {hue.lower()}") for hue in hues]
    if not hues:
        own = item.colour or "Oat"
        views.append(((own,), "front", item.name))
        further = [((own,), "second", f"{item.name}, another view"), ((own,), "close", f"{item.name}, close up")]
        views += further[: _mark(item.name + "/views", 3)]
    elif 1 < len(hues) < PICTURES_AT_MOST:
        views.append((hues[:2], "range", f"{item.name} in {hues[0].lower()} and {hues[1].lower()}"))
    for number, (drawn, view, alt) in enumerate(views, start=1):
        yield Picture(
            _path(item, number), alt, Sketch(item.motif or family.motif, drawn, item.pattern, item.form, view)
        )


def _path(item: Item, number: int) -> str:
    return f"demo/{slug(item.name)}-{number}.svg"


def _shortened(text: str) -> str:
    if len(text) <= SEARCH_TEXT_LENGTH:
        return text
    return text[:SEARCH_TEXT_LENGTH].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def _mark(text: str, below: int) -> int:
    """A number that looks random but is always the same for the same text."""
    return zlib.crc32(text.encode()) % below
