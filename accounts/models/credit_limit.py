"""Credit of business customers: how much each may owe the shop, and for how long."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from shop.money import Money, amount_field


class CreditLimit(models.Model):
    """What a customer may owe in a currency, to be paid within so many days of an order; `used` is what they owe now.

    It can be more than the limit only because staff lowered that: nothing more is taken then.
    """

    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="credit_limits")
    currency = models.CharField(max_length=3)
    amount = amount_field()
    used = amount_field(default=0, db_default=0, editable=False)
    terms_in_days = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "currency"], name="one_credit_limit_per_currency"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="credit_limit_not_negative"),
            models.CheckConstraint(condition=Q(used__gte=0), name="credit_used_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.limit}, {self.terms_in_days} days"

    @property
    def limit(self) -> Money:
        return Money.rounded(self.amount, self.currency)

    @property
    def owed(self) -> Money:
        return Money.rounded(self.used, self.currency)

    @property
    def available(self) -> Money:
        return max(self.limit - self.owed, Money.zero(self.currency))
