"""What a gateway can be asked, and what it can answer."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from django.db import connection, transaction

from checkout.models import PaymentStatus, RefundStatus
from shop import metrics
from shop.errors import Refusal
from shop.money import Money


class GatewayUnavailable(Refusal):
    """The payment gateway does not answer, so that nobody knows what became of the payment; try again."""

    code = "PAYMENT_GATEWAY_UNAVAILABLE"


class TokenRefused(Refusal):
    """What the shopper's side sent as proof of payment proves nothing; the payment is as it was."""

    code = "PAYMENT_TOKEN_REFUSED"


class BadNotice(Exception):
    """What came in as a gateway's notice is not from the gateway, or makes no sense; nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class Charge:
    """A wish to be paid. `key` makes it one and the same however often it is asked.

    `reference` is the gateway's own name for it, once we were told; `token` is what the shopper gave for this payment.
    Where it `captures_later`, the amount is authorised now and taken when the goods are sent, if the gateway can.
    """

    key: UUID
    amount: Money
    description: str
    email: str = ""
    token: str = ""
    reference: str = ""
    captures_later: bool = False


@dataclass(frozen=True, slots=True)
class NextAction:
    """What the shopper must still do.

    REDIRECT: go to `url`, such as a bank's. CONFIRM: go on in the gateway's own form, which wants `reference`. WAIT:
    confirm on the phone, or pay in some way of one's own; `reference` says what to name then.
    """

    type: str
    url: str = ""
    reference: str = ""


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


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request that claims to come from a gateway: its body as it came, its headers, and the rest of its path."""

    body: bytes
    headers: Mapping[str, str]
    path: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """That something happened at the gateway to a payment, named by our `key` or by the gateway's `reference`.

    It says where to look and is not believed in anything else: the gateway is asked for the present state.
    """

    event_id: str
    kind: str
    key: UUID | None = None
    reference: str = ""


class Gateway(Protocol):
    """Every method may be called again with the same key and then changes nothing.

    None is called while a cart, an order or a payment is locked, for the other side may think for long.
    Raises GatewayUnavailable where no answer came.
    """

    handle: str
    title: str
    # Whether the money changes hands outside of the shop, so that only staff can tell when it has.
    is_collected_outside: bool
    # The settings without which it cannot be offered.
    requires: tuple[str, ...]
    # Whether it can authorise first and capture later.
    can_capture_later: bool

    @property
    def holds_for(self) -> timedelta | None:
        """How long stock is held while its payments are pending; None: as long as the setting HOLD_MINUTES says."""

    def pay(self, charge: Charge) -> Outcome:
        """Authorise or capture the amount."""

    def find(self, charge: Charge) -> Outcome | None:
        """What became of an earlier `pay`, or None where it never arrived."""

    def capture(self, charge: Charge, amount: Money) -> Outcome:
        """Take `amount` of what was authorised, once, and give up the rest."""

    def void(self, charge: Charge) -> Outcome:
        """Give up what was not captured; a later `pay` with this key fails."""

    def refund(self, charge: Charge, refund_key: UUID, amount: Money) -> RefundOutcome:
        """Give back `amount` of what was captured; `refund_key` makes it one and the same."""

    def webhook(self, incoming: Incoming) -> Iterable[Notice]:
        """What the gateway says by itself. Raises BadNotice where it is not proven that the gateway says it."""


@contextmanager
def one_at_a_time(key: UUID) -> Iterator[None]:
    """For gateways that cannot be asked twice at once for the same: whoever comes second waits for the first."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"gateway {key}"])
        yield


def unavailable(handle: str, message: str) -> GatewayUnavailable:
    """The refusal to raise where a gateway gave no answer; counted."""
    metrics.payment(handle, "UNAVAILABLE")
    return GatewayUnavailable(message, field=("payment",))
