"""What several floors say alike, in SQL: prices, stock, and the card of a product in a list."""

# Paths are compared byte by byte, so all that stands below a category lies from its path up to "path[".
BELOW = "d.path >= c.path AND d.path < c.path || '[' AND d.is_listed"
PICTURE = "CASE WHEN {0}.src ~ '^https?://' THEN {0}.src ELSE %(media)s || {0}.src END"
_FREE_OF = """
coalesce((
    SELECT sum(greatest(level.on_hand - level.reserved - level.safety_stock + level.backorder_limit, 0))
    FROM catalog_stocklevel level JOIN catalog_stocklocation place ON place.id = level.location_id AND place.is_active
    WHERE level.variant_id = {}
), 0)
"""
FREE = f"""
CASE WHEN v.bundle_pricing = '' THEN {_FREE_OF.format("v.id")} ELSE coalesce((
    SELECT min(CASE WHEN made.status = 'ARCHIVED' THEN 0 ELSE {_FREE_OF.format("part.part_id")} / part.quantity END)
    FROM catalog_bundlepart part
    LEFT JOIN catalog_productvariant piece ON piece.id = part.part_id
    LEFT JOIN catalog_product made ON made.id = piece.product_id
    WHERE part.bundle_id = v.id
), 0) END
"""  # noqa: S608  (here as below, only constants of the benchmark are put together)


def priced(amount: str) -> str:
    return f"json_build_object('amount', round({amount}, 2)::text, 'currencyCode', %(currency)s::text)"


def priced_or_null(amount: str, condition: str) -> str:
    return f"CASE WHEN {condition} THEN {priced(amount)} END"


CHOICES = """
CASE WHEN o.names IS NULL THEN '[{"name": "Title", "value": "Default Title"}]'::json ELSE (
    SELECT json_agg(json_build_object('name', choice.name, 'value', choice.value))
    FROM unnest(o.names, v.option_values) AS choice(name, value)
) END
"""
NAMES = "SELECT array_agg(name ORDER BY position) AS names FROM catalog_productoption WHERE product_id = p.id"

# A product `p` of a list, with its offer's columns and what `PICTURED` joins.
CARD = f"""
'title', p.title,
'handle', p.handle,
'vendor', coalesce(brand.name, ''),
'availableForSale', p.is_in_stock,
'featuredImage', json_build_object(
    'url', CASE WHEN i.id IS NULL THEN %(placeholder)s ELSE {PICTURE.format("i")} END,
    'altText', CASE WHEN i.id IS NULL THEN p.title ELSE nullif(i.alt, '') END
),
'priceRange', json_build_object(
    'minVariantPrice', {priced("p.price_min")}, 'maxVariantPrice', {priced("p.price_max")}
)
"""
PICTURED = """
LEFT JOIN catalog_brand brand ON brand.id = p.brand_id
LEFT JOIN catalog_productimage i ON i.product_id = p.id AND i.position = 0
"""
# Its first ten variants, as `v.nodes`.
VARIANTS = f"""
CROSS JOIN LATERAL ({NAMES}) o
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object(
        'id', 'gid://shop/ProductVariant/' || v.id,
        'title', v.title,
        'availableForSale', v.free > 0,
        'price', {priced("v.amount")},
        'compareAtPrice', {priced_or_null("v.compare_at", "v.compare_at > v.amount")},
        'selectedOptions', {CHOICES}
    ) ORDER BY v.position, v.id), '[]') AS nodes
    FROM (
        SELECT v.id, v.title, v.position, v.option_values, price.amount, price.compare_at, {FREE} AS free
        FROM catalog_productvariant v
        JOIN catalog_price price
          ON price.variant_id = v.id AND price.price_list_id = %(price_list)s AND price.min_quantity = 1
        WHERE v.product_id = p.id
        ORDER BY v.position, v.id
        LIMIT 10
    ) v
) v
"""  # noqa: S608
