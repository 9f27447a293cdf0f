"""Counts of stock: several people record what they find at a location, and then the books are put right at once.

Sales go on meanwhile. Recording a quantity notes what the books say at that moment, under the lock that every change of
stock takes; completing adds the difference between the two to what is on hand by then. So what is sold, received or
moved after a variant was recorded counts once, and what happened before was there to be seen on the shelf.

A count is locked before its lines, and stock after them; who starts a count locks its location first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from accounts.actors import Actor
from accounts.staff import Permission
from catalog import costs, stock
from catalog.models import (
    Category,
    MovementKind,
    ProductVariant,
    StockCount,
    StockCountLine,
    StockCountStatus,
    StockLocation,
)
from shop import clock, paging, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.money import Money
from shop.paging import Page, PageRequest

MAX_LINES = 250
MAX_NOTE = 500

_NEWEST_FIRST = paging.Order("NEWEST", "pk", descending=True)
_IN_ORDER = paging.Order("ORDER", "pk")


class CountedElsewhere(Refusal):
    """A variant is part of another open count at the same location."""

    code = "COUNTED_ELSEWHERE"

    def __init__(self, sku: str, count_id: int) -> None:
        super().__init__(f"{sku} is part of the open count {count_id} here; complete or cancel that first.")


class CountContradicted(Refusal):
    """More has left since a variant was counted than was found then."""

    code = "COUNT_CONTRADICTED"

    def __init__(self, sku: str) -> None:
        super().__init__(f"More of {sku} have left than the count found; count it again.")


class NewCount(TypedDict):
    """A count to start: of these variants, or of those in a category and below it, or of all that lie there."""

    location_id: int
    variant_ids: list[int] | None
    category_id: int | None
    is_of_all: bool
    note: str | None


class Found(TypedDict):
    """How many units of a variant lie there, those held for orders included."""

    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Summary:
    """How far a count is, and what it found."""

    lines: int
    counted: int
    difference: int
    value: Money


def page(status: StockCountStatus | None, request: PageRequest) -> Page[StockCount]:
    """A page of the counts, newest first, perhaps only of one status. Raises InvalidPage."""
    found = StockCount.objects.select_related("created_by")
    if status is not None:
        found = found.filter(status=status)
    return paging.page(found, _NEWEST_FIRST, request, list, lambda row: (row.pk,))


def visible(actor: Actor, count_ids: Sequence[int]) -> dict[int, StockCount]:
    """The counts with these keys, for staff who keep the inventory; none for anybody else."""
    if not actor.may(Permission.MANAGE_INVENTORY):
        return {}
    return StockCount.objects.select_related("created_by").in_bulk(list(count_ids))


def pages_of_lines(count_ids: Sequence[int], request: PageRequest) -> dict[int, Page[StockCountLine]]:
    """A page of the lines of each count. Raises InvalidPage."""
    lines = StockCountLine.objects.order_by("pk")
    return paging.pages(
        {count_id: lines.filter(count_id=count_id) for count_id in count_ids},
        _IN_ORDER,
        request,
        lambda rows: list(rows),
        lambda line: line.count_id,
        lambda line: (line.pk,),
    )


def summaries(count_ids: Sequence[int]) -> dict[int, Summary]:
    """How far each count is."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMMARIES, [list(count_ids)])
        return {
            count_id: Summary(lines, counted, difference, Money.rounded(value, settings.SHOP_CURRENCY))
            for count_id, lines, counted, difference, value in cursor.fetchall()
        }


def value_of(line: StockCountLine) -> Money | None:
    """What the difference is worth, by what a unit cost when it was recorded; None where either is unknown."""
    if line.difference is None or line.unit_cost is None:
        return None
    return Money.rounded(line.difference * line.unit_cost, settings.SHOP_CURRENCY)


