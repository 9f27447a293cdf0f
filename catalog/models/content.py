"""Pages, menus and redirects: the words around the goods, and where old addresses lead."""

from django.db import models
from django.utils import timezone

from catalog.models.category import Category


class Page(models.Model):
    """A text such as "About us", in safe HTML."""

    handle = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=255)
    body = models.TextField(blank=True)
    seo_title = models.CharField(max_length=255, blank=True)
    seo_description = models.TextField(blank=True)
    is_published = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.title


class Menu(models.Model):
    """A named list of links that a storefront asks for by handle."""

    handle = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=255)

    def __str__(self) -> str:
        return self.title


class MenuItem(models.Model):
    """A link of a menu. `path` is relative to the storefront, or an absolute URL.

    A link with a category has no path: it leads there, shows so many `levels` of the tree below it, goes when the
    category does, and is called by the category's title where it has none.
    """

    menu = models.ForeignKey(Menu, on_delete=models.CASCADE, related_name="items")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="items")
    title = models.CharField(max_length=255, blank=True)
    path = models.CharField(max_length=1000, blank=True)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    levels = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["menu", "position", "id"], name="menu_in_order")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(category=None) ^ models.Q(path=""), name="link_leads_to_a_path_or_a_category"
            )
        ]

    def __str__(self) -> str:
        return self.title or str(self.category)


class UrlRedirect(models.Model):
    """An old address and where it leads now: a path of the storefront, or an absolute URL; never another redirect."""

    MAX_PATH = 500

    path = models.CharField(max_length=MAX_PATH, unique=True)
    target = models.CharField(max_length=MAX_PATH)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["target"], name="redirects_to_a_target")]
        constraints = [models.CheckConstraint(condition=~models.Q(path=models.F("target")), name="redirect_leads_away")]

    def __str__(self) -> str:
        return f"{self.path} → {self.target}"
