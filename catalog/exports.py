"""Export of the catalog in the form that the import reads, piece by piece, so that its size does not matter.

Each piece is read by keys after the one before it. What changes meanwhile may be told as it was or as it is, but no
product is left out or told twice for it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from catalog import stock
from catalog.imports import Format, sheets
from catalog.models import (
    Category,
    Collection,
    Page,
    Price,
    PriceList,
    Product,
    ProductOption,
    ProductVariant,
    StockLevel,
)
from shop import money

PIECE = 500
_KINDS = ("category", "product", "collection", "page")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which products are wanted: all of which everything said here holds. Then other kinds are left out."""

    category_path: str | None = None
    statuses: Sequence[str] = ()
    tag: str | None = None
    updated_since: datetime | None = None

    @property
    def is_all(self) -> bool:
        return not any((self.category_path, self.statuses, self.tag, self.updated_since))

    def products(self) -> QuerySet[Product]:
        found = Product.objects.all()
        if self.category_path is not None:
            found = found.below(self.category_path)
        if self.statuses:
            found = found.filter(status__in=self.statuses)
        if self.tag is not None:
            found = found.filter(tags__contains=[self.tag])
        if self.updated_since is not None:
            found = found.filter(updated_at__gte=self.updated_since)
        return found


@dataclass(frozen=True, slots=True)
class Place:
    """How far an export has come, and the columns of a sheet, which are decided before its first row."""

    kind: str
    after: str = ""
    currencies: list[str] = field(default_factory=list)
    locations: list[str] = field(default_factory=list)
    options: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the file, how many records are in it, and where the next part begins; None where it was the last."""

    content: bytes
    records: int
    next: Place | None


def count(form: Format, wanted: Wanted) -> int:
    """How many records there will be, as of now."""
    products: int = wanted.products().count()
    if form == Format.CSV or not wanted.is_all:
        return products
    categories: int = Category.objects.count()
    return products + categories + _collections().count() + _published().count()


def begin(form: Format, wanted: Wanted) -> Place:
    """Where an export begins."""
    if form == Format.JSONL:
        return Place("category" if wanted.is_all else "product")
    levels = StockLevel.objects.order_by("location__code").values_list("location__code", flat=True).distinct()
    locations = list(levels)
    # The base lists are those in which anything was priced; a sheet has no columns for others.
    bases = PriceList.objects.filter(base__isnull=True)
    return Place(
        "product",
        currencies=list(bases.order_by("currency").values_list("currency", flat=True)),
        locations=[] if set(locations) <= {stock.default_location().code} else locations,
        options=max(ProductOption.objects.values_list("position", flat=True), default=-1) + 1,
    )


def pieces(form: Format, wanted: Wanted) -> Iterator[Piece]:
    """All pieces of an export, one after the other."""
    place: Place | None = begin(form, wanted)
    while place is not None:
        found = piece(form, wanted, place)
        yield found
        place = found.next


def piece(form: Format, wanted: Wanted, place: Place) -> Piece:
    """The part of the export that begins at `place`."""
    if form == Format.CSV:
        return _sheet(wanted, place)
    rows, after = _READERS[place.kind](wanted, place.after)
    content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    if after is not None:
        return Piece(content, len(rows), replace(place, after=after))
    following = _KINDS[_KINDS.index(place.kind) + 1 :] if wanted.is_all else ()
    return Piece(content, len(rows), Place(following[0]) if following else None)


def _sheet(wanted: Wanted, place: Place) -> Piece:
    names = sheets.columns(currencies=place.currencies, locations=place.locations, options=place.options)
    found, after = _products_after(wanted, place.after)
    paths = _paths({product.category for product in found})
    default = stock.default_location().code
    cells = [] if place.after else [names]
    for product in found:
        line = _product(product, default)
        if place.locations:
            for variant in line["variants"]:
                if isinstance(variant["stock"], int):
                    variant["stock"] = {default: variant["stock"]}
        cells += sheets.rows_of(line, names, paths[product.category_id])
    content = ("" if place.after else _BOM) + sheets.text(cells)
    return Piece(content.encode(), len(found), None if after is None else replace(place, after=after))


Lines = tuple[list[dict[str, Any]], str | None]


def _categories(wanted: Wanted, after: str) -> Lines:
    found = list(Category.objects.filter(path__gt=after).order_by("path")[:PIECE])
    above = {row.path[: -Category.steplen] for row in found}
    names = {row.path: _name(row) for row in Category.objects.filter(path__in=above)}
    lines = [
        {
            "kind": "category",
            **_identity(row),
            "parent": names.get(row.path[: -Category.steplen]),
            "name": row.title,
            "description": row.description,
            "image": {"path": row.image_src, "alt": row.image_alt} if row.image_src else None,
            "seo": _seo(row),
        }
        for row in found
    ]
    return lines, found[-1].path if len(found) == PIECE else None


def _products(wanted: Wanted, after: str) -> Lines:
    found, last = _products_after(wanted, after)
    default = stock.default_location().code
    return [_product(product, default) for product in found], last


def _products_after(wanted: Wanted, after: str) -> tuple[list[Product], str | None]:
    found = list(
        wanted.products()
        .filter(pk__gt=int(after or 0))
        .select_related("category", "brand")
        .prefetch_related(
            "options", "images", "variants__prices__price_list", "variants__stock_levels__location", "variants__image"
        )
        .defer("search")
        .order_by("pk")[:PIECE]
    )
    return found, str(found[-1].pk) if len(found) == PIECE else None


def _product(product: Product, default: str) -> dict[str, Any]:
    options = sorted(product.options.all(), key=lambda option: option.position)
    images = sorted(product.images.all(), key=lambda image: image.position)
    variants = sorted(product.variants.all(), key=lambda variant: (variant.position, variant.pk))
    return {
        "kind": "product",
        **_identity(product),
        "name": product.title,
        "description": product.description_html,
        "brand": product.brand.name if product.brand else None,
        "categories": [_name(product.category)],
        "status": product.status,
        "product_type": product.product_type,
        "tags": product.tags,
        "seo": _seo(product),
        "options": [{"name": option.name, "values": option.values} for option in options],
        "images": [
            {"path": image.src, "alt": image.alt, "width": image.width, "height": image.height} for image in images
        ],
        "variants": [_variant(variant, [option.name for option in options], default) for variant in variants],
    }


def _variant(variant: ProductVariant, options: Sequence[str], default: str) -> dict[str, Any]:
    return {
        "sku": variant.sku,
        "options": dict(zip(options, variant.option_values, strict=True)),
        "prices": [
            _price(price)
            for price in sorted(
                variant.prices.all(),
                key=lambda price: (price.currency, *_of_list(price).values(), price.min_quantity),
            )
        ],
        "stock": _stock(variant, default),
        "weight_grams": variant.weight_grams,
        "barcode": variant.barcode,
        "requires_shipping": variant.requires_shipping,
        "image": variant.image.src if variant.image else None,
    }


def _price(price: Price) -> dict[str, Any]:
    return {
        "currency": price.currency,
        **_of_list(price),
        **({"min_quantity": price.min_quantity} if price.min_quantity > 1 else {}),
        "amount": _amount(price.currency, price.amount),
        "compare_at": None if price.compare_at is None else _amount(price.currency, price.compare_at),
    }


def _of_list(price: Price) -> dict[str, str]:
    """Which list it is of, where that is not the base of its currency."""
    return {} if price.price_list.is_base else {"list": price.price_list.handle}


def _stock(variant: ProductVariant, default: str) -> int | dict[str, int]:
    """Units on hand at the default location, or at each where there are others."""
    counts = {level.location.code: level.on_hand for level in variant.stock_levels.all()}
    if counts.keys() <= {default}:
        return counts.get(default, 0)
    return dict(sorted(counts.items()))


def _collections() -> QuerySet[Collection]:
    return Collection.objects.filter(rule_match="")


def _collections_after(wanted: Wanted, after: str) -> Lines:
    rows = _collections().filter(pk__gt=int(after or 0)).prefetch_related("places__product")
    found = list(rows.order_by("pk")[:PIECE])
    lines = [
        {
            "kind": "collection",
            **_identity(row),
            "name": row.title,
            "description": row.description,
            "image": {"path": row.image_src, "alt": row.image_alt} if row.image_src else None,
            "seo": _seo(row),
            "products": [_name(place.product) for place in sorted(row.places.all(), key=lambda place: place.position)],
        }
        for row in found
    ]
    return lines, str(found[-1].pk) if len(found) == PIECE else None


def _published() -> QuerySet[Page]:
    return Page.objects.filter(is_published=True)


def _pages(wanted: Wanted, after: str) -> Lines:
    found = list(_published().filter(pk__gt=int(after or 0)).order_by("pk")[:PIECE])
    lines = [
        {"kind": "page", "slug": row.handle, "name": row.title, "body": row.body, "seo": _seo(row)} for row in found
    ]
    return lines, str(found[-1].pk) if len(found) == PIECE else None


_READERS = {"category": _categories, "product": _products, "collection": _collections_after, "page": _pages}


def _identity(row: Category | Product | Collection) -> dict[str, str]:
    """What the import knows the row by: its id, if it has one, or its slug."""
    return {**({"id": row.external_id} if row.external_id else {}), "slug": row.handle}


def _name(row: Category | Product) -> str:
    return row.external_id or row.handle


def _seo(row: Any) -> dict[str, str]:
    return {"title": row.seo_title, "description": row.seo_description}


def _amount(currency: str, amount: Any) -> str:
    return money.text(amount, currency)


def _paths(categories: set[Category]) -> dict[int, str]:
    """The titles from the top of the tree down to each of these."""
    step = Category.steplen
    above = {row.path[:end] for row in categories for end in range(step, len(row.path) + 1, step)}
    titles = dict(Category.objects.filter(path__in=above).values_list("path", "title"))
    return {
        row.pk: " > ".join(titles[row.path[:end]] for end in range(step, len(row.path) + 1, step)) for row in categories
    }
