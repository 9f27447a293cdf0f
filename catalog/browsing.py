"""Reading products as shoppers see them: plain rows, one statement however many; `details` has what belongs to each."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Collection as Some
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache, reduce
from operator import add, itemgetter, or_
from typing import Any, NamedTuple, TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchRank
from django.core.exceptions import EmptyResultSet
from django.db.models import (
    Case,
    Exists,
    F,
    FloatField,
    Func,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, Coalesce, RowNumber

from accounts.actors import GUEST, SYSTEM, Actor
from accounts.staff import Permission
from catalog import search, translated
from catalog.models import AttributeValue, Brand, CategoryFacts, Price, Product, ProductImage
from catalog.models.price import Tariff, base_of
from catalog.models.product import ProductQuerySet
from catalog.search import Asked
from shop import paging, prepared
from shop.errors import InvalidInput
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


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition of a rule-based collection: all that is said must hold, and in a rule only one thing is.

    Prices are those of the base list with the key `price_list_id`, whatever the shopper pays, so that a collection is
    the same for everybody; but reduced is what is reduced for the shopper.
    """

    category_path: str | None = None
    tag: str | None = None
    brand_id: int | None = None
    price_list_id: int | None = None
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    on_sale: bool | None = None
    published_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """A condition on one attribute, of the product or of a variant: any of these choices, a range, or yes or no."""

    attribute_id: int
    choice_ids: tuple[int, ...] = ()
    number_min: Decimal | None = None
    number_max: Decimal | None = None
    boolean: bool | None = None


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products: all that is said must hold, and of the rules all or any. Paths are those of whole subtrees.

    First comes what list they are in and by what words they are found; then what shoppers choose among those, as
    `chosen_by` tells it apart.
    """

    category_path: str | None = None
    collection_id: int | None = None
    rules: tuple[Rule, ...] = ()
    any_rule: bool = False
    asked: Asked | None = None
    hides_sold_out: bool = False
    within: tuple[str, ...] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    available: bool | None = None
    on_sale: bool | None = None
    rating_min: Decimal | None = None
    brands: tuple[str, ...] = ()
    product_types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    attributes: tuple[Described, ...] = ()

    @property
    def unchosen(self) -> "ProductFilter":
        """The same list and words, with nothing chosen."""
        return ProductFilter(
            category_path=self.category_path,
            collection_id=self.collection_id,
            rules=self.rules,
            any_rule=self.any_rule,
            asked=self.asked,
            hides_sold_out=self.hides_sold_out,
        )


@dataclass(frozen=True, slots=True)
class Shopper:
    """For whom the catalog is read: what they may see, the list they see its prices by, and the language.

    The list is the one with the key `price_list_id`, whose currency is `currency`, or without one the currency's base
    list. The language is "" where it is the shop's own, in which nothing has to be translated.
    """

    actor: Actor
    currency: str
    price_list_id: int | None = None
    language: str = ""

    @property
    def tariff(self) -> Tariff:
        if self.price_list_id is None:
            return Tariff(base_of(self.currency))
        return Tariff(self.price_list_id, has_base=True)

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
    orders = [_order(_sort(one, sort), reverse=reverse) for one in wanted]
    statements = []
    for number, (one, order) in enumerate(zip(wanted, orders, strict=True)):
        with suppress(EmptyResultSet):
            statements.append(_bound(shopper, number, one, order, request, is_alone=len(wanted) == 1))
    read = sorted(prepared.rows(statements), key=itemgetter(0, 1))
    rows = [ProductRow._make((*columns, shopper.currency, sort_key)) for _number, _place, sort_key, *columns in read]
    found: list[list[ProductRow]] = [[] for _ in wanted]
    for (number, *_), row in zip(read, _told(shopper.language, rows), strict=True):
        found[number].append(row)
    return [
        paging.finish(rows, Listing(shopper, one), order, request, _key_of(order))
        for rows, one, order in zip(found, wanted, orders, strict=True)
    ]


def products_by_id(shopper: Shopper, ids: Some[int]) -> dict[int, ProductRow]:
    """The visible ones of these products."""
    if not ids:
        return {}
    rows = _products_by_id(list(ids), shopper.tariff.price_list_id, keeps_catalog=shopper.keeps_catalog)
    return {row.pk: row for row in _told(shopper.language, _product_rows(rows, shopper.currency))}


def products_regardless(shopper: Shopper, ids: Some[int]) -> dict[int, ProductRow]:
    """These products, shown to shoppers or not: a cart or an order still says what a variant in it belongs to."""
    rows = _product_rows(_products_regardless(list(ids), shopper.tariff.price_list_id), shopper.currency)
    return {row.pk: row for row in _told(shopper.language, rows)}


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
        found |= zip([row.handle for row in rows], _told(shopper.language, rows), strict=True)
    return found


def recommendations(shopper: Shopper, product_id: int, limit: int) -> list[ProductRow]:
    """Products to show beside this one: of its category and below, then of its brand, then with a tag in common.

    What can be bought now comes first, then the closest, then what sells best. Two statements; empty where the shopper
    does not see the product.
    """
    origin = _origin(product_id, keeps_catalog=shopper.keeps_catalog)
    if not origin:
        return []
    [(path, brand_id, tags)] = origin
    near: list[_Near] = [(path, None, None)]
    near += [(None, brand_id, None)] if brand_id else []
    near += [(None, None, tags)] if tags else []
    shape: dict[str, Any] = {"keeps_catalog": shopper.keeps_catalog, "limit": limit}
    price_list_id = shopper.tariff.price_list_id
    statements = [_near.bound(place, price_list_id, product_id, one, **shape) for place, one in enumerate(near)]
    rows = prepared.rows(statements)
    found = [(distance, ProductRow._make((*columns, shopper.currency, None))) for distance, *columns in rows]
    found.sort(key=lambda one: (not one[1].is_in_stock, one[0], -one[1].sold_count, one[1].pk))
    return _told(shopper.language, list({row.pk: row for _, row in found}.values())[:limit])


# What a product shares with another: the path of a category above, a brand, or one of the tags.
_Near: TypeAlias = tuple[str | None, int | None, list[str] | None]


@prepared.statement
def _origin(product_id: int, *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    shown = Product.objects.filter(pk=product_id).visible_to(anybody(keeps_catalog))
    return shown.values_list("category__path", "brand_id", "tags")


@prepared.statement
def _near(
    distance: int, price_list_id: int, product_id: int, near: _Near, *, keeps_catalog: bool, limit: int
) -> QuerySet[Any, Any]:
    path, brand_id, tags = near
    others = _shown(Product.objects.exclude(pk=product_id), price_list_id, anybody(keeps_catalog))
    if path is not None:
        others = others.below(path)
    if brand_id is not None:
        others = others.filter(brand_id=brand_id)
    if tags is not None:
        others = others.filter(tags__overlap=Value(tags, output_field=Product._meta.get_field("tags")))
    ordered = others.order_by(F("is_in_stock").desc(nulls_last=True), "-sold_count", "pk")
    return ordered[:limit].values_list(Value(distance), *_PRODUCT_COLUMNS)


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
    _ensure_sound(wanted)
    after, before = paging.places(order, request)
    asked = (number, shopper.tariff, wanted, after, before)
    shape: dict[str, Any] = {"keeps_catalog": shopper.keeps_catalog, "order": order, "is_alone": is_alone}
    if wanted.asked:
        return prepared.compiled(_page.queryset(*asked, request=request, **shape))
    return _page.bound(*asked, request=request.from_the_end, **shape)


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
) -> QuerySet[Any, Any]:
    """The rows of a page, each with the number of its list and its place in it."""
    chosen: Any = matching_by(tariff, anybody(keeps_catalog), wanted)[0]
    if order.key == ProductSort.VENDOR.value:
        chosen = chosen.annotate(vendor=Coalesce("brand__name", Value("")))
    if order.key == ProductSort.PRICE.value:
        chosen = chosen.filter(price_min__isnull=False)
    rows: QuerySet[Any, Any] = paging.cut(chosen, order, request, after, before)
    ways = [_ordering(column) for column in order.columns_from(request)]
    place = Value(0) if is_alone else Window(RowNumber(), order_by=ways)
    return rows.values_list(Value(number), place, F(order.key), *_PRODUCT_COLUMNS)


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
        return Bound(sql, counting.values)


def _counting(shopper: Shopper, wanted: ProductFilter, number: int) -> Bound:
    """What counts a list. Where nothing is asked for but a category, its facts know. Raises EmptyResultSet."""
    if wanted.asked:
        return prepared.compiled(paging.numbered(matching(shopper, wanted)[0], number))
    paths = [path for path in (wanted.category_path, *wanted.within) if path is not None]
    is_subtree = replace(wanted, category_path=None, within=()) == ProductFilter() and len(paths) <= 1
    if is_subtree and not shopper.keeps_catalog:
        return _count_from_facts.bound(number, shopper.tariff.price_list_id, *paths or [""])
    return _count.bound(number, shopper.tariff, wanted, keeps_catalog=shopper.keeps_catalog)


@prepared.statement
def _count(number: int, tariff: Tariff, wanted: ProductFilter, *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    return paging.numbered(matching_by(tariff, anybody(keeps_catalog), wanted)[0], number)


@prepared.statement
def _count_from_facts(number: int, price_list_id: int, path: str) -> QuerySet[Any, Any]:
    below = CategoryFacts.objects.filter(category__path__gte=path, category__path__lt=path + "[")
    shown = below.filter(price_list=price_list_id, category__is_listed=True)
    return paging.numbered(shown, number, length=Coalesce(Sum("product_count"), Value(0)))


def matching(shopper: Shopper, wanted: ProductFilter) -> tuple[ProductQuerySet, bool]:
    """Those wanted that the shopper may see, in no order, and whether they have a `rank`. Raises InvalidInput."""
    return matching_by(shopper.tariff, shopper.actor, wanted)


def matching_by(tariff: Tariff, actor: Actor, wanted: ProductFilter) -> tuple[ProductQuerySet, bool]:
    """As `matching`, for an actor whose price list is known. Raises InvalidInput."""
    _ensure_sound(wanted)
    chosen = _filtered(_shown(Product.objects.all(), tariff.price_list_id, actor), wanted, tariff)
    if wanted.asked is not None:
        return _found(chosen, wanted.asked, tariff)
    return chosen, False


def _ensure_sound(wanted: ProductFilter) -> None:
    if wanted.price_min is not None and wanted.price_max is not None and wanted.price_min > wanted.price_max:
        raise InvalidInput("The lowest price must not exceed the highest.", field=("price",))


def _found(chosen: ProductQuerySet, asked: Asked, tariff: Tariff) -> tuple[ProductQuerySet, bool]:
    """What is asked for in words, and whether it has a `rank`."""
    if asked.is_empty:
        return chosen.none(), False
    words = search.query(asked)
    chosen = chosen.filter(*(_term(term, tariff) for term in asked.terms))
    if words is None:
        return chosen, False
    if asked.least:
        has_part = [Case(When(search=part, then=1), default=0) for part in search.part_queries(asked)]
        chosen = chosen.annotate(matched=reduce(add, has_part)).filter(matched__gte=asked.least)
    # The rank is a float4: as it is, no comparison with what a cursor remembers of it would be exact.
    return chosen.filter(search=words).annotate(rank=Cast(SearchRank(F("search"), words), FloatField())), True


def _term(term: search.Term, tariff: Tariff) -> Q:
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
            found = Q(pk__in=priced(tariff, **{f"amount__{term.comparison}": term.value}))
    return ~found if term.is_excluded else found


def priced(tariff: Tariff, **amount: Any) -> QuerySet[Any, Any]:
    """The products that have a variant with such an amount."""
    return Price.objects.by(tariff).filter(**amount).values("variant__product")


def _filtered(chosen: ProductQuerySet, wanted: ProductFilter, tariff: Tariff) -> ProductQuerySet:
    if wanted.category_path is not None:
        chosen = chosen.below(wanted.category_path)
    if wanted.collection_id is not None:
        # The column is bound to this very join: a later condition on `places__position` would join any other place.
        chosen = chosen.filter(places__collection=wanted.collection_id).annotate(position=F("places__position"))
    if wanted.hides_sold_out:
        chosen = chosen.filter(Q(is_in_stock=True))
    if wanted.rules:
        rules = [_rule(rule) for rule in wanted.rules]
        chosen = chosen.filter(_any_of(rules) if wanted.any_rule else Q(*rules))
    return chosen.filter(*chosen_by(wanted, tariff).values())


def chosen_by(wanted: ProductFilter, tariff: Tariff) -> dict[str, Q]:
    """What shoppers choose among the products of a list: a condition for each kind of choice that they made."""
    conditions = {
        "category": _any_of(_below(path) for path in wanted.within) if wanted.within else None,
        "price": _price(wanted, tariff),
        "available": None if wanted.available is None else Q(is_in_stock=wanted.available),
        "on_sale": None if wanted.on_sale is None else Q(is_on_sale=wanted.on_sale),
        "rating": None if wanted.rating_min is None else Q(rating_average__gte=wanted.rating_min),
        "brand": Q(brand__name__in=wanted.brands) if wanted.brands else None,
        "product_type": Q(product_type__in=wanted.product_types) if wanted.product_types else None,
        "tag": Q(tags__overlap=list(wanted.tags)) if wanted.tags else None,
    }
    described = {f"attribute_{place}": Q(pk__in=_described(one)) for place, one in enumerate(wanted.attributes)}
    return described | {kind: condition for kind, condition in conditions.items() if condition is not None}


def _below(path: str) -> Q:
    return Q(category__path__gte=path, category__path__lt=path + "[")


def _price(wanted: ProductFilter, tariff: Tariff) -> Q | None:
    low, high = wanted.price_min, wanted.price_max
    if low is None or high is None:
        ends = {"price_max__gte": low, "price_min__lte": high}
        given = {name: end for name, end in ends.items() if end is not None}
        return Q(**given) if given else None
    # Where both ends of an offer lie outside, it may span the range without a single price inside it.
    inside = priced(tariff, amount__gte=low, amount__lte=high).filter(variant__product=OuterRef("pk"))
    spans = Q(price_min__lt=low, price_max__gt=high)
    return (
        Q(price_min__gte=low, price_min__lte=high)
        | Q(price_max__gte=low, price_max__lte=high)
        | (spans & Q(Exists(inside)))
    )


def _described(wanted: Described) -> QuerySet[Any, Any]:
    """The products that have such a value, or a variant that has it."""
    conditions: dict[str, Any] = {
        "choice_id__in": wanted.choice_ids or None,
        "number__gte": wanted.number_min,
        "number__lte": wanted.number_max,
        "boolean": wanted.boolean,
    }
    given = {name: value for name, value in conditions.items() if value is not None}
    return AttributeValue.objects.filter(attribute_id=wanted.attribute_id, applies=True, **given).values("product_id")


def _any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)


def _rule(rule: Rule) -> Q:
    conditions: dict[str, Any] = {
        "category__path__gte": rule.category_path,
        "category__path__lt": None if rule.category_path is None else rule.category_path + "[",
        "tags__contains": None if rule.tag is None else [rule.tag],
        "brand_id": rule.brand_id,
        "is_on_sale": rule.on_sale,
        "published_at__gte": rule.published_since,
    }
    if rule.price_list_id is not None:
        ends = {"amount__gte": rule.price_min, "amount__lte": rule.price_max}
        amount = {name: value for name, value in ends.items() if value is not None}
        conditions["pk__in"] = priced(Tariff(rule.price_list_id), **amount)
    return Q(**{name: value for name, value in conditions.items() if value is not None})


def _shown(chosen: ProductQuerySet, price_list_id: int, actor: Actor) -> ProductQuerySet:
    """Those the actor may see, with their offer: a product without a price by a list is not sold to whom it is for."""
    visible = chosen.visible_to(actor).offered_by(price_list_id)
    if actor.may(Permission.MANAGE_CATALOG):
        return visible
    # That the offer is published adds nothing to what is visible, but lets the indexes of published offers be used.
    offered: Any = visible.annotate(is_offered=F("offer__is_published")).filter(is_offered=True)
    found: ProductQuerySet = offered
    return found


def anybody(keeps_catalog: bool) -> Actor:
    """Somebody who sees what all such shoppers see."""
    return SYSTEM if keeps_catalog else GUEST


@prepared.statement
def _products_by_id(ids: list[int], price_list_id: int, *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    chosen = Product.objects.filter(pk__any=ids)
    return _shown(chosen, price_list_id, anybody(keeps_catalog)).values_list(*_PRODUCT_COLUMNS)


@prepared.statement
def _product_by_handle(handle: str, price_list_id: int, *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    chosen = Product.objects.filter(handle=handle)
    return _shown(chosen, price_list_id, anybody(keeps_catalog)).values_list(*_PRODUCT_COLUMNS)


@prepared.statement
def _products_by_handle(handles: list[str], price_list_id: int, *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    chosen = Product.objects.filter(handle__any=handles)
    return _shown(chosen, price_list_id, anybody(keeps_catalog)).values_list(*_PRODUCT_COLUMNS)


@prepared.statement
def _products_regardless(ids: list[int], price_list_id: int) -> QuerySet[Any, Any]:
    return Product.objects.filter(pk__any=ids).offered_by(price_list_id).values_list(*_PRODUCT_COLUMNS)


_PRODUCT_COLUMNS = (
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


def _told(language: str, rows: Sequence[ProductRow]) -> list[ProductRow]:
    return translated.rows(language, "product", rows)


def _ordering(column: str) -> OrderBy:
    return F(column[1:]).desc() if column.startswith("-") else F(column).asc()


def _key_of(order: Order) -> Callable[[ProductRow], tuple[Any, ...]]:
    if order.key == "pk":
        return lambda row: (row.pk,)
    return lambda row: (row.sort_key, row.pk)
