"""Completing a checkout: a cart becomes an order, once, whatever is lost on the way and however often it is retried."""

import logging
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from uuid import UUID

from django.db import transaction

from accounts.actors import GUEST, Actor
from catalog import tariffs
from checkout import carts, credit, gateways, orders, payments, promotion_facts, purses
from checkout.carts import CartTooLarge, PricedCart
from checkout.gateways import Gateway, NextAction, Outcome
from checkout.models import Order, OrderStatus, Payment, PaymentStatus
from checkout.promotion_uses import DiscountCodeNotHonoured
from shop import clock, money, outbox
from shop.errors import NotFound, Refusal, blaming
from shop.money import Money

log = logging.getLogger(__name__)

_NO_GATEWAY = "none"  # where nothing is to be paid


class CartEmpty(Refusal):
    """There is nothing in the cart to buy."""

    code = "CART_EMPTY"


class CartNotReady(Refusal):
    """Something is missing before the cart can be bought; the field says what."""

    code = "CART_NOT_READY"


class MerchandiseNotSold(Refusal):
    """Something in the cart is no longer sold."""

    code = "MERCHANDISE_NOT_SOLD"


class TotalChanged(Refusal):
    """The total is no longer what the shopper agreed to."""

    code = "TOTAL_CHANGED"


class PaymentDeclined(Refusal):
    """The payment failed; the cart is as it was and another payment may be tried."""

    code = "PAYMENT_DECLINED"
    is_final = True  # an order that was cancelled tells of it, and the gateway's books do


class CheckoutDecided(Refusal):
    """The payment is decided, or is decided elsewhere: it cannot be given up any more."""

    code = "CHECKOUT_DECIDED"


@dataclass(frozen=True, slots=True)
class PaymentWish:
    """How the shopper wants to pay. `token` is what the gateway's own form gave the storefront.

    Without a `gateway` the order is placed only where purses pay it, or nothing is to be paid.
    """

    gateway: str = ""
    token: str = ""
    expected_total: Decimal | None = None
    expected_due: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Completed:
    """The order a cart has become, the payment it waits for or was confirmed by, and what the shopper must still do."""

    order: Order
    payment: Payment
    next_action: NextAction | None = None


def complete(secret: str, wish: PaymentWish, language: str = "", buyer: Actor = GUEST) -> Completed:
    """Place the cart's order and pay it. Completing again answers the same order and charges nothing more.

    The order's lines are told in this language; "" is the shop's own. `buyer` is who asks, as far as is known.

    The first wish stands: while its payment is pending, a retry asks the gateway of that wish again, whatever it names
    itself. What became due of the order later is not asked for here. Raises NotFound, CartEmpty, CartNotReady,
    CartTooLarge, MerchandiseNotSold, TotalChanged, InsufficientStock, QuantityTooHigh, DiscountCodeNotHonoured,
    PromotionUsedUp, PointsUnusable, StoreCreditUnusable, GatewayUnknown, CreditNotGranted, CreditLimitExceeded;
    GatewayUnavailable, after which the same call goes on where it stopped; and PaymentDeclined, after which the cart is
    open again.
    """
    payment = _intended(secret, wish, language, buyer)
    outcome = Outcome(PaymentStatus(payment.status))
    if payment.status == PaymentStatus.PENDING and payment.order.status == OrderStatus.PLACED:
        outcome = payments.ask(payment, token=wish.token)
        payment = payments.record(payment.pk, outcome)
    if payment.order.status == OrderStatus.CANCELLED:
        raise PaymentDeclined(payment.error or "The payment failed.", field=("payment",))
    return Completed(payment.order, payment, outcome.next_action)


