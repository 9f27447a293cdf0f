"""Ways to deliver: where each goes, and what it costs."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from catalog.models import ShippingClass, StockLocation
from shop.money import amount_field


class ShippingZone(models.Model):
    """A part of the world: the `countries` named, or all; of these the `provinces` and the `postcodes`, where any are.

    A province is written with its country, as "US-CA"; postcodes are pairs of the first and the last beginning. A zone
    that `is_rest` counts only where no other zone has a way to deliver.
    """

    title = models.CharField(max_length=255)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    provinces = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    postcodes = models.JSONField(default=list, blank=True)
    is_rest = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.title


class ShippingBasis(models.TextChoices):
    """What a price depends on."""

    FLAT = "FLAT", "Nothing: it is the same for every order"
    WEIGHT = "WEIGHT", "The weight of what is sent, in grams"
    PRICE = "PRICE", "What the goods cost, discounts taken off"
    ITEMS = "ITEMS", "How many units are sent"


class ShippingMethod(models.Model):
    """A way to deliver, such as "Standard", to a zone; or to hand over at a location, where the shopper collects it.

    Where a `carrier` is named, it says what the service costs, the cheapest where none is named. Where it says nothing,
    a rate's own price counts, unless there is no fallback.
    """

    handle = models.SlugField(unique=True)
    title = models.CharField(max_length=255)
    description = models.CharField(max_length=500, blank=True)
    zone = models.ForeignKey(ShippingZone, on_delete=models.RESTRICT, null=True, blank=True, related_name="methods")
    pickup_location = models.ForeignKey(
        StockLocation, on_delete=models.RESTRICT, null=True, blank=True, related_name="+"
    )
    ready_text = models.CharField(max_length=500, blank=True, default="", db_default="")
    basis = models.CharField(
        max_length=10, choices=ShippingBasis, default=ShippingBasis.FLAT, db_default=ShippingBasis.FLAT
    )
    carrier = models.CharField(max_length=50, blank=True, default="", db_default="")
    carrier_service = models.CharField(max_length=50, blank=True, default="", db_default="")
    has_fallback = models.BooleanField(default=True, db_default=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(zone__isnull=False, pickup_location=None) | Q(zone=None, pickup_location__isnull=False),
                name="shipping_method_goes_to_a_zone_or_is_a_pickup",
            ),
            models.CheckConstraint(
                condition=Q(carrier="") | Q(zone__isnull=False), name="shipping_carrier_goes_to_a_zone"
            ),
            models.CheckConstraint(condition=Q(basis__in=ShippingBasis.values), name="shipping_basis_is_known"),
        ]

    def __str__(self) -> str:
        return self.title


class ShippingRate(models.Model):
    """What a method costs in a currency: `amount`, or nothing from a subtotal of `free_from` on.

    `steps` say otherwise from a weight, price or number of units on, by the method's basis: pairs of it and an amount,
    the lowest first. Nothing above `maximum` of it is delivered so.
    """

    method = models.ForeignKey(ShippingMethod, on_delete=models.CASCADE, related_name="rates")
    currency = models.CharField(max_length=3)
    amount = amount_field()
    free_from = amount_field(null=True, blank=True)
    steps = models.JSONField(default=list, db_default=[], blank=True)
    maximum = amount_field(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["method", "currency"], name="shipping_rate_once_per_currency"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="shipping_rate_not_negative"),
            models.CheckConstraint(condition=Q(maximum=None) | Q(maximum__gt=0), name="shipping_maximum_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class ShippingClassRule(models.Model):
    """What a rate says of goods of a class: so much more for each unit, or None where they are not carried so."""

    rate = models.ForeignKey(ShippingRate, on_delete=models.CASCADE, related_name="class_rules")
    shipping_class = models.ForeignKey(ShippingClass, on_delete=models.RESTRICT, related_name="+")
    surcharge = amount_field(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rate", "shipping_class"], name="class_once_per_shipping_rate"),
            models.CheckConstraint(
                condition=Q(surcharge=None) | Q(surcharge__gte=0), name="shipping_surcharge_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipping_class_id}: {self.surcharge}"


class CarrierQuote(models.Model):
    """What a carrier asks for one consignment, told by its digest, until it expires; None where it said nothing."""

    carrier = models.CharField(max_length=50)
    digest = models.CharField(max_length=64)
    rates = models.JSONField(null=True)
    asked_at = models.DateTimeField()
    ask_again_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["carrier", "digest"], name="one_quote_for_each_consignment"),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.asked_at:%Y-%m-%d %H:%M}"
