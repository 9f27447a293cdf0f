"""What a bundle is made of: variants that are sold together as one."""

from django.db import models
from django.db.models import F, Q

from catalog.models.product import ProductVariant

MAX_QUANTITY = 1000


class BundlePart(models.Model):
    """So many units of a variant in each unit of a bundle. Written by `catalog.bundles` alone.

    A variant that is deleted leaves its `part_sku` here: the bundle is not for sale then, and staff are told why.
    """

    bundle = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="parts")
    part = models.ForeignKey(ProductVariant, on_delete=models.SET_NULL, null=True, related_name="part_of")
    part_sku = models.CharField(max_length=255)
    quantity = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bundle", "part"], name="part_once_in_a_bundle"),
            models.CheckConstraint(condition=Q(quantity__range=(1, MAX_QUANTITY)), name="part_quantity_is_possible"),
            models.CheckConstraint(
                condition=Q(part__isnull=True) | ~Q(part=F("bundle")), name="bundle_is_no_part_of_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.part_sku}"
