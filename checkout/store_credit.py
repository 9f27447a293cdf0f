"""Store credit: money the shop owes a customer, spent in their carts and topped up by staff or by refunds.

It is a gift card of theirs whose code nobody knows: one for each currency, with its ledger and its place among the gift
cards a cart names. It pays for carts of its customer alone.
"""

from collections.abc import Sequence
from decimal import Decimal

from django.db import connection, transaction

from accounts.actors import Actor
from accounts.models import User
from checkout import gift_cards
from checkout.carts import cart_command
from checkout.gift_cards import GiftCardOverdrawn
from checkout.models import Cart, CartGiftCard, GiftCard, GiftCardEntryKind, Order
from checkout.purses import StoreCreditUnusable
from shop import money, text
from shop.errors import InvalidInput, NotFound, blaming
from shop.money import Money


@transaction.atomic(durable=True)
def adjust(*, customer_id: int, amount: Decimal, currency: str, reason: str, actor: Actor) -> GiftCard:
    """Give a customer credit, or take some where `amount` is negative.

    Raises NotFound, InvalidInput, GiftCardOverdrawn.
    """
    if not User.objects.filter(pk=customer_id).exists():
        raise NotFound("Customer", field=("customer_id",))
    because = text.line(reason, limit=500, field=("reason",), required=True)
    with blaming("amount"):
        size = Money.price(amount.copy_abs(), currency)
        if not size:
            raise InvalidInput("An adjustment is of more than nothing.")
        card = _locked(customer_id, currency)
        if amount < 0 and (card is None or card.money < size):
            raise GiftCardOverdrawn(f"There are {card.money if card else Money.zero(currency)} of store credit.")
        card = card or _new(customer_id, size)
        if amount > 0 and card.balance + size.amount > money.MAX_AMOUNT:
            raise InvalidInput(f"A customer has {money.MAX_AMOUNT} at the most.")
    change = -size.amount if amount < 0 else size.amount
    gift_cards.move(card, GiftCardEntryKind.ADJUSTMENT, change, reason=because, actor=actor)
    return card


def refund(order: Order, amount: Money) -> None:
    """Give money of an order back as credit of its customer. Call in the transaction that records the refund."""
    if order.customer_id is None:
        raise ValueError(f"Order {order.name} has no customer to have its credit.")
    card = _locked(order.customer_id, amount.currency) or _new(order.customer_id, amount)
    gift_cards.move(card, GiftCardEntryKind.REFUND, amount.amount, order=order)


@cart_command
def apply(cart: Cart, *, actor: Actor) -> None:
    """Pay the cart with its customer's credit. Raises StoreCreditUnusable."""
    if cart.customer_id is None or cart.customer_id != actor.user_id:
        raise StoreCreditUnusable(
            "Only the customer whose cart this is can pay it with their credit.", field=("cart_id",)
        )
    card = GiftCard.objects.filter(customer=cart.customer_id, currency=cart.currency, balance__gt=0).first()
    if card is None or not card.is_usable:
        raise StoreCreditUnusable(f"There is no store credit in {cart.currency}.", field=("cart_id",))
    CartGiftCard.objects.bulk_create([CartGiftCard(cart=cart, gift_card=card)], ignore_conflicts=True)


@cart_command
def remove(cart: Cart) -> None:
    """Pay the cart with no store credit."""
    CartGiftCard.objects.filter(cart=cart, gift_card__customer__isnull=False).delete()


def of_customers(customer_ids: Sequence[int]) -> dict[int, list[GiftCard]]:
    """What credit each of these customers has, by currency, in one statement."""
    found: dict[int, list[GiftCard]] = {customer_id: [] for customer_id in customer_ids}
    for card in GiftCard.objects.filter(customer__in=customer_ids).order_by("currency", "pk"):
        if card.customer_id is not None:
            found[card.customer_id].append(card)
    return found


def _locked(customer_id: int, currency: str) -> GiftCard | None:
    return GiftCard.objects.select_for_update().filter(customer=customer_id, currency=currency).first()


def _new(customer_id: int, first: Money) -> GiftCard:
    """A card with nothing on it yet, locked; whoever makes one at the same time gets the same."""
    card = GiftCard(
        customer_id=customer_id,
        code_digest=gift_cards.digest(gift_cards.new_code()),
        currency=first.currency,
        initial_value=first.amount,
        balance=Decimal(0),
    )
    GiftCard.objects.bulk_create([card], ignore_conflicts=True)
    return GiftCard.objects.select_for_update().get(customer=customer_id, currency=first.currency)


def differences() -> list[str]:
    """Every order of which other credit came than its refunds tell."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG_CREDIT)
        return [f"order {number} gave other store credit back than its refunds tell" for (number,) in cursor.fetchall()]


_WRONG_CREDIT = """
WITH refunded AS (
    SELECT p.order_id, sum(r.amount) AS amount
    FROM checkout_refund r JOIN checkout_payment p ON p.id = r.payment_id
    WHERE r.to_store_credit AND r.status = 'DONE' GROUP BY 1
), told AS (
    SELECT order_id, sum(amount) AS amount FROM checkout_giftcardentry WHERE kind = 'REFUND' GROUP BY 1
)
SELECT o.number
FROM refunded FULL JOIN told USING (order_id) JOIN checkout_order o ON o.id = order_id
WHERE coalesce(refunded.amount, 0) <> coalesce(told.amount, 0)
ORDER BY o.number
"""
