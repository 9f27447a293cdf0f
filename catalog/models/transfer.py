"""Transfers: goods on their way from one location to another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.models.product import ProductVariant
from catalog.models.stock import StockLocation
from shop import clock
from shop.errors import Refusal


class TransferStatus(models.TextChoices):
    """The whole life of a transfer. How much of it has come in is told by its lines."""

    DRAFT = "DRAFT", "Planned; nothing has moved yet"
    IN_TRANSIT = "IN_TRANSIT", "On its way: it left one location, and not all of it came in at the other"
    RECEIVED = "RECEIVED", "Everything came in"
    CANCELLED = "CANCELLED", "Given up; what was on its way is back where it came from"

    @property
    def next(self) -> frozenset[TransferStatus]:
        match self:
            case TransferStatus.DRAFT:
                return frozenset({TransferStatus.IN_TRANSIT, TransferStatus.CANCELLED})
            case TransferStatus.IN_TRANSIT:
                return frozenset({TransferStatus.RECEIVED, TransferStatus.CANCELLED})
            case TransferStatus.RECEIVED | TransferStatus.CANCELLED:
                return frozenset()


class TransferStatusRefused(Refusal):
    """The transfer's status does not allow what was asked."""

    code = "TRANSFER_STATUS_REFUSED"

    def __init__(self, status: str, wanted: str) -> None:
        now, then = (word.lower().replace("_", " ") for word in (status, wanted))
        super().__init__(f"The transfer is {now} and cannot become {then}.", field=("id",))


class StockTransfer(models.Model):
    """Goods on their way. While they are in transit they belong to neither location."""

    origin = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="+")
    destination = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=TransferStatus, default=TransferStatus.DRAFT, editable=False)
    note = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    shipped_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=TransferStatus.values), name="transfer_status_is_known"),
            models.CheckConstraint(condition=~Q(origin=F("destination")), name="transfer_leads_elsewhere"),
        ]

    def __str__(self) -> str:
        return f"Transfer {self.pk}"

    @property
    def reference(self) -> str:
        """The name under which its movements stand in the ledger, on both sides."""
        return f"transfer:{self.pk}"

    def ensure_can_become(self, wanted: TransferStatus) -> None:
        """Refuse what the table does not allow. Raises TransferStatusRefused."""
        if wanted not in TransferStatus(self.status).next:
            raise TransferStatusRefused(self.status, wanted)

    def become(self, wanted: TransferStatus) -> None:
        """Take the next step, and note when; saving is up to the caller. Raises TransferStatusRefused."""
        self.ensure_can_become(wanted)
        self.status = wanted
        if wanted == TransferStatus.IN_TRANSIT:
            self.shipped_at = clock.now()
        else:
            self.closed_at = clock.now()


class StockTransferLine(models.Model):
    """Units of a variant that are moved, of which `received` came in already."""

    transfer = models.ForeignKey(StockTransfer, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transfer", "variant"], name="transfer_moves_a_variant_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="transfer_moves_something"),
            models.CheckConstraint(condition=Q(received__lte=F("quantity")), name="transfer_receives_what_was_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.received} of {self.quantity} of {self.variant_id}"
