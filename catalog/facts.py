"""Price facts, exact at commit: what each product offers, and what the products placed in each category add up to.

Two tables are derived here and nowhere else. `Offer` is a product by one price list; `CategoryFacts` counts the
published offers of a list placed directly in a category. Every list has both, in effect or not, so that it may come
into effect or end without a row of them being written. Whoever changes a price, a product's status or category, or lets
stock come or go calls `refresh` in the same transaction, last: offers are locked by product id, then facts by category
id, so that two writers wait for each other only where they touch the same product or category, and never in a circle.

A subtree is never stored: its facts are the sum of its categories' rows, found by one range of the materialized path.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from catalog import alerts, bands, bundle_prices
from catalog.models.stock import IN_STOCK
from shop import prepared
from shop.money import Money
from shop.prepared import Bound

# Prices in the units of the currency at which a new bucket of the histogram begins; the first bucket begins at zero.
BOUNDARIES: tuple[Decimal, ...] = (
    *(Decimal(step) * 10**decade for decade in range(6) for step in ("1", "1.5", "2", "3", "4", "5", "7.5")),
    Decimal(10**6),
)


class Facts(NamedTuple):
    """Of the products a shopper may see in a subtree, each with the price of its cheapest variant."""

    category_id: int
    price_list_id: int
    currency: str
    product_count: int = 0
    in_stock_count: int = 0
    on_sale_count: int = 0
    price_sum: Decimal = Decimal(0)
    price_min: Decimal | None = None
    price_max: Decimal | None = None

    @property
    def price_average(self) -> Money | None:
        """The mean, rounded once, half away from zero, to the currency's exponent."""
        if not self.product_count:
            return None
        return Money.rounded(self.price_sum / self.product_count, self.currency)


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many products cost at least `low` and less than `high`; the last bucket has no end."""

    low: Decimal
    high: Decimal | None
    product_count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """How the prices of a subtree are spread: its facts, and the buckets that hold a product, cheapest first."""

    facts: Facts
    buckets: Sequence[Bucket]

    @property
    def median(self) -> Money | None:
        """The median price: exact to the bucket, and within it as if prices were spread evenly."""
        low, high = self.facts.price_min, self.facts.price_max
        if low is None or high is None:
            return None
        half, below = Decimal(self.facts.product_count) / 2, 0
        for bucket in self.buckets:
            if below + bucket.product_count >= half:
                low = max(bucket.low, low)
                high = high if bucket.high is None else min(bucket.high, high)
                return Money.rounded(low + (high - low) * (half - below) / bucket.product_count, self.facts.currency)
            below += bucket.product_count
        return None


def subtrees(category_ids: Collection[int], price_list_id: int, currency: str) -> dict[int, Facts]:
    """The facts of each category's subtree in one statement; inactive branches inside count nothing."""
    found = prepared.rows([Bound(_SUBTREES, [price_list_id, list(category_ids)])])
    return {row[0]: Facts(row[0], price_list_id, currency, *row[1:]) for row in found}


def histograms(category_ids: Collection[int], price_list_id: int) -> dict[int, list[Bucket]]:
    """For each category's subtree the buckets that hold a product, cheapest first, in one statement."""
    found: dict[int, list[Bucket]] = {category_id: [] for category_id in category_ids}
    for category_id, index, count in prepared.rows([Bound(_HISTOGRAMS, [price_list_id, list(category_ids)])]):
        low = BOUNDARIES[index - 1] if index else Decimal(0)
        high = BOUNDARIES[index] if index < len(BOUNDARIES) else None
        found[category_id].append(Bucket(low, high, count))
    return found


@contextmanager
def gathered() -> Iterator[None]:
    """Gather every `refresh` inside into one at the end.

    For commands of several steps that each refresh: facts locked by an early step, and then the offers of a later one,
    would be the circle that the order of locks rules out. Nested, the outermost refreshes.
    """
    if _gathering.get() is not None:
        yield
        return
    gathering: set[int] = set()
    token = _gathering.set(gathering)
    try:
        yield
    finally:
        _gathering.reset(token)
    refresh(gathering)


