"""Rates of tax by country, region and kind of goods."""

from django.db import models
from django.db.models import Q

from catalog.models import TaxClass


class TaxRate(models.Model):
    """What a country, or a region of it, takes of goods of a class: `rate` is a fraction, 0.19 for 19 %.

    Of a country without a region the rate holds everywhere in it, and those of its regions come on top. Without a class
    it is the standard rate, which goods of a class bear where the country has no rate of that class.
    """

    title = models.CharField(max_length=100)
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=10, blank=True)
    tax_class = models.ForeignKey(TaxClass, on_delete=models.PROTECT, related_name="rates", null=True, blank=True)
    rate = models.DecimalField(max_digits=7, decimal_places=6)
    applies_to_shipping = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=1), name="tax_rate_is_a_fraction"),
            models.UniqueConstraint(
                fields=["country", "region", "tax_class", "title"],
                nulls_distinct=False,
                name="tax_rate_once_for_each_class_and_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.rate.normalize():%} in {self.country} {self.region}".rstrip()


class TaxAnswer(models.Model):
    """What the tax service said of one question, told by its digest, until it expires; None where it said nothing."""

    digest = models.CharField(max_length=64, unique=True)
    answer = models.JSONField(null=True)
    asked_at = models.DateTimeField()
    ask_again_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.digest[:8]} {self.asked_at:%Y-%m-%d %H:%M}"
