"""What a gateway can be asked, and what it can answer."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from checkout.models import PaymentStatus
from shop.errors import Refusal
from shop.money import Money


class GatewayUnavailable(Refusal):
    """The payment gateway does not answer, so that nobody knows what became of the payment; try again."""

    code = "PAYMENT_GATEWAY_UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Charge:
    """A wish to be paid. `key` makes it one and the same however often it is asked."""

    key: UUID
    amount: Money
    description: str
    email: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class NextAction:
    """What the shopper must still do, such as confirm at their bank: go to `url`."""

    type: str
    url: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The gateway's answer. PENDING is no last word: ask again later with `find`. FAILED, VOIDED and REFUNDED are."""

    status: PaymentStatus
    reference: str = ""
    message: str = ""
    next_action: NextAction | None = None


class Gateway(Protocol):
    """Every method may be called again with the same key and then changes nothing.

    None is called while a cart, an order or a payment is locked, for the other side may think for long.
    Raises GatewayUnavailable where no answer came.
    """

    handle: str
    title: str

    def pay(self, charge: Charge) -> Outcome:
        """Authorise or capture the amount."""

    def find(self, key: UUID) -> Outcome | None:
        """What became of an earlier `pay`, or None where it never arrived."""

    def void(self, key: UUID) -> Outcome:
        """Give up what was not captured; a later `pay` with this key fails."""

    def refund(self, key: UUID, refund_key: UUID, amount: Money) -> Outcome:
        """Give back `amount` of what was captured; `refund_key` makes it one and the same."""
