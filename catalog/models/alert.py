"""What shoppers want to be told of: a variant that comes back, or a price that falls."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models.product import Product, ProductVariant
from shop import clock
from shop.ids import new_secret
from shop.money import amount_field


class AlertKind(models.TextChoices):
    """What is waited for."""

    BACK_IN_STOCK = "BACK_IN_STOCK", "That the variant can be bought again"
    PRICE_DROP = "PRICE_DROP", "That the variant costs as little as wanted"


class AlertStatus(models.TextChoices):
    """The whole life of an alert; one that is given up is deleted."""

    PENDING = "PENDING", "Waiting for a guest to confirm the e-mail address"
    ACTIVE = "ACTIVE", "Waiting for what it is about"
    SENT = "SENT", "It has happened, and was told"

    @property
    def next(self) -> frozenset[AlertStatus]:
        match self:
            case AlertStatus.PENDING:
                return frozenset({AlertStatus.ACTIVE})
            case AlertStatus.ACTIVE:
                return frozenset({AlertStatus.SENT})
            case AlertStatus.SENT:
                return frozenset()


class ProductAlert(models.Model):
    """One mail to one person about one variant. Written by `catalog.alerts` alone.

    A guest is known by `email`; a customer is written to at the address of the account. `token` lets whoever has the
    mail confirm and cancel; `asked_at` is when a guest was last asked to confirm. The product is the variant's, and the
    language, "" for the shop's own, that of the mail.
    """

    kind = models.CharField(max_length=13, choices=AlertKind)
    status = models.CharField(max_length=7, choices=AlertStatus, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="+")
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=5, blank=True, default="")
    price_limit = amount_field(null=True)
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    email = models.EmailField(blank=True)
    token = models.CharField(max_length=32, unique=True, default=new_secret, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "kind", "customer"],
                condition=~Q(status="SENT") & Q(customer__isnull=False),
                name="one_open_alert_per_customer",
            ),
            models.UniqueConstraint(
                fields=["variant", "kind", "email"],
                condition=~Q(status="SENT") & Q(customer__isnull=True),
                name="one_open_alert_per_address",
            ),
            models.CheckConstraint(condition=Q(status__in=AlertStatus.values), name="alert_status_is_known"),
            models.CheckConstraint(
                condition=Q(kind="BACK_IN_STOCK", price_limit__isnull=True)
                | Q(kind="PRICE_DROP", price_limit__isnull=False),
                name="alert_of_a_price_names_one",
            ),
        ]
        indexes = [models.Index(fields=["product"], condition=Q(status="ACTIVE"), name="alert_waiting_by_product")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.variant_id}"

    def become(self, status: AlertStatus) -> None:
        """Change the status through its one door; anything the table does not allow is a bug. Saves nothing itself."""
        if status not in AlertStatus(self.status).next:
            raise RuntimeError(f"An alert that is {self.status} cannot become {status}.")
        self.status = status
