"""Transfers: goods leave one location, are on their way, and come in at another, all at once or bit by bit.

A transfer is locked before its lines, and stock after them.
"""

from collections.abc import Sequence
from typing import TypedDict

from django.db import connection, transaction

from accounts.actors import Actor
from accounts.staff import Permission
from catalog import stock
from catalog.models import (
    MovementKind,
    ProductVariant,
    StockLocation,
    StockTransfer,
    StockTransferLine,
    TransferStatus,
)
from shop import paging, text
from shop.errors import InvalidInput, NotFound, blaming, together
from shop.paging import Page, PageRequest

MAX_LINES = 250
MAX_NOTE = 500

_NEWEST_FIRST = paging.Order("NEWEST", "pk", descending=True)


class Units(TypedDict):
    """So many units of a variant."""

    variant_id: int
    quantity: int


class NewTransfer(TypedDict):
    """A transfer to plan."""

    origin_id: int
    destination_id: int
    lines: list[Units]
    note: str | None


def page(status: TransferStatus | None, request: PageRequest) -> Page[StockTransfer]:
    """A page of the transfers, newest first, perhaps only of one status. Raises InvalidPage."""
    found = StockTransfer.objects.select_related("created_by")
    if status is not None:
        found = found.filter(status=status)
    return paging.page(found, _NEWEST_FIRST, request, list, lambda row: (row.pk,))


def visible(actor: Actor, transfer_ids: Sequence[int]) -> dict[int, StockTransfer]:
    """The transfers with these keys, for staff who keep the inventory; none for anybody else."""
    if not actor.may(Permission.MANAGE_INVENTORY):
        return {}
    return StockTransfer.objects.select_related("created_by").in_bulk(list(transfer_ids))


@transaction.atomic(durable=True)
def create(*, transfer: NewTransfer, actor: Actor) -> StockTransfer:
    """Plan a transfer; nothing moves yet. Raises InvalidInput, NotFound."""
    with blaming("transfer"):
        with together() as check:
            with check("note"):
                note = text.line(transfer["note"] or "", limit=MAX_NOTE)
            for end in ("origin_id", "destination_id"):
                with check(end):
                    if not StockLocation.objects.filter(pk=transfer[end]).exists():
                        raise NotFound("Location")
            with check("destination_id"):
                if transfer["origin_id"] == transfer["destination_id"]:
                    raise InvalidInput("Goods can only be moved to another location than where they are.")
            with check("lines"):
                units = _units(transfer["lines"])
        made = StockTransfer.objects.create(
            origin_id=transfer["origin_id"],
            destination_id=transfer["destination_id"],
            note=note,
            created_by_id=actor.user_id,
        )
        StockTransferLine.objects.bulk_create(
            StockTransferLine(transfer=made, variant_id=variant_id, quantity=quantity)
            for variant_id, quantity in units.items()
        )
    return made


@transaction.atomic(durable=True)
def ship(*, transfer_id: int, actor: Actor) -> StockTransfer:
    """Let everything leave the location it lies at. Raises NotFound, TransferStatusRefused, InsufficientStock."""
    transfer, lines = _locked(transfer_id)
    transfer.become(TransferStatus.IN_TRANSIT)
    with blaming("id"):
        _take(transfer, lines, actor)
    transfer.save(update_fields=["status", "shipped_at"])
    return transfer


@transaction.atomic(durable=True)
def receive(*, transfer_id: int, lines: Sequence[Units] | None, actor: Actor) -> StockTransfer:
    """Let these units come in, or all that is on its way; the last ones close the transfer.

    Raises NotFound, InvalidInput, TransferStatusRefused.
    """
    transfer, stored = _locked(transfer_id)
    transfer.ensure_can_become(TransferStatus.RECEIVED)
    on_its_way = {line.variant_id: line.quantity - line.received for line in stored}
    with blaming("lines"):
        arrived = on_its_way if lines is None else _arrived(lines, on_its_way)
    for line in stored:
        line.received += arrived.get(line.variant_id, 0)
    StockTransferLine.objects.bulk_update(stored, ["received"])
    _move(transfer, transfer.destination_id, arrived, actor)
    if all(line.received == line.quantity for line in stored):
        transfer.become(TransferStatus.RECEIVED)
        transfer.save(update_fields=["status", "closed_at"])
    return transfer


@transaction.atomic(durable=True)
def cancel(*, transfer_id: int, actor: Actor) -> StockTransfer:
    """Give a transfer up: what is still on its way is back where it came from. Raises NotFound, TransferStatusRefused.

    What has come in stays where it came in.
    """
    transfer, lines = _locked(transfer_id)
    had_left = transfer.status == TransferStatus.IN_TRANSIT
    transfer.become(TransferStatus.CANCELLED)
    if had_left:
        back = {line.variant_id: line.quantity - line.received for line in lines}
        _move(transfer, transfer.origin_id, back, actor)
    transfer.save(update_fields=["status", "closed_at"])
    return transfer


