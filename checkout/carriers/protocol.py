"""What a carrier can be asked, and what it can answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shop.money import Money


class CarrierUnavailable(Exception):
    """The carrier does not answer, or not sensibly."""


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the world, as far as it is known; "" for what is not."""

    country: str
    province: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Consignment:
    """What is to be sent: its weight and its units, packed in a way that nobody knows yet. Rates are in `currency`.

    `origin` is None where no location with an address sends there.
    """

    destination: Place
    weight_grams: int
    units: int
    currency: str
    origin: Place | None = None


@dataclass(frozen=True, slots=True)
class CarrierRate:
    """What a service costs, such as "EXPRESS", and in how many days it delivers, where the carrier says so."""

    code: str
    title: str
    price: Money
    days: int | None = None


class Carrier(Protocol):
    """Made once, without arguments, and asked by many threads."""

    # The settings without which it cannot be used.
    requires: tuple[str, ...]

    def rates(self, consignment: Consignment) -> Sequence[CarrierRate]:
        """What each service costs; none where it does not go there. Raises CarrierUnavailable.

        Never called while anything is locked, for it may take long: set a timeout, for a shopper waits.
        """
