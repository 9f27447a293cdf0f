"""Editing an order before it is sent: what staff wish to change, and what that comes to."""

from typing import Annotated

import strawberry

from accounts.staff import Permission
from checkout import edits
from checkout.edits import AddVariant, Change, Edited, RemoveLine, SetQuantity, Wish
from checkout.models import OrderLine
from schema import inputs, loaders, nodes
from schema.bills import TaxLine
from schema.cart_changes import AttributeInput
from schema.context import Info
from schema.edges import edge
from schema.fields import mutation
from schema.nodes import gid
from schema.orders import Order, OrderUserError
from schema.permissions import Staff
from schema.scalars import MoneyV2
from schema.variants import ProductVariant
from shop.errors import InvalidInput, blaming
from shop.money import Money


@strawberry.input(description="A variant that comes to an order, at the price of today.")
class OrderEditAddVariantInput:
    variant_id: strawberry.ID = strawberry.field(description="The variant.")
    quantity: int = strawberry.field(default=1, description="How many units: 1 or more.")
    attributes: list[AttributeInput] | None = strawberry.field(
        default=None, description="Notes on the line, as on a line of a cart."
    )

    def to_domain(self) -> AddVariant:
        with blaming("variant_id"):
            key = nodes.number(self.variant_id, "ProductVariant")
        return AddVariant(key, self.quantity, tuple((one.key, one.value) for one in self.attributes or ()))


@strawberry.input(description="How many units of a line are to be a part of the order.")
class OrderEditSetQuantityInput:
    order_line_item_id: strawberry.ID = strawberry.field(description="The line.")
    quantity: int = strawberry.field(
        description="Its units from now on, those that were sent included: 1 or more. More than there are become a "
        "line of their own, at the price of today."
    )

    def to_domain(self) -> SetQuantity:
        with blaming("order_line_item_id"):
            return SetQuantity(nodes.number(self.order_line_item_id, "OrderLineItem"), self.quantity)


@strawberry.input(description="One change of an order: exactly one of these.")
class OrderEditChangeInput:
    add_variant: OrderEditAddVariantInput | None = strawberry.field(default=None, description="Something comes.")
    set_quantity: OrderEditSetQuantityInput | None = strawberry.field(
        default=None, description="A line is to have more units, or fewer."
    )
    remove_line: strawberry.ID | None = strawberry.field(
        default=None, description="A line goes, of which nothing was sent, or all that was sent came back."
    )

    def to_domain(self) -> Change:
        meant = [name for name in ("add_variant", "set_quantity", "remove_line") if getattr(self, name) is not None]
        if len(meant) != 1:
            raise InvalidInput("Name exactly one of `addVariant`, `setQuantity` and `removeLine`.")
        with blaming(*meant):
            if self.add_variant is not None:
                return self.add_variant.to_domain()
            if self.set_quantity is not None:
                return self.set_quantity.to_domain()
            return RemoveLine(nodes.number(self.remove_line or "", "OrderLineItem"))


@strawberry.type(description="Units that an edit takes out of a line.")
class OrderEditRemoval:
    order_line_item_id: strawberry.ID = strawberry.field(description="The line.")
    title: str = strawberry.field(description="What it is of.")
    quantity: int = strawberry.field(description="How many units go.")

    @classmethod
    def of(cls, line: OrderLine, quantity: int) -> "OrderEditRemoval":
        return cls(order_line_item_id=gid("OrderLineItem", line.pk), title=line.title, quantity=quantity)


