"""Changes of prices: those planned, for staff who keep the catalog, and those that were made."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import prices
from catalog.models import ScheduledPriceChange as StoredChange
from catalog.prices import NewPrice
from schema import codes, loaders, nodes
from schema.context import Context
from schema.edges import edge
from schema.fields import mutation, query
from schema.inputs import given, meant
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import Staff
from schema.price_lists import PriceList, PriceListUserError, price_lists_by_key
from schema.scalars import MoneyV2
from schema.variants import ProductVariant
from shop.money import Money
from shop.paging import PageRequest


def scheduled_changes(context: Context, keys: Sequence[int]) -> list[StoredChange | None]:
    found = prices.visible(context.actor, keys)
    return [found.get(key) for key in keys]


@strawberry.type(description="A price that a list is to have from a moment on.")
class ScheduledPriceChange(Node):
    at: datetime = strawberry.field(description="When it is made; within seconds after that.")
    price: MoneyV2 = strawberry.field(description="What one is to cost then.")
    compare_at_price: MoneyV2 | None = strawberry.field(
        description="The price it is then reduced from, if one was given."
    )
    variant: ProductVariant = edge(loaders.variants, key="variant_id", description="What is to be priced anew.")
    price_list: PriceList = edge(price_lists_by_key, key="price_list_id", description="The list whose price changes.")
    variant_id: strawberry.Private[int]
    price_list_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: StoredChange) -> "ScheduledPriceChange":
        currency = row.price_list.currency
        was = None if row.compare_at is None else MoneyV2.of(Money.rounded(row.compare_at, currency))
        return cls(
            id=gid("ScheduledPriceChange", row.pk),
            at=row.at,
            price=MoneyV2.of(Money.rounded(row.amount, currency)),
            compare_at_price=was,
            variant_id=row.variant_id,
            price_list_id=row.price_list_id,
        )


@strawberry.input(description="What a variant is to cost.")
class PriceChangeInput:
    variant_id: strawberry.ID = strawberry.field(description="The variant.")
    price: Decimal = strawberry.field(
        description="What one is to cost: zero or more, with no more decimals than the currency has."
    )
    compare_at_price: Decimal | None = strawberry.field(
        default=UNSET, description="The price it is then reduced from; none where this is left out."
    )

    def to_domain(self) -> NewPrice:
        fields: dict[str, Any] = given(self)
        fields["variant_id"] = nodes.number(self.variant_id, "ProductVariant", "variant_id")
        return cast(NewPrice, fields)


@strawberry.type(description="What became of `priceChangeSchedule`.")
class PriceChangeSchedulePayload:
    scheduled_price_changes: list[ScheduledPriceChange] | None = strawberry.field(
        default=None, description="What is planned now, in the order given; null where this was refused."
    )
    user_errors: list[PriceListUserError] = strawberry.field(
        default_factory=list, description="Why nothing was planned; empty when all went well."
    )


@strawberry.type(description="What became of `scheduledPriceChangeCancel`.")
class ScheduledPriceChangeCancelPayload:
    cancelled_price_change_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what was given up; null where this was refused."
    )
    user_errors: list[PriceListUserError] = strawberry.field(
        default_factory=list, description="Why nothing was given up; empty when all went well."
    )


@strawberry.type
class PriceChangeQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def scheduled_price_changes(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
    ) -> CountedConnection[ScheduledPriceChange]:
        """The changes of prices to come, the next first. For staff who manage the catalog."""
        page = prices.scheduled(PageRequest(first, last, after, before))
        return CountedConnection.of(page, ScheduledPriceChange.of)


@strawberry.type
class PriceChangeMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def price_change_schedule(
        self,
        at: Annotated[datetime, strawberry.argument(description="The moment to come.")],
        changes: Annotated[list[PriceChangeInput], strawberry.argument(description="The new prices: 1 to 250.")],
        price_list_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The price list; the base list of `currency` where it is left out."),
        ] = None,
        currency: Annotated[
            codes.CurrencyCode | None,
            strawberry.argument(description="The currency whose base list changes; the shop's own by default."),
        ] = None,
    ) -> PriceChangeSchedulePayload:
        """Have prices of a list change at a moment to come. For staff who manage the catalog."""
        made = prices.schedule(
            at=at,
            changes=meant(changes, "changes"),
            price_list_id=None if price_list_id is None else nodes.number(price_list_id, "PriceList", "price_list_id"),
            currency=None if currency is None else currency.name,
        )
        return PriceChangeSchedulePayload(scheduled_price_changes=[ScheduledPriceChange.of(one) for one in made])

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def scheduled_price_change_cancel(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The change to give up.")],
    ) -> ScheduledPriceChangeCancelPayload:
        """Give up a change of a price that has not been made. For staff who manage the catalog."""
        prices.cancel(change_id=nodes.number(id, "ScheduledPriceChange", "id"))
        return ScheduledPriceChangeCancelPayload(cancelled_price_change_id=id)
