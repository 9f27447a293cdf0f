"""Ways to deliver a cart, and what each would cost it.

A method is offered where its zone covers the place the cart goes to, if it has a price in the cart's currency and
carries what is in the cart. Of a place that is known in part, whatever may cover it does: what is offered then is an
estimate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from django.db.models import Q, QuerySet

from checkout import quotes
from checkout.bills import DeliveryOption, DeliveryRefusal, Pickup, PricedLine, Totals
from checkout.carriers import Consignment, Place
from checkout.models import Cart, ShippingBasis, ShippingClassRule, ShippingRate
from checkout.quotes import Quote, Wanted
from shop import prepared
from shop.money import Money


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a cart goes, as far as it is known; "" for what is not."""

    country: str = ""
    province: str = ""
    postcode: str = ""


class Offered(NamedTuple):
    """The options of a cart, the methods that would go there but do not carry it, and what carriers are to be asked."""

    options: list[DeliveryOption]
    refusals: list[DeliveryRefusal]
    quotes_wanted: list[Wanted]


# The surcharge of a class by a method, None for what is not carried; by the keys of the two.
Rules: TypeAlias = Mapping[tuple[int, int | None], Decimal | None]


class _Rate(NamedTuple):
    """A method's rate in a currency, with what its zone and its location say."""

    method_id: int
    handle: str
    title: str
    description: str
    basis: str
    amount: Decimal
    free_from: Decimal | None
    steps: list[list[str]]
    maximum: Decimal | None
    provinces: list[str] | None
    postcodes: list[list[str]] | None
    is_rest: bool | None
    location_id: int | None
    location_name: str | None
    location_address: dict[str, str] | None
    ready_text: str
    carrier: str
    carrier_service: str
    has_fallback: bool


def destination(cart: Cart, bill: Totals) -> Destination:
    """Where its selected address is, else the country the shopper named, if any."""
    return place_of(bill.address) if bill.address else Destination(cart.country)


def place_of(address: dict[str, str] | None) -> Destination:
    """Where an address is; of one that is not known yet, anywhere."""
    return Destination(address["country_code"], address["province_code"], address["zip"]) if address else Destination()


def offered(currency: str, place: Destination, bill: Totals) -> Offered:
    """What is offered of a bill that goes there, in the merchant's order."""
    rates = _covering(currency, place)
    rules = _rules(currency, rates, bill)
    quoted, wanted = _quoted(rates, place, bill)
    found = Offered([], [], wanted)
    for rate in rates:
        refusal = _refusal(rate, bill) or _not_carried(rate, bill, rules) or _unquoted(rate, bill, quoted)
        if refusal:
            found.refusals.append(refusal)
        else:
            found.options.append(_option(rate, bill, rules, quoted.get(rate.carrier)))
    return found


def postcode(written: str) -> str:
    """A postcode, or its beginning, as postcodes are compared."""
    return "".join(character for character in written.upper() if character.isalnum())


def _covering(currency: str, place: Destination) -> list[_Rate]:
    """The rates of all methods that go there; those of the rest of the world where there are no others."""
    rates = [_Rate(*row) for row in _rates(currency, place.country or None)]
    covering = [rate for rate in rates if _covers(rate, place)]
    if any(rate.location_id is None and not rate.is_rest for rate in covering):
        return [rate for rate in covering if not rate.is_rest]
    return covering


def _covers(rate: _Rate, place: Destination) -> bool:
    """Whether the zone does, the country aside; a location serves the country it is in."""
    if rate.location_address is not None:
        return not place.country or rate.location_address["country_code"] == place.country
    if rate.provinces and place.province and f"{place.country}-{place.province}".upper() not in rate.provinces:
        return False
    code = postcode(place.postcode)
    return not rate.postcodes or not code or any(_is_between(code, *ends) for ends in rate.postcodes)


def _is_between(code: str, first: str, last: str) -> bool:
    return code[: len(first)] >= first and code[: len(last)] <= last


def _refusal(rate: _Rate, bill: Totals) -> DeliveryRefusal | None:
    measure = _measure(rate, bill)
    if rate.maximum is None or measure <= rate.maximum:
        return None
    most = {
        ShippingBasis.WEIGHT: f"{rate.maximum.normalize():f} g",
        ShippingBasis.ITEMS: f"{rate.maximum.normalize():f} units",
    }.get(ShippingBasis(rate.basis), str(Money.rounded(rate.maximum, bill.currency)))
    return DeliveryRefusal(rate.handle, rate.title, "TOO_MUCH", f"{rate.title} carries {most} at the most.")


def _not_carried(rate: _Rate, bill: Totals, rules: Rules) -> DeliveryRefusal | None:
    for line in bill.lines:
        if _key(rate, line) in rules and rules[_key(rate, line)] is None:
            message = f"{rate.title} does not carry {line.row.product_title}."
            return DeliveryRefusal(rate.handle, rate.title, "NOT_CARRIED", message)
    return None


