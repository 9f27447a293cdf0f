"""Facets: by what a list of products can be narrowed further, and how many there would be for each choice.

Each kind of choice is counted as if nothing were chosen of its own kind, but all else is: so the brands beside a chosen
one tell what there is of them. The counts are exact: a choice that is sent back finds as many. `facet_counts` counts.

Labels are in the shopper's language; what names a choice in a filter is the same in every language.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple

from django.utils.translation import gettext, ngettext

from catalog import bands, facet_counts, facet_labels
from catalog.bands import Band, Scale
from catalog.browsing import Listing
from catalog.facet_counts import Row
from catalog.facet_labels import Labels
from catalog.models.review import STARS
from shop import money, speech


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

    Where it is of an attribute, that has a handle; the keys are then handles of choices, booleans or bands.
    What has bands has a `range` too.
    """

    kind: str
    label: str
    values: list[Value]
    handle: str = ""
    range: Range | None = None


def of_listings(listings: Sequence[Listing]) -> list[list[Facet]]:
    """The facets of each list, all in one statement, or two in another language. Raises InvalidInput."""
    counted = facet_counts.of_listings(listings)
    if not listings:
        return []
    # All lists of a request are told to one shopper.
    language = listings[0].shopper.language
    labels = facet_labels.of_rows(language, [row for rows in counted for row in rows])
    with speech.speaking(language):
        return [_facets(listing, rows, labels) for listing, rows in zip(listings, counted, strict=True)]


def _facets(listing: Listing, rows: Iterable[Row], labels: Labels) -> list[Facet]:
    """The facets that have a choice, in the order they are shown in."""
    wanted = listing.wanted
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.kind, []).append(row)
    counts = {
        kind: {row.key: row.products for row in found.get(kind, ())} for kind in ("available", "on_sale", "rating")
    }
    types = _named(found.get("product_type", ()), wanted.product_types)
    facets = [
        Facet("category", gettext("Category"), _categories(found.get("category", ()), labels)),
        Facet("brand", gettext("Brand"), _named(found.get("brand", ()), wanted.brands)),
        _prices(found, listing.shopper.currency),
        Facet(
            "product_type",
            gettext("Product type"),
            [value._replace(label=labels.of_type(value.key)) for value in types],
        ),
        Facet("tag", gettext("Tag"), _named(found.get("tag", ()), wanted.tags)),
        Facet("available", gettext("Availability"), _availability(counts["available"])),
        Facet("on_sale", gettext("On sale"), _reduced(counts["on_sale"], is_chosen=wanted.on_sale is not None)),
        Facet("rating", gettext("Rating"), _ratings(counts["rating"], wanted.rating_min)),
    ]
    return [facet for facet in facets if facet.values] + _attributes(found, labels)


def _prices(found: Mapping[str, list[Row]], currency: str) -> Facet:
    made = bands.of_prices({int(row.key): row.products for row in found.get("price", ())}, currency)
    ends = [
        Range(*(Decimal(end).quantize(money.quantum(currency)) for end in (row.key, row.label)))
        for row in found.get("prices", ())
    ]
    return Facet("price", gettext("Price"), _in_bands(made), range=ends[0] if ends else None)


def _in_bands(made: Iterable[Band]) -> list[Value]:
    return [Value(band, band.label, band.products) for band in made]


def _attributes(found: Mapping[str, list[Row]], labels: Labels) -> list[Facet]:
    """In the order of attributes, and of their choices; yes before no."""
    facets = [*_chosen_from(found.get("attribute", ()), labels), *_numbers(found, labels)]
    return [facet for _, facet in sorted(facets, key=itemgetter(0))]


def _chosen_from(rows: Iterable[Row], labels: Labels) -> list[tuple[str, Facet]]:
    """Attributes that are a choice, or yes or no, each with its place."""
    counts: dict[tuple[str, str, str], int] = {}
    for row in rows:
        counts[row.place, row.key, row.label] = counts.get((row.place, row.key, row.label), 0) + row.products
    found: dict[str, tuple[str, Facet]] = {}
    for place, key, written in sorted(counts):
        attribute_id, handle, name, choice, boolean = json.loads(key)
        label = labels.of_attribute(attribute_id, name)
        _, facet = found.setdefault(handle, (place, Facet("attribute", label, [], handle)))
        value = boolean if choice is None else choice
        if choice is not None:
            text = labels.of_choice(attribute_id, choice, written)
        else:
            text = gettext("Yes") if boolean else gettext("No")
        facet.values.append(Value(value, text, counts[place, key, written]))
    for _, facet in found.values():
        if isinstance(facet.values[0].key, bool):
            facet.values.sort(key=lambda value: not value.key)
    return list(found.values())


def _numbers(found: Mapping[str, list[Row]], labels: Labels) -> list[tuple[str, Facet]]:
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
        label = labels.of_attribute(int(row.label), name)
        facets.append((row.place, Facet("attribute", label, values, handle, ends)))
    return facets


def _categories(rows: Iterable[Row], labels: Labels) -> list[Value]:
    """In the order of the tree."""
    return [
        Value(int(row.key), labels.of_category(int(row.key), row.label), row.products)
        for row in sorted(rows, key=lambda row: row.place)
    ]


def _named(rows: Iterable[Row], chosen: Iterable[str]) -> list[Value]:
    """What has most products first, and what was chosen in any case."""
    counts = dict.fromkeys(chosen, 0) | {row.key: row.products for row in rows}
    return [Value(name, name, counts[name]) for name in sorted(counts, key=lambda name: (-counts[name], name))]


def _availability(counts: Mapping[str, int]) -> list[Value]:
    if not counts:
        return []
    named = ((True, gettext("In stock"), "true"), (False, gettext("Out of stock"), "false"))
    return [Value(key, label, counts.get(text, 0)) for key, label, text in named]


def _reduced(counts: Mapping[str, int], *, is_chosen: bool) -> list[Value]:
    count = counts.get("true", 0)
    return [Value(True, gettext("On sale"), count)] if count or is_chosen else []


def _ratings(counts: Mapping[str, int], chosen: Decimal | None) -> list[Value]:
    """Each number of stars "and up", most first."""
    values = []
    for stars in sorted(STARS[:-1], reverse=True):
        count = sum(count for own, count in counts.items() if int(own) >= stars)
        if count or chosen == stars:
            label = ngettext("%(stars)d star and up", "%(stars)d stars and up", stars) % {"stars": stars}
            values.append(Value(stars, label, count))
    return values