@transaction.atomic(durable=True)
def _intended(secret: str, wish: PaymentWish, language: str, buyer: Actor) -> Payment:
    """The living payment of the cart's order; where there is none, the order is placed and one intended."""
    found = carts.with_secret(secret, lock=True)
    if not found:
        raise NotFound("Cart", field=("cart_id",))
    [cart] = found
    if cart.completed_at is not None:
        order = Order.objects.filter(cart=cart).exclude(status=OrderStatus.CANCELLED).first()
        if order is not None:
            return _first_of(order)
    # Not found where staff cancelled the order: its cart stays closed.
    priced = carts.locked(cart)
    gateway = gateways.chosen(wish.gateway) if wish.gateway else None
    _ensure_ready(priced, wish)
    with blaming("cart_id"):
        order = orders.place(priced, language)
    inside = purses.spend(order, cart, buyer)
    due = order.total_price - money.total((payment.money for payment in inside), order.currency)
    expected = wish.expected_due
    if expected is not None and not (expected.is_finite() and expected == due.amount):
        raise TotalChanged(f"{due} are left to pay now.", field=("payment", "expected_amount_due"))
    if inside and not due:
        orders.confirm(order)
        return inside[-1]
    if gateway and gateway.holds_for and due:
        orders.hold_until(order, clock.now() + gateway.holds_for)
    if gateway and gateway.handle == credit.HANDLE and due:
        credit.take(order, due, buyer, since=order.placed_at)
    return payments.intend(order, _handle(gateway, due), due)


def _first_of(order: Order) -> Payment:
    """The last of the payments an order was placed with, which come to its total; later ones are none of the cart's."""
    paid = list(order.payments.select_related("order").order_by("pk"))
    sums = accumulate(payment.amount for payment in paid)
    return next((payment for payment, so_far in zip(paid, sums, strict=True) if so_far >= order.total), paid[-1])


def _handle(gateway: Gateway | None, due: Money) -> str:
    if gateway is None and due:
        raise gateways.GatewayUnknown(
            f"Choose how to pay {due}: {gateways.names_offered()}.", field=("payment", "gateway")
        )
    return gateway.handle if gateway else _NO_GATEWAY


def _ensure_ready(priced: PricedCart, wish: PaymentWish) -> None:
    cart, bill = priced.cart, priced.totals
    if not bill.lines:
        raise CartEmpty("The cart is empty.", field=("cart_id",))
    for line in bill.lines:
        if not line.is_sold:
            raise MerchandiseNotSold(f"{line.row.product_title} is no longer sold; remove it.", field=("cart_id",))
    with blaming("cart_id"):
        carts.ensure_within_limits(bill, carts.wanted_of(bill))
    if not cart.email and not cart.phone:
        raise CartNotReady("Give an e-mail address or a phone number first.", field=("buyer_identity",))
    if bill.requires_shipping:
        if bill.address is None and not bill.is_pickup:
            raise CartNotReady("Give a delivery address, or select one, first.", field=("delivery_address",))
        if bill.delivery is None:
            raise CartNotReady("Choose a delivery option first.", field=("delivery_option",))
        if bill.delivery.is_outdated:
            raise CartNotReady(
                f"What {bill.delivery.title} costs is out of date; read the cart again.", field=("delivery_option",)
            )
    if bill.taxes_told.hindrance:
        raise CartNotReady(bill.taxes_told.hindrance, field=("cart_id",))
    if bill.address is not None:
        _ensure_prices_hold_there(priced, bill.address["country_code"])
    if bill.total.amount > money.MAX_AMOUNT:
        raise CartTooLarge(f"An order's total is {money.MAX_AMOUNT} at the most.", field=("cart_id",))
    _ensure_codes_apply(priced)
    expected = wish.expected_total
    if expected is not None and not (expected.is_finite() and expected == bill.total.amount):
        raise TotalChanged(f"The total is {bill.total} now.", field=("payment", "expected_total"))


