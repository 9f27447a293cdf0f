"""Draft orders: what staff put together for a customer, until it becomes an order."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models import ProductVariant, TaxClass
from checkout.models.order import Order
from checkout.models.shipping import ShippingMethod
from shop.ids import new_key
from shop.money import Money, amount_field


class DraftOrder(models.Model):
    """An order that staff prepare. Once it has become an `order`, it stays as it was.

    It is delivered by a method of the shop, or under a title at a price of its own. `quote` is its bill as it was when
    it was last saved: what staff saw, and told their customer.
    """

    key = models.UUIDField(unique=True, default=new_key, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="draft_orders"
    )
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    attributes = models.JSONField(default=list, blank=True)
    currency = models.CharField(max_length=3)
    delivery_address = models.JSONField(null=True, blank=True)
    delivery_method = models.ForeignKey(
        ShippingMethod, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    shipping_title = models.CharField(max_length=255, blank=True)
    shipping_price = amount_field(null=True, blank=True)
    discount_percentage = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    discount_amount = amount_field(null=True, blank=True)
    discount_reason = models.CharField(max_length=255, blank=True)
    quote = models.JSONField(default=dict, editable=False)
    total = amount_field(default=0)
    order = models.OneToOneField(Order, on_delete=models.PROTECT, null=True, blank=True, related_name="draft")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(shipping_price=None) | Q(shipping_price__gte=0, delivery_method=None),
                name="draft_is_delivered_in_one_way",
            ),
            models.CheckConstraint(
                condition=Q(discount_percentage=None, discount_amount=None)
                | Q(discount_percentage__gt=0, discount_percentage__lte=100, discount_amount=None)
                | Q(discount_percentage=None, discount_amount__gt=0),
                name="draft_discount_is_a_percentage_or_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(order=None, completed_at=None) | Q(order__isnull=False, completed_at__isnull=False),
                name="draft_is_completed_by_its_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"D{self.pk}"

    @property
    def country(self) -> str:
        """Where it goes; "" as long as that is not known."""
        return str((self.delivery_address or {}).get("country_code", ""))

    @property
    def total_price(self) -> Money:
        return Money.rounded(self.total, self.currency)


class DraftLine(models.Model):
    """A quantity of a variant, at the catalog's price or another one for a reason, or of what only its title tells."""

    draft = models.ForeignKey(DraftOrder, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    quantity = models.PositiveIntegerField()
    attributes = models.JSONField(default=list, blank=True)
    price = amount_field(null=True, blank=True)
    price_reason = models.CharField(max_length=500, blank=True)
    title = models.CharField(max_length=255, blank=True)
    tax_class = models.ForeignKey(TaxClass, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    requires_shipping = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "position"], name="draft_line_position_unique"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="draft_line_quantity_positive"),
            models.CheckConstraint(condition=Q(price=None) | Q(price__gte=0), name="draft_line_price_not_negative"),
            models.CheckConstraint(
                condition=Q(variant__isnull=False, title="") | (Q(variant=None, price__isnull=False) & ~Q(title="")),
                name="draft_line_has_a_variant_or_a_title_and_a_price",
            ),
            models.CheckConstraint(
                condition=Q(variant=None) | Q(price=None) | ~Q(price_reason=""), name="draft_line_price_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.title or self.variant_id}"
