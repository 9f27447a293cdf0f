"""What is stored of carts, orders and payments."""

from checkout.models.cart import Cart, CartAddress, CartLine
from checkout.models.download import DownloadGrant
from checkout.models.draft import DraftLine, DraftOrder
from checkout.models.earned_points import EarnedPoints
from checkout.models.edit import OrderEdit
from checkout.models.event import OrderEvent, OrderEventKind
from checkout.models.fulfilment import Fulfillment, FulfillmentLine
from checkout.models.gift_card import CartGiftCard, GiftCard, GiftCardEntry, GiftCardEntryKind
from checkout.models.invoice import Invoice, InvoiceKind, InvoiceSeries
from checkout.models.order import Order, OrderLine, OrderStatus
from checkout.models.payment import (
    MpesaPush,
    Payment,
    PaymentEntry,
    PaymentEntryKind,
    PaymentStatus,
    Refund,
    RefundStatus,
    TestCharge,
    TestRefund,
)
from checkout.models.promotion import (
    Promotion,
    PromotionCode,
    PromotionCustomer,
    PromotionKind,
    PromotionUse,
)
from checkout.models.returns import Return, ReturnLine, ReturnStatus, Settlement
from checkout.models.shipping import (
    CarrierQuote,
    ShippingBasis,
    ShippingClassRule,
    ShippingMethod,
    ShippingRate,
    ShippingZone,
)
from checkout.models.tax import TaxAnswer, TaxRate
from checkout.models.webhook import WebhookEvent

__all__ = [
    "CarrierQuote",
    "Cart",
    "CartAddress",
    "CartGiftCard",
    "CartLine",
    "DownloadGrant",
    "DraftLine",
    "DraftOrder",
    "EarnedPoints",
    "Fulfillment",
    "FulfillmentLine",
    "GiftCard",
    "GiftCardEntry",
    "GiftCardEntryKind",
    "Invoice",
    "InvoiceKind",
    "InvoiceSeries",
    "MpesaPush",
    "Order",
    "OrderEdit",
    "OrderEvent",
    "OrderEventKind",
    "OrderLine",
    "OrderStatus",
    "Payment",
    "PaymentEntry",
    "PaymentEntryKind",
    "PaymentStatus",
    "Promotion",
    "PromotionCode",
    "PromotionCustomer",
    "PromotionKind",
    "PromotionUse",
    "Refund",
    "RefundStatus",
    "Return",
    "ReturnLine",
    "ReturnStatus",
    "Settlement",
    "ShippingBasis",
    "ShippingClassRule",
    "ShippingMethod",
    "ShippingRate",
    "ShippingZone",
    "TaxAnswer",
    "TaxRate",
    "TestCharge",
    "TestRefund",
    "WebhookEvent",
]
