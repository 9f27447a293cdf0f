"""Reading the catalog as shoppers see it: plain rows, one statement for each kind of row however many are wanted."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Collection as Some
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from django.contrib.postgres.search import SearchRank
from django.db.models import (
    Exists,
    F,
    FilteredRelation,
    FloatField,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    Window,
)
from django.db.models.functions import Cast, Coalesce, RowNumber

from accounts.actors import Actor
from accounts.staff import Permission
from catalog import search, stock
from catalog.models import Price, Product, ProductImage, ProductOption, ProductVariant
from catalog.models.product import ProductQuerySet
from shop import paging
from shop.errors import InvalidInput
from shop.paging import Order, Page, PageRequest


class ImageRow(NamedTuple):
    """A picture of a product."""

    product_id: int
    pk: int
    src: str
    alt: str
    width: int | None
    height: int | None


class ProductRow(NamedTuple):
    """A product with its offer in one currency (None where it has none) and its first picture."""

    pk: int
    handle: str
    title: str
    description_html: str
    product_type: str
    vendor: str | None
    tags: list[str]
    seo_title: str
    seo_description: str
    status: str
    category_id: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    sold_count: int
    is_in_stock: bool | None
    is_on_sale: bool | None
    price_min: Decimal | None
    price_max: Decimal | None
    image_pk: int | None
    image_src: str | None
    image_alt: str | None
    image_width: int | None
    image_height: int | None
    currency: str
    sort_key: Any


class OptionRow(NamedTuple):
    """A choice of a product, with its values in order; `place` counts the product's options from zero."""

    product_id: int
    place: int
    key: str
    name: str
    values: list[str]


class VariantRow(NamedTuple):
    """A variant with its price in one currency, its stock over all locations, its picture, and its product's words."""

    pk: int
    product_id: int
    sku: str
    title: str
    position: int
    option_values: list[str]
    barcode: str
    weight_grams: int
    requires_shipping: bool
    image_pk: int | None
    image_src: str | None
    image_alt: str | None
    image_width: int | None
    image_height: int | None
    amount: Decimal | None
    compare_at: Decimal | None
    free: int
    currency: str

    @property
    def is_for_sale(self) -> bool:
        return self.amount is not None and self.free > 0


class ProductSort(Enum):
    """Orders of a product list, each in its natural direction: cheapest, oldest, best selling, most relevant first."""

    ID = "pk"
    TITLE = "title"
    PRICE = "price_min"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    BEST_SELLING = "sold_count"
    PRODUCT_TYPE = "product_type"
    VENDOR = "vendor"
    RELEVANCE = "rank"
    MANUAL = "position"


