"""Orders: types, queries and the mutations of staff."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from django.conf import settings

from accounts import attempts, credit_limits
from accounts.addresses import Address
from accounts.staff import Permission
from catalog import stock
from checkout import (
    additions,
    cancellations,
    carts,
    claims,
    draft_fields,
    drafts,
    edits,
    events,
    exchanges,
    fulfilment,
    fulfilment_orders,
    further_payments,
    gateways,
    orders,
    payments,
    refunds,
    returns,
    watching,
)
from checkout.models import Fulfillment as StoredFulfillment
from checkout.models import Order as StoredOrder
from checkout.models import OrderLine, Payment
from checkout.models import Refund as StoredRefund
from checkout.models import order as order_model
from checkout.models import returns as return_model
from schema import codes, errors, images, inputs, loaders, nodes
from schema.addresses import MailingAddress
from schema.bills import DiscountAllocation, TaxLine
from schema.carts import PickupLocation
from schema.context import Context, Info, Watched
from schema.downloads import OrderDownload, downloads_of_order
from schema.edges import edge
from schema.errors import DisplayableError
from schema.explanations import OrderExplanation, explanations_of_order
from schema.fields import mutation, query, subscription
from schema.fulfillment_orders import FulfillmentOrder, fulfillment_orders_of_order
from schema.images import Image
from schema.invoices import Invoice, invoices_of_order, packing_slips_of_order
from schema.nodes import Node, gid
from schema.order_dues import Owing, due, dues_of_order, outstanding
from schema.order_events import OrderEvent, events_of_order
from schema.pagination import After, Before, Connection, CountedConnection, First, Last
from schema.permissions import SignedIn, Staff
from schema.points import EarnedPoints, points_of_order
from schema.returns import Return, exchanged_returns_of_order, returns_of_order
from schema.scalars import URL, Attribute, MoneyV2
from schema.variants import ProductVariant
from shop import paging
from shop.errors import InvalidInput, NotFound, Refusal, blaming
from shop.money import Money
from shop.paging import Page, PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data
    from schema.customers import Customer

    class OrderErrorCode(Enum): ...

    class OrderFinancialStatus(Enum): ...

    class OrderFulfillmentStatus(Enum): ...

    class OrderStatus(Enum): ...

    class PaymentStatus(Enum): ...

    class RefundStatus(Enum): ...

else:
    OrderStatus = errors.enum_of(
        "OrderStatus", "Where an order stands in its life.", dict(order_model.OrderStatus.choices)
    )
    PaymentStatus = errors.enum_of("PaymentStatus", "Where a payment stands.", dict(payments.PaymentStatus.choices))
    RefundStatus = errors.enum_of("RefundStatus", "Where a refund stands.", dict(refunds.RefundStatus.choices))
    OrderFinancialStatus = errors.enum_of(
        "OrderFinancialStatus",
        "What became of the money.",
        {
            "PENDING": "Nothing is paid yet; an answer is awaited.",
            "AUTHORIZED": "Promised: to be captured, or paid on delivery.",
            "PARTIALLY_PAID": "A part is received, the rest is promised or awaited.",
            "PAID": "Received.",
            "PARTIALLY_REFUNDED": "Received, and a part of it given back.",
            "REFUNDED": "Given back.",
            "VOIDED": "Given up before it was received.",
        },
    )
    OrderFulfillmentStatus = errors.enum_of(
        "OrderFulfillmentStatus",
        "How much of an order was sent.",
        {
            "UNFULFILLED": "Nothing yet.",
            "PARTIALLY_FULFILLED": "A part.",
            "FULFILLED": "Everything.",
        },
    )
    OrderErrorCode = errors.code_enum(
        "OrderErrorCode",
        "an order",
        errors.codes_of(
            orders,
            order_model,
            fulfilment,
            fulfilment_orders,
            further_payments,
            payments,
            refunds,
            gateways,
            stock,
            carts,
            claims,
            draft_fields,
            drafts,
            events,
            exchanges,
            cancellations,
            returns,
            return_model,
            credit_limits,
            edits,
            additions,
            attempts,
        ),
    )


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


@strawberry.type(description="How to follow a parcel.")
class FulfillmentTrackingInfo:
    number: str | None = strawberry.field(description="The carrier's number for it.")
    url: URL | None = strawberry.field(description="The carrier's page about it.")


@strawberry.type(description="What was sent together.")
class Fulfillment(Node):
    created_at: datetime = strawberry.field(description="When it was sent.")
    tracking_company: str | None = strawberry.field(description="The carrier.")
    tracking_info: list[FulfillmentTrackingInfo] = strawberry.field(
        description="How to follow it, one for each parcel."
    )
    delivered_at: datetime | None = strawberry.field(description="When it arrived, if that is known.")

    @classmethod
    def of(cls, row: StoredFulfillment) -> "Fulfillment":
        tracking = [
            FulfillmentTrackingInfo(number=parcel["number"] or None, url=URL(parcel["url"]) if parcel["url"] else None)
            for parcel in row.parcels
        ]
        return cls(
            id=gid("Fulfillment", row.key),
            created_at=row.created_at,
            tracking_company=row.tracking_company or None,
            tracking_info=tracking,
            delivered_at=row.delivered_at,
        )


@strawberry.type(description="One attempt to pay an order, or a part of it.")
class OrderPayment(Node):
    gateway: str = strawberry.field(description="Through whom: the handle of a payment gateway.")
    status: PaymentStatus = strawberry.field(description="Where it stands.")
    amount: MoneyV2 = strawberry.field(description="How much.")
    captured_amount: MoneyV2 = strawberry.field(description="How much of it was received.")
    refunded_amount: MoneyV2 = strawberry.field(description="How much of that was given back, or is about to be.")
    created_at: datetime = strawberry.field(description="When it was begun.")

    @classmethod
    def of(cls, row: Payment) -> "OrderPayment":
        return cls(
            id=gid("Payment", row.key),
            gateway=row.gateway,
            status=PaymentStatus[row.status],
            amount=MoneyV2.of(row.money),
            captured_amount=MoneyV2.of(Money.rounded(row.captured, row.currency)),
            refunded_amount=MoneyV2.of(Money.rounded(row.refunded, row.currency)),
            created_at=row.created_at,
        )


@strawberry.type(description="A part of a payment that is given back.")
class Refund(Node):
    status: RefundStatus = strawberry.field(description="Where it stands.")
    amount: MoneyV2 = strawberry.field(description="How much.")
    reason: str | None = strawberry.field(description="Why, for the customer.")
    to_store_credit: bool = strawberry.field(description="Whether the customer has it as store credit.")
    created_at: datetime = strawberry.field(description="When it was decided.")

    @classmethod
    def of(cls, row: StoredRefund) -> "Refund":
        return cls(
            id=gid("Refund", row.key),
            status=RefundStatus[row.status],
            amount=MoneyV2.of(row.money),
            reason=row.reason or None,
            to_store_credit=row.to_store_credit,
            created_at=row.created_at,
        )


def _line_items(
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


def _financial_statuses(context: Context, keys: Sequence[Owing]) -> list[OrderFinancialStatus]:
    found = loaders.payments_of_order(context, [key.order_id for key in keys])
    rows = zip(keys, found, strict=True)
    return [OrderFinancialStatus[payments.financial_status(paid, key.total.amount)] for key, paid in rows]


def _fulfillment_statuses(context: Context, keys: Sequence[int]) -> list[OrderFulfillmentStatus]:
    found = loaders.lines_of_order(context, keys)
    return [OrderFulfillmentStatus[fulfilment.status_of(lines)] for lines in found]


@strawberry.type(description="What somebody bought: lines, prices and addresses stay as they were agreed.")
class Order(Node):
    name: str = strawberry.field(description='The order\'s number as people say it, such as "#1001".')
    order_number: int = strawberry.field(description="The order's number.")
    processed_at: datetime = strawberry.field(description="When it was placed.")
    status: OrderStatus = strawberry.field(description="Where it stands.")
    email: str | None = strawberry.field(description="Where the confirmation went.")
    phone: str | None = strawberry.field(description="The buyer's phone number.")
    note: str | None = strawberry.field(description="The buyer's note.")
    custom_attributes: list[Attribute] = strawberry.field(description="Notes in two parts.")
    currency_code: codes.CurrencyCode = strawberry.field(description="The currency of all its amounts.")
    language: codes.LanguageCode | None = strawberry.field(
        description="The language it was bought in, and its lines are told in; null where it is not known."
    )
    subtotal_price: MoneyV2 = strawberry.field(description="The lines together, discounts taken off.")
    total_discounts: MoneyV2 = strawberry.field(description="What discounts took off lines and delivery.")
    total_shipping_price: MoneyV2 = strawberry.field(description="Delivery, discounts taken off.")
    shipping_discount_allocations: list[DiscountAllocation] = strawberry.field(
        description="What discounts took off the delivery."
    )
    shipping_tax_lines: list[TaxLine] = strawberry.field(description="The taxes on the delivery.")
    total_tax: MoneyV2 = strawberry.field(description="Tax on lines and delivery.")
    taxes_included: bool = strawberry.field(description="Whether prices had their taxes in them already.")
    total_price: MoneyV2 = strawberry.field(description="Everything together.")
    edited: bool = strawberry.field(
        description="Whether staff added lines, or changed quantities, after it was placed: see `currentTotalPrice`."
    )
    current_subtotal_price: MoneyV2 = strawberry.field(
        description="What is left of the lines, discounts taken off; nothing of a cancelled order."
    )
    current_total_tax: MoneyV2 = strawberry.field(description="Tax on what is left of it.")
    current_total_price: MoneyV2 = strawberry.field(
        description="What is owed for it now, paid or not: the total, with what was added and without what was "
        "cancelled or came back."
    )
    status_url: URL = strawberry.field(description="A page about the order for whoever has the link.")
    shipping_address: MailingAddress | None = strawberry.field(description="Where it goes.")
    delivery_method: str | None = strawberry.field(description="How it is delivered.")
    pickup_location: PickupLocation | None = strawberry.field(
        description="Where the buyer collects it; null for what is sent."
    )
    hold_expires_at: datetime | None = strawberry.field(
        description="Until when its stock is kept while payment is pending; null once that is decided."
    )
    canceled_at: datetime | None = strawberry.field(description="When it was cancelled, if it was.")
    cancel_reason: str | None = strawberry.field(description="Why it was cancelled.")
    partly_paid_at: datetime | None = strawberry.field(
        description="When money came in that did not cover it. While it is PLACED it waits for `amountDue` since then, "
        "until `holdExpiresAt`: see `orderPay`."
    )
    payment_due_at: datetime | None = strawberry.field(
        description="Until when it is to be paid, where it was bought on invoice."
    )
    open_on_invoice: MoneyV2 | None = strawberry.field(
        description="What of it is neither paid nor given up yet, where it was bought on invoice."
    )
    financial_status: OrderFinancialStatus = edge(
        _financial_statuses, key="owing", description="What became of the money."
    )
    total_outstanding: MoneyV2 = edge(
        dues_of_order,
        key="owing",
        convert=outstanding,
        description="What is not received yet of what is owed now; what was given back for goodwill is not asked for.",
    )
    amount_due: MoneyV2 = edge(
        dues_of_order,
        key="owing",
        convert=due,
        description="What of that nobody has promised to pay either, so that somebody has to pay it still.",
    )
    fulfillment_status: OrderFulfillmentStatus = edge(_fulfillment_statuses, description="How much was sent.")
    line_items: Connection[OrderLineItem] = edge(_line_items, description="What was bought.")
    explanation: OrderExplanation = edge(
        explanations_of_order,
        description="How its prices came about, step by step, as they were agreed: what was cancelled since, or came "
        "back, changes nothing.",
    )
    successful_fulfillments: list[Fulfillment] = edge(
        loaders.fulfillments_of_order, description="What was sent, with tracking."
    )
    fulfillment_orders: list[FulfillmentOrder] = edge(
        fulfillment_orders_of_order,
        permission_classes=[Staff(Permission.MANAGE_ORDERS)],
        description="What each location sends of it, by the priority of the locations; for staff who keep orders.",
    )
    downloads: list[OrderDownload] = edge(
        downloads_of_order, description="The files that were bought, once the order is paid."
    )
    invoices: list[Invoice] = edge(
        invoices_of_order, description="Its invoice and the credit notes to that, oldest first, with links to them."
    )
    packing_slip_url: URL = edge(
        packing_slips_of_order,
        permission_classes=[Staff(Permission.MANAGE_ORDERS)],
        description="A link to a PDF of what is left to send; for staff who keep orders.",
    )
    payments: list[OrderPayment] = edge(loaders.payments_of_order, description="The attempts to pay it, oldest first.")
    refunds: list[Refund] = edge(loaders.refunds_of_order, description="What is given back of it, oldest first.")
    earned_points: EarnedPoints | None = edge(
        points_of_order, description="The points it earns its customer; null where it earns none."
    )
    returns: list[Return] = edge(returns_of_order, description="What is to come back of it, or came, oldest first.")
    exchanged_return: Return | None = edge(
        exchanged_returns_of_order, description="What came back, if this is the order of what was wanted instead."
    )
    events: Connection[OrderEvent] = edge(
        events_of_order,
        description="What happened to it, oldest first: what is public, and for staff who keep orders all of it.",
    )
    customer: Annotated["Customer", strawberry.lazy("schema.customers")] | None = edge(
        loaders.customers, key="customer_id", description="Whose order it is; null for guests."
    )
    pk: strawberry.Private[int]
    owing: strawberry.Private[Owing]
    customer_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, row: StoredOrder) -> "Order":
        def money(amount: object) -> MoneyV2:
            return MoneyV2.of(Money.rounded(amount, row.currency))  # type: ignore[arg-type]

        return cls(
            id=gid("Order", row.key),
            name=row.name,
            order_number=row.number,
            processed_at=row.placed_at,
            status=OrderStatus[row.status],
            email=row.email or None,
            phone=row.phone or None,
            note=row.note or None,
            custom_attributes=[Attribute(**stored) for stored in row.attributes],
            currency_code=codes.currency(row.currency),
            language=codes.language(row.language) if row.language else None,
            subtotal_price=money(row.subtotal),
            total_discounts=money(row.discount_total),
            total_shipping_price=money(row.shipping_total),
            shipping_discount_allocations=[
                DiscountAllocation.stored(part, row.currency) for part in row.shipping_discounts
            ],
            shipping_tax_lines=[TaxLine.stored(part, row.currency) for part in row.shipping_taxes],
            total_tax=money(row.tax_total),
            taxes_included=row.taxes_included,
            total_price=money(row.total),
            edited=row.edited_at is not None,
            current_subtotal_price=MoneyV2.of(row.now_of(row.subtotal, row.subtotal_change)),
            current_total_tax=MoneyV2.of(row.now_of(row.tax_total, row.tax_change)),
            current_total_price=MoneyV2.of(row.current_total),
            status_url=URL(settings.ORDER_STATUS_URL.format(token=row.status_token)),
            shipping_address=MailingAddress.of(Address.of_json(row.delivery_address)) if row.delivery_address else None,
            delivery_method=row.delivery_method or None,
            pickup_location=PickupLocation.stored(row.pickup) if row.pickup else None,
            hold_expires_at=row.hold_expires_at,
            canceled_at=row.cancelled_at,
            cancel_reason=row.cancel_reason or None,
            partly_paid_at=row.partly_paid_at,
            payment_due_at=row.payment_due_at,
            open_on_invoice=None if row.payment_due_at is None else money(row.credit_used),
            pk=row.pk,
            owing=Owing(row.pk, row.current_total),
            customer_id=row.customer_id,
        )


@strawberry.type(description="Why a change of an order was refused.")
class OrderUserError(DisplayableError):
    code: OrderErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "OrderUserError":
        return cls(**errors.parts(refusal, OrderErrorCode))


@strawberry.type(description="The cancelled order.")
class OrderCancelPayload:
    order: Order | None = strawberry.field(default=None, description="The order after the change.")
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The new fulfilment and its order.")
class FulfillmentCreatePayload:
    fulfillment: Fulfillment | None = strawberry.field(default=None, description="What was sent.")
    order: Order | None = strawberry.field(default=None, description="The order after the change.")
    user_errors: list[OrderUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.input(description="How many units of a line are sent.")
class FulfillmentLineInput:
    order_line_item_id: strawberry.ID = strawberry.field(description="The line.")
    quantity: int = strawberry.field(description="How many units: 1 or more.")

    def to_domain(self) -> tuple[int, int]:
        with blaming("order_line_item_id"):
            return nodes.number(self.order_line_item_id, "OrderLineItem"), self.quantity


@strawberry.input(description="Where the recipient can follow the parcel.")
class FulfillmentTrackingInput:
    company: str | None = strawberry.field(default=None, description="The carrier.")
    number: str | None = strawberry.field(default=None, description="The carrier's number for the parcel.")
    url: str | None = strawberry.field(
        default=None, description="The carrier's page about it; filled in for carriers that are known."
    )
    numbers: list[str] | None = strawberry.field(
        default=None, description="Instead of `number`: the numbers of several parcels, at most 50."
    )
    urls: list[str] | None = strawberry.field(
        default=None, description="Instead of `url`: the pages about them, in the same order."
    )

    def to_domain(self) -> fulfilment.Tracking:
        numbers = tuple(self.numbers or ([self.number] if self.number else []))
        urls = tuple(self.urls or ([self.url] if self.url else []))
        return fulfilment.Tracking(self.company or "", numbers, urls)


@strawberry.input(description="What is sent.")
class FulfillmentInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    lines: list[FulfillmentLineInput] | None = strawberry.field(
        default=None, description="The lines; all that is left to send where nothing is said."
    )
    location_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Where it is sent from: without lines, all that is left to send from there; with lines, these, "
        "which are taken there wherever they are held. From where everything is held where nothing is said.",
    )
    tracking_info: FulfillmentTrackingInput | None = strawberry.field(
        default=None, description="Where the recipient can follow it."
    )

    @property
    def place(self) -> int | None:
        """The location's key, if one is named. Raises NotFound."""
        return None if self.location_id is None else nodes.number(self.location_id, "Location", "location_id")


