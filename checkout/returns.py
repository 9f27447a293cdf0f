"""Returns: asked for by customers or staff, decided by staff, and received into stock, or written off where damaged.

Units that are to come back count against what was sent as soon as somebody asks, so that none comes back twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.staff import Permission
from catalog import stock
from catalog.models import MovementKind, StockLocation
from catalog.stock import Reason
from checkout import credit, fulfilment, order_lines, orders, owing, payments
from checkout.models import Order, OrderEventKind, OrderLine, Return, ReturnLine, ReturnStatus, Settlement
from checkout.timeline import record
from shop import outbox, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming


class ReturnTooLarge(Refusal):
    """More units are to come back than were sent and are not back, or on their way, yet."""

    code = "RETURN_TOO_LARGE"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came of one line."""

    line_id: int
    good: int = 0
    damaged: int = 0


def of_orders(order_ids: Sequence[int]) -> QuerySet[Return]:
    """The returns of several orders, each order's oldest first, with their lines."""
    found = Return.objects.filter(order_id__in=order_ids).select_related("order")
    return found.prefetch_related("lines__order_line").order_by("pk")


def exchanged_for(order_ids: Sequence[int]) -> QuerySet[Return]:
    """The returns for which these orders were made, as `of_orders` reads them."""
    found = Return.objects.filter(exchange_order_id__in=order_ids).select_related("order")
    return found.prefetch_related("lines__order_line")


@transaction.atomic(durable=True)
def request(*, order_key: UUID, lines: Sequence[tuple[int, int]], reason: str, actor: Actor) -> Return:
    """Ask to send `lines` back, as (order line id, quantity). What staff ask for is approved at once.

    Raises NotFound, ReturnTooLarge, InvalidInput.
    """
    because = text.line(reason, limit=500, field=("reason",))
    with blaming("id"):
        order = orders.locked(order_key)
    wanted = _wanted(_lines(order), lines)
    is_staff = actor.may(Permission.MANAGE_ORDERS)
    made = Return.objects.create(order=order, reason=because, actor_id=actor.user_id)
    if is_staff:
        made.become(ReturnStatus.OPEN)
        made.save(update_fields=["status", "decided_at"])
    for line, quantity in wanted:
        line.returning_quantity += quantity
    OrderLine.objects.bulk_update([line for line, _ in wanted], ["returning_quantity"])
    ReturnLine.objects.bulk_create([ReturnLine(of=made, order_line=line, quantity=units) for line, units in wanted])
    said = "To come back: " + ", ".join(f"{quantity} of {line.title}" for line, quantity in wanted)
    record(order, OrderEventKind.RETURN_REQUESTED, f"{said}. {because}".strip()[:5000], actor=actor)
    outbox.publish("return.requested", order_id=order.pk, return_id=made.pk)
    if is_staff:
        outbox.publish("return.approved", order_id=order.pk, return_id=made.pk)
    return made


@transaction.atomic(durable=True)
def approve(*, return_key: UUID, answer: str, actor: Actor) -> Return:
    """Let the goods come back; `answer` tells the customer how. Raises NotFound, ReturnStatusRefused."""
    return _decided(return_key, ReturnStatus.OPEN, answer, actor)


@transaction.atomic(durable=True)
def decline(*, return_key: UUID, answer: str, actor: Actor) -> Return:
    """Do not take the goods back; `answer` tells the customer why. Raises NotFound, ReturnStatusRefused."""
    return _decided(return_key, ReturnStatus.DECLINED, answer, actor)


@transaction.atomic(durable=True)
def cancel(*, return_key: UUID, actor: Actor) -> Return:
    """Give up a return of which nothing came: one's own, or any for staff. Raises NotFound, ReturnStatusRefused."""
    if not Return.objects.filter(key=return_key, order__in=orders.visible_to(actor)).exists():
        raise NotFound("Return", field=("id",))
    return _decided(return_key, ReturnStatus.CANCELLED, "", actor)


@transaction.atomic(durable=True)
def receive(
    *,
    return_key: UUID,
    arrivals: Sequence[Arrival] | None,
    location_id: int | None,
    refund: bool,
    actor: Actor,
) -> Return:
    """Take back what came, or all of it in good condition where `arrivals` is None; what did not come stays sold.

    What is good goes into stock at the location; what is damaged is entered there and written off. The order owes less
    by what came; with `refund` what was received beyond that is given back by a job.

    Raises NotFound, ReturnStatusRefused, ReturnTooLarge, InvalidInput.
    """
    returned = locked(return_key)
    order = returned.order
    returned.become(ReturnStatus.RECEIVED)
    returned.location = _location(location_id)
    sold = _lines(order)
    lines = list(returned.lines.order_by("order_line_id"))
    _enter(lines, arrivals)
    came = [(sold[line.order_line_id], line.good + line.damaged) for line in lines if line.good + line.damaged]
    if not came:
        raise InvalidInput("Nothing came back; cancel the return instead.", field=("lines",))
    value = owing.take_off(order, came)
    returned.value = value.amount
    for line in lines:
        sold[line.order_line_id].returning_quantity -= line.quantity
        sold[line.order_line_id].returned_quantity += line.good + line.damaged
    OrderLine.objects.bulk_update(sold.values(), ["returning_quantity", "returned_quantity"])
    ReturnLine.objects.bulk_update(lines, ["good", "damaged"])
    if refund:
        returned.settlement = Settlement.REFUNDED
    returned.save(update_fields=["status", "decided_at", "location", "value", "settlement"])
    if refund:
        owing.give_back(order, value, returned.reason, actor)
    payments.give_up_awaited(order)
    damaged = [(sold[line.order_line_id], line.damaged) for line in lines if line.damaged]
    _restock(order, returned.location, came, damaged, actor)
    said = "Came back: " + ", ".join(f"{quantity} of {line.title}" for line, quantity in came)
    record(order, OrderEventKind.RETURNED, f"{said}."[:5000], actor=actor)
    credit.keep_up(order)
    outbox.publish("return.received", order_id=order.pk, return_id=returned.pk)
    return returned