@transaction.atomic(durable=True)
def start(*, count: NewCount, actor: Actor) -> StockCount:
    """Start a count; the books stay as they are until it is completed.

    Raises InvalidInput, NotFound, CountedElsewhere.
    """
    with blaming("count"):
        with blaming("note"):
            note = text.line(count["note"] or "", limit=MAX_NOTE)
        # Who starts another count here waits, and then sees this one.
        location = StockLocation.objects.select_for_update(no_key=True).filter(pk=count["location_id"]).first()
        if location is None:
            raise NotFound("Location", field=("location_id",))
        wanted = _wanted(count)
        taken = StockCountLine.objects.filter(location=location, is_open=True, variant__in=wanted)
        other = taken.select_related("variant").order_by("pk").first()
        if other is not None:
            raise CountedElsewhere(other.variant.sku, other.count_id)
        keys = list(wanted.order_by("product_id", "position", "pk").values_list("pk", flat=True))
        if not keys:
            raise InvalidInput("There is nothing to count: no stock of these variants was ever kept there.")
        made = StockCount.objects.create(location=location, note=note, created_by_id=actor.user_id)
        lines = (StockCountLine(count=made, variant_id=key, location=location) for key in keys)
        StockCountLine.objects.bulk_create(lines, batch_size=2000)
    return made


@transaction.atomic(durable=True)
def record(*, count_id: int, found: Sequence[Found], actor: Actor) -> StockCount:
    """Note what somebody found; a variant recorded again is counted anew.

    Raises NotFound, CountClosed, InvalidInput.
    """
    # Shared, so that several people record at once and nobody completes in between.
    count = _locked(count_id, is_shared=True)
    count.ensure_can_become(StockCountStatus.COMPLETED)
    with blaming("lines"):
        quantities = _quantities(found)
        lines = count.lines.filter(variant_id__in=quantities).order_by("pk").select_for_update()
        by_variant = {line.variant_id: line for line in lines}
        with together() as check:
            for place, variant_id in enumerate(quantities):
                with check(place, "variant_id"):
                    if variant_id not in by_variant:
                        raise NotFound("ProductVariant")
        on_hand = stock.locked_counts([(variant_id, count.location_id) for variant_id in quantities])
        # A variant of which no stock was kept before has some now: none.
        stock.judge(quantities.keys())
    averages, now = costs.averages(quantities.keys()), clock.now()
    for variant_id, line in by_variant.items():
        line.expected, line.counted = on_hand[variant_id, count.location_id], quantities[variant_id]
        line.unit_cost = averages.get(variant_id)
        line.counted_by_id, line.counted_at = actor.user_id, now
    StockCountLine.objects.bulk_update(
        by_variant.values(), ["expected", "counted", "unit_cost", "counted_by", "counted_at"]
    )
    return count


@transaction.atomic(durable=True)
def complete(*, count_id: int, actor: Actor) -> StockCount:
    """Put the books right by what was found; lines that nobody counted stay as they are.

    Raises NotFound, CountClosed, CountContradicted, StockTaken.
    """
    count = _locked(count_id)
    count.become(StockCountStatus.COMPLETED)
    lines = _close(count)
    differences = {(line.variant_id, line.location_id): line.difference for line in lines if line.difference}
    with blaming("id"):
        on_hand = stock.locked_counts(differences.keys())
        for (variant_id, location_id), difference in differences.items():
            if on_hand[variant_id, location_id] + difference < 0:
                raise CountContradicted(ProductVariant.objects.get(pk=variant_id).sku)
        reason = stock.Reason(MovementKind.ADJUSTMENT, count.reference, note=count.note, actor=actor)
        stock.adjust_each(differences, reason)
    return count


@transaction.atomic(durable=True)
def cancel(*, count_id: int) -> StockCount:
    """Give a count up; the books stay as they are. Raises NotFound, CountClosed."""
    count = _locked(count_id)
    count.become(StockCountStatus.CANCELLED)
    _close(count)
    return count


