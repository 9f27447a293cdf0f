"""The points customers have: every change of a balance is an entry of a ledger, written with the account locked.

Points are spent in the order in which they expire. The ledger does not tell which points an entry took: what came and
has expired, less all that was ever spent or expired, is what is left to expire. What is taken back of an order counts
as never come, and what an order gives back as never spent, so that it expires when it would have.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from accounts import loyalty
from accounts.actors import Actor
from accounts.models import PointsAccount, PointsEntry, PointsEntryKind, User
from shop import clock, outbox, paging, text, writes
from shop.errors import InvalidInput, NotFound, Refusal
from shop.paging import Page, PageRequest

MAX_POINTS = 1_000_000_000
_OLDEST_FIRST = paging.Order("ID", "pk")


class PointsOverdrawn(Refusal):
    """More points are to be taken than the customer has."""

    code = "POINTS_OVERDRAWN"

    def __init__(self, left: int) -> None:
        super().__init__(f"There are {left} points.", field=("points",))


@transaction.atomic(durable=True)
def adjust(*, customer_id: int, points: int, reason: str, actor: Actor) -> User:
    """Give a customer points, or take some away where they are negative. What is given expires as what is earned.

    Raises NotFound, InvalidInput, PointsOverdrawn.
    """
    customer = User.objects.filter(pk=customer_id).first()
    if customer is None:
        raise NotFound("Customer", field=("customer_id",))
    because = text.line(reason, limit=500, field=("reason",), required=True)
    if not points:
        raise InvalidInput("An adjustment is of more than nothing.", field=("points",))
    account = locked(customer_id)
    if account.balance + points < 0:
        raise PointsOverdrawn(account.balance)
    if account.balance + points > MAX_POINTS:
        raise InvalidInput(f"A customer has {MAX_POINTS} points at the most.", field=("points",))
    expires_at = expiry() if points > 0 else None
    move(account, PointsEntryKind.ADJUSTMENT, points, expires_at=expires_at, reason=because, actor=actor)
    return customer


def locked(customer_id: int) -> PointsAccount:
    """The customer's account, made where there is none, locked and without what has expired. Call in a transaction."""
    if not PointsAccount.objects.filter(customer_id=customer_id).exists():
        PointsAccount.objects.bulk_create([PointsAccount(customer_id=customer_id)], ignore_conflicts=True)
    account = PointsAccount.objects.select_for_update().get(customer_id=customer_id)
    _expire(account)
    return account


def locked_by_id(account_id: int) -> PointsAccount:
    """The account, whoever has it, locked. Call in a transaction."""
    return PointsAccount.objects.select_for_update().get(pk=account_id)


def expiry() -> datetime | None:
    """When points that come now expire; None for never."""
    days = loyalty.read().expiry_days
    return clock.now() + timedelta(days=days) if days else None


def move(
    account: PointsAccount,
    kind: PointsEntryKind,
    points: int,
    *,
    reference: str = "",
    amount: Decimal | None = None,
    expires_at: datetime | None = None,
    reason: str = "",
    actor: Actor | None = None,
) -> None:
    """Change the balance of an account that is locked, and say so in its ledger."""
    PointsAccount.objects.filter(pk=account.pk).update(balance=F("balance") + points)
    account.balance += points
    entry = PointsEntry(
        account=account,
        kind=kind,
        points=points,
        reference=reference,
        amount=amount,
        expires_at=expires_at,
        reason=reason,
        actor_id=actor.user_id if actor else None,
        created_at=clock.now(),
    )
    writes.insert([entry])


def balances(customer_ids: Sequence[int]) -> dict[int, int]:
    """What each of these customers can spend now, in one statement."""
    rows = _with_sums(PointsAccount.objects.filter(customer__in=customer_ids))
    return {customer: balance - _left_to_expire(came, gone) for _, customer, balance, came, gone in rows}


def entries(customer_ids: Sequence[int], request: PageRequest) -> dict[int, Page[PointsEntry]]:
    """A page of each customer's ledger, oldest first, all in one statement. Raises InvalidPage."""
    own: dict[int, QuerySet[PointsEntry]] = {
        key: PointsEntry.objects.filter(account__customer=key).annotate(owner=Value(key, BigIntegerField()))
        for key in customer_ids
    }
    return paging.pages(own, _OLDEST_FIRST, request, list, attrgetter("owner"), lambda row: (row.pk,))


@outbox.every(seconds=3600)
def expire() -> None:
    """Take off all balances what has expired."""
    due = _with_sums(PointsAccount.objects.filter(balance__gt=0).order_by("pk"))
    due = due.filter(came__gt=Value(0) - Coalesce("gone", 0))
    outbox.one_by_one((pk for pk, *_ in due), lambda account_id: _expire(locked_by_id(account_id)))


def _expire(account: PointsAccount) -> None:
    [(_, _, _, came, gone)] = _with_sums(PointsAccount.objects.filter(pk=account.pk))
    points = _left_to_expire(came, gone)
    if points:
        move(account, PointsEntryKind.EXPIRE, -points)


def _with_sums(accounts: QuerySet[PointsAccount]) -> QuerySet[Any, Any]:
    """Each as its key, its customer, its balance, what came and has expired, and what was ever spent or expired."""
    came = Q(entries__kind__in=["EARN", "TAKE_BACK", "ADJUSTMENT"], entries__expires_at__lte=clock.now())
    taken = Q(entries__kind="ADJUSTMENT", entries__points__lt=0)
    gone = Q(entries__kind__in=["SPEND", "GIVE_BACK", "EXPIRE"]) | taken
    with_sums = accounts.annotate(came=Sum("entries__points", filter=came), gone=Sum("entries__points", filter=gone))
    return with_sums.values_list("pk", "customer_id", "balance", "came", "gone")


def _left_to_expire(came: int | None, gone: int | None) -> int:
    return max((came or 0) + (gone or 0), 0)


def differences() -> list[str]:
    """Every account whose balance is not the sum of its ledger."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG_BALANCE)
        return [f"the points of account {pk} are others than its ledger tells" for (pk,) in cursor.fetchall()]


_WRONG_BALANCE = """
SELECT account.id FROM accounts_pointsaccount account
WHERE account.balance <> (SELECT coalesce(sum(points), 0) FROM accounts_pointsentry WHERE account_id = account.id)
ORDER BY account.id
"""
