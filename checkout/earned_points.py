"""Points that orders earn: counted for what was paid for goods, and credited a while after the order is sent.

Gift cards earn nothing, for what is bought with them does, and neither does what points paid. Whatever changes an order
or its money has it counted anew: of what is owed no more, or was given back, nothing is earned, in proportion. Locked
are the order, what it earned, then the account.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal

from django.db import connection
from django.db.models import Sum

from accounts import loyalty, points
from accounts.models import PointsAccount, PointsEntry, PointsEntryKind
from checkout import cart_points
from checkout.models import EarnedPoints, Order, OrderLine, OrderStatus, Payment
from shop import clock, outbox
from shop.outbox import Message

MAX_FOR_AN_ORDER = 10_000_000
_GONE = {False: "were spent", True: "were spent, or expired,"}
_SURE = (OrderStatus.CONFIRMED, OrderStatus.FULFILLED)


@outbox.handler("payment.captured")
@outbox.handler("payment.refunded")
@outbox.handler("payment.refund_failed")
@outbox.handler("order.lines_cancelled")
@outbox.handler("order.edited")
@outbox.handler("return.received")
@outbox.handler("order.cancelled")
@outbox.handler("order.fulfilled")
@outbox.handler("order.claimed")
def follow(message: Message) -> None:
    """Count what the order earns as it stands now. Told twice, it changes nothing more."""
    count(message.payload["order_id"])


@outbox.every(seconds=3600)
def credit_due() -> None:
    """Credit all that has waited long enough."""
    due = EarnedPoints.objects.filter(account=None, available_at__lte=clock.now(), order__customer__isnull=False)
    outbox.one_by_one(due.order_by("pk").values_list("order_id", flat=True), count)


def count(order_id: int) -> None:
    """Count what the order earns, and credit it where its time has come, or correct what was. In a transaction."""
    order = Order.objects.select_for_update(of=("self",)).get(pk=order_id)
    earned = EarnedPoints.objects.filter(order=order).first() or _new(order)
    if earned is None:
        return
    paid = list(order.payments.all())
    earned.points = _deserved(order, paid, earned.points_per_unit)
    if earned.account_id is not None:
        _correct(order, earned, points.locked_by_id(earned.account_id))
    elif earned.available_at is None and _is_complete(order, paid):
        earned.available_at = clock.now() + timedelta(days=loyalty.read().pending_days)
    if earned.account_id is None and earned.available_at and earned.available_at <= clock.now():
        _credit(order, earned)
    earned.save()


def pending(customer_ids: Sequence[int]) -> dict[int, int]:
    """The points of each of these customers that wait to be credited, in one statement."""
    waiting = EarnedPoints.objects.filter(account=None, order__customer__in=customer_ids)
    return dict(waiting.values_list("order__customer").annotate(Sum("points")).order_by())


def _new(order: Order) -> EarnedPoints | None:
    """What an order earns is counted from when its customer is known and the shop has a rate for its currency."""
    if order.customer_id is None or order.status not in _SURE:
        return None
    rate = loyalty.rates([order.currency]).get(order.currency)
    return EarnedPoints(order=order, points_per_unit=rate.points_per_unit) if rate and rate.points_per_unit else None


def _deserved(order: Order, paid: Sequence[Payment], points_per_unit: Decimal) -> int:
    owed = order.current_total.amount
    if order.status not in _SURE or not owed:
        return 0
    lines = list(OrderLine.objects.filter(order=order, is_gift_card=False))
    for line in lines:
        line.order = order
    goods = sum((line.total - line.share(line.total, line.gone) for line in lines), Decimal(0))
    kept = sum((one.captured - one.refunded for one in paid), Decimal(0))
    by_points = sum(
        (one.captured - one.refunded for one in paid if one.source.gateway == cart_points.HANDLE), Decimal(0)
    )
    spent = goods * min(kept / owed, Decimal(1)) - by_points
    earned = int((spent * points_per_unit).to_integral_value(rounding=ROUND_FLOOR))
    return min(max(earned, 0), MAX_FOR_AN_ORDER)


def _is_complete(order: Order, paid: Sequence[Payment]) -> bool:
    received = sum((one.captured for one in paid), Decimal(0))
    return order.status == OrderStatus.FULFILLED and received >= order.current_total.amount


def _credit(order: Order, earned: EarnedPoints) -> None:
    if order.customer_id is None:
        return
    earned.account = points.locked(order.customer_id)
    earned.credited = earned.points
    if earned.points:
        _enter(order, earned.account, earned.points)


def _enter(order: Order, account: PointsAccount, more: int) -> None:
    named = cart_points.reference(order)
    points.move(account, PointsEntryKind.EARN, more, reference=named, expires_at=points.expiry())


def _correct(order: Order, earned: EarnedPoints, account: PointsAccount) -> None:
    """Take back what is earned no more, as far as it is there still; give again what is earned after all.

    What expired is not there: it is taken of no points that came from elsewhere.
    """
    too_many = earned.credited - earned.missed - earned.points
    if too_many < 0:
        found = min(-too_many, earned.missed)
        earned.missed -= found
        if -too_many > found:
            _enter(order, account, -too_many - found)
            earned.credited += -too_many - found
    elif too_many:
        named = cart_points.reference(order)
        came = PointsEntry.objects.filter(account=account, reference=named, kind=PointsEntryKind.EARN).earliest("pk")
        expired = max(_expired_since(came) - earned.missed, 0)
        taken = min(max(too_many - expired, 0), account.balance)
        earned.credited -= taken
        earned.missed += too_many - taken
        points.move(
            account,
            PointsEntryKind.TAKE_BACK,
            -taken,
            reference=named,
            expires_at=came.expires_at,
            reason="" if taken == too_many else f"{too_many - taken} more {_GONE[expired > 0]} already.",
        )


def _expired_since(came: PointsEntry) -> int:
    """How many points of the account expired since these could: the balance that is left is of others."""
    if came.expires_at is None:
        return 0
    gone = PointsEntry.objects.filter(account=came.account_id, kind=PointsEntryKind.EXPIRE)
    return -(gone.filter(created_at__gte=came.expires_at).aggregate(sum=Sum("points"))["sum"] or 0)


def differences() -> list[str]:
    """Every order whose points in a balance are not what the ledger of points tells of it."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG)
        return [f"order {number} and what the ledger says it earned differ" for (number,) in cursor.fetchall()]


_WRONG = """
SELECT o.number
FROM checkout_earnedpoints earned
JOIN checkout_order o ON o.id = earned.order_id
WHERE earned.credited <> (
    SELECT coalesce(sum(e.points), 0) FROM accounts_pointsentry e
    WHERE e.account_id = earned.account_id AND e.reference = 'order:' || o.key AND e.kind IN ('EARN', 'TAKE_BACK')
) AND earned.account_id IS NOT NULL
ORDER BY o.id
"""
