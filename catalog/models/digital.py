"""Files that buyers of a variant may download."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.product import ProductVariant


class DigitalFile(models.Model):
    """A file of a variant, kept where only the shop reads it; how often and how long each buyer may have it.

    One that is taken off its variant, or whose variant is gone, stays for those who bought it. Written by
    `catalog.digital` alone.
    """

    variant = models.ForeignKey(
        ProductVariant, on_delete=models.SET_NULL, null=True, blank=True, related_name="digital_files"
    )
    name = models.CharField(max_length=300, unique=True)
    file_name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    title = models.CharField(max_length=255)
    position = models.PositiveSmallIntegerField(default=0)
    download_limit = models.PositiveIntegerField(null=True, blank=True)
    valid_days = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(download_limit__isnull=True) | Q(download_limit__gte=1), name="download_limit_allows_one"
            ),
            models.CheckConstraint(
                condition=Q(valid_days__isnull=True) | Q(valid_days__gte=1), name="download_is_valid_for_a_day"
            ),
        ]

    def __str__(self) -> str:
        return self.title
