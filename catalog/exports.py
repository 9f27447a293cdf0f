"""Export of the catalog in the form that the import reads, piece by piece, so that its size does not matter.

Each piece is read by keys after the one before it. What changes meanwhile may be told as it was or as it is, but no
product is left out or told twice for it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from catalog import exported, stock, translations
from catalog.imports import Format, sheets
from catalog.models import (
    Attribute,
    AttributeValue,
    Category,
    CategoryAttribute,
    Collection,
    Page,
    PriceList,
    Product,
    ProductOption,
    ProductVariant,
    StockLevel,
    Translation,
)
from catalog.translations import Thing

PIECE = 500
_KINDS = ("attribute", "category", "product", "bundle", "collection", "page", "translation")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which products are wanted: all of which everything said here holds. Then other kinds are left out.

    What units cost is told only to those who may know.
    """

    category_path: str | None = None
    statuses: Sequence[str] = ()
    tag: str | None = None
    updated_since: datetime | None = None
    tells_costs: bool = True

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
    attributes: list[str] = field(default_factory=list)
    variant_attributes: list[str] = field(default_factory=list)

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
    others = (Attribute.objects.all(), _bundles(), _collections(), _published(), _translations())
    return products + categories + sum(rows.count() for rows in others)


def begin(form: Format, wanted: Wanted) -> Place:
    """Where an export begins."""
    if form == Format.JSONL:
        return Place(_KINDS[0] if wanted.is_all else "product")
    levels = StockLevel.objects.order_by("location__code").values_list("location__code", flat=True).distinct()
    locations = list(levels)
    # The base lists are those in which anything was priced; a sheet has no columns for others.
    bases = PriceList.objects.filter(base__isnull=True)
    return Place(
        "product",
        currencies=list(bases.order_by("currency").values_list("currency", flat=True)),
        locations=[] if set(locations) <= {stock.default_location().code} else locations,
        options=max(ProductOption.objects.values_list("position", flat=True), default=-1) + 1,
        attributes=_described(variant__isnull=True),
        variant_attributes=_described(variant__isnull=False),
    )


def _described(**which: bool) -> list[str]:
    """The attributes of which there are such values."""
    found = AttributeValue.objects.filter(applies=True, **which).order_by("attribute__handle")
    return list(found.values_list("attribute__handle", flat=True).distinct())


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
    names = sheets.columns(
        currencies=place.currencies,
        locations=place.locations,
        options=place.options,
        attributes=place.attributes,
        variant_attributes=place.variant_attributes,
        tells_costs=wanted.tells_costs,
    )
    found, after = _products_after(wanted, place.after)
    paths = _paths({product.category for product in found})
    default = stock.default_location().code
    more = exported.details(found, tells_costs=wanted.tells_costs)
    cells = [] if place.after else [names]
    for product in found:
        line = exported.product(product, default, more)
        if place.locations:
            for variant in line["variants"]:
                if isinstance(variant["stock"], int):
                    variant["stock"] = {default: variant["stock"]}
        cells += sheets.rows_of(line, names, paths[product.category_id])
    content = ("" if place.after else _BOM) + sheets.text(cells)
    return Piece(content.encode(), len(found), None if after is None else replace(place, after=after))


Lines = tuple[list[dict[str, Any]], str | None]


def _categories(wanted: Wanted, after: str) -> Lines:
    rows = Category.objects.select_related("tax_class", "shipping_class").filter(path__gt=after)
    found = list(rows.order_by("path")[:PIECE])
    above = {row.path[: -Category.steplen] for row in found}
    names = {row.path: exported.name(row) for row in Category.objects.filter(path__in=above)}
    given: dict[int, list[dict[str, Any]]] = {}
    places = CategoryAttribute.objects.filter(category__in=found).order_by("position", "pk")
    for pk, handle, is_required in places.values_list("category_id", "attribute__handle", "is_required"):
        given.setdefault(pk, []).append({"slug": handle, "required": is_required})
    lines = [
        {
            "kind": "category",
            **exported.identity(row),
            "parent": names.get(row.path[: -Category.steplen]),
            "name": row.title,
            "description": row.description,
            "image": exported.picture(row),
            "seo": exported.seo(row),
            "active": row.is_active,
            "max_quantity": row.max_quantity,
            "tax_class": row.tax_class and row.tax_class.handle,
            "shipping_class": row.shipping_class and row.shipping_class.handle,
            **({"attributes": given[row.pk]} if row.pk in given else {}),
        }
        for row in found
    ]
    return lines, found[-1].path if len(found) == PIECE else None


def _products(wanted: Wanted, after: str) -> Lines:
    found, last = _products_after(wanted, after)
    default = stock.default_location().code
    more = exported.details(found, tells_costs=wanted.tells_costs)
    return [exported.product(product, default, more) for product in found], last


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


def _collections() -> QuerySet[Collection]:
    return Collection.objects.filter(rule_match="")


