"""Reading products as shoppers see them: plain rows, one statement however many; `details` has what belongs to each."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Collection as Some
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db.models import (
    F,
    Func,
    OrderBy,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    Window,
)
from django.db.models.functions import Cast, Coalesce, RowNumber

from catalog import filters, translated
from catalog.filters import ProductFilter
from catalog.models import Brand, CategoryFacts, Product, ProductImage
from catalog.models.price import Tariff
from catalog.shopper import Shopper, anybody
from shop import paging, prepared
from shop.paging import Order, Page, PageRequest, Place
from shop.prepared import Bound


class ProductRow(NamedTuple):
    """A product with its offer by one price list (None where it has none) and its first picture.

    Of the picture the id, `src`, `alt`, width and height, all as text.
    """

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
    picture: list[str | None] | None
    currency: str
    sort_key: Any


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
    orders = [_order(_sort(one, sort), reverse=reverse) for one in wanted]
    statements = []
    for number, (one, order) in enumerate(zip(wanted, orders, strict=True)):
        with suppress(EmptyResultSet):
            statements.append(_bound(shopper, number, one, order, request, is_alone=len(wanted) == 1))
    read = sorted(prepared.rows(statements), key=itemgetter(0, 1))
    rows = [ProductRow._make((*columns, shopper.currency, sort_key)) for _number, _place, sort_key, *columns in read]
    found: list[list[ProductRow]] = [[] for _ in wanted]
    for (number, *_), row in zip(read, told(shopper.language, rows), strict=True):
        found[number].append(row)
    return [
        paging.finish(rows, Listing(shopper, one), order, request, _key_of(order))
        for rows, one, order in zip(found, wanted, orders, strict=True)
    ]


def rows_of(statement: Bound, currency: str) -> list[ProductRow]:
    """The products of a statement that reads a `sort_key` and then `PRODUCT_COLUMNS`, in the shop's own language."""
    return [ProductRow._make((*columns, currency, sort_key)) for sort_key, *columns in prepared.rows([statement])]


def products_by_id(shopper: Shopper, ids: Some[int]) -> dict[int, ProductRow]:
    """The visible ones of these products."""
    if not ids:
        return {}
    rows = _products_by_id(list(ids), shopper.tariff.price_list_id, keeps_catalog=shopper.keeps_catalog)
    return {row.pk: row for row in told(shopper.language, _product_rows(rows, shopper.currency))}


def products_regardless(shopper: Shopper, ids: Some[int]) -> dict[int, ProductRow]:
    """These products, shown to shoppers or not: a cart or an order still says what a variant in it belongs to."""
    rows = _product_rows(_products_regardless(list(ids), shopper.tariff.price_list_id), shopper.currency)
    return {row.pk: row for row in told(shopper.language, rows)}


def product(shopper: Shopper, handle: str) -> ProductRow | None:
    """The visible product with this handle in the shopper's language, else in the shop's."""
    if shopper.language:
        return products_by_handle(shopper, [handle]).get(handle)
    rows = _product_by_handle(handle, shopper.tariff.price_list_id, keeps_catalog=shopper.keeps_catalog)
    return next(iter(_product_rows(rows, shopper.currency)), None)


def products_by_handle(shopper: Shopper, handles: Some[str]) -> dict[str, ProductRow]:
    """The visible ones of the products with these handles in the shopper's language, else in the shop's."""
    named = translated.named(shopper.language, "product", handles)
    known = products_by_id(shopper, named.values())
    found = {handle: known[key] for handle, key in named.items() if key in known}
    others = [handle for handle in handles if handle not in found]
    if others:
        read = _products_by_handle(others, shopper.tariff.price_list_id, keeps_catalog=shopper.keeps_catalog)
        rows = _product_rows(read, shopper.currency)
        found |= zip([row.handle for row in rows], told(shopper.language, rows), strict=True)
    return found


def _sort(wanted: ProductFilter, sort: ProductSort | None) -> ProductSort:
    """The order asked for, or what stands for it in a list that has no such order."""
    if sort is None or (sort is ProductSort.MANUAL and wanted.collection_id is None):
        return ProductSort.BEST_SELLING if wanted.collection_id is None else ProductSort.MANUAL
    if sort is ProductSort.RELEVANCE and not _is_ranked(wanted):
        return ProductSort.BEST_SELLING
    return sort


def _is_ranked(wanted: ProductFilter) -> bool:
    return wanted.asked is not None and bool(wanted.asked.parts or wanted.asked.excluded)


@cache
def _order(sort: ProductSort, *, reverse: bool) -> Order:
    descending = (sort in _DESCENDING) != reverse
    return Order(f"{sort.name} {descending:d}", sort.value, descending, _PARSE.get(sort, str))


def _bound(
    shopper: Shopper, number: int, wanted: ProductFilter, order: Order, request: PageRequest, *, is_alone: bool
) -> Bound:
    """The statement for a page of list `number`. Raises EmptyResultSet, InvalidInput, InvalidPage."""
    after, before = paging.places(order, request)
    shape: dict[str, Any] = {"keeps_catalog": shopper.keeps_catalog, "order": order, "is_alone": is_alone}
    asked = (number, shopper.tariff, wanted, after, before)
    return filters.stated(_page, *asked, request=request.from_the_end, **shape)


