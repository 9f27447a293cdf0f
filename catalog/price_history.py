"""What variants have cost, and the lowest of it: the prior price that a reduction has to be told beside.

Article 6a of Directive 98/6/EC (the "Omnibus" rule) has a trader who announces a reduction indicate the lowest price
applied in a period of at least 30 days before it. Where a reduction grows step by step without a break, the prior price
is that before its first step (paragraph 5). So the 30 days end

- where the price is reduced now (`compare_at` is above it), at the moment from which it has been reduced without a
  break, that moment not included;
- otherwise now, and include it.

A price counts if it applied for any part of these days: the one in force when they begin does too. By a list that is
not a base list the price that applied is that of the list as long as it was in effect and had one, else that of the
base list. A variant that was sold to nobody before its reduction has no prior price.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from catalog.models import PriceChange
from catalog.models.price import Tariff, base_of
from shop import clock, prepared
from shop.money import Money

DAYS = timedelta(days=30)


class PriceState(NamedTuple):
    """What one cost from a moment on; nothing where it was not sold."""

    since: datetime
    amount: Decimal | None
    compare_at: Decimal | None

    @property
    def is_reduced(self) -> bool:
        return self.amount is not None and self.compare_at is not None and self.compare_at > self.amount


def lowest(tariff: Tariff, currency: str, variant_ids: Collection[int]) -> dict[int, Money]:
    """The lowest price of each variant in its 30 days, in one statement; those without one are left out."""
    own, now = tariff.price_list_id, clock.now()
    changes: dict[int, list[tuple[int, PriceState]]] = {variant_id: [] for variant_id in variant_ids}
    for variant_id, price_list_id, *state in _changes(list(changes), [own, base_of(currency)]):
        changes[variant_id].append((price_list_id, PriceState(*state)))
    found = {key: _lowest(_applied(told, own), now) for key, told in changes.items()}
    return {key: Money.rounded(amount, currency) for key, amount in found.items() if amount is not None}


def latest(variant_ids: Collection[int], limit: int) -> dict[int, list[PriceChange]]:
    """The last changes of each variant by all lists, the latest first."""
    found: dict[int, list[PriceChange]] = {variant_id: [] for variant_id in variant_ids}
    place = Window(RowNumber(), partition_by="variant_id", order_by=(F("since").desc(), F("pk").desc()))
    rows = PriceChange.objects.filter(variant__in=list(found)).annotate(place=place).filter(place__lte=limit)
    for row in rows.select_related("price_list").order_by("variant_id", "-since", "-pk"):
        found[row.variant_id].append(row)
    return found


def _applied(changes: Sequence[tuple[int, PriceState]], own: int) -> list[PriceState]:
    """What applied by the list `own`, which may be a base list: its own price, or else that of its base."""
    states: list[PriceState] = []
    by_list: dict[bool, PriceState] = {}
    for price_list_id, state in changes:
        by_list[price_list_id == own] = state
        own_state = by_list.get(True)
        applied = own_state if own_state and own_state.amount is not None else by_list.get(False)
        states.append(PriceState(state.since, *(applied[1:] if applied else (None, None))))
    return states


def _lowest(states: Sequence[PriceState], now: datetime) -> Decimal | None:
    if not states or states[-1].amount is None:
        return None
    end, until = now, len(states)
    if states[-1].is_reduced:
        while until and states[until - 1].is_reduced:
            until -= 1
        end = states[until].since
    begin = end - DAYS
    ends = [state.since for state in states[1:]] + [now]
    amounts = [
        state.amount
        for state, ended in zip(states[:until], ends, strict=False)
        if state.amount is not None and ended > begin
    ]
    return min(amounts, default=None)


@prepared.statement
def _changes(variant_ids: list[int], price_list_ids: list[int]) -> QuerySet[Any, Any]:
    rows = PriceChange.objects.filter(variant_id__any=variant_ids, price_list_id__any=price_list_ids)
    return rows.order_by("variant_id", "since", "pk").values_list(
        "variant_id", "price_list_id", "since", "amount", "compare_at"
    )
