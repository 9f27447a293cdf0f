"""The tree of categories, and the price facts of the products that stand directly in each."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from treebeard.mp_tree import MP_Node

from catalog.models.classes import ShippingClass, TaxClass
from shop.money import amount_field


class Category(MP_Node):  # type: ignore[misc]  # treebeard has no types
    """A node of the tree. Tree writes keep true what it says of those above it.

    `is_listed` says that it and all its ancestors are active; `effective_max_quantity` is its own `max_quantity`, or
    the nearest above.
    """

    # Paths are compared byte by byte on every server, whatever its locale; the alphabet is 0-9 A-Z.
    path = models.CharField(max_length=255, unique=True, db_collation="C")
    external_id = models.CharField(max_length=100, unique=True, null=True, blank=True)
    handle = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    seo_title = models.CharField(max_length=255, blank=True)
    seo_description = models.TextField(blank=True)
    image_src = models.CharField(max_length=1000, blank=True)
    image_alt = models.CharField(max_length=500, blank=True)
    image_width = models.PositiveIntegerField(null=True, blank=True)
    image_height = models.PositiveIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    is_listed = models.BooleanField(default=True, editable=False)
    max_quantity = models.PositiveIntegerField(null=True, blank=True)
    effective_max_quantity = models.PositiveIntegerField(null=True, blank=True, editable=False)
    tax_class = models.ForeignKey(TaxClass, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    effective_tax_class = models.ForeignKey(
        TaxClass, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    shipping_class = models.ForeignKey(ShippingClass, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    effective_shipping_class = models.ForeignKey(
        ShippingClass, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "categories"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(max_quantity__isnull=True) | models.Q(max_quantity__gte=1),
                name="category_lets_one_unit_be_ordered",
            ),
        ]
        indexes = [
            models.Index(fields=["depth", "path"], name="category_by_level"),
            models.Index(fields=["title", "id"], name="category_by_title"),
            models.Index(fields=["updated_at", "id"], name="category_by_updated_at"),
        ]

    def __str__(self) -> str:
        return self.title


class CategoryFacts(models.Model):
    """Facts of the published products placed directly in a category, by one price list; `catalog.facts` keeps them.

    `histogram` counts products by price bucket, the buckets being `catalog.facts.BOUNDARIES`.
    """

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="facts")
    price_list = models.ForeignKey("catalog.PriceList", on_delete=models.CASCADE, related_name="+")
    product_count = models.IntegerField(default=0)
    in_stock_count = models.IntegerField(default=0)
    on_sale_count = models.IntegerField(default=0)
    price_sum = models.DecimalField(max_digits=24, decimal_places=4, default=0)
    price_min = amount_field(null=True)
    price_max = amount_field(null=True)
    histogram = ArrayField(models.IntegerField(), default=list)

    class Meta:
        verbose_name_plural = "category facts"
        constraints = [
            models.UniqueConstraint(fields=["category", "price_list"], name="category_facts_once_per_price_list"),
            models.CheckConstraint(
                condition=models.Q(product_count__gte=models.F("in_stock_count")),
                name="category_facts_count_in_stock_within_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category_id} by {self.price_list_id}"