Reason = Annotated[str, strawberry.argument(description="Why, for the customer: up to 500 characters.")]
Restock = Annotated[
    bool,
    strawberry.argument(description="Whether what was held is free again; otherwise it is written off as damaged."),
]
RefundWish = Annotated[
    bool, strawberry.argument(description="Whether what was received for it is given back, by a job, soon.")
]


@strawberry.type
class OrderQueries:
    @query
    def order(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The order.")],
    ) -> Order | None:
        """An order of the signed-in customer, or any for staff who keep orders; null otherwise."""
        return Order.of(orders.read(info.context.actor, nodes.uuid(id, "Order")))

    @query(permission_classes=[SignedIn])
    def orders(
        self,
        info: Info,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
    ) -> CountedConnection[Order]:
        """The orders of the signed-in customer, newest first; all orders for staff who keep orders."""
        page = orders.page(info.context.actor, PageRequest(first, last, after, before))
        return CountedConnection.of(page, Order.of)

    @query
    def order_status(
        self,
        token: Annotated[str, strawberry.argument(description="The token at the end of the order's status URL.")],
    ) -> Order | None:
        """The order behind a status token, for guests; null for an unknown one."""
        row = orders.by_status_token(token)
        return Order.of(row) if row else None


@strawberry.type
class OrderSubscriptions:
    @subscription
    def order_status_changed(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID | None, strawberry.argument(description="The order: one's own, or any for staff.")
        ] = None,
        token: Annotated[
            str | None, strawberry.argument(description="Instead of it, a guest's token out of the status URL.")
        ] = None,
    ) -> Order:
        """The order as it stands, and again after each change of its status, its money or its parcels."""
        row = named(info.context, id, token)
        info.context.watched = Watched(watching.subject(row.pk), watching.progress(row))
        return Order.of(row)


