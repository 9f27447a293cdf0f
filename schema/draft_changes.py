"""Mutations of draft orders: made, changed, removed and completed by staff who keep orders."""

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from strawberry import UNSET

from accounts import addresses, contacts
from accounts.staff import Permission
from catalog import stock
from checkout import carts, draft_fields, drafts
from checkout.draft_fields import Delivery, DraftFields, NewLine, Reduction
from schema import codes, errors, inputs, nodes
from schema.addresses import MailingAddressInput
from schema.cart_changes import AttributeInput
from schema.context import Info
from schema.drafts import DraftOrder
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.nodes import gid
from schema.orders import Order
from schema.permissions import Staff
from shop.errors import Refusal, blaming

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class DraftOrderErrorCode(Enum): ...

else:
    DraftOrderErrorCode = errors.code_enum(
        "DraftOrderErrorCode", "a draft order", errors.codes_of(draft_fields, drafts, carts, stock, addresses, contacts)
    )


@strawberry.type(description="Why a draft order was not changed or completed.")
class DraftOrderUserError(DisplayableError):
    code: DraftOrderErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "DraftOrderUserError":
        return cls(**errors.parts(refusal, DraftOrderErrorCode))


@strawberry.input(description="A line of a draft order: of a variant, or of what only its title and price tell.")
class DraftOrderLineItemInput:
    variant_id: strawberry.ID | None = strawberry.field(default=None, description="The variant, if there is one.")
    quantity: int = strawberry.field(default=1, description="How many units: 1 or more.")
    attributes: list[AttributeInput] | None = strawberry.field(default=None, description="Notes on the line.")
    price: Decimal | None = strawberry.field(
        default=None,
        description="What a unit costs, in the draft's currency, taxes in it or not as in all prices of the shop. Of a "
        "variant it stands instead of the catalog's price.",
    )
    price_reason: str | None = strawberry.field(
        default=None, description="Why a variant has another price, for staff: up to 500 characters. Needed then."
    )
    title: str | None = strawberry.field(
        default=None, description="What it is, where there is no variant: up to 255 characters. It takes no stock."
    )
    tax_class_id: strawberry.ID | None = strawberry.field(
        default=None, description="How it is taxed, where there is no variant; as most goods are if left out."
    )
    requires_shipping: bool = strawberry.field(
        default=True, description="Whether it is sent in a parcel, where there is no variant."
    )

    def to_domain(self) -> NewLine:
        with blaming("variant_id"):
            variant_id = None if self.variant_id is None else nodes.number(self.variant_id, "ProductVariant")
        with blaming("tax_class_id"):
            tax_class_id = None if self.tax_class_id is None else nodes.number(self.tax_class_id, "TaxClass")
        return NewLine(
            variant_id=variant_id,
            quantity=self.quantity,
            attributes=tuple((one.key, one.value) for one in self.attributes or ()),
            price=self.price,
            price_reason=self.price_reason or "",
            title=self.title or "",
            tax_class_id=tax_class_id,
            requires_shipping=self.requires_shipping,
        )


@strawberry.input(description="What is taken off all goods: a percentage, or an amount. Gift cards bear none of it.")
class DraftOrderDiscountInput:
    percentage: Decimal | None = strawberry.field(default=None, description="Per cent: more than 0, at most 100.")
    amount: Decimal | None = strawberry.field(default=None, description="An amount in the draft's currency.")
    reason: str = strawberry.field(description="Why, as the customer reads it: up to 255 characters.")

    def to_domain(self) -> Reduction:
        return Reduction(self.percentage, self.amount, self.reason)


@strawberry.input(description="How it is delivered: by an option of the shop, or under a title at a price of its own.")
class DraftOrderDeliveryInput:
    handle: str | None = strawberry.field(default=None, description="The handle of one of the draft's options.")
    title: str | None = strawberry.field(default=None, description="What it is called: Shipping if left out.")
    price: Decimal | None = strawberry.field(default=None, description="What it costs, in the draft's currency.")

    def to_domain(self) -> Delivery:
        return Delivery(self.handle or "", self.title or "", self.price)


