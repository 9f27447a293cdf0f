"""Prices of bundles that cost what their parts cost: real prices, written in the transaction that changes a part's.

So no other part of the shop needs to know of them. Whoever changes a price refreshes the facts of its product, and
`facts.refresh` comes here first.
"""

from collections.abc import Sequence

from django.db import connection


def follow(product_ids: Sequence[int]) -> set[int]:
    """Make the prices of bundles right that have parts among these products, and answer the bundles' own products.

    Bundles are locked where a price must change, by id, and priced in a later statement: of two who change the prices
    of two parts, the second then sees what the first has made of them.
    """
    ids = list(product_ids)
    with connection.cursor() as cursor:
        # First which, then what they should cost: as one statement, which of many products have bundles is sought for
        # each variant of the shop anew where its tables were just filled and PostgreSQL takes them for small.
        cursor.execute(_CONCERNED, [ids, ids])
        concerned = [bundle_id for (bundle_id,) in cursor.fetchall()]
        if not concerned:
            return set()
        cursor.execute(_TOUCHED, [concerned])
        touched = cursor.fetchall()
        wrong = sorted(bundle_id for _, bundle_id, is_wrong in touched if is_wrong)
        if wrong:
            cursor.execute(_LOCK, [wrong])
            cursor.execute(_PRICE, [wrong, wrong])
    return {product_id for product_id, _, _ in touched}


def differences() -> list[str]:
    """Every bundle that does not cost the sum of its parts, although it is to."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG)
        return [f"bundle {sku} does not cost what its parts cost" for (sku,) in cursor.fetchall()]


# What bundles should cost: by each list that prices a part of them, if that list and its base price all of them. What a
# list does not price costs what it costs by its base, for bundles as for all else. Quantities within a bundle buy no
# cheaper. A part that was deleted leaves the price as it was, for the bundle is not for sale then.
_TRUE = """
SELECT part.bundle_id AS variant_id, list.id AS price_list_id, sum(part.quantity * price.amount) AS amount,
       CASE WHEN bool_or(price.compare_at > price.amount)
            THEN sum(part.quantity * greatest(price.compare_at, price.amount)) END AS compare_at
FROM catalog_bundlepart part
JOIN catalog_pricelist list ON EXISTS (
    SELECT 1 FROM catalog_bundlepart any_part
    JOIN catalog_price own ON own.variant_id = any_part.part_id AND own.price_list_id = list.id AND own.min_quantity = 1
    WHERE any_part.bundle_id = part.bundle_id
)
CROSS JOIN LATERAL (
    SELECT amount, compare_at FROM catalog_price
    WHERE variant_id = part.part_id AND min_quantity = 1 AND price_list_id IN (list.id, list.base_id)
    ORDER BY price_list_id = list.id DESC
    LIMIT 1
) price
WHERE part.bundle_id = {bundle}
GROUP BY part.bundle_id, list.id
HAVING count(*) = (SELECT count(*) FROM catalog_bundlepart every WHERE every.bundle_id = part.bundle_id)
"""

_HAS_WRONG_PRICE = f"""
(bundle.bundle_pricing = 'SUM'
 AND NOT EXISTS (SELECT 1 FROM catalog_bundlepart part WHERE part.bundle_id = bundle.id AND part.part_id IS NULL)
 AND EXISTS (
    SELECT 1 FROM ({_TRUE.format(bundle="bundle.id")}) found
    FULL JOIN (
        SELECT price_list_id, amount, compare_at FROM catalog_price WHERE variant_id = bundle.id AND min_quantity = 1
    ) stored USING (price_list_id)
    WHERE (found.amount, found.compare_at) IS DISTINCT FROM (stored.amount, stored.compare_at)
))
"""  # noqa: S608  (here as below, only constants of this module are put together)

_CONCERNED = """
SELECT part.bundle_id FROM catalog_bundlepart part
JOIN catalog_productvariant piece ON piece.id = part.part_id
WHERE piece.product_id = ANY(%s)
UNION
SELECT id FROM catalog_productvariant WHERE product_id = ANY(%s) AND bundle_pricing = 'SUM'
"""

_TOUCHED = f"""
SELECT bundle.product_id, bundle.id, {_HAS_WRONG_PRICE}
FROM catalog_productvariant bundle WHERE bundle.id = ANY(%s)
"""  # noqa: S608

_LOCK = "SELECT 1 FROM catalog_productvariant WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"

_PRICE = f"""
WITH found AS ({_TRUE.format(bundle="ANY(%s)")}),
gone AS (
    DELETE FROM catalog_price price
    WHERE price.variant_id = ANY(%s) AND price.min_quantity = 1 AND NOT EXISTS (
        SELECT 1 FROM found
        WHERE found.variant_id = price.variant_id AND found.price_list_id = price.price_list_id
    )
)
INSERT INTO catalog_price AS price (variant_id, price_list_id, min_quantity, amount, compare_at)
SELECT variant_id, price_list_id, 1, amount, compare_at FROM found ORDER BY variant_id, price_list_id
ON CONFLICT (variant_id, price_list_id, min_quantity)
DO UPDATE SET amount = excluded.amount, compare_at = excluded.compare_at
WHERE (price.amount, price.compare_at) IS DISTINCT FROM (excluded.amount, excluded.compare_at)
"""  # noqa: S608

_WRONG = f"""
SELECT bundle.sku FROM catalog_productvariant bundle WHERE {_HAS_WRONG_PRICE} ORDER BY bundle.id
"""  # noqa: S608
