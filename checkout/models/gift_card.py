"""Gift cards: money that is inside of the shop already, and the ledger of each card."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from checkout.models.cart import Cart
from checkout.models.order import Order, OrderLine
from shop import clock
from shop.ids import new_key
from shop.money import Money, amount_field


class GiftCard(models.Model):
    """Whoever knows its code may spend it. The code itself is nowhere stored: only its digest, and how it ends.

    `balance` is the sum of its entries. A card that was sold knows its order line, and which unit of it it is. One that
    has a customer is their store credit: nobody knows its code, which ends with nothing.
    """

    key = models.UUIDField(unique=True, default=new_key, editable=False)
    code_digest = models.CharField(max_length=64, unique=True, editable=False)
    last_characters = models.CharField(max_length=4, editable=False)
    currency = models.CharField(max_length=3)
    initial_value = amount_field()
    balance = amount_field()
    expires_at = models.DateTimeField(null=True, blank=True)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    recipient_email = models.EmailField(blank=True)
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.SET_NULL, null=True, blank=True, related_name="gift_cards"
    )
    unit = models.PositiveIntegerField(null=True, blank=True)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="store_credit"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_line", "unit"], name="gift_card_issued_once_for_each_unit"),
            models.UniqueConstraint(fields=["customer", "currency"], name="store_credit_once_in_a_currency"),
            models.CheckConstraint(condition=Q(balance__gte=0), name="gift_card_never_overspent"),
            models.CheckConstraint(condition=Q(initial_value__gt=0), name="gift_card_is_worth_something"),
        ]
        indexes = [models.Index(fields=["created_at", "id"], name="gift_card_by_time")]

    def __str__(self) -> str:
        return f"Gift card {self.last_characters}" if self.last_characters else "Store credit"

    @property
    def money(self) -> Money:
        """What is left on it, usable or not."""
        return Money.rounded(self.balance, self.currency)

    @property
    def is_usable(self) -> bool:
        """Whether its balance can be spent now."""
        return self.deactivated_at is None and (self.expires_at is None or self.expires_at > clock.now())


class GiftCardEntryKind(models.TextChoices):
    """What an entry of a gift card's ledger says happened."""

    ISSUE = "ISSUE", "Issued"
    SPEND = "SPEND", "Paid an order, or a part of it"
    GIVE_BACK = "GIVE_BACK", "Given back by an order"
    REFUND = "REFUND", "Refunded by an order as store credit"
    ADJUSTMENT = "ADJUSTMENT", "Changed by staff"


class GiftCardEntry(models.Model):
    """One line of a gift card's ledger. Never changed: all of them together are the balance."""

    gift_card = models.ForeignKey(GiftCard, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=GiftCardEntryKind)
    amount = amount_field()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "gift card entries"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=GiftCardEntryKind.values), name="gift_card_entry_is_known"),
            models.CheckConstraint(
                condition=Q(kind="SPEND", amount__lt=0)
                | Q(kind__in=["ISSUE", "GIVE_BACK", "REFUND"], amount__gt=0)
                | (Q(kind="ADJUSTMENT") & ~Q(amount=0)),
                name="gift_card_entry_has_the_sign_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class CartGiftCard(models.Model):
    """That a gift card is to pay for a cart. Nothing is held of it before the order is placed."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="gift_cards")
    gift_card = models.ForeignKey(GiftCard, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cart", "gift_card"], name="gift_card_once_in_a_cart")]

    def __str__(self) -> str:
        return f"Gift card {self.gift_card_id} in cart {self.cart_id}"