def differences() -> list[str]:
    """Every line of a count that the ledger, or its count, tells otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG_LINES)
        return [f"count {count} of variant {variant} differs from the ledger" for count, variant in cursor.fetchall()]


_WRONG_LINES = """
SELECT c.id, line.variant_id
FROM catalog_stockcount c
JOIN catalog_stockcountline line ON line.count_id = c.id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(m.on_hand_delta), 0) AS posted
    FROM catalog_stockmovement m
    WHERE m.reference = 'count:' || c.id AND m.variant_id = line.variant_id AND m.location_id = c.location_id
) ledger
WHERE ledger.posted <> CASE c.status WHEN 'COMPLETED' THEN coalesce(line.counted - line.expected, 0) ELSE 0 END
   OR line.is_open <> (c.status = 'OPEN')
   OR line.location_id <> c.location_id
ORDER BY 1, 2
"""

_SUMMARIES = """
SELECT count_id, count(*), count(counted), coalesce(sum(counted - expected), 0),
       coalesce(sum((counted - expected) * unit_cost), 0)
FROM catalog_stockcountline WHERE count_id = ANY(%s) GROUP BY 1
"""


def _locked(count_id: int, *, is_shared: bool = False) -> StockCount:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_SHARED if is_shared else _LOCK, [count_id])
    count = StockCount.objects.filter(pk=count_id).first()
    if count is None:
        raise NotFound("StockCount", field=("id",))
    return count


_LOCK = "SELECT 1 FROM catalog_stockcount WHERE id = %s FOR NO KEY UPDATE"
_LOCK_SHARED = "SELECT 1 FROM catalog_stockcount WHERE id = %s FOR SHARE"


def _close(count: StockCount) -> list[StockCountLine]:
    """Store that the count is over, and answer its lines."""
    count.save(update_fields=["status", "closed_at"])
    count.lines.update(is_open=False)
    return list(count.lines.filter(counted__isnull=False).exclude(counted=F("expected")))


def _wanted(count: NewCount) -> QuerySet[ProductVariant]:
    """The variants to count. Raises InvalidInput, NotFound."""
    said = [count["variant_ids"] is not None, count["category_id"] is not None, count["is_of_all"]]
    if sum(said) != 1:
        raise InvalidInput("Say either which variants, or which category, or that all are to be counted.")
    if count["variant_ids"] is not None:
        return _named(count["variant_ids"])
    kept = Q(stock_levels__location_id=count["location_id"])
    if count["category_id"] is None:
        return ProductVariant.objects.filter(kept)
    path = Category.objects.filter(pk=count["category_id"]).values_list("path", flat=True).first()
    if path is None:
        raise NotFound("Category", field=("category_id",))
    return ProductVariant.objects.filter(
        kept, product__category__path__gte=path, product__category__path__lt=path + "["
    )


def _named(variant_ids: Sequence[int]) -> QuerySet[ProductVariant]:
    with blaming("variant_ids"):
        if not 1 <= len(variant_ids) <= MAX_LINES:
            raise InvalidInput(f"Name 1 to {MAX_LINES} variants; a category, or all, may have more.")
        wanted = ProductVariant.objects.filter(pk__in=variant_ids)
        known = set(wanted.values_list("pk", flat=True))
        with together() as check:
            for place, variant_id in enumerate(variant_ids):
                with check(place):
                    if variant_id not in known:
                        raise NotFound("ProductVariant")
    return wanted


def _quantities(found: Sequence[Found]) -> dict[int, int]:
    """How many units of each variant were found. Raises InvalidInput, Refusals."""
    if not 1 <= len(found) <= MAX_LINES:
        raise InvalidInput(f"One call records 1 to {MAX_LINES} lines.")
    quantities: dict[int, int] = {}
    with together() as check:
        for place, one in enumerate(found):
            with check(place, "variant_id"):
                if one["variant_id"] in quantities:
                    raise InvalidInput("This variant is in the list already; add up what was found.")
            with check(place, "quantity"):
                if not 0 <= one["quantity"] <= stock.MAX_ON_HAND:
                    raise InvalidInput(f"A quantity is from 0 to {stock.MAX_ON_HAND}.")
            quantities[one["variant_id"]] = one["quantity"]
    return quantities
