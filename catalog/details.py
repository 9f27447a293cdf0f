"""What belongs to products as shoppers see it: variants, options and pictures, each in one statement for any number."""

from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber

from catalog import stock, translated
from catalog.models import Price, Product, ProductImage, ProductOption, ProductVariant
from catalog.models.price import Tariff, with_price
from catalog.shopper import Shopper, anybody
from shop import prepared


class ImageRow(NamedTuple):
    """A picture of a product."""

    product_id: int
    pk: int
    src: str
    alt: str
    width: int | None
    height: int | None


class OptionRow(NamedTuple):
    """A choice of a product, with its values in order; `place` counts the product's options from zero."""

    product_id: int
    place: int
    key: str
    name: str
    values: list[str]


class VariantRow(NamedTuple):
    """A variant with its price by one list, its stock over all locations, its picture, and its product's words."""

    pk: int
    product_id: int
    sku: str
    title: str
    position: int
    option_values: list[str]
    barcode: str
    weight_grams: int
    requires_shipping: bool
    bundle_pricing: str
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


class BreakRow(NamedTuple):
    """What each of many of a variant costs."""

    variant_id: int
    min_quantity: int
    amount: Decimal
    currency: str


def variants(shopper: Shopper, product_ids: Some[int]) -> dict[int, list[VariantRow]]:
    """The variants of each product that the shopper may buy, in the merchant's order."""
    found: dict[int, list[VariantRow]] = {product_id: [] for product_id in product_ids}
    rows = _variants(list(found), shopper.tariff, keeps_catalog=shopper.keeps_catalog)
    for row in _told(shopper.language, _variant_rows(rows, shopper.currency)):
        found[row.product_id].append(row)
    return found


def variants_by_id(shopper: Shopper, ids: Some[int]) -> dict[int, VariantRow]:
    """These variants, sold to the shopper or not: a cart shows also what cannot be bought any more."""
    rows = _variant_rows(_variants_by_id(list(ids), shopper.tariff), shopper.currency)
    return {row.pk: row for row in _told(shopper.language, rows)}


def visible_variants(shopper: Shopper, ids: Some[int]) -> dict[int, VariantRow]:
    """Those of these variants that a shopper finds under a product."""
    rows = _visible_variants(list(ids), shopper.tariff, keeps_catalog=shopper.keeps_catalog)
    return {row.pk: row for row in _told(shopper.language, _variant_rows(rows, shopper.currency))}


def quantity_breaks(shopper: Shopper, variant_ids: Some[int]) -> dict[int, list[BreakRow]]:
    """From which quantities on each variant has another price, the lowest quantity first."""
    found: dict[int, list[BreakRow]] = {variant_id: [] for variant_id in variant_ids}
    for row in _breaks(list(found), shopper.tariff):
        found[row[0]].append(BreakRow._make((*row, shopper.currency)))
    return found


def images(product_ids: Some[int], limit: int) -> dict[int, list[ImageRow]]:
    """The first `limit` pictures of each product."""
    found: dict[int, list[ImageRow]] = {product_id: [] for product_id in product_ids}
    for row in _images(list(found), limit):
        found[row[0]].append(ImageRow._make(row))
    return found


def options(product_ids: Some[int], language: str = "") -> dict[int, list[OptionRow]]:
    """The options of each product, in the merchant's order."""
    found: dict[int, list[OptionRow]] = {product_id: [] for product_id in product_ids}
    for product_id, pk, name, values in _options(list(found)):
        found[product_id].append(OptionRow(product_id, len(found[product_id]), str(pk), name, values))
    for product_id, told in translated.options(language, found).items():
        found[product_id] = [
            row._replace(
                name=texts.get(translated.NAME, row.name),
                values=[translated.value(texts, written) for written in row.values],
            )
            for row, texts in zip(found[product_id], told, strict=True)
        ]
    return found


