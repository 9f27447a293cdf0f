"""Promotions and their codes: types and queries, for staff who keep promotions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from accounts.staff import Permission
from checkout import promotion_changes, promotion_codes, promotion_reports
from checkout.models import Promotion as StoredPromotion
from checkout.models import PromotionCode as StoredCode
from checkout.models import PromotionKind as StoredKind
from checkout.models import PromotionUse as StoredUse
from schema import codes, errors, loaders, nodes
from schema.context import Context
from schema.customers import Customer
from schema.edges import edge
from schema.fields import query
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import Staff
from schema.scalars import MoneyV2
from schema.variants import ProductVariant
from shop.money import Money
from shop.paging import Page, PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class PromotionKind(Enum): ...

else:
    PromotionKind = errors.enum_of(
        "PromotionKind", "How a promotion reckons what it takes off.", dict(StoredKind.choices)
    )


def promotions_by_key(context: Context, keys: Sequence[int]) -> list[StoredPromotion | None]:
    found = promotion_changes.visible(context.actor, keys)
    return [found.get(key) for key in keys]


def codes_of_promotion(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[StoredCode]]:
    found = promotion_codes.pages(keys, PageRequest(first, last, after, before))
    return [found[key] for key in keys]


def uses_of_promotion(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[StoredUse]]:
    found = promotion_reports.pages(keys, PageRequest(first, last, after, before))
    return [found[key] for key in keys]


def sums_of_promotion(context: Context, keys: Sequence[int]) -> list[list[Money]]:
    found = promotion_reports.taken_off(keys)
    return [found[key] for key in keys]


@strawberry.type(description="Goods by any of these; everything where none is named.")
class PromotionMerchandise:
    category_ids: list[strawberry.ID] = strawberry.field(description="Categories, with all below them.")
    collection_ids: list[strawberry.ID] = strawberry.field(description="Collections, put together by hand or by rules.")
    product_ids: list[strawberry.ID] = strawberry.field(description="Products.")
    variant_ids: list[strawberry.ID] = strawberry.field(description="Variants.")

    @classmethod
    def of(cls, stored: Mapping[str, Sequence[int]]) -> "PromotionMerchandise":
        return cls(
            category_ids=[gid("Category", key) for key in stored.get("categories", ())],
            collection_ids=[gid("Collection", key) for key in stored.get("collections", ())],
            product_ids=[gid("Product", key) for key in stored.get("products", ())],
            variant_ids=[gid("ProductVariant", key) for key in stored.get("variants", ())],
        )


@strawberry.type(description="What a tiered promotion takes off from a spend on.")
class PromotionTier:
    from_: MoneyV2 = strawberry.field(name="from", description="From how much on.")
    percentage: Decimal | None = strawberry.field(description="The percentage it takes off; null for an amount.")
    amount: MoneyV2 | None = strawberry.field(description="The amount it takes off; null for a percentage.")

    @classmethod
    def of(cls, stored: Mapping[str, str | None], currency: str) -> "PromotionTier":
        percentage, amount = stored.get("percentage"), stored.get("amount")
        return cls(
            from_=MoneyV2.of(Money.rounded(Decimal(stored["from"] or 0), currency)),
            percentage=None if percentage is None else Decimal(percentage),
            amount=None if amount is None else MoneyV2.of(Money.rounded(Decimal(amount), currency)),
        )


@strawberry.type(description="A code that brings a promotion.")
class PromotionCode:
    id: strawberry.ID = strawberry.field(description="The code's id.")
    code: str = strawberry.field(description="The code; shoppers may type it in whatever capitals.")
    usage_limit: int | None = strawberry.field(description="How many orders may use it; null for any number.")
    used_count: int = strawberry.field(description="How many orders use it that are not cancelled.")
    is_active: bool = strawberry.field(description="Whether it brings the promotion; false once it was disabled.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @classmethod
    def of(cls, row: StoredCode) -> "PromotionCode":
        return cls(
            id=gid("PromotionCode", row.pk),
            code=row.code,
            usage_limit=row.usage_limit,
            used_count=row.used,
            is_active=row.is_active,
            created_at=row.created_at,
        )


@strawberry.type(description="That an order used a promotion, or gave the use back when it was cancelled.")
class PromotionUse:
    order_name: str = strawberry.field(description='The order, such as "#1001".')
    order_id: strawberry.ID = strawberry.field(description="The order's id.")
    code: str | None = strawberry.field(
        description="The code that brought the promotion; null where it came by itself."
    )
    is_given_back: bool = strawberry.field(description="Whether this tells that the use was given back.")
    amount: MoneyV2 = strawberry.field(description="What was taken off; negative where that was given back.")
    created_at: datetime = strawberry.field(description="When.")
    customer: Customer | None = edge(
        loaders.customers, key="customer_id", description="Whose order it is; null for guests."
    )
    customer_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, row: StoredUse) -> "PromotionUse":
        return cls(
            order_name=row.order.name,
            order_id=gid("Order", row.order.key),
            code=row.code.code if row.code else None,
            is_given_back=row.units < 0,
            amount=MoneyV2.of(Money.rounded(row.amount, row.currency)),
            created_at=row.created_at,
            customer_id=row.customer_id,
        )


@strawberry.type(
    description="What may be taken off a cart: off what, for whom and when. Promotions are considered by priority, the "
    "lowest number first, then the oldest; the first that applies decides whether others may apply beside it."
)
class Promotion(Node):
    title: str = strawberry.field(description="Its name, as shoppers see it.")
    kind: PromotionKind = strawberry.field(description="How it reckons what it takes off.")
    needs_code: bool = strawberry.field(description="Whether a code has to be entered; otherwise it comes by itself.")
    priority: int = strawberry.field(description="Its place among promotions: the lowest number comes first.")
    is_exclusive: bool = strawberry.field(description="Whether no other promotion applies beside it.")
    currency: codes.CurrencyCode | None = strawberry.field(
        description="The currency of its amounts, and of the carts it is for; null for every one."
    )
    percentage: Decimal | None = strawberry.field(description="What percentage it takes off.")
    amount: MoneyV2 | None = strawberry.field(description="What amount it takes off, or what a unit costs with it.")
    tiers: list[PromotionTier] = strawberry.field(description="What it takes off by spend, the lowest spend first.")
    buy_quantity: int | None = strawberry.field(description="How many units have to be bought.")
    get_quantity: int | None = strawberry.field(description="How many units cost less for those.")
    max_times: int | None = strawberry.field(description="How often in one cart; null for any number.")
    merchandise: PromotionMerchandise = strawberry.field(description="What it takes something off.")
    qualifying: PromotionMerchandise = strawberry.field(
        description="What has to be bought, and counts for its minimums; where none is named, what it is for does."
    )
    group_ids: list[strawberry.ID] = strawberry.field(
        description="For customers in one of these groups; an empty list means for everybody."
    )
    countries: list[codes.CountryCode] = strawberry.field(
        description="For carts that go to these countries; an empty list means to every one."
    )
    is_first_order: bool = strawberry.field(description="Whether it is for the first order of a customer alone.")
    min_subtotal: MoneyV2 | None = strawberry.field(description="How much has to be spent.")
    min_quantity: int | None = strawberry.field(description="How many units have to be bought.")
    starts_at: datetime | None = strawberry.field(description="From when on it applies; null means at once.")
    ends_at: datetime | None = strawberry.field(description="Until when it applies; null means without an end.")
    usage_limit: int | None = strawberry.field(description="How many orders may use it; null for any number.")
    usage_limit_per_customer: int | None = strawberry.field(
        description="How many orders of one customer may use it; null for any number."
    )
    used_count: int = strawberry.field(description="How many orders use it that are not cancelled.")
    is_active: bool = strawberry.field(description="Whether staff let it apply, in its time.")
    created_at: datetime = strawberry.field(description="When it was made.")
    gift: ProductVariant | None = edge(
        loaders.variants, key="gift_id", description="The variant that is added for nothing."
    )
    codes: CountedConnection[PromotionCode] = edge(codes_of_promotion, description="Its codes, oldest first.")
    uses: CountedConnection[PromotionUse] = edge(
        uses_of_promotion, description="Which orders used it, or gave that back, newest first."
    )
    discounted: list[MoneyV2] = edge(
        sums_of_promotion, description="What it took off orders that are not cancelled, one amount for each currency."
    )
    pk: strawberry.Private[int]
    gift_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, row: StoredPromotion) -> "Promotion":
        def money(amount: Decimal | None) -> MoneyV2 | None:
            return None if amount is None else MoneyV2.of(Money.rounded(amount, row.currency))

        return cls(
            id=gid("Promotion", row.pk),
            title=row.title,
            kind=PromotionKind[row.kind],
            needs_code=row.needs_code,
            priority=row.priority,
            is_exclusive=row.is_exclusive,
            currency=codes.currency(row.currency) if row.currency else None,
            percentage=row.percentage,
            amount=money(row.amount),
            tiers=[PromotionTier.of(tier, row.currency) for tier in row.tiers],
            buy_quantity=row.buy_quantity,
            get_quantity=row.get_quantity,
            max_times=row.max_times,
            merchandise=PromotionMerchandise.of(row.merchandise),
            qualifying=PromotionMerchandise.of(row.qualifying),
            group_ids=[gid("CustomerGroup", key) for key in row.group_ids],
            countries=[codes.country(country) for country in row.countries],
            is_first_order=row.is_first_order,
            min_subtotal=money(row.min_subtotal),
            min_quantity=row.min_quantity,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            usage_limit=row.usage_limit,
            usage_limit_per_customer=row.usage_limit_per_customer,
            used_count=row.used,
            is_active=row.is_active,
            created_at=row.created_at,
            pk=row.pk,
            gift_id=row.gift_variant_id,
        )


PromotionId = Annotated[strawberry.ID, strawberry.argument(description="The promotion.")]


@strawberry.type
class PromotionQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_PROMOTIONS)])
    def promotions(
        self, first: First = None, last: Last = None, after: After = None, before: Before = None
    ) -> CountedConnection[Promotion]:
        """All promotions, in the order they are considered in. For staff who keep promotions."""
        return CountedConnection.of(promotion_changes.page(PageRequest(first, last, after, before)), Promotion.of)

    @query(permission_classes=[Staff(Permission.MANAGE_PROMOTIONS)])
    def promotion(self, id: PromotionId) -> Promotion | None:
        """A promotion. For staff who keep promotions."""
        return Promotion.of(promotion_changes.get(nodes.number(id, "Promotion", "id")))
