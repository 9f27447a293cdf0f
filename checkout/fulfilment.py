"""Sending what was ordered: in one parcel or several, each taking its units out of stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from accounts.actors import Actor
from catalog import stock
from catalog.models import ProductVariant
from checkout import orders
from checkout.models import Fulfillment, FulfillmentLine, Order, OrderEventKind, OrderLine, OrderStatus
from checkout.models.order import OrderStatusRefused
from checkout.timeline import record
from shop import outbox, text
from shop.errors import InvalidInput, Refusal, blaming


class FulfillmentTooLarge(Refusal):
    """More units are to be sent than are left to send."""

    code = "FULFILLMENT_TOO_LARGE"


@dataclass(frozen=True, slots=True)
class Tracking:
    """Where the recipient can follow the parcel."""

    company: str = ""
    number: str = ""
    url: str = ""


@transaction.atomic(durable=True)
def create(
    *, order_key: UUID, lines: Sequence[tuple[int, int]] | None, tracking: Tracking, actor: Actor
) -> Fulfillment:
    """Send `lines` as (order line id, quantity), or all that is left where it is None.

    Raises NotFound, OrderStatusRefused, FulfillmentTooLarge, InsufficientStock, InvalidInput.
    """
    with blaming("order_id"):
        order = orders.locked(order_key)
    if order.status != OrderStatus.CONFIRMED:
        raise OrderStatusRefused(order, OrderStatus.FULFILLED)
    kept = {line.pk: line for line in OrderLine.objects.select_for_update().filter(order=order).order_by("pk")}
    sent = _sent(kept, lines)
    fulfillment = Fulfillment.objects.create(order=order, **_checked(tracking))
    for line, quantity in sent:
        line.fulfilled_quantity += quantity
    OrderLine.objects.bulk_update(kept.values(), ["fulfilled_quantity"])
    FulfillmentLine.objects.bulk_create(
        [FulfillmentLine(fulfillment=fulfillment, order_line=line, quantity=quantity) for line, quantity in sent]
    )
    stock.ship(orders.reference(order), stock_of(sent), actor)
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


def _sent(kept: dict[int, OrderLine], lines: Sequence[tuple[int, int]] | None) -> list[tuple[OrderLine, int]]:
    if lines is None:
        sent = [(line, line.unsent) for line in kept.values()]
        return [(line, quantity) for line, quantity in sent if quantity]
    if not lines:
        raise InvalidInput("Name at least one line to send.", field=("lines",))
    wanted: dict[int, int] = {}
    for number, (line_id, quantity) in enumerate(lines):
        with blaming("lines", number):
            line = kept.get(line_id)
            if line is None:
                raise InvalidInput("This line is not in the order.", field=("order_line_item_id",))
            if quantity < 1:
                raise InvalidInput("The quantity must be 1 or more.", field=("quantity",))
            wanted[line_id] = wanted.get(line_id, 0) + quantity
            left = line.unsent
            if wanted[line_id] > left:
                raise FulfillmentTooLarge(f"Only {left} of {line.sku} are left to send.", field=("quantity",))
    return [(kept[line_id], quantity) for line_id, quantity in wanted.items()]


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


def _checked(tracking: Tracking) -> dict[str, str]:
    with blaming("tracking_info"):
        url = text.line(tracking.url, limit=1000, field=("url",))
        if url:
            try:
                URLValidator(schemes=["http", "https"])(url)
            except ValidationError as error:
                raise InvalidInput("This is not a web address.", field=("url",)) from error
        return {
            "tracking_company": text.line(tracking.company, limit=255, field=("company",)),
            "tracking_number": text.line(tracking.number, limit=255, field=("number",)),
            "tracking_url": url,
        }


def status_of(lines: Sequence[OrderLine]) -> str:
    """UNFULFILLED, PARTIALLY_FULFILLED or FULFILLED: how much of an order with these lines was sent."""
    sent = sum(line.fulfilled_quantity for line in lines)
    if sent == 0:
        return "UNFULFILLED"
    return (
        "FULFILLED" if sent == sum(line.quantity - line.cancelled_quantity for line in lines) else "PARTIALLY_FULFILLED"
    )
