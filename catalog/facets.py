"""Facets: by what a list of products can be narrowed further, and how many there would be for each choice.

Each kind of choice is counted as if nothing were chosen of its own kind, but all else is: so the brands beside a chosen
one tell what there is of them. One statement finds the products of the list once, whatever is chosen of them, notes for
each which of the choices it meets, and counts them in one pass. The counts are exact: a choice that is sent back finds
as many.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import BitOr
from django.core.exceptions import EmptyResultSet
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    ExpressionWrapper,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.lookups import Exact

from catalog import filters
from catalog.browsing import Listing
from catalog.filters import ProductFilter
from catalog.models import Category
from catalog.models.price import Tariff
from catalog.models.review import STARS
from catalog.shopper import anybody
from shop import money, prepared
from shop.prepared import Bound

# Of each kind so many choices are told at the most: those chosen, and those with most products.
MAX_VALUES = 100
_MAX_BANDS = 6

# Where price bands may begin, in units of the currency: round amounts. Of each product the ranges between them in which
# it has a price are noted in the bits of one number, so that ranges can be joined to bands and counted still.
_STEPS = tuple(Decimal(step).scaleb(decade) for decade in range(8) for step in ("1", "1.5", "2", "3", "4", "5", "7.5"))
_RANGE = f"width_bucket(%(expressions)s, ARRAY[{', '.join(f'{step:f}' for step in _STEPS)}]::numeric[])"

# What is counted by a column of the products. Tags, of which a product may have many, are counted apart.
_COLUMNS = {
    "category": "category_id",
    "brand": "brand_id",
    "product_type": "product_type",
    "available": "is_in_stock",
    "on_sale": "is_on_sale",
    "rating": "stars",
    "price": "ranges",
}


class Band(NamedTuple):
    """A range of prices, both ends included; the last has no end."""

    low: Decimal
    high: Decimal | None


class Value(NamedTuple):
    """A choice: what names it in a filter, what people call it, how many products it finds, and whether it was made.

    The key is the id of a category, a name, a band, a number of stars or a boolean.
    """

    key: Any
    label: str
    products: int


class Facet(NamedTuple):
    """A kind of choice, with the choices that lead somewhere and those that were made.

    Where it is of an attribute, that has a handle and a name; the keys are then handles of choices, or booleans.
    """

    kind: str
    values: list[Value]
    handle: str = ""
    name: str = ""


class _Row(NamedTuple):
    kind: str
    key: str
    label: str
    place: str
    products: int


def of_listings(listings: Sequence[Listing]) -> list[list[Facet]]:
    """The facets of each list, all in one statement. Raises InvalidInput."""
    statements = []
    for number, listing in enumerate(listings):
        with suppress(EmptyResultSet):
            statements.append(_counting(number, listing))
    found: list[list[_Row]] = [[] for _ in listings]
    for number, *row in prepared.rows(statements):
        found[number].append(_Row._make(row))
    return [_facets(listing, rows) for listing, rows in zip(listings, found, strict=True)]


def _counting(number: int, listing: Listing) -> Bound:
    """The statement that counts for list `number`. Raises EmptyResultSet, InvalidInput."""
    wanted, shape = listing.wanted, {"keeps_catalog": listing.shopper.keeps_catalog}
    tariff = listing.shopper.tariff
    if wanted.asked:
        base = prepared.compiled(_base.queryset(tariff, wanted, **shape))
    else:
        base = _base.bound(tariff, wanted, **shape)
    parents = [wanted.category_path or "", *wanted.within]
    chosen: list[list[Any]] = [parents, list(wanted.brands), list(wanted.product_types), list(wanted.tags)]
    chosen.append([one.attribute_id for one in wanted.attributes])
    before, after = _sql(tuple(filters.chosen_by(wanted, tariff)))
    return Bound(f"{before}{base.sql}{after}", [*base.values, number, *chosen])


@prepared.statement
def _base(tariff: Tariff, wanted: ProductFilter, *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    """The products of a list, whatever is chosen of them: what each is counted by, and which choices it meets."""
    chosen: Any = filters.matching_by(tariff, anybody(keeps_catalog), wanted.unchosen)[0]
    meets = {
        f"meets_{kind}": ExpressionWrapper(condition, output_field=BooleanField())
        for kind, condition in filters.chosen_by(wanted, tariff).items()
    }
    # Most products have all their prices in one range; of the others each price is looked at.
    is_one = Exact(_range_of("price_min"), _range_of("price_max"))
    each = filters.priced(tariff).filter(variant__product=OuterRef("pk")).values("variant__product")
    each = each.annotate(ranges=BitOr(_bit_of("amount"))).values("ranges")
    counted = chosen.annotate(
        stars=Func("rating_average", template="floor(%(expressions)s)::int", output_field=IntegerField()),
        ranges=Case(When(is_one, then=_bit_of("price_min")), default=Subquery(each)),
        **meets,
    )
    rows: QuerySet[Any, Any] = counted.values_list("pk", "tags", *_COLUMNS.values(), *meets)
    return rows


def _range_of(amount: str) -> Func:
    return Func(amount, template=_RANGE, output_field=IntegerField())


def _bit_of(amount: str) -> Func:
    return Func(amount, template=f"(1::bigint << {_RANGE})", output_field=BigIntegerField())


@lru_cache(256)
def _sql(chosen: tuple[str, ...]) -> tuple[str, str]:
    """What stands before and after the statement of the products, where these kinds of choice were made."""
    meets = {kind: f"meets_{kind}" for kind in chosen}

    def others(kind: str) -> str:
        return " AND ".join(mark for own, mark in meets.items() if own != kind) or "true"

    # A value of an attribute that was chosen by is counted as if it were not.
    described = " AND ".join(
        f"({mark} OR value.attribute_id = chosen.ids[{kind.removeprefix('attribute_')} + 1])"
        if kind.startswith("attribute_")
        else mark
        for kind, mark in meets.items()
    )
    columns = ", ".join(["id", "tags", *_COLUMNS.values(), *meets.values()])
    kinds = " ".join(f"WHEN GROUPING({column}) = 0 THEN '{kind}'" for kind, column in _COLUMNS.items())
    counts = " ".join(
        f"WHEN GROUPING({column}) = 0 THEN count(*) FILTER (WHERE {others(kind)})" for kind, column in _COLUMNS.items()
    )
    sets = ", ".join(f"({column})" for column in _COLUMNS.values())
    before = f"WITH base ({columns}) AS MATERIALIZED ("
    after = f"""),
    counted AS MATERIALIZED (
        SELECT {", ".join(_COLUMNS.values())}, CASE {kinds} END AS kind, CASE {counts} END AS products
        FROM base GROUP BY GROUPING SETS ({sets})
    ),
    tagged AS (
        SELECT tag, count(*) AS products
        FROM base CROSS JOIN LATERAL (SELECT DISTINCT unnest(base.tags)) AS own(tag)
        WHERE {others("tag")} GROUP BY tag
    )
    {_ANSWERS.replace("<chosen>", described or "true")}
    """  # noqa: S608  (names of our own)
    return before, after


_ANSWERS = f"""
SELECT list.number, facet.* FROM (VALUES (%s::int)) AS list(number) CROSS JOIN (
    SELECT 'category', child.id::text, child.title::text, child.path::text, sum(products)::bigint
    FROM counted
    JOIN catalog_category c ON c.id = counted.category_id
    JOIN unnest(%s::text[]) AS parent(path)
      ON c.path >= parent.path COLLATE "C" AND c.path < (parent.path || '[') COLLATE "C"
    JOIN catalog_category child ON child.path = left(c.path, length(parent.path) + {Category.steplen}) COLLATE "C"
    WHERE kind = 'category' AND products > 0 AND length(c.path) > length(parent.path)
    GROUP BY child.id
    UNION ALL
    (
        SELECT 'brand', name, name, '', products
        FROM counted JOIN catalog_brand brand ON brand.id = counted.brand_id
        CROSS JOIN (VALUES (%s::text[])) AS chosen(names)
        WHERE kind = 'brand' AND (products > 0 OR name = ANY(chosen.names))
        ORDER BY name = ANY(chosen.names) DESC, products DESC, name LIMIT {MAX_VALUES}
    )
    UNION ALL
    (
        SELECT 'product_type', product_type, product_type, '', products
        FROM counted CROSS JOIN (VALUES (%s::text[])) AS chosen(names)
        WHERE kind = 'product_type' AND product_type <> '' AND (products > 0 OR product_type = ANY(chosen.names))
        ORDER BY product_type = ANY(chosen.names) DESC, products DESC, product_type LIMIT {MAX_VALUES}
    )
    UNION ALL
    (
        SELECT 'tag', tag, tag, '', products
        FROM tagged CROSS JOIN (VALUES (%s::text[])) AS chosen(names)
        ORDER BY tag = ANY(chosen.names) DESC, products DESC, tag LIMIT {MAX_VALUES}
    )
    UNION ALL
    SELECT 'attribute', json_build_array(attribute.handle, attribute.name, choice.handle, value.boolean)::text,
           coalesce(choice.label, ''), lpad(attribute.position::text, 10, '0') || lpad(attribute.id::text, 20, '0')
           || lpad(coalesce(choice.position, 0)::text, 10, '0'), count(DISTINCT base.id)
    FROM base CROSS JOIN (VALUES (%s::bigint[])) AS chosen(ids)
    JOIN catalog_attributevalue value ON value.product_id = base.id AND value.applies
    JOIN catalog_attribute attribute ON attribute.id = value.attribute_id AND attribute.is_filterable
    LEFT JOIN catalog_attributechoice choice ON choice.id = value.choice_id
    WHERE (choice.id IS NOT NULL OR value.boolean IS NOT NULL) AND <chosen>
    GROUP BY attribute.id, choice.id, value.boolean
    UNION ALL
    SELECT kind, coalesce(is_in_stock::text, is_on_sale::text, stars::text, ranges::text), '', '', products
    FROM counted
    WHERE kind IN ('available', 'on_sale', 'rating', 'price') AND products > 0
      AND coalesce(is_in_stock::text, is_on_sale::text, stars::text, ranges::text) IS NOT NULL
) AS facet
"""  # noqa: S608  (constants of this module)


def _facets(listing: Listing, rows: Iterable[_Row]) -> list[Facet]:
    """The facets that have a choice, in the order they are shown in."""
    wanted = listing.wanted
    found: dict[str, list[_Row]] = {}
    for row in rows:
        found.setdefault(row.kind, []).append(row)
    ranges = {int(row.key): row.products for row in found.get("price", ())}
    counts = {
        kind: {row.key: row.products for row in found.get(kind, ())} for kind in ("available", "on_sale", "rating")
    }
    facets = [
        Facet("category", _categories(found.get("category", ()))),
        Facet("brand", _named(found.get("brand", ()), wanted.brands)),
        Facet("price", _bands(ranges, listing.shopper.currency)),
        Facet("product_type", _named(found.get("product_type", ()), wanted.product_types)),
        Facet("tag", _named(found.get("tag", ()), wanted.tags)),
        Facet("available", _availability(counts["available"])),
        Facet("on_sale", _reduced(counts["on_sale"], is_chosen=wanted.on_sale is not None)),
        Facet("rating", _ratings(counts["rating"], wanted.rating_min)),
    ]
    return [facet for facet in facets if facet.values] + _attributes(found.get("attribute", ()))


def _attributes(rows: Iterable[_Row]) -> list[Facet]:
    """In the order of attributes, and of their choices; yes before no."""
    found: dict[str, Facet] = {}
    for row in sorted(rows, key=lambda row: (row.place, row.key), reverse=True):
        handle, name, choice, boolean = json.loads(row.key)
        facet = found.setdefault(handle, Facet("attribute", [], handle, name))
        key, label = (boolean, "Yes" if boolean else "No") if choice is None else (choice, row.label)
        facet.values.append(Value(key, label, row.products))
    for facet in found.values():
        if not isinstance(facet.values[0].key, bool):
            facet.values.reverse()
    return list(found.values())[::-1]


def _categories(rows: Iterable[_Row]) -> list[Value]:
    """In the order of the tree."""
    return [Value(int(row.key), row.label, row.products) for row in sorted(rows, key=lambda row: row.place)]


def _named(rows: Iterable[_Row], chosen: Iterable[str]) -> list[Value]:
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


def _bands(ranges: Mapping[int, int], currency: str) -> list[Value]:
    """Bands that hold about as many products each, cheapest first; `ranges` counts products by the bits of theirs."""
    each = [sum(count for bits, count in ranges.items() if bits >> place & 1) for place in range(len(_STEPS) + 1)]
    there = [place for place, count in enumerate(each) if count]
    if not there:
        return []
    begins, held, share = [there[0]], 0, sum(each) / _MAX_BANDS
    for place in range(there[0], there[-1]):
        held += each[place]
        if held >= share:
            begins.append(place + 1)
            held = 0
    unit = money.quantum(currency)
    values = []
    for first, after in zip(begins, [*begins[1:], len(_STEPS) + 1], strict=True):
        bits = (1 << after) - (1 << first)
        band = Band(
            low=_STEPS[first - 1] if first else Decimal(0),
            high=_STEPS[after - 1] - unit if after <= len(_STEPS) else None,
        )
        count = sum(count for own, count in ranges.items() if own & bits)
        values.append(Value(band, _label(band, currency, is_first=first == begins[0]), count))
    return values


def _label(band: Band, currency: str, *, is_first: bool) -> str:
    low, high = (None if end is None else money.text(end, currency) for end in band)
    if high is None:
        return f"{low} {currency} and more"
    return f"Up to {high} {currency}" if is_first else f"{low} to {high} {currency}"
