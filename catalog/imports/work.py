"""What the writers of one batch share: the lines to write, what became of each, and what is still owed at the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from django.db import connection

from catalog import applying, facts, redirects, stock
from catalog.models import MovementKind, ProductVariant, StockHold

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
    """A record and where it stands in the file."""

    number: int
    record: R


@dataclass(slots=True)
class Written:
    """What a batch came to: an outcome or a reason for each line, and what `settle` has still to do.

    `received` and `counted` are units on hand by variant, of new variants and of those the shop knew; `dropped` are
    variants to remove; `moved` is where what stood at a path stands now, `taken` are the paths of what is new.
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    received: dict[int, int] = field(default_factory=dict)
    counted: dict[int, int] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    products: set[int] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def add(self, other: "Written") -> None:
        self.outcomes |= other.outcomes
        self.reasons |= other.reasons
        self.received |= other.received
        self.counted |= other.counted
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

    def refuse(self, line: Line[R], reason: str) -> None:
        self.outcomes[line.number] = Outcome.SKIPPED
        self.reasons[line.number] = reason


def lock() -> None:
    """Let one import write at a time, until the transaction ends: two with the same lines would wait in a circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORT_LOCK])


def settle(written: Written) -> None:
    """Write redirects, stock, then facts, once in a transaction and last: the order of locks. Raises StockTaken."""
    redirects.follow(written.moved, taken=written.taken)
    applying.refresh_products(written.products)
    counted = written.counted | dict.fromkeys(written.dropped, 0)
    with facts.gathered():
        for quantities, kind in ((counted, MovementKind.ADJUSTMENT), (written.received, MovementKind.PURCHASE)):
            for variant_ids in _batches(sorted(quantities)):
                wanted = {variant_id: quantities[variant_id] for variant_id in variant_ids}
                stock.set_on_hand(wanted, stock.Reason(kind, reference="import"))
        # The levels of dropped variants are locked and empty now, so nothing can be held of them any more.
        _drop(written.dropped)
        facts.refresh(written.products)


def _drop(variant_ids: set[int]) -> None:
    held = StockHold.objects.filter(variant_id__in=variant_ids).select_related("variant").order_by("pk").first()
    if held:
        raise stock.StockTaken(held.variant.sku, held.quantity)
    ProductVariant.objects.filter(pk__in=variant_ids).delete()


def _batches(ids: list[int]) -> list[Sequence[int]]:
    return [ids[start : start + _STOCK_BATCH] for start in range(0, len(ids), _STOCK_BATCH)]