def titles(language: str, variants: Mapping[int, int]) -> dict[int, tuple[str | None, str | None]]:
    """What the products of these variants and the variants are called, by variant; None where that is not translated.

    `variants` has the product of each.
    """
    products = translated.of(language, "product", set(variants.values()))
    options = translated.options(language, set(variants.values()))
    found: dict[int, tuple[str | None, str | None]] = {}
    chosen = dict(_choices(list(variants))) if options else {}
    for key, product_id in variants.items():
        title = products[product_id].texts.get("title") if product_id in products else None
        values = translated.values(options.get(product_id, []), chosen.get(key, []))
        found[key] = (title, " / ".join(values) if values != chosen.get(key, []) else None)
    return found


@prepared.statement
def _choices(ids: list[int]) -> QuerySet[Any, Any]:
    return ProductVariant.objects.filter(pk__any=ids).values_list("pk", "option_values")


@prepared.statement
def _variants(product_ids: list[int], tariff: Tariff, *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    chosen = ProductVariant.objects.filter(product_id__any=product_ids).order_by("product_id", "position", "pk")
    return _sold(_priced(chosen, tariff), keeps_catalog).values_list(*_VARIANT_COLUMNS)


@prepared.statement
def _variants_by_id(ids: list[int], tariff: Tariff) -> QuerySet[Any, Any]:
    return _priced(ProductVariant.objects.filter(pk__any=ids), tariff).values_list(*_VARIANT_COLUMNS)


@prepared.statement
def _visible_variants(ids: list[int], tariff: Tariff, *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    products = Product.objects.visible_to(anybody(keeps_catalog))
    chosen = _priced(ProductVariant.objects.filter(pk__any=ids, product__in=products), tariff)
    return _sold(chosen, keeps_catalog).values_list(*_VARIANT_COLUMNS)


@prepared.statement
def _breaks(variant_ids: list[int], tariff: Tariff) -> QuerySet[Any, Any]:
    chosen = Price.objects.counting(tariff).filter(variant_id__any=variant_ids, min_quantity__gt=1)
    return chosen.order_by("variant_id", "min_quantity").values_list("variant_id", "min_quantity", "amount")


@prepared.statement
def _images(product_ids: list[int], limit: int) -> QuerySet[Any, Any]:
    return (
        ProductImage.objects.filter(product_id__any=product_ids)
        .annotate(number=Window(RowNumber(), partition_by="product_id", order_by=("position", "pk")))
        .filter(number__lte=limit)
        .order_by("product_id", "position", "pk")
        .values_list(*ImageRow._fields)
    )


@prepared.statement
def _options(product_ids: list[int]) -> QuerySet[Any, Any]:
    chosen = ProductOption.objects.filter(product_id__any=product_ids).order_by("product_id", "position")
    return chosen.values_list("product_id", "pk", "name", "values")


_VARIANT_COLUMNS = (
    "pk",
    "product_id",
    "sku",
    "title",
    "position",
    "option_values",
    "barcode",
    "weight_grams",
    "requires_shipping",
    "bundle_pricing",
    "image_id",
    "image__src",
    "image__alt",
    "image__width",
    "image__height",
    "amount",
    "was",
    "free",
)


def _priced(chosen: QuerySet[ProductVariant], tariff: Tariff) -> QuerySet[Any, Any]:
    """With the price, null where there is none, and the units that can be sold."""
    free = stock.units_of("pk", "bundle_pricing")
    priced: QuerySet[Any, Any] = with_price(chosen, tariff).annotate(free=free)
    return priced


def _sold(priced: QuerySet[Any, Any], keeps_catalog: bool) -> QuerySet[Any, Any]:
    """For shoppers only what has a price for them."""
    return priced if keeps_catalog else priced.filter(amount__isnull=False)


def _told(language: str, rows: list[VariantRow]) -> list[VariantRow]:
    """The variants with what their options are called in the language."""
    told = translated.options(language, {row.product_id for row in rows}) if rows else {}
    return [_said(row, told[row.product_id]) if row.product_id in told else row for row in rows]


def _said(row: VariantRow, told: list[dict[str, str]]) -> VariantRow:
    values = translated.values(told, row.option_values)
    if values == row.option_values:
        return row
    return row._replace(option_values=values, title=" / ".join(values))


def _variant_rows(rows: Iterable[prepared.Row], currency: str) -> list[VariantRow]:
    return [VariantRow._make((*row, currency)) for row in rows]
