"""The floors: for each page one statement, written by hand, that answers the page's `data` as JSON.

No framework can be faster than the statement a person writes for one page alone. Each takes the page's variables by
name, and `currency`, `price_list`, `media` and `placeholder`; `application` serves them, and only while the benchmark
runs.
"""

from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from shop import money
from shop.benchmark.faceted import FILTERED, SEARCH
from shop.benchmark.pieces import BELOW, CARD, CHOICES, FREE, NAMES, PICTURE, PICTURED, VARIANTS, priced, priced_or_null

# Where a histogram's buckets begin, the first at zero; the catalog's own list must not be imported down here.
_STEPS = [f"{step}e{decade}" for decade in range(6) for step in ("1", "1.5", "2", "3", "4", "5", "7.5")] + ["1e6"]
_BOUNDARIES = f"ARRAY[{', '.join(_STEPS)}]::numeric[]"

_PLP = f"""
WITH shelf AS (
    SELECT d.id, f.product_count
    FROM catalog_category c
    JOIN catalog_category d ON {BELOW}
    LEFT JOIN catalog_categoryfacts f ON f.category_id = d.id AND f.price_list_id = %(price_list)s
    WHERE c.handle = %(handle)s AND c.is_listed
),
listed AS MATERIALIZED (
    SELECT p.id, p.handle, p.title, p.brand_id, p.sold_count, offer.is_in_stock, offer.price_min, offer.price_max
    FROM catalog_product p
    JOIN catalog_offer offer ON offer.product_id = p.id AND offer.price_list_id = %(price_list)s
    WHERE p.status = 'ACTIVE' AND p.category_id = ANY(ARRAY(SELECT id FROM shelf))
      AND (%(sold)s::int IS NULL OR (p.sold_count, p.id) < (%(sold)s::int, %(pk)s::bigint))
    ORDER BY p.sold_count DESC, p.id DESC
    LIMIT 25
),
shown AS (SELECT * FROM listed ORDER BY sold_count DESC, id DESC LIMIT 24)
SELECT json_build_object('category', json_build_object('products', json_build_object(
    'totalCount', (SELECT coalesce(sum(product_count), 0) FROM shelf),
    'pageInfo', json_build_object(
        'hasNextPage', (SELECT count(*) > 24 FROM listed),
        'endCursor', (
            SELECT translate(
                encode(convert_to(format('["BEST_SELLING 1",%%s,%%s]', sold_count, id), 'UTF8'), 'base64'), '+/=', '-_'
            )
            FROM shown ORDER BY sold_count, id LIMIT 1
        )
    ),
    'nodes', coalesce((
        SELECT json_agg(json_build_object(
            {CARD},
            'variants', json_build_object('nodes', v.nodes)
        ) ORDER BY p.sold_count DESC, p.id DESC)
        FROM shown p
        {PICTURED} {VARIANTS}
    ), '[]')
)))::text
"""  # noqa: S608  (here as below, only constants of this module are put together)

