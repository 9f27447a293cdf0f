"""What staff do to stock: one command for every reason it changes outside of orders."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TypedDict, TypeVar

from django.conf import settings
from django.db import transaction

from accounts.actors import Actor
from catalog import low_stock, stock
from catalog.models import MovementKind, ProductVariant, StockLocation
from catalog.stock import Spot
from shop import outbox, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.money import Money

MAX_CHANGES = 250
MAX_NOTE = 500


class StockChanged(Refusal):
    """Stock is not what it was thought to be: somebody else changed it in the meantime."""

    code = "STOCK_CHANGED"

    def __init__(self, expected: int, on_hand: int) -> None:
        super().__init__(
            f"There are {on_hand} on hand, not {expected}. Count again, or set the quantity with {on_hand} to compare."
        )


class _Placed(TypedDict):
    """A variant at a location, which is the default one where none is named."""

    variant_id: int
    location_id: int | None


class Change(_Placed):
    """Units of a variant that come, or go where `delta` is negative; of what is bought perhaps what a unit costs."""

    delta: int
    unit_cost: Decimal | None


class Quantity(_Placed):
    """What is on hand of a variant; told only where there were `compare_quantity`, if that is said."""

    quantity: int
    compare_quantity: int | None


class Threshold(TypedDict):
    """At how few free units the stock of a variant is low; None: at as few as the shop says."""

    variant_id: int
    threshold: int | None


class LimitFields(_Placed, total=False):
    """How far a variant may be sold. A key left out leaves what there is; None puts back the default."""

    backorder_limit: int | None
    safety_stock: int | None
    expected_at: datetime | None


P = TypeVar("P", bound=_Placed)


@transaction.atomic(durable=True)
def adjust_quantities(*, changes: Sequence[Change], reason: MovementKind, note: str | None, actor: Actor) -> list[int]:
    """Change what is on hand, all or nothing; answers the variants in the order given.

    Raises InvalidInput, NotFound, StockTaken.
    """
    with blaming("input"):
        why = _reason(reason, note, actor)
        with blaming("changes"):
            check = partial(_checked_change, reason)
            spots = _checked(changes, "changes", twice="add its changes up", check=check)
            told = dict(zip(spots, changes, strict=True))
            costs = {spot: cost for spot, change in told.items() if (cost := change["unit_cost"]) is not None}
            stock.adjust_each({spot: change["delta"] for spot, change in told.items()}, why, costs)
    return [variant_id for variant_id, _ in spots]


@transaction.atomic(durable=True)
def set_quantities(
    *, quantities: Sequence[Quantity], reason: MovementKind, note: str | None, actor: Actor
) -> list[int]:
    """Make what is on hand what is said, all or nothing; answers the variants in the order given.

    Raises InvalidInput, NotFound, StockChanged, StockTaken.
    """
    with blaming("input"):
        why = _reason(reason, note, actor)
        with blaming("quantities"):
            spots = _checked(quantities, "quantities", twice="say once how many there are", check=_checked_quantity)
            on_hand = stock.locked_counts(spots)
            with together() as check:
                for place, (spot, quantity) in enumerate(zip(spots, quantities, strict=True)):
                    expected = quantity["compare_quantity"]
                    with check(place, "compare_quantity"):
                        if expected is not None and expected != on_hand[spot]:
                            raise StockChanged(expected, on_hand[spot])
            stock.set_each({spot: said["quantity"] for spot, said in zip(spots, quantities, strict=True)}, why)
    return [variant_id for variant_id, _ in spots]


@transaction.atomic(durable=True)
def set_limits(*, limits: Sequence[LimitFields]) -> list[int]:
    """Decide how far variants may be sold, all or nothing; answers the variants in the order given.

    Raises InvalidInput, NotFound, SoldInAdvance.
    """
    with blaming("input", "limits"):
        spots = _checked(limits, "limits", twice="say its limits once", check=_checked_limits)
        stock.set_limits({spot: _limits(said) for spot, said in zip(spots, limits, strict=True)})
    return [variant_id for variant_id, _ in spots]


@transaction.atomic(durable=True)
def set_thresholds(*, thresholds: Sequence[Threshold]) -> list[int]:
    """Decide when the stock of variants is low, all or nothing; answers the variants in the order given.

    Staff are told of what is low by it. Raises InvalidInput, NotFound.
    """
    with blaming("input", "thresholds"):
        said = _checked_thresholds(thresholds)
        # Variants before their levels, as imports lock them. Who locks a level after this has read the new threshold.
        rows = {row.pk: row for row in ProductVariant.objects.select_for_update(no_key=True).filter(pk__in=said)}
        for variant_id, row in rows.items():
            row.low_stock_threshold = said[variant_id]
        ProductVariant.objects.bulk_update(rows.values(), ["low_stock_threshold"])
        stock.judge(said.keys())
    return list(said)


@outbox.every(seconds=3600)
def tidy_low_stock() -> None:
    """Judge again what is low, for the shop's own threshold may have been changed since."""
    with transaction.atomic():
        misjudged = low_stock.misjudged()
        if misjudged:
            stock.judge(misjudged)


