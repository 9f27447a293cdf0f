"""Kinds of goods, as taxes and carriers tell them apart. Categories name them; `catalog.category_rules` inherits."""

from django.db import models


class TaxClass(models.Model):
    """Goods that are taxed alike, such as food or books; what is of no class bears the standard rate."""

    handle = models.SlugField(max_length=50, unique=True)
    title = models.CharField(max_length=255)

    class Meta:
        verbose_name_plural = "tax classes"

    def __str__(self) -> str:
        return self.title


class ShippingClass(models.Model):
    """Goods that are sent alike, such as what is bulky; what is of no class is sent by every method."""

    handle = models.SlugField(max_length=50, unique=True)
    title = models.CharField(max_length=255)

    class Meta:
        verbose_name_plural = "shipping classes"

    def __str__(self) -> str:
        return self.title
