"""Fulfilments: which lines of an order were sent, and how."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models import StockLocation
from checkout.models.order import Order, OrderLine
from shop.ids import new_key


class Fulfillment(models.Model):
    """What was sent together, in one parcel or several; `parcels` tell the number and the page of each."""

    key = models.UUIDField(unique=True, default=new_key, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="fulfillments")
    tracking_company = models.CharField(max_length=255, blank=True)
    parcels = models.JSONField(default=list, db_default=[], blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"Fulfilment {self.pk} of order {self.order_id}"


class FulfillmentLine(models.Model):
    """How many units of an order line a fulfilment holds, and where they were sent from, since that is noted."""

    fulfillment = models.ForeignKey(Fulfillment, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="fulfillment_lines")
    location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fulfillment", "order_line", "location"],
                nulls_distinct=False,
                name="order_line_once_in_fulfillment_by_location",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="fulfillment_line_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.order_line_id}"
