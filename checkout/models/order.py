"""Orders: what was bought, as it was when it was bought."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower
from django.utils import timezone

from catalog.models import ProductVariant
from checkout.models.cart import Cart
from checkout.models.edit import OrderEdit
from shop import clock
from shop.errors import Refusal
from shop.ids import new_key, new_secret
from shop.money import Money, amount_field


class OrderStatus(models.TextChoices):
    """The whole life of an order. What was paid and what was sent are told by payments and fulfilments."""

    PLACED = "PLACED", "Placed, awaiting the answer of a payment"
    CONFIRMED = "CONFIRMED", "Confirmed: paid, or to be paid later by agreement"
    FULFILLED = "FULFILLED", "Everything was sent"
    CANCELLED = "CANCELLED", "Cancelled"

    @property
    def next(self) -> frozenset[OrderStatus]:
        match self:
            case OrderStatus.PLACED:
                return frozenset({OrderStatus.CONFIRMED, OrderStatus.CANCELLED})
            case OrderStatus.CONFIRMED:
                return frozenset({OrderStatus.FULFILLED, OrderStatus.CANCELLED})
            case OrderStatus.FULFILLED | OrderStatus.CANCELLED:
                return frozenset()


class OrderStatusRefused(Refusal):
    """The order's status does not allow what was asked."""

    code = "ORDER_STATUS_REFUSED"

    def __init__(self, order: Order, wanted: OrderStatus) -> None:
        super().__init__(f"Order {order.name} is {order.status.lower()} and cannot become {wanted.lower()}.")


class NewOrderNumber(models.Func):
    """A number nobody has: numbers follow each other in an order that only the database knows."""

    function = "checkout_new_order_number"
    output_field = models.IntegerField()


