"""The catalog in Django's admin, for looking around; only the tree can be changed there, by drag and drop.

Prices, stock and texts have rules and facts that only the commands behind the API keep.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from treebeard.admin import TreeAdmin

from accounts.admin_reading import Browsed, Inline, ReadOnly
from accounts.staff import Permission
from catalog import categories
from catalog.models import (
    Attribute,
    AttributeChoice,
    AttributeValue,
    Brand,
    BulkJob,
    BundlePart,
    Category,
    CategoryAttribute,
    Collection,
    CollectionProduct,
    CollectionRule,
    DigitalFile,
    LowStock,
    Menu,
    MenuItem,
    Page,
    PriceList,
    Product,
    ProductAlert,
    ProductImage,
    ProductOption,
    ProductVariant,
    Review,
    ScheduledPriceChange,
    SearchSynonym,
    SearchWord,
    ShippingClass,
    StockCount,
    StockCountLine,
    StockLevel,
    StockLocation,
    StockMovement,
    StockTransfer,
    StockTransferLine,
    TaxClass,
    Translation,
    UrlRedirect,
    Wishlist,
    WishlistItem,
)
from shop.errors import Refusal


class VariantInline(Inline):
    model = ProductVariant
    fields = ("sku", "title", "prices", "on_hand", "reserved", "barcode", "weight_grams", "requires_shipping")
    readonly_fields = ("prices", "on_hand", "reserved")
    ordering = ("position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any, Any]:
        rows: QuerySet[Any, Any] = super().get_queryset(request).prefetch_related("prices__price_list")
        counted: QuerySet[Any, Any] = rows.annotate(
            units_on_hand=Sum("stock_levels__on_hand", default=0),
            units_reserved=Sum("stock_levels__reserved", default=0),
        )
        return counted

    def prices(self, variant: ProductVariant) -> str:
        prices = [price for price in variant.prices.all() if price.price_list.is_base and price.min_quantity == 1]
        return ", ".join(str(price) for price in sorted(prices, key=lambda price: price.price_list.currency))

    def on_hand(self, variant: Any) -> int:
        return int(variant.units_on_hand)

    def reserved(self, variant: Any) -> int:
        return int(variant.units_reserved)


class OptionInline(Inline):
    model = ProductOption
    fields = ("name", "values")
    ordering = ("position",)


class ImageInline(Inline):
    model = ProductImage
    fields = ("src", "alt", "width", "height")
    ordering = ("position",)


class ValueInline(Inline):
    model = AttributeValue
    fields = ("attribute", "variant", "choice", "number", "text", "boolean", "date", "applies")
    ordering = ("attribute__position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any, Any]:
        return super().get_queryset(request).select_related("attribute", "variant", "choice")


@admin.register(Product)
class ProductAdmin(Browsed):
    list_display = ("title", "handle", "status", "category", "brand", "updated_at")
    list_select_related = ("category", "brand")
    list_filter = ("status",)
    search_fields = ("title", "handle", "variants__sku")
    ordering = ("title", "pk")
    exclude = ("search",)
    inlines = (OptionInline, VariantInline, ImageInline, ValueInline)


@admin.register(Category)
class CategoryAdmin(ReadOnly, TreeAdmin):  # type: ignore[misc]
    """Dragging a category takes the way every move takes; its texts are read-only here."""

    list_display = ("title", "handle", "is_active", "is_listed", "updated_at")
    search_fields = ("title", "handle")
    exclude = ("path", "depth", "numchild")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """The page asks this to know what can be dragged."""
        return self.has_view_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [field.name for field in Category._meta.fields if field.name not in self.exclude]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        nothing_to_save = dict.fromkeys(("show_save", "show_save_and_continue", "show_save_and_add_another"), False)
        page: HttpResponse = super().change_view(request, object_id, form_url, nothing_to_save | (extra_context or {}))
        return page

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Nothing here can be changed, so there is nothing to save."""

    def move_node(self, request: HttpRequest) -> HttpResponse:
        """Answer a drag: `node` becomes the last child of `target`, or stands before it."""
        if not self.has_view_permission(request):
            return HttpResponse(status=403)
        node = Category.objects.filter(pk=_number(request.POST.get("node"))).first()
        target = Category.objects.filter(pk=_number(request.POST.get("target"))).first()
        if node is None or target is None:
            return HttpResponseBadRequest("There is no such category.")
        try:
            if request.POST.get("relation") == "child":
                categories.move(category_id=node.pk, parent_id=target.pk)
            else:
                parent = Category.objects.get_parent(target)
                categories.move(category_id=node.pk, parent_id=parent and parent.pk, before_id=target.pk)
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return HttpResponseBadRequest(refusal.message)
        messages.info(request, f"{node} has moved.")
        return HttpResponse("OK")


