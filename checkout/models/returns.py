"""Returns: what was sent and is to come back, or came."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.models import StockLocation
from checkout.models.order import Order, OrderLine
from shop import clock
from shop.errors import Refusal
from shop.ids import new_key
from shop.money import Money, amount_field


class ReturnStatus(models.TextChoices):
    """The whole life of a return."""

    REQUESTED = "REQUESTED", "Asked for by the customer; staff are to decide"
    OPEN = "OPEN", "Approved; the goods are to come back"
    DECLINED = "DECLINED", "Declined by staff"
    RECEIVED = "RECEIVED", "Received: the goods are back"
    CANCELLED = "CANCELLED", "Given up before anything came back"

    @property
    def next(self) -> frozenset[ReturnStatus]:
        match self:
            case ReturnStatus.REQUESTED:
                return frozenset({ReturnStatus.OPEN, ReturnStatus.DECLINED, ReturnStatus.CANCELLED})
            case ReturnStatus.OPEN:
                return frozenset({ReturnStatus.RECEIVED, ReturnStatus.CANCELLED})
            case ReturnStatus.DECLINED | ReturnStatus.RECEIVED | ReturnStatus.CANCELLED:
                return frozenset()


class Settlement(models.TextChoices):
    """What became of the value of goods that came back: it is given once."""

    OPEN = "OPEN", "Nothing yet"
    REFUNDED = "REFUNDED", "What was received for them is given back"
    EXCHANGED = "EXCHANGED", "It was credited to an order of other goods"


class ReturnStatusRefused(Refusal):
    """The return's status does not allow what was asked."""

    code = "RETURN_STATUS_REFUSED"

    def __init__(self, returned: Return, wanted: ReturnStatus) -> None:
        super().__init__(f"This return is {returned.status.lower()} and cannot become {wanted.lower()}.")


class Return(models.Model):
    """Units of an order that go back together. `answer` is what staff told the customer of it.

    `value` is how much less is owed for the order since they came; `settlement` tells what became of that. Returns
    that came before values were noted have none.
    """

    key = models.UUIDField(unique=True, default=new_key, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="returns")
    status = models.CharField(max_length=10, choices=ReturnStatus, default=ReturnStatus.REQUESTED, editable=False)
    reason = models.CharField(max_length=500, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    value = amount_field(default=0, db_default=0)
    settlement = models.CharField(
        max_length=10, choices=Settlement, default=Settlement.OPEN, db_default=Settlement.OPEN, editable=False
    )
    exchange_order = models.OneToOneField(
        Order, on_delete=models.PROTECT, null=True, blank=True, related_name="exchanged_return"
    )
    location = models.ForeignKey(StockLocation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ReturnStatus.values), name="return_status_is_known"),
            models.CheckConstraint(
                condition=Q(settlement="OPEN") | Q(settlement__in=Settlement.values, status="RECEIVED"),
                name="only_what_came_back_is_settled",
            ),
            models.CheckConstraint(
                condition=Q(exchange_order=None) | Q(settlement="EXCHANGED"), name="return_is_exchanged_by_its_order"
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="return_value_not_negative"),
        ]

    def __str__(self) -> str:
        return f"Return {self.pk} of order {self.order_id}"

    @property
    def worth(self) -> Money:
        return Money.rounded(self.value, self.order.currency)

    def become(self, status: ReturnStatus) -> None:
        """Change the status through its one door. Raises ReturnStatusRefused; saves nothing itself."""
        if status not in ReturnStatus(self.status).next:
            raise ReturnStatusRefused(self, status)
        self.status = status
        self.decided_at = clock.now()


class ReturnLine(models.Model):
    """So many units of a line that are to come back; `good` and `damaged` tell what came."""

    of = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="return_lines")
    quantity = models.PositiveIntegerField()
    good = models.PositiveIntegerField(default=0)
    damaged = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["of", "order_line"], name="order_line_once_in_return"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("good") + F("damaged")), name="no_more_comes_back_than_was_returned"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.order_line_id}"
