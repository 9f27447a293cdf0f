"""Facets: by what a list of products can be narrowed further, and how many there would be for each choice.

Each kind of choice is counted as if nothing were chosen of its own kind, but all else is: so the brands beside a chosen
one tell what there is of them. The counts are exact: a choice that is sent back finds as many. `facet_counts` counts.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple

from catalog import bands, facet_counts
from catalog.bands import Band, Scale
from catalog.browsing import Listing
from catalog.facet_counts import Row
from catalog.models.review import STARS
from shop import money


class Range(NamedTuple):
    """The lowest and the highest there is, whatever is chosen of the kind itself."""

    low: Decimal
    high: Decimal


class Value(NamedTuple):
    """A choice: what names it in a filter, what people call it, how many products it finds, and whether it was made.

    The key is the id of a category, a name, a band, a number of stars or a boolean.
    """

    key: Any
    label: str
    products: int


class Facet(NamedTuple):
    """A kind of choice, with the choices that lead somewhere and those that were made.

    Where it is of an attribute, that has a handle and a name; the keys are then handles of choices, booleans or bands.
    What has bands has a `range` too.
    """

    kind: str
    values: list[Value]
    handle: str = ""
    name: str = ""
    range: Range | None = None


def of_listings(listings: Sequence[Listing]) -> list[list[Facet]]:
    """The facets of each list, all in one statement. Raises InvalidInput."""
    counted = facet_counts.of_listings(listings)
    return [_facets(listing, rows) for listing, rows in zip(listings, counted, strict=True)]


def _facets(listing: Listing, rows: Iterable[Row]) -> list[Facet]:
    """The facets that have a choice, in the order they are shown in."""
    wanted = listing.wanted
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.kind, []).append(row)
    counts = {
        kind: {row.key: row.products for row in found.get(kind, ())} for kind in ("available", "on_sale", "rating")
    }
    facets = [
        Facet("category", _categories(found.get("category", ()))),
        Facet("brand", _named(found.get("brand", ()), wanted.brands)),
        _prices(found, listing.shopper.currency),
        Facet("product_type", _named(found.get("product_type", ()), wanted.product_types)),
        Facet("tag", _named(found.get("tag", ()), wanted.tags)),
        Facet("available", _availability(counts["available"])),
        Facet("on_sale", _reduced(counts["on_sale"], is_chosen=wanted.on_sale is not None)),
        Facet("rating", _ratings(counts["rating"], wanted.rating_min)),
    ]
    return [facet for facet in facets if facet.values] + _attributes(found)


def _prices(found: Mapping[str, list[Row]], currency: str) -> Facet:
    made = bands.of_prices({int(row.key): row.products for row in found.get("price", ())}, currency)
    ends = [
        Range(*(Decimal(end).quantize(money.quantum(currency)) for end in (row.key, row.label)))
        for row in found.get("prices", ())
    ]
    return Facet("price", _in_bands(made), range=ends[0] if ends else None)


def _in_bands(made: Iterable[Band]) -> list[Value]:
    return [Value(band, band.label, band.products) for band in made]


def _attributes(found: Mapping[str, list[Row]]) -> list[Facet]:
    """In the order of attributes, and of their choices; yes before no."""
    facets = [*_chosen_from(found.get("attribute", ())), *_numbers(found)]
    return [facet for _, facet in sorted(facets, key=itemgetter(0))]


def _chosen_from(rows: Iterable[Row]) -> list[tuple[str, Facet]]:
    """Attributes that are a choice, or yes or no, each with its place."""
    counts: dict[tuple[str, str, str], int] = {}
    for row in rows:
        counts[row.place, row.key, row.label] = counts.get((row.place, row.key, row.label), 0) + row.products
    found: dict[str, tuple[str, Facet]] = {}
    for place, key, label in sorted(counts):
        handle, name, choice, boolean = json.loads(key)
        _, facet = found.setdefault(handle, (place, Facet("attribute", [], handle, name)))
        value = boolean if choice is None else choice
        text = label if choice is not None else "Yes" if boolean else "No"
        facet.values.append(Value(value, text, counts[place, key, label]))
    for _, facet in found.values():
        if isinstance(facet.values[0].key, bool):
            facet.values.sort(key=lambda value: not value.key)
    return list(found.values())


def _numbers(found: Mapping[str, list[Row]]) -> list[tuple[str, Facet]]:
    """Attributes that are a number, each with its place."""
    ranges: dict[str, dict[int, int]] = {}
    for row in found.get("number", ()):
        ranges.setdefault(row.label, {})[int(row.key)] = row.products
    facets = []
    for row in found.get("numbers", ()):
        handle, name, unit, low, high, step, digits = json.loads(row.key)
        scale = Scale(Decimal(low), Decimal(high), Decimal(step), digits, unit)
        values = _in_bands(bands.of_numbers(ranges[row.label], scale))
        ends = Range(*(round(end, digits) for end in (scale.low, scale.high)))
        facets.append((row.place, Facet("attribute", values, handle, name, ends)))
    return facets


def _categories(rows: Iterable[Row]) -> list[Value]:
    """In the order of the tree."""
    return [Value(int(row.key), row.label, row.products) for row in sorted(rows, key=lambda row: row.place)]


def _named(rows: Iterable[Row], chosen: Iterable[str]) -> list[Value]:
    """What has most products first, and what was chosen in any case."""
    counts = dict.fromkeys(chosen, 0) | {row.key: row.products for row in rows}
    return [Value(name, name, counts[name]) for name in sorted(counts, key=lambda name: (-counts[name], name))]


def _availability(counts: Mapping[str, int]) -> list[Value]:
    if not counts:
        return []
    named = ((True, "In stock", "true"), (False, "Out of stock", "false"))
    return [Value(key, label, counts.get(text, 0)) for key, label, text in named]


def _reduced(counts: Mapping[str, int], *, is_chosen: bool) -> list[Value]:
    count = counts.get("true", 0)
    return [Value(True, "On sale", count)] if count or is_chosen else []


def _ratings(counts: Mapping[str, int], chosen: Decimal | None) -> list[Value]:
    """Each number of stars "and up", most first."""
    values = []
    for stars in sorted(STARS[:-1], reverse=True):
        count = sum(count for own, count in counts.items() if int(own) >= stars)
        if count or chosen == stars:
            values.append(Value(stars, f"{stars} stars and up", count))
    return values