@strawberry.type(description="A line that an edit adds, as it is priced.")
class OrderEditAddition:
    title: str = strawberry.field(description="The product's name.")
    variant_title: str | None = strawberry.field(description="The variant's name.")
    sku: str = strawberry.field(description="The merchant's stock keeping unit.")
    quantity: int = strawberry.field(description="How many units come.")
    unit_price: MoneyV2 = strawberry.field(description="What one unit costs.")
    total_price: MoneyV2 = strawberry.field(description="What all of them cost.")
    tax_lines: list[TaxLine] = strawberry.field(description="The taxes on them.")
    variant: ProductVariant | None = edge(
        loaders.variants, key="variant_id", description="The variant as it is now; null if it is gone."
    )
    variant_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, line: OrderLine) -> "OrderEditAddition":
        currency = line.order.currency
        return cls(
            title=line.title,
            variant_title=line.variant_title or None,
            sku=line.sku,
            quantity=line.quantity,
            unit_price=MoneyV2.of(Money.rounded(line.unit_price, currency)),
            total_price=MoneyV2.of(Money.rounded(line.total, currency)),
            tax_lines=[TaxLine.stored(part, currency) for part in line.taxes],
            variant_id=line.variant_id,
        )


@strawberry.type(description="What an edit comes to.")
class OrderEditOutcome:
    removed: list[OrderEditRemoval] = strawberry.field(description="What goes.")
    added: list[OrderEditAddition] = strawberry.field(description="What comes.")
    subtotal_change: MoneyV2 = strawberry.field(description="By how much the lines cost more; below zero for less.")
    tax_change: MoneyV2 = strawberry.field(description="By how much their taxes are more; below zero for less.")
    total_change: MoneyV2 = strawberry.field(description="By how much more is owed; below zero for less.")
    current_total_price: MoneyV2 = strawberry.field(description="What is owed for the order then.")
    amount_due: MoneyV2 = strawberry.field(description="What of it is neither received nor promised then.")
    refund_amount: MoneyV2 = strawberry.field(description="What is given back, by a job, because it was paid already.")

    @classmethod
    def of(cls, edited: Edited) -> "OrderEditOutcome":
        return cls(
            removed=[OrderEditRemoval.of(line, quantity) for line, quantity in edited.removed],
            added=[OrderEditAddition.of(line) for line in edited.added],
            subtotal_change=MoneyV2.of(edited.subtotal_change),
            tax_change=MoneyV2.of(edited.tax_change),
            total_change=MoneyV2.of(edited.total_change),
            current_total_price=MoneyV2.of(edited.current_total),
            amount_due=MoneyV2.of(edited.due),
            refund_amount=MoneyV2.of(edited.given_back),
        )


@strawberry.type(description="The edited order.")
class OrderEditPayload:
    order: Order | None = strawberry.field(
        default=None, description="The order after the change; as it stands where nothing was to be written."
    )
    outcome: OrderEditOutcome | None = strawberry.field(default=None, description="What the edit comes to.")
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type
class OrderEditMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def order_edit(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The order.")],
        changes: Annotated[
            list[OrderEditChangeInput], strawberry.argument(description="What is to change: 1 to 250 changes.")
        ],
        reason: Annotated[
            str, strawberry.argument(description="Why, for the timeline and the customer: up to 500 characters.")
        ] = "",
        notify_customer: Annotated[
            bool, strawberry.argument(description="Whether the customer is told by mail what the order is now.")
        ] = True,
        dry_run: Annotated[
            bool, strawberry.argument(description="Whether to tell what it would come to, and write nothing.")
        ] = False,
    ) -> OrderEditPayload:
        """Change what a confirmed order has, as far as it was not sent: all of the changes, or none.

        What was agreed keeps its prices and discounts; what comes has those of today, without promotions. Delivery
        costs what it did. What is owed more is left to pay (`Order.amountDue`); what was paid too much is given back by
        a job.
        """
        with blaming("id"):
            key = nodes.uuid(id, "Order")
        wish = Wish(inputs.meant(changes, "changes"), reason, notify_customer)
        act = edits.preview if dry_run else edits.edit
        edited = act(order_key=key, wish=wish, actor=info.context.actor)
        return OrderEditPayload(order=Order.of(edited.order), outcome=OrderEditOutcome.of(edited))
