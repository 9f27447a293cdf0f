"""What is sold and delivered in Django's admin, for looking around: the commands behind the API change it."""

from django.contrib import admin

from accounts.admin_reading import Browsed, Inline
from accounts.staff import Permission
from checkout.models import (
    CarrierQuote,
    DraftLine,
    DraftOrder,
    EarnedPoints,
    Fulfillment,
    GiftCard,
    GiftCardEntry,
    Invoice,
    Order,
    OrderEdit,
    OrderEvent,
    OrderLine,
    Payment,
    PaymentEntry,
    Promotion,
    PromotionCode,
    PromotionUse,
    Refund,
    Return,
    ReturnLine,
    ShippingMethod,
    ShippingRate,
    ShippingZone,
    TaxAnswer,
    TaxRate,
    WebhookEvent,
)


@admin.register(CarrierQuote)
class CarrierQuoteAdmin(Browsed):
    list_display = ("carrier", "rates", "asked_at", "expires_at")
    list_filter = ("carrier",)
    ordering = ("-asked_at", "-pk")


@admin.register(ShippingZone)
class ShippingZoneAdmin(Browsed):
    list_display = ("title", "countries", "provinces", "is_rest")
    search_fields = ("title",)
    ordering = ("pk",)


class ShippingRateInline(Inline):
    model = ShippingRate
    ordering = ("currency",)


@admin.register(ShippingMethod)
class ShippingMethodAdmin(Browsed):
    list_display = ("title", "zone", "pickup_location", "basis", "carrier", "position", "is_active")
    list_select_related = ("zone", "pickup_location")
    search_fields = ("title", "handle")
    ordering = ("position", "pk")
    inlines = (ShippingRateInline,)


class GiftCardEntryInline(Inline):
    permission = Permission.MANAGE_CUSTOMERS
    model = GiftCardEntry
    fields = ("kind", "amount", "order", "reason", "actor", "created_at")
    readonly_fields = fields
    ordering = ("pk",)


@admin.register(GiftCard)
class GiftCardAdmin(Browsed):
    permission = Permission.MANAGE_CUSTOMERS
    list_display = (
        "last_characters",
        "customer",
        "balance",
        "initial_value",
        "currency",
        "expires_at",
        "deactivated_at",
    )
    list_select_related = ("customer",)
    search_fields = ("=last_characters", "=recipient_email", "=customer__email")
    ordering = ("-created_at", "-pk")
    exclude = ("code_digest",)
    inlines = (GiftCardEntryInline,)


@admin.register(Promotion)
class PromotionAdmin(Browsed):
    permission = Permission.MANAGE_PROMOTIONS
    list_display = ("title", "kind", "needs_code", "priority", "is_exclusive", "used", "usage_limit", "is_active")
    list_filter = ("kind", "is_active", "needs_code")
    search_fields = ("title",)
    ordering = ("priority", "pk")


@admin.register(PromotionCode)
class PromotionCodeAdmin(Browsed):
    permission = Permission.MANAGE_PROMOTIONS
    list_display = ("code", "promotion", "used", "usage_limit", "is_active")
    list_select_related = ("promotion",)
    list_filter = ("is_active",)
    search_fields = ("key", "promotion__title")
    ordering = ("-pk",)


@admin.register(PromotionUse)
class PromotionUseAdmin(Browsed):
    permission = Permission.MANAGE_PROMOTIONS
    list_display = ("promotion", "order", "code", "units", "amount", "currency", "created_at")
    list_select_related = ("promotion", "order", "code")
    ordering = ("-pk",)


class PaymentEntryInline(Inline):
    permission = Permission.MANAGE_ORDERS
    model = PaymentEntry
    fields = ("kind", "amount", "gateway_reference", "message", "created_at")
    readonly_fields = fields
    ordering = ("pk",)


class RefundInline(Inline):
    permission = Permission.MANAGE_ORDERS
    model = Refund
    fields = ("amount", "status", "reason", "error", "actor", "created_at", "settled_at")
    readonly_fields = fields
    ordering = ("pk",)


@admin.register(Payment)
class PaymentAdmin(Browsed):
    permission = Permission.MANAGE_ORDERS
    list_display = ("order", "gateway", "status", "amount", "captured", "refunded", "currency", "created_at")
    list_select_related = ("order",)
    list_filter = ("gateway", "status")
    search_fields = ("=gateway_reference", "=order__email")
    ordering = ("-pk",)
    inlines = (PaymentEntryInline, RefundInline)


