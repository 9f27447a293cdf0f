"""Curated lists of products, and the handles that lists and categories share."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.category import Category
from catalog.models.product import Product


class Collection(models.Model):
    """Products a merchant put together, in the merchant's order."""

    external_id = models.CharField(max_length=100, unique=True, null=True, blank=True)
    handle = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    seo_title = models.CharField(max_length=255, blank=True)
    seo_description = models.TextField(blank=True)
    image_src = models.CharField(max_length=1000, blank=True)
    image_alt = models.CharField(max_length=500, blank=True)
    is_active = models.BooleanField(default=True)
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
        ]
        indexes = [models.Index(fields=["collection", "position", "product"], name="collection_in_order")]

    def __str__(self) -> str:
        return f"{self.product_id} in {self.collection_id}"


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
