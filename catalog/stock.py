"""Stock: the only door to `StockLevel`. Every change writes its movement in the same transaction.

The functions are parts of larger commands: call them inside a transaction. Each locks the levels it changes in
variant-id order, decides, writes, and then refreshes the facts of products that ran out or came back.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias, TypedDict

from django.conf import settings
from django.contrib.postgres.aggregates import BoolOr
from django.db import connection
from django.db.models import Case, F, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest

from accounts.actors import SYSTEM, Actor
from catalog import components, facts, low_stock
from catalog import costs as unit_costs
from catalog.models import (
    BundlePart,
    MovementKind,
    ProductStatus,
    ProductVariant,
    StockHold,
    StockLevel,
    StockLocation,
)
from shop import clock, prepared, writes
from shop.errors import InvalidInput, Refusal
from shop.prepared import Bound

MAX_ON_HAND = 1_000_000_000
DEFAULT_CODE = "main"

# A variant's id and a location's: what a level is found by.
Spot: TypeAlias = tuple[int, int]

# The units of a level that can still be sold, as `_free` counts them: what is kept back here is none of elsewhere.
FREE = Greatest(F("on_hand") - F("reserved") - F("safety_stock") + F("backorder_limit"), Value(0))


class InsufficientStock(Refusal):
    """More units are wanted than are free."""

    code = "INSUFFICIENT_STOCK"

    def __init__(self, sku: str, available: int) -> None:
        left = f"Only {available} of {sku} left." if available > 0 else f"{sku} is out of stock."
        super().__init__(left)


class StockElsewhere(InsufficientStock):
    """There are units enough, but not where goods are sent to this country from."""

    def __init__(self, sku: str, available: int, country: str) -> None:
        Refusal.__init__(self, f"Only {available} of {sku} can be sent to {country}.")


class StockNotHere(InsufficientStock):
    """There are units enough, but not where they are to be collected."""

    def __init__(self, sku: str, available: int) -> None:
        Refusal.__init__(self, f"Only {available} of {sku} can be collected at this location.")


class StockTaken(Refusal):
    """Stock cannot be lowered below what orders already hold."""

    code = "STOCK_TAKEN"

    def __init__(self, sku: str, reserved: int) -> None:
        super().__init__(f"{reserved} of {sku} are held for orders; stock cannot go below that.")


class SoldInAdvance(Refusal):
    """The units that may be sold in advance cannot be fewer than orders hold of them already."""

    code = "SOLD_IN_ADVANCE"

    def __init__(self, sku: str, sold: int) -> None:
        super().__init__(f"{sold} of {sku} are sold in advance already; the limit cannot go below that.")


class Limits(TypedDict, total=False):
    """How far a variant may be sold at a location. A key left out leaves what there is."""

    backorder_limit: int
    safety_stock: int
    expected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """Whether a variant is sold only in advance now, and when it is to come in, where that is known."""

    is_in_advance: bool
    expected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why stock changes, and by whom: what the ledger will say."""

    kind: MovementKind
    reference: str = ""
    note: str = ""
    actor: Actor = SYSTEM


def default_location() -> StockLocation:
    """The location goods go to where none is named; made on first use."""
    location, _ = StockLocation.objects.get_or_create(
        code=DEFAULT_CODE, defaults={"name": "Main warehouse", "priority": 0}
    )
    return location


def free(variant_ids: Collection[int]) -> dict[int, int]:
    """Units of each variant that can still be sold, over all active locations; zero where no stock is kept."""
    return components.units(components.needs(variant_ids))


def units_of(variant: str, bundle_pricing: str) -> Case:
    """The units that can still be sold of a row's variant: the columns of its id, and of what it is.

    Of a bundle these are as many as its scarcest part allows; what is none is not asked for parts.
    """
    own = Coalesce(Subquery(_free_of(OuterRef(variant))), Value(0))
    of_parts = Coalesce(Subquery(_bundles_of(OuterRef(variant))), Value(0))
    return Case(When(**{bundle_pricing: ""}, then=own), default=of_parts)


