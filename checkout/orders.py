"""Orders: made from a cart, confirmed when payment is sure, cancelled or fulfilled. Stock is held by the order's key.

`place`, `confirm` and `cancel_unpaid` are parts of the checkout: call them inside a transaction that holds the cart's
lock. An order is locked before its payments and lines, and stock after them.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction

from accounts.actors import SYSTEM, Actor
from accounts.staff import Permission
from catalog import details, stock, uploads
from catalog.components import Part
from checkout import bills, credit, promotion_uses, purses
from checkout.bills import Discount, Pickup, PricedLine, TaxLine, Totals
from checkout.carts import PricedCart
from checkout.models import Cart, DraftOrder, Order, OrderEventKind, OrderLine, OrderStatus, PaymentStatus
from checkout.timeline import record
from shop import clock, languages, outbox, paging, text, writes
from shop.errors import NotFound, Refusal, blaming
from shop.money import Money
from shop.paging import Page, PageRequest

_TOKEN = re.compile(r"[0-9a-f]{32}")
_NEWEST_FIRST = paging.Order("PLACED_AT", "placed_at", descending=True, parse=datetime.fromisoformat)

uploads.used_in(OrderLine, "image_src")


class OrderPartlyFulfilled(Refusal):
    """Part of the order was sent already, so that it cannot be cancelled as a whole."""

    code = "ORDER_PARTLY_FULFILLED"


def visible_to(actor: Actor) -> models.QuerySet[Order]:
    """A customer's own orders; all of them for staff who keep orders; none for guests, who need a status token."""
    if actor.may(Permission.MANAGE_ORDERS):
        return Order.objects.all()
    if actor.is_guest:
        return Order.objects.none()
    return Order.objects.filter(customer_id=actor.user_id)


def read(actor: Actor, key: UUID) -> Order:
    """The order with this key. Raises NotFound where there is none that the actor may see."""
    order = visible_to(actor).filter(key=key).first()
    if order is None:
        raise NotFound("Order")
    return order


def page(actor: Actor, request: PageRequest) -> Page[Order]:
    """A page of the orders the actor may see, newest first. Raises InvalidPage."""
    return paging.page(visible_to(actor), _NEWEST_FIRST, request, list, _place)


def pages_of_customers(actor: Actor, customer_ids: Sequence[int], request: PageRequest) -> dict[int, Page[Order]]:
    """A page of each customer's orders the actor may see, newest first, all in one statement. Raises InvalidPage."""
    visible = visible_to(actor)
    own = {customer_id: visible.filter(customer_id=customer_id) for customer_id in customer_ids}
    return paging.pages(own, _NEWEST_FIRST, request, list, attrgetter("customer_id"), _place)


def by_status_token(token: str) -> Order | None:
    """The order a guest was given this token for."""
    return Order.objects.filter(status_token=token).first() if _TOKEN.fullmatch(token) else None


def reference(order: Order) -> str:
    """The name under which stock is held for the order."""
    return f"order:{order.key}"


def place(priced: PricedCart, language: str = "") -> Order:
    """The order a cart becomes, with its stock held for `settings.HOLD_LIFETIME`.

    Raises InsufficientStock, DiscountCodeNotHonoured, PromotionUsedUp.

    Its lines say what was bought in this language; "" is the shop's own.
    """
    cart = priced.cart
    order = _stored(cart, priced.totals, language)
    record(order, OrderEventKind.PLACED, "The order was placed.", actor=Actor(cart.customer_id))
    cart.completed_at = clock.now()
    writes.update([cart], "completed_at")
    return order


def place_draft(draft: DraftOrder, bill: Totals, actor: Actor) -> Order:
    """The order a draft of staff becomes, confirmed: it is paid later, by agreement, and its stock held until then.

    Call inside a transaction that holds the draft's lock. Raises InsufficientStock.
    """
    order = _stored(draft, bill, "")
    record(order, OrderEventKind.PLACED, f"The order was made of draft {draft.name}.", actor=actor)
    confirm(order)
    return order


