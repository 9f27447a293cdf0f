"""What gateways told us by themselves."""

from django.db import models
from django.utils import timezone


class WebhookEvent(models.Model):
    """A notice of a gateway, proven to be its own. Kept once, however often it is sent."""

    gateway = models.CharField(max_length=50)
    event_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=100)
    payment_key = models.UUIDField(null=True, blank=True)
    reference = models.CharField(max_length=255, blank=True)
    payload = models.TextField(blank=True)
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="webhook_event_is_kept_once"),
        ]
        indexes = [models.Index(fields=["received_at"], name="webhook_event_by_time")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.kind} {self.event_id}"