def refresh(product_ids: Iterable[int]) -> None:
    """Make offers and category facts true again after these products changed, and tell who waited for it.

    Call inside the transaction that changed them, after its last change. Costs a handful of statements whatever the
    number of products, and counts only categories where something a shopper sees did change. Bundles with parts among
    these products change with them.
    """
    gathering = _gathering.get()
    if gathering is not None:
        gathering.update(product_ids)
        return
    ids = sorted(set(product_ids))
    if not ids:
        return
    ids = sorted(bundle_prices.follow(ids).union(ids))
    # Planned anew each time: a plan that is kept is one for few products, and an import brings thousands.
    with connection.cursor() as cursor:
        # A first price by a list has no offer to lock yet: whoever inserts it first makes the others wait.
        cursor.execute(_ENSURE_OFFERS, [ids])
        cursor.execute(_LOCK_OFFERS, [ids])
        cursor.execute(_REFRESH_OFFERS, [ids, ids])
        changed = sorted(cursor.fetchall())
    pairs = [(category_id, price_list_id) for category_id, price_list_id, _ in changed]
    if any(more_than_stock for *_, more_than_stock in changed):
        recount(pairs)
    else:
        _recount(pairs, _RECOUNT_STOCK)
    alerts.announce(ids)


def recount(pairs: Sequence[tuple[int, int]]) -> None:
    """Count the facts of these (category id, price list id) pairs anew from offers, under lock, in order."""
    _recount(pairs, _RECOUNT)


def _recount(pairs: Sequence[tuple[int, int]], statement: str) -> None:
    if not pairs:
        return
    categories, price_lists = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    with connection.cursor() as cursor:
        cursor.execute(_ENSURE_FACTS, [categories, price_lists])
        # Lock first, count in a later statement: its snapshot then holds all that earlier owners of the lock committed.
        cursor.execute(_LOCK_FACTS, [categories, price_lists])
        cursor.execute(statement, [categories, price_lists])


def differences() -> list[str]:
    """Every offer and every category's facts that a recount from prices and stock would write otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG_OFFERS)
        wrong = [f"offer of product {product} in {title} differs" for product, title in cursor.fetchall()]
        cursor.execute(_WRONG_FACTS)
        wrong += [f"facts of category {category} in {title} differ" for category, title in cursor.fetchall()]
    return wrong


_gathering: ContextVar[set[int] | None] = ContextVar("gathering", default=None)

# Paths hold 0-9 and A-Z and are compared byte by byte, so everything below a node lies from its path up to "path[".
_BELOW = "d.path >= c.path AND d.path < c.path || '['"

_SUBTREES = f"""
SELECT c.id,
       coalesce(sum(f.product_count), 0), coalesce(sum(f.in_stock_count), 0), coalesce(sum(f.on_sale_count), 0),
       coalesce(sum(f.price_sum), 0), min(f.price_min), max(f.price_max)
FROM catalog_category c
LEFT JOIN catalog_category d ON {_BELOW} AND d.is_listed
LEFT JOIN catalog_categoryfacts f ON f.category_id = d.id AND f.price_list_id = %s
WHERE c.id = ANY(%s)
GROUP BY c.id
"""  # noqa: S608  (the interpolated text is a constant of this module)

_HISTOGRAMS = f"""
SELECT c.id, bucket.number - 1, sum(bucket.products)
FROM catalog_category c
JOIN catalog_category d ON {_BELOW} AND d.is_listed
JOIN catalog_categoryfacts f ON f.category_id = d.id AND f.price_list_id = %s AND f.product_count > 0
CROSS JOIN LATERAL unnest(f.histogram) WITH ORDINALITY AS bucket(products, number)
WHERE c.id = ANY(%s) AND bucket.products > 0
GROUP BY c.id, bucket.number
ORDER BY c.id, bucket.number
"""  # noqa: S608

# Who makes a list holds this alone: it waits for all who did not see the list, and whoever comes later sees it. The two
# statements are sent as one, yet each sees what was committed before it begins.
LISTS = 20_251_125

_ENSURE_OFFERS = f"""
SELECT pg_advisory_xact_lock_shared({LISTS});
INSERT INTO catalog_offer
       (product_id, price_list_id, category_id, is_published, is_in_stock, is_on_sale, price_min, price_max, ranges)
