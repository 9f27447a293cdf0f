"""Loyalty points: the rules of the programme, what a customer has, and the ledger of it."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shop import money
from shop.money import Money, amount_field


class LoyaltyProgram(models.Model):
    """The rules, in one row. What points earn and are worth is said for each currency by the rates.

    Points wait `pending_days` after an order is sent and paid, and expire `expiry_days` after they came, if ever. They
    pay at least `min_percentage` of an order, or nothing of it, and `max_percentage` at the most.
    """

    is_active = models.BooleanField(default=False)
    pending_days = models.PositiveSmallIntegerField(default=14)
    expiry_days = models.PositiveSmallIntegerField(null=True, blank=True)
    min_percentage = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    max_percentage = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(100))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="there_is_one_loyalty_program"),
            models.CheckConstraint(
                condition=Q(min_percentage__gte=0, min_percentage__lte=F("max_percentage"), max_percentage__lte=100),
                name="points_pay_a_share_of_an_order",
            ),
            models.CheckConstraint(condition=~Q(expiry_days=0), name="points_last_a_day_at_least"),
        ]

    def __str__(self) -> str:
        return "Loyalty program"


class LoyaltyRate(models.Model):
    """How many points one unit of a currency earns, and what of it one point pays: nothing where it is zero."""

    program = models.ForeignKey(LoyaltyProgram, on_delete=models.CASCADE, related_name="rates")
    currency = models.CharField(max_length=3, unique=True)
    points_per_unit = models.DecimalField(max_digits=12, decimal_places=4)
    point_value = models.DecimalField(max_digits=12, decimal_places=6)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(points_per_unit__gte=0, point_value__gte=0), name="loyalty_rate_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points_per_unit} for 1 {self.currency}"

    def worth(self, points: int) -> Money:
        """What so many points pay: what is less than the smallest coin is left out."""
        amount = self.point_value * points
        return Money(amount.quantize(money.quantum(self.currency), rounding=ROUND_FLOOR), self.currency)

    def needed(self, amount: Money) -> int:
        """The fewest points that pay this amount: the last of them may be worth more."""
        return int((amount.amount / self.point_value).to_integral_value(rounding=ROUND_CEILING))


class PointsAccount(models.Model):
    """The points a customer can spend: `balance` is the sum of the entries.

    It outlives the customer, nameless, for the orders it paid.
    """

    customer = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="points_account"
    )
    balance = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(balance__gte=0), name="points_never_overspent")]

    def __str__(self) -> str:
        return f"{self.balance} points"


class PointsEntryKind(models.TextChoices):
    """What an entry of the ledger of points says happened."""

    EARN = "EARN", "Earned by an order"
    TAKE_BACK = "TAKE_BACK", "Taken back, because the order that earned them was cancelled or refunded"
    SPEND = "SPEND", "Paid an order, or a part of it"
    GIVE_BACK = "GIVE_BACK", "Given back by an order"
    EXPIRE = "EXPIRE", "Expired"
    ADJUSTMENT = "ADJUSTMENT", "Changed by staff"


class PointsEntry(models.Model):
    """One line of the ledger. Never changed: all of them together are the balance.

    `expires_at` is when what came expires, and stands with what is taken back of it. `reference` names the order
    ("order:…"), and `amount` what it was paid, in its currency.
    """

    account = models.ForeignKey(PointsAccount, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=PointsEntryKind)
    points = models.IntegerField()
    amount = amount_field(null=True, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "points entries"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PointsEntryKind.values), name="points_entry_is_known"),
            # What could not be taken back, or is less than a point, is told by an entry of none.
            models.CheckConstraint(
                condition=Q(kind__in=["SPEND", "EXPIRE"], points__lt=0)
                | Q(kind="TAKE_BACK", points__lte=0)
                | Q(kind="EARN", points__gt=0)
                | Q(kind="GIVE_BACK", points__gte=0)
                | (Q(kind="ADJUSTMENT") & ~Q(points=0)),
                name="points_entry_has_the_sign_of_its_kind",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["SPEND", "GIVE_BACK"]) | Q(amount__isnull=False),
                name="points_that_pay_tell_how_much",
            ),
            models.UniqueConstraint(
                fields=["reference"], condition=Q(kind="SPEND"), name="points_spent_once_for_an_order"
            ),
        ]
        indexes = [models.Index(fields=["reference"], name="points_entry_by_reference")]

    def __str__(self) -> str:
        return f"{self.kind} {self.points}"
