"""What the pages of the benchmark show: chosen by rule, the same on every run over the same catalog."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shop import money

Ask = Callable[..., Sequence[tuple[Any, ...]]]

WANTED_PRODUCTS = 2000
WANTED_VARIANTS = 15
PAGE_SIZE = 24


@dataclass(frozen=True, slots=True)
class Goods:
    """What the pages show."""

    category: str
    cursors: Sequence[tuple[int, int]]
    products: Sequence[str]
    largest_product: str
    largest_child: str
    variants: Sequence[int]
    ranges: Sequence[tuple[Decimal, Decimal]]
    words: Sequence[str]


def choose(ask: Ask, currency: str) -> Goods:
    """Goods for every page, the same on every run over the same catalog; `ask(statement, variables)` answers rows."""
    variables = {
        "price_list": money.number(currency),
        "products": WANTED_PRODUCTS,
        "variants": WANTED_VARIANTS,
        "size": PAGE_SIZE,
    }
    [(category, path)] = ask(_CATEGORY, variables)
    [(largest_product,)] = ask(_LARGEST_PRODUCT, variables)
    [(largest_child,)] = ask(_LARGEST_CHILD, variables)
    return Goods(
        category=category,
        cursors=[(sold, pk) for sold, pk in ask(_PAGE_ENDS, variables | {"path": path})],
        products=[handle for (handle,) in ask(_PRODUCTS, variables)],
        largest_product=largest_product,
        largest_child=largest_child,
        variants=[pk for (pk,) in ask(_VARIANTS, variables)],
        ranges=[(low, high) for low, high in ask(_RANGES, variables | {"path": path})],
        words=[word for (word,) in ask(_WORDS, variables)],
    )


_SUBTREES = """
SELECT c.id, c.handle, c.path, c.depth, sum(f.product_count) AS products
FROM catalog_category c
JOIN catalog_category d ON d.path >= c.path AND d.path < c.path || '[' AND d.is_listed
JOIN catalog_categoryfacts f ON f.category_id = d.id AND f.price_list_id = %(price_list)s
WHERE c.is_listed
GROUP BY c.id
"""

_CATEGORY = f"""
WITH subtree AS ({_SUBTREES})
SELECT handle, path FROM subtree ORDER BY abs(products - %(products)s), path LIMIT 1
"""  # noqa: S608  (constants of this module)

_LARGEST_CHILD = f"""
WITH subtree AS ({_SUBTREES}),
root AS (SELECT path FROM subtree WHERE depth = 1 ORDER BY products DESC, path LIMIT 1)
SELECT subtree.handle FROM subtree JOIN root ON subtree.path >= root.path AND subtree.path < root.path || '['
ORDER BY subtree.depth <> 2, products DESC, subtree.path LIMIT 1
"""  # noqa: S608

_SOLD = """
FROM catalog_product p
JOIN catalog_category c ON c.id = p.category_id AND c.is_listed
JOIN catalog_offer offer ON offer.product_id = p.id AND offer.price_list_id = %(price_list)s AND offer.is_published
"""

_PAGE_ENDS = f"""
SELECT sold_count, id FROM (
    SELECT p.sold_count, p.id, row_number() OVER (ORDER BY p.sold_count DESC, p.id DESC) AS number
    {_SOLD} WHERE c.path >= %(path)s AND c.path < %(path)s || '['
) listed
WHERE number %% %(size)s = 0 ORDER BY number LIMIT 100
"""  # noqa: S608

# Digests of names are as good as dice, and fall the same on every run.
_PRODUCTS = f"SELECT p.handle {_SOLD} ORDER BY md5(p.handle) LIMIT 200"

_LARGEST_PRODUCT = f"""
SELECT p.handle {_SOLD} JOIN catalog_productvariant v ON v.product_id = p.id
GROUP BY p.id ORDER BY abs(count(*) - %(variants)s), p.id LIMIT 1
"""

_VARIANTS = f"""
SELECT v.id {_SOLD}
JOIN catalog_productvariant v ON v.product_id = p.id
JOIN catalog_price price
  ON price.variant_id = v.id AND price.price_list_id = %(price_list)s AND price.min_quantity = 1 AND price.amount > 0
JOIN catalog_stocklevel level ON level.variant_id = v.id
JOIN catalog_stocklocation place ON place.id = level.location_id AND place.is_active
WHERE level.on_hand - level.reserved >= 20
ORDER BY md5(v.sku) LIMIT 4000
"""

# Six ranges of prices that each have about half of the products of the category.
_RANGES = f"""
SELECT ends[place], ends[place + 5]
FROM (
    SELECT percentile_disc(ARRAY[0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
           WITHIN GROUP (ORDER BY offer.price_min) AS ends
    {_SOLD} WHERE c.path >= %(path)s AND c.path < %(path)s || '['
) priced
CROSS JOIN generate_series(1, 6) AS place
"""  # noqa: S608

# Words that about three in a hundred products have.
_WORDS = f"""
SELECT word
FROM ts_stat('SELECT search FROM catalog_product') AS known
CROSS JOIN (SELECT 0.03 * count(*) AS wanted {_SOLD}) AS sold
WHERE word ~ '^[a-z]{{4,}}$'
ORDER BY abs(ndoc - wanted), word LIMIT 20
"""  # noqa: S608