def on_hand(variant_ids: Collection[int]) -> dict[int, int]:
    """Units of each variant in the house over all locations, those held for orders included."""
    counted = (
        StockLevel.objects.filter(variant_id__in=variant_ids).values_list("variant_id").annotate(total=Sum("on_hand"))
    )
    return dict.fromkeys(variant_ids, 0) | dict(counted)


def levels(variant_ids: Collection[int]) -> QuerySet[StockLevel]:
    """The levels of these variants with their locations, in the order that holds are taken from them."""
    return (
        StockLevel.objects.filter(variant_id__in=variant_ids)
        .select_related("location")
        .order_by("variant_id", "location__priority", "location_id")
    )


def sellable(level: StockLevel) -> int:
    """Units of this level that can still be sold; none at an inactive location."""
    return _free(level) if level.location.is_active else 0


def outlooks(variant_ids: Collection[int]) -> dict[int, Outlook]:
    """Of each variant whether shoppers can still buy it only in advance, and until when they will wait."""
    in_house = Outlook(is_in_advance=False, expected_at=None)
    in_advance = {pk: Outlook(is_in_advance=True, expected_at=moment) for pk, moment in _in_advance(list(variant_ids))}
    return dict.fromkeys(variant_ids, in_house) | in_advance


def bundle_outlooks(bundle_ids: Collection[int]) -> dict[int, Outlook]:
    """As `outlooks`, of bundles: what one of their parts makes a buyer wait for, and the last part of all."""
    parts = components.parts(bundle_ids)
    of_parts = outlooks({part.part_id for made in parts.values() for part in made if part.part_id is not None})
    found: dict[int, Outlook] = {}
    for bundle_id, made in parts.items():
        late = [one for part in made if part.part_id and (one := of_parts[part.part_id]).is_in_advance]
        moments = [one.expected_at for one in late if one.expected_at is not None]
        is_in_advance = bool(late) and components.makes(made) > 0
        known = is_in_advance and len(moments) == len(late)
        found[bundle_id] = Outlook(is_in_advance, max(moments) if known else None)
    return found