_DESCENDING = {ProductSort.BEST_SELLING, ProductSort.RELEVANCE}
_PARSE: dict[ProductSort, Callable[[Any], Any]] = {
    ProductSort.PRICE: Decimal,
    ProductSort.CREATED_AT: datetime.fromisoformat,
    ProductSort.UPDATED_AT: datetime.fromisoformat,
    ProductSort.BEST_SELLING: int,
    ProductSort.MANUAL: int,
    ProductSort.RELEVANCE: float,
}


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products: all that is said must hold. `category_path` means the whole subtree."""

    category_path: str | None = None
    collection_id: int | None = None
    text: str | None = None
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    available: bool | None = None
    on_sale: bool | None = None
    brands: tuple[str, ...] = ()
    product_types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shopper:
    """For whom the catalog is read: what they may see, and the currency they see it in."""

    actor: Actor
    currency: str

    @property
    def keeps_catalog(self) -> bool:
        return self.actor.may(Permission.MANAGE_CATALOG)


def products(
    shopper: Shopper,
    wanted: Sequence[ProductFilter],
    request: PageRequest,
    sort: ProductSort | None = None,
    *,
    reverse: bool = False,
) -> list[Page[ProductRow]]:
    """For each filter a page of the products a shopper may see, all in one statement.

    Without `sort` a collection keeps the merchant's order and a category shows best sellers first.
    Raises InvalidInput, InvalidPage.
    """
    lists = [_list(shopper, one, sort, reverse=reverse) for one in wanted]
    windows = [paging.window(chosen, order, request) for chosen, order in lists]
    found = _product_lists(windows, [order for _, order in lists], request, shopper.currency)
    return [
        paging.finish(rows, chosen, order, request, _key_of(order))
        for rows, (chosen, order) in zip(found, lists, strict=True)
    ]


def products_by_id(shopper: Shopper, ids: Some[int]) -> dict[int, ProductRow]:
    """The visible ones of these products."""
    rows = _product_rows(_shown(Product.objects.filter(pk__in=ids), shopper), shopper.currency)
    return {row.pk: row for row in rows}


def products_regardless(currency: str, ids: Some[int]) -> dict[int, ProductRow]:
    """These products, shown to shoppers or not: a cart or an order still says what a variant in it belongs to."""
    rows = _product_rows(Product.objects.filter(pk__in=ids).offered_in(currency).with_picture(), currency)
    return {row.pk: row for row in rows}


def product(shopper: Shopper, handle: str) -> ProductRow | None:
    """The visible product with this handle."""
    return products_by_handle(shopper, [handle]).get(handle)


def products_by_handle(shopper: Shopper, handles: Some[str]) -> dict[str, ProductRow]:
    """The visible ones of the products with these handles."""
    rows = _product_rows(_shown(Product.objects.filter(handle__in=handles), shopper), shopper.currency)
    return {row.handle: row for row in rows}


def variants(shopper: Shopper, product_ids: Some[int]) -> dict[int, list[VariantRow]]:
    """The variants of each product that the shopper may buy, in the merchant's order."""
    found: dict[int, list[VariantRow]] = {product_id: [] for product_id in product_ids}
    chosen = ProductVariant.objects.filter(product_id__in=product_ids).order_by("product_id", "position", "pk")
    for row in _variant_rows(_sold(chosen, shopper), shopper.currency):
        found[row.product_id].append(row)
    return found


def variants_by_id(currency: str, ids: Some[int]) -> dict[int, VariantRow]:
    """These variants, priced in `currency` or not: a cart shows also what cannot be bought any more."""
    chosen = ProductVariant.objects.filter(pk__in=ids)
    return {row.pk: row for row in _variant_rows(chosen, currency)}


def visible_variants(shopper: Shopper, ids: Some[int]) -> dict[int, VariantRow]:
    """Those of these variants that a shopper finds under a product."""
    products = Product.objects.filter(variants__in=ids).visible_to(shopper.actor)
    chosen = ProductVariant.objects.filter(pk__in=ids, product__in=products)
    return {row.pk: row for row in _variant_rows(_sold(chosen, shopper), shopper.currency)}


def images(product_ids: Some[int], limit: int) -> dict[int, list[ImageRow]]:
    """The first `limit` pictures of each product."""
    found: dict[int, list[ImageRow]] = {product_id: [] for product_id in product_ids}
    rows = (
        ProductImage.objects.filter(product_id__in=product_ids)
        .annotate(number=Window(RowNumber(), partition_by="product_id", order_by=("position", "pk")))
        .filter(number__lte=limit)
        .order_by("product_id", "position", "pk")
    )
    for row in rows.values_list("product_id", "pk", "src", "alt", "width", "height"):
        found[row[0]].append(ImageRow(*row))
    return found


def options(product_ids: Some[int]) -> dict[int, list[OptionRow]]:
    """The options of each product, in the merchant's order."""
    found: dict[int, list[OptionRow]] = {product_id: [] for product_id in product_ids}
    rows = ProductOption.objects.filter(product_id__in=product_ids).order_by("product_id", "position")
    for product_id, pk, name, values in rows.values_list("product_id", "pk", "name", "values"):
        found[product_id].append(OptionRow(product_id, len(found[product_id]), str(pk), name, values))
    return found


