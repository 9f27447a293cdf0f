"""What an order earns its customer in points."""

from django.db import models
from django.db.models import F, Q

from accounts.models import PointsAccount
from checkout.models.order import Order


class EarnedPoints(models.Model):
    """Counted anew whenever the order's lines or its money change; `points_per_unit` is the rate of the first time.

    The points can be spent from `available_at` on, which is known once the order is sent and paid. From then on they
    are in the customer's balance: `points`, and those `missed` that could not be taken back because they were spent.
    """

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="earned_points")
    account = models.ForeignKey(PointsAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    points_per_unit = models.DecimalField(max_digits=12, decimal_places=4)
    points = models.PositiveIntegerField()
    credited = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    available_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "earned points"
        constraints = [
            models.CheckConstraint(
                condition=Q(account=None, credited=0, missed=0)
                | Q(account__isnull=False, credited=F("points") + F("missed")),
                name="points_credited_are_earned_or_missed",
            ),
        ]
        indexes = [models.Index(fields=["available_at"], condition=Q(account=None), name="points_waiting")]

    def __str__(self) -> str:
        return f"{self.points} points"