SELECT DISTINCT p.id, list.id, p.category_id, false, false, false, 0, 0, 0
FROM catalog_product p
JOIN catalog_productvariant v ON v.product_id = p.id
JOIN catalog_price price ON price.variant_id = v.id AND price.min_quantity = 1
JOIN catalog_pricelist list ON price.price_list_id IN (list.id, list.base_id)
WHERE p.id = ANY(%s)
ORDER BY p.id, list.id
ON CONFLICT DO NOTHING
"""  # noqa: S608

_LOCK_OFFERS = """
SELECT 1 FROM catalog_offer WHERE product_id = ANY(%s) ORDER BY product_id, price_list_id FOR UPDATE
"""

_STEPS = f"ARRAY[{', '.join(f'{step:f}' for step in bands.STEPS)}]::numeric[]"

# What the offers should say, from prices and stock alone. A list that has a base sells what it does not price at the
# price of the base.
_TRUE_OFFERS = f"""
WITH goods AS (
    SELECT p.id AS product_id, p.category_id, p.status = 'ACTIVE' AS is_published, v.id AS variant_id,
           {IN_STOCK.format(variant="v.id")} AS is_in_stock
    FROM catalog_product p
    JOIN catalog_productvariant v ON v.product_id = p.id
    {{where}}
),
entry AS (
    SELECT goods.*, price.price_list_id, price.amount, price.compare_at
    FROM goods JOIN catalog_price price ON price.variant_id = goods.variant_id AND price.min_quantity = 1
)
SELECT product_id, price_list_id, category_id, is_published, bool_or(is_in_stock) AS is_in_stock,
       coalesce(bool_or(compare_at > amount), false) AS is_on_sale, min(amount) AS price_min, max(amount) AS price_max,
       bit_or(1::bigint << width_bucket(amount, {_STEPS})) AS ranges
FROM (
    TABLE entry
    UNION ALL
    SELECT e.product_id, e.category_id, e.is_published, e.variant_id, e.is_in_stock, list.id, e.amount, e.compare_at
    FROM entry e JOIN catalog_pricelist list ON list.base_id = e.price_list_id
    WHERE NOT EXISTS (
        SELECT 1 FROM catalog_price own
        WHERE own.variant_id = e.variant_id AND own.price_list_id = list.id AND own.min_quantity = 1
    )
) priced
GROUP BY product_id, price_list_id, category_id, is_published
"""  # noqa: S608

_REFRESH_OFFERS = f"""
WITH found AS ({_TRUE_OFFERS.format(where="WHERE p.id = ANY(%s)")}),
before AS (SELECT * FROM catalog_offer WHERE product_id = ANY(%s)),
gone AS (
    DELETE FROM catalog_offer o USING before
    WHERE o.id = before.id AND NOT EXISTS (
        SELECT 1 FROM found WHERE found.product_id = before.product_id AND found.price_list_id = before.price_list_id
    )
    RETURNING o.category_id, o.price_list_id, true AS more_than_stock
),
changed AS (
    UPDATE catalog_offer o
    SET category_id = found.category_id, is_published = found.is_published, is_in_stock = found.is_in_stock,
        is_on_sale = found.is_on_sale, price_min = found.price_min, price_max = found.price_max, ranges = found.ranges
    FROM found JOIN before ON before.product_id = found.product_id AND before.price_list_id = found.price_list_id
    WHERE o.id = before.id
      AND (before.category_id, before.is_published, before.is_in_stock, before.is_on_sale,
           before.price_min, before.price_max, before.ranges)
          IS DISTINCT FROM
          (found.category_id, found.is_published, found.is_in_stock, found.is_on_sale,
           found.price_min, found.price_max, found.ranges)
    RETURNING before.category_id AS old_category_id, o.category_id, o.price_list_id,
              (before.category_id, before.is_published, before.is_on_sale, before.price_min, before.price_max)
              IS DISTINCT FROM (o.category_id, o.is_published, o.is_on_sale, o.price_min, o.price_max)
              AS more_than_stock
)
SELECT category_id, price_list_id, bool_or(more_than_stock)
FROM (
    SELECT category_id, price_list_id, more_than_stock FROM gone
    UNION ALL SELECT category_id, price_list_id, more_than_stock FROM changed
    UNION ALL SELECT old_category_id, price_list_id, more_than_stock FROM changed
) touched
GROUP BY category_id, price_list_id
"""  # noqa: S608

_ENSURE_FACTS = """
INSERT INTO catalog_categoryfacts
       (category_id, price_list_id, product_count, in_stock_count, on_sale_count, price_sum, histogram)
SELECT pair.category_id, pair.price_list_id, 0, 0, 0, 0, '{}'
FROM unnest(%s::bigint[], %s::bigint[]) AS pair(category_id, price_list_id)
ORDER BY 1, 2
ON CONFLICT DO NOTHING
"""

_LOCK_FACTS = """
SELECT 1 FROM catalog_categoryfacts f
JOIN unnest(%s::bigint[], %s::bigint[]) AS pair(category_id, price_list_id)
  ON f.category_id = pair.category_id AND f.price_list_id = pair.price_list_id