def recommendations(shopper: Shopper, product_id: int, limit: int) -> list[ProductRow]:
    """Products to show beside this one: of its category and below, then of its brand, then with a tag in common.

    What can be bought now comes first, then the closest, then what sells best. Two statements; empty where the shopper
    does not see the product.
    """
    shown = Product.objects.filter(pk=product_id).visible_to(shopper.actor)
    origin = shown.values_list("category__path", "brand_id", "tags").first()
    if origin is None:
        return []
    path, brand_id, tags = origin
    others = _shown(Product.objects.exclude(pk=product_id), shopper)
    near = [others.below(path)]
    near += [others.filter(brand_id=brand_id)] if brand_id else []
    near += [others.filter(tags__overlap=tags)] if tags else []
    ways = (F("is_in_stock").desc(nulls_last=True), "-sold_count", "pk")
    marked = [
        rows.order_by(*ways)[:limit].values_list(Value(distance), *_PRODUCT_COLUMNS)
        for distance, rows in enumerate(near)
    ]
    merged: Iterable[Any] = marked[0].union(*marked[1:], all=True) if len(marked) > 1 else marked[0]
    found = [(distance, ProductRow._make((*columns, shopper.currency, None))) for distance, *columns in merged]
    found.sort(key=lambda one: (not one[1].is_in_stock, one[0], -one[1].sold_count, one[1].pk))
    return list({row.pk: row for _, row in found}.values())[:limit]


def _list(
    shopper: Shopper, wanted: ProductFilter, sort: ProductSort | None, *, reverse: bool
) -> tuple[QuerySet[Product], Order]:
    chosen, is_ranked = matching(shopper, wanted)
    if sort is None or (sort is ProductSort.MANUAL and wanted.collection_id is None):
        sort = ProductSort.BEST_SELLING if wanted.collection_id is None else ProductSort.MANUAL
    if sort is ProductSort.RELEVANCE and not is_ranked:
        sort = ProductSort.BEST_SELLING
    if sort is ProductSort.VENDOR:
        chosen = chosen.annotate(vendor=Coalesce("brand__name", Value("")))
    if sort is ProductSort.PRICE:
        chosen = _offered(chosen)
    descending = (sort in _DESCENDING) != reverse
    order = Order(f"{sort.name} {descending:d}", sort.value, descending, _PARSE.get(sort, str))
    return chosen, order


def matching(shopper: Shopper, wanted: ProductFilter) -> tuple[ProductQuerySet, bool]:
    """Those wanted that the shopper may see, in no order, and whether they have a `rank`. Raises InvalidInput."""
    chosen = _filtered(_shown(Product.objects.all(), shopper), wanted, shopper.currency)
    if wanted.text and wanted.text.strip():
        return _found(chosen, search.read(wanted.text), shopper.currency)
    return chosen, False


def _found(chosen: ProductQuerySet, asked: search.Asked, currency: str) -> tuple[ProductQuerySet, bool]:
    """What is asked for in words, and whether it has a `rank`."""
    words = search.query(asked)
    if words is None and not asked.terms:
        return chosen.none(), False
    chosen = chosen.filter(*(_term(term, currency) for term in asked.terms))
    if words is None:
        return chosen, False
    # The rank is a float4: as it is, no comparison with what a cursor remembers of it would be exact.
    return chosen.filter(search=words).annotate(rank=Cast(SearchRank(F("search"), words), FloatField())), True


def _term(term: search.Term, currency: str) -> Q:
    match term:
        case search.Term(field="tag"):
            found = Q(tags__contains=[term.value])
        case search.Term(field="vendor"):
            found = Q(brand__name__iexact=term.value)
        case search.Term(field="product_type"):
            found = Q(product_type__iexact=term.value)
        case search.Term(field="available_for_sale"):
            found = Q(is_in_stock=term.value)
        case _:
            found = Q(pk__in=_priced(currency, **{f"amount__{term.comparison}": term.value}))
    return ~found if term.is_excluded else found


def _priced(currency: str, **amount: Any) -> QuerySet[Any, Any]:
    """The products that have a variant with such an amount."""
    return Price.objects.filter(currency=currency, **amount).values("variant__product")


def _filtered(chosen: ProductQuerySet, wanted: ProductFilter, currency: str) -> ProductQuerySet:
    if wanted.price_min is not None and wanted.price_max is not None and wanted.price_min > wanted.price_max:
        raise InvalidInput("The lowest price must not exceed the highest.", field=("price",))
    if wanted.category_path is not None:
        chosen = chosen.below(wanted.category_path)
    if wanted.collection_id is not None:
        # The column is bound to this very join: a later condition on `places__position` would join any other place.
        chosen = chosen.filter(places__collection=wanted.collection_id).annotate(position=F("places__position"))
    if wanted.price_min is not None and wanted.price_max is not None:
        # The range of an offer may span the wanted one without a single price inside it.
        chosen = chosen.filter(pk__in=_priced(currency, amount__gte=wanted.price_min, amount__lte=wanted.price_max))
    conditions: dict[str, Any] = {
        "price_max__gte": wanted.price_min,
        "price_min__lte": wanted.price_max,
        "is_in_stock": wanted.available,
        "is_on_sale": wanted.on_sale,
        "brand__name__in": wanted.brands or None,
        "product_type__in": wanted.product_types or None,
        "tags__overlap": list(wanted.tags) or None,
    }
    return chosen.filter(**{name: value for name, value in conditions.items() if value is not None})


