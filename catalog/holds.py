"""Where the units lie that are held for somebody, and having them lie elsewhere."""

from collections.abc import Collection, Mapping

from django.db.models import F

from accounts.actors import Actor
from catalog import stock
from catalog.models import MovementKind, ProductVariant, StockHold, StockLevel, StockLocation
from catalog.stock import InsufficientStock, Reason, Spot
from shop.errors import Refusal


class StockNotThere(InsufficientStock):
    """A location has not as many units free as are to be sent from it."""

    def __init__(self, sku: str, available: int, location: str) -> None:
        Refusal.__init__(self, f"Only {available} of {sku} are free at {location}.")


def of(references: Collection[str]) -> dict[str, list[StockHold]]:
    """What is held for each of these, in the order in which it was taken."""
    found: dict[str, list[StockHold]] = {reference: [] for reference in references}
    holds = StockHold.objects.filter(reference__in=references).select_related("location")
    for hold in holds.order_by("variant_id", "location__priority", "location_id"):
        found[hold.reference].append(hold)
    return found


def move(reference: str, units: Mapping[Spot, int], to: StockLocation, actor: Actor) -> None:
    """Hold at `to` what is held for `reference` at these places, as far as it is not held there already.

    Call inside a transaction beside which nobody else changes these holds. All stock that is held for `reference` is
    locked, so that the caller may go on to ship it. Raises StockNotThere.
    """
    held = StockHold.objects.filter(reference=reference)
    stock.lock(list(held.values_list("variant_id", flat=True)))
    units = {spot: count for spot, count in units.items() if spot[1] != to.pk}
    coming: dict[int, int] = {}
    for (variant_id, _), count in units.items():
        coming[variant_id] = coming.get(variant_id, 0) + count
    if not units:
        return

    def apply(levels: list[StockLevel]) -> None:
        for level in levels:
            if level.location_id == to.pk:
                if stock.sellable(level) < coming[level.variant_id]:
                    sku = ProductVariant.objects.values_list("sku", flat=True).get(pk=level.variant_id)
                    raise StockNotThere(sku, stock.sellable(level), to.name)
                level.reserved += coming[level.variant_id]
            else:
                level.reserved -= units[level.variant_id, level.location_id]

    spots = {*units, *((variant_id, to.pk) for variant_id in coming)}
    reason = Reason(MovementKind.HOLD, reference, note=f"To be sent from {to.name}"[:500], actor=actor)
    stock.change(spots, reason, apply)
    expires_at = held.values_list("expires_at", flat=True).first()
    for (variant_id, location_id), count in units.items():
        there = held.filter(variant_id=variant_id, location_id=location_id)
        if not there.filter(quantity=count).delete()[0]:
            there.update(quantity=F("quantity") - count)
    for variant_id, count in coming.items():
        if not held.filter(variant_id=variant_id, location=to).update(quantity=F("quantity") + count):
            StockHold.objects.create(
                reference=reference, variant_id=variant_id, location=to, quantity=count, expires_at=expires_at
            )
