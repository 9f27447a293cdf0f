"""The ledger of stock, for staff: what changed, when and why, and how much there was at any moment."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from catalog.models import Category, MovementKind, ProductVariant, StockLocation, StockMovement
from shop import clock, paging
from shop.errors import InvalidInput, NotFound
from shop.paging import Page, PageRequest

_NEWEST_FIRST = paging.Order("CREATED_AT", "created_at", descending=True, parse=datetime.fromisoformat)
_BY_VARIANT = paging.Order("VARIANT", "pk")


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which movements are wanted: those of which all that is said here holds. `since` is included, `until` is not."""

    variant_id: int | None = None
    location_id: int | None = None
    kinds: Sequence[MovementKind] = ()
    reference: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """Units of a variant, as the ledger adds up to."""

    variant_id: int
    on_hand: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Worth:
    """Units at a location, in one part of the tree of categories, and what they cost; of some no cost is known."""

    location_id: int
    category_id: int
    quantity: int
    without_cost: int
    cost: Decimal


def movements(conditions: Conditions, request: PageRequest) -> Page[StockMovement]:
    """A page of the ledger, newest first. Raises InvalidPage, InvalidInput."""
    _ensure_offset(conditions.since, "since")
    _ensure_offset(conditions.until, "until")
    found = StockMovement.objects.select_related("actor")
    if conditions.variant_id is not None:
        found = found.filter(variant_id=conditions.variant_id)
    if conditions.location_id is not None:
        found = found.filter(location_id=conditions.location_id)
    if conditions.kinds:
        found = found.filter(kind__in=conditions.kinds)
    if conditions.reference is not None:
        found = found.filter(reference=conditions.reference)
    if conditions.since is not None:
        found = found.filter(created_at__gte=conditions.since)
    if conditions.until is not None:
        found = found.filter(created_at__lt=conditions.until)
    return paging.page(found, _NEWEST_FIRST, request, list, lambda row: (row.created_at, row.pk))


def counts_at(
    moment: datetime, request: PageRequest, *, variant_ids: Collection[int] | None, location_id: int | None
) -> Page[Count]:
    """What there was of each variant at `moment`, that moment included; only variants that had any movement by then.

    Raises InvalidPage, InvalidInput.
    """
    _ensure_offset(moment, "time")
    entries = StockMovement.objects.filter(created_at__lte=moment)
    if location_id is not None:
        entries = entries.filter(location_id=location_id)
    known = ProductVariant.objects.filter(Exists(entries.filter(variant_id=OuterRef("pk"))))
    if variant_ids is not None:
        known = known.filter(pk__in=variant_ids)

    def read(rows: QuerySet[ProductVariant]) -> list[Count]:
        summed = rows.annotate(on_hand=_sum(entries, "on_hand_delta"), reserved=_sum(entries, "reserved_delta"))
        return [Count(*row) for row in summed.values_list("pk", "on_hand", "reserved")]

    return paging.page(known, _BY_VARIANT, request, read, lambda count: (count.variant_id,))


def worth_at(moment: datetime | None, *, category_id: int | None, location_id: int | None) -> list[Worth]:
    """What was there at `moment`, or is now, that moment included, and what it cost on average by then.

    One row for each location and each part of the subtree of `category_id`, or of the whole tree: a category right
    below it, or itself for what is placed in none of these. Products count where they are placed now. Raises
    InvalidInput, NotFound.
    """
    _ensure_offset(moment, "at")
    root = ""
    if category_id is not None:
        found = Category.objects.filter(pk=category_id).values_list("path", flat=True).first()
        if found is None:
            raise NotFound("Category", field=("category_id",))
        root = found
    if location_id is not None and not StockLocation.objects.filter(pk=location_id).exists():
        raise NotFound("Location", field=("location_id",))
    at, part = moment or clock.now(), len(root) + Category.steplen
    with connection.cursor() as cursor:
        cursor.execute(_WORTH, {"at": at, "location": location_id, "root": root, "part": part})
        return [Worth(*row) for row in cursor.fetchall()]


_WORTH = """
WITH held AS (
    SELECT variant_id, location_id, sum(on_hand_delta) AS quantity
    FROM catalog_stockmovement
    WHERE created_at <= %(at)s AND (%(location)s::bigint IS NULL OR location_id = %(location)s)
    GROUP BY 1, 2 HAVING sum(on_hand_delta) <> 0
),
average AS (
    SELECT DISTINCT ON (variant_id) variant_id, average_cost
    FROM catalog_stockmovement
    WHERE average_cost IS NOT NULL AND created_at <= %(at)s
    ORDER BY variant_id, created_at DESC, id DESC
)
SELECT held.location_id, part.id, sum(quantity), coalesce(sum(quantity) FILTER (WHERE average_cost IS NULL), 0),
       coalesce(sum(quantity * average_cost), 0)
FROM held
JOIN catalog_productvariant v ON v.id = held.variant_id
JOIN catalog_product p ON p.id = v.product_id
JOIN catalog_category c ON c.id = p.category_id AND starts_with(c.path, %(root)s)
JOIN catalog_category part ON part.path = left(c.path, %(part)s)
LEFT JOIN average ON average.variant_id = held.variant_id
GROUP BY held.location_id, part.id, part.path
ORDER BY held.location_id, part.path
"""


def _sum(entries: QuerySet[StockMovement], column: str) -> Any:
    own = entries.filter(variant_id=OuterRef("pk")).order_by().values("variant_id")
    return Coalesce(Subquery(own.annotate(total=Sum(column)).values("total")), Value(0))


def _ensure_offset(moment: datetime | None, field: str) -> None:
    if moment is not None and moment.tzinfo is None:
        raise InvalidInput("Say the offset from UTC too, such as 2026-01-02T03:04:05+00:00.", field=(field,))