def ensure_available(wanted: Mapping[int, int], before: Mapping[int, int]) -> None:
    """Refuse if `wanted[variant_id]` units of each variant, all together, need more than is free.

    Only of what there are more of than `before` must there be enough. A courtesy while the cart fills; nothing is held
    until `hold`. Raises InsufficientStock.
    """
    grown = {variant_id for variant_id, units in wanted.items() if units > before.get(variant_id, 0)}
    if not grown:
        return
    needs = components.needs(wanted)
    taken = components.taken(wanted, needs)
    for need in needs:
        if need.variant_id in grown and (need.part_id is None or need.free < taken[need.part_id]):
            raise InsufficientStock(_sku(need.variant_id), need.free // need.quantity)


def adjust(deltas: Mapping[int, int], reason: Reason, location: StockLocation | None = None) -> None:
    """Add each variant's delta to what is on hand at `location`. Raises StockTaken, InvalidInput."""
    place = (location or default_location()).pk
    adjust_each({(variant_id, place): delta for variant_id, delta in deltas.items()}, reason)


def adjust_each(deltas: Mapping[Spot, int], reason: Reason, costs: Mapping[Spot, Decimal] | None = None) -> None:
    """As `adjust`, at several locations at once; `costs` tell what each unit that is bought costs, where that is known.

    Raises StockTaken, InvalidInput.
    """

    def apply(levels: list[StockLevel]) -> None:
        for level in levels:
            _set(level, level.on_hand + deltas[level.variant_id, level.location_id])

    change({spot for spot, delta in deltas.items() if delta}, reason, apply, costs)


def set_on_hand(quantities: Mapping[int, int], reason: Reason, location: StockLocation | None = None) -> None:
    """Make what is on hand at `location` what somebody counted. Raises StockTaken, InvalidInput."""
    place = (location or default_location()).pk
    set_each({(variant_id, place): quantity for variant_id, quantity in quantities.items()}, reason)


def set_each(quantities: Mapping[Spot, int], reason: Reason, costs: Mapping[Spot, Decimal] | None = None) -> None:
    """As `set_on_hand`, at several locations at once; `costs` as in `adjust_each`, of places where nothing was.

    Raises StockTaken, InvalidInput.
    """

    def apply(levels: list[StockLevel]) -> None:
        for level in levels:
            _set(level, quantities[level.variant_id, level.location_id])

    change(set(quantities), reason, apply, costs)


def set_limits(limits: Mapping[Spot, Limits]) -> None:
    """Decide how far what lies at each place may be sold. Raises SoldInAdvance."""
    _ensure_levels(limits)
    levels = _locked([variant_id for variant_id, _ in limits])
    counts = _counts(levels)
    before = _sellable(levels, counts)
    changed = [level for level in levels if (level.variant_id, level.location_id) in limits]
    for level in changed:
        for name, value in limits[level.variant_id, level.location_id].items():
            setattr(level, name, value)
        if level.reserved > level.on_hand + level.backorder_limit:
            raise SoldInAdvance(_sku(level.variant_id), level.reserved - level.on_hand)
    StockLevel.objects.bulk_update(changed, list(Limits.__annotations__))
    low_stock.judge({level.variant_id for level in changed})
    parts = BundlePart.objects.filter(part_id__in=[level.variant_id for level in changed])
    _refresh_facts(before ^ _sellable(levels, counts), list(parts.values_list("bundle__product_id", flat=True)))


def judge(variant_ids: Collection[int]) -> None:
    """Find out anew which of these variants are low on stock, while nobody else changes it."""
    lock(variant_ids)
    low_stock.judge(variant_ids)


def locked_counts(spots: Collection[Spot]) -> dict[Spot, int]:
    """What is on hand at each of these, which nobody else can change until the caller's transaction ends."""
    _ensure_levels(spots)
    levels = _locked([variant_id for variant_id, _ in spots])
    return {spot: level.on_hand for level in levels if (spot := (level.variant_id, level.location_id)) in spots}


def hold(
    wanted: Mapping[int, int],
    *,
    reference: str,
    expires_at: datetime | None,
    country: str = "",
    location_id: int | None = None,
) -> None:
    """Keep `wanted[variant_id]` units for `reference`, from the locations of first priority that cover `country`.

    Where a location is named, from there alone. All or nothing: on a refusal the caller's transaction must roll back.
    Raises InsufficientStock.
    """
    levels = _locked(list(wanted))
    before = _counts(levels)
    holds: list[StockHold] = []
    for variant_id, quantity in sorted(wanted.items()):
        missing = quantity
        own = [level for level in levels if level.variant_id == variant_id and level.location.is_active]
        for level in own:
            if not _serves(level, country, location_id):
                continue
            taken = min(_free(level), missing)
            if not taken:
                continue
            missing -= taken
            level.reserved += taken
            place = level.location_id
            holds.append(StockHold(reference=reference, variant_id=variant_id, location_id=place, quantity=taken))
        if missing:
            elsewhere = sum(_free(level) for level in own if not _serves(level, country, location_id))
            if elsewhere >= missing:
                if location_id is not None:
                    raise StockNotHere(_sku(variant_id), quantity - missing)
                raise StockElsewhere(_sku(variant_id), quantity - missing, country)
            raise InsufficientStock(_sku(variant_id), quantity - missing)
    for held in holds:
        held.expires_at = expires_at
    writes.insert(holds)
    _write(levels, before, Reason(MovementKind.HOLD, reference))


def _serves(level: StockLevel, country: str, location_id: int | None) -> bool:
    return level.location_id == location_id if location_id is not None else level.location.covers(country)


def keep(reference: str) -> None:
    """Let the holds of `reference` last until they are shipped or released: what they wait for has happened."""
    prepared.execute(_KEEP, [reference])


def hold_until(reference: str, expires_at: datetime) -> None:
    """Let the holds of `reference` last until then."""
    StockHold.objects.filter(reference=reference).update(expires_at=expires_at)


def release(reference: str) -> None:
    """Give back all that is still held for `reference`; doing it again changes nothing."""
    _unhold(reference, None, Reason(MovementKind.RELEASE, reference), leaves_house=False)


def release_part(reference: str, quantities: Mapping[int, int], actor: Actor = SYSTEM) -> None:
    """Give back some of what is held for `reference`. More than is held is a bug and raises."""
    _unhold(reference, quantities, Reason(MovementKind.RELEASE, reference, actor=actor), leaves_house=False)


def write_off(reference: str, quantities: Mapping[int, int] | None, actor: Actor = SYSTEM) -> None:
    """Take units held for `reference`, or all of them, out of the books without selling them: they are damaged or lost.

    Raises InsufficientStock where what is held was sold in advance and has not come in yet.
    """
    _unhold(reference, quantities, Reason(MovementKind.DAMAGE, reference, actor=actor), leaves_house=True)


def ship(
    reference: str, quantities: Mapping[int, int], actor: Actor = SYSTEM, *, location_id: int | None = None
) -> None:
    """Take units held for `reference`, at one location or wherever, out of the house: a sale.

    More than is held is a bug and raises. Raises InsufficientStock where what is held was sold in advance and has not
    come in yet.
    """
    reason = Reason(MovementKind.SALE, reference, actor=actor)
    _unhold(reference, quantities, reason, leaves_house=True, location_id=location_id)


def lock(variant_ids: Collection[int]) -> None:
    """Make whoever would change stock of these variants wait until the caller's transaction ends."""
    _locked(list(variant_ids))


def lock_all() -> None:
    """Make whoever would change any stock wait: for a change of a location, which bears on all that lies there."""
    with connection.cursor() as cursor:
        # Whoever waits takes its snapshot afterwards, and so sees the location as it has become.
        cursor.execute("LOCK TABLE catalog_stocklevel IN EXCLUSIVE MODE")


def change(
    spots: Collection[Spot],
    reason: Reason,
    apply: Callable[[list[StockLevel]], None],
    costs: Mapping[Spot, Decimal] | None = None,
) -> None:
    """Have `apply` change the levels at these places, which are locked, and write what came of it."""
    _ensure_levels(spots)
    levels = _locked([variant_id for variant_id, _ in spots])
    before = _counts(levels)
    apply([level for level in levels if (level.variant_id, level.location_id) in spots])
    _write(levels, before, reason, costs)


def _ensure_levels(spots: Collection[Spot]) -> None:
    StockLevel.objects.bulk_create(
        [StockLevel(variant_id=variant_id, location_id=location_id) for variant_id, location_id in sorted(spots)],
        ignore_conflicts=True,
        batch_size=2000,
    )


def _write(
    levels: list[StockLevel],
    before: dict[int, tuple[int, int]],
    reason: Reason,
    costs: Mapping[Spot, Decimal] | None = None,
) -> None:
    """Store the levels that differ from `before`, their movements, what became low, and the facts of what ran out."""
    after, now = _counts(levels), clock.now()
    changed = [level.pk for level in levels if after[level.pk] != before[level.pk]]
    on_hand, reserved = ([after[key][column] - before[key][column] for key in changed] for column in (0, 1))
    paid, averages = _costs(levels, before, costs) if costs else ({}, {})
    were, are = _free_units(levels, before), _free_units(levels, after)
    moved = [changed, on_hand, reserved, list(map(paid.get, changed)), list(map(averages.get, changed))]
    why = [reason.kind.value, reason.reference, reason.note, reason.actor.user_id, now]
    judged = [list(are), list(were.values()), list(are.values()), settings.LOW_STOCK_THRESHOLD, now]
    answers = prepared.rows([Bound(_MOVE, [*moved, *why, *judged])])
    low_stock.announce(sorted(variant_id for variant_id, product_id, _ in answers if product_id is None))
    bundles = {
        product_id for pk, product_id, units in answers if product_id and (were[pk] >= units) != (are[pk] >= units)
    }
    _refresh_facts(_sellable(levels, before) ^ _sellable(levels, after), bundles)


def _costs(
    levels: list[StockLevel], before: Mapping[int, tuple[int, int]], costs: Mapping[Spot, Decimal]
) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """Of the levels where units were bought at a known cost, that cost and the variant's average from now on."""
    bought: dict[int, list[tuple[int, Decimal]]] = {}
    in_house: dict[int, int] = {}
    paid: dict[int, Decimal] = {}
    for level in levels:
        had, _ = before[level.pk]
        in_house[level.variant_id] = in_house.get(level.variant_id, 0) + had
        cost = costs.get((level.variant_id, level.location_id))
        if cost is not None:
            paid[level.pk] = cost
            bought.setdefault(level.variant_id, []).append((level.on_hand - had, cost))
    found = unit_costs.averages_after(bought, in_house)
    return paid, {level.pk: found[level.variant_id] for level in levels if level.pk in paid}


def _refresh_facts(flipped: Collection[int], products: Collection[int] = ()) -> None:
    """Make the facts of these variants true again, which ran out or came back, and of these products."""
    if flipped:
        of_variants = ProductVariant.objects.filter(pk__in=flipped).values_list("product_id", flat=True)
        facts.refresh([*of_variants, *products])
    elif products:
        facts.refresh(products)


_KEEP = "UPDATE catalog_stockhold SET expires_at = NULL WHERE reference = %s"

# The change, the movement that explains it, and what became low by it: there is no writing one without the others. It
# also answers the bundles that have what changed for a part, by their products, and how many units they need of it.
_MOVE = f"""
WITH changed AS (
    UPDATE catalog_stocklevel level
    SET on_hand = level.on_hand + delta.on_hand, reserved = level.reserved + delta.reserved
    FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::numeric[], %s::numeric[])
         AS delta(id, on_hand, reserved, unit_cost, average_cost)
    WHERE level.id = delta.id
    RETURNING level.id, level.variant_id, level.location_id,
              delta.on_hand, delta.reserved, delta.unit_cost, delta.average_cost
),
moved AS (
    INSERT INTO catalog_stockmovement (variant_id, location_id, on_hand_delta, reserved_delta, unit_cost, average_cost,
                                       kind, reference, note, actor_id, created_at)
    SELECT variant_id, location_id, on_hand, reserved, unit_cost, average_cost,
           %s, %s, %s, %s::bigint, %s::timestamptz
    FROM changed ORDER BY id
),
counted AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS counted(variant_id, before, after)
),
{low_stock.JUDGEMENT}
SELECT variant_id, NULL::bigint, NULL::int FROM fallen WHERE NOT is_told
UNION ALL
SELECT DISTINCT part.part_id, bundle.product_id, part.quantity::int
FROM catalog_bundlepart part JOIN catalog_productvariant bundle ON bundle.id = part.bundle_id
WHERE part.part_id IN (SELECT variant_id FROM changed)
"""  # noqa: S608  (constants of our own)


def _set(level: StockLevel, on_hand: int) -> None:
    if not 0 <= on_hand <= MAX_ON_HAND:
        raise InvalidInput(f"Stock of {_sku(level.variant_id)} must be from 0 to {MAX_ON_HAND}.")
    if level.reserved > on_hand + level.backorder_limit:
        raise StockTaken(_sku(level.variant_id), level.reserved)
    level.on_hand = on_hand


def _unhold(
    reference: str,
    quantities: Mapping[int, int] | None,
    reason: Reason,
    *,
    leaves_house: bool,
    location_id: int | None = None,
) -> None:
    """Take `quantities` of what `reference` holds, or all of it, out of its holds and out of `reserved`."""
    held_variants = StockHold.objects.filter(reference=reference).values_list("variant_id", flat=True)
    locked = _locked(list(set(held_variants)))
    before = _counts(locked)
    levels = {(level.variant_id, level.location_id): level for level in locked}
    holds = StockHold.objects.filter(reference=reference).order_by("variant_id", "location__priority", "pk")
    if location_id is not None:
        holds = holds.filter(location_id=location_id)
    left = dict(quantities) if quantities is not None else None
    gone: list[StockHold] = []
    fewer: list[StockHold] = []
    for held in holds.select_for_update(of=("self",)):
        taken = held.quantity if left is None else min(held.quantity, left.get(held.variant_id, 0))
        if not taken:
            continue
        if left is not None:
            left[held.variant_id] -= taken
        level = levels[held.variant_id, held.location_id]
        level.reserved -= taken
        if leaves_house:
            if level.on_hand < taken:
                raise InsufficientStock(_sku(held.variant_id), level.on_hand)
            level.on_hand -= taken
        held.quantity -= taken
        (fewer if held.quantity else gone).append(held)
    if gone:
        StockHold.objects.filter(pk__in=[held.pk for held in gone]).delete()
    writes.update(fewer, "quantity")
    if left is not None and any(left.values()):
        raise RuntimeError(f"{reference} does not hold what it ships: {left}")
    _write(locked, before, reason)


def _free_of(variant: OuterRef) -> QuerySet[StockLevel, Any]:
    """A subquery for the units of one variant that can still be sold; without a row where no stock is kept."""
    return (
        StockLevel.objects.filter(variant_id=variant, location__is_active=True)
        .order_by()
        .values("variant_id")
        .annotate(free=Sum(FREE))
        .values("free")
    )


def _bundles_of(variant: OuterRef) -> QuerySet[BundlePart, Any]:
    """A subquery for the units of one bundle that its parts make."""
    of_part = Coalesce(Subquery(_free_of(OuterRef("part_id"))), Value(0)) / F("quantity")
    is_sold_no_more = When(part__product__status=ProductStatus.ARCHIVED, then=Value(0))
    return (
        BundlePart.objects.filter(bundle_id=variant)
        .order_by()
        .annotate(units=Case(is_sold_no_more, default=of_part))
        .values("bundle_id")
        .annotate(free=Min("units"))
        .values("free")
    )


@prepared.statement
def _in_advance(variant_ids: list[int]) -> QuerySet[Any, Any]:
    """The variants of which all that can be sold has yet to come in, and when the first of it is to."""
    levels = StockLevel.objects.filter(variant_id__any=variant_ids, location__is_active=True).annotate(free=FREE)
    counted = levels.filter(free__gt=0).values_list("variant_id")
    in_house = BoolOr(Q(free__gt=F("backorder_limit")))
    return (
        counted.annotate(is_in_house=in_house, expected=Min("expected_at"))
        .filter(is_in_house=False)
        .values_list("variant_id", "expected")
    )


@prepared.statement
def _locked(variant_ids: list[int]) -> QuerySet[StockLevel]:
    return (
        StockLevel.objects.select_for_update(of=("self",))
        .select_related("location")
        .filter(variant_id__any=variant_ids)
        .order_by("variant_id", "location__priority", "location_id")
    )


def _counts(levels: Iterable[StockLevel]) -> dict[int, tuple[int, int]]:
    return {level.pk: (level.on_hand, level.reserved) for level in levels}


def _free(level: StockLevel) -> int:
    return max(level.on_hand - level.reserved - level.safety_stock + level.backorder_limit, 0)


def _free_units(levels: Iterable[StockLevel], counts: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    """Units of each variant that can still be sold, by these counts, as `free` counts them."""
    units: dict[int, int] = {}
    for level in levels:
        on_hand, reserved = counts[level.pk]
        free = max(on_hand - reserved - level.safety_stock + level.backorder_limit, 0)
        units[level.variant_id] = units.get(level.variant_id, 0) + (free if level.location.is_active else 0)
    return units


def _sellable(levels: Iterable[StockLevel], counts: Mapping[int, tuple[int, int]]) -> set[int]:
    """The variants that have a unit free at an active location, by these counts."""
    return {level.variant_id for level in levels if level.location.is_active and _has_free(level, *counts[level.pk])}


def _has_free(level: StockLevel, on_hand: int, reserved: int) -> bool:
    return on_hand - reserved - level.safety_stock + level.backorder_limit > 0


def _sku(variant_id: int) -> str:
    found = ProductVariant.objects.filter(pk=variant_id).values_list("sku", flat=True).first()
    # A shopper may want what an import is deleting at this moment.
    return found or "This product"