def _shown(chosen: ProductQuerySet, shopper: Shopper) -> ProductQuerySet:
    """Those a shopper may see, with offer and picture: a product without a price in a currency is not sold in it."""
    visible = chosen.visible_to(shopper.actor).offered_in(shopper.currency).with_picture()
    return visible if shopper.keeps_catalog else _offered(visible)


def _offered(chosen: Any) -> ProductQuerySet:
    found: ProductQuerySet = chosen.filter(price_min__isnull=False)
    return found


_PRODUCT_COLUMNS = (
    "pk",
    "handle",
    "title",
    "description_html",
    "product_type",
    "brand__name",
    "tags",
    "seo_title",
    "seo_description",
    "status",
    "category_id",
    "created_at",
    "updated_at",
    "published_at",
    "sold_count",
    "is_in_stock",
    "is_on_sale",
    "price_min",
    "price_max",
    "picture__pk",
    "picture__src",
    "picture__alt",
    "picture__width",
    "picture__height",
)


def _product_rows(chosen: QuerySet[Any, Any], currency: str) -> list[ProductRow]:
    rows: Iterable[Any] = chosen.values_list(*_PRODUCT_COLUMNS)
    return [ProductRow._make((*row, currency, None)) for row in rows]


def _product_lists(
    windows: Sequence[QuerySet[Any, Any]], orders: Sequence[Order], request: PageRequest, currency: str
) -> list[list[ProductRow]]:
    """The rows of each window. Several windows are one UNION ALL, each row marked with its list and its place."""
    marked = []
    for number, (rows, order) in enumerate(zip(windows, orders, strict=True)):
        ordering = [_ordering(column) for column in order.columns_from(request)]
        place = Window(RowNumber(), order_by=ordering) if len(windows) > 1 else Value(0)
        marked.append(rows.values_list(Value(number), place, F(order.key), *_PRODUCT_COLUMNS))
    found: list[list[ProductRow]] = [[] for _ in windows]
    if not marked:
        return found
    merged: Iterable[Any] = marked[0].union(*marked[1:], all=True) if len(marked) > 1 else marked[0]
    for number, _place, sort_key, *columns in sorted(merged, key=lambda row: row[:2]):
        found[number].append(ProductRow._make((*columns, currency, sort_key)))
    return found


def _ordering(column: str) -> OrderBy:
    return F(column[1:]).desc() if column.startswith("-") else F(column).asc()


def _key_of(order: Order) -> Callable[[ProductRow], tuple[Any, ...]]:
    if order.key == "pk":
        return lambda row: (row.pk,)
    return lambda row: (row.sort_key, row.pk)


def _sold(chosen: QuerySet[ProductVariant], shopper: Shopper) -> QuerySet[ProductVariant]:
    """For shoppers only what has a price in their currency."""
    if shopper.keeps_catalog:
        return chosen
    return chosen.filter(Exists(Price.objects.filter(variant=OuterRef("pk"), currency=shopper.currency)))


def _variant_rows(chosen: QuerySet[ProductVariant], currency: str) -> Sequence[VariantRow]:
    priced = chosen.annotate(price=FilteredRelation("prices", condition=Q(prices__currency=currency)))
    rows: Iterable[Any] = priced.values_list(
        "pk",
        "product_id",
        "sku",
        "title",
        "position",
        "option_values",
        "barcode",
        "weight_grams",
        "requires_shipping",
        "image_id",
        "image__src",
        "image__alt",
        "image__width",
        "image__height",
        "price__amount",
        "price__compare_at",
        Coalesce(Subquery(stock.free_of(OuterRef("pk"))), 0),
    )
    return [VariantRow._make((*row, currency)) for row in rows]
