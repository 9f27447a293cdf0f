"""Credit limits of customers: staff set them, orders placed on invoice use them, and what is paid frees them.

A limit is locked after everything an order locks, stock and purses too: nobody waits for anything behind it.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict

from django.db import transaction
from django.db.models import F

from accounts.models import CreditLimit, User
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.money import Money

MAX_DAYS = 365


class CreditNotGranted(Refusal):
    """Nobody granted the buyer credit in this currency, so that nothing can be bought on invoice."""

    code = "CREDIT_NOT_GRANTED"


class CreditLimitExceeded(Refusal):
    """More is to be bought on invoice than is left of the buyer's credit."""

    code = "CREDIT_LIMIT_EXCEEDED"


class Terms(TypedDict):
    """How much a customer may owe in a currency, and for how many days each order of it."""

    amount: Decimal
    currency: str
    terms_in_days: int


@transaction.atomic(durable=True)
def put(*, customer_id: int, credit_limit: Terms) -> CreditLimit:
    """Let a customer owe so much in a currency from now on; nothing, where the amount is 0. What is owed stays so.

    Raises NotFound, InvalidInput.
    """
    if not User.objects.select_for_update(no_key=True).filter(pk=customer_id).exists():
        raise NotFound("Customer", field=("customer_id",))
    currency, days = credit_limit["currency"], credit_limit["terms_in_days"]
    with blaming("credit_limit"), together() as check:
        with check("amount"):
            amount = Money.price(credit_limit["amount"], currency).amount
        with check("terms_in_days"):
            if not 0 <= days <= MAX_DAYS:
                raise InvalidInput(f"Terms are 0 to {MAX_DAYS} days.")
    said = {"amount": amount, "terms_in_days": days}
    kept, _ = CreditLimit.objects.update_or_create(customer_id=customer_id, currency=currency, defaults=said)
    return kept


def of_customers(customer_ids: Sequence[int]) -> dict[int, list[CreditLimit]]:
    """The limits of each customer, by currency."""
    found: dict[int, list[CreditLimit]] = {key: [] for key in customer_ids}
    for row in CreditLimit.objects.filter(customer__in=list(found)).order_by("currency"):
        found[row.customer_id].append(row)
    return found


def take(customer_id: int, wanted: Money, *, otherwise: str = "choose another way to pay") -> CreditLimit:
    """Have a customer owe so much more, or refuse and say what they can do `otherwise`. Call inside a transaction.

    Raises CreditNotGranted, CreditLimitExceeded.
    """
    limits = CreditLimit.objects.select_for_update().filter(customer=customer_id, currency=wanted.currency)
    limit = limits.first()
    if limit is None or not limit.amount:
        raise CreditNotGranted(_not_granted(customer_id, wanted.currency, otherwise))
    if limit.available < wanted:
        raise CreditLimitExceeded(
            f"{limit.available} of a credit of {limit.limit} are available; this takes {wanted}. Pay open invoices "
            f"first, or {otherwise}."
        )
    limit.used += wanted.amount
    limit.save(update_fields=["used", "updated_at"])
    return limit


def free(customer_id: int, less: Money) -> None:
    """Have a customer owe so much less. Call inside a transaction."""
    limits = CreditLimit.objects.filter(customer=customer_id, currency=less.currency)
    limits.update(used=F("used") - less.amount)


def owe(customer_id: int, more: Money) -> None:
    """Have a customer owe so much more again, whatever the limit: it was granted before. Call inside a transaction."""
    limits = CreditLimit.objects.filter(customer=customer_id, currency=more.currency)
    limits.update(used=F("used") + more.amount)


def _not_granted(customer_id: int, currency: str, otherwise: str) -> str:
    others = list(CreditLimit.objects.filter(customer=customer_id, amount__gt=0).order_by("currency"))
    if others:
        available = ", ".join(str(limit.available) for limit in others)
        return f"This account has no credit in {currency}; available are {available}."
    return f"This account has no credit with the shop; {otherwise}."
