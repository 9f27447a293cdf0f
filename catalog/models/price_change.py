"""What variants have cost, and what they are to cost from a moment on."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.price import PriceList
from catalog.models.product import ProductVariant
from shop.money import amount_field


class PriceChange(models.Model):
    """A variant's price of one by a list, as it has been since a moment; without an amount the list priced it no more.

    Triggers of the database write these rows, and nothing changes them: whoever writes a price, by whatever way, leaves
    one here, and so does a list that comes into effect or ends. They go with their variant and their list.
    """

    # The database deletes with the variant and the list, after the last trigger has written its row.
    variant = models.ForeignKey(
        ProductVariant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="price_changes"
    )
    price_list = models.ForeignKey(PriceList, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    amount = amount_field(null=True)
    compare_at = amount_field(null=True)
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["variant", "price_list", "since", "id"], name="price_change_of_variant")]

    def __str__(self) -> str:
        return f"{self.amount} since {self.since}"


class ScheduledPriceChange(models.Model):
    """A price that a list is to have for a variant from `at` on; the row goes when that has been done."""

    price_list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="scheduled_changes")
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="scheduled_price_changes")
    at = models.DateTimeField()
    amount = amount_field()
    compare_at = amount_field(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "price_list", "at"], name="price_changes_once_at_a_time"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="scheduled_price_not_negative"),
            models.CheckConstraint(
                condition=Q(compare_at__isnull=True) | Q(compare_at__gte=0), name="scheduled_compare_at_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["at", "id"], name="scheduled_price_by_time")]

    def __str__(self) -> str:
        return f"{self.amount} at {self.at}"
