"""The one schema: every query and mutation of the shop."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.alerts import AlertMutations, AlertQueries
from schema.attribute_changes import AttributeMutations
from schema.attributes import AttributeQueries
from schema.bills import CartAutomaticDiscountAllocation, CartCodeDiscountAllocation
from schema.blogs import BlogQueries
from schema.brands import BrandMutations, BrandQueries
from schema.bulk import BulkMutations, BulkQueries
from schema.bulk_upsert import BulkUpsertMutations
from schema.bundles import BundleMutations
from schema.cart_changes import CartMutations
from schema.cart_gift_cards import CartGiftCardMutations
from schema.cart_merging import CartMergeMutations
from schema.cart_points import CartPointsMutations
from schema.cart_saved_lines import CartSavedLineMutations
from schema.cart_store_credit import CartStoreCreditMutations
from schema.carts import CartLine, CartQueries, ComponentizableCartLine
from schema.categories import CategoryQueries
from schema.category_changes import CategoryMutations
from schema.checkouts import CheckoutMutations
from schema.classes import ClassMutations, ClassQueries
from schema.collection_changes import CollectionMutations
from schema.collections import CollectionQueries
from schema.content import ContentQueries
from schema.content_changes import ContentMutations
from schema.credit_limits import CreditLimitMutations, CreditLimitQueries
from schema.customer_groups import CustomerGroupMutations, CustomerGroupQueries
from schema.customer_points import CustomerPointsMutations
from schema.customers import CustomerMutations, CustomerQueries
from schema.digital import DigitalMutations
from schema.directives import in_context
from schema.downloads import DownloadMutations
from schema.draft_changes import DraftOrderMutations
from schema.drafts import DraftOrderQueries
from schema.exchanges import ExchangeMutations
from schema.fulfillments import FulfillmentMutations
from schema.further_payments import FurtherPaymentMutations
from schema.gift_cards import GiftCardMutations, GiftCardQueries
from schema.inventory import InventoryMutations
from schema.invoices import InvoiceMutations
from schema.ledger import LedgerQueries
from schema.locations import LocationMutations, LocationQueries
from schema.low_stock import LowStockMutations, LowStockQueries
from schema.loyalty import LoyaltyMutations, LoyaltyQueries
from schema.node_query import NodeQueries
from schema.order_changes import OrderChangeMutations
from schema.order_edits import OrderEditMutations
from schema.orders import OrderMutations, OrderQueries, OrderSubscriptions
from schema.payments import PaymentMutations
from schema.price_changes import PriceChangeMutations, PriceChangeQueries
from schema.price_lists import PriceListMutations, PriceListQueries
from schema.product_changes import ProductMutations
from schema.product_media import ProductMediaMutations
from schema.product_variants import ProductVariantMutations
from schema.products import ProductQueries
from schema.promotion_changes import PromotionMutations
from schema.promotions import PromotionQueries
from schema.redirects import RedirectMutations, RedirectQueries
from schema.retries import idempotent
from schema.return_changes import ReturnMutations
from schema.reviews import ReviewMutations, ReviewQueries
from schema.scalars import SCALARS
from schema.search import SearchQueries
from schema.shipping import ShippingMutations, ShippingQueries
from schema.shop import ShopQueries
from schema.sitemap import SitemapQueries, SitemapResource, SitemapResourceMetaobject
from schema.stock_counts import StockCountMutations, StockCountQueries
from schema.store_credit_changes import StoreCreditMutations
from schema.synonyms import SynonymMutations, SynonymQueries
from schema.tags import TagMutations, TagQueries
from schema.taxes import TaxMutations, TaxQueries
from schema.transfers import TransferMutations, TransferQueries
from schema.translations import TranslationMutations, TranslationQueries
from schema.wishlists import WishlistMutations, WishlistQueries


@strawberry.type(description="Everything that can be read.")
class Query(
    AlertQueries,
    AttributeQueries,
    BlogQueries,
    BrandQueries,
    CartQueries,
    CategoryQueries,
    ClassQueries,
    CollectionQueries,
    ContentQueries,
    CreditLimitQueries,
    CustomerGroupQueries,
    CustomerQueries,
    LoyaltyQueries,
    DraftOrderQueries,
    GiftCardQueries,
    LedgerQueries,
    BulkQueries,
    LocationQueries,
    LowStockQueries,
    NodeQueries,
    OrderQueries,
    PriceChangeQueries,
    PriceListQueries,
    ProductQueries,
    PromotionQueries,
    RedirectQueries,
    ReviewQueries,
    SearchQueries,
    ShippingQueries,
    ShopQueries,
    SitemapQueries,
    StockCountQueries,
    SynonymQueries,
    TagQueries,
    TaxQueries,
    TransferQueries,
    TranslationQueries,
    WishlistQueries,
):
    pass


@strawberry.type(description="Everything that can be changed.")
class Mutation(
    AlertMutations,
    AttributeMutations,
    BrandMutations,
    BundleMutations,
    CartGiftCardMutations,
    CartMergeMutations,
    CartMutations,
    CartPointsMutations,
    CartStoreCreditMutations,
    CartSavedLineMutations,
    CategoryMutations,
    ClassMutations,
    CheckoutMutations,
    CollectionMutations,
    ContentMutations,
    CreditLimitMutations,
    CustomerGroupMutations,
    CustomerMutations,
    CustomerPointsMutations,
    StoreCreditMutations,
    LoyaltyMutations,
    DigitalMutations,
    DownloadMutations,
    DraftOrderMutations,
    ExchangeMutations,
    FulfillmentMutations,
    FurtherPaymentMutations,
    GiftCardMutations,
    InventoryMutations,
    InvoiceMutations,
    LocationMutations,
    LowStockMutations,
    OrderChangeMutations,
    OrderEditMutations,
    OrderMutations,
    PriceChangeMutations,
    PriceListMutations,
    PaymentMutations,
    ProductMediaMutations,
    ProductMutations,
    ProductVariantMutations,
    PromotionMutations,
    ShippingMutations,
    StockCountMutations,
    TagMutations,
    TaxMutations,
    TransferMutations,
    TranslationMutations,
    BulkMutations,
    BulkUpsertMutations,
    RedirectMutations,
    ReturnMutations,
    ReviewMutations,
    SynonymMutations,
    WishlistMutations,
):
    pass


@strawberry.type(
    description="Everything that can be watched: over a WebSocket or an event stream, at an address of its own."
)
class Subscription(OrderSubscriptions):
    pass


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[
        CartAutomaticDiscountAllocation,
        CartCodeDiscountAllocation,
        CartLine,
        ComponentizableCartLine,
        SitemapResource,
        SitemapResourceMetaobject,
    ],  # known only through their interface
    directives=[in_context, idempotent],
    config=StrawberryConfig(scalar_map=SCALARS),
)
