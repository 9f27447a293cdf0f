"""What a unit of a variant costs the shop: the moving average of what purchases told, in the shop's currency.

The ledger keeps it: each purchase that tells its cost stands there with the average from then on.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db.models import Sum

from catalog.models import MovementKind, StockMovement
from shop.money import Money

# What an average is rounded to: far finer than any currency, so that nothing adds up to a unit of one.
PRECISION = Decimal("0.000001")


def averages(variant_ids: Collection[int]) -> dict[int, Decimal]:
    """What a unit of each variant costs on average; none of a variant of which no purchase told."""
    told = StockMovement.objects.filter(variant_id__in=variant_ids, average_cost__isnull=False)
    latest = told.order_by("variant_id", "-created_at", "-pk").distinct("variant_id")
    return {key: cost for key, cost in latest.values_list("variant_id", "average_cost") if cost is not None}


def of_each(variant_ids: Sequence[int]) -> dict[int, Money]:
    """As `averages`, rounded to what the shop's currency can express."""
    found = averages(variant_ids)
    return {variant_id: Money.rounded(cost, settings.SHOP_CURRENCY) for variant_id, cost in found.items()}


def averages_after(
    bought: Mapping[int, Sequence[tuple[int, Decimal]]], on_hand: Mapping[int, int]
) -> dict[int, Decimal]:
    """The average of each variant once these (units, unit cost) are bought, where `on_hand` are in the house already.

    What is on its way between locations counts as well. Units of which no cost is known are taken to have cost what
    these do. The caller has locked the variants' levels.
    """
    known, on_the_way = averages(bought.keys()), _on_the_way(bought.keys())
    found = {}
    for variant_id, purchases in bought.items():
        units = sum(quantity for quantity, _ in purchases)
        cost = sum((quantity * each for quantity, each in purchases), Decimal(0))
        kept = on_hand[variant_id] + on_the_way.get(variant_id, 0)
        if variant_id in known:
            units, cost = units + kept, cost + kept * known[variant_id]
        found[variant_id] = (cost / units).quantize(PRECISION, rounding=ROUND_HALF_UP)
    return found


def _on_the_way(variant_ids: Collection[int]) -> dict[int, int]:
    """Units that left one location and have not come in at another."""
    moved = StockMovement.objects.filter(variant_id__in=variant_ids, kind=MovementKind.TRANSFER)
    return {variant: -units for variant, units in moved.values_list("variant_id").annotate(units=Sum("on_hand_delta"))}
