"""Cancelling a part of an order: units that were not sent yet are owed no more, and go back into stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from uuid import UUID

from django.db import transaction

from accounts.actors import Actor
from catalog import stock
from checkout import credit, fulfilment, order_lines, orders, owing, payments
from checkout.models import Order, OrderEventKind, OrderLine, OrderStatus
from checkout.models.order import OrderStatusRefused
from checkout.timeline import record
from shop import outbox, text
from shop.errors import Refusal, blaming


class CancellationTooLarge(Refusal):
    """More units are to be cancelled than are left to send."""

    code = "CANCELLATION_TOO_LARGE"


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Why, and what becomes of goods and money."""

    reason: str = ""
    restock: bool = True
    refund: bool = True


@transaction.atomic(durable=True)
def cancel_lines(
    *, order_key: UUID, lines: Sequence[tuple[int, int]], cancellation: Cancellation, actor: Actor
) -> Order:
    """Cancel `lines` as (order line id, quantity) of a confirmed order.

    What is held for them is free again, or written off. What was received beyond what is owed then is given back by a
    job. Where nothing is left to send, the order is fulfilled; where nothing was sent at all, it is cancelled, and its
    delivery with it.

    Raises NotFound, OrderStatusRefused, CancellationTooLarge, InsufficientStock, InvalidInput.
    """
    because = text.line(cancellation.reason, limit=500, field=("reason",))
    with blaming("id"):
        order = orders.locked(order_key)
    if order.status != OrderStatus.CONFIRMED:
        raise OrderStatusRefused(order, OrderStatus.CANCELLED)
    kept = {line.pk: line for line in OrderLine.objects.select_for_update().filter(order=order).order_by("pk")}
    for line in kept.values():
        line.order = order
    wanted = _wanted(kept, lines)
    if _is_all(kept, wanted):
        orders.give_up(order, because, restock=cancellation.restock, refund=cancellation.refund, actor=actor)
        return order
    value = owing.take_off(order, wanted)
    for line, quantity in wanted:
        line.cancelled_quantity += quantity
    OrderLine.objects.bulk_update([line for line, _ in wanted], ["cancelled_quantity"])
    if cancellation.refund:
        owing.give_back(order, value, because, actor)
    payments.give_up_awaited(order)
    units, held = fulfilment.stock_of(wanted), orders.reference(order)
    if cancellation.restock:
        stock.release_part(held, units, actor)
    else:
        stock.write_off(held, units, actor)
    said = "Cancelled: " + ", ".join(f"{quantity} of {line.title}" for line, quantity in wanted)
    record(order, OrderEventKind.LINES_CANCELLED, f"{said}. {because}".strip()[:5000], actor=actor)
    if not any(line.unsent for line in kept.values()):
        fulfilment.complete(order, actor)
    credit.keep_up(order)
    outbox.publish("order.lines_cancelled", order_id=order.pk)
    return order


def _wanted(kept: dict[int, OrderLine], lines: Sequence[tuple[int, int]]) -> list[tuple[OrderLine, int]]:
    wanted = order_lines.picked(kept, lines, purpose="cancel", left_of=attrgetter("unsent"), too_many=_too_many)
    return sorted(wanted, key=lambda one: one[0].pk)


def _too_many(line: OrderLine, left: int) -> CancellationTooLarge:
    return CancellationTooLarge(f"Only {left} of {line.label} are left to cancel.", field=("quantity",))


def _is_all(kept: dict[int, OrderLine], wanted: Sequence[tuple[OrderLine, int]]) -> bool:
    """Whether nothing was sent, and nothing would be left to send."""
    left = sum(line.unsent for line in kept.values()) - sum(quantity for _, quantity in wanted)
    return not left and not any(line.fulfilled_quantity for line in kept.values())
