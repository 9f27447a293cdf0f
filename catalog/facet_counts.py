"""Counting for facets: one statement that finds the products of a list once and counts them by every kind of choice.

It notes of each product which of the choices that were made it meets; so each kind can be counted as if nothing were
chosen of its own kind.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    QuerySet,
)

from catalog import bands, filters
from catalog.browsing import Listing
from catalog.filters import ProductFilter
from catalog.models import Category
from catalog.models.price import Tariff
from catalog.shopper import anybody
from shop import prepared
from shop.prepared import Bound

# Of each kind so many choices are told at the most: those chosen, and those with most products.
MAX_VALUES = 100

# What is counted by columns of the products: some kinds have many values and are counted each by itself; of the others
# there are few combinations, which are counted together and then added up.
_WIDE = {"category": "category_id", "brand": "brand_id", "product_type": "product_type", "tag": "tags_key"}
_NARROW = {"available": "is_in_stock", "on_sale": "is_on_sale", "rating": "stars", "price": "ranges"}
_COLUMNS = ("id", *_WIDE.values(), *_NARROW.values(), "price_min", "price_max")


class Row(NamedTuple):
    """How many products a choice of this kind finds; `place` puts choices in order where they have one."""

    kind: str
    key: str
    label: str
    place: str
    products: int


def of_listings(listings: Sequence[Listing]) -> list[list[Row]]:
    """What is counted of each list, all in one statement. Raises InvalidInput.

    How to count ten products and how to count ten thousand differs so much that it is planned each time.
    """
    statements = []
    for number, listing in enumerate(listings):
        with suppress(EmptyResultSet):
            statements.append(_counting(number, listing))
    found: list[list[Row]] = [[] for _ in listings]
    for number, *row in prepared.rows(statements):
        found[number].append(Row._make(row))
    return found


def _counting(number: int, listing: Listing) -> Bound:
    """The statement that counts for list `number`. Raises EmptyResultSet, InvalidInput."""
    wanted, tariff = listing.wanted, listing.shopper.tariff
    base = filters.stated(_base, tariff, wanted, keeps_catalog=listing.shopper.keeps_catalog)
    described = [one.attribute_id for one in wanted.attributes]
    chosen = [choice for one in wanted.attributes for choice in one.choice_ids]
    yes_or_no: dict[bool, list[int]] = {True: [], False: []}
    for one in wanted.attributes:
        if one.boolean is not None:
            yes_or_no[one.boolean].append(one.attribute_id)
    parents = [wanted.category_path or "", *wanted.within]
    named = [list(wanted.brands), list(wanted.product_types), list(wanted.tags)]
    before, after = _sql(tuple(filters.chosen_by(wanted, tariff)))
    return Bound(
        f"{before}{base.sql}{after}",
        [*base.values, described, number, parents, *named, chosen, yes_or_no[True], yes_or_no[False]],
        is_planned_anew=True,
    )


@prepared.statement
def _base(tariff: Tariff, wanted: ProductFilter, *, keeps_catalog: bool, stems: str = "") -> QuerySet[Any, Any]:
    """The products of a list, whatever is chosen of them: what each is counted by, and which choices it meets."""
    if wanted.category_path is None or keeps_catalog:
        chosen: Any = filters.matching_by(tariff, anybody(keeps_catalog), wanted.unchosen)[0]
    else:
        shelf = filters.shown_below(wanted.category_path, tariff.price_list_id)
        chosen = filters.narrowed(shelf, replace(wanted.unchosen, category_path=None), tariff)[0]
    meets = {
        f"meets_{kind}": ExpressionWrapper(condition, output_field=BooleanField())
        for kind, condition in filters.chosen_by(wanted, tariff).items()
    }
    counted = chosen.annotate(
        stars=Func("rating_average", template="floor(%(expressions)s)::int", output_field=IntegerField()),
        ranges=F("offer__ranges"),
        **meets,
    )
    rows: QuerySet[Any, Any] = counted.values_list("pk", *_COLUMNS[1:], *meets)
    return rows


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
    kinds = " ".join(f"WHEN GROUPING({column}) = 0 THEN '{kind}'" for kind, column in _WIDE.items())
    counts = " ".join(
        f"WHEN GROUPING({column}) = 0 THEN count(*) FILTER (WHERE {others(kind)})" for kind, column in _WIDE.items()
    )
    narrow = ", ".join(f"count(*) FILTER (WHERE {others(kind)}) AS {kind}" for kind in _NARROW)
    sets = ", ".join(f"({column})" for column in [*_WIDE.values(), ", ".join(_NARROW.values())])
    added = " ".join(f"WHEN GROUPING({column}) = 0 THEN sum({kind})" for kind, column in _NARROW.items())
    before = f"WITH base ({', '.join([*_COLUMNS, *meets.values()])}) AS MATERIALIZED ("
    after = f"""),
    counted AS MATERIALIZED (
        SELECT {", ".join([*_WIDE.values(), *_NARROW.values()])},
               CASE {kinds} ELSE 'narrow' END AS kind, CASE {counts} END AS products, {narrow}, max(id) AS example
        FROM base GROUP BY GROUPING SETS ({sets})
    ),
    added AS (
        SELECT CASE {" ".join(f"WHEN GROUPING({column}) = 0 THEN '{kind}'" for kind, column in _NARROW.items())} END,
               coalesce({", ".join(f"{column}::text" for column in _NARROW.values())}),
               (CASE {added} END)::bigint
        FROM counted WHERE kind = 'narrow'
        GROUP BY GROUPING SETS ({", ".join(f"({column})" for column in _NARROW.values())})
    ),
    priced AS (SELECT min(price_min) AS low, max(price_max) AS high FROM base WHERE {others("price")}),
    {_DESCRIBED.replace("<chosen>", described or "true")}
    {_ANSWERS}
    """  # noqa: S608  (names of our own)
    return before, after


# The values of the products, each once however many variants have it. Numbers are counted like prices, but their fine
# ranges depend on the lowest and the highest there is.
_DESCRIBED = f"""
described AS MATERIALIZED (
    SELECT DISTINCT base.id, value.attribute_id, value.choice_id, value.boolean, value.number
    FROM base CROSS JOIN (VALUES (%s::bigint[])) AS chosen(ids)
    JOIN catalog_attributevalue value ON value.product_id = base.id AND value.applies
    JOIN catalog_attribute attribute ON attribute.id = value.attribute_id AND attribute.is_filterable
    WHERE EXISTS (SELECT 1 FROM catalog_attribute WHERE is_filterable) AND <chosen>
),
span AS (
    SELECT attribute_id, min(number) AS low, max(number) AS high, max(scale(trim_scale(number))) AS digits
    FROM described WHERE number IS NOT NULL GROUP BY attribute_id
),
scaled AS MATERIALIZED (
    SELECT *, greatest(('1e' || -digits)::numeric, CASE WHEN high > low
        THEN ('1e' || ceil(log((high - low) / {bands.FINE})))::numeric END) AS step
    FROM span
),
ranged AS (
    SELECT attribute_id, bit_or(1::bigint << (floor(number / step) - floor(low / step))::int) AS ranges
    FROM described JOIN scaled USING (attribute_id) WHERE number IS NOT NULL
    GROUP BY attribute_id, described.id
)
"""  # noqa: S608  (constants of this module)

_ANSWERS = f"""
SELECT list.number, facet.* FROM (VALUES (%s::int)) AS list(number) CROSS JOIN (
    SELECT 'category', child.id::text, child.title::text, child.path::text, below.products
    FROM (
        SELECT left(c.path, length(parent.path) + {Category.steplen}) AS path, sum(products)::bigint AS products
        FROM counted
        JOIN catalog_category c ON c.id = counted.category_id
        JOIN unnest(%s::text[]) AS parent(path)
          ON c.path >= parent.path COLLATE "C" AND c.path < (parent.path || '[') COLLATE "C"
        WHERE kind = 'category' AND products > 0 AND length(c.path) > length(parent.path)
        GROUP BY 1
    ) below
    JOIN catalog_category child ON child.path = below.path COLLATE "C"
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
        SELECT 'tag', tag, tag, '', sum(products)::bigint AS products
        FROM counted JOIN catalog_product p ON p.id = counted.example
        CROSS JOIN LATERAL (SELECT DISTINCT unnest(p.tags)) AS own(tag)
        CROSS JOIN (VALUES (%s::text[])) AS chosen(names)
        WHERE kind = 'tag' AND products > 0
        GROUP BY tag, chosen.names
        ORDER BY tag = ANY(chosen.names) DESC, products DESC, tag LIMIT {MAX_VALUES}
    )
    UNION ALL
    SELECT 'attribute',
           json_build_array(attribute.id, attribute.handle, attribute.name, choice.handle, made.boolean)::text,
           coalesce(choice.label, ''), lpad(attribute.position::text, 10, '0') || lpad(attribute.id::text, 20, '0')
           || lpad(coalesce(choice.position, 0)::text, 10, '0'), made.products
    FROM (
        SELECT attribute_id, choice_id, boolean, count(*) AS products
        FROM described WHERE number IS NULL GROUP BY attribute_id, choice_id, boolean
        UNION ALL
        -- What was chosen is told though it finds nothing.
        SELECT attribute_id, id, NULL, 0 FROM catalog_attributechoice WHERE id = ANY(%s::bigint[])
        UNION ALL
        SELECT id, NULL, true, 0 FROM unnest(%s::bigint[]) AS id
        UNION ALL
        SELECT id, NULL, false, 0 FROM unnest(%s::bigint[]) AS id
    ) made
    JOIN catalog_attribute attribute ON attribute.id = made.attribute_id AND attribute.is_filterable
    LEFT JOIN catalog_attributechoice choice ON choice.id = made.choice_id
    UNION ALL
    SELECT 'numbers', json_build_array(attribute.handle, attribute.name, attribute.unit, low::text, high::text,
           step::text, digits)::text, attribute.id::text, lpad(position::text, 10, '0') || lpad(id::text, 20, '0'), 0
    FROM scaled JOIN catalog_attribute attribute ON attribute.id = scaled.attribute_id
    UNION ALL
    SELECT 'number', ranges::text, attribute_id::text, '', count(*) FROM ranged GROUP BY attribute_id, ranges
    UNION ALL
    SELECT 'prices', low::text, high::text, '', 0 FROM priced WHERE low IS NOT NULL
    UNION ALL
    SELECT kind, key, '', '', products FROM added AS made(kind, key, products) WHERE products > 0 AND key IS NOT NULL
) AS facet
"""  # noqa: S608  (constants of this module)