ORDER BY f.category_id, f.price_list_id FOR UPDATE OF f
"""

_BOUNDARIES = f"ARRAY[{', '.join(str(boundary) for boundary in BOUNDARIES)}]::numeric[]"

# The facts of the offers placed directly in each pair of (category, price_list_id).
_TRUE_FACTS = f"""
SELECT pair.category_id, pair.price_list_id, counted.*, spread.histogram
FROM pair
CROSS JOIN LATERAL (
    SELECT count(*) AS product_count, count(*) FILTER (WHERE o.is_in_stock) AS in_stock_count,
           count(*) FILTER (WHERE o.is_on_sale) AS on_sale_count, coalesce(sum(o.price_min), 0) AS price_sum,
           min(o.price_min) AS price_min, max(o.price_min) AS price_max
    FROM catalog_offer o
    WHERE o.is_published AND o.category_id = pair.category_id AND o.price_list_id = pair.price_list_id
) counted
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(coalesce(filled.products, 0) ORDER BY number), '{{}}')::int[] AS histogram
    FROM generate_series(0, {len(BOUNDARIES)}) AS number
    LEFT JOIN (
        SELECT width_bucket(o.price_min, {_BOUNDARIES}) AS number, count(*) AS products
        FROM catalog_offer o
        WHERE o.is_published AND o.category_id = pair.category_id AND o.price_list_id = pair.price_list_id
        GROUP BY 1
    ) filled USING (number)
    WHERE counted.product_count > 0
) spread
"""  # noqa: S608

_RECOUNT = f"""
WITH pair AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS pair(category_id, price_list_id)),
found AS ({_TRUE_FACTS})
UPDATE catalog_categoryfacts f
SET product_count = found.product_count, in_stock_count = found.in_stock_count, on_sale_count = found.on_sale_count,
    price_sum = found.price_sum, price_min = found.price_min, price_max = found.price_max,
    histogram = found.histogram
FROM found
WHERE f.category_id = found.category_id AND f.price_list_id = found.price_list_id
"""  # noqa: S608

# Where products only ran out or came back, which happens far more often than any other change: without their prices.
_RECOUNT_STOCK = """
UPDATE catalog_categoryfacts f
SET in_stock_count = (
    SELECT count(*) FROM catalog_offer o
    WHERE o.is_published AND o.is_in_stock AND o.category_id = f.category_id AND o.price_list_id = f.price_list_id
)
FROM unnest(%s::bigint[], %s::bigint[]) AS pair(category_id, price_list_id)
WHERE f.category_id = pair.category_id AND f.price_list_id = pair.price_list_id
"""

_WRONG_OFFERS = f"""
WITH found AS ({_TRUE_OFFERS.format(where="")}),
stored AS (
    SELECT product_id, price_list_id, category_id, is_published, is_in_stock, is_on_sale, price_min, price_max, ranges
    FROM catalog_offer
)
SELECT wrong.product_id, list.title
FROM (
    SELECT product_id, price_list_id FROM (TABLE found EXCEPT TABLE stored) missing
    UNION SELECT product_id, price_list_id FROM (TABLE stored EXCEPT TABLE found) surplus
) wrong JOIN catalog_pricelist list ON list.id = wrong.price_list_id
ORDER BY 1, 2
"""  # noqa: S608

_WRONG_FACTS = f"""
WITH pair AS (
    SELECT category_id, price_list_id FROM catalog_offer WHERE is_published
    UNION SELECT category_id, price_list_id FROM catalog_categoryfacts
),
found AS ({_TRUE_FACTS}),
stored AS (
    SELECT category_id, price_list_id, product_count, in_stock_count, on_sale_count, price_sum, price_min, price_max,
           histogram
    FROM catalog_categoryfacts
)
SELECT found.category_id, list.title
FROM found JOIN catalog_pricelist list ON list.id = found.price_list_id
LEFT JOIN stored USING (category_id, price_list_id)
WHERE (found.product_count, found.in_stock_count, found.on_sale_count, found.price_sum, found.price_min,
       found.price_max, found.histogram)
      IS DISTINCT FROM
      (coalesce(stored.product_count, 0), coalesce(stored.in_stock_count, 0), coalesce(stored.on_sale_count, 0),
       coalesce(stored.price_sum, 0), stored.price_min, stored.price_max, coalesce(stored.histogram, '{{}}'))
ORDER BY 1, 2
"""  # noqa: S608