def differences() -> list[str]:
    """Every line of a transfer that the ledger tells otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG_LINES)
        return [
            f"transfer {transfer} of variant {variant} differs from the ledger"
            for transfer, variant in cursor.fetchall()
        ]


_WRONG_LINES = """
SELECT t.id, line.variant_id
FROM catalog_stocktransfer t
JOIN catalog_stocktransferline line ON line.transfer_id = t.id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(m.on_hand_delta) FILTER (WHERE m.location_id = t.origin_id), 0) AS at_origin,
           coalesce(sum(m.on_hand_delta) FILTER (WHERE m.location_id = t.destination_id), 0) AS at_destination
    FROM catalog_stockmovement m
    WHERE m.reference = 'transfer:' || t.id AND m.variant_id = line.variant_id
) ledger
WHERE ledger.at_destination <> line.received
   OR ledger.at_origin <> CASE t.status WHEN 'DRAFT' THEN 0 WHEN 'CANCELLED' THEN -line.received ELSE -line.quantity END
   OR (t.status = 'RECEIVED' AND line.received <> line.quantity)
ORDER BY 1, 2
"""


def _locked(transfer_id: int) -> tuple[StockTransfer, list[StockTransferLine]]:
    transfer = StockTransfer.objects.select_for_update().filter(pk=transfer_id).first()
    if transfer is None:
        raise NotFound("InventoryTransfer", field=("id",))
    return transfer, list(transfer.lines.order_by("pk").select_for_update())


def _take(transfer: StockTransfer, lines: Sequence[StockTransferLine], actor: Actor) -> None:
    on_hand = stock.locked_counts([(line.variant_id, transfer.origin_id) for line in lines])
    for line in lines:
        left = on_hand[line.variant_id, transfer.origin_id]
        if left < line.quantity:
            raise stock.InsufficientStock(line.variant.sku, left)
    _move(transfer, transfer.origin_id, {line.variant_id: -line.quantity for line in lines}, actor)


def _move(transfer: StockTransfer, location_id: int, deltas: dict[int, int], actor: Actor) -> None:
    reason = stock.Reason(MovementKind.TRANSFER, transfer.reference, actor=actor)
    stock.adjust_each({(variant_id, location_id): delta for variant_id, delta in deltas.items()}, reason)


def _units(lines: Sequence[Units]) -> dict[int, int]:
    """The units of each variant to move. Raises InvalidInput, Refusals."""
    if not 1 <= len(lines) <= MAX_LINES:
        raise InvalidInput(f"A transfer has 1 to {MAX_LINES} lines.")
    known = set(
        ProductVariant.objects.filter(pk__in=[line["variant_id"] for line in lines]).values_list("pk", flat=True)
    )
    units: dict[int, int] = {}
    with together() as check:
        for place, line in enumerate(lines):
            with check(place, "variant_id"):
                if line["variant_id"] not in known:
                    raise NotFound("ProductVariant")
                _ensure_new(line, units)
            with check(place, "quantity"):
                if not 1 <= line["quantity"] <= stock.MAX_ON_HAND:
                    raise InvalidInput(f"A line moves 1 to {stock.MAX_ON_HAND} units.")
            units[line["variant_id"]] = line["quantity"]
    return units


def _arrived(lines: Sequence[Units], on_its_way: dict[int, int]) -> dict[int, int]:
    """The units of each variant that came in, if so many were on their way. Raises InvalidInput, Refusals."""
    if not 1 <= len(lines) <= MAX_LINES:
        raise InvalidInput(f"Name 1 to {MAX_LINES} lines, or none at all for everything that is on its way.")
    arrived: dict[int, int] = {}
    with together() as check:
        for place, line in enumerate(lines):
            left = on_its_way.get(line["variant_id"])
            with check(place, "variant_id"):
                if left is None:
                    raise InvalidInput("This variant is not part of the transfer.")
                _ensure_new(line, arrived)
            with check(place, "quantity"):
                if left is not None and not 1 <= line["quantity"] <= left:
                    raise InvalidInput(f"{left} are on their way, and no more can come in; a line has 1 or more.")
            arrived[line["variant_id"]] = line["quantity"]
    return arrived


def _ensure_new(line: Units, seen: dict[int, int]) -> None:
    if line["variant_id"] in seen:
        raise InvalidInput("This variant is in the list already; add its units up.")
