"""What the writers of one batch share: the lines to write, what became of each, and what is still owed at the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from django.db import connection

from accounts.actors import SYSTEM, Actor
from catalog import applying, facts, redirects, stock, variants
from catalog.models import MovementKind
from catalog.stock import Spot
from shop.errors import Refusal, Refusals

R = TypeVar("R")

# Any number will do, as long as nothing else in the shop locks it.
_IMPORT_LOCK = 0x1290
_STOCK_BATCH = 5000


class Outcome(StrEnum):
    """What became of a line."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Line(Generic[R]):
    """A record and where it stands in the file: its number, and where one begins to read to find it again.

    `parts` are the numbers of its variants' lines, where a file gives each its own.
    """

    number: int
    record: R
    start: int = 0
    parts: tuple[int, ...] = ()


@dataclass(slots=True)
class Written:
    """What a batch came to: an outcome or a reason for each line, and what `settle` has still to do.

    `keys` are those of the products written, by their lines. `received` and `counted` are units on hand by variant and
    location, of new variants and of those the shop knew; `costs` are what a unit of the new ones cost, where that was
    told; `dropped` are variants to remove; `moved` is where what stood
    at a path stands now, `taken` are the paths of what is new.
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    reasons: dict[int, list[Refusal]] = field(default_factory=dict)
    keys: dict[int, int] = field(default_factory=dict)
    received: dict[Spot, int] = field(default_factory=dict)
    counted: dict[Spot, int] = field(default_factory=dict)
    costs: dict[Spot, Decimal] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    products: set[int] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def add(self, other: "Written") -> None:
        self.outcomes |= other.outcomes
        self.reasons |= other.reasons
        self.keys |= other.keys
        self.received |= other.received
        self.counted |= other.counted
        self.costs |= other.costs
        self.dropped |= other.dropped
        self.products |= other.products
        self.moved |= other.moved
        self.taken |= other.taken

    def name(self, noun: str, had: str, handle: str) -> None:
        """Note that something has this handle, and another before; "" where it is new."""
        if not had:
            self.taken.add(redirects.path(noun, handle))
        elif had != handle:
            self.moved[redirects.path(noun, had)] = redirects.path(noun, handle)

    def refuse(self, line: Line[R], reason: Refusal | Refusals) -> None:
        self.outcomes[line.number] = Outcome.SKIPPED
        self.reasons[line.number] = reason.refusals if isinstance(reason, Refusals) else [reason]


def lock() -> None:
    """Let one import write at a time, until the transaction ends: two with the same lines would wait in a circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORT_LOCK])


def settle(written: Written, actor: Actor = SYSTEM) -> None:
    """Write redirects, stock, then facts, once in a transaction and last: the order of locks. Raises StockTaken."""
    redirects.follow(written.moved, taken=written.taken)
    applying.refresh_products(written.products)
    place = stock.default_location().pk
    counted = written.counted | {(variant_id, place): 0 for variant_id in written.dropped}
    with facts.gathered():
        for quantities, kind in ((counted, MovementKind.ADJUSTMENT), (written.received, MovementKind.PURCHASE)):
            for spots in _batches(sorted(quantities)):
                wanted = {spot: quantities[spot] for spot in spots}
                costs = {spot: written.costs[spot] for spot in spots if spot in written.costs}
                stock.set_each(wanted, stock.Reason(kind, reference="import", actor=actor), costs)
        incomplete = variants.drop(sorted(written.dropped)) if written.dropped else []
        facts.refresh([*written.products, *incomplete])


def _batches(spots: list[Spot]) -> list[Sequence[Spot]]:
    return [spots[start : start + _STOCK_BATCH] for start in range(0, len(spots), _STOCK_BATCH)]
