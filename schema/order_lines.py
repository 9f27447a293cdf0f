"""Lines of orders, in the words and prices of the day they were bought."""

from collections.abc import Sequence
from typing import Any

import strawberry

from checkout.models import OrderLine
from schema import images, loaders
from schema.bills import DiscountAllocation, TaxLine
from schema.context import Context
from schema.edges import edge
from schema.images import Image
from schema.nodes import gid
from schema.pagination import After, Before, First, Last
from schema.scalars import Attribute, MoneyV2
from schema.variants import ProductVariant
from shop import paging
from shop.money import Money
from shop.paging import Page, PageRequest


@strawberry.type(description="A part of a bundle that was bought, in the words of the day.")
class OrderLineItemComponent:
    title: str = strawberry.field(description="The product's name when it was bought.")
    variant_title: str | None = strawberry.field(description="The variant's name when it was bought.")
    sku: str = strawberry.field(description="The merchant's stock keeping unit.")
    quantity: int = strawberry.field(description="Units in the whole line.")
    variant: ProductVariant | None = edge(
        loaders.variants, key="variant_id", description="The variant as it is now; null if it is gone."
    )
    variant_id: strawberry.Private[int]

    @classmethod
    def of(cls, stored: dict[str, Any], units: int) -> "OrderLineItemComponent":
        return cls(
            title=stored["title"],
            variant_title=stored["variant_title"] or None,
            sku=stored["sku"],
            quantity=stored["quantity"] * units,
            variant_id=stored["variant_id"],
        )


@strawberry.type(description="A line of an order, in the words and prices of the day it was bought.")
class OrderLineItem:
    id: strawberry.ID = strawberry.field(description="The line's id.")
    title: str = strawberry.field(description="The product's name when it was bought.")
    variant_title: str | None = strawberry.field(description="The variant's name when it was bought.")
    sku: str | None = strawberry.field(description="The merchant's stock keeping unit.")
    quantity: int = strawberry.field(description="Units bought.")
    fulfilled_quantity: int = strawberry.field(description="Units sent so far.")
    returned_quantity: int = strawberry.field(description="Units that came back.")
    returnable_quantity: int = strawberry.field(description="Units that were sent and can still be sent back.")
    current_quantity: int = strawberry.field(description="Units that are still a part of the order, sent or not.")
    refundable_quantity: int = strawberry.field(
        description="Units that can still be cancelled or come back: those that are a part of the order."
    )
    original_unit_price: MoneyV2 = strawberry.field(description="What one unit cost.")
    original_total_price: MoneyV2 = strawberry.field(description="What the line cost before discounts.")
    discounted_total_price: MoneyV2 = strawberry.field(description="What the line cost, its discounts taken off.")
    discount_allocations: list[DiscountAllocation] = strawberry.field(description="What discounts took off it.")
    tax_lines: list[TaxLine] = strawberry.field(description="The taxes on it, with the rates of the day.")
    is_gift: bool = strawberry.field(description="Whether a promotion put it there for nothing.")
    is_added: bool = strawberry.field(
        description="Whether an edit put it there after the order was placed: `totalPrice` knows nothing of it."
    )
    requires_shipping: bool = strawberry.field(description="Whether it is sent in a parcel.")
    custom_attributes: list[Attribute] = strawberry.field(description="The line's notes.")
    image: Image | None = strawberry.field(description="The picture of the day it was bought.")
    components: list[OrderLineItemComponent] = strawberry.field(
        description="What a bundle was made of; empty for what was none."
    )
    variant: ProductVariant | None = edge(
        loaders.variants, key="variant_id", description="The variant as it is now; null if it is gone."
    )
    variant_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, line: OrderLine) -> "OrderLineItem":
        currency = line.order.currency
        return cls(
            id=gid("OrderLineItem", line.pk),
            title=line.title,
            variant_title=line.variant_title or None,
            sku=line.sku or None,
            quantity=line.quantity,
            fulfilled_quantity=line.fulfilled_quantity,
            returned_quantity=line.returned_quantity,
            returnable_quantity=line.returnable,
            current_quantity=line.current_quantity,
            refundable_quantity=line.current_quantity,
            original_unit_price=MoneyV2.of(Money.rounded(line.unit_price, currency)),
            original_total_price=MoneyV2.of(Money.rounded(line.total + line.discount_total, currency)),
            discounted_total_price=MoneyV2.of(Money.rounded(line.total, currency)),
            discount_allocations=[DiscountAllocation.stored(part, currency) for part in line.discounts],
            tax_lines=[TaxLine.stored(part, currency) for part in line.taxes],
            is_gift=line.is_gift,
            is_added=line.is_added,
            requires_shipping=line.requires_shipping,
            custom_attributes=[Attribute(**stored) for stored in line.attributes],
            image=images.at(line.image_src, line.title),
            components=[OrderLineItemComponent.of(stored, line.quantity) for stored in line.components],
            variant_id=line.variant_id,
        )


def items_of_order(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[OrderLine]]:
    request = PageRequest(first, last, after, before)
    return [paging.slice_of(lines, request) for lines in loaders.lines_of_order(context, keys)]
