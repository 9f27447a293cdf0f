"""The floors of pages with filters: the products are found once, shown in part, and counted by each kind of choice.

A filter counts as if nothing were chosen of its own kind. Attributes are left out: no catalog that is measured has any,
and a page that told of one would differ from its floor.
"""

from shop.benchmark.pieces import BELOW, CARD, PICTURED, VARIANTS

_STEPS = [f"{step}e{decade}" for decade in range(8) for step in ("1", "1.5", "2", "3", "4", "5", "7.5")]
_EDGES = f"ARRAY[{', '.join(_STEPS)}]::numeric[]"
_MOST = 100
_BANDS = 6

_COUNTED = """
p.id, p.category_id, p.brand_id, p.product_type, p.tags_key, floor(p.rating_average)::int AS stars,
offer.is_in_stock, offer.is_on_sale, offer.price_min, offer.price_max, offer.ranges
"""
# What is shown of those is read when it is known which they are.
_SHOWN = "SELECT p.handle, p.title, first.* FROM ({}) AS first JOIN catalog_product p USING (id)"

# Ranges of prices joined to bands with about as many products each: one walk from range to range, then one count.
_PRICES = f"""
spread AS MATERIALIZED (SELECT ranges, count(*) AS products FROM base WHERE {{others}} GROUP BY ranges),
each AS MATERIALIZED (
    SELECT place, sum(products) FILTER (WHERE ranges >> place & 1 = 1) AS products,
           sum(sum(products) FILTER (WHERE ranges >> place & 1 = 1)) OVER () / {_BANDS} AS share
    FROM spread CROSS JOIN generate_series(0, {len(_STEPS)}) AS place
    WHERE place <= (SELECT floor(log(2, max(ranges)) + 0.000000001) FROM spread)
    GROUP BY place
),
ended AS (SELECT min(place) FILTER (WHERE products > 0) AS first, max(place) AS last FROM each),
walk (place, held, is_end) AS (
    SELECT -1, 0::numeric, false
    UNION ALL
    SELECT each.place, CASE WHEN now.held >= each.share AND each.place < last THEN 0 ELSE now.held END,
           now.held >= each.share AND each.place < last
    FROM walk
    JOIN each ON each.place = walk.place + 1
    CROSS JOIN ended
    CROSS JOIN LATERAL (SELECT walk.held + coalesce(each.products, 0)) AS now(held)
),
begun AS (SELECT first AS begins FROM ended WHERE first IS NOT NULL UNION ALL SELECT place + 1 FROM walk WHERE is_end),
band AS (
    SELECT row_number() OVER (ORDER BY begins) - 1 AS number, begins,
           lead(begins, 1, last + 1) OVER (ORDER BY begins) AS after
    FROM begun CROSS JOIN ended
),
priced AS (
    SELECT number, CASE WHEN begins > 0 THEN ({_EDGES})[begins] ELSE 0 END AS low, ({_EDGES})[after] - 0.01 AS high,
           (SELECT sum(products) FROM spread WHERE ranges & ((1::bigint << after) - (1::bigint << begins)) <> 0)
           AS products
    FROM band
)
"""  # noqa: S608  (here as below, only constants of the benchmark are put together)


def _facet(name: str, label: str, kind: str, values: str, ends: str = "NULL") -> str:
    return f"""
    SELECT json_build_object(
        'id', 'filter.{name}', 'label', '{label}', 'type', '{kind}', 'range', {ends}, 'values', values
    ) AS facet
    FROM ({values}) AS found(values) WHERE values IS NOT NULL
    """  # noqa: S608


def _value(name: str, label: str, count: str, chosen: tuple[str, str]) -> str:
    """A choice: SQL of the end of its id, its label and its products; `chosen` is a field and SQL of its JSON."""
    field, value = chosen
    return f"""
    json_build_object(
        'id', 'filter.' || {name}, 'label', {label}, 'count', {count}, 'input', '{{"{field}":' || {value} || '}}'
    )
    """


def _categories(parent: str, others: str) -> str:
    value = _value(
        "'p.category.' || c.id", "c.title", "products", ("category", """'"gid://shop/Category/' || c.id || '"'""")
    )
    values = f"""
    SELECT json_agg({value} ORDER BY c.path)
    FROM (
        SELECT left(own.path, length({parent}) + 4) AS path, sum(products) AS products
        FROM (SELECT category_id, count(*) AS products FROM base WHERE {others} GROUP BY 1) AS held
        JOIN catalog_category own ON own.id = held.category_id
        WHERE length(own.path) > length({parent})
        GROUP BY 1
    ) AS below
    JOIN catalog_category c USING (path)
    """  # noqa: S608
    return _facet("p.category", "Category", "LIST", values)


