"""What each location has to send of an order: told by what is held for the order there, line by line.

Holds know variants, not lines: lines are shared out over them in their order, so that equal goods on two lines may
change places. What takes nothing out of stock goes along with the rest, or from the main location.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import models, transaction

from accounts.actors import Actor
from catalog import holds, stock
from catalog.models import StockHold, StockLocation
from catalog.stock import Spot
from checkout import order_lines, orders
from checkout.models import FulfillmentLine, Order, OrderEventKind, OrderLine, OrderStatus
from checkout.timeline import record
from shop.errors import InvalidInput, NotFound, Refusal, blaming

# The units held of each variant, by location, in the order in which they are taken.
Pool = dict[int, dict[int, int]]


class NothingToSend(Refusal):
    """Nothing of the order is to be sent from this location."""

    code = "NOTHING_TO_SEND"

    def __init__(self, order: Order, location: StockLocation, *field: str) -> None:
        super().__init__(f"Nothing of order {order.name} is to be sent from {location.name}.", field=field)


class OrderCollected(Refusal):
    """The buyer collects the order where they chose to, so that its goods stay there."""

    code = "ORDER_IS_COLLECTED"

    def __init__(self, order: Order, *field: str) -> None:
        place = (order.pickup or {}).get("name", "")
        super().__init__(
            f"Order {order.name} is collected at {place}; its goods are not sent from elsewhere.", field=field
        )


class FulfilmentOrderStatus(models.TextChoices):
    """Where it stands with what a location has to send of an order."""

    ON_HOLD = "ON_HOLD", "Payment is awaited; nothing may be sent yet"
    OPEN = "OPEN", "Something is to be sent"
    CLOSED = "CLOSED", "Everything was sent"


@dataclass(frozen=True, slots=True)
class Placed:
    """Units of a line that are to be sent from a location, and what they take: of a bundle, wherever its parts lie."""

    line: OrderLine
    location_id: int
    units: int
    pool: Pool

    def takes(self, units: int) -> dict[Spot, int]:
        """What so many of them take out of stock, and where."""
        taken: dict[Spot, int] = {}
        for variant_id, each in self.line.takes:
            for location_id, count in _drawn(self.pool.get(variant_id, {}), each * units):
                taken[variant_id, location_id] = count
        return taken


@dataclass(frozen=True, slots=True)
class Part:
    """Units of a line that a location sends: those still to be sent, and those that were."""

    line: OrderLine
    remaining: int
    sent: int


@dataclass(frozen=True, slots=True)
class FulfilmentOrder:
    """What one location sends of an order."""

    order: Order
    location: StockLocation
    parts: Sequence[Part]

    @property
    def status(self) -> FulfilmentOrderStatus:
        if not any(part.remaining for part in self.parts):
            return FulfilmentOrderStatus.CLOSED
        is_open = self.order.status == OrderStatus.CONFIRMED
        return FulfilmentOrderStatus.OPEN if is_open else FulfilmentOrderStatus.ON_HOLD


def of_orders(orders_with_lines: Mapping[int, Sequence[OrderLine]]) -> dict[int, list[FulfilmentOrder]]:
    """Of each order, whose lines are given, what every location sends: by priority. Three statements."""
    known = {order_id: lines[0].order for order_id, lines in orders_with_lines.items() if lines}
    held = holds.of([orders.reference(order) for order in known.values()])
    main = stock.default_location()
    places = {main.pk: main} | {hold.location_id: hold.location for found in held.values() for hold in found}
    sent: dict[int, dict[Spot, int]] = {order_id: {} for order_id in known}
    gone = FulfillmentLine.objects.filter(fulfillment__order_id__in=known, location__isnull=False)
    for one in gone.select_related("location", "fulfillment").order_by("pk"):
        if one.location is not None:
            places[one.location.pk] = one.location
            units, spot = sent[one.fulfillment.order_id], (one.order_line_id, one.location.pk)
            units[spot] = units.get(spot, 0) + one.quantity
    found: dict[int, list[FulfilmentOrder]] = {order_id: [] for order_id in orders_with_lines}
    for order_id, order in known.items():
        lines = sorted(orders_with_lines[order_id], key=lambda line: line.pk)
        found[order_id] = _told(
            order, lines, _planned(order, lines, held[orders.reference(order)], main), sent[order_id], places
        )
    return found


def placed(order: Order, lines: Iterable[OrderLine]) -> list[Placed]:
    """Where what is left to send of an order lies, whose lines the caller has locked."""
    [held] = holds.of([orders.reference(order)]).values()
    return _planned(order, lines, held, stock.default_location())


def _planned(order: Order, lines: Iterable[OrderLine], held: Sequence[StockHold], main: StockLocation) -> list[Placed]:
    if order.status not in {OrderStatus.PLACED, OrderStatus.CONFIRMED}:
        return []
    pool: Pool = {}
    for hold in held:
        pool.setdefault(hold.variant_id, {})[hold.location_id] = hold.quantity
    found: list[Placed] = []
    scattered, nowhere = [], []
    for line in lines:
        left = line.unsent
        takes = [(variant_id, each) for variant_id, each in line.takes if variant_id in pool]
        if left and not takes:
            nowhere.append((line, left))
            continue
        for location_id in {place: None for variant_id, _ in takes for place in pool[variant_id]}:
            whole = min(left, *(pool[variant_id].get(location_id, 0) // each for variant_id, each in takes))
            if whole:
                left -= whole
                found.append(_taken(line, location_id, whole, takes, pool, only=location_id))
        if left:
            scattered.append((line, left, takes))
    for line, left, takes in scattered:
        first = next((place for variant_id, _ in takes for place, count in pool[variant_id].items() if count), None)
        if first is None:
            nowhere.append((line, left))
        else:
            found.append(_taken(line, first, left, takes, pool))
    if nowhere:
        beside = found[0].location_id if found else main.pk
        found += [Placed(line, beside, left, {}) for line, left in nowhere]
    return found


def picked(
    there: Sequence[Placed], wanted: Sequence[tuple[OrderLine, int]], location_id: int | None
) -> Iterator[tuple[Placed, int]]:
    """Which of the units that are left these are: first those that lie at the location, where one is named."""
    for line, quantity in wanted:
        own = [one for one in there if one.line.pk == line.pk]
        for one in sorted(own, key=lambda one: one.location_id != location_id):
            units = min(one.units, quantity)
            if units:
                quantity -= units
                yield one, units


def taken(chosen: Iterable[tuple[Placed, int]]) -> dict[Spot, int]:
    """What these units take out of stock, and where, all together."""
    together: dict[Spot, int] = {}
    for one, units in chosen:
        for spot, count in one.takes(units).items():
            together[spot] = together.get(spot, 0) + count
    return together


@transaction.atomic(durable=True)
def move(
    *, order_key: UUID, location_id: int, to_id: int, lines: Sequence[tuple[int, int]] | None, actor: Actor
) -> Order:
    """Have another location send what one has to send of a confirmed order: `lines`, or all of it where it is None.

    Raises NotFound, NothingToSend, OrderCollected, StockNotThere, InvalidInput.
    """
    with blaming("id"):
        order = orders.locked(order_key)
        origin = location(location_id, noun="FulfillmentOrder")
        if order.status != OrderStatus.CONFIRMED:
            raise NothingToSend(order, origin)
        if order.pickup:
            raise OrderCollected(order)
    with blaming("new_location_id"):
        to = location(to_id)
        if to == origin:
            raise InvalidInput(f"{to.name} is to send it already.")
        if not to.is_active:
            raise InvalidInput(f"{to.name} is closed; choose a location that is active.")
    kept = {line.pk: line for line in OrderLine.objects.select_for_update().filter(order=order).order_by("pk")}
    here = [one for one in placed(order, kept.values()) if one.location_id == origin.pk and one.pool]
    there: dict[int, int] = {}
    for one in here:
        there[one.line.pk] = there.get(one.line.pk, 0) + one.units
    if not there:
        raise NothingToSend(order, origin, "id")
    if lines is None:
        wanted = [(kept[line_id], units) for line_id, units in there.items()]
    else:
        left_of = {line_id: there.get(line_id, 0) for line_id in kept}
        wanted = order_lines.picked(
            kept, lines, purpose="move", left_of=lambda line: left_of[line.pk], too_many=_too_many(origin)
        )
    with blaming("new_location_id"):
        holds.move(orders.reference(order), taken(picked(here, wanted, origin.pk)), to, actor)
    said = ", ".join(f"{quantity} of {line.title}" for line, quantity in wanted)
    message = f"To be sent from {to.name} instead of {origin.name}: {said}."
    record(order, OrderEventKind.MOVED, message[:5000], is_public=False, actor=actor)
    return order


def location(location_id: int, noun: str = "Location") -> StockLocation:
    """The location that is meant. Raises NotFound."""
    found = StockLocation.objects.filter(pk=location_id).first()
    if found is None:
        raise NotFound(noun)
    return found


def _taken(
    line: OrderLine, location_id: int, units: int, takes: Sequence[tuple[int, int]], pool: Pool, only: int | None = None
) -> Placed:
    """So many units of a line, taken out of the pool; `only` from one location, or in the order of the pool."""
    own: Pool = {}
    for variant_id, each in takes:
        there = pool[variant_id] if only is None else {only: pool[variant_id][only]}
        for place, count in _drawn(there, each * units):
            pool[variant_id][place] -= count
            own.setdefault(variant_id, {})[place] = count
    return Placed(line, location_id, units, own)


def _drawn(there: Mapping[int, int], count: int) -> Iterator[tuple[int, int]]:
    """Locations with what is drawn from each, until there are so many."""
    for place, units in list(there.items()):
        drawn = min(units, count)
        if drawn:
            count -= drawn
            yield place, drawn


def _too_many(origin: StockLocation) -> Callable[[OrderLine, int], Refusal]:
    def refuse(line: OrderLine, left: int) -> Refusal:
        return InvalidInput(f"Only {left} of {line.label} are to be sent from {origin.name}.", field=("quantity",))

    return refuse


def _told(
    order: Order,
    lines: Sequence[OrderLine],
    planned: Sequence[Placed],
    sent: Mapping[Spot, int],
    places: Mapping[int, StockLocation],
) -> list[FulfilmentOrder]:
    left: dict[Spot, int] = {}
    for one in planned:
        spot = (one.line.pk, one.location_id)
        left[spot] = left.get(spot, 0) + one.units
    at = {location_id for _, location_id in [*left, *sent]}
    found = []
    for place in sorted((places[pk] for pk in at), key=lambda place: (place.priority, place.pk)):
        units = [(line, left.get((line.pk, place.pk), 0), sent.get((line.pk, place.pk), 0)) for line in lines]
        parts = [Part(line, remaining, gone) for line, remaining, gone in units if remaining or gone]
        found.append(FulfilmentOrder(order, place, parts))
    return found