@prepared.statement
def _page(
    number: int,
    tariff: Tariff,
    wanted: ProductFilter,
    after: Place | None,
    before: Place | None,
    *,
    keeps_catalog: bool,
    order: Order,
    request: PageRequest,
    is_alone: bool,
    stems: str = "",
) -> QuerySet[Any, Any]:
    """The rows of a page, each with the number of its list and its place in it."""
    chosen: Any = filters.matching_by(tariff, anybody(keeps_catalog), wanted)[0]
    if order.key == ProductSort.VENDOR.value:
        chosen = chosen.annotate(vendor=Coalesce("brand__name", Value("")))
    if order.key == ProductSort.PRICE.value:
        chosen = chosen.filter(price_min__isnull=False)
    rows: QuerySet[Any, Any] = paging.cut(chosen, order, request, after, before)
    ways = [_ordering(column) for column in order.columns_from(request)]
    place = Value(0) if is_alone else Window(RowNumber(), order_by=ways)
    return rows.values_list(Value(number), place, F(order.key), *PRODUCT_COLUMNS)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a page of products is a part of; `beside` is how many things of other kinds stand in the same list."""

    shopper: Shopper
    wanted: ProductFilter
    beside: int = 0

    def __call__(self, number: int) -> Bound:
        counting = _counting(self.shopper, self.wanted, number)
        if not self.beside:
            return counting
        sql = f"SELECT number, length + {self.beside:d} FROM ({counting.sql}) AS products(number, length)"  # noqa: S608
        return counting._replace(sql=sql)


def _counting(shopper: Shopper, wanted: ProductFilter, number: int) -> Bound:
    """What counts a list. Where nothing is asked for but a category, its facts know. Raises EmptyResultSet."""
    paths = [path for path in (wanted.category_path, *wanted.within) if path is not None]
    is_subtree = replace(wanted, category_path=None, within=()) == ProductFilter() and len(paths) <= 1
    if is_subtree and not shopper.keeps_catalog:
        return _count_from_facts.bound(number, shopper.tariff.price_list_id, *paths or [""])
    return filters.stated(_count, number, shopper.tariff, wanted, keeps_catalog=shopper.keeps_catalog)


@prepared.statement
def _count(
    number: int, tariff: Tariff, wanted: ProductFilter, *, keeps_catalog: bool, stems: str = ""
) -> QuerySet[Any, Any]:
    return paging.numbered(filters.matching_by(tariff, anybody(keeps_catalog), wanted)[0], number)


@prepared.statement
def _count_from_facts(number: int, price_list_id: int, path: str) -> QuerySet[Any, Any]:
    below = CategoryFacts.objects.filter(category__path__gte=path, category__path__lt=path + "[")
    shown = below.filter(price_list=price_list_id, category__is_listed=True)
    return paging.numbered(shown, number, length=Coalesce(Sum("product_count"), Value(0)))


@prepared.statement
def _products_by_id(ids: list[int], price_list_id: int, *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    chosen = Product.objects.filter(pk__any=ids)
    return filters.shown(chosen, price_list_id, anybody(keeps_catalog)).values_list(*PRODUCT_COLUMNS)


@prepared.statement
def _product_by_handle(handle: str, price_list_id: int, *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    chosen = Product.objects.filter(handle=handle)
    return filters.shown(chosen, price_list_id, anybody(keeps_catalog)).values_list(*PRODUCT_COLUMNS)


@prepared.statement
def _products_by_handle(handles: list[str], price_list_id: int, *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    chosen = Product.objects.filter(handle__any=handles)
    return filters.shown(chosen, price_list_id, anybody(keeps_catalog)).values_list(*PRODUCT_COLUMNS)


@prepared.statement
def _products_regardless(ids: list[int], price_list_id: int) -> QuerySet[Any, Any]:
    return Product.objects.filter(pk__any=ids).offered_by(price_list_id).values_list(*PRODUCT_COLUMNS)


PRODUCT_COLUMNS = (
    "pk",
    "handle",
    "title",
    "description_html",
    "product_type",
    # Not joined: every table more makes it much harder to plan the statement.
    Subquery(Brand.objects.filter(pk=OuterRef("brand_id")).values("name")),
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
    # Nor is the picture: so it is looked up for the rows of the page alone, not for all among which they are found.
    Subquery(
        ProductImage.objects.filter(product_id=OuterRef("pk"), position=0).values(
            texts=Func(
                *(Cast(column, TextField()) for column in ("pk", "src", "alt", "width", "height")),
                template="ARRAY[%(expressions)s]",
                output_field=ArrayField(TextField()),
            )
        )
    ),
)


def _product_rows(rows: Iterable[prepared.Row], currency: str) -> list[ProductRow]:
    return [ProductRow._make((*row, currency, None)) for row in rows]


def told(language: str, rows: Sequence[ProductRow]) -> list[ProductRow]:
    return translated.rows(language, "product", rows)


def _ordering(column: str) -> OrderBy:
    return F(column[1:]).desc() if column.startswith("-") else F(column).asc()


def _key_of(order: Order) -> Callable[[ProductRow], tuple[Any, ...]]:
    if order.key == "pk":
        return lambda row: (row.pk,)
    return lambda row: (row.sort_key, row.pk)
