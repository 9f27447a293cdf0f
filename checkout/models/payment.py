"""Payments and their ledger: what was authorised, captured and given back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from checkout.models.order import Order
from shop.errors import Refusal
from shop.ids import new_key
from shop.money import Money, amount_field


class PaymentStatus(models.TextChoices):
    """The whole life of one payment."""

    PENDING = "PENDING", "Intended; the gateway has not given its last word"
    AUTHORIZED = "AUTHORIZED", "Promised, or to be collected later"
    CAPTURED = "CAPTURED", "Received"
    FAILED = "FAILED", "Declined"
    VOIDED = "VOIDED", "Given up before capture"
    REFUNDED = "REFUNDED", "Given back in full"

    @property
    def next(self) -> frozenset[PaymentStatus]:
        match self:
            case PaymentStatus.PENDING:
                return frozenset(PaymentStatus) - {PaymentStatus.PENDING}
            case PaymentStatus.AUTHORIZED:
                return frozenset(PaymentStatus) - {PaymentStatus.PENDING, PaymentStatus.AUTHORIZED}
            case PaymentStatus.CAPTURED:
                return frozenset({PaymentStatus.REFUNDED})
            case PaymentStatus.FAILED | PaymentStatus.VOIDED:
                # Money may come in late, after all; it is given back.
                return frozenset({PaymentStatus.CAPTURED})
            case PaymentStatus.REFUNDED:
                return frozenset()


class PaymentStatusRefused(Refusal):
    """The payment's status does not allow what was asked."""

    code = "PAYMENT_STATUS_REFUSED"

    def __init__(self, payment: Payment, wanted: PaymentStatus) -> None:
        super().__init__(f"This payment is {payment.status.lower()} and cannot become {wanted.lower()}.")


class Payment(models.Model):
    """One attempt to pay an order, or a part of it. `key` is also the idempotency key the gateway is given.

    An exchange moves money here that another payment received, by a refund of that which no gateway is asked for.
    Of `amount` so much was `captured`; what is to be given back of that counts as `refunded` as soon as it is intended,
    so that nothing is given back twice.
    """

    key = models.UUIDField(unique=True, default=new_key, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=50)
    method = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=10, choices=PaymentStatus, default=PaymentStatus.PENDING, editable=False)
    amount = amount_field()
    currency = models.CharField(max_length=3)
    captured = amount_field(default=0, db_default=0)
    refunded = amount_field(default=0, db_default=0)
    gateway_reference = models.CharField(max_length=255, blank=True)
    moved_by = models.OneToOneField(
        "Refund", on_delete=models.PROTECT, null=True, blank=True, related_name="moved_to", editable=False
    )
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PaymentStatus.values), name="payment_status_is_known"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="payment_not_negative"),
            models.CheckConstraint(
                condition=Q(captured__gte=0, captured__lte=F("amount")), name="payment_captures_its_amount_at_most"
            ),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("captured")), name="payment_refunds_what_was_captured"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.amount} {self.currency}"

    @property
    def money(self) -> Money:
        return Money.rounded(self.amount, self.currency)

    @property
    def refundable(self) -> Money:
        """What was received and is not given back, nor about to be."""
        return Money.rounded(self.captured - self.refunded, self.currency)

    @property
    def source(self) -> Payment:
        """The payment that received the money, wherever exchanges have moved it since: its gateway can give it back."""
        return self.moved_by.payment.source if self.moved_by else self

    def become(self, status: PaymentStatus) -> None:
        """Change the status through its one door. Raises PaymentStatusRefused; saves nothing itself."""
        if status not in PaymentStatus(self.status).next:
            raise PaymentStatusRefused(self, status)
        self.status = status


class PaymentEntryKind(models.TextChoices):
    """What an entry of the payment ledger says happened."""

    AUTHORIZATION = "AUTHORIZATION", "Authorisation"
    CAPTURE = "CAPTURE", "Capture"
    REFUND = "REFUND", "Refund"
    VOID = "VOID", "Void"
    FAILURE = "FAILURE", "Failure"


class PaymentEntry(models.Model):
    """One line of the payment ledger. Never changed: captured minus refunded is what the shop holds."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=15, choices=PaymentEntryKind)
    amount = amount_field()
    gateway_reference = models.CharField(max_length=255, blank=True)
    message = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "payment entries"
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="payment_entry_not_negative")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class RefundStatus(models.TextChoices):
    """The whole life of a refund."""

    PENDING = "PENDING", "Intended; the gateway has not given its last word"
    DONE = "DONE", "Given back"
    FAILED = "FAILED", "Refused by the gateway; the money is still with the shop"

    @property
    def next(self) -> frozenset[RefundStatus]:
        match self:
            case RefundStatus.PENDING:
                return frozenset({RefundStatus.DONE, RefundStatus.FAILED})
            case RefundStatus.DONE | RefundStatus.FAILED:
                return frozenset()


class Refund(models.Model):
    """A part of a payment that is given back. `key` is also the idempotency key the gateway is given.

    Of `amount` so much is `goodwill`: it was owed when it was given back, and is not asked for again.
    """

    key = models.UUIDField(unique=True, default=new_key, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = amount_field()
    goodwill = amount_field(default=0, db_default=0)
    status = models.CharField(max_length=10, choices=RefundStatus, default=RefundStatus.PENDING, editable=False)
    reason = models.CharField(max_length=500, blank=True)
    to_store_credit = models.BooleanField(default=False, db_default=False)
    error = models.CharField(max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RefundStatus.values), name="refund_status_is_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_of_something"),
            models.CheckConstraint(
                condition=Q(goodwill__gte=0, goodwill__lte=F("amount")), name="refund_goodwill_is_a_part_of_it"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(status="PENDING"), name="refund_pending")]

    def __str__(self) -> str:
        return f"{self.amount} of payment {self.payment_id}"

    @property
    def money(self) -> Money:
        return Money.rounded(self.amount, self.payment.currency)


class TestCharge(models.Model):
    """An entry in the books of the test bank; no part of the shop's own."""

    __test__ = False  # not a test case, whatever pytest makes of the name

    key = models.UUIDField(primary_key=True)
    amount = amount_field()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=10, choices=PaymentStatus)
    token = models.CharField(max_length=50, default="", db_default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.status} {self.amount} {self.currency}"


class MpesaPush(models.Model):
    """That a phone was asked to pay, noted before it was; the name of the question, once the answer came."""

    key = models.UUIDField(primary_key=True)
    checkout_request_id = models.CharField(max_length=100, default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "M-Pesa pushes"

    def __str__(self) -> str:
        return self.checkout_request_id or str(self.key)


class TestRefund(models.Model):
    """Money the test bank gave back."""

    __test__ = False

    key = models.UUIDField(primary_key=True)
    charge = models.ForeignKey(TestCharge, on_delete=models.CASCADE, related_name="refunds")
    amount = amount_field()

    def __str__(self) -> str:
        return f"{self.amount} of {self.charge_id}"
