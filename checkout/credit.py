"""Orders on invoice: they use the credit of their customer until they are paid, or owed no more.

How much an order uses stands beside it (`Order.credit_used`), and the sum of that beside the limit, both changed in the
transaction that changes what is owed. `manage.py verify` counts both anew.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Sum

from accounts import credit_limits
from accounts.actors import Actor
from accounts.credit_limits import CreditNotGranted
from accounts.staff import Permission
from checkout import dues
from checkout.models import Order, Payment, PaymentEntry, PaymentEntryKind, PaymentStatus
from shop import clock, paging, writes
from shop.errors import blaming
from shop.money import Money
from shop.paging import Page, PageRequest

HANDLE = "invoice"

_LONGEST_OVERDUE_FIRST = paging.Order("PAYMENT_DUE_AT", "payment_due_at", parse=datetime.fromisoformat)
_PROMISED = [PaymentStatus.PENDING, PaymentStatus.AUTHORIZED]


def take(order: Order, due: Money, buyer: Actor, *, since: datetime) -> None:
    """Have so much more of an order, which is locked, paid on its customer's credit, whose terms count `since` then.

    Where something of the order is open on invoice already, all of it is to be paid when that is.

    Knowing a cart's id is not enough to spend its customer's credit: they are signed in, or staff act for them.
    Raises CreditNotGranted, CreditLimitExceeded.
    """
    with blaming("payment", "gateway"):
        if order.customer_id is None:
            raise CreditNotGranted("Only customers with an account buy on invoice; sign in, or pay in another way.")
        if buyer.user_id != order.customer_id and not buyer.may(Permission.MANAGE_ORDERS):
            raise CreditNotGranted("Sign in to the account of this cart to buy on its credit.")
        limit = credit_limits.take(order.customer_id, due)
    if order.payment_due_at is None or not order.credit_used:
        order.payment_due_at = since + timedelta(days=limit.terms_in_days)
    order.credit_used += due.amount
    writes.update([order], "payment_due_at", "credit_used")


def keep_up(order: Order) -> None:
    """Have an order that was placed on invoice use what is open of it now. The caller holds its lock.

    Call whenever that may have changed, after everything else is locked and written. Where more becomes open it is
    taken like any credit. Raises CreditNotGranted, CreditLimitExceeded.
    """
    before, now = _noted(order)
    if order.customer_id is None or before == now:
        return
    if before < now:
        credit_limits.take(order.customer_id, now - before, otherwise="have the limit raised")
    else:
        credit_limits.free(order.customer_id, before - now)


def follow(order: Order) -> None:
    """As `keep_up`, where nobody can be refused any more: a gateway tells what became of money, limit or not."""
    before, now = _noted(order)
    if order.customer_id is not None and before != now:
        credit_limits.owe(order.customer_id, now - before)


def _noted(order: Order) -> tuple[Money, Money]:
    """How much credit the order used, and uses from now on."""
    before = Money.rounded(order.credit_used, order.currency)
    now = before if order.payment_due_at is None else _open(order)
    if now != before:
        order.credit_used = now.amount
        order.save(update_fields=["credit_used"])
    return before, now


def leave_rest(payment: Payment) -> None:
    """Have what is owed beyond a part that was paid be promised as before, by a payment of its own."""
    if payment.gateway != HANDLE or payment.captured == payment.amount:
        return
    rest = min(Money.rounded(payment.amount - payment.captured, payment.currency), dues.of(payment.order).due)
    if not rest:
        return
    promised = Payment(
        order=payment.order,
        gateway=HANDLE,
        status=PaymentStatus.AUTHORIZED,
        amount=rest.amount,
        currency=payment.currency,
    )
    writes.insert([promised])
    writes.insert([PaymentEntry(payment=promised, kind=PaymentEntryKind.AUTHORIZATION, amount=rest.amount)])


def overdue(request: PageRequest) -> Page[Order]:
    """A page of the orders of which something is open after it was due, longest overdue first. Raises InvalidPage."""
    orders = Order.objects.filter(payment_due_at__lt=clock.now(), credit_used__gt=0)
    return paging.page(orders, _LONGEST_OVERDUE_FIRST, request, list, _place)


def _place(order: Order) -> tuple[datetime, int]:
    if order.payment_due_at is None:
        raise ValueError(f"Order {order.name} is due at no time.")
    return order.payment_due_at, order.pk


def _open(order: Order) -> Money:
    """What is promised on invoice, as far as it is owed still."""
    promised = order.payments.filter(gateway=HANDLE, status__in=_PROMISED)
    amount = promised.aggregate(amount=Sum("amount"))["amount"]
    if not amount:
        return Money.zero(order.currency)
    return min(Money.rounded(amount, order.currency), dues.of(order).outstanding)


def differences() -> list[str]:
    """Every order that uses other credit than is open of it, and every limit used otherwise than by its orders."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS)
        wrong = [f"order {number} uses other credit than is open of it" for (number,) in cursor.fetchall()]
        cursor.execute(_LIMITS)
        limits = [f"customer {pk} uses other credit in {currency} than orders do" for pk, currency in cursor.fetchall()]
        return wrong + limits


_ORDERS = """
SELECT o.number
FROM checkout_order o
CROSS JOIN LATERAL (
    SELECT coalesce(sum(p.amount) FILTER (WHERE p.gateway = 'invoice' AND p.status IN ('PENDING', 'AUTHORIZED')), 0)
               AS promised,
           coalesce(sum(p.captured), 0) AS captured
    FROM checkout_payment p WHERE p.order_id = o.id
) paid
CROSS JOIN LATERAL (
    SELECT coalesce(sum(r.amount - r.goodwill), 0) AS amount
    FROM checkout_refund r JOIN checkout_payment p ON p.id = r.payment_id
    WHERE p.order_id = o.id AND r.status <> 'FAILED'
) given_back
WHERE (o.payment_due_at IS NULL AND paid.promised > 0) OR o.credit_used <> CASE
    WHEN o.status = 'CANCELLED' OR o.payment_due_at IS NULL THEN 0
    ELSE least(paid.promised, greatest(o.total + o.total_change - paid.captured + given_back.amount, 0)) END
ORDER BY o.id
"""
_LIMITS = """
SELECT l.customer_id, l.currency
FROM accounts_creditlimit l
LEFT JOIN checkout_order o ON o.customer_id = l.customer_id AND o.currency = l.currency AND o.credit_used > 0
GROUP BY l.id HAVING l.used <> coalesce(sum(o.credit_used), 0) ORDER BY l.id
"""
