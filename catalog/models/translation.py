"""Translations: what things are called in the other languages of the shop."""

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact

from catalog.models.attribute import Attribute
from catalog.models.category import Category
from catalog.models.collection import Collection
from catalog.models.content import MenuItem, Page
from catalog.models.product import Product, ProductOption

# Each translation is of exactly one of these.
OWNERS = ("product", "category", "collection", "page", "menu_item", "option", "attribute")
# Names of URLs are unique in each language, as they are in the shop's own: lists share theirs.
_LISTS = Q(category__isnull=False) | Q(collection__isnull=False)


class Translation(models.Model):
    """What is said of one thing in one language: `texts` by key, and `handle` where it has one of its own there.

    `sources` has, by key, a digest of the words that were translated: where they have changed since, it is outdated.
    """

    language = models.CharField(max_length=5)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, related_name="translations")
    category = models.ForeignKey(Category, on_delete=models.CASCADE, null=True, related_name="translations")
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, null=True, related_name="translations")
    page = models.ForeignKey(Page, on_delete=models.CASCADE, null=True, related_name="translations")
    menu_item = models.ForeignKey(MenuItem, on_delete=models.CASCADE, null=True, related_name="translations")
    option = models.ForeignKey(ProductOption, on_delete=models.CASCADE, null=True, related_name="translations")
    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, null=True, related_name="translations")
    handle = models.CharField(max_length=255, null=True)  # noqa: DJ001  (no handle is no empty one: those are unique)
    texts = models.JSONField(default=dict)
    sources = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Exact(Func(*map(F, OWNERS), function="num_nonnulls", output_field=models.IntegerField()), 1),
                name="translation_is_of_one_thing",
            ),
            *(
                models.UniqueConstraint(fields=[owner, "language"], name=f"{owner}_translated_once_into_a_language")
                for owner in OWNERS
            ),
            models.UniqueConstraint(
                fields=["handle", "language"],
                condition=Q(product__isnull=False),
                name="product_handle_once_in_a_language",
            ),
            models.UniqueConstraint(
                fields=["handle", "language"], condition=_LISTS, name="list_handle_once_in_a_language"
            ),
            models.UniqueConstraint(
                fields=["handle", "language"], condition=Q(page__isnull=False), name="page_handle_once_in_a_language"
            ),
        ]

    def __str__(self) -> str:
        return self.language
