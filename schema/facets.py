"""Filters of a list: the choices that narrow it, each with how many products it leaves, and what to send for it."""

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import Any

import orjson
import strawberry

from catalog import facets
from catalog.bands import Band
from catalog.browsing import Listing
from catalog.facets import Facet, Range, Value
from schema.context import Context
from schema.nodes import gid
from schema.scalars import JSON
from shop.paging import Page


@strawberry.enum(description="How a filter is chosen from.")
class FilterType(Enum):
    LIST = strawberry.enum_value("LIST", description="Any number of its values; products need one of them.")
    PRICE_RANGE = strawberry.enum_value("PRICE_RANGE", description="One of its values, or any other range of prices.")
    NUMBER_RANGE = strawberry.enum_value(
        "NUMBER_RANGE", description="One of its values, or any other range of numbers."
    )
    BOOLEAN = strawberry.enum_value("BOOLEAN", description="Its value, or not.")


@strawberry.enum(description="How the values of a filter are best shown.")
class FilterPresentation(Enum):
    TEXT = strawberry.enum_value("TEXT", description="By their labels.")


@strawberry.type(description="A choice that narrows a list.")
class FilterValue:
    id: strawberry.ID = strawberry.field(description="Names the choice, among those of all filters.")
    label: str = strawberry.field(description="What people call it, in the language of the context.")
    count: int = strawberry.field(
        description="How many products it finds, with the words and all filters of other kinds as they are."
    )
    input: JSON = strawberry.field(description="The `ProductFilter` that makes this choice, as JSON in a text.")


@strawberry.type(description="The lowest and the highest there is, with all filters of other kinds as they are.")
class FilterRange:
    min: Decimal = strawberry.field(description="The lowest.")
    max: Decimal = strawberry.field(description="The highest.")

    @classmethod
    def of(cls, ends: Range | None) -> "FilterRange | None":
        return None if ends is None else cls(min=ends.low, max=ends.high)


@strawberry.type(description="A kind of choice that narrows a list.")
class Filter:
    id: strawberry.ID = strawberry.field(description="Names the kind of choice.")
    label: str = strawberry.field(description="What people call it, in the language of the context.")
    type: FilterType = strawberry.field(description="How it is chosen from.")
    presentation: FilterPresentation | None = strawberry.field(description="How its values are best shown.")
    values: list[FilterValue] = strawberry.field(description="What there is to choose.")
    range: FilterRange | None = strawberry.field(
        description="Between what a range can be chosen; null where it is not one of prices or numbers."
    )

    @classmethod
    def of(cls, facet: Facet) -> "Filter":
        if facet.kind == "attribute":
            return _of_attribute(facet)
        name, kind, _ = _KINDS[facet.kind]
        return cls(
            id=strawberry.ID(f"filter.{name}"),
            label=facet.label,
            type=kind,
            presentation=FilterPresentation.TEXT if kind is FilterType.LIST else None,
            values=[_value(facet.kind, number, value) for number, value in enumerate(facet.values)],
            range=FilterRange.of(facet.range),
        )


def filters_of_page(context: Context, pages: Sequence[Page[Any]]) -> list[list[Facet]]:
    """Of each page of products what the whole list can be narrowed by."""
    listings = {number: page.source for number, page in enumerate(pages) if isinstance(page.source, Listing)}
    found = dict(zip(listings, facets.of_listings(list(listings.values())), strict=True))
    return [found.get(number, []) for number in range(len(pages))]


# The name in ids, how it is chosen from, and the field of `ProductFilter` that chooses.
_KINDS = {
    "category": ("p.category", FilterType.LIST, "category"),
    "brand": ("p.vendor", FilterType.LIST, "productVendor"),
    "price": ("v.price", FilterType.PRICE_RANGE, "price"),
    "product_type": ("p.product_type", FilterType.LIST, "productType"),
    "tag": ("p.tag", FilterType.LIST, "tag"),
    "available": ("v.availability", FilterType.LIST, "available"),
    "on_sale": ("v.on_sale", FilterType.BOOLEAN, "onSale"),
    "rating": ("p.rating", FilterType.LIST, "rating"),
}


def _value(kind: str, number: int, value: Value) -> FilterValue:
    name, _, field = _KINDS[kind]
    key, short = value.key, str(value.key).lower()
    match kind:
        case "category":
            key = gid("Category", value.key)
        case "price":
            key, short = _ends(value.key), str(number)
        case _:
            pass
    return FilterValue(
        id=strawberry.ID(f"filter.{name}.{short}"),
        label=value.label,
        count=value.products,
        input=_json({field: key}),
    )


def _of_attribute(facet: Facet) -> Filter:
    name = f"filter.p.attribute.{facet.handle}"
    match facet.values[0].key:
        case bool():
            kind = FilterType.BOOLEAN
        case Band():
            kind = FilterType.NUMBER_RANGE
        case _:
            kind = FilterType.LIST

    def value(number: int, one: Value) -> FilterValue:
        choice: dict[str, Any] = {"values": [one.key]}
        short = str(one.key).lower()
        if kind is FilterType.BOOLEAN:
            choice = {"boolean": one.key}
        elif kind is FilterType.NUMBER_RANGE:
            choice, short = _ends(one.key), str(number)
        return FilterValue(
            id=strawberry.ID(f"{name}.{short}"),
            label=one.label,
            count=one.products,
            input=_json({"attribute": {"handle": facet.handle, **choice}}),
        )

    return Filter(
        id=strawberry.ID(name),
        label=facet.label,
        type=kind,
        presentation=FilterPresentation.TEXT,
        values=[value(number, one) for number, one in enumerate(facet.values)],
        range=FilterRange.of(facet.range),
    )


def _ends(band: Band) -> dict[str, float | int]:
    ends = {"min": _number(band.low), "max": _number(band.high)}
    return {end: amount for end, amount in ends.items() if amount is not None}


def _json(choice: dict[str, Any]) -> JSON:
    return JSON(orjson.dumps(choice).decode())


def _number(amount: Decimal | None) -> float | int | None:
    if amount is None:
        return None
    return int(amount) if amount == int(amount) else float(amount)
