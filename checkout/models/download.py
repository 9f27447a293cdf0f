"""What buyers of digital goods may download, and how often they did."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.models import DigitalFile
from checkout.models.order import OrderLine
from shop.ids import new_key


class DownloadGrant(models.Model):
    """That the buyer of an order line may download a file, as it was promised when it was paid."""

    key = models.UUIDField(unique=True, default=new_key, editable=False)
    order_line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="downloads")
    file = models.ForeignKey(DigitalFile, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=255)
    download_limit = models.PositiveIntegerField(null=True, blank=True)
    download_count = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_line", "file"], name="download_granted_once_for_each_line"),
            models.CheckConstraint(
                condition=Q(download_limit__isnull=True) | Q(download_count__lte=F("download_limit")),
                name="download_never_beyond_its_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def remaining(self) -> int | None:
        """How often it may still be downloaded; None for as often as one likes."""
        return None if self.download_limit is None else self.download_limit - self.download_count