def _decided(return_key: UUID, status: ReturnStatus, answer: str, actor: Actor) -> Return:
    said = text.line(answer, limit=500, field=("answer",))
    returned = locked(return_key)
    returned.become(status)
    returned.answer = said or returned.answer
    returned.save(update_fields=["status", "decided_at", "answer"])
    if status != ReturnStatus.OPEN:
        sold = _lines(returned.order)
        for line in returned.lines.all():
            sold[line.order_line_id].returning_quantity -= line.quantity
        OrderLine.objects.bulk_update(sold.values(), ["returning_quantity"])
    kind, words, topic = _TOLD[status]
    record(returned.order, kind, f"{words} {said}".strip(), actor=actor)
    outbox.publish(topic, order_id=returned.order_id, return_id=returned.pk)
    return returned


def locked(return_key: UUID) -> Return:
    """The return, locked after its order."""
    found = Return.objects.filter(key=return_key).values_list("order__key", flat=True).first()
    if found is None:
        raise NotFound("Return", field=("id",))
    order = orders.locked(found)
    returned = Return.objects.select_for_update().get(key=return_key)
    returned.order = order
    return returned


def _lines(order: Order) -> dict[int, OrderLine]:
    lines = {line.pk: line for line in OrderLine.objects.select_for_update().filter(order=order).order_by("pk")}
    for line in lines.values():
        line.order = order
    return lines


def _wanted(kept: dict[int, OrderLine], lines: Sequence[tuple[int, int]]) -> list[tuple[OrderLine, int]]:
    wanted = order_lines.picked(kept, lines, purpose="send back", left_of=attrgetter("returnable"), too_many=_too_many)
    return sorted(wanted, key=lambda one: one[0].pk)


def _too_many(line: OrderLine, left: int) -> ReturnTooLarge:
    return ReturnTooLarge(f"Only {left} of {line.label} can come back.", field=("quantity",))


def _enter(lines: Sequence[ReturnLine], arrivals: Sequence[Arrival] | None) -> None:
    """Note on the lines of a return what came."""
    if arrivals is None:
        for line in lines:
            line.good = line.quantity
        return
    by_line = {line.order_line_id: line for line in lines}
    for number, arrival in enumerate(arrivals):
        with blaming("lines", number):
            found = by_line.get(arrival.line_id)
            if found is None:
                raise InvalidInput("This line is not in the return.", field=("order_line_item_id",))
            if arrival.good < 0 or arrival.damaged < 0:
                raise InvalidInput("A number of units must be 0 or more.")
            found.good += arrival.good
            found.damaged += arrival.damaged
            if found.good + found.damaged > found.quantity:
                raise ReturnTooLarge(f"Only {found.quantity} of this line were to come back.")


def _location(location_id: int | None) -> StockLocation:
    if location_id is None:
        return stock.default_location()
    location = StockLocation.objects.filter(pk=location_id).first()
    if location is None:
        raise NotFound("Location", field=("location_id",))
    return location


def _restock(
    order: Order,
    location: StockLocation,
    came: Sequence[tuple[OrderLine, int]],
    damaged: Sequence[tuple[OrderLine, int]],
    actor: Actor,
) -> None:
    reference = orders.reference(order)
    stock.adjust(fulfilment.stock_of(came), Reason(MovementKind.RETURN, reference, actor=actor), location)
    lost = {variant_id: -units for variant_id, units in fulfilment.stock_of(damaged).items()}
    stock.adjust(lost, Reason(MovementKind.DAMAGE, reference, actor=actor), location)


_TOLD = {
    ReturnStatus.OPEN: (OrderEventKind.RETURN_APPROVED, "The return was approved.", "return.approved"),
    ReturnStatus.DECLINED: (OrderEventKind.RETURN_DECLINED, "The return was declined.", "return.declined"),
    ReturnStatus.CANCELLED: (OrderEventKind.RETURN_CANCELLED, "The return was given up.", "return.cancelled"),
}
