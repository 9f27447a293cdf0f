"""What a tax service can be asked, and what it can answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from shop.money import Money


class TaxServiceUnavailable(Exception):
    """The service does not answer, or not sensibly."""


@dataclass(frozen=True, slots=True)
class TaxableLine:
    """What a line costs, its `discount` taken off; `tax_class` is the handle of its class, "" for the standard one."""

    amount: Money
    discount: Money
    quantity: int
    is_gift_card: bool
    tax_class_id: int | None
    tax_class: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is bought and where it goes; `shipping` is what delivery costs, None where none is chosen.

    Where `prices_include_tax`, the taxes are to be told that are in these amounts; otherwise those that come on top.
    """

    currency: str
    country: str
    province: str
    postcode: str
    prices_include_tax: bool
    is_exempt: bool
    lines: tuple[TaxableLine, ...]
    shipping: Money | None


@dataclass(frozen=True, slots=True)
class Levy:
    """One tax: `rate` is a fraction, 0.19 for 19 %."""

    title: str
    rate: Decimal
    amount: Money


@dataclass(frozen=True, slots=True)
class Answer:
    """The taxes on each line, in their order, and on the delivery; the service knows it by its `reference`."""

    reference: str
    lines: Sequence[Sequence[Levy]]
    shipping: Sequence[Levy] = ()


class TaxService(Protocol):
    """Made once, without arguments, and asked by many threads."""

    title: str
    # The settings without which it cannot be used.
    requires: tuple[str, ...]

    def taxes(self, question: Question) -> Answer:
        """Which taxes it bears. Raises TaxServiceUnavailable.

        Never called while anything is locked, for it may take long: set a timeout, for a shopper waits.
        """
