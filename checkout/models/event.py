"""The timeline of an order: what happened to it, told once and never changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from checkout.models.order import Order


class OrderEventKind(models.TextChoices):
    """What can happen to an order."""

    PLACED = "PLACED", "Placed by the customer"
    CONFIRMED = "CONFIRMED", "Confirmed: payment is sure"
    CANCELLED = "CANCELLED", "Cancelled as a whole"
    LINES_CANCELLED = "LINES_CANCELLED", "A part was cancelled"
    EDITED = "EDITED", "Lines were added, or quantities changed"
    PARTLY_PAID = "PARTLY_PAID", "A part was paid, and the rest is awaited"
    PAYMENT_AUTHORIZED = "PAYMENT_AUTHORIZED", "A payment was promised"
    PAYMENT_CAPTURED = "PAYMENT_CAPTURED", "A payment came in"
    PAYMENT_FAILED = "PAYMENT_FAILED", "A payment was declined"
    PAYMENT_VOIDED = "PAYMENT_VOIDED", "A payment was given up"
    REFUNDED = "REFUNDED", "Money was given back"
    REFUND_FAILED = "REFUND_FAILED", "Money could not be given back"
    SHIPPED = "SHIPPED", "A part was sent, or all of it"
    FULFILLED = "FULFILLED", "Everything was sent"
    MOVED = "MOVED", "Something is to be sent from another location"
    RETURN_REQUESTED = "RETURN_REQUESTED", "Something is to come back"
    RETURN_APPROVED = "RETURN_APPROVED", "A return was approved"
    RETURN_DECLINED = "RETURN_DECLINED", "A return was declined"
    RETURN_CANCELLED = "RETURN_CANCELLED", "A return was given up"
    RETURNED = "RETURNED", "Something came back"
    EXCHANGED = "EXCHANGED", "Something that came back was exchanged"
    NOTE = "NOTE", "Somebody left a note"
    NOTE_CHANGED = "NOTE_CHANGED", "The customer's note was changed"
    MAIL_SENT = "MAIL_SENT", "A mail was sent to the customer"
    CLAIMED = "CLAIMED", "A customer took it into their account"


class OrderEvent(models.Model):
    """Something that happened, written in the transaction that made it happen. Staff see all, shoppers what is public.

    The database lets nobody change what is told here; only `actor` empties with the account it names.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=OrderEventKind)
    message = models.CharField(max_length=5000, blank=True)
    is_public = models.BooleanField(default=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=OrderEventKind.values), name="order_event_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of order {self.order_id}"
