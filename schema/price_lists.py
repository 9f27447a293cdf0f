"""Price lists and the prices in them: types, queries and mutations, for staff who keep the catalog."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from strawberry import UNSET

from accounts.models import CustomerGroup as StoredGroup
from accounts.staff import Permission
from catalog import handles, price_lists
from catalog import prices as stored
from catalog.models import Price
from catalog.models import PriceList as StoredList
from catalog.price_lists import NewPriceList, PriceListFields
from catalog.prices import NewPrice
from schema import codes, errors, loaders, nodes
from schema.context import Context
from schema.customer_groups import CustomerGroup
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.inputs import given, meant
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import Staff
from schema.scalars import MoneyV2
from schema.variants import ProductVariant
from shop.errors import Refusal
from shop.money import Money
from shop.paging import Page, PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class PriceListErrorCode(Enum): ...

else:
    PriceListErrorCode = errors.code_enum(
        "PriceListErrorCode", "a price list or a price", errors.codes_of(price_lists, stored, handles)
    )


def prices_of_list(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[Price]]:
    found = stored.in_lists(keys, PageRequest(first, last, after, before))
    return [found[key] for key in keys]


def price_lists_by_key(context: Context, keys: Sequence[int]) -> list[StoredList | None]:
    found = price_lists.visible(context.actor, keys)
    return [found.get(key) for key in keys]


def groups_of_list(context: Context, keys: Sequence[int]) -> list[list[StoredGroup]]:
    found = price_lists.groups_of(keys)
    return [found[key] for key in keys]


@strawberry.type(description="What a variant costs by a price list.")
class PriceListPrice:
    minimum_quantity: int = strawberry.field(description="From how many of it in a cart on.")
    price: MoneyV2 = strawberry.field(description="What one costs then.")
    compare_at_price: MoneyV2 | None = strawberry.field(description="The price it is reduced from, if one was given.")
    variant: ProductVariant = edge(loaders.variants, key="variant_id", description="What is priced.")
    variant_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: Price) -> "PriceListPrice":
        was = None if row.compare_at is None else MoneyV2.of(Money.rounded(row.compare_at, row.currency))
        return cls(
            minimum_quantity=row.min_quantity,
            price=MoneyV2.of(Money.rounded(row.amount, row.currency)),
            compare_at_price=was,
            variant_id=row.variant_id,
        )


@strawberry.type(
    description="What goods cost in one currency: the base list of a currency for everybody, or a list for some, which "
    "sells what it does not price at the prices of its base. A shopper sees one list: of those in effect and meant for "
    "them the one with the lowest priority number, else the base list of the shop's currency."
)
class PriceList(Node):
    handle: str = strawberry.field(description="Its short name for programs, unique among price lists.")
    title: str = strawberry.field(description="Its name for staff.")
    currency: codes.CurrencyCode = strawberry.field(description="The currency of its prices.")
    is_base: bool = strawberry.field(description="Whether it is the base list of its currency.")
    countries: list[codes.CountryCode] = strawberry.field(
        description="For shoppers of these countries; an empty list means of every one."
    )
    groups: list[CustomerGroup] = edge(
        groups_of_list, description="For customers in one of these groups; an empty list means for everybody."
    )
    priority: int = strawberry.field(description="Where several lists are meant for a shopper, the lowest is theirs.")
    starts_at: datetime | None = strawberry.field(description="From when it is in effect; null means at once.")
    ends_at: datetime | None = strawberry.field(description="Until when it is in effect; null means without an end.")
    is_active: bool = strawberry.field(description="Whether staff let it come into effect.")
    is_current: bool = strawberry.field(description="Whether it is in effect: shoppers see its prices.")
    prices: CountedConnection[PriceListPrice] = edge(
        prices_of_list, description="The prices in it, in the order in which they were first given."
    )
    pk: strawberry.Private[int]

    @classmethod
    def of(cls, row: StoredList) -> "PriceList":
        return cls(
            id=gid("PriceList", row.pk),
            handle=row.handle,
            title=row.title,
            currency=codes.currency(row.currency),
            is_base=row.is_base,
            countries=[codes.country(country) for country in row.countries],
            priority=row.priority,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            is_active=row.is_active,
            is_current=row.is_current,
            pk=row.pk,
        )


@strawberry.type(description="Why a price list or a price was not made or changed.")
class PriceListUserError(DisplayableError):
    code: PriceListErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "PriceListUserError":
        return cls(**errors.parts(refusal, PriceListErrorCode))


def _fields(sent: Any) -> dict[str, Any]:
    fields: dict[str, Any] = given(sent)
    if isinstance(sent.group_ids, list):
        fields["group_ids"] = [
            nodes.number(id, "CustomerGroup", "price_list", "group_ids", place)
            for place, id in enumerate(sent.group_ids)
        ]
    return fields


@strawberry.input(description="A price list to make.")
class PriceListCreateInput:
    title: str = strawberry.field(description="Its name for staff, on one line of at most 255 characters.")
    currency: codes.CurrencyCode = strawberry.field(description="The currency of its prices; it never changes.")
    handle: str | None = strawberry.field(
        default=UNSET, description="Its short name for programs; made from the title where it is left out."
    )
    countries: list[codes.CountryCode] | None = strawberry.field(
        default=UNSET, description="For shoppers of these countries; an empty list means of every one."
    )
    group_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="For customers in one of these groups; an empty list means for everybody."
    )
    priority: int | None = strawberry.field(
        default=UNSET,
        description="Where several lists are meant for a shopper, the lowest is theirs: 0 to 32767, 100 where nothing "
        "is said.",
    )
    starts_at: datetime | None = strawberry.field(default=UNSET, description="From when it is in effect.")
    ends_at: datetime | None = strawberry.field(default=UNSET, description="Until when it is in effect.")
    is_active: bool | None = strawberry.field(
        default=UNSET, description="Whether it may come into effect; it may unless this is false."
    )

    def to_domain(self) -> NewPriceList:
        return cast(NewPriceList, _fields(self))


@strawberry.input(
    description="What is to change of a price list. What is left out stays; null puts a field back to its default."
)
class PriceListUpdateInput:
    title: str | None = strawberry.field(default=UNSET, description="Its name for staff; it cannot be empty.")
    handle: str | None = strawberry.field(
        default=UNSET, description="Its short name for programs; null makes one from the title."
    )
    countries: list[codes.CountryCode] | None = strawberry.field(
        default=UNSET, description="For shoppers of these countries; an empty list means of every one."
    )
    group_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="For customers in one of these groups; an empty list means for everybody."
    )
    priority: int | None = strawberry.field(
        default=UNSET, description="Where several lists are meant for a shopper, the lowest is theirs: 0 to 32767."
    )
    starts_at: datetime | None = strawberry.field(default=UNSET, description="From when it is in effect.")
    ends_at: datetime | None = strawberry.field(default=UNSET, description="Until when it is in effect.")
    is_active: bool | None = strawberry.field(default=UNSET, description="Whether it may come into effect.")

    def to_domain(self) -> PriceListFields:
        return cast(PriceListFields, _fields(self))


@strawberry.input(description="What a variant is to cost by a price list.")
class PriceListPriceInput:
    variant_id: strawberry.ID = strawberry.field(description="The variant.")
    price: Decimal = strawberry.field(
        description="What one costs: zero or more, with no more decimals than the currency has."
    )
    compare_at_price: Decimal | None = strawberry.field(
        default=UNSET, description="The price it is reduced from; none where this is left out."
    )
    minimum_quantity: int | None = strawberry.field(
        default=UNSET,
        description="From how many of the variant in a cart on: 1 where nothing is said. Above 1 the list needs a "
        "price from 1 too.",
    )
    currency: codes.CurrencyCode | None = strawberry.field(
        default=UNSET, description="The currency you mean; refused where it is not that of the list."
    )

    def to_domain(self) -> NewPrice:
        fields: dict[str, Any] = given(self)
        fields["variant_id"] = nodes.number(self.variant_id, "ProductVariant", "variant_id")
        return cast(NewPrice, fields)


@strawberry.type(description="What became of `priceListCreate`.")
class PriceListCreatePayload:
    price_list: PriceList | None = strawberry.field(
        default=None, description="The list as it is now; null where this was refused."
    )
    user_errors: list[PriceListUserError] = strawberry.field(
        default_factory=list, description="Why nothing was made; empty when all went well."
    )


@strawberry.type(description="What became of `priceListUpdate`.")
class PriceListUpdatePayload:
    price_list: PriceList | None = strawberry.field(
        default=None, description="The list as it is now; null where this was refused."
    )
    user_errors: list[PriceListUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `priceListDelete`.")
class PriceListDeletePayload:
    deleted_price_list_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )
    user_errors: list[PriceListUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


@strawberry.type(description="What became of `priceListPricesSet`.")
class PriceListPricesSetPayload:
    price_list: PriceList | None = strawberry.field(
        default=None, description="The list as it is now; null where this was refused."
    )
    user_errors: list[PriceListUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `priceListPricesRemove`.")
class PriceListPricesRemovePayload:
    price_list: PriceList | None = strawberry.field(
        default=None, description="The list as it is now; null where this was refused."
    )
    user_errors: list[PriceListUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


List = Annotated[strawberry.ID, strawberry.argument(description="The price list.")]


@strawberry.type
class PriceListQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def price_lists(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
    ) -> CountedConnection[PriceList]:
        """All price lists, in the order they are considered in for a shopper. For staff who manage the catalog."""
        return CountedConnection.of(price_lists.page(PageRequest(first, last, after, before)), PriceList.of)

    @query(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def price_list(self, id: List) -> PriceList | None:
        """A price list. For staff who manage the catalog."""
        return PriceList.of(price_lists.get(nodes.number(id, "PriceList"), "id"))


@strawberry.type
class PriceListMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def price_list_create(
        self,
        price_list: Annotated[PriceListCreateInput, strawberry.argument(description="The list to make.")],
    ) -> PriceListCreatePayload:
        """Make a price list, which sells everything at the prices of its currency's base list until it has its own.

        For staff who manage the catalog.
        """
        return PriceListCreatePayload(price_list=PriceList.of(price_lists.create(price_list=price_list.to_domain())))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def price_list_update(
        self,
        id: List,
        price_list: Annotated[PriceListUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> PriceListUpdatePayload:
        """Change for whom and when a price list is in effect, at once. For staff who manage the catalog."""
        key = nodes.number(id, "PriceList", "id")
        changed = price_lists.update(price_list_id=key, price_list=price_list.to_domain())
        return PriceListUpdatePayload(price_list=PriceList.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def price_list_delete(self, id: List) -> PriceListDeletePayload:
        """Remove a price list that is not in effect, with all prices in it. For staff who manage the catalog."""
        key = nodes.number(id, "PriceList", "id")
        price_lists.delete(price_list_id=key)
        return PriceListDeletePayload(deleted_price_list_id=gid("PriceList", key))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def price_list_prices_set(
        self,
        price_list_id: List,
        prices: Annotated[
            list[PriceListPriceInput], strawberry.argument(description="The prices: 1 to 250; others in it stay.")
        ],
    ) -> PriceListPricesSetPayload:
        """Set prices in a price list, at once. For staff who manage the catalog."""
        key = nodes.number(price_list_id, "PriceList", "price_list_id")
        return PriceListPricesSetPayload(
            price_list=PriceList.of(stored.put(price_list_id=key, prices=meant(prices, "prices")))
        )

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def price_list_prices_remove(
        self,
        price_list_id: List,
        variant_ids: Annotated[list[strawberry.ID], strawberry.argument(description="The variants: 1 to 250.")],
        minimum_quantity: Annotated[
            int | None,
            strawberry.argument(
                description="Only their prices from this quantity on, where it is more than 1; all of them otherwise."
            ),
        ] = None,
    ) -> PriceListPricesRemovePayload:
        """Take prices out of a price list; what a base list does not price is not sold in its currency.

        For staff who manage the catalog.
        """
        key = nodes.number(price_list_id, "PriceList", "price_list_id")
        variants = [nodes.number(id, "ProductVariant", "variant_ids", place) for place, id in enumerate(variant_ids)]
        changed = stored.remove(price_list_id=key, variant_ids=variants, min_quantity=minimum_quantity)
        return PriceListPricesRemovePayload(price_list=PriceList.of(changed))