@admin.register(WebhookEvent)
class WebhookEventAdmin(Browsed):
    """The notice as it came is not shown: it may hold what only a gateway and a shopper should know."""

    permission = Permission.MANAGE_ORDERS
    list_display = ("gateway", "kind", "event_id", "received_at", "processed_at")
    list_filter = ("gateway",)
    search_fields = ("=event_id", "=reference")
    ordering = ("-pk",)
    exclude = ("payload",)


@admin.register(Invoice)
class InvoiceAdmin(Browsed):
    permission = Permission.MANAGE_ORDERS
    list_display = ("name", "kind", "order", "total", "currency", "issued_at")
    list_select_related = ("order",)
    search_fields = ("=name",)
    ordering = ("-pk",)


class OrderLineInline(Inline):
    permission = Permission.MANAGE_ORDERS
    model = OrderLine
    fields = (
        *("position", "title", "variant_title", "sku", "quantity", "fulfilled_quantity", "cancelled_quantity"),
        *("returned_quantity", "unit_price", "discount_total", "total", "tax_total"),
    )
    ordering = ("position",)


class FulfillmentInline(Inline):
    permission = Permission.MANAGE_ORDERS
    model = Fulfillment
    fields = ("created_at", "tracking_company")
    readonly_fields = fields
    ordering = ("pk",)


class OrderEditInline(Inline):
    permission = Permission.MANAGE_ORDERS
    model = OrderEdit
    fields = ("created_at", "total_change", "reason", "actor", "invoice")
    readonly_fields = fields
    ordering = ("pk",)


class OrderEventInline(Inline):
    permission = Permission.MANAGE_ORDERS
    model = OrderEvent
    fields = ("created_at", "kind", "message", "is_public")
    readonly_fields = fields
    ordering = ("pk",)


@admin.register(Order)
class OrderAdmin(Browsed):
    permission = Permission.MANAGE_ORDERS
    list_display = ("number", "status", "email", "total", "total_change", "currency", "placed_at", "payment_due_at")
    list_filter = ("status",)
    search_fields = ("=number", "=email")
    ordering = ("-placed_at", "-pk")
    # Whoever has the token reads the order as its buyer does.
    exclude = ("status_token", "cart")
    inlines = (OrderLineInline, FulfillmentInline, OrderEditInline, OrderEventInline)


class DraftLineInline(Inline):
    permission = Permission.MANAGE_ORDERS
    model = DraftLine
    fields = ("position", "variant", "title", "quantity", "price", "price_reason", "tax_class")
    ordering = ("position",)


@admin.register(DraftOrder)
class DraftOrderAdmin(Browsed):
    permission = Permission.MANAGE_ORDERS
    list_display = ("name", "email", "total", "currency", "order", "created_at", "completed_at")
    list_select_related = ("order",)
    search_fields = ("=email",)
    ordering = ("-pk",)
    inlines = (DraftLineInline,)


class ReturnLineInline(Inline):
    permission = Permission.MANAGE_ORDERS
    model = ReturnLine
    fields = ("order_line", "quantity", "good", "damaged")
    ordering = ("pk",)


@admin.register(Return)
class ReturnAdmin(Browsed):
    permission = Permission.MANAGE_ORDERS
    list_display = ("order", "status", "reason", "created_at", "decided_at")
    list_select_related = ("order",)
    list_filter = ("status",)
    search_fields = ("=order__number",)
    ordering = ("-created_at", "-pk")
    inlines = (ReturnLineInline,)


@admin.register(TaxAnswer)
class TaxAnswerAdmin(Browsed):
    permission = Permission.MANAGE_CATALOG
    list_display = ("digest", "answer", "asked_at", "expires_at")
    ordering = ("-asked_at", "-pk")


@admin.register(TaxRate)
class TaxRateAdmin(Browsed):
    permission = Permission.MANAGE_CATALOG
    list_display = ("title", "country", "region", "tax_class", "rate", "applies_to_shipping")
    list_filter = ("country",)
    list_select_related = ("tax_class",)
    ordering = ("country", "pk")


@admin.register(Refund)
class RefundAdmin(Browsed):
    permission = Permission.MANAGE_ORDERS
    list_display = ("payment", "amount", "goodwill", "status", "reason", "created_at", "settled_at")
    list_filter = ("status",)
    list_select_related = ("payment",)
    ordering = ("-pk",)


@admin.register(EarnedPoints)
class EarnedPointsAdmin(Browsed):
    permission = Permission.MANAGE_CUSTOMERS
    list_display = ("order", "points", "credited", "missed", "available_at")
    list_select_related = ("order",)
    search_fields = ("=order__number", "=order__email")
    ordering = ("-pk",)
