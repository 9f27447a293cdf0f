"""Promotions: what may be taken off a cart, the codes that bring it, and who has used it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from checkout.models.order import Order
from shop.money import amount_field


class PromotionKind(models.TextChoices):
    """How a promotion reckons what it takes off."""

    PERCENTAGE = "PERCENTAGE", "A percentage off what it is for"
    FIXED_AMOUNT = "FIXED_AMOUNT", "An amount off what it is for, all of it together"
    FIXED_PRICE = "FIXED_PRICE", "Each unit of what it is for costs this much, where it would cost more"
    BUY_X_GET_Y = "BUY_X_GET_Y", "Whoever buys so many gets so many others, the cheapest, for less or nothing"
    FREE_GIFT = "FREE_GIFT", "A unit of a variant is added for nothing"
    FREE_SHIPPING = "FREE_SHIPPING", "Every delivery option costs nothing"
    TIERED = "TIERED", "The more is spent, the more is taken off"


class Promotion(models.Model):
    """What is taken off, off what, for whom and when. `checkout.promotions` applies it, `promotion_changes` writes it.

    `merchandise` is what it takes something off, `qualifying` what has to be bought for it, where that is something
    else: each lists `categories` (with all below them), `collections`, `products` and `variants` by their keys. Neither
    names anything where it is for everything. What is deleted is named still and found no more: a promotion of it does
    not become one of everything.

    `used` counts the living orders that it took something off.
    """

    title = models.CharField(max_length=255)
    kind = models.CharField(max_length=13, choices=PromotionKind, editable=False)
    needs_code = models.BooleanField(default=False, editable=False)
    priority = models.PositiveSmallIntegerField(default=100)
    is_exclusive = models.BooleanField(default=False)
    currency = models.CharField(max_length=3, blank=True)
    percentage = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    amount = amount_field(null=True, blank=True)
    tiers = models.JSONField(default=list, blank=True)
    buy_quantity = models.PositiveIntegerField(null=True, blank=True)
    get_quantity = models.PositiveIntegerField(null=True, blank=True)
    max_times = models.PositiveIntegerField(null=True, blank=True)
    gift_variant_id = models.BigIntegerField(null=True, blank=True)
    merchandise = models.JSONField(default=dict, blank=True)
    qualifying = models.JSONField(default=dict, blank=True)
    group_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    is_first_order = models.BooleanField(default=False)
    min_subtotal = amount_field(null=True, blank=True)
    min_quantity = models.PositiveIntegerField(null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    usage_limit = models.PositiveIntegerField(null=True, blank=True)
    usage_limit_per_customer = models.PositiveIntegerField(null=True, blank=True)
    used = models.PositiveIntegerField(default=0, editable=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PromotionKind.values), name="promotion_kind_is_known"),
            models.CheckConstraint(
                condition=Q(usage_limit__isnull=True) | Q(used__lte=F("usage_limit")),
                name="promotion_not_used_beyond_its_limit",
            ),
            models.CheckConstraint(
                condition=Q(percentage__isnull=True) | Q(percentage__gt=0, percentage__lte=100),
                name="promotion_takes_a_part_of_the_whole",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="promotion_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(currency="") | Q(amount__isnull=True, min_subtotal__isnull=True),
                name="promotion_with_an_amount_has_a_currency",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="promotion_ends_after_it_starts",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(is_active=True, needs_code=False), name="promotion_automatic"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def limit_per_customer(self) -> int | None:
        """How often one customer may use it: a first order is had once."""
        return 1 if self.is_first_order else self.usage_limit_per_customer


class PromotionCode(models.Model):
    """A code that brings a promotion; `key` is the code in capitals, by which it is found however it is typed."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=50)
    key = models.CharField(max_length=50, unique=True)
    usage_limit = models.PositiveIntegerField(null=True, blank=True)
    used = models.PositiveIntegerField(default=0, editable=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(usage_limit__isnull=True) | Q(used__lte=F("usage_limit")),
                name="promotion_code_not_used_beyond_its_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PromotionCustomer(models.Model):
    """How many living orders of a customer used a promotion; `who` names an account, or the address of a guest."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="+")
    who = models.CharField(max_length=300)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["promotion", "who"], name="promotion_counted_once_for_each_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.who}: {self.used}"


class PromotionUse(models.Model):
    """That an order used a promotion (`units` 1), or gave the use back (-1) as it was cancelled. Never changed.

    `amount` is what was taken off, negative where it was given back.
    """

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="uses", db_index=False)
    code = models.ForeignKey(PromotionCode, on_delete=models.PROTECT, null=True, related_name="uses")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="promotion_uses")
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    who = models.CharField(max_length=300)
    units = models.SmallIntegerField()
    amount = amount_field()
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "promotion", "units"], name="promotion_use_taken_and_given_back_once"
            ),
            models.CheckConstraint(condition=Q(units__in=[1, -1]), name="promotion_use_is_taken_or_given_back"),
        ]
        indexes = [models.Index(fields=["promotion", "id"], name="promotion_uses_in_order")]

    def __str__(self) -> str:
        return f"{self.promotion_id} by order {self.order_id}"