class Order(models.Model):
    """Totals, address and delivery as they were agreed; nothing here is computed again.

    `subtotal` and `shipping_total` have their discounts taken off, `discount_total` tells how much that was. Where
    `taxes_included`, `tax_total` is contained in the two; otherwise it comes on top of them. Each line, and the order
    for its delivery, keeps the discounts and tax lines that make these sums.
    A `tax_service` told the taxes, and knows what it said by `tax_reference`; where it is empty, own rates did.
    `pickup` is where the shopper collects it, where it is not sent: name, address, ready_text.
    `key` names the order in its id, `status_token` lets a guest read it. `language` is what its lines were bought in;
    empty where the order is older than the shop's languages.
    `partly_paid_at` is when money came in that does not cover it: while it is placed, it waits for the rest since then.
    Where it was placed on invoice it is to be paid until `payment_due_at`, and `credit_used` is what is open of that.
    What is edited, cancelled or sent back later leaves all this as it was: `…_change` tells by how much less, or more,
    is owed since.
    """

    key = models.UUIDField(unique=True, default=new_key, editable=False)
    number = models.PositiveIntegerField(unique=True, db_default=NewOrderNumber())
    status_token = models.CharField(max_length=32, unique=True, default=new_secret, editable=False)
    cart = models.ForeignKey(Cart, on_delete=models.SET_NULL, null=True, related_name="orders")
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    status = models.CharField(max_length=10, choices=OrderStatus, default=OrderStatus.PLACED, editable=False)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    attributes = models.JSONField(default=list, blank=True)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=5, default="", blank=True, db_default="")
    subtotal = amount_field()
    discount_total = amount_field(default=0, db_default=0)
    shipping_total = amount_field()
    shipping_discounts = models.JSONField(default=list, db_default=[], blank=True)
    shipping_taxes = models.JSONField(default=list, db_default=[], blank=True)
    tax_total = amount_field()
    taxes_included = models.BooleanField(default=False, db_default=False)
    tax_service = models.CharField(max_length=100, blank=True, default="", db_default="")
    tax_reference = models.CharField(max_length=255, blank=True, default="", db_default="")
    buyer_tax_id = models.CharField(max_length=30, blank=True, default="", db_default="")
    total = amount_field()
    subtotal_change = amount_field(default=0, db_default=0)
    tax_change = amount_field(default=0, db_default=0)
    total_change = amount_field(default=0, db_default=0)
    delivery_address = models.JSONField(null=True, blank=True)
    delivery_method = models.CharField(max_length=255, blank=True)
    pickup = models.JSONField(null=True, blank=True)
    payment_due_at = models.DateTimeField(null=True, blank=True)
    credit_used = amount_field(default=0, db_default=0, editable=False)
    hold_expires_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    placed_at = models.DateTimeField(default=timezone.now, editable=False)
    partly_paid_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    fulfilled_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="order_status_is_known"),
            models.CheckConstraint(
                condition=Q(taxes_included=True, total=F("subtotal") + F("shipping_total"))
                | Q(taxes_included=False, total=F("subtotal") + F("shipping_total") + F("tax_total")),
                name="order_total_is_the_sum_of_its_parts",
            ),
            models.CheckConstraint(
                condition=Q(taxes_included=True, total_change=F("subtotal_change"))
                | Q(taxes_included=False, total_change=F("subtotal_change") + F("tax_change")),
                name="order_change_is_the_sum_of_its_parts",
            ),
            models.CheckConstraint(condition=Q(total_change__gte=-F("total")), name="order_current_total_not_negative"),
            models.CheckConstraint(
                condition=Q(credit_used=0) | Q(credit_used__gt=0, payment_due_at__isnull=False),
                name="order_uses_credit_only_on_invoice",
            ),
            models.CheckConstraint(condition=Q(tax_total__gte=0), name="order_tax_not_negative"),
            models.CheckConstraint(condition=Q(discount_total__gte=0), name="order_discount_not_negative"),
            # A cart may be tried again after a declined payment, but only one order of it can live.
            models.UniqueConstraint(
                fields=["cart"], condition=~Q(status="CANCELLED"), name="one_living_order_per_cart"
            ),
        ]
        indexes = [
            models.Index(fields=["placed_at", "id"], name="order_by_time"),
            models.Index(fields=["customer", "placed_at", "id"], name="order_by_customer"),
            models.Index(Lower("email"), name="order_by_email"),
            models.Index(fields=["hold_expires_at"], condition=Q(status="PLACED"), name="order_awaiting_payment"),
            models.Index(fields=["payment_due_at", "id"], condition=Q(credit_used__gt=0), name="order_open_on_invoice"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{settings.ORDER_NUMBER_PREFIX}{self.number}"

    @property
    def takes_payments(self) -> bool:
        """Whether it may be paid beside what was begun when it was placed: it stands, or waits for the rest."""
        if self.status == OrderStatus.PLACED:
            return self.partly_paid_at is not None
        return self.status != OrderStatus.CANCELLED

    @property
    def total_price(self) -> Money:
        return Money.rounded(self.total, self.currency)

    @property
    def current_total(self) -> Money:
        """What is owed for the order now, paid or not."""
        return self.now_of(self.total, self.total_change)

    def now_of(self, agreed: Decimal, change: Decimal) -> Money:
        """What one of its sums has become; of an order that was given up, nothing."""
        now = Decimal(0) if self.status == OrderStatus.CANCELLED else agreed + change
        return Money.rounded(now, self.currency)

    def become(self, status: OrderStatus) -> None:
        """Change the status through its one door, stamping when. Raises OrderStatusRefused; saves nothing itself."""
        if status not in OrderStatus(self.status).next:
            raise OrderStatusRefused(self, status)
        self.status = status
        setattr(self, f"{status.lower()}_at", clock.now())


class OrderLine(models.Model):
    """A line as it was bought; the variant may change or go, these words and numbers stay.

    `total` is unit price times quantity less `discount_total`; `discounts` and `taxes` tell the parts of the two sums.
    The unit price was that of so many units, `from_quantity`, by a list that is named where it was not the base.
    `components` are the parts of one unit of a bundle: variant_id, title, variant_title, sku, quantity.
    `edit` is what added it later: it is no part of what was agreed first, nor of the order's totals.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(ProductVariant, on_delete=models.SET_NULL, null=True, related_name="+")
    edit = models.ForeignKey(
        OrderEdit, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="lines"
    )
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=255)
    variant_title = models.CharField(max_length=500, blank=True)
    sku = models.CharField(max_length=255)
    image_src = models.CharField(max_length=1000, blank=True)
    attributes = models.JSONField(default=list, blank=True)
    requires_shipping = models.BooleanField(default=True)
    is_gift_card = models.BooleanField(default=False, db_default=False)
    components = models.JSONField(default=list, db_default=Value([], models.JSONField()), blank=True, editable=False)
    quantity = models.PositiveIntegerField()
    fulfilled_quantity = models.PositiveIntegerField(default=0)
    cancelled_quantity = models.PositiveIntegerField(default=0, db_default=0)
    returning_quantity = models.PositiveIntegerField(default=0, db_default=0)
    returned_quantity = models.PositiveIntegerField(default=0, db_default=0)
    unit_price = amount_field()
    discount_total = amount_field(default=0, db_default=0)
    discounts = models.JSONField(default=list, db_default=[], blank=True)
    total = amount_field()
    tax_total = amount_field(default=0, db_default=0)
    taxes = models.JSONField(default=list, db_default=[], blank=True)
    is_gift = models.BooleanField(default=False, db_default=False)
    price_list_title = models.CharField(max_length=255, default="", db_default="", blank=True)
    from_quantity = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_unique"),
            models.CheckConstraint(
                condition=Q(total=F("unit_price") * F("quantity") - F("discount_total")),
                name="order_line_total_is_price_less_discounts",
            ),
            models.CheckConstraint(condition=Q(total__gte=0), name="order_line_total_not_negative"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(fulfilled_quantity__lte=F("quantity") - F("cancelled_quantity")),
                name="order_line_not_fulfilled_beyond_quantity",
            ),
            models.CheckConstraint(
                condition=Q(fulfilled_quantity__gte=F("returned_quantity") + F("returning_quantity")),
                name="order_line_not_returned_beyond_what_was_sent",
            ),
        ]
        indexes = [
            models.Index(
                fields=["image_src"], condition=Q(image_src__startswith="uploads/"), name="order_line_by_upload"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"

    @property
    def label(self) -> str:
        """What staff know it by; what has no variant has no SKU."""
        return self.sku or self.title

    @property
    def unsent(self) -> int:
        """Units that are still to be sent."""
        return self.quantity - self.cancelled_quantity - self.fulfilled_quantity

    @property
    def is_added(self) -> bool:
        """Whether an edit put it there."""
        return self.edit_id is not None

    @property
    def gone(self) -> int:
        """Units that are no part of the order any more."""
        return self.cancelled_quantity + self.returned_quantity

    @property
    def returnable(self) -> int:
        """Units that were sent, and neither came back nor are to come back."""
        return self.fulfilled_quantity - self.returned_quantity - self.returning_quantity

    @property
    def current_quantity(self) -> int:
        """Units that are still a part of the order: none of one that was given up."""
        return 0 if self.order.status == OrderStatus.CANCELLED else self.quantity - self.gone

    def share(self, amount: Decimal, units: int) -> Decimal:
        """How much of `amount`, which is one of the line's sums, the first so many units bear: of all of them, all."""
        return Money.rounded(amount * units / self.quantity, self.order.currency).amount

    @property
    def takes(self) -> list[tuple[int, int]]:
        """The variants that one unit takes out of stock, with their units; nothing of what was deleted."""
        if self.components:
            return [(part["variant_id"], part["quantity"]) for part in self.components]
        return [] if self.variant_id is None else [(self.variant_id, 1)]