def _ensure_prices_hold_there(priced: PricedCart, country: str) -> None:
    """Refuse to sell by the prices of one country what goes to another with a list of its own. Raises CartNotReady."""
    cart, there = priced.cart, tariffs.chosen(country, priced.cart.customer_id)
    if there.price_list_id != cart.price_list_id:
        raise CartNotReady(
            f"Other prices hold in {country}, where this goes. Say in the buyer identity that the buyer is there.",
            field=("buyer_identity", "country_code"),
        )


def _ensure_codes_apply(priced: PricedCart) -> None:
    """Refuse to charge more because a code that the shopper was told applies does so no longer.

    Raises DiscountCodeNotHonoured.
    """
    noted = {promotion_facts.key_of(one["code"]) for one in priced.cart.discount_codes if one["applied"]}
    for outcome in priced.totals.outcomes:
        if outcome.hindrance and promotion_facts.key_of(outcome.code) in noted:
            raise DiscountCodeNotHonoured(
                f'The code "{outcome.code}" applies no longer: {outcome.hindrance.message} Take it out of the cart to '
                "check out without it.",
                field=("cart_id",),
            )


def abandon(secret: str) -> PricedCart:
    """Give up the order that a cart waits to become, so that the cart can be changed again: it is open, stock is free.

    The gateway is told first, so that no late answer can charge; what purses paid goes back with it. An open cart stays
    as it is. Raises NotFound, CheckoutDecided where the order is confirmed, or paid in this moment; GatewayUnavailable.
    """
    found = carts.with_secret(secret, lock=False)
    order = Order.objects.filter(cart=found[0]).exclude(status=OrderStatus.CANCELLED).first() if found else None
    if order is not None:
        for payment in order.payments.filter(status=PaymentStatus.PENDING).order_by("pk"):
            payments.record(payment.pk, payments.give_up(payment))
        order.refresh_from_db()
        if order.status != OrderStatus.CANCELLED:
            raise CheckoutDecided(f"Order {order.name} is {order.status.lower()}.", field=("cart_id",))
    return carts.read(secret)


@outbox.every(seconds=30)
def settle_overdue() -> None:
    """Decide about orders whose hold ran out while payment was pending, after asking the gateway what became of it.

    A gateway in trouble does not keep the others waiting: what it cannot tell now, it is asked again the next time.
    """
    overdue = Payment.objects.filter(
        status=PaymentStatus.PENDING, order__status=OrderStatus.PLACED, order__hold_expires_at__lt=clock.now()
    )
    for payment in overdue.select_related("order").order_by("pk"):
        try:
            payments.record(payment.pk, _last_word(payment))
        except Exception:
            log.exception("What became of payment %s could not be told; it is asked about again.", payment.key)


@outbox.every(seconds=30)
def give_up_rests() -> None:
    """Cancel orders of which a part was paid, and the rest did not come in time; what was paid goes back.

    While a payment of the rest is pending it is asked about first, as `settle_overdue` does.
    """
    short = Order.objects.filter(status=OrderStatus.PLACED, partly_paid_at__isnull=False)
    late = short.filter(hold_expires_at__lt=clock.now())
    outbox.one_by_one(late.order_by("pk").values_list("key", flat=True), _give_up_rest)


def _give_up_rest(order_key: UUID) -> None:
    order = orders.locked(order_key)
    is_late = order.hold_expires_at is not None and order.hold_expires_at < clock.now()
    is_asked = order.payments.filter(status=PaymentStatus.PENDING).exists()
    if order.status == OrderStatus.PLACED and is_late and not is_asked:
        orders.cancel_unpaid(order, "The rest was not paid in time.")
        orders.owe_back(order)


def _last_word(payment: Payment) -> Outcome:
    if not payment.money:
        return Outcome(PaymentStatus.CAPTURED, message="Nothing was to be paid.")
    gateway, charge = gateways.named(payment.gateway), payments.charge(payment)
    outcome = gateway.find(charge)
    if outcome is None or outcome.status == PaymentStatus.PENDING:
        # Voiding first makes sure that no late answer can charge for an order that is given up.
        outcome = gateway.void(charge)
    return outcome
