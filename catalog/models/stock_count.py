"""Counts of stock: what somebody found on the shelves of a location, beside what the books said."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.product import ProductVariant
from catalog.models.stock import StockLocation, cost_field
from shop import clock
from shop.errors import Refusal


class StockCountStatus(models.TextChoices):
    """The whole life of a count."""

    OPEN = "OPEN", "Being counted; nothing of it is on the books yet"
    COMPLETED = "COMPLETED", "What was found is on the books"
    CANCELLED = "CANCELLED", "Given up; the books are as they were"

    @property
    def next(self) -> frozenset[StockCountStatus]:
        match self:
            case StockCountStatus.OPEN:
                return frozenset({StockCountStatus.COMPLETED, StockCountStatus.CANCELLED})
            case StockCountStatus.COMPLETED | StockCountStatus.CANCELLED:
                return frozenset()


class CountClosed(Refusal):
    """The count is completed or cancelled, and nothing of it changes any more."""

    code = "COUNT_CLOSED"

    def __init__(self, status: str) -> None:
        super().__init__(f"The count is {status.lower()}; start another one.", field=("id",))


class StockCount(models.Model):
    """A count at a location. Its lines say of which variants, and what was found."""

    location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=StockCountStatus, default=StockCountStatus.OPEN, editable=False)
    note = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=StockCountStatus.values), name="count_status_is_known"),
            models.CheckConstraint(
                condition=Q(status=StockCountStatus.OPEN, closed_at__isnull=True)
                | (~Q(status=StockCountStatus.OPEN) & Q(closed_at__isnull=False)),
                name="count_is_closed_when_it_is_over",
            ),
        ]

    def __str__(self) -> str:
        return f"Count {self.pk}"

    @property
    def reference(self) -> str:
        """The name under which its movements stand in the ledger."""
        return f"count:{self.pk}"

    def ensure_can_become(self, wanted: StockCountStatus) -> None:
        """Refuse what the table does not allow. Raises CountClosed."""
        if wanted not in StockCountStatus(self.status).next:
            raise CountClosed(self.status)

    def become(self, wanted: StockCountStatus) -> None:
        """Take the last step, and note when; saving is up to the caller. Raises CountClosed."""
        self.ensure_can_become(wanted)
        self.status = wanted
        self.closed_at = clock.now()


class StockCountLine(models.Model):
    """A variant to count. `expected` is what the books said at the moment `counted` was recorded, and so are the rest.

    Its `location` and `is_open` are the count's, kept here so that no variant is counted twice at once in one place.
    """

    count = models.ForeignKey(StockCount, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="+")
    location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="+")
    is_open = models.BooleanField(default=True, db_default=True)
    expected = models.IntegerField(null=True, blank=True)
    counted = models.IntegerField(null=True, blank=True)
    unit_cost = cost_field()
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    counted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["count", "variant"], name="count_has_a_variant_once"),
            models.UniqueConstraint(
                fields=["location", "variant"], condition=Q(is_open=True), name="one_open_count_of_a_variant_in_a_place"
            ),
            models.CheckConstraint(
                condition=Q(counted__isnull=True, expected__isnull=True, counted_at__isnull=True)
                | Q(counted__gte=0, expected__gte=0, counted_at__isnull=False),
                name="count_line_is_counted_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counted} of {self.variant_id}"

    @property
    def difference(self) -> int | None:
        """How many more were found than the books said, or how many fewer; None before that."""
        return None if self.counted is None or self.expected is None else self.counted - self.expected
