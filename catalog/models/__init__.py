"""What is stored of the catalog."""

from catalog.models.alert import AlertKind, AlertStatus, ProductAlert
from catalog.models.attribute import Attribute, AttributeChoice, AttributeKind, AttributeValue, CategoryAttribute
from catalog.models.bulk import (
    BulkChunk,
    BulkError,
    BulkFormat,
    BulkJob,
    BulkJobKind,
    BulkJobStatus,
    BulkOnError,
)
from catalog.models.bundle import BundlePart
from catalog.models.category import Category, CategoryFacts
from catalog.models.classes import ShippingClass, TaxClass
from catalog.models.collection import Collection, CollectionProduct, CollectionRule, ListHandle, RuleMatch
from catalog.models.content import Menu, MenuItem, Page, UrlRedirect
from catalog.models.digital import DigitalFile
from catalog.models.price import Offer, Price, PriceList
from catalog.models.price_change import PriceChange, ScheduledPriceChange
from catalog.models.product import (
    Brand,
    BundlePricing,
    Product,
    ProductImage,
    ProductOption,
    ProductStatus,
    ProductVariant,
)
from catalog.models.review import Review, ReviewStatus, ReviewVote
from catalog.models.search import SearchDocument, SearchEdition, SearchSynonym, SearchWord
from catalog.models.stock import LowStock, MovementKind, StockHold, StockLevel, StockLocation, StockMovement
from catalog.models.stock_count import StockCount, StockCountLine, StockCountStatus
from catalog.models.transfer import StockTransfer, StockTransferLine, TransferStatus
from catalog.models.translation import Translation
from catalog.models.wishlist import Wishlist, WishlistItem

__all__ = [
    "AlertKind",
    "AlertStatus",
    "Attribute",
    "AttributeChoice",
    "AttributeKind",
    "AttributeValue",
    "Brand",
    "BulkChunk",
    "BulkError",
    "BulkFormat",
    "BulkJob",
    "BulkJobKind",
    "BulkJobStatus",
    "BulkOnError",
    "BundlePart",
    "BundlePricing",
    "Category",
    "CategoryAttribute",
    "CategoryFacts",
    "Collection",
    "CollectionProduct",
    "CollectionRule",
    "DigitalFile",
    "ListHandle",
    "LowStock",
    "Menu",
    "MenuItem",
    "MovementKind",
    "Offer",
    "Page",
    "Price",
    "PriceChange",
    "PriceList",
    "Product",
    "ProductAlert",
    "ProductImage",
    "ProductOption",
    "ProductStatus",
    "ProductVariant",
    "Review",
    "ReviewStatus",
    "ReviewVote",
    "RuleMatch",
    "ScheduledPriceChange",
    "SearchDocument",
    "SearchEdition",
    "SearchSynonym",
    "SearchWord",
    "ShippingClass",
    "StockCount",
    "StockCountLine",
    "StockCountStatus",
    "StockHold",
    "StockLevel",
    "StockLocation",
    "StockMovement",
    "StockTransfer",
    "StockTransferLine",
    "TaxClass",
    "TransferStatus",
    "Translation",
    "UrlRedirect",
    "Wishlist",
    "WishlistItem",
]