def _quoted(rates: Sequence[_Rate], place: Destination, bill: Totals) -> tuple[dict[str, Quote], list[Wanted]]:
    """What is kept of the carriers of these methods, and whom to ask; without any, nothing is read.

    Of a place whose country is not known, no carrier can say anything.
    """
    handles = {rate.carrier for rate in rates if rate.carrier}
    if not handles or not place.country:
        return {}, []
    there = Place(place.country, place.province, postcode(place.postcode))
    consignment = Consignment(there, bill.weight_grams, bill.sent_quantity, bill.currency)
    quoted = quotes.kept(handles, consignment)
    return quoted, [Wanted(handle, consignment) for handle in sorted(handles) if quoted[handle].is_wanted]


def _unquoted(rate: _Rate, bill: Totals, quoted: Mapping[str, Quote]) -> DeliveryRefusal | None:
    quote = quoted.get(rate.carrier, Quote())
    if not rate.carrier or rate.has_fallback or quote.of(rate.carrier_service, bill.currency):
        return None
    message = f"What {rate.title} costs there is not known now."
    return DeliveryRefusal(rate.handle, rate.title, "NO_QUOTE", message)


def _option(rate: _Rate, bill: Totals, rules: Rules, quote: Quote | None) -> DeliveryOption:
    """What is free from a subtotal on still bears the surcharges of its goods."""
    told = quote.of(rate.carrier_service, bill.currency) if quote else None
    is_free = rate.free_from is not None and bill.subtotal.amount >= rate.free_from
    surcharges = [(rules.get(_key(rate, line)) or Decimal(0)) * line.row.quantity for line in bill.lines]
    amount = sum(surcharges, Decimal(0) if is_free else told.price.amount if told else _amount(rate, bill))
    price = Money.rounded(amount, bill.currency)
    return DeliveryOption(
        rate.method_id,
        rate.handle,
        rate.title,
        rate.description or (told.title if told else ""),
        price,
        pickup=_pickup(rate),
        days=told.days if told else None,
        is_outdated=quote is not None and quote.is_outdated,
    )


def _amount(rate: _Rate, bill: Totals) -> Decimal:
    measure = _measure(rate, bill)
    for least, amount in reversed(rate.steps):
        if measure >= Decimal(least):
            return Decimal(amount)
    return rate.amount


def _measure(rate: _Rate, bill: Totals) -> Decimal:
    """What the price depends on: grams, money or units."""
    match ShippingBasis(rate.basis):
        case ShippingBasis.WEIGHT:
            return Decimal(bill.weight_grams)
        case ShippingBasis.PRICE:
            return bill.subtotal.amount
        case ShippingBasis.ITEMS:
            return Decimal(bill.sent_quantity)
        case ShippingBasis.FLAT:
            return Decimal(0)


def _rules(currency: str, rates: Sequence[_Rate], bill: Totals) -> Rules:
    """What these methods say of goods of a class, for each of the two; where all goods are of none, nothing is read."""
    if not any(line.row.shipping_class_id and line.row.requires_shipping for line in bill.lines):
        return {}
    found = _class_rules(currency, [rate.method_id for rate in rates])
    return {(method_id, class_id): surcharge for method_id, class_id, surcharge in found}


def _key(rate: _Rate, line: PricedLine) -> tuple[int, int | None]:
    return rate.method_id, line.row.shipping_class_id if line.row.requires_shipping else None


def _pickup(rate: _Rate) -> Pickup | None:
    if rate.location_id is None or rate.location_address is None:
        return None
    return Pickup(rate.location_id, rate.location_name or "", rate.location_address, rate.ready_text)


@prepared.statement
def _class_rules(currency: str, method_ids: list[int]) -> QuerySet[Any, Any]:
    rules = ShippingClassRule.objects.filter(rate__currency=currency, rate__method_id__any=method_ids)
    return rules.values_list("rate__method_id", "shipping_class_id", "surcharge")


@prepared.statement
def _rates(currency: str, country: str | None) -> QuerySet[Any, Any]:
    rates = ShippingRate.objects.filter(currency=currency, method__is_active=True)
    here = Q(method__pickup_location__is_active=True, method__pickup_location__address__isnull=False)
    zone = Q(method__zone__isnull=False)
    if country is not None:
        zone = Q(method__zone__countries=[]) | Q(method__zone__countries__contains=[country])
    return (
        rates.filter(zone | here)
        .order_by("method__position", "method_id")
        .values_list(
            "method_id",
            "method__handle",
            "method__title",
            "method__description",
            "method__basis",
            "amount",
            "free_from",
            "steps",
            "maximum",
            "method__zone__provinces",
            "method__zone__postcodes",
            "method__zone__is_rest",
            "method__pickup_location_id",
            "method__pickup_location__name",
            "method__pickup_location__address",
            "method__ready_text",
            "method__carrier",
            "method__carrier_service",
            "method__has_fallback",
        )
    )