def _stored(buyer: Cart | DraftOrder, bill: Totals, language: str) -> Order:
    """An order by its bill, with its lines, the uses of its promotions, and its stock held for a while."""
    pickup = bill.delivery.pickup if bill.delivery else None
    expires_at = clock.now() + settings.HOLD_LIFETIME
    order = Order(
        cart=buyer if isinstance(buyer, Cart) else None,
        customer_id=buyer.customer_id,
        email=buyer.email,
        phone=buyer.phone,
        note=buyer.note,
        attributes=buyer.attributes,
        currency=bill.currency,
        language=language or languages.own(),
        subtotal=bill.subtotal.amount,
        discount_total=bill.discount.amount,
        shipping_total=bill.shipping.amount if bill.shipping else Decimal(0),
        shipping_discounts=_parts(bill.delivery.discounts) if bill.delivery else [],
        shipping_taxes=_parts(bill.delivery.taxes) if bill.delivery else [],
        tax_total=bill.tax.amount,
        taxes_included=bill.taxes_included,
        tax_service=bill.taxes_told.service,
        tax_reference=bill.taxes_told.reference,
        buyer_tax_id=buyer.customer.tax_id if bill.tax_rules.is_exempt and buyer.customer else "",
        total=bill.total.amount,
        delivery_address=None if pickup else bill.address,
        delivery_method=bill.delivery.title if bill.delivery else "",
        pickup=pickup.as_json() if pickup else None,
        hold_expires_at=expires_at,
        placed_at=clock.now(),
    )
    writes.insert([order])
    told = details.titles(
        language, {line.row.variant_id: line.row.product_id for line in bill.lines if line.row.variant_id}
    )
    untold = (None, None)  # what has no variant is called what staff called it
    writes.insert(
        [line_of(order, number, line, *told.get(line.row.variant_id, untold)) for number, line in enumerate(bill.lines)]
    )
    promotion_uses.take(order, bill)
    _hold(order, bill.lines, expires_at, pickup)
    return order


def hold_until(order: Order, expires_at: datetime) -> None:
    """Hold the stock of an order that was placed in this very transaction for longer, or shorter, than usual."""
    order.hold_expires_at = expires_at
    writes.update([order], "hold_expires_at")
    stock.hold_until(reference(order), expires_at)


def await_rest(order: Order, due: Money) -> None:
    """Money came in that does not cover the order: keep its stock until the rest comes, and tell who can pay it."""
    order.partly_paid_at = clock.now()
    order.hold_expires_at = order.partly_paid_at + timedelta(days=settings.PARTIAL_PAYMENT_DAYS)
    writes.update([order], "partly_paid_at", "hold_expires_at")
    stock.hold_until(reference(order), order.hold_expires_at)
    record(order, OrderEventKind.PARTLY_PAID, f"{due} of {order.total_price} are left to pay.")
    outbox.publish("order.partly_paid", order_id=order.pk)


def confirm(order: Order) -> None:
    """Payment is sure: what was held stays held until it is sent, and the world may know."""
    order.become(OrderStatus.CONFIRMED)
    order.hold_expires_at = None
    writes.update([order], "status", "confirmed_at", "hold_expires_at")
    stock.keep(reference(order))
    record(order, OrderEventKind.CONFIRMED, "The order was confirmed.")
    outbox.publish("order.confirmed", order_id=order.pk)


def cancel_unpaid(order: Order, reason: str) -> None:
    """Payment failed or never came: give the stock back and the cart back to the shopper."""
    order.become(OrderStatus.CANCELLED)
    order.cancel_reason = reason[:500]
    order.hold_expires_at = None
    order.save(update_fields=["status", "cancelled_at", "cancel_reason", "hold_expires_at"])
    promotion_uses.give_back(order)
    stock.release(reference(order))
    if order.cart_id is not None:
        Cart.objects.filter(pk=order.cart_id).update(completed_at=None, updated_at=clock.now())
    _tell_cancelled(order, SYSTEM)
    outbox.publish("order.cancelled", order_id=order.pk)


@transaction.atomic(durable=True)
def cancel(*, order_key: UUID, reason: str, restock: bool = True, refund: bool = True, actor: Actor = SYSTEM) -> Order:
    """Cancel an order nothing of which was sent: its stock is free again, its payments are given back by a job.

    Its cart stays closed, so that no retry of the checkout brings the order back. A payment that is pending is given up
    at the gateway first, and given back should it turn out to be captured. Without `restock` what was held is written
    off; without `refund` what was received stays, and only promises are given up.

    Raises NotFound, OrderStatusRefused, OrderPartlyFulfilled, InsufficientStock.
    """
    with blaming("id"):
        order = locked(order_key)
    if order.status == OrderStatus.CONFIRMED and order.lines.filter(fulfilled_quantity__gt=0).exists():
        raise OrderPartlyFulfilled(f"Part of order {order.name} was sent; it cannot be cancelled as a whole.")
    because = text.line(reason, limit=500, field=("reason",))
    give_up(order, because, restock=restock, refund=refund, actor=actor)
    return order


