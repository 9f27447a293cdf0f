"""What the platform stores: messages on their way to handlers, and when periodic tasks run."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class OutboxMessage(models.Model):
    """Something that happened, written in the transaction that made it happen. Never changed but for `relayed_at`."""

    topic = models.CharField(max_length=100)
    payload = models.JSONField()
    request_id = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    relayed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(relayed_at__isnull=True), name="outbox_not_relayed")]

    def __str__(self) -> str:
        return f"{self.topic} #{self.pk}"


class OutboxDelivery(models.Model):
    """One handler's copy of a message: due again at `due_at` until it is done, or given up after the last attempt."""

    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=200)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "outbox deliveries"
        constraints = [
            models.UniqueConstraint(fields=["message", "handler"], name="delivery_once_per_handler"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(failed_at__isnull=True), name="delivery_is_done_or_failed"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(done_at__isnull=True, failed_at__isnull=True), name="delivery_due"
            ),
            models.Index(fields=["failed_at"], condition=Q(failed_at__isnull=False), name="delivery_given_up"),
        ]

    def __str__(self) -> str:
        return f"{self.handler} of {self.message_id}"


class PeriodicRun(models.Model):
    """When a periodic task is due next; its row is locked while a worker runs it."""

    task = models.CharField(max_length=200, unique=True)
    due_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.task


class IdempotencyRecord(models.Model):
    """What a mutation answered under a client's key. The key is kept as a digest, and the answer sealed with it."""

    who = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    request = models.CharField(max_length=64)
    answer = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["who", "key"], name="idempotency_key_once_for_each_client")]

    def __str__(self) -> str:
        return self.key