@strawberry.input(description="What is to be said of a draft order. What is left out stays; null takes it away.")
class DraftOrderInput:
    customer_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Whose order it will be; without one it is a guest's."
    )
    email: str | None = strawberry.field(
        default=UNSET, description="Where the confirmation goes; the customer's address if nothing was said."
    )
    phone: str | None = strawberry.field(default=UNSET, description="The buyer's phone number.")
    note: str | None = strawberry.field(default=UNSET, description="The buyer's note: up to 5,000 characters.")
    attributes: list[AttributeInput] | None = strawberry.field(
        default=UNSET, description="Notes in two parts: up to 50."
    )
    currency_code: codes.CurrencyCode | None = strawberry.field(
        default=UNSET, description="Its currency, which stays; that of the buyer's prices if left out."
    )
    shipping_address: MailingAddressInput | None = strawberry.field(default=UNSET, description="Where it goes.")
    line_items: list[DraftOrderLineItemInput] | None = strawberry.field(
        default=UNSET, description="All of its lines, up to 250: they replace those there are."
    )
    applied_discount: DraftOrderDiscountInput | None = strawberry.field(
        default=UNSET, description="What is taken off all goods."
    )
    delivery: DraftOrderDeliveryInput | None = strawberry.field(default=UNSET, description="How it is delivered.")

    def to_domain(self) -> DraftFields:
        """The fields that the client sent, as the domain knows them."""
        said: dict[str, Any] = {
            name: value for name in ("email", "phone", "note") if (value := getattr(self, name)) is not UNSET
        }
        if self.customer_id is not UNSET:
            with blaming("customer_id"):
                said["customer_id"] = None if self.customer_id is None else nodes.number(self.customer_id, "Customer")
        if self.attributes is not UNSET:
            said["attributes"] = [(one.key, one.value) for one in self.attributes or ()]
        if self.currency_code is not UNSET:
            said["currency_code"] = self.currency_code.name if self.currency_code else None
        if self.line_items is not UNSET:
            said["line_items"] = inputs.meant(self.line_items or [], "line_items")
        for name, sent in (
            ("shipping_address", self.shipping_address),
            ("applied_discount", self.applied_discount),
            ("delivery", self.delivery),
        ):
            if sent is not UNSET:
                said[name] = None if sent is None else sent.to_domain()
        return cast(DraftFields, said)


@strawberry.type
class DraftOrderPayload:
    draft_order: DraftOrder | None = strawberry.field(default=None, description="The draft after the change.")
    user_errors: list[DraftOrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The new draft order.")
class DraftOrderCreatePayload(DraftOrderPayload):
    pass


@strawberry.type(description="The changed draft order.")
class DraftOrderUpdatePayload(DraftOrderPayload):
    pass


@strawberry.type(description="The draft order, and the order it became.")
class DraftOrderCompletePayload(DraftOrderPayload):
    order: Order | None = strawberry.field(default=None, description="The order, which its buyer can pay.")


@strawberry.type(description="The draft order that is gone.")
class DraftOrderDeletePayload:
    deleted_id: strawberry.ID | None = strawberry.field(default=None, description="Its id; null if this was refused.")
    user_errors: list[DraftOrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty on success."
    )


DraftId = Annotated[strawberry.ID, strawberry.argument(description="The draft.")]
Fields = Annotated[DraftOrderInput, strawberry.argument(description="What is to be said of it.")]


@strawberry.type
class DraftOrderMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def draft_order_create(self, info: Info, draft_order: Fields) -> DraftOrderCreatePayload:
        """Prepare an order for a customer, priced with the taxes of where it goes. Nothing is held for it yet."""
        with blaming("draft_order"):
            said = draft_order.to_domain()
        return DraftOrderCreatePayload(draft_order=DraftOrder.of(drafts.create(draft=said, actor=info.context.actor)))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def draft_order_update(self, id: DraftId, draft_order: Fields) -> DraftOrderUpdatePayload:
        """Change a draft order, and price it anew by the catalog as it is; with nothing to change, just that."""
        with blaming("draft_order"):
            said = draft_order.to_domain()
        changed = drafts.update(draft_key=nodes.uuid(id, "DraftOrder", "id"), draft=said)
        return DraftOrderUpdatePayload(draft_order=DraftOrder.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def draft_order_delete(self, id: DraftId) -> DraftOrderDeletePayload:
        """Remove a draft order that has not become an order."""
        key = nodes.uuid(id, "DraftOrder", "id")
        drafts.delete(draft_key=key)
        return DraftOrderDeletePayload(deleted_id=gid("DraftOrder", key))

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def draft_order_complete(
        self,
        info: Info,
        id: DraftId,
        is_paid: Annotated[
            bool, strawberry.argument(description="Whether its money was received already, outside of the shop.")
        ] = False,
    ) -> DraftOrderCompletePayload:
        """Make a confirmed order of a draft, once: its stock is held until it is sent or cancelled.

        What is not paid is paid with `orderPay`, by the link in `Order.statusUrl`, or marked as paid by staff. Sent
        again, this answers the same order. Refused where it costs anything else now than the draft says.
        """
        key = nodes.uuid(id, "DraftOrder", "id")
        draft = drafts.complete(draft_key=key, is_paid=is_paid, actor=info.context.actor)
        return DraftOrderCompletePayload(
            draft_order=DraftOrder.of(draft), order=Order.of(draft.order) if draft.order else None
        )
