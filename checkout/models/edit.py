"""Edits of orders: who added lines to an order, or changed their quantities, before they were sent, and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from shop.money import amount_field


class OrderEdit(models.Model):
    """One edit, and by how much more, or less, is owed since. Lines it added name it; what it removed they count.

    `invoice` is where its lines are invoiced, once they are.
    """

    order = models.ForeignKey("checkout.Order", on_delete=models.CASCADE, related_name="edits")
    reason = models.CharField(max_length=500, blank=True)
    total_change = amount_field()
    invoice = models.ForeignKey(
        "checkout.Invoice", on_delete=models.PROTECT, null=True, blank=True, related_name="edits", editable=False
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["order"], condition=Q(invoice=None), name="order_edit_not_invoiced")]

    def __str__(self) -> str:
        return f"{self.total_change} of order {self.order_id}"