def named(context: Context, id: str | None, token: str | None) -> StoredOrder:
    """The order that is meant. Raises NotFound, and InvalidInput where it is named twice, or not at all."""
    if (id is None) == (token is None):
        raise InvalidInput("Name the order either by its id or by its status token.", field=("id",))
    if id is not None:
        with blaming("id"):
            return orders.read(context.actor, nodes.uuid(id, "Order"))
    row = orders.by_status_token(token or "")
    if row is None:
        raise NotFound("Order", field=("token",))
    return row


@strawberry.type
class OrderMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def order_cancel(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The order.")],
        reason: Reason = "",
        restock: Restock = True,
        refund: RefundWish = True,
    ) -> OrderCancelPayload:
        """Cancel an order nothing of which was sent. Its stock is free again at once; money is given back soon."""
        with blaming("id"):
            key = nodes.uuid(id, "Order")
        return OrderCancelPayload(
            order=Order.of(
                orders.cancel(order_key=key, reason=reason, restock=restock, refund=refund, actor=info.context.actor)
            )
        )

    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def fulfillment_create(
        self,
        info: Info,
        fulfillment: Annotated[FulfillmentInput, strawberry.argument(description="What is sent.")],
    ) -> FulfillmentCreatePayload:
        """Send a part of a confirmed order, or all that is left: its units leave the stock."""
        with blaming("fulfillment"):
            with blaming("order_id"):
                key = nodes.uuid(fulfillment.order_id, "Order")
            made = fulfilment.create(
                order_key=key,
                lines=None if fulfillment.lines is None else inputs.meant(fulfillment.lines, "lines"),
                tracking=(fulfillment.tracking_info or FulfillmentTrackingInput()).to_domain(),
                actor=info.context.actor,
                location_id=fulfillment.place,
            )
        return FulfillmentCreatePayload(fulfillment=Fulfillment.of(made), order=Order.of(made.order))
