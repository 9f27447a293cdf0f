"""Carts: what a shopper, signed in or not, is about to buy."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5, Cast
from django.utils import timezone

from catalog.models import PriceList, ProductVariant
from checkout.models.shipping import ShippingMethod
from shop.ids import new_secret
from shop.money import amount_field


class Cart(models.Model):
    """Whoever knows `secret` may use the cart: it is part of the cart's id. A completed cart has become an order."""

    secret = models.CharField(max_length=32, unique=True, default=new_secret, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="carts"
    )
    currency = models.CharField(max_length=3)
    # None for the base list of the currency. A list that was removed is named until another is chosen.
    price_list = models.ForeignKey(
        PriceList,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
    )
    country = models.CharField(max_length=2, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    attributes = models.JSONField(default=list, blank=True)
    # Each with its `code` as entered, and whether it was `applied` when its shopper last changed the cart.
    discount_codes = models.JSONField(default=list, db_default=[], blank=True)
    delivery_method = models.ForeignKey(
        ShippingMethod, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # How many points its customer wants to pay with; nothing is held of them.
    points = models.PositiveIntegerField(default=0, db_default=0)
    completed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Cart {self.pk}"


class CartLine(models.Model):
    """A quantity of a variant; the same variant with other attributes (an engraving, say) is another line.

    `seen_price` is what the catalog asked for a unit when the line was last set, so that its shopper hears of another.
    What `is_saved` for later is in the cart, but is neither priced nor bought. In a cart that has become an order it is
    its customer's, until another cart of theirs takes it over.

    Attributes can be longer than what fits in an index, so that they are told apart by their digest.
    """

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()
    attributes = models.JSONField(default=list, blank=True)
    attributes_digest = models.GeneratedField(
        expression=MD5(Cast("attributes", models.TextField())),
        output_field=models.CharField(max_length=32),
        db_persist=True,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    seen_price = amount_field(null=True, blank=True)
    seen_currency = models.CharField(max_length=3, default="", db_default="", blank=True)
    is_saved = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cart", "variant", "attributes_digest", "is_saved"],
                deferrable=models.Deferrable.IMMEDIATE,  # two lines may swap their variants in one statement
                name="line_once_per_variant_and_attributes",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="line_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.variant_id}"

    @property
    def mark(self) -> tuple[object, ...]:
        """What makes two lines the same: variant and attributes."""
        return self.variant_id, *((one["key"], one["value"]) for one in self.attributes)


class CartAddress(models.Model):
    """A postal address the cart may be delivered to; at most one is selected."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="addresses")
    address = models.JSONField()
    is_selected = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cart"], condition=Q(is_selected=True), name="one_address_selected"),
        ]

    def __str__(self) -> str:
        return f"Address {self.pk} of cart {self.cart_id}"
