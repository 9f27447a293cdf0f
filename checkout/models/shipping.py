"""Ways to deliver, and what they cost."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from shop.money import amount_field


class ShippingMethod(models.Model):
    """A way to deliver, such as "Standard", to the `countries` named, or everywhere where none is."""

    handle = models.SlugField(unique=True)
    title = models.CharField(max_length=255)
    description = models.CharField(max_length=500, blank=True)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.title


class ShippingRate(models.Model):
    """What a method costs in a currency: `amount`, or nothing from a subtotal of `free_from` on."""

    method = models.ForeignKey(ShippingMethod, on_delete=models.CASCADE, related_name="rates")
    currency = models.CharField(max_length=3)
    amount = amount_field()
    free_from = amount_field(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["method", "currency"], name="shipping_rate_once_per_currency"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="shipping_rate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
