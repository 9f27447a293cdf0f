"""Draft orders: types and queries, for staff who keep orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from accounts.addresses import Address
from accounts.staff import Permission
from checkout import drafts
from checkout.models import DraftOrder as StoredDraft
from checkout.models import Order as StoredOrder
from schema import codes, loaders, nodes
from schema.addresses import MailingAddress
from schema.bills import DiscountAllocation, TaxLine
from schema.context import Context
from schema.edges import edge
from schema.fields import query
from schema.nodes import Node, gid
from schema.orders import Order
from schema.pagination import After, Before, Connection, CountedConnection, First, Last
from schema.permissions import Staff
from schema.scalars import Attribute, MoneyV2
from schema.variants import ProductVariant
from shop import paging
from shop.money import Money
from shop.paging import Page, PageRequest

if TYPE_CHECKING:
    from schema.customers import Customer


@strawberry.enum(description="Where a draft order stands.")
class DraftOrderStatus(Enum):
    OPEN = strawberry.enum_value("OPEN", description="It can be changed, completed or removed.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="It has become an order.")


@strawberry.type(description="A line of a draft order, at the price it had when the draft was last saved.")
class DraftOrderLineItem:
    title: str = strawberry.field(description="The product's name, or what staff call it.")
    variant_title: str | None = strawberry.field(description="The variant's name; null where there is no variant.")
    sku: str | None = strawberry.field(description="The merchant's stock keeping unit; null where there is none.")
    quantity: int = strawberry.field(description="How many units.")
    is_sold: bool = strawberry.field(
        description="Whether it could be sold then. Otherwise it costs nothing, and must go before the draft is "
        "completed."
    )
    original_unit_price: MoneyV2 = strawberry.field(description="What one unit costs.")
    discounted_total_price: MoneyV2 = strawberry.field(description="What the line costs, its discounts taken off.")
    discount_allocations: list[DiscountAllocation] = strawberry.field(description="What staff take off it.")
    tax_lines: list[TaxLine] = strawberry.field(description="The taxes on it.")
    custom_attributes: list[Attribute] = strawberry.field(description="The line's notes.")
    variant: ProductVariant | None = edge(
        loaders.variants, key="variant_id", description="The variant as it is now; null where there is none."
    )
    variant_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, line: "_Line") -> "DraftOrderLineItem":
        said, currency = line

        def price(name: str) -> MoneyV2:
            return MoneyV2.of(Money.rounded(Decimal(said[name]), currency))

        return cls(
            title=said["title"],
            variant_title=said["variant_title"] or None,
            sku=said["sku"] or None,
            quantity=said["quantity"],
            is_sold=said["is_sold"],
            original_unit_price=price("unit_price"),
            discounted_total_price=price("total"),
            discount_allocations=[DiscountAllocation.stored(part, currency) for part in said["discounts"]],
            tax_lines=[TaxLine.stored(part, currency) for part in said["taxes"]],
            custom_attributes=[Attribute(**stored) for stored in said["attributes"]],
            variant_id=said["variant_id"],
        )


# A line as the quote has it, and its currency.
_Line = tuple[Mapping[str, Any], str]


@strawberry.type(description="A way to deliver what is in a draft order.")
class DraftOrderDeliveryOption:
    handle: str = strawberry.field(description="Its name, to choose it by.")
    title: str = strawberry.field(description="Its name as shoppers see it.")
    price: MoneyV2 = strawberry.field(description="What it costs for this draft.")


@strawberry.type(description="What staff take off all goods of a draft order; gift cards cost what they are worth.")
class DraftOrderDiscount:
    percentage: float | None = strawberry.field(description="How much, in per cent; null where it is an amount.")
    amount: MoneyV2 | None = strawberry.field(description="How much; null where it is a percentage.")
    reason: str = strawberry.field(description="Why, as the customer reads it.")


def _lines(
    context: Context,
    keys: Sequence[StoredDraft],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[_Line]]:
    request = PageRequest(first, last, after, before)
    return [paging.slice_of([(line, row.currency) for line in row.quote["lines"]], request) for row in keys]


def _orders(context: Context, keys: Sequence[int]) -> list[StoredOrder | None]:
    found = StoredOrder.objects.in_bulk(list(keys))
    return [found.get(key) for key in keys]


@strawberry.type(description="An order that staff prepare. Its amounts are those of when it was last saved.")
class DraftOrder(Node):
    name: str = strawberry.field(description='Its name among staff, such as "D12".')
    status: DraftOrderStatus = strawberry.field(description="Where it stands.")
    email: str | None = strawberry.field(description="Where the confirmation will go.")
    phone: str | None = strawberry.field(description="The buyer's phone number.")
    note: str | None = strawberry.field(description="The buyer's note.")
    custom_attributes: list[Attribute] = strawberry.field(description="Notes in two parts.")
    currency_code: codes.CurrencyCode = strawberry.field(description="The currency of all its amounts.")
    shipping_address: MailingAddress | None = strawberry.field(description="Where it will go.")
    line_items: Connection[DraftOrderLineItem] = edge(_lines, key="row", description="What is to be bought.")
    applied_discount: DraftOrderDiscount | None = strawberry.field(description="What staff take off all of it.")
    subtotal_price: MoneyV2 = strawberry.field(description="The lines together, discounts taken off.")
    total_discounts: MoneyV2 = strawberry.field(description="What discounts take off.")
    total_shipping_price: MoneyV2 | None = strawberry.field(
        description="What the delivery costs; null until it is chosen, or where nothing is sent."
    )
    delivery_method: str | None = strawberry.field(description="How it is delivered, once that is chosen.")
    delivery_options: list[DraftOrderDeliveryOption] = strawberry.field(
        description="The ways to deliver it that the shop offered when it was last saved."
    )
    total_tax: MoneyV2 = strawberry.field(description="Tax on lines and delivery.")
    taxes_included: bool = strawberry.field(description="Whether prices have their taxes in them already.")
    total_price: MoneyV2 = strawberry.field(description="Everything together.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last saved, and priced.")
    completed_at: datetime | None = strawberry.field(description="When it became an order.")
    customer: Annotated["Customer", strawberry.lazy("schema.customers")] | None = edge(
        loaders.customers, key="row.customer_id", description="Whose order it will be; null for guests."
    )
    order: Order | None = edge(_orders, key="row.order_id", description="The order it became.")
    row: strawberry.Private[StoredDraft]

    @classmethod
    def of(cls, row: StoredDraft) -> "DraftOrder":
        def price(amount: str | Decimal) -> MoneyV2:
            return MoneyV2.of(Money.rounded(Decimal(amount), row.currency))

        bill = row.quote
        return cls(
            id=gid("DraftOrder", row.key),
            name=row.name,
            status=DraftOrderStatus.OPEN if row.completed_at is None else DraftOrderStatus.COMPLETED,
            email=row.email or None,
            phone=row.phone or None,
            note=row.note or None,
            custom_attributes=[Attribute(**stored) for stored in row.attributes],
            currency_code=codes.currency(row.currency),
            shipping_address=MailingAddress.of(Address.of_json(row.delivery_address)) if row.delivery_address else None,
            applied_discount=_discount(row),
            subtotal_price=price(bill["subtotal"]),
            total_discounts=price(bill["discount"]),
            total_shipping_price=None if bill["shipping"] is None else price(bill["shipping"]),
            delivery_method=bill["shipping_title"] or None,
            delivery_options=[
                DraftOrderDeliveryOption(handle=one["handle"], title=one["title"], price=price(one["price"]))
                for one in bill["options"]
            ],
            total_tax=price(bill["tax"]),
            taxes_included=bill["taxes_included"],
            total_price=price(bill["total"]),
            created_at=row.created_at,
            updated_at=row.updated_at,
            completed_at=row.completed_at,
            row=row,
        )


def _discount(row: StoredDraft) -> DraftOrderDiscount | None:
    if row.discount_percentage is None and row.discount_amount is None:
        return None
    amount = row.discount_amount
    return DraftOrderDiscount(
        percentage=None if row.discount_percentage is None else float(row.discount_percentage),
        amount=None if amount is None else MoneyV2.of(Money.rounded(amount, row.currency)),
        reason=row.discount_reason,
    )


@strawberry.type
class DraftOrderQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def draft_order(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The draft.")]
    ) -> DraftOrder | None:
        """A draft order; null for an unknown one. For staff who keep orders."""
        return DraftOrder.of(drafts.read(nodes.uuid(id, "DraftOrder")))

    @query(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def draft_orders(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        status: Annotated[
            DraftOrderStatus | None, strawberry.argument(description="Only those that stand here.")
        ] = None,
    ) -> CountedConnection[DraftOrder]:
        """The draft orders, newest first. For staff who keep orders."""
        is_completed = None if status is None else status is DraftOrderStatus.COMPLETED
        page = drafts.page(is_completed, PageRequest(first, last, after, before))
        return CountedConnection.of(page, DraftOrder.of)
