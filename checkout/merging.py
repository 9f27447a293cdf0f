"""Merging carts: what is in one goes into another, as far as it can be bought, and each line is accounted for.

Both carts are locked by id before anything is read, so that no unit is lost or doubled, whoever merges or completes
either of them at the same moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction

from catalog import stock
from catalog.category_rules import MAX_QUANTITY
from catalog.models import ProductVariant
from checkout import carts, saved_lines
from checkout.carts import MAX_LINES, NewLine, PricedCart
from checkout.models import Cart, CartAddress, CartGiftCard, CartLine
from shop import clock
from shop.errors import InvalidInput, NotFound


class Outcome(StrEnum):
    """What became of a line."""

    ADDED = "ADDED"
    COMBINED = "COMBINED"
    CAPPED = "CAPPED"
    DROPPED = "DROPPED"


@dataclass(frozen=True, slots=True)
class MergedLine:
    """A line of the cart that is no more: how many units of it came over, of how many, and why not all."""

    variant_id: int
    wanted: int
    moved: int
    outcome: Outcome
    reason: str = ""
    is_saved: bool = False


@transaction.atomic(durable=True)
def merge(*, secret: str, into: str) -> tuple[PricedCart, list[MergedLine]]:
    """Move the lines of one open cart into another, those saved for later too; the first is no more then.

    E-mail address, phone number, addresses, note and discount codes of the first fill what the other does not know; its
    gift cards come along. Raises NotFound, InvalidInput for a cart and itself, InsufficientStock where bundles share
    scarce parts.
    """
    if secret == into:
        raise InvalidInput("A cart cannot be merged with itself.", field=("into",))
    source, target = _both(secret, into)
    kept = list(carts.locked_lines(target.pk))
    coming = carts.locked_lines(source.pk)
    report, new = _moved(target, kept, [line for line in coming if not line.is_saved])
    report += _saved(target, kept, [line for line in coming if line.is_saved], MAX_LINES - len(kept) - len(new))
    _fill_gaps(source, target)
    source.delete()
    carts.fill(target, kept, new)
    target.updated_at = clock.now()
    target.save(update_fields=["email", "phone", "note", "discount_codes", "updated_at"])
    return carts.locked(target), report


def _both(secret: str, into: str) -> tuple[Cart, Cart]:
    locked = {
        cart.secret: cart for cart in Cart.objects.select_for_update().filter(secret__in=[secret, into]).order_by("pk")
    }
    for field, one in (("cart_id", secret), ("into", into)):
        if one not in locked or not carts.is_open(locked[one]):
            raise NotFound("Cart", field=(field,))
    return locked[secret], locked[into]


def _moved(target: Cart, kept: Sequence[CartLine], lines: Sequence[CartLine]) -> tuple[list[MergedLine], list[NewLine]]:
    """What comes over of each line, as the other cart's shopper can buy it."""
    sold = carts.sold(target, sorted({line.variant_id for line in lines}))
    room = _room(set(sold))
    marks = {line.mark for line in kept if not line.is_saved}
    for line in kept:
        if line.variant_id in room and not line.is_saved:
            room[line.variant_id] -= line.quantity
    report, new, places = [], [], MAX_LINES - len(kept)
    for line in lines:
        is_known, wanted = line.mark in marks, line.quantity
        left = max(room.get(line.variant_id, 0), 0)
        if line.variant_id not in sold:
            report.append(MergedLine(line.variant_id, wanted, 0, Outcome.DROPPED, "It is no longer sold."))
        elif not is_known and not places:
            reason = f"A cart has {MAX_LINES} lines at the most."
            report.append(MergedLine(line.variant_id, wanted, 0, Outcome.DROPPED, reason))
        elif not left:
            report.append(MergedLine(line.variant_id, wanted, 0, Outcome.DROPPED, "No more of it can be bought."))
        else:
            moved = min(wanted, left)
            room[line.variant_id] -= moved
            places -= not is_known
            new.append(NewLine(line.variant_id, moved, tuple((one["key"], one["value"]) for one in line.attributes)))
            whole = Outcome.COMBINED if is_known else Outcome.ADDED
            reason = "" if moved == wanted else f"Only {moved} more of it can be bought."
            report.append(
                MergedLine(line.variant_id, wanted, moved, whole if moved == wanted else Outcome.CAPPED, reason)
            )
    return report, new


def _saved(target: Cart, kept: Sequence[CartLine], lines: Sequence[CartLine], places: int) -> list[MergedLine]:
    """Bring what was saved for later along, sold or not, as far as there are places for it."""
    saved = [line for line in kept if line.is_saved]
    known, fitting = {line.mark for line in saved}, saved_lines.fitting(saved, lines, places)
    report = []
    for line in lines:
        moved, outcome, reason = line.quantity, Outcome.COMBINED if line.mark in known else Outcome.ADDED, ""
        if line not in fitting:
            moved, outcome, reason = 0, Outcome.DROPPED, f"A cart has {MAX_LINES} lines at the most."
        report.append(MergedLine(line.variant_id, line.quantity, moved, outcome, reason, is_saved=True))
    saved_lines.keep(target, saved, fitting)
    return report


def _room(variant_ids: set[int]) -> dict[int, int]:
    """The units of each variant that one cart can have: what is free, within the limits of an order."""
    rows = ProductVariant.objects.filter(pk__in=variant_ids)
    limits = dict(rows.values_list("pk", "product__category__effective_max_quantity"))
    most = {pk: limit for pk, limit in limits.items() if limit is not None}
    return {pk: min(units, most.get(pk, MAX_QUANTITY)) for pk, units in stock.free(variant_ids).items()}


def _fill_gaps(source: Cart, target: Cart) -> None:
    target.email, target.phone = target.email or source.email, target.phone or source.phone
    target.note, target.discount_codes = target.note or source.note, target.discount_codes or source.discount_codes
    if not CartAddress.objects.filter(cart=target).exists():
        CartAddress.objects.filter(cart=source).update(cart=target)
    known = CartGiftCard.objects.filter(cart=target).values("gift_card")
    CartGiftCard.objects.filter(cart=source).exclude(gift_card__in=known).update(cart=target)
