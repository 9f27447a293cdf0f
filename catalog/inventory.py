"""What staff do to stock: one command for every reason it changes outside of orders."""

from collections.abc import Sequence
from typing import TypedDict

from django.db import transaction

from accounts.actors import Actor
from catalog import stock
from catalog.models import MovementKind, ProductVariant
from shop import text
from shop.errors import InvalidInput, NotFound, blaming, together

MAX_CHANGES = 250
MAX_NOTE = 500


class Change(TypedDict):
    """Units of a variant that come, or go where `delta` is negative."""

    variant_id: int
    delta: int


@transaction.atomic(durable=True)
def adjust_quantities(*, changes: Sequence[Change], reason: MovementKind, note: str | None, actor: Actor) -> list[int]:
    """Change what is on hand at the default location, all or nothing; answers the variants in the order given.

    Raises InvalidInput, NotFound, StockTaken.
    """
    with blaming("input"):
        with blaming("note"):
            note = text.line(note or "", limit=MAX_NOTE)
        with blaming("changes"):
            deltas = _checked(changes)
            stock.adjust(deltas, stock.Reason(reason, note=note, actor=actor))
    return list(deltas)


def _checked(changes: Sequence[Change]) -> dict[int, int]:
    """The delta of each variant. Raises InvalidInput, Refusals."""
    if not 1 <= len(changes) <= MAX_CHANGES:
        raise InvalidInput(f"One call makes 1 to {MAX_CHANGES} changes.")
    known = set(
        ProductVariant.objects.filter(pk__in=[change["variant_id"] for change in changes]).values_list("pk", flat=True)
    )
    deltas: dict[int, int] = {}
    with together() as check:
        for place, change in enumerate(changes):
            with check(place, "variant_id"):
                if change["variant_id"] not in known:
                    raise NotFound("ProductVariant")
                # More likely a slip than a wish, and the ledger would show only the sum.
                if change["variant_id"] in deltas:
                    raise InvalidInput("This variant is in the list already; add its changes up.")
            with check(place, "delta"):
                if not change["delta"]:
                    raise InvalidInput("A change of 0 units changes nothing; leave it out.")
            deltas[change["variant_id"]] = change["delta"]
    return deltas
