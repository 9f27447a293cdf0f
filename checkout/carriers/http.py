"""A carrier that is asked as JSON over HTTPS: a sample to start from, or a bridge to one that speaks otherwise.

It is sent `POST CARRIER_URL` with the token as `Authorization: Bearer`:

    {"origin": {"country": "US", "province": "CA", "postcode": "94043"}, "destination": {…},
     "weightGrams": 1200, "units": 3, "currency": "USD"}

and answers `{"rates": [{"code": "EXPRESS", "title": "Express", "price": "12.50", "currency": "USD", "days": 2}]}`.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import httpx
from django.conf import settings

from checkout.carriers.protocol import CarrierRate, CarrierUnavailable, Consignment
from shop.errors import Refusal
from shop.money import Money

MAX_RATES = 100


class HttpCarrier:
    """Rates that make no sense are as if it had not answered at all."""

    requires: tuple[str, ...] = ("CARRIER_URL",)

    def rates(self, consignment: Consignment) -> Sequence[CarrierRate]:
        wish = {
            "origin": asdict(consignment.origin) if consignment.origin else None,
            "destination": asdict(consignment.destination),
            "weightGrams": consignment.weight_grams,
            "units": consignment.units,
            "currency": consignment.currency,
        }
        headers = {"Authorization": f"Bearer {settings.CARRIER_TOKEN}"} if settings.CARRIER_TOKEN else {}
        try:
            response = httpx.post(
                settings.CARRIER_URL, json=wish, headers=headers, timeout=settings.CARRIER_TIMEOUT
            ).raise_for_status()
            return [_rate(one) for one in response.json()["rates"][:MAX_RATES]]
        except (httpx.HTTPError, ValueError, KeyError, TypeError, Refusal) as error:
            # The token is in the request alone, and no message has that.
            raise CarrierUnavailable(f"{type(error).__name__}: {error}") from error


def _rate(told: dict[str, Any]) -> CarrierRate:
    days = told.get("days")
    return CarrierRate(
        code=str(told["code"])[:50],
        title=str(told["title"])[:255],
        price=Money.price(str(told["price"]), str(told["currency"])),
        days=None if days is None else int(days),
    )
