"""Paying what is left of an order that stands: staff made it, it came to more since, or only a part of it came in."""

from uuid import UUID

from django.db import transaction

from accounts.actors import Actor
from checkout import credit, dues, gateways, orders, payments
from checkout.checkouts import Completed, PaymentDeclined, PaymentWish, TotalChanged
from checkout.gateways import Outcome
from checkout.models import Order, OrderStatus, Payment, PaymentStatus
from shop import clock
from shop.errors import Refusal, blaming

_NOTHING = "none"  # the gateway of what cost nothing


class NothingDue(Refusal):
    """Nothing is left to pay of the order."""

    code = "ORDER_NOTHING_DUE"


def pay(*, order_key: UUID, wish: PaymentWish, buyer: Actor) -> Completed:
    """Pay all that is due of an order. While a payment is pending, its gateway is asked again and charges once.

    Where another gateway is named, or another amount is due meanwhile, the pending payment is given up first.
    Raises NotFound, NothingDue, TotalChanged, GatewayUnknown, CreditNotGranted, CreditLimitExceeded;
    GatewayUnavailable, after which the same call goes on where it stopped; and PaymentDeclined, after which another
    payment may be tried.
    """
    payment, is_wanted = _intended(order_key, wish, buyer)
    if not is_wanted:
        payments.record(payment.pk, payments.give_up(payment))
        payment, _ = _intended(order_key, wish, buyer)
    outcome = payments.ask(payment, token=wish.token)
    payment = payments.record(payment.pk, outcome)
    if payment.status in {PaymentStatus.FAILED, PaymentStatus.VOIDED}:
        raise PaymentDeclined(payment.error or "The payment failed.", field=("payment",))
    return Completed(payment.order, payment, outcome.next_action)


def receive(order: Order) -> None:
    """Enter all that is due of an order, made in this very transaction, as received outside of the shop."""
    due = dues.of(order).due
    payment = payments.intend(order, payments.BY_AGREEMENT if due else _NOTHING, due)
    payments.record(payment.pk, Outcome(PaymentStatus.CAPTURED))
    order.refresh_from_db()


@transaction.atomic(durable=True)
def _intended(order_key: UUID, wish: PaymentWish, buyer: Actor) -> tuple[Payment, bool]:
    """The pending payment of an order, and whether it is the one that is wished for now, of all that is due.

    Where there is none, that one is intended.
    """
    with blaming("id"):
        order = orders.locked(order_key)
        _ensure_payable(order)
    pending = order.payments.filter(status=PaymentStatus.PENDING).select_related("order").order_by("pk").last()
    due = dues.of(order).due
    if pending is not None:
        return pending, pending.money == due and wish.gateway in {"", pending.gateway}
    if not due:
        raise NothingDue(f"Nothing is left to pay of order {order.name}.", field=("id",))
    for name, expected in (("expected_total", wish.expected_total), ("expected_amount_due", wish.expected_due)):
        if expected is not None and not (expected.is_finite() and expected == due.amount):
            raise TotalChanged(f"{due} are left to pay now.", field=("payment", name))
    if not wish.gateway:
        raise gateways.GatewayUnknown(
            f"Choose how to pay {due}: {gateways.names_offered()}.", field=("payment", "gateway")
        )
    gateway = gateways.chosen(wish.gateway)
    if gateway.handle == credit.HANDLE:
        credit.take(order, due, buyer, since=clock.now())
    if order.status == OrderStatus.PLACED and order.hold_expires_at is not None and gateway.holds_for:
        # It waits for the rest, and does so for as long as this way to pay takes.
        orders.hold_until(order, max(order.hold_expires_at, clock.now() + gateway.holds_for))
    return payments.intend(order, gateway.handle, due), True


def _ensure_payable(order: Order) -> None:
    if order.takes_payments:
        return
    if order.status == OrderStatus.PLACED:
        raise NothingDue(f"Order {order.name} waits for the payment of its checkout; complete that again.")
    raise NothingDue(f"Order {order.name} is {order.status.lower()}; nothing of it is to be paid.")
