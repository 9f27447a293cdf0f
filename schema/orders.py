"""Orders: the type that lines, payments and parcels come together in, its queries, and giving one up."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

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
from checkout.models import Order as StoredOrder
from checkout.models import order as order_model
from checkout.models import returns as return_model
from schema import codes, errors, loaders, nodes
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
from schema.invoices import Invoice, invoices_of_order, packing_slips_of_order
from schema.nodes import Node, gid
from schema.order_dues import Owing, due, dues_of_order, outstanding
from schema.order_events import OrderEvent, events_of_order
from schema.order_lines import OrderLineItem, items_of_order
from schema.order_payments import OrderFinancialStatus, OrderPayment, Refund, financial_statuses
from schema.pagination import After, Before, Connection, CountedConnection, First, Last
from schema.parcels import Fulfillment, OrderFulfillmentStatus, fulfillment_statuses
from schema.permissions import SignedIn, Staff
from schema.points import EarnedPoints, points_of_order
from schema.returns import Return, exchanged_returns_of_order, returns_of_order
from schema.scalars import URL, Attribute, MoneyV2
from shop.errors import InvalidInput, NotFound, Refusal, blaming
from shop.money import Money
from shop.paging import PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data
    from schema.customers import Customer

    class OrderErrorCode(Enum): ...

    class OrderStatus(Enum): ...

else:
    OrderStatus = errors.enum_of(
        "OrderStatus", "Where an order stands in its life.", dict(order_model.OrderStatus.choices)
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
        financial_statuses, key="owing", description="What became of the money."
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
    fulfillment_status: OrderFulfillmentStatus = edge(fulfillment_statuses, description="How much was sent.")
    line_items: Connection[OrderLineItem] = edge(items_of_order, description="What was bought.")
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
