"""Ways to deliver and their rates, as staff keep them; `checkout.shipping` says which are offered, and for how much."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NotRequired, Required, TypedDict

from django.db import transaction

from catalog import classes, handles
from catalog.handles import HandleTaken
from catalog.models import ShippingClass, StockLocation
from checkout import carriers, shipping_zones
from checkout.models import Cart, ShippingBasis, ShippingClassRule, ShippingMethod, ShippingRate
from shop import money, paging, text
from shop.errors import InvalidInput, NotFound, blaming, together
from shop.money import Money
from shop.paging import Page, PageRequest

MAX_TITLE = 255
MAX_HANDLE = 50
MAX_TEXT = 500
MAX_POSITION = 32_767
MAX_STEPS = 100
MAX_CLASSES = 100
MAX_MEASURE = Decimal(1_000_000_000)

_BY_POSITION = paging.Order("METHODS", "position")


class Step(TypedDict):
    """From so many grams, so much money or so many units on it costs this."""

    minimum: Decimal
    amount: Decimal


class ClassRule(TypedDict):
    """What a rate says of goods of a class: carried or not, and for how much more each."""

    shipping_class_id: int
    is_carried: NotRequired[bool | None]
    surcharge: NotRequired[Decimal | None]


class Rate(TypedDict):
    """What a method costs in a currency."""

    currency: str
    amount: Decimal
    free_from: NotRequired[Decimal | None]
    steps: NotRequired[list[Step] | None]
    maximum: NotRequired[Decimal | None]
    classes: NotRequired[list[ClassRule] | None]


class _Fields(TypedDict, total=False):
    handle: str | None
    description: str | None
    ready_text: str | None
    basis: str | None
    carrier: str | None
    carrier_service: str | None
    has_fallback: bool | None
    position: int | None
    is_active: bool | None


class MethodFields(_Fields, total=False):
    """What may be said of a method. A key left out leaves what there is; None puts back the default.

    `rates` are all that it has. A method moves from zone to zone, but never becomes a pick-up.
    """

    title: str | None
    zone_id: int | None
    rates: list[Rate] | None


class NewMethod(_Fields, total=False):
    """A method to make: it goes to a zone, or is a pick-up at a location."""

    title: Required[str]
    rates: Required[list[Rate]]
    zone_id: int | None
    pickup_location_id: int | None


def page(request: PageRequest) -> Page[ShippingMethod]:
    """A page of all methods, inactive ones too, in the order they are offered. Raises InvalidPage."""
    return paging.page(ShippingMethod.objects.all(), _BY_POSITION, request, list, lambda row: (row.position, row.pk))


def by_id(method_ids: Sequence[int]) -> dict[int, ShippingMethod]:
    """The methods with these keys."""
    return ShippingMethod.objects.in_bulk(list(method_ids))


def of_zones(zone_ids: Sequence[int]) -> dict[int, list[ShippingMethod]]:
    """The methods that go to each zone, in the order they are offered."""
    found: dict[int, list[ShippingMethod]] = {key: [] for key in zone_ids}
    for row in ShippingMethod.objects.filter(zone__in=list(found)).order_by("position", "pk"):
        if row.zone_id is not None:
            found[row.zone_id].append(row)
    return found


def rates_of(method_ids: Sequence[int]) -> dict[int, list[ShippingRate]]:
    """The rates of each method, by currency."""
    found: dict[int, list[ShippingRate]] = {key: [] for key in method_ids}
    for row in ShippingRate.objects.filter(method__in=list(found)).order_by("currency"):
        found[row.method_id].append(row)
    return found


def class_rules_of(rate_ids: Sequence[int]) -> dict[int, list[ShippingClassRule]]:
    """What each rate says of classes of goods."""
    found: dict[int, list[ShippingClassRule]] = {key: [] for key in rate_ids}
    rules = ShippingClassRule.objects.filter(rate__in=list(found)).select_related("shipping_class", "rate")
    for row in rules.order_by("shipping_class__title", "pk"):
        found[row.rate_id].append(row)
    return found


@transaction.atomic(durable=True)
def create(*, method: NewMethod) -> ShippingMethod:
    """Offer a way to deliver from now on. Raises InvalidInput, NotFound, HandleTaken, alone or together."""
    with blaming("shipping_method"):
        with together() as check:
            with check():
                columns = _checked(method)
            with check():
                target = _target(method)
        made = ShippingMethod(**columns, **target)
        _ensure_goes_somewhere(made)
        rates = _rates(made, method["rates"])
        _ensure_handle(made)
        made.save(force_insert=True)
    _store(rates)
    return made


@transaction.atomic(durable=True)
def update(*, method_id: int, method: MethodFields) -> ShippingMethod:
    """Change a way to deliver, for carts at once; orders keep what was agreed.

    Raises InvalidInput, NotFound, HandleTaken, alone or together.
    """
    with blaming("shipping_method"):
        columns = _checked(method)
    changed = _locked(method_id)
    for name, value in columns.items():
        setattr(changed, name, value)
    with blaming("shipping_method"):
        if "zone_id" in method:
            _move(changed, method["zone_id"])
        _ensure_goes_somewhere(changed)
        said = method.get("rates")
        rates = {} if said is None else _rates(changed, said)
        if "basis" in columns and said is None:
            raise InvalidInput("Say what it costs by the new basis.", field=("rates",))
        _ensure_handle(changed)
    changed.save()
    if rates:
        changed.rates.all().delete()
        _store(rates)
    return changed


@transaction.atomic(durable=True)
def delete(*, method_id: int) -> None:
    """Offer it no more: carts that chose it choose anew, orders keep what was agreed. Raises NotFound."""
    # Carts are locked before what they name: whoever chooses it meanwhile does so in this order.
    Cart.objects.filter(delivery_method=method_id).update(delivery_method=None)
    _locked(method_id).delete()


def _locked(method_id: int) -> ShippingMethod:
    found = ShippingMethod.objects.select_for_update(no_key=True).filter(pk=method_id).first()
    if found is None:
        raise NotFound("ShippingMethod", field=("id",))
    return found


def _target(method: NewMethod) -> dict[str, Any]:
    zone_id, location_id = method.get("zone_id"), method.get("pickup_location_id")
    if (zone_id is None) == (location_id is None):
        raise InvalidInput("Name either the zone it goes to or the location of a pick-up.", field=("zone_id",))
    if zone_id is not None:
        return {"zone": shipping_zones.locked(zone_id, "zone_id")}
    location = StockLocation.objects.select_for_update().filter(pk=location_id or 0).first()
    if location is None:
        raise NotFound("Location", field=("pickup_location_id",))
    if location.address is None:
        raise InvalidInput("Say where this location is first, with locationUpdate.", field=("pickup_location_id",))
    return {"pickup_location": location}


def _move(method: ShippingMethod, zone_id: int | None) -> None:
    if method.pickup_location_id is not None or zone_id is None:
        raise InvalidInput("A pick-up goes to no zone, and any other method needs one.", field=("zone_id",))
    method.zone = shipping_zones.locked(zone_id, "zone_id")


def _checked(said: MethodFields | NewMethod) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    with together() as check:
        if "title" in said:
            with check("title"):
                columns["title"] = text.line(said["title"] or "", limit=MAX_TITLE, required=True)
        for name in ("description", "ready_text"):
            if name in said:
                with check(name):
                    columns[name] = text.line(str(said.get(name) or ""), limit=MAX_TEXT)
        if "handle" in said:
            with check("handle"):
                columns["handle"] = "" if said["handle"] is None else _checked_handle(said["handle"])
        if "basis" in said:
            columns["basis"] = said["basis"] or ShippingBasis.FLAT
        if "carrier" in said:
            with check("carrier"):
                columns["carrier"] = _checked_carrier(said["carrier"] or "")
        if "carrier_service" in said:
            with check("carrier_service"):
                columns["carrier_service"] = text.line(said["carrier_service"] or "", limit=MAX_HANDLE)
        if "has_fallback" in said:
            columns["has_fallback"] = said["has_fallback"] is not False
        if "position" in said:
            with check("position"):
                columns["position"] = said["position"] or 0
                if not 0 <= columns["position"] <= MAX_POSITION:
                    raise InvalidInput(f"A position is a number from 0 to {MAX_POSITION}; the lowest comes first.")
        if "is_active" in said:
            columns["is_active"] = said["is_active"] is not False
    return columns


def _checked_handle(handle: str) -> str:
    handles.checked(handle)
    if len(handle) > MAX_HANDLE or not handle.isascii():
        raise InvalidInput(f"A handle has {MAX_HANDLE} characters at the most, all of them of the English alphabet.")
    return handle


def _checked_carrier(handle: str) -> str:
    if handle and handle not in carriers.names():
        known = ", ".join(carriers.names()) or "none"
        raise InvalidInput(f"No carrier has this name; the setting CARRIERS has: {known}.")
    return handle


def _ensure_goes_somewhere(method: ShippingMethod) -> None:
    if method.carrier and method.pickup_location_id is not None:
        raise InvalidInput("A carrier goes to a zone; nothing is sent for a pick-up.", field=("carrier",))


def _ensure_handle(method: ShippingMethod) -> None:
    """Make one of the title where there is none; a handle is made and checked under one lock. Raises HandleTaken."""
    others = ShippingMethod.objects.exclude(pk=method.pk)
    if not method.handle:
        base = "".join(letter for letter in method.title if letter.isascii())[: MAX_HANDLE - 15]
        method.handle = handles.made_from(base, otherwise="method", among=others)
    if others.filter(handle=method.handle).exists():
        raise HandleTaken(method.handle)


def _store(rates: Mapping[str, tuple[ShippingRate, list[ShippingClassRule]]]) -> None:
    ShippingRate.objects.bulk_create([rate for rate, _ in rates.values()])
    ShippingClassRule.objects.bulk_create([rule for _, rules in rates.values() for rule in rules])


def _rates(method: ShippingMethod, said: Sequence[Rate]) -> dict[str, tuple[ShippingRate, list[ShippingClassRule]]]:
    """The rates by currency, each with what it says of classes. Raises Refusals."""
    if not said:
        raise InvalidInput("Say what it costs, in one currency at least.", field=("rates",))
    rates: dict[str, tuple[ShippingRate, list[ShippingClassRule]]] = {}
    with together() as check:
        for place, one in enumerate(said):
            with check("rates", place):
                if one["currency"] in rates:
                    raise InvalidInput("There is one rate for each currency.", field=("currency",))
                rate = _rate(method, one)
                rates[rate.currency] = rate, _class_rules(rate, one.get("classes") or [])
    return rates


def _rate(method: ShippingMethod, said: Rate) -> ShippingRate:
    currency, free_from = said["currency"], said.get("free_from")
    if not money.is_currency(currency):
        raise InvalidInput("A currency is a code of ISO 4217 such as EUR.", field=("currency",))
    rate = ShippingRate(method=method, currency=currency)
    with together() as check:
        with check("amount"):
            rate.amount = Money.price(said["amount"], currency).amount
        if free_from is not None:
            with check("free_from"):
                rate.free_from = Money.price(free_from, currency).amount
        with check("steps"):
            rate.steps = _steps(method, said.get("steps") or [], currency)
        with check("maximum"):
            rate.maximum = _measure(method, said.get("maximum"), currency)
    return rate


def _class_rules(rate: ShippingRate, said: Sequence[ClassRule]) -> list[ShippingClassRule]:
    if len(said) > MAX_CLASSES:
        raise InvalidInput(f"A rate names {MAX_CLASSES} classes at the most.", field=("classes",))
    rules: dict[int, ShippingClassRule] = {}
    known = classes.by_id(ShippingClass, [one["shipping_class_id"] for one in said])
    for place, one in enumerate(said):
        with blaming("classes", place):
            key, surcharge = one["shipping_class_id"], one.get("surcharge")
            if key not in known:
                raise NotFound("ShippingClass", field=("shipping_class_id",))
            if key in rules:
                raise InvalidInput("Each class is named once.", field=("shipping_class_id",))
            rules[key] = ShippingClassRule(rate=rate, shipping_class_id=key)
            if one.get("is_carried") is not False:
                with blaming("surcharge"):
                    rules[key].surcharge = Money.price(surcharge or Decimal(0), rate.currency).amount
    return list(rules.values())


def _steps(method: ShippingMethod, said: Sequence[Step], currency: str) -> list[list[str]]:
    if len(said) > MAX_STEPS:
        raise InvalidInput(f"A rate has {MAX_STEPS} steps at the most.")
    steps: list[list[str]] = []
    last = Decimal(0)
    for place, step in enumerate(said):
        with blaming(place):
            with blaming("minimum"):
                minimum = _measure(method, step["minimum"], currency) or Decimal(0)
                if minimum <= last:
                    raise InvalidInput("Each step begins above the one before it, and the first above 0.")
            with blaming("amount"):
                amount = Money.price(step["amount"], currency).amount
        last = minimum
        steps.append([f"{minimum:f}", f"{amount:f}"])
    return steps


def _measure(method: ShippingMethod, said: Decimal | None, currency: str) -> Decimal | None:
    """Grams, money or units, by the method's basis. Raises InvalidInput."""
    if said is None:
        return None
    if method.basis == ShippingBasis.FLAT:
        raise InvalidInput("A flat rate depends on nothing; say by what it grows with `basis`.")
    if method.basis == ShippingBasis.PRICE:
        found = Money.price(said, currency).amount
    else:
        if not said.is_finite() or said != said.to_integral_value() or not 0 < said <= MAX_MEASURE:
            raise InvalidInput(f"This is a whole number of grams or units, from 1 to {MAX_MEASURE}.")
        found = said.quantize(Decimal(1))
    if not found:
        raise InvalidInput("This must be above 0.")
    return found
