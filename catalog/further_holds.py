"""Holding more for whoever holds something already."""

from collections.abc import Mapping

from django.db.models import F

from catalog import stock
from catalog.models import StockHold


def add(wanted: Mapping[int, int], *, reference: str, country: str = "", location_id: int | None = None) -> None:
    """Keep so many more units for `reference`, without end, from the places `stock.hold` would take them.

    What is held already stays where it is. Raises InsufficientStock.
    """
    stock.lock(wanted)
    own = StockHold.objects.filter(reference=reference)
    before = list(own.filter(variant_id__in=wanted).order_by("pk"))
    # A reference holds a variant once at each place: what was held steps aside, and joins what comes.
    own.filter(variant_id__in=wanted).delete()
    stock.hold(wanted, reference=reference, expires_at=None, country=country, location_id=location_id)
    for held in before:
        there = own.filter(variant_id=held.variant_id, location_id=held.location_id)
        if not there.update(quantity=F("quantity") + held.quantity):
            held.pk = None
            held.save(force_insert=True)


def place_of(reference: str) -> int | None:
    """The location where something is held for `reference`; None where nothing is."""
    return StockHold.objects.filter(reference=reference).order_by("pk").values_list("location_id", flat=True).first()
