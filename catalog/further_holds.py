"""Holding more for whoever holds something already."""

from collections.abc import Mapping

from catalog import stock
from catalog.models import StockHold
from shop import writes


def add(wanted: Mapping[int, int], *, reference: str, country: str = "", location_id: int | None = None) -> None:
    """Keep so many more units for `reference`, without end, from the places `stock.hold` would take them.

    What is held already stays where it is. Raises InsufficientStock.
    """
    if not wanted:
        return
    stock.lock(wanted)
    own = StockHold.objects.filter(reference=reference, variant_id__in=wanted)
    before = list(own.order_by("pk"))
    # A reference holds a variant once at each place: what was held steps aside, and joins what comes.
    own.filter(pk__in=[held.pk for held in before]).delete()
    stock.hold(wanted, reference=reference, expires_at=None, country=country, location_id=location_id)
    came = {(held.variant_id, held.location_id): held for held in own}
    joined, apart = [], []
    for held in before:
        other = came.get((held.variant_id, held.location_id))
        if other is None:
            held.pk = None
            apart.append(held)
        else:
            other.quantity += held.quantity
            joined.append(other)
    writes.update(joined, "quantity")
    writes.insert(apart)


def place_of(reference: str) -> int | None:
    """The location where something is held for `reference`; None where nothing is."""
    return StockHold.objects.filter(reference=reference).order_by("pk").values_list("location_id", flat=True).first()
