"""Low stock: which variants have few units free, kept in step with every change, so that staff are told of each once.

A variant is low while no more units of it are free than its threshold, or the shop's, allows. It becomes so or recovers
in the transaction of the change, whose caller has locked the variant's levels.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models.functions import Coalesce

from catalog.models import LowStock
from shop import clock, outbox, paging, prepared
from shop.paging import Page, PageRequest
from shop.prepared import Bound

_NEWEST_FIRST = paging.Order("SINCE", "since", descending=True, parse=datetime.fromisoformat)


@dataclass(frozen=True, slots=True)
class LowRow:
    """That few units of a variant are free, and since when; the threshold is null where the shop no longer has one."""

    variant_id: int
    since: datetime
    threshold: int | None


def page(request: PageRequest) -> Page[LowRow]:
    """A page of the variants that are low, the latest first. Raises InvalidPage."""
    threshold = Coalesce("variant__low_stock_threshold", settings.LOW_STOCK_THRESHOLD)
    found = LowStock.objects.annotate(threshold=threshold)

    return paging.page(
        found,
        _NEWEST_FIRST,
        request,
        lambda rows: [LowRow(*row) for row in rows.values_list("pk", "since", "threshold")],
        lambda row: (row.since, row.variant_id),
    )


def judge(variant_ids: Collection[int]) -> None:
    """Find out anew which of these variants are low, and announce those that became so.

    Call inside a transaction that has locked their levels.
    """
    values = [list(variant_ids), settings.LOW_STOCK_THRESHOLD, clock.now()]
    announce([variant_id for (variant_id,) in prepared.rows([Bound(_JUDGE, values)])])


def announce(variant_ids: Sequence[int]) -> None:
    """Have staff told of variants that became low, if there are any."""
    if variant_ids:
        outbox.publish("stock.low", variant_ids=list(variant_ids))


def take_untold() -> list[int]:
    """The variants that are low and that nobody was told of; from now on somebody was."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_lowstock SET is_told = true WHERE NOT is_told RETURNING variant_id")
        return sorted(variant_id for (variant_id,) in cursor.fetchall())


def misjudged() -> list[int]:
    """The variants that are low and not marked so, or the other way round."""
    with connection.cursor() as cursor:
        cursor.execute(_MISJUDGED, [settings.LOW_STOCK_THRESHOLD])
        return [variant_id for (variant_id,) in cursor.fetchall()]


def differences() -> list[str]:
    """Every variant that is low and not marked so, or the other way round."""
    return [
        f"variant {variant_id} is low on stock and not marked so, or marked and not low" for variant_id in misjudged()
    ]


# What follows `WITH counted(variant_id, before, after) AS (…),`, the units of each variant that were free and are: it
# marks what became low, forgets what recovered, and has what staff are to be told of in `fallen`. What comes in for the
# first time may be few as well, but nobody needs to be told so.
JUDGEMENT = """
judged AS (
    SELECT counted.*, coalesce(after <= coalesce(v.low_stock_threshold, %s::int), false) AS is_low
    FROM counted JOIN catalog_productvariant v ON v.id = counted.variant_id
),
recovered AS (
    DELETE FROM catalog_lowstock low USING judged WHERE low.variant_id = judged.variant_id AND NOT is_low
),
fallen AS (
    INSERT INTO catalog_lowstock (variant_id, since, is_told)
    SELECT variant_id, %s::timestamptz, coalesce(after >= before, false) FROM judged WHERE is_low ORDER BY variant_id
    ON CONFLICT (variant_id) DO NOTHING
    RETURNING variant_id, is_told
)
"""

_COUNT = """
SELECT level.variant_id, NULL::bigint AS before, coalesce(sum(greatest(
           level.on_hand - level.reserved - level.safety_stock + level.backorder_limit, 0
       )) FILTER (WHERE location.is_active), 0) AS after
FROM catalog_stocklevel level JOIN catalog_stocklocation location ON location.id = level.location_id
"""

_JUDGE = f"""
WITH counted AS ({_COUNT} WHERE level.variant_id = ANY(%s) GROUP BY 1),
{JUDGEMENT}
SELECT variant_id FROM fallen WHERE NOT is_told ORDER BY variant_id
"""  # noqa: S608  (here as below, constants of our own)

_MISJUDGED = f"""
WITH counted AS ({_COUNT} GROUP BY 1)
SELECT v.id
FROM catalog_productvariant v
LEFT JOIN counted ON counted.variant_id = v.id
LEFT JOIN catalog_lowstock low ON low.variant_id = v.id
WHERE coalesce(counted.after <= coalesce(v.low_stock_threshold, %s::int), false) <> (low.variant_id IS NOT NULL)
ORDER BY 1
"""  # noqa: S608  (constants of our own)
