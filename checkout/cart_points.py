"""Points in carts: saying how many are to pay, and paying with them.

A cart says how many points its customer wants to spend; nothing is held of them. They pay in the transaction that
places the order, before gift cards, with the account locked, so that no balance pays more than it has.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from django.db import connection

from accounts import loyalty, points
from accounts.actors import Actor
from accounts.models import LoyaltyRate, PointsEntry, PointsEntryKind
from accounts.points import PointsOverdrawn
from checkout import pricing, purses
from checkout.bills import Totals
from checkout.carts import PricedCart, cart_command
from checkout.models import Cart, Order, Payment
from checkout.purses import PointsUnusable, Spent
from shop import money
from shop.errors import InvalidInput, Refusal
from shop.money import Money

HANDLE = "points"
_WHOLE = Decimal(100)


class PointsTooFew(Refusal):
    """So few points cannot pay for this cart; the message says how many can."""

    code = "POINTS_TOO_FEW"


@dataclass(frozen=True, slots=True)
class Applied:
    """The points a cart is to be paid with, how many of them would pay now, and how much."""

    points: int
    used: int
    amount: Money


@cart_command
def apply(cart: Cart, wanted: int, *, actor: Actor) -> Totals:
    """Pay the cart with so many points of its customer, instead of those said before.

    Raises InvalidInput, PointsUnusable, PointsOverdrawn, PointsTooFew.
    """
    if cart.customer_id is None:
        said = "Points pay for carts of customers: sign in, and take the cart over, first."
        raise PointsUnusable(said, field=("cart_id",))
    if cart.customer_id != actor.user_id:
        raise PointsUnusable("Only the customer whose cart this is can pay it with points.", field=("cart_id",))
    if wanted < 1:
        raise InvalidInput("Give a number of 1 or more; `cartPointsRemove` takes points off.", field=("points",))
    rate = loyalty.redeeming([cart.currency]).get(cart.currency)
    if rate is None:
        raise PointsUnusable(f"Points cannot pay in {cart.currency}.", field=("points",))
    usable = points.balances([cart.customer_id]).get(cart.customer_id, 0)
    if usable < wanted:
        raise PointsOverdrawn(usable)
    bill = pricing.totals(cart)
    least = rate.needed(_least(rate, bill.total))
    if bill.total and not share(wanted, rate, bill.total)[0]:
        raise PointsTooFew(
            f"At least {max(least, rate.needed(_coin(rate)))} points pay for this cart.", field=("points",)
        )
    cart.points = wanted
    return bill


@cart_command
def remove(cart: Cart) -> None:
    """Pay the cart with no points."""
    cart.points = 0


def applied(carts: Iterable[PricedCart]) -> list[Applied | None]:
    """What each cart's points would pay; None where it is to be paid with none. Without any, nothing is asked for."""
    wanted = list(carts)
    paying = [one.cart for one in wanted if one.cart.points]
    if not paying:
        return [None] * len(wanted)
    rates = loyalty.redeeming(cart.currency for cart in paying)
    usable = points.balances([cart.customer_id for cart in paying if cart.customer_id is not None])
    found: list[Applied | None] = []
    for one in wanted:
        cart, total = one.cart, one.totals.total
        has = usable.get(cart.customer_id or 0, 0)
        used, amount = share(min(cart.points, has), rates.get(cart.currency), total)
        found.append(Applied(cart.points, used, amount) if cart.points else None)
    return found


def left(carts: Iterable[PricedCart]) -> list[Money]:
    """What of each cart's total its points leave to pay."""
    wanted = list(carts)
    return [
        priced.totals.total - paid.amount if paid else priced.totals.total
        for priced, paid in zip(wanted, applied(wanted), strict=True)
    ]


def share(most: int, rate: LoyaltyRate | None, total: Money) -> tuple[int, Money]:
    """How many points, `most` at the most, pay how much of a total: nothing where it is less than has to be."""
    nothing = Money.zero(total.currency)
    if rate is None:
        return 0, nothing
    amount = min(rate.worth(most), _of(total, rate.program.max_percentage, ROUND_FLOOR))
    if not amount or amount < _least(rate, total):
        return 0, nothing
    return rate.needed(amount), amount


class Points:
    """The purse: what the cart's customer wants to spend of the points they have."""

    handle = HANDLE

    def spend(self, order: Order, cart: Cart, most: Money, buyer: Actor) -> list[Spent]:
        if not cart.points or cart.customer_id is None:
            return []
        if not purses.is_for(cart, buyer):
            said = "Sign in to the account of this cart to pay with its points, or take them off the cart."
            raise PointsUnusable(said, field=("cart_id",))
        rate = loyalty.redeeming([order.currency]).get(order.currency)
        account = points.locked(cart.customer_id)
        used, amount = share(min(cart.points, account.balance), rate, most)
        if not used:
            return []
        spent = PointsEntryKind.SPEND
        points.move(account, spent, -used, reference=reference(order), amount=-amount.amount)
        return [Spent(amount, reference=str(account.pk), method=f"{used} points")]

    def give_back(self, payment: Payment, amount: Money) -> None:
        """As many points as that was of all that was paid, rounded down; with the last of the money all the rest."""
        account = points.locked_by_id(int(payment.gateway_reference))
        told = PointsEntry.objects.filter(account=account, reference=reference(payment.order))
        spent = told.get(kind=PointsEntryKind.SPEND)
        before = list(told.filter(kind=PointsEntryKind.GIVE_BACK).values_list("points", "amount"))
        given = sum((money for _, money in before if money), amount.amount)
        whole = int(-spent.points * given / payment.captured)
        back = whole - sum(count for count, _ in before)
        points.move(account, PointsEntryKind.GIVE_BACK, back, reference=reference(payment.order), amount=amount.amount)


purses.register(Points())


def reference(order: Order) -> str:
    """The name of an order in the ledger of points."""
    return f"order:{order.key}"


def _least(rate: LoyaltyRate, total: Money) -> Money:
    return _of(total, rate.program.min_percentage, ROUND_CEILING)


def _of(total: Money, percentage: Decimal, rounding: str) -> Money:
    exact = total.amount * percentage / _WHOLE
    return Money(exact.quantize(money.quantum(total.currency), rounding=rounding), total.currency)


def _coin(rate: LoyaltyRate) -> Money:
    return Money(money.quantum(rate.currency), rate.currency)


def differences() -> list[str]:
    """Every order whose payments by points are not what the ledger of points tells of it."""
    with connection.cursor() as cursor:
        cursor.execute(purses.KEPT + _TOLD, {"handle": HANDLE})
        return [f"order {number} and the ledger of points differ" for (number,) in cursor.fetchall()]


_TOLD = """
, told AS (
    SELECT o.id AS order_id, e.account_id::text AS reference, -sum(e.amount) AS kept
    FROM accounts_pointsentry e JOIN checkout_order o ON 'order:' || o.key = e.reference
    WHERE e.kind IN ('SPEND', 'GIVE_BACK') GROUP BY 1, 2
)
SELECT DISTINCT o.number
FROM paid FULL JOIN told USING (order_id, reference) JOIN checkout_order o ON o.id = order_id
WHERE coalesce(paid.kept, 0) <> coalesce(told.kept, 0)
ORDER BY 1
"""