def give_up(order: Order, reason: str, *, restock: bool, refund: bool, actor: Actor) -> None:
    """Cancel an order that the caller has locked. Raises OrderStatusRefused, InsufficientStock."""
    order.become(OrderStatus.CANCELLED)
    order.cancel_reason = reason
    order.hold_expires_at = None
    order.save(update_fields=["status", "cancelled_at", "cancel_reason", "hold_expires_at"])
    promotion_uses.give_back(order)
    if restock:
        stock.release(reference(order))
    else:
        stock.write_off(reference(order), None, actor)
    # Balances after stock, as whoever places an order locks them.
    if refund:
        owe_back(order)
    else:
        _reverse(order, [PaymentStatus.PENDING, PaymentStatus.AUTHORIZED])
    credit.keep_up(order)
    _tell_cancelled(order, actor)
    outbox.publish("order.cancelled", order_id=order.pk)


def owe_back(order: Order) -> None:
    """Give purses back what they paid, and have a job give back or give up the rest. The caller holds the lock."""
    purses.give_all_back(order, order.cancel_reason)
    _reverse(order, [PaymentStatus.PENDING, PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED])


def _reverse(order: Order, statuses: Sequence[PaymentStatus]) -> None:
    owed = order.payments.filter(status__in=statuses)
    for payment in owed.order_by("pk"):
        outbox.publish("payment.reversal_due", payment_id=payment.pk)


def locked(order_key: UUID) -> Order:
    """The order, locked after its cart until the transaction ends. Raises NotFound.

    Whoever changes an order twice locks its cart when committing, if not before: the database then looks whether it is
    still there.
    """
    list(Cart.objects.select_for_update().filter(orders__key=order_key).values_list("pk"))
    order = Order.objects.select_for_update().filter(key=order_key).first()
    if order is None:
        raise NotFound("Order")
    return order


def _tell_cancelled(order: Order, actor: Actor) -> None:
    said = f"The order was cancelled: {order.cancel_reason}" if order.cancel_reason else "The order was cancelled."
    record(order, OrderEventKind.CANCELLED, said, actor=actor)


def _place(order: Order) -> tuple[datetime, int]:
    return order.placed_at, order.pk


def line_of(
    order: Order, number: int, line: PricedLine, product_title: str | None, variant_title: str | None
) -> OrderLine:
    """What an order keeps of a line that was priced, in the words it is told in; not stored yet."""
    row = line.row
    return OrderLine(
        order=order,
        variant_id=row.variant_id or None,
        position=number,
        title=product_title or row.product_title,
        variant_title=variant_title or row.variant_title,
        sku=row.sku,
        image_src=row.own_image or row.product_image or "",
        attributes=row.attributes,
        requires_shipping=row.requires_shipping,
        is_gift_card=row.is_gift_card,
        components=[_component(part) for part in line.parts],
        quantity=row.quantity,
        unit_price=line.unit_price.amount,
        discount_total=line.discount.amount,
        discounts=_parts(line.discounts),
        total=line.total.amount,
        tax_total=line.tax.amount,
        taxes=_parts(line.taxes),
        is_gift=line.is_gift,
        price_list_title=row.price_list,
        from_quantity=row.from_quantity,
    )


def _parts(parts: Iterable[Discount | TaxLine]) -> list[dict[str, Any]]:
    return [part.as_json() for part in parts]


def _component(part: Part) -> dict[str, Any]:
    """A part of a bundle as it is sold, to be remembered."""
    return {
        "variant_id": part.part_id,
        "title": part.title,
        "variant_title": part.variant_title,
        "sku": part.sku,
        "quantity": part.quantity,
    }


def _hold(order: Order, lines: Sequence[PricedLine], expires_at: datetime, pickup: Pickup | None) -> None:
    """What is collected is held where it is collected, anything else where it can be sent from."""
    taken = bills.stock_taken(lines)
    if not taken:
        return
    if pickup:
        stock.hold(taken, reference=reference(order), expires_at=expires_at, location_id=pickup.location_id)
        return
    country = (order.delivery_address or {}).get("country_code", "")
    stock.hold(taken, reference=reference(order), expires_at=expires_at, country=country)