class ChoiceInline(Inline):
    model = AttributeChoice
    ordering = ("position",)


class AttributePlaceInline(Inline):
    model = CategoryAttribute
    ordering = ("category__path",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any, Any]:
        return super().get_queryset(request).select_related("category")


@admin.register(Attribute)
class AttributeAdmin(Browsed):
    list_display = ("name", "handle", "kind", "unit", "is_filterable", "position")
    list_filter = ("kind", "is_filterable")
    search_fields = ("name", "handle")
    ordering = ("position", "pk")
    inlines = (ChoiceInline, AttributePlaceInline)


class PlaceInline(Inline):
    model = CollectionProduct
    fields = ("position", "product")
    ordering = ("position", "product_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any, Any]:
        return super().get_queryset(request).select_related("product")


@admin.register(Review)
class ReviewAdmin(Browsed):
    permission = Permission.MANAGE_REVIEWS
    list_display = ("product", "rating", "title", "author_name", "status", "is_verified_purchase", "edited_at")
    list_select_related = ("product",)
    list_filter = ("status", "rating", "is_verified_purchase")
    search_fields = ("product__title", "author_name", "title", "body")
    ordering = ("-edited_at", "-pk")


class WishlistItemInline(Inline):
    model = WishlistItem
    fields = ("variant", "added_at")
    readonly_fields = ("added_at",)
    ordering = ("-added_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any, Any]:
        return super().get_queryset(request).select_related("variant")


@admin.register(Wishlist)
class WishlistAdmin(Browsed):
    permission = Permission.MANAGE_CUSTOMERS
    list_display = ("name", "owner", "is_default", "updated_at")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__email")
    ordering = ("-updated_at", "-pk")
    # Whoever has the token may read the list: that is for its owner to tell.
    exclude = ("share_token",)
    inlines = (WishlistItemInline,)


@admin.register(ProductAlert)
class ProductAlertAdmin(Browsed):
    permission = Permission.MANAGE_CUSTOMERS
    list_display = ("variant", "kind", "status", "customer", "email", "created_at", "sent_at")
    list_select_related = ("variant", "customer")
    list_filter = ("kind", "status")
    search_fields = ("variant__sku", "email", "customer__email")
    ordering = ("-created_at", "-pk")
    exclude = ("token",)


class RuleInline(Inline):
    model = CollectionRule
    ordering = ("position",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any, Any]:
        return super().get_queryset(request).select_related("category", "brand")


@admin.register(Collection)
class CollectionAdmin(Browsed):
    list_display = ("title", "handle", "rule_match", "is_active", "updated_at")
    search_fields = ("title", "handle")
    ordering = ("title", "pk")
    inlines = (PlaceInline, RuleInline)


@admin.register(Brand)
class BrandAdmin(Browsed):
    list_display = ("name", "handle")
    search_fields = ("name",)
    ordering = ("name", "pk")


@admin.register(Page)
class PageAdmin(Browsed):
    list_display = ("title", "handle", "is_published", "updated_at")
    search_fields = ("title", "handle")
    ordering = ("title", "pk")


class MenuItemInline(Inline):
    model = MenuItem
    fields = ("title", "path", "category", "levels", "parent", "position")
    ordering = ("position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any, Any]:
        return super().get_queryset(request).select_related("parent__category", "category")


@admin.register(Menu)
class MenuAdmin(Browsed):
    list_display = ("title", "handle")
    ordering = ("title", "pk")
    inlines = (MenuItemInline,)


@admin.register(UrlRedirect)
class UrlRedirectAdmin(Browsed):
    list_display = ("path", "target", "created_at")
    search_fields = ("path", "target")
    ordering = ("path", "pk")


@admin.register(Translation)
class TranslationAdmin(Browsed):
    list_display = (
        "language",
        "product",
        "category",
        "collection",
        "page",
        "menu_item",
        "option",
        "attribute",
        "updated_at",
    )
    list_select_related = ("product", "category", "collection", "page", "menu_item", "option", "attribute")
    list_filter = ("language",)
    search_fields = ("handle",)
    ordering = ("-pk",)


@admin.register(SearchSynonym)
class SearchSynonymAdmin(Browsed):
    list_display = ("__str__", "language", "updated_at")
    ordering = ("pk",)


@admin.register(SearchWord)
class SearchWordAdmin(Browsed):
    list_display = ("word", "language", "product_count")
    list_filter = ("language",)
    search_fields = ("word",)
    ordering = ("-product_count", "word")


@admin.register(BundlePart)
class BundlePartAdmin(Browsed):
    list_display = ("bundle", "quantity", "part_sku", "part")
    list_select_related = ("bundle", "part")
    search_fields = ("bundle__sku", "part_sku")
    ordering = ("bundle__sku", "pk")


@admin.register(DigitalFile)
class DigitalFileAdmin(Browsed):
    list_display = ("title", "variant", "file_name", "size", "download_limit", "valid_days")
    list_select_related = ("variant",)
    search_fields = ("title", "variant__sku")
    ordering = ("-pk",)
    exclude = ("name",)


@admin.register(StockLocation)
class StockLocationAdmin(Browsed):
    permission = Permission.MANAGE_INVENTORY
    list_display = ("name", "code", "priority", "countries", "is_active")
    search_fields = ("name", "code")
    ordering = ("priority", "pk")


@admin.register(StockLevel)
class StockLevelAdmin(Browsed):
    permission = Permission.MANAGE_INVENTORY
    list_display = ("variant", "location", "on_hand", "reserved", "safety_stock", "backorder_limit")
    list_select_related = ("variant", "location")
    list_filter = ("location",)
    search_fields = ("variant__sku",)
    ordering = ("variant__sku", "pk")


@admin.register(LowStock)
class LowStockAdmin(Browsed):
    permission = Permission.MANAGE_INVENTORY
    list_display = ("__str__", "variant", "since", "is_told")
    list_select_related = ("variant",)
    search_fields = ("variant__sku",)
    ordering = ("-since", "-pk")


class TransferLineInline(Inline):
    permission = Permission.MANAGE_INVENTORY
    model = StockTransferLine
    fields = ("variant", "quantity", "received")
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any, Any]:
        return super().get_queryset(request).select_related("variant")


@admin.register(StockTransfer)
class StockTransferAdmin(Browsed):
    permission = Permission.MANAGE_INVENTORY
    list_display = ("__str__", "status", "origin", "destination", "created_at", "shipped_at", "closed_at")
    list_select_related = ("origin", "destination")
    list_filter = ("status",)
    ordering = ("-pk",)
    inlines = (TransferLineInline,)


class StockCountLineInline(Inline):
    permission = Permission.MANAGE_INVENTORY
    model = StockCountLine
    fk_name = "count"
    fields = ("variant", "expected", "counted", "counted_by", "counted_at")
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any, Any]:
        return super().get_queryset(request).select_related("variant", "counted_by")


@admin.register(StockCount)
class StockCountAdmin(Browsed):
    permission = Permission.MANAGE_INVENTORY
    list_display = ("__str__", "status", "location", "created_by", "created_at", "closed_at")
    list_select_related = ("location", "created_by")
    list_filter = ("status", "location")
    ordering = ("-pk",)
    inlines = (StockCountLineInline,)


@admin.register(StockMovement)
class StockMovementAdmin(Browsed):
    permission = Permission.MANAGE_INVENTORY
    list_display = (
        "created_at",
        "variant",
        "location",
        "kind",
        "on_hand_delta",
        "reserved_delta",
        "unit_cost",
        "reference",
        "actor",
    )
    list_select_related = ("variant", "location", "actor")
    list_filter = ("kind", "location")
    search_fields = ("variant__sku", "reference")
    ordering = ("-pk",)


@admin.register(BulkJob)
class BulkJobAdmin(Browsed):
    list_display = ("__str__", "status", "format", "is_dry_run", "processed", "total", "failed", "created_at")
    list_filter = ("status", "kind")
    exclude = ("place",)
    ordering = ("-pk",)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


@admin.register(PriceList)
class PriceListAdmin(Browsed):
    list_display = ("title", "currency", "priority", "is_current", "starts_at", "ends_at")
    list_filter = ("currency", "is_current")
    search_fields = ("title", "handle")
    ordering = ("priority", "pk")


@admin.register(ScheduledPriceChange)
class ScheduledPriceChangeAdmin(Browsed):
    list_display = ("at", "variant", "price_list", "amount", "compare_at")
    list_select_related = ("variant", "price_list")
    list_filter = ("price_list",)
    ordering = ("at", "pk")


@admin.register(TaxClass, ShippingClass)
class ClassAdmin(Browsed):
    permission = Permission.MANAGE_CATALOG
    list_display = ("title", "handle")
    search_fields = ("title", "handle")
    ordering = ("title", "pk")
