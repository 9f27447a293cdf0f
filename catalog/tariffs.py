"""Which price list a shopper sees: of those in effect and meant for them, the one with the lowest priority number.

A list is meant for a shopper whose country is among its countries, or who may be anywhere where it names none, and who
is in one of its groups, where it names some. Whom no list is meant for sees the base list of the shop's currency.

The lists in effect are few and change seldom, so that each process reads them once in `KEPT_FOR` seconds at the most.
So long another process may show what has ended; what is shown and what a cart costs are read by the same list even so,
and offers and facts are kept for every list.
"""

from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Q, Value

from accounts.models import CustomerGroup
from catalog.models import PriceList

KEPT_FOR = 1.0


class Choice(NamedTuple):
    """A list, by its currency and its key; without a key the base list of the currency."""

    currency: str
    price_list_id: int | None = None


class InEffect(NamedTuple):
    """A list in effect beside the base lists, and for whom it is meant."""

    pk: int
    currency: str
    countries: list[str]
    groups: list[int]


@dataclass(slots=True)
class _Kept:
    """What this process knows of the lists in effect, in the order in which they are considered."""

    lists: list[InEffect] = field(default_factory=list)
    until: float = 0.0


_kept = _Kept()


def chosen(country: str, customer_id: int | None) -> Choice:
    """The list for a shopper of this country; `customer_id` is None for a guest."""
    lists = in_effect()
    if not lists:
        return Choice(settings.SHOP_CURRENCY)
    meant = [one for one in lists if not one.countries or country in one.countries]
    groups: set[int] = set()
    if customer_id is not None and any(one.groups for one in meant):
        groups = set(CustomerGroup.objects.filter(members=customer_id).values_list("pk", flat=True))
    for one in meant:
        if not one.groups or groups.intersection(one.groups):
            return Choice(one.currency, one.pk)
    return Choice(settings.SHOP_CURRENCY)


def in_effect() -> list[InEffect]:
    """The lists in effect beside the base lists, first those of the lowest priority number."""
    if _kept.until < monotonic():
        until = monotonic() + KEPT_FOR
        named = ArrayAgg("groups", filter=Q(groups__isnull=False), default=Value([]))
        rows = PriceList.objects.filter(is_current=True, base__isnull=False).annotate(named=named)
        found = rows.order_by("priority", "pk").values_list("pk", "currency", "countries", "named")
        _kept.lists, _kept.until = [InEffect(*row) for row in found], until
    return _kept.lists


def remember(lists: list[InEffect], seconds: float) -> None:
    """Take these for the lists in effect, so long."""
    _kept.lists, _kept.until = lists, monotonic() + seconds


def forget() -> None:
    """Have this process read anew which lists are in effect, now and once more when the transaction is committed."""
    _kept.until = 0.0
    transaction.on_commit(_forget_again)


def _forget_again() -> None:
    _kept.until = 0.0
