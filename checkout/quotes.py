"""What carriers ask for a cart: asked outside of any transaction, kept for a while, and the same for all meanwhile.

Whoever prices a cart reads what is kept. What is not, or no more, is asked for when a cart is read, or after the
command that changed it was committed; the checkout takes the quote that was shown, and refuses one that is outdated.
"""

import hashlib
import json
import logging
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from catalog.models import StockLocation
from checkout import carriers
from checkout.carriers import CarrierRate, CarrierUnavailable, Consignment, Place
from checkout.models import CarrierQuote
from shop import clock, outbox, prepared
from shop.money import Money

log = logging.getLogger(__name__)

# After so long a carrier that did not answer is asked again, when somebody reads the cart.
_SILENCE = timedelta(minutes=1)


class Wanted(NamedTuple):
    """What is to be asked of whom."""

    carrier: str
    consignment: Consignment


@dataclass(frozen=True, slots=True)
class Quote:
    """What a carrier said: nothing where it was silent, or was not asked yet. One that is outdated buys nothing."""

    rates: tuple[CarrierRate, ...] = ()
    is_outdated: bool = True
    is_wanted: bool = True

    def of(self, service: str, currency: str) -> CarrierRate | None:
        """The rate of a service, or the lowest of all where none is named."""
        rates = [rate for rate in self.rates if rate.price.currency == currency and service in {"", rate.code}]
        return min(rates, key=lambda rate: rate.price.amount, default=None)


def kept(handles: Collection[str], consignment: Consignment) -> dict[str, Quote]:
    """What is kept of these carriers, in one statement."""
    now, found = clock.now(), dict.fromkeys(handles, Quote())
    for carrier, rates, ask_again_at, expires_at in _kept(list(handles), _digest(consignment)):
        told = tuple(_rate(one) for one in rates or ())
        found[carrier] = Quote(told, is_outdated=expires_at <= now, is_wanted=ask_again_at <= now)
    return found


def fetch(wanted: Iterable[Wanted]) -> bool:
    """Ask the carriers and keep what they say; False, and nothing is asked, within a transaction: it may take long."""
    if connection.in_atomic_block:
        return False
    for carrier, consignment in wanted:
        _keep(carrier, consignment, _asked(carrier, replace(consignment, origin=_origin(consignment.destination))))
    return True


def _asked(carrier: str, consignment: Consignment) -> list[CarrierRate] | None:
    """What a carrier says, None where it says nothing."""
    try:
        return list(carriers.named(carrier).rates(consignment))
    except KeyError:
        log.warning("The carrier %s of a shipping method is not among CARRIERS.", carrier)
    except CarrierUnavailable as error:
        log.warning("The carrier %s says nothing: %s", carrier, error)
    except Exception:
        # A carrier is written elsewhere; what is wrong with it must not keep anybody from the cart.
        log.exception("The carrier %s failed.", carrier)
    return None


def _keep(carrier: str, consignment: Consignment, rates: list[CarrierRate] | None) -> None:
    """Of several who ask at once the first is kept, and shown to all: what was shown to nobody is not bought."""
    now: datetime = clock.now()
    expires_at = now + timedelta(minutes=settings.CARRIER_QUOTE_MINUTES)
    ask_again_at = min(now + _SILENCE, expires_at) if rates is None else expires_at
    told = None if rates is None else json.dumps([_as_json(rate) for rate in rates])
    prepared.execute(_STORE, [carrier, _digest(consignment), told, now, ask_again_at, expires_at])


def _origin(destination: Place) -> Place | None:
    """Where it would be sent from: the first location that sends there and has an address."""
    locations = StockLocation.objects.filter(is_active=True, address__isnull=False).order_by("priority", "pk")
    found = next((one for one in locations if one.covers(destination.country)), None)
    if found is None or found.address is None:
        return None
    return Place(found.address["country_code"], found.address["province_code"], found.address["zip"])


def _digest(consignment: Consignment) -> str:
    """A name for what is sent where, from wherever."""
    told = json.dumps(asdict(replace(consignment, origin=None)), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _rate(stored: dict[str, Any]) -> CarrierRate:
    price = Money.rounded(Decimal(stored["price"]), stored["currency"])
    return CarrierRate(stored["code"], stored["title"], price, stored["days"])


def _as_json(rate: CarrierRate) -> dict[str, Any]:
    return {
        "code": rate.code,
        "title": rate.title,
        "price": str(rate.price.amount),
        "currency": rate.price.currency,
        "days": rate.days,
    }


@prepared.statement
def _kept(handles: list[str], digest: str) -> QuerySet[Any, Any]:
    quotes = CarrierQuote.objects.filter(carrier__any=handles, digest=digest)
    return quotes.values_list("carrier", "rates", "ask_again_at", "expires_at")


@outbox.every(seconds=3600)
def forget_old() -> None:
    """Remove quotes that nobody asked for again since they ran out, a day ago."""
    CarrierQuote.objects.filter(expires_at__lt=clock.now() - timedelta(days=1)).delete()


_STORE = """
INSERT INTO checkout_carrierquote AS quote (carrier, digest, rates, asked_at, ask_again_at, expires_at)
VALUES (%s, %s, %s::jsonb, %s, %s, %s)
ON CONFLICT (carrier, digest) DO UPDATE
SET rates = excluded.rates, asked_at = excluded.asked_at, ask_again_at = excluded.ask_again_at,
    expires_at = excluded.expires_at
WHERE quote.ask_again_at <= excluded.asked_at
"""
