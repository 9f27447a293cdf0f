"""Curated lists of products, and the handles that lists and categories share."""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import NullIf
from django.db.models.lookups import Exact
from django.utils import timezone

from catalog.models.category import Category
from catalog.models.product import Brand, Product
from shop.money import amount_field


class RuleMatch(models.TextChoices):
    """How many of a collection's rules a product has to satisfy."""

    ALL = "ALL", "All"
    ANY = "ANY", "Any"


class Collection(models.Model):
    """Products a merchant put together, in the merchant's order; or those that its rules find, read anew each time.

    `rule_match` is empty where products are put in by hand: a collection has either places or rules, never both.
    """

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
    rule_match = models.CharField(max_length=3, choices=RuleMatch, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    products = models.ManyToManyField(Product, through="CollectionProduct", related_name="collections")

    def __str__(self) -> str:
        return self.title


class CollectionProduct(models.Model):
    """A product's place in a collection."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="places")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="places")
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "product"], name="product_once_in_collection"),
            # Checked at commit: whoever puts a collection in another order has two in one place for a moment.
            models.UniqueConstraint(
                fields=["collection", "position"],
                name="position_unique_in_collection",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
        indexes = [models.Index(fields=["collection", "position", "product"], name="collection_in_order")]

    def __str__(self) -> str:
        return f"{self.product_id} in {self.collection_id}"


class CollectionRule(models.Model):
    """One condition of a rule-based collection, of one kind: the others are null or empty.

    A price rule has a currency and at least one end; a product satisfies it with a variant priced so.
    """

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField()
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="rules", null=True, blank=True)
    tag = models.CharField(max_length=255, blank=True)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="rules", null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    price_min = amount_field(null=True, blank=True)
    price_max = amount_field(null=True, blank=True)
    is_on_sale = models.BooleanField(null=True, blank=True)
    within_days = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "position"], name="rule_position_unique_in_collection"),
            models.CheckConstraint(
                condition=Exact(
                    Func(
                        F("category"),
                        NullIf(F("tag"), Value("")),
                        F("brand"),
                        NullIf(F("currency"), Value("")),
                        F("is_on_sale"),
                        F("within_days"),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="rule_is_of_one_kind",
            ),
            models.CheckConstraint(
                condition=Q(currency="", price_min__isnull=True, price_max__isnull=True)
                | (~Q(currency="") & (Q(price_min__isnull=False) | Q(price_max__isnull=False))),
                name="price_rule_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"rule {self.position} of {self.collection_id}"


class ListHandle(models.Model):
    """A handle taken by a category or a collection: `collection(handle)` reads both, so no two may share one."""

    handle = models.CharField(max_length=255, primary_key=True)
    category = models.OneToOneField(Category, on_delete=models.CASCADE, null=True, related_name="list_handle")
    collection = models.OneToOneField(Collection, on_delete=models.CASCADE, null=True, related_name="list_handle")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(category__isnull=True) ^ Q(collection__isnull=True),
                name="handle_names_one_list",
            ),
        ]

    def __str__(self) -> str:
        return self.handle