def _collections_after(wanted: Wanted, after: str) -> Lines:
    rows = _collections().filter(pk__gt=int(after or 0)).prefetch_related("places__product")
    found = list(rows.order_by("pk")[:PIECE])
    lines = [
        {
            "kind": "collection",
            **exported.identity(row),
            "name": row.title,
            "description": row.description,
            "image": exported.picture(row),
            "seo": exported.seo(row),
            "products": [
                exported.name(place.product) for place in sorted(row.places.all(), key=lambda place: place.position)
            ],
        }
        for row in found
    ]
    return lines, str(found[-1].pk) if len(found) == PIECE else None


def _published() -> QuerySet[Page]:
    return Page.objects.filter(is_published=True)


def _pages(wanted: Wanted, after: str) -> Lines:
    found = list(_published().filter(pk__gt=int(after or 0)).order_by("pk")[:PIECE])
    lines = [
        {"kind": "page", "slug": row.handle, "name": row.title, "body": row.body, "seo": exported.seo(row)}
        for row in found
    ]
    return lines, str(found[-1].pk) if len(found) == PIECE else None


def _attributes(wanted: Wanted, after: str) -> Lines:
    found = list(Attribute.objects.filter(pk__gt=int(after or 0)).prefetch_related("choices").order_by("pk")[:PIECE])
    lines = [
        {
            "kind": "attribute",
            "slug": row.handle,
            "name": row.name,
            "type": row.kind,
            "unit": row.unit,
            "filterable": row.is_filterable,
            "position": row.position,
            "choices": [
                {"slug": choice.handle, "name": choice.label}
                for choice in sorted(row.choices.all(), key=lambda choice: choice.position)
            ],
        }
        for row in found
    ]
    return lines, str(found[-1].pk) if len(found) == PIECE else None


def _bundles() -> QuerySet[ProductVariant]:
    return ProductVariant.objects.exclude(bundle_pricing="")


def _bundles_after(wanted: Wanted, after: str) -> Lines:
    rows = _bundles().filter(pk__gt=int(after or 0)).prefetch_related("parts__part")
    found = list(rows.order_by("pk")[:PIECE])
    lines = [
        {
            "kind": "bundle",
            "sku": row.sku,
            "pricing": row.bundle_pricing,
            "parts": [
                {"sku": part.part.sku if part.part else part.part_sku, "quantity": part.quantity}
                for part in sorted(row.parts.all(), key=lambda part: part.pk)
            ],
        }
        for row in found
    ]
    return lines, str(found[-1].pk) if len(found) == PIECE else None


def _translations() -> QuerySet[Translation]:
    """Translations of what is in the file."""
    of_lists = Q(category__isnull=False) | Q(collection__rule_match="")
    of_products = Q(product__isnull=False) | Q(option__isnull=False)
    of_others = Q(page__is_published=True) | Q(attribute__isnull=False)
    return Translation.objects.filter(of_lists | of_products | of_others)


def _translations_after(wanted: Wanted, after: str) -> Lines:
    rows = _translations().filter(pk__gt=int(after or 0))
    rows = rows.select_related("product", "category", "collection", "page", "option__product", "attribute")
    found = list(rows.defer("product__search", "option__product__search").order_by("pk")[:PIECE])
    things = {row.pk: _thing(row) for row in found}
    written = translations.contents(set(things.values()))
    lines = []
    for row in found:
        told = translations.told_of(row, written[things[row.pk]])
        outdated = [one.key for one in told if one.is_outdated]
        line: dict[str, Any] = {"kind": "translation", "locale": row.language, **_translated(row)}
        line |= {"texts": {one.key: one.value for one in told}}
        lines.append(line | ({"outdated": outdated} if outdated else {}))
    return lines, str(found[-1].pk) if len(found) == PIECE else None


def _thing(row: Translation) -> Thing:
    owner = next(owner for owner in translations.MODELS if getattr(row, f"{owner}_id") is not None)
    return Thing(owner, getattr(row, f"{owner}_id"))


def _translated(row: Translation) -> dict[str, str]:
    if row.option:
        return {"product": exported.name(row.option.product), "option": row.option.name}
    if row.page:
        return {"page": row.page.handle}
    if row.attribute:
        return {"attribute": row.attribute.handle}
    for kind in ("product", "category", "collection"):
        if thing := getattr(row, kind):
            return {kind: exported.name(thing)}
    raise ValueError(f"Translation {row.pk} is of something that is not in the file.")


_READERS = {
    "attribute": _attributes,
    "category": _categories,
    "product": _products,
    "bundle": _bundles_after,
    "collection": _collections_after,
    "page": _pages,
    "translation": _translations_after,
}


def _paths(categories: set[Category]) -> dict[int, str]:
    """The titles from the top of the tree down to each of these."""
    step = Category.steplen
    above = {row.path[:end] for row in categories for end in range(step, len(row.path) + 1, step)}
    titles = dict(Category.objects.filter(path__in=above).values_list("path", "title"))
    return {
        row.pk: " > ".join(titles[row.path[:end]] for end in range(step, len(row.path) + 1, step)) for row in categories
    }
