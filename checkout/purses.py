"""Purses: money that is inside of the shop already, such as gift cards and points, pays before any gateway is asked.

Nobody outside is asked, so a purse pays in the transaction that places the order, and gets back in the one that gives
the order up or records the refund. Its payments are captured from the start, with entries in the ledger like all
others. Purses are spent in the order they are registered in; their balances are locked after stock, each purse's by id.
"""

from dataclasses import dataclass
from typing import Protocol

from accounts.actors import Actor
from accounts.staff import Permission
from checkout import books
from checkout.models import (
    Cart,
    Order,
    OrderEventKind,
    Payment,
    PaymentEntry,
    PaymentEntryKind,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from checkout.timeline import record
from shop import clock, money, outbox, writes
from shop.errors import Refusal
from shop.money import Money


class PointsUnusable(Refusal):
    """Points cannot pay for this cart: it is nobody's or somebody else's, or its currency has no rate."""

    code = "POINTS_UNUSABLE"


class StoreCreditUnusable(Refusal):
    """Store credit cannot pay for this cart: it is nobody's or somebody else's, or there is none in its currency."""

    code = "STORE_CREDIT_UNUSABLE"


@dataclass(frozen=True, slots=True)
class Spent:
    """What one balance paid. `reference` names the balance to its purse, `method` to people: "Gift card 1234"."""

    amount: Money
    reference: str = ""
    method: str = ""


class Purse(Protocol):
    """Both are called in a transaction that holds the order's lock, and roll back with it."""

    # Kept as the gateway of its payments: never changed, and no gateway's own.
    handle: str

    def spend(self, order: Order, cart: Cart, most: Money, buyer: Actor) -> list[Spent]:
        """Pay `most` at the most of the order with what the cart names; [] where it names nothing.

        `buyer` is who asks: what is the customer's own is paid with for them alone (`is_for`), for others know the
        cart's id. May raise a Refusal, which refuses the checkout as a whole.
        """

    def give_back(self, payment: Payment, amount: Money) -> None:
        """Put `amount` back where the payment, told by its `gateway_reference`, took it from. Called once for each."""


_REGISTERED: dict[str, Purse] = {}


def register(purse: Purse) -> None:
    """Let this purse pay. Raises ValueError where its handle is taken."""
    if purse.handle in _REGISTERED:
        raise ValueError(f"Two purses are named {purse.handle}.")
    _REGISTERED[purse.handle] = purse


def forget(handle: str) -> None:
    """Let the purse with this handle pay no more."""
    del _REGISTERED[handle]


def is_inside(payment: Payment) -> bool:
    """Whether a purse paid, so that no gateway knows of it."""
    return payment.gateway in _REGISTERED


def is_for(cart: Cart, buyer: Actor) -> bool:
    """Whether who asks is the cart's customer, or staff who act for them: knowing a cart's id is not enough."""
    return buyer.user_id == cart.customer_id or buyer.may(Permission.MANAGE_ORDERS)


def spend(order: Order, cart: Cart, buyer: Actor) -> list[Payment]:
    """What all purses pay of the order, which is placed in this very transaction."""
    paid: list[Payment] = []
    due = order.total_price
    for purse in _REGISTERED.values():
        if not due:
            break
        spent = purse.spend(order, cart, due, buyer)
        due -= money.total((one.amount for one in spent), order.currency)
        if due < Money.zero(order.currency) or not all(one.amount for one in spent):
            raise ValueError(f"The purse {purse.handle} paid more than was asked, or nothing.")
        paid += [_payment(order, purse, one) for one in spent]
    if paid:
        _enter(order, paid)
    return paid


def give_back(payment: Payment, amount: Money) -> None:
    """Put money of one of its payments back into a purse. Call in the transaction that records the refund."""
    _REGISTERED[payment.gateway].give_back(payment, amount)


def give_all_back(order: Order, reason: str) -> None:
    """Put back at once whatever purses paid for an order that is given up. The caller holds the order's lock."""
    if not _REGISTERED:
        return
    inside = Payment.objects.select_for_update().filter(
        order=order, gateway__in=_REGISTERED, status=PaymentStatus.CAPTURED
    )
    for payment in inside.order_by("pk"):
        rest = payment.refundable
        if not rest:
            continue
        payment.refunded += rest.amount
        payment.save(update_fields=["refunded", "updated_at"])
        refund = Refund.objects.create(
            key=payment.key,
            payment=payment,
            amount=rest.amount,
            reason=reason,
            status=RefundStatus.DONE,
            settled_at=clock.now(),
        )
        books.give_back(payment, refund)
        give_back(payment, rest)
        outbox.publish("payment.refunded", payment_id=payment.pk, order_id=order.pk, refund_id=refund.pk)


def _payment(order: Order, purse: Purse, spent: Spent) -> Payment:
    return Payment(
        order=order,
        gateway=purse.handle,
        method=spent.method,
        status=PaymentStatus.CAPTURED,
        amount=spent.amount.amount,
        captured=spent.amount.amount,
        currency=order.currency,
        gateway_reference=spent.reference,
    )


def _enter(order: Order, paid: list[Payment]) -> None:
    writes.insert(paid)
    writes.insert(
        [
            PaymentEntry(
                payment=payment,
                kind=PaymentEntryKind.CAPTURE,
                amount=payment.amount,
                gateway_reference=payment.gateway_reference,
            )
            for payment in paid
        ]
    )
    for payment in paid:
        record(order, OrderEventKind.PAYMENT_CAPTURED, f"{payment.money} came in.")
    outbox.publish_many("payment.captured", [{"payment_id": payment.pk, "order_id": order.pk} for payment in paid])


# What purses took and have not given back, the beginning of a statement: what was moved to another order is kept until
# that order gives it back in its turn. `reference` names the balance.
KEPT = """
WITH RECURSIVE held AS (
    SELECT p.id AS payment_id, p.order_id, p.gateway_reference AS reference, p.captured::numeric
    FROM checkout_payment p WHERE p.gateway = %(handle)s
    UNION ALL
    SELECT moved.id, held.order_id, held.reference, 0::numeric
    FROM held
    JOIN checkout_refund r ON r.payment_id = held.payment_id
    JOIN checkout_payment moved ON moved.moved_by_id = r.id
), paid AS (
    SELECT held.order_id, held.reference,
           sum(held.captured - coalesce((
               SELECT sum(r.amount) FROM checkout_refund r
               WHERE r.payment_id = held.payment_id AND r.status = 'DONE'
                 AND NOT EXISTS (SELECT FROM checkout_payment moved WHERE moved.moved_by_id = r.id)), 0)) AS kept
    FROM held GROUP BY 1, 2
)
"""
