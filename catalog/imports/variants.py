"""Writing the variants of a batch of products: what is bought, with prices, and the stock it is to have."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from django.db import connection

from catalog import price_lists, stock
from catalog.imports import copying
from catalog.imports.fields import BadLine, Taken, Unknown
from catalog.imports.records import Options, PriceRecord, ProductRecord, VariantRecord
from catalog.imports.work import Line, Written
from catalog.models import (
    BundlePricing,
    Price,
    PriceList,
    Product,
    ProductVariant,
    StockHold,
    StockLevel,
    StockLocation,
)


class Pair(Protocol):
    """A product's record and its row."""

    row: Product
    owner: int
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
    stock: list[tuple[ProductVariant, int, int]] = field(default_factory=list)
    costs: dict[tuple[str, int], Decimal] = field(default_factory=dict)
    """What a unit cost, by the sku of a new variant and the location."""
    moved: list[int] = field(default_factory=list)
    """Variants that give up their option values, to keep them free for others of the product."""


class Shelf:
    """The variants that the shop has of a batch's products, and those that have one of the batch's skus."""

    def __init__(self, lines: Sequence[Line[ProductRecord]], owners: Mapping[int, int]) -> None:
        skus = [variant.sku for line in lines for variant in line.record.variants or ()]
        self._owners = dict(ProductVariant.objects.filter(sku__in=skus).values_list("sku", "product_id"))
        self._stored: defaultdict[int, dict[str, ProductVariant]] = defaultdict(dict)
        keys = [owner for owner in owners.values() if owner > 0]
        locked = ProductVariant.objects.select_for_update(no_key=True).filter(product_id__in=keys).order_by("pk")
        for variant in locked:
            self._stored[variant.product_id][variant.sku] = variant
        ids = [variant.pk for variant in locked]
        self._held = set(StockHold.objects.filter(variant_id__in=ids).values_list("variant_id", flat=True))
        self._read_prices(lines, ids)
        self._default = stock.default_location().pk
        self._places = {"": self._default, **dict(StockLocation.objects.values_list("code", "pk"))}
        levels = StockLevel.objects.filter(variant_id__in=ids)
        self._levels = {(level.variant_id, level.location_id): level for level in levels}

    def _read_prices(self, lines: Sequence[Line[ProductRecord]], ids: Sequence[int]) -> None:
        said = {
            (price.of_list, price.currency)
            for line in lines
            for variant in line.record.variants or ()
            for price in variant.prices
        }
        named = PriceList.objects.filter(handle__in={name for name, _ in said if name})
        self._lists = {(name, currency): pk for name, currency, pk in named.values_list("handle", "currency", "pk")}
        for currency in sorted({currency for name, currency in said if not name}):
            self._lists["", currency] = price_lists.base(currency)
        prices = Price.objects.filter(variant_id__in=ids, price_list__in=self._lists.values())
        self._prices = {(price.variant_id, price.price_list_id, price.min_quantity): price for price in prices}

    def check(self, record: ProductRecord, owner: int) -> None:
        """Refuse variants that cannot become what the shop has. Raises BadLine."""
        if record.variants is None:
            return
        for place, variant in enumerate(record.variants):
            if self._owners.get(variant.sku, owner) != owner:
                reason = f'The sku "{variant.sku}" is taken by another product of the shop.'
                raise Taken(reason, f"variants[{place}].sku")
            for price in variant.prices:
                if (price.of_list, price.currency) not in self._lists:
                    reason = f'There is no price list "{price.of_list}" in {price.currency}.'
                    raise Unknown(reason, f"variants[{place}].prices")
            self._check_stock(place, variant, self._stored[owner].get(variant.sku))
        taken = {variant.values for variant in record.variants}
        for kept in self._kept(record, owner):
            if len(kept.option_values) != len(record.options) or tuple(kept.option_values) in taken:
                reason = (
                    f'Orders hold "{kept.sku}", which does not fit the new options; import again once they are sent.'
                )
                raise BadLine(reason, "options")

    def _check_stock(self, place: int, variant: VariantRecord, had: ProductVariant | None) -> None:
        for code, quantity in variant.stock or ():
            if code not in self._places:
                raise Unknown(f'There is no location "{code}".', f"variants[{place}].stock")
            level = self._levels.get((had.pk, self._places[code])) if had else None
            if level and level.reserved > quantity + level.backorder_limit:
                reason = f'Orders hold {level.reserved} of "{variant.sku}"; its stock cannot go below that.'
                raise BadLine(reason, f"variants[{place}].stock")

    def options(self, record: ProductRecord, owner: int) -> Options:
        """The options of the record, with the values that only a variant kept for orders still has."""
        kept = [variant.option_values for variant in self._kept(record, owner)]
        return tuple(
            (name, tuple(dict.fromkeys([*values, *(values_kept[place] for values_kept in kept)])))
            for place, (name, values) in enumerate(record.options)
        )

    def write(self, pairs: Iterable[Pair], images: Mapping[int, Mapping[str, int]], written: Written) -> None:
        """Create, change and drop variants and prices; note in `written` the stock they are to have."""
        changes = _Changes()
        for pair in pairs:
            if pair.record.variants is None:
                continue
            before = self._size(changes, written)
            for place, record in enumerate(pair.record.variants):
                self._compare(pair, place, record, images.get(pair.row.pk, {}), changes)
            self._retire(pair.record, pair.owner, changes, written)
            pair.is_changed |= self._size(changes, written) != before
        with connection.cursor() as cursor:
            cursor.execute(_RELEASE, [[*changes.moved, *written.dropped]])
        self._release_skus(written.dropped)
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
        for variant, location, quantity in changes.stock:
            (written.received if variant.pk in fresh else written.counted)[variant.pk, location] = quantity
            if quantity and (variant.sku, location) in changes.costs:
                written.costs[variant.pk, location] = changes.costs[variant.sku, location]

    @staticmethod
    def _release_skus(dropped: Iterable[int]) -> None:
        """Free the skus of what is dropped: it stands until stock is settled, which may be at the end of a file."""
        if ids := sorted(dropped):
            # An order of one points to the row this changes the key of, and would wait for it with offers locked.
            stock.lock(ids)
            with connection.cursor() as cursor:
                cursor.execute("UPDATE catalog_productvariant SET sku = '~' || id WHERE id = ANY(%s)", [ids])

    def _compare(
        self, pair: Pair, place: int, record: VariantRecord, images: Mapping[str, int], changes: _Changes
    ) -> None:
        had = self._stored[pair.owner].get(record.sku)
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
        for price in record.prices:
            # What costs the sum of its parts is priced with them, whatever is said here.
            if variant.bundle_pricing != BundlePricing.SUM or price.min_quantity > 1:
                self._compare_price(variant, price, changes)
        counts = record.stock or (() if had else (("", 0),))
        # A bundle has only the stock of its parts, whatever a file says.
        for code, quantity in () if variant.bundle_pricing else counts:
            location = self._places[code]
            level = self._levels.get((variant.pk, location)) if had else None
            if level is None or level.on_hand != quantity:
                changes.stock.append((variant, location, quantity))
            if had is None and record.unit_cost is not None:
                changes.costs[variant.sku, location] = record.unit_cost

    def _compare_price(self, variant: ProductVariant, record: PriceRecord, changes: _Changes) -> None:
        price_list = self._lists[record.of_list, record.currency]
        price = self._prices.get((variant.pk, price_list, record.min_quantity))
        if price is None:
            made = Price(variant=variant, price_list_id=price_list, min_quantity=record.min_quantity)
            made.amount, made.compare_at = record.amount, record.compare_at
            changes.added.append(made)
        elif (price.amount, price.compare_at) != (record.amount, record.compare_at):
            price.amount, price.compare_at = record.amount, record.compare_at
            changes.repriced.append(price)

    def _retire(self, record: ProductRecord, owner: int, changes: _Changes, written: Written) -> None:
        """Drop what the file no longer has; what orders hold stays at the end of the list with nothing free."""
        variants = record.variants or ()
        skus = {variant.sku for variant in variants}
        dropped = {one.pk for sku, one in self._stored[owner].items() if sku not in skus and one.pk not in self._held}
        written.dropped |= dropped
        for place, kept in enumerate(self._kept(record, owner), len(variants)):
            if kept.position != place:
                kept.position = place
                changes.changed.append(kept)
            level = self._levels.get((kept.pk, self._default))
            if level and level.on_hand != level.reserved:
                changes.stock.append((kept, self._default, level.reserved))

    def _kept(self, record: ProductRecord, owner: int) -> list[ProductVariant]:
        skus = {variant.sku for variant in record.variants or ()}
        return [one for sku, one in self._stored[owner].items() if sku not in skus and one.pk in self._held]

    @staticmethod
    def _size(changes: _Changes, written: Written) -> int:
        counted = (changes.created, changes.changed, changes.added, changes.repriced, changes.stock, written.dropped)
        return sum(len(one) for one in counted)


_WRITTEN = ["title", "position", "option_values", "weight_grams", "barcode", "requires_shipping", "image"]
_WRITTEN += ["updated_at"]

_RELEASE = "UPDATE catalog_productvariant SET option_values = ARRAY['~' || id] WHERE id = ANY(%s)"


def _fields(place: int, record: VariantRecord, images: Mapping[str, int]) -> dict[str, Any]:
    """What the record says of the variant's own row."""
    fields: dict[str, Any] = {"title": record.title, "position": place, "option_values": list(record.values)}
    if record.weight_grams is not None:
        fields["weight_grams"] = record.weight_grams
    if record.barcode is not None:
        fields["barcode"] = record.barcode
    if record.requires_shipping is not None:
        fields["requires_shipping"] = record.requires_shipping
    if record.image is not None:
        fields["image_id"] = images[record.image] if record.image else None
    return fields
