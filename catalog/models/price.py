"""Prices of variants, and what each product offers a shopper in one currency."""

from django.db import models
from django.db.models import F, Q

from catalog.models.category import Category
from catalog.models.product import Product, ProductVariant
from shop.money import amount_field


class Price(models.Model):
    """What a variant costs in a currency; `compare_at` is the price it is reduced from."""

    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    amount = amount_field()
    compare_at = amount_field(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "currency"], name="price_once_per_currency"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="price_not_negative"),
            models.CheckConstraint(
                condition=Q(compare_at__isnull=True) | Q(compare_at__gte=0), name="compare_at_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Offer(models.Model):
    """A product as a shopper meets it in one currency: price range, reduced or not, in stock or not.

    One row for each currency the product is priced in, written by `catalog.facts` alone. It carries the category and
    the status of its product, so that facts of a category are counted from this table only.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="offers")
    currency = models.CharField(max_length=3)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    is_published = models.BooleanField()
    is_in_stock = models.BooleanField()
    is_on_sale = models.BooleanField()
    price_min = amount_field()
    price_max = amount_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "currency"], name="offer_once_per_currency"),
            models.CheckConstraint(condition=Q(price_min__lte=F("price_max")), name="offer_range_is_ordered"),
        ]
        indexes = [
            models.Index(
                fields=["category", "currency", "price_min", "product"],
                condition=Q(is_published=True),
                name="offer_published_in_category",
            ),
            models.Index(
                fields=["currency", "price_min", "product"],
                condition=Q(is_published=True),
                name="offer_published_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} in {self.currency}"