def _named(name: str, label: str, field: str, counted: str) -> str:
    """A kind of choice by name, of which those with most products are told."""
    value = _value(f"'{name}.' || lower(name)", "name", "products", (field, "to_json(name)::text"))
    values = f"""
    SELECT json_agg({value} ORDER BY products DESC, name COLLATE "C")
    FROM (
        SELECT name, products FROM ({counted}) AS counted(name, products) ORDER BY products DESC, name LIMIT {_MOST}
    ) AS most
    """  # noqa: S608
    return _facet(name, label, "LIST", values)


def _brands(others: str) -> str:
    return f"""
    SELECT brand.name, products
    FROM (SELECT brand_id, count(*) AS products FROM base WHERE {others} GROUP BY 1) AS made
    JOIN catalog_brand brand ON brand.id = made.brand_id
    """  # noqa: S608


def _types(others: str) -> str:
    return f"SELECT product_type, count(*) FROM base WHERE product_type <> '' AND {others} GROUP BY 1"  # noqa: S608


def _tags(others: str) -> str:
    return f"""
    SELECT tag, sum(products)
    FROM (SELECT max(id) AS id, count(*) AS products FROM base WHERE {others} GROUP BY tags_key) AS tagged
    JOIN catalog_product p USING (id)
    CROSS JOIN LATERAL (SELECT DISTINCT unnest(p.tags)) AS own(tag)
    GROUP BY 1
    """  # noqa: S608


def _bands(others: str) -> str:
    low, high, is_open = "round(low, 2)::text", "round(high, 2)::text", "number = max(number) OVER ()"
    label = f"""
    CASE WHEN {is_open} THEN {low} || ' ' || %(currency)s || ' and more'
         WHEN number = 0 THEN 'Up to ' || {high} || ' ' || %(currency)s
         ELSE {low} || ' to ' || {high} || ' ' || %(currency)s END
    """
    between = f"""
    '{{"min":' || trim_scale(low) || CASE WHEN {is_open} THEN '' ELSE ',"max":' || trim_scale(high) END || '}}'
    """
    value = _value("'v.price.' || number", label, "products", ("price", between))
    values = f"SELECT json_agg(value ORDER BY number) FROM (SELECT number, {value} FROM priced) AS made(number, value)"  # noqa: S608
    ends = f"""
    (SELECT json_build_object('min', round(min(price_min), 2)::text, 'max', round(max(price_max), 2)::text)
     FROM base WHERE {others})
    """  # noqa: S608
    return _facet("v.price", "Price", "PRICE_RANGE", values, ends)


def _availability(others: str) -> str:
    values = ", ".join(
        _value(
            f"'v.availability.{key}'",
            f"'{label}'",
            f"count(*) FILTER (WHERE is_in_stock IS {key})",
            ("available", f"'{key}'"),
        )
        for key, label in (("true", "In stock"), ("false", "Out of stock"))
    )
    found = f"SELECT json_build_array({values}) FROM base WHERE {others} HAVING count(*) > 0"  # noqa: S608
    return _facet("v.availability", "Availability", "LIST", found)


def _reduced(others: str) -> str:
    value = _value("'v.on_sale.true'", "'On sale'", "count(*)", ("onSale", "'true'"))
    values = f"SELECT json_build_array({value}) FROM base WHERE is_on_sale AND {others} HAVING count(*) > 0"  # noqa: S608
    return _facet("v.on_sale", "On sale", "BOOLEAN", values)


def _ratings(others: str) -> str:
    value = _value(
        "'p.rating.' || least",
        "least || CASE least WHEN 1 THEN ' star' ELSE ' stars' END || ' and up'",
        "products",
        ("rating", "least"),
    )
    values = f"""
    SELECT json_agg({value} ORDER BY least DESC)
    FROM (
        SELECT least, sum(products) AS products
        FROM (SELECT stars, count(*) AS products FROM base WHERE {others} GROUP BY 1) AS rated
        JOIN generate_series(1, 4) AS least ON least <= stars
        GROUP BY 1
    ) AS reached
    """  # noqa: S608
    return _facet("p.rating", "Rating", "LIST", values)


