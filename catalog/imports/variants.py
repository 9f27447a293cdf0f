"""Writing the variants of a batch of products: what is bought, with prices, and the stock it is to have."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import connection

from catalog import price_lists, stock
from catalog.imports import copying
from catalog.imports.records import ProductRecord, VariantRecord
from catalog.imports.work import Line, Written
from catalog.models import Price, Product, ProductVariant, StockHold, StockLevel

Options = tuple[tuple[str, tuple[str, ...]], ...]


class Pair(Protocol):
    """A product's record and its row."""

    row: Product
    is_changed: bool

    @property
    def record(self) -> ProductRecord: ...


@dataclass(slots=True)
class _Changes:
    """What differs from the shop, gathered over a batch."""

    created: list[ProductVariant] = field(default_factory=list)
    changed: list[ProductVariant] = field(default_factory=list)
    added: list[Price] = field(default_factory=list)
    repriced: list[Price] = field(default_factory=list)
    stock: list[tuple[ProductVariant, int]] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    """Variants that give up their option values, to keep them free for others of the product."""


class Shelf:
    """The variants that the shop has of a batch's products, and those that have one of the batch's skus."""

    def __init__(self, lines: Sequence[Line[ProductRecord]], products: Iterable[Product]) -> None:
        keys = {product.pk: product.external_id for product in products}
        skus = [variant.sku for line in lines for variant in line.record.variants]
        owners = ProductVariant.objects.filter(sku__in=skus).values_list("sku", "product__external_id")
        self._owners: dict[str, str | None] = dict(owners)
        self._stored: defaultdict[str, dict[str, ProductVariant]] = defaultdict(dict)
        locked = ProductVariant.objects.select_for_update(no_key=True).filter(product_id__in=keys).order_by("pk")
        for variant in locked:
            self._stored[keys[variant.product_id] or ""][variant.sku] = variant
        ids = [variant.pk for variant in locked]
        self._held = set(StockHold.objects.filter(variant_id__in=ids).values_list("variant_id", flat=True))
        self._lists = {variant.currency: 0 for line in lines for variant in line.record.variants}
        for currency in sorted(self._lists):
            self._lists[currency] = price_lists.base(currency)
        prices = Price.objects.filter(variant_id__in=ids, price_list__in=self._lists.values(), min_quantity=1)
        self._prices = {(price.variant_id, price.price_list_id): price for price in prices}
        levels = StockLevel.objects.filter(variant_id__in=ids, location=stock.default_location())
        self._levels = {level.variant_id: level for level in levels}

    def fault(self, record: ProductRecord) -> str | None:
        """Why the record's variants cannot become what the shop has, or None."""
        for variant in record.variants:
            if self._owners.get(variant.sku, record.id) != record.id:
                return f'The sku "{variant.sku}" is taken by another product of the shop.'
            had = self._stored[record.id].get(variant.sku)
            level = self._levels.get(had.pk) if had else None
            if level and level.reserved > variant.stock + level.backorder_limit:
                return f'Orders hold {level.reserved} of "{variant.sku}"; its stock cannot go below that.'
        taken = {variant.values for variant in record.variants}
        for kept in self._kept(record):
            if len(kept.option_values) != len(record.options) or tuple(kept.option_values) in taken:
                return f'Orders hold "{kept.sku}", which does not fit the new options; import again once they are sent.'
        return None

    def options(self, record: ProductRecord) -> Options:
        """The options of the record, with the values that only a variant kept for orders still has."""
        kept = [variant.option_values for variant in self._kept(record)]
        return tuple(
            (name, tuple(dict.fromkeys([*values, *(values_kept[place] for values_kept in kept)])))
            for place, (name, values) in enumerate(record.options)
        )

    def write(self, pairs: Iterable[Pair], images: Mapping[int, Mapping[str, int]], written: Written) -> None:
        """Create, change and drop variants and prices; note in `written` the stock they are to have."""
        changes = _Changes()
        for pair in pairs:
            before = self._size(changes, written)
            for place, record in enumerate(pair.record.variants):
                self._compare(pair, place, record, images.get(pair.row.pk, {}), changes)
            self._retire(pair.record, changes, written)
            pair.is_changed |= self._size(changes, written) != before
        with connection.cursor() as cursor:
            cursor.execute(_RELEASE, [[*changes.moved, *written.dropped]])
        ProductVariant.objects.bulk_create(
            changes.changed, update_conflicts=True, unique_fields=["id"], update_fields=_WRITTEN
        )
        copying.insert(changes.created)
        for price in changes.added:
            price.variant_id = price.variant.pk
        copying.insert(changes.added)
        Price.objects.bulk_create(
            changes.repriced, update_conflicts=True, unique_fields=["id"], update_fields=["amount", "compare_at"]
        )
        fresh = {variant.pk for variant in changes.created}
        for variant, quantity in changes.stock:
            (written.received if variant.pk in fresh else written.counted)[variant.pk] = quantity

    def _compare(
        self, pair: Pair, place: int, record: VariantRecord, images: Mapping[str, int], changes: _Changes
    ) -> None:
        had = self._stored[pair.record.id].get(record.sku)
        variant = had or ProductVariant(product=pair.row, sku=record.sku)
        differences = {
            name: value for name, value in _fields(place, record, images).items() if getattr(variant, name) != value
        }
        if had and "option_values" in differences:
            changes.moved.append(had.pk)
        for name, value in differences.items():
            setattr(variant, name, value)
        if had is None:
            changes.created.append(variant)
        elif differences:
            changes.changed.append(variant)
        price_list = self._lists[record.currency]
        price = self._prices.get((variant.pk, price_list)) if had else None
        amounts: dict[str, Any] = {"amount": record.price, "compare_at": record.compare_at}
        if price is None:
            changes.added.append(Price(variant=variant, price_list_id=price_list, **amounts))
        elif (price.amount, price.compare_at) != (record.price, record.compare_at):
            price.amount, price.compare_at = amounts.values()
            changes.repriced.append(price)
        level = self._levels.get(variant.pk) if had else None
        if level is None or level.on_hand != record.stock:
            changes.stock.append((variant, record.stock))

    def _retire(self, record: ProductRecord, changes: _Changes, written: Written) -> None:
        """Drop what the file no longer has; what orders hold stays at the end of the list with nothing free."""
        skus = {variant.sku for variant in record.variants}
        dropped = {
            one.pk for sku, one in self._stored[record.id].items() if sku not in skus and one.pk not in self._held
        }
        written.dropped |= dropped
        for place, kept in enumerate(self._kept(record), len(record.variants)):
            if kept.position != place:
                kept.position = place
                changes.changed.append(kept)
            level = self._levels.get(kept.pk)
            if level and level.on_hand != level.reserved:
                changes.stock.append((kept, level.reserved))

    def _kept(self, record: ProductRecord) -> list[ProductVariant]:
        skus = {variant.sku for variant in record.variants}
        return [one for sku, one in self._stored[record.id].items() if sku not in skus and one.pk in self._held]

    @staticmethod
    def _size(changes: _Changes, written: Written) -> int:
        counted = (changes.created, changes.changed, changes.added, changes.repriced, changes.stock, written.dropped)
        return sum(len(one) for one in counted)


_WRITTEN = ["title", "position", "option_values", "weight_grams", "barcode", "image", "updated_at"]

_RELEASE = "UPDATE catalog_productvariant SET option_values = ARRAY['~' || id] WHERE id = ANY(%s)"


def _fields(place: int, record: VariantRecord, images: Mapping[str, int]) -> dict[str, Any]:
    """What the record says of the variant's own row."""
    fields: dict[str, Any] = {"title": record.title, "position": place, "option_values": list(record.values)}
    if record.weight_grams is not None:
        fields["weight_grams"] = record.weight_grams
    if record.barcode is not None:
        fields["barcode"] = record.barcode
    if record.image is not None:
        fields["image_id"] = images[record.image] if record.image else None
    return fields
