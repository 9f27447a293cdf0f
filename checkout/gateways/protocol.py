"""What a gateway can be asked, and what it can answer."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from checkout.models import PaymentStatus, RefundStatus
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
    """The gateway's answer. PENDING is no last word: ask again later with `find`. FAILED, VOIDED and REFUNDED are.

    `captured` is how much was received, where that is not the whole amount.
    """

    status: PaymentStatus
    reference: str = ""
    message: str = ""
    next_action: NextAction | None = None
    captured: Money | None = None


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    """What became of a refund. PENDING is no last word: ask again later with the same key."""

    status: RefundStatus
    reference: str = ""
    message: str = ""


class Gateway(Protocol):
    """Every method may be called again with the same key and then changes nothing.

    None is called while a cart, an order or a payment is locked, for the other side may think for long.
    Raises GatewayUnavailable where no answer came.
    """

    handle: str
    title: str
    # Whether the money changes hands outside of the shop, so that only staff can tell when it has.
    is_collected_outside: bool

    def pay(self, charge: Charge) -> Outcome:
        """Authorise or capture the amount."""

    def find(self, key: UUID) -> Outcome | None:
        """What became of an earlier `pay`, or None where it never arrived."""

    def capture(self, key: UUID, amount: Money) -> Outcome:
        """Take `amount` of what was authorised, once, and give up the rest."""

    def void(self, key: UUID) -> Outcome:
        """Give up what was not captured; a later `pay` with this key fails."""

    def refund(self, key: UUID, refund_key: UUID, amount: Money) -> RefundOutcome:
        """Give back `amount` of what was captured; `refund_key` makes it one and the same."""