def _reason(kind: MovementKind, note: str | None, actor: Actor) -> stock.Reason:
    with blaming("note"):
        return stock.Reason(kind, note=text.line(note or "", limit=MAX_NOTE), actor=actor)


def _checked(placed: Sequence[P], noun: str, *, twice: str, check: Callable[[P], None]) -> list[Spot]:
    """Where each stands, if each is there and none twice. Raises InvalidInput, Refusals."""
    if not 1 <= len(placed) <= MAX_CHANGES:
        raise InvalidInput(f"One call makes 1 to {MAX_CHANGES} {noun}.")
    chosen = ProductVariant.objects.filter(pk__in=[one["variant_id"] for one in placed])
    variants = dict(chosen.values_list("pk", "bundle_pricing"))
    default = stock.default_location().pk
    named = {one["location_id"] for one in placed if one["location_id"] is not None} - {default}
    locations = {default, *StockLocation.objects.filter(pk__in=named).values_list("pk", flat=True)}
    spots: dict[Spot, P] = {}
    with together() as checked:
        for place, one in enumerate(placed):
            spot = (one["variant_id"], default if one["location_id"] is None else one["location_id"])
            with checked(place, "variant_id"):
                if spot[0] not in variants:
                    raise NotFound("ProductVariant")
                if variants[spot[0]]:
                    raise InvalidInput("This is a bundle, which has only the stock of its parts; change theirs.")
                # More likely a slip than a wish, and the ledger would show only the sum.
                if spot in spots:
                    raise InvalidInput(f"This variant is in the list already; {twice}.")
            with checked(place, "location_id"):
                if spot[1] not in locations:
                    raise NotFound("Location")
            with checked(place):
                check(one)
            spots[spot] = one
    return list(spots)


def _checked_change(reason: MovementKind, change: Change) -> None:
    if not change["delta"]:
        raise InvalidInput("A change of 0 units changes nothing; leave it out.", field=("delta",))
    if change["unit_cost"] is None:
        return
    with blaming("unit_cost"):
        if reason != MovementKind.PURCHASE or change["delta"] < 0:
            raise InvalidInput("Only units that come in by a PURCHASE tell what they cost.")
        Money.price(change["unit_cost"], settings.SHOP_CURRENCY)


def _checked_thresholds(thresholds: Sequence[Threshold]) -> dict[int, int | None]:
    """The threshold of each variant. Raises InvalidInput, Refusals."""
    if not 1 <= len(thresholds) <= MAX_CHANGES:
        raise InvalidInput(f"One call sets 1 to {MAX_CHANGES} thresholds.")
    wanted = [one["variant_id"] for one in thresholds]
    known = set(ProductVariant.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    said: dict[int, int | None] = {}
    with together() as check:
        for place, one in enumerate(thresholds):
            with check(place, "variant_id"):
                if one["variant_id"] not in known:
                    raise NotFound("ProductVariant")
                if one["variant_id"] in said:
                    raise InvalidInput("This variant is in the list already; say its threshold once.")
            with check(place, "threshold"):
                if not 0 <= (one["threshold"] or 0) <= stock.MAX_ON_HAND:
                    raise InvalidInput(f"A threshold is from 0 to {stock.MAX_ON_HAND} units.")
            said[one["variant_id"]] = one["threshold"]
    return said


def _checked_quantity(said: Quantity) -> None:
    if not 0 <= said["quantity"] <= stock.MAX_ON_HAND:
        raise InvalidInput(f"A quantity is from 0 to {stock.MAX_ON_HAND}.", field=("quantity",))


def _checked_limits(said: LimitFields) -> None:
    with together() as check:
        for name, units in (
            ("backorder_limit", said.get("backorder_limit")),
            ("safety_stock", said.get("safety_stock")),
        ):
            with check(name):
                if not 0 <= (units or 0) <= stock.MAX_ON_HAND:
                    raise InvalidInput(f"A limit is from 0 to {stock.MAX_ON_HAND} units.")
        with check("expected_at"):
            expected = said.get("expected_at")
            if expected is not None and expected.tzinfo is None:
                raise InvalidInput("Say the offset from UTC too, such as 2026-01-02T03:04:05+00:00.")


def _limits(said: LimitFields) -> stock.Limits:
    limits = stock.Limits()
    if "backorder_limit" in said:
        limits["backorder_limit"] = said["backorder_limit"] or 0
    if "safety_stock" in said:
        limits["safety_stock"] = said["safety_stock"] or 0
    if "expected_at" in said:
        limits["expected_at"] = said["expected_at"]
    return limits
