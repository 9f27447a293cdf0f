"""What variants cost beside the price of one: for more of them, before, and at the least."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from catalog import details, price_history
from catalog.details import BreakRow
from catalog.models import PriceChange as StoredChange
from schema import codes, loaders, nodes
from schema.context import Context
from schema.pagination import After, Before, First, Last
from schema.scalars import MoneyV2
from shop import paging
from shop.money import Money
from shop.paging import Page, PageRequest


def breaks_of_variant(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[BreakRow]]:
    request = PageRequest(first, last, after, before)
    found = details.quantity_breaks(loaders.shopper(context), keys)
    return [paging.slice_of(found[key], request) for key in keys]


def lowest_price_of_variant(context: Context, keys: Sequence[int]) -> list[Money | None]:
    shopper = loaders.shopper(context)
    found = price_history.lowest(shopper.tariff, shopper.currency, keys)
    return [found.get(key) for key in keys]


def history_of_variant(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[StoredChange]]:
    request = PageRequest(first, last, after, before)
    found = price_history.latest(keys, paging.MAX_PAGE)
    return [paging.slice_of(found[key], request) for key in keys]


@strawberry.type(description="What one costs where many of a variant are in a cart.")
class QuantityPriceBreak:
    minimum_quantity: int = strawberry.field(description="From how many of it in the cart on.")
    price: MoneyV2 = strawberry.field(description="What each of them costs then.")

    @classmethod
    def of(cls, row: BreakRow) -> "QuantityPriceBreak":
        return cls(minimum_quantity=row.min_quantity, price=MoneyV2.of(Money.rounded(row.amount, row.currency)))


@strawberry.type(description="The price of a variant by a list, as it was from a moment on.")
class PriceChange:
    since: datetime = strawberry.field(description="From when.")
    price: MoneyV2 | None = strawberry.field(
        description="What one cost; null from when the list priced it no more, or was no more in effect."
    )
    compare_at_price: MoneyV2 | None = strawberry.field(description="The price it was reduced from, if one was given.")
    currency_code: codes.CurrencyCode = strawberry.field(description="The currency of the list.")
    price_list_id: strawberry.ID = strawberry.field(description="The list.")
    price_list_title: str = strawberry.field(description="What staff call the list.")

    @classmethod
    def of(cls, row: StoredChange) -> "PriceChange":
        from_list = row.price_list
        amounts = [
            None if amount is None else MoneyV2.of(Money.rounded(amount, from_list.currency))
            for amount in (row.amount, row.compare_at)
        ]
        return cls(
            since=row.since,
            price=amounts[0],
            compare_at_price=amounts[1],
            currency_code=codes.currency(from_list.currency),
            price_list_id=nodes.gid("PriceList", from_list.pk),
            price_list_title=from_list.title,
        )
