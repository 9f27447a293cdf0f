"""What promotions did: which orders used them, and how much they took off."""

from collections.abc import Sequence

from django.db.models import Sum

from checkout.models import PromotionUse
from shop import paging
from shop.money import Money
from shop.paging import Page, PageRequest

_NEWEST_FIRST = paging.Order("NEWEST", "pk", descending=True)


def pages(promotion_ids: Sequence[int], request: PageRequest) -> dict[int, Page[PromotionUse]]:
    """A page of each promotion's uses, newest first, all in one statement. Raises InvalidPage."""
    uses = PromotionUse.objects.select_related("order", "code")
    own = {key: uses.filter(promotion_id=key) for key in promotion_ids}
    return paging.pages(own, _NEWEST_FIRST, request, list, lambda row: row.promotion_id, lambda row: (row.pk,))


def taken_off(promotion_ids: Sequence[int]) -> dict[int, list[Money]]:
    """What each took off living orders, one amount for each currency."""
    found: dict[int, list[Money]] = {key: [] for key in promotion_ids}
    rows = PromotionUse.objects.filter(promotion_id__in=promotion_ids).values_list("promotion_id", "currency")
    for key, currency, amount in rows.annotate(total=Sum("amount")).order_by("currency"):
        found[key].append(Money.rounded(amount, currency))
    return found