_PDP = f"""
SELECT json_build_object('product', json_build_object(
    'id', 'gid://shop/Product/' || p.id,
    'title', p.title,
    'handle', p.handle,
    'descriptionHtml', p.description_html,
    'vendor', coalesce(brand.name, ''),
    'productType', p.product_type,
    'tags', p.tags,
    'availableForSale', offer.is_in_stock,
    'seo', json_build_object('title', nullif(p.seo_title, ''), 'description', nullif(p.seo_description, '')),
    'priceRange', json_build_object(
        'minVariantPrice', {priced("offer.price_min")}, 'maxVariantPrice', {priced("offer.price_max")}
    ),
    'options', coalesce((
        SELECT json_agg(json_build_object(
            'name', option.name,
            'optionValues', (SELECT json_agg(json_build_object('name', value)) FROM unnest(option.values) AS value)
        ) ORDER BY option.position)
        FROM catalog_productoption option WHERE option.product_id = p.id
    ), '[{{"name": "Title", "optionValues": [{{"name": "Default Title"}}]}}]'),
    'images', json_build_object('nodes', coalesce((
        SELECT json_agg(json_build_object(
            'url', {PICTURE.format("i")}, 'altText', nullif(i.alt, ''), 'width', i.width, 'height', i.height
        ) ORDER BY i.position)
        FROM (SELECT * FROM catalog_productimage WHERE product_id = p.id ORDER BY position LIMIT 10) i
    ), '[]')),
    'variants', json_build_object('nodes', coalesce((
        SELECT json_agg(json_build_object(
            'id', 'gid://shop/ProductVariant/' || v.id,
            'title', v.title,
            'sku', v.sku,
            'availableForSale', v.free > 0,
            'quantityAvailable', greatest(v.free, 0),
            'price', {priced("v.amount")},
            'compareAtPrice', {priced_or_null("v.compare_at", "v.compare_at > v.amount")},
            'selectedOptions', {CHOICES}
        ) ORDER BY v.position, v.id)
        FROM (
            SELECT v.id, v.title, v.sku, v.position, v.option_values, price.amount, price.compare_at, {FREE} AS free
            FROM catalog_productvariant v
            JOIN catalog_price price
              ON price.variant_id = v.id AND price.price_list_id = %(price_list)s AND price.min_quantity = 1
            WHERE v.product_id = p.id
            ORDER BY v.position, v.id
            LIMIT 50
        ) v
    ), '[]')),
    'category', json_build_object(
        'title', c.title,
        'handle', c.handle,
        'ancestors', coalesce((
            SELECT json_agg(json_build_object('title', a.title, 'handle', a.handle) ORDER BY a.path)
            FROM catalog_category a
            WHERE a.path = ANY(ARRAY(SELECT left(c.path, size) FROM generate_series(4, length(c.path) - 4, 4) AS size))
        ), '[]')
    )
))::text
FROM catalog_product p
JOIN catalog_category c ON c.id = p.category_id AND c.is_listed
JOIN catalog_offer offer ON offer.product_id = p.id AND offer.price_list_id = %(price_list)s
LEFT JOIN catalog_brand brand ON brand.id = p.brand_id
CROSS JOIN LATERAL ({NAMES}) o
WHERE p.handle = %(handle)s AND p.status = 'ACTIVE'
"""  # noqa: S608


def _navigation(columns: str, joined: str, before: str = "") -> str:
    """Three levels of the tree from one scan, folded up from the lowest; `columns` go into each category."""

    def level(depth: int, folded: str) -> str:
        return f"""
        SELECT left(c.path, -4) AS parent,
               json_agg(json_build_object(
                   'title', c.title, 'handle', c.handle {columns} {folded}
               ) ORDER BY c.path) AS nodes
        FROM catalog_category c {joined} {{}}
        WHERE c.depth = {depth} AND c.is_listed
        GROUP BY 1
        """  # noqa: S608

    children = ", 'children', coalesce(below.nodes, '[]')"
    return f"""
    WITH {before}
    third AS ({level(3, "").format("")}),
    second AS ({level(2, children).format("LEFT JOIN third below ON below.parent = c.path")}),
    roots AS (SELECT path FROM catalog_category WHERE depth = 1 AND is_listed ORDER BY path LIMIT 50),
    first AS ({level(1, children).format("JOIN roots USING (path) LEFT JOIN second below ON below.parent = c.path")})
    SELECT json_build_object('categories', json_build_object(
        'nodes', coalesce((SELECT nodes FROM first), '[]')
    ))::text
    """  # noqa: S608


_NAV = _navigation("", "")

_NAVFACTS = _navigation(
    f""", 'facts', json_build_object(
        'productCount', coalesce(f.products, 0), 'inStockCount', coalesce(f.in_stock, 0),
        'priceMin', {priced_or_null("f.low", "f.products > 0")},
        'priceMax', {priced_or_null("f.high", "f.products > 0")}
    )""",
    "LEFT JOIN counted f USING (path)",
    """
    counted AS (
        SELECT left(d.path, size) AS path, sum(f.product_count) AS products, sum(f.in_stock_count) AS in_stock,
               min(f.price_min) AS low, max(f.price_max) AS high
        FROM catalog_categoryfacts f
        JOIN catalog_category d ON d.id = f.category_id AND d.is_listed
        JOIN (VALUES (4), (8), (12)) AS level(size) ON length(d.path) >= size
        WHERE f.price_list_id = %(price_list)s AND f.product_count > 0
        GROUP BY 1
    ),
    """,
)

