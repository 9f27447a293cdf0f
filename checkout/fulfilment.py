"""Sending what was ordered: in one parcel or several, each taking its units out of stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from accounts.actors import Actor
from catalog import holds, stock
from catalog.models import ProductVariant, StockLocation
from catalog.stock import Spot
from checkout import fulfilment_orders, order_lines, orders
from checkout import tracking as following
from checkout.fulfilment_orders import NothingToSend, OrderCollected, Placed
from checkout.models import Fulfillment, FulfillmentLine, Order, OrderEventKind, OrderLine, OrderStatus
from checkout.models.order import OrderStatusRefused
from checkout.timeline import record
from shop import clock, outbox, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming

MAX_PARCELS = 50


class FulfillmentTooLarge(Refusal):
    """More units are to be sent than are left to send."""

    code = "FULFILLMENT_TOO_LARGE"


@dataclass(frozen=True, slots=True)
class Tracking:
    """Where the recipient can follow what was sent: a carrier, and the number and page of each parcel.

    Pages go with the numbers in their order; where one is left out, that of a known carrier is filled in.
    """

    company: str = ""
    numbers: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()


@transaction.atomic(durable=True)
def create(
    *,
    order_key: UUID,
    lines: Sequence[tuple[int, int]] | None,
    tracking: Tracking,
    actor: Actor,
    location_id: int | None = None,
) -> Fulfillment:
    """Send `lines` as (order line id, quantity), or all that is left where it is None, from where it is held.

    From the location, where one is named: all that is left there, or `lines`, which are taken there wherever they are
    held, unless the order is collected. Raises NotFound, OrderStatusRefused, FulfillmentTooLarge, NothingToSend,
    OrderCollected, InsufficientStock, InvalidInput.
    """
    with blaming("order_id"):
        order = orders.locked(order_key)
    if order.status != OrderStatus.CONFIRMED:
        raise OrderStatusRefused(order, OrderStatus.FULFILLED)
    kept = {line.pk: line for line in OrderLine.objects.select_for_update().filter(order=order).order_by("pk")}
    with blaming("location_id"):
        location = None if location_id is None else fulfilment_orders.location(location_id)
    placed = fulfilment_orders.placed(order, kept.values())
    sent = _sent(order, kept, lines, placed, location)
    chosen = list(fulfilment_orders.picked(placed, sent, location_id))
    taken = fulfilment_orders.taken(chosen)
    if order.pickup and location is not None and any(place != location.pk for _, place in taken):
        raise OrderCollected(order, "location_id")
    fulfillment = _stored(order, sent, chosen, location, _checked(tracking))
    _take(order, stock_of(sent), taken, location, actor)
    said = ", ".join(f"{quantity} of {line.title}" for line, quantity in sent)
    record(order, OrderEventKind.SHIPPED, f"Sent: {said}."[:5000], actor=actor)
    if not any(line.unsent for line in kept.values()):
        complete(order, actor)
    outbox.publish("order.shipped", order_id=order.pk, fulfillment_id=fulfillment.pk)
    fulfillment.order = order
    return fulfillment


def complete(order: Order, actor: Actor) -> None:
    """Nothing is left to send of an order, which the caller has locked."""
    order.become(OrderStatus.FULFILLED)
    order.save(update_fields=["status", "fulfilled_at"])
    record(order, OrderEventKind.FULFILLED, "Everything was sent.", actor=actor)
    outbox.publish("order.fulfilled", order_id=order.pk)


@transaction.atomic(durable=True)
def update_tracking(*, fulfillment_key: UUID, tracking: Tracking) -> Fulfillment:
    """Tell anew how to follow what was sent. Raises NotFound, InvalidInput."""
    columns = _checked(tracking)
    changed = _locked(fulfillment_key)
    before = changed.tracking_company, changed.parcels
    changed.tracking_company, changed.parcels = columns["tracking_company"], columns["parcels"]
    if before == (changed.tracking_company, changed.parcels):
        return changed
    changed.save(update_fields=list(columns))
    outbox.publish("order.tracking_changed", order_id=changed.order_id, fulfillment_id=changed.pk)
    return changed


@transaction.atomic(durable=True)
def mark_delivered(*, fulfillment_key: UUID) -> Fulfillment:
    """What was sent has arrived; saying so again changes nothing. Raises NotFound."""
    arrived = _locked(fulfillment_key)
    if arrived.delivered_at is not None:
        return arrived
    arrived.delivered_at = clock.now()
    arrived.save(update_fields=["delivered_at"])
    outbox.publish("order.delivered", order_id=arrived.order_id, fulfillment_id=arrived.pk)
    return arrived


def _locked(fulfillment_key: UUID) -> Fulfillment:
    """The fulfilment, behind the lock of its order. Raises NotFound."""
    order_key = Fulfillment.objects.filter(key=fulfillment_key).values_list("order__key", flat=True).first()
    if order_key is None:
        raise NotFound("Fulfillment", field=("fulfillment_id",))
    order = orders.locked(order_key)
    found = Fulfillment.objects.select_for_update().get(key=fulfillment_key)
    found.order = order
    return found


def _sent(
    order: Order,
    kept: dict[int, OrderLine],
    lines: Sequence[tuple[int, int]] | None,
    placed: Sequence[Placed],
    location: StockLocation | None,
) -> list[tuple[OrderLine, int]]:
    if lines is not None:
        return order_lines.picked(kept, lines, purpose="send", left_of=attrgetter("unsent"), too_many=_too_many)
    if location is None:
        return [(line, line.unsent) for line in kept.values() if line.unsent]
    there: dict[int, int] = {}
    for one in placed:
        if one.location_id == location.pk:
            there[one.line.pk] = there.get(one.line.pk, 0) + one.units
    if not there:
        raise NothingToSend(order, location, "location_id")
    return [(kept[line_id], units) for line_id, units in there.items()]


def _stored(
    order: Order,
    sent: Sequence[tuple[OrderLine, int]],
    chosen: Sequence[tuple[Placed, int]],
    location: StockLocation | None,
    tracking: dict[str, Any],
) -> Fulfillment:
    """The fulfilment, with the units of each line by where they are sent from: the location where one is named."""
    fulfillment = Fulfillment.objects.create(order=order, **tracking)
    for line, quantity in sent:
        line.fulfilled_quantity += quantity
    OrderLine.objects.bulk_update([line for line, _ in sent], ["fulfilled_quantity"])
    units: dict[Spot, int] = {}
    for one, quantity in chosen:
        spot = one.line.pk, location.pk if location else one.location_id
        units[spot] = units.get(spot, 0) + quantity
    FulfillmentLine.objects.bulk_create(
        [
            FulfillmentLine(fulfillment=fulfillment, order_line_id=line_id, location_id=place, quantity=quantity)
            for (line_id, place), quantity in units.items()
        ]
    )
    return fulfillment


def _take(
    order: Order, sent: dict[int, int], held: dict[Spot, int], location: StockLocation | None, actor: Actor
) -> None:
    """Take out of stock what is sent, after it was moved to the location where one is named."""
    reference = orders.reference(order)
    at: dict[int, dict[int, int]] = {}
    for (variant_id, place), units in held.items():
        at.setdefault(place, {})[variant_id] = units
    if sent != {variant_id: sum(units.get(variant_id, 0) for units in at.values()) for variant_id in sent}:
        raise RuntimeError(f"{reference} does not hold what it ships: {sent}, but {held}")
    if location is not None:
        with blaming("location_id"):
            holds.move(reference, held, location, actor)
        at = {location.pk: sent} if sent else {}
    for place, there in at.items():
        stock.ship(reference, there, actor, location_id=place)


def _too_many(line: OrderLine, left: int) -> FulfillmentTooLarge:
    return FulfillmentTooLarge(f"Only {left} of {line.label} are left to send.", field=("quantity",))


def stock_of(sent: Sequence[tuple[OrderLine, int]]) -> dict[int, int]:
    """Units by variant, of bundles those of their parts; a variant that was deleted since has no stock to take from."""
    units: dict[int, int] = {}
    for line, quantity in sent:
        for variant_id, each in line.takes:
            units[variant_id] = units.get(variant_id, 0) + each * quantity
    if any(line.components for line, _ in sent):
        there = set(ProductVariant.objects.filter(pk__in=units).values_list("pk", flat=True))
        return {variant_id: count for variant_id, count in units.items() if variant_id in there}
    return units


def _checked(tracking: Tracking) -> dict[str, Any]:
    with blaming("tracking_info"):
        if max(len(tracking.numbers), len(tracking.urls)) > MAX_PARCELS:
            raise InvalidInput(f"There are {MAX_PARCELS} parcels at the most.", field=("numbers",))
        company = text.line(tracking.company, limit=255, field=("company",))
        parcels = []
        for place, (number, url) in enumerate(zip_longest(tracking.numbers, tracking.urls, fillvalue="")):
            clean = text.line(number, limit=255, field=("numbers", place))
            page = _web_address(url, place) or following.page(company, clean)
            if clean or page:
                parcels.append({"number": clean, "url": page})
    return {"tracking_company": company, "parcels": parcels}


def _web_address(written: str, place: int) -> str:
    url = text.line(written, limit=1000, field=("urls", place))
    if url:
        try:
            URLValidator(schemes=["http", "https"])(url)
        except ValidationError as error:
            raise InvalidInput("This is not a web address.", field=("urls", place)) from error
    return url


def status_of(lines: Sequence[OrderLine]) -> str:
    """UNFULFILLED, PARTIALLY_FULFILLED or FULFILLED: how much of an order with these lines was sent."""
    sent = sum(line.fulfilled_quantity for line in lines)
    if sent == 0:
        return "UNFULFILLED"
    return (
        "FULFILLED" if sent == sum(line.quantity - line.cancelled_quantity for line in lines) else "PARTIALLY_FULFILLED"
    )