def _facets(parent: str, chosen: tuple[str, ...] = ()) -> str:
    """The filters of the products in `base`, as one JSON array; categories are told that stand below `parent`, a path.

    Of each kind that is chosen by, `base` has a column `meets_…`.
    """

    def others(kind: str = "") -> str:
        return " AND ".join(f"meets_{other}" for other in chosen if other != kind) or "true"

    facets = [
        _categories(parent, others()),
        _named("p.vendor", "Brand", "productVendor", _brands(others())),
        _bands(others("price")),
        _named("p.product_type", "Product type", "productType", _types(others())),
        _named("p.tag", "Tag", "tag", _tags(others())),
        _availability(others("available")),
        _reduced(others()),
        _ratings(others()),
    ]
    each = " UNION ALL ".join(f"SELECT {place}, facet FROM ({one}) AS made" for place, one in enumerate(facets))  # noqa: S608
    return f"coalesce((SELECT json_agg(facet ORDER BY place) FROM ({each}) AS facets(place, facet)), '[]')"  # noqa: S608


FILTERED = f"""
WITH RECURSIVE shelf AS MATERIALIZED (
    SELECT d.id FROM catalog_category c JOIN catalog_category d ON {BELOW}
    WHERE c.handle = %(handle)s AND c.is_listed
),
base AS MATERIALIZED (
    SELECT {_COUNTED}, p.sold_count,
           (%(available)s::boolean IS NULL OR offer.is_in_stock = %(available)s::boolean) AS meets_available,
           (%(low)s::numeric IS NULL
            OR offer.price_min BETWEEN %(low)s::numeric AND %(high)s::numeric
            OR offer.price_max BETWEEN %(low)s::numeric AND %(high)s::numeric
            -- An offer that spans the range may have a price inside it, or none.
            OR offer.price_min < %(low)s::numeric AND offer.price_max > %(high)s::numeric AND (
                SELECT bool_or(price.amount BETWEEN %(low)s::numeric AND %(high)s::numeric)
                FROM catalog_productvariant v
                JOIN catalog_price price
                  ON price.variant_id = v.id AND price.price_list_id = %(price_list)s AND price.min_quantity = 1
                WHERE v.product_id = p.id
           )) IS TRUE AS meets_price
    FROM catalog_offer offer
    JOIN catalog_product p ON p.id = offer.product_id
    WHERE p.category_id = ANY(ARRAY(SELECT id FROM shelf)) AND p.status = 'ACTIVE'
      AND offer.category_id = ANY(ARRAY(SELECT id FROM shelf)) AND offer.is_published
      AND offer.price_list_id = %(price_list)s
),
shown AS ({
    _SHOWN.format("SELECT * FROM base WHERE meets_available AND meets_price ORDER BY sold_count DESC, id DESC LIMIT 24")
}),
{_PRICES.format(others="meets_available")}
SELECT json_build_object('category', json_build_object('products', json_build_object(
    'totalCount', (SELECT count(*) FROM base WHERE meets_available AND meets_price),
    'nodes', coalesce((
        SELECT json_agg(json_build_object(
            {CARD},
            'variants', json_build_object('nodes', v.nodes)
        ) ORDER BY p.sold_count DESC, p.id DESC)
        FROM shown p
        {PICTURED} {VARIANTS}
    ), '[]'),
    'filters', {_facets("(SELECT path FROM catalog_category WHERE handle = %(handle)s)", ("available", "price"))}
)))::text
"""  # noqa: S608

SEARCH = f"""
WITH RECURSIVE word AS MATERIALIZED (
    SELECT to_tsquery('simple', %(query)s || ':*') || coalesce(
        ('''=' || (tsvector_to_array(to_tsvector('english', %(query)s)))[1] || '''')::tsquery, ''::tsquery
    ) AS query
),
base AS MATERIALIZED (
    SELECT {_COUNTED}, ts_rank(p.search, (SELECT query FROM word))::float AS rank
    FROM catalog_product p
    JOIN catalog_category c ON c.id = p.category_id AND c.is_listed
    JOIN catalog_offer offer
      ON offer.product_id = p.id AND offer.price_list_id = %(price_list)s AND offer.is_published
    WHERE p.search @@ (SELECT query FROM word) AND p.status = 'ACTIVE'
),
shown AS ({_SHOWN.format("SELECT * FROM base ORDER BY rank DESC, id DESC LIMIT 24")}),
{_PRICES.format(others="true")}
SELECT json_build_object('search', json_build_object(
    'totalCount', (SELECT count(*) FROM base),
    'nodes', coalesce((
        SELECT json_agg(json_build_object({CARD}) ORDER BY p.rank DESC, p.id DESC) FROM shown p {PICTURED}
    ), '[]'),
    'productFilters', {_facets("''")}
))::text
"""  # noqa: S608