_FACTS = f"""
SELECT json_build_object('category', json_build_object('title', c.title, 'facts', json_build_object(
    'productCount', coalesce(f.products, 0),
    'inStockCount', coalesce(f.in_stock, 0),
    'onSaleCount', coalesce(f.on_sale, 0),
    'priceMin', {priced_or_null("f.low", "f.products > 0")},
    'priceMax', {priced_or_null("f.high", "f.products > 0")},
    'priceAverage', {priced_or_null("f.total / f.products", "f.products > 0")}
)))::text
FROM catalog_category c
CROSS JOIN LATERAL (
    SELECT sum(f.product_count) AS products, sum(f.in_stock_count) AS in_stock, sum(f.on_sale_count) AS on_sale,
           sum(f.price_sum) AS total, min(f.price_min) AS low, max(f.price_max) AS high
    FROM catalog_category d JOIN catalog_categoryfacts f ON f.category_id = d.id AND f.price_list_id = %(price_list)s
    WHERE {BELOW}
) f
WHERE c.handle = %(handle)s AND c.is_listed
"""  # noqa: S608

_HISTOGRAM = f"""
WITH stored AS MATERIALIZED (
    SELECT c.title, f.product_count, f.price_min, f.price_max, f.histogram
    FROM catalog_category c
    JOIN catalog_category d ON {BELOW}
    LEFT JOIN catalog_categoryfacts f
           ON f.category_id = d.id AND f.price_list_id = %(price_list)s AND f.product_count > 0
    WHERE c.handle = %(handle)s AND c.is_listed
),
whole AS (
    SELECT max(title) AS title, coalesce(sum(product_count), 0) AS products,
           min(price_min) AS low, max(price_max) AS high
    FROM stored
),
bucket AS (
    SELECT number, sum(products) AS products, sum(sum(products)) OVER (ORDER BY number) AS reached,
           coalesce(({_BOUNDARIES})[number - 1], 0) AS low, ({_BOUNDARIES})[number] AS high
    FROM stored CROSS JOIN LATERAL unnest(histogram) WITH ORDINALITY AS bucket(products, number)
    WHERE products > 0
    GROUP BY number
),
middle AS (
    SELECT b.products, b.reached, greatest(b.low, whole.low) AS low, least(b.high, whole.high) AS high
    FROM bucket b CROSS JOIN whole
    WHERE b.reached >= whole.products / 2.0
    ORDER BY b.number LIMIT 1
)
SELECT json_build_object('category', json_build_object('title', whole.title, 'facts', json_build_object(
    'productCount', whole.products,
    'priceMedian', (
        SELECT {priced("m.low + (m.high - m.low) * (whole.products / 2.0 - (m.reached - m.products)) / m.products")}
        FROM middle m
    ),
    'histogram', coalesce((
        SELECT json_agg(json_build_object(
            'min', {priced("b.low")},
            'max', {priced_or_null("b.high", "b.high IS NOT NULL")},
            'productCount', b.products
        ) ORDER BY b.number)
        FROM bucket b
    ), '[]')
)))::text
FROM whole WHERE whole.title IS NOT NULL
"""  # noqa: S608

STATEMENTS = {
    "PLP": _PLP,
    "FILTERED": FILTERED,
    "SEARCH": SEARCH,
    "PDP": _PDP,
    "NAV": _NAV,
    "NAVFACTS": _NAVFACTS,
    "FACTS": _FACTS,
    "HISTOGRAM": _HISTOGRAM,
}


# What a page may be asked without.
_ABSENT = dict.fromkeys(("sold", "pk", "available", "low", "high"))


def floor(request: HttpRequest, name: str) -> HttpResponse:
    """The page's data, with the variables in the query string; null ones are left out."""
    variables: dict[str, Any] = {**_ABSENT, **request.GET.dict()}
    variables["currency"] = settings.SHOP_CURRENCY
    variables["price_list"] = money.number(settings.SHOP_CURRENCY)
    variables["media"] = f"{settings.SHOP_URL}{settings.MEDIA_URL}"
    variables["placeholder"] = f"{settings.SHOP_URL}{settings.STATIC_URL}schema/placeholder.svg"
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS[name], variables)
        [(data,)] = cursor.fetchall()
    return HttpResponse(data, content_type="application/json")


def smallest(request: HttpRequest) -> HttpResponse:
    """The smallest view Django can have: what the smallest query answers, without a look at the request."""
    return HttpResponse(b'{"__typename":"Query"}', content_type="application/json")
