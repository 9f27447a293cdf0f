"""Invoices and credit notes: numbered without gaps, and never changed once they are issued."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from checkout.models.order import Order
from checkout.models.payment import Refund
from shop.ids import new_key
from shop.money import amount_field


class InvoiceKind(models.TextChoices):
    """Each kind has a series of numbers of its own."""

    INVOICE = "INVOICE", "Asks for, or confirms, the price of an order"
    CREDIT_NOTE = "CREDIT_NOTE", "Takes back an invoice, or a part of it"


class InvoiceSeries(models.Model):
    """The last number that was given out; its row is locked from then until the invoice is committed."""

    kind = models.CharField(max_length=15, primary_key=True, choices=InvoiceKind)
    last_number = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "invoice series"

    def __str__(self) -> str:
        return f"{self.kind} {self.last_number}"


class Invoice(models.Model):
    """What was issued, with all that stands on it in `snapshot`. The database lets nobody change or delete it.

    One invoice is the order's; what is added to the order after that has a further one.
    """

    key = models.UUIDField(unique=True, default=new_key, editable=False)
    kind = models.CharField(max_length=15, choices=InvoiceKind)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=50, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="invoices")
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="credit_notes")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="credit_notes")
    is_further = models.BooleanField(default=False, db_default=False)
    currency = models.CharField(max_length=3)
    total = amount_field()
    snapshot = models.JSONField()
    issued_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="invoice_number_once_in_its_series"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(kind="INVOICE", is_further=False), name="one_invoice_for_an_order"
            ),
            models.UniqueConstraint(fields=["refund", "corrects"], name="one_credit_note_of_an_invoice_for_a_refund"),
            models.CheckConstraint(
                condition=Q(kind="INVOICE", corrects__isnull=True) | Q(kind="CREDIT_NOTE", corrects__isnull=False),
                name="credit_notes_and_only_they_correct_an_invoice",
            ),
        ]

    def __str__(self) -> str:
        return self.name
