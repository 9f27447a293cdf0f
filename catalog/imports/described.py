"""Writing the attribute values of a batch of products and their variants, held to what their categories ask for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from catalog import attribute_values
from catalog.attribute_values import Asked, AttributesMissing, Said
from catalog.imports.records import ProductRecord
from catalog.imports.work import Line
from catalog.models import AttributeValue, Category, Product, ProductStatus, ProductVariant
from shop.errors import InvalidInput, Refusal, Refusals, together

# The rows of each attribute; none where a value is to be taken away.
_Rows = dict[int, list[AttributeValue]]


class Pair(Protocol):
    """A product's record and its row."""

    line: Line[ProductRecord]
    row: Product
    owner: int
    is_changed: bool


class Descriptions:
    """What the categories of a batch ask for, and what the shop knows of its products and, by sku, their variants.

    `owners` and `categories` tell the product and the category of each line. The tree is held, the products locked.
    """

    def __init__(
        self, lines: Sequence[Line[ProductRecord]], owners: Mapping[int, int], categories: Mapping[int, int]
    ) -> None:
        paths = dict(Category.objects.filter(pk__in=set(categories.values())).values_list("pk", "path"))
        asked = attribute_values.asked_of_each(paths.values())
        self._asked = {number: asked[paths[pk]] for number, pk in categories.items() if pk in paths}
        self._wanted: dict[int, dict[str | None, _Rows]] = {}
        self._stored: defaultdict[int, dict[str | None, _Rows]] = defaultdict(dict)
        self._skus: defaultdict[int, set[str]] = defaultdict(set)
        said = [handle for line in lines for handle in _handles(line.record)]
        keys = {one.attribute.handle: key for each in asked.values() for key, one in each.items()}
        self._choices = attribute_values.choices_of({keys[handle] for handle in said if handle in keys}) if said else {}
        if said or any(one.is_required for each in asked.values() for one in each.values()):
            self._read(sorted({owner for owner in owners.values() if owner > 0}))

    def _read(self, product_ids: Sequence[int]) -> None:
        stored = AttributeValue.objects.filter(product__in=product_ids).select_related("variant").order_by("pk")
        for value in stored:
            sku = value.variant.sku if value.variant else None
            self._stored[value.product_id].setdefault(sku, {}).setdefault(value.attribute_id, []).append(value)
        for product_id, sku in ProductVariant.objects.filter(product__in=product_ids).values_list("product_id", "sku"):
            self._skus[product_id].add(sku)

    def check(self, line: Line[ProductRecord], row: Product | None, owner: int) -> None:
        """Refuse values that the category does not have or the attribute cannot, and an offer that lacks some.

        Raises Refusals, AttributesMissing.
        """
        record, asked = line.record, self._asked.get(line.number, {})
        wanted: dict[str | None, _Rows] = {}
        with together() as check:
            with check(), _placed(("attributes",), record.attributes):
                wanted[None] = self._rows(record.attributes, asked)
            for place, variant in enumerate(record.variants or ()):
                with check(), _placed(("variants", place, "attributes"), variant.attributes):
                    wanted[variant.sku] = self._rows(variant.attributes, asked)
        self._ensure_complete(record, row, owner, asked, wanted)
        self._wanted[line.number] = {sku: rows for sku, rows in wanted.items() if rows}

    def write(self, pairs: Iterable[Pair]) -> None:
        """Store what differs, and note whose products that changed. Call when the variants are written."""
        pairs = [pair for pair in pairs if self._wanted.get(pair.line.number)]
        if not pairs:
            return
        variants = ProductVariant.objects.filter(product__in=[pair.row.pk for pair in pairs])
        keys: dict[tuple[int, str | None], int] = {
            (product_id, sku): pk for product_id, sku, pk in variants.values_list("product_id", "sku", "pk")
        }
        gone: list[int] = []
        made: list[AttributeValue] = []
        for pair in pairs:
            for sku, wanted in self._wanted[pair.line.number].items():
                stored = self._stored[pair.owner].get(sku, {}) if pair.owner in self._stored else {}
                for attribute_id, rows in wanted.items():
                    had = stored.get(attribute_id, [])
                    if {_said(value) for value in had} == {_said(value) for value in rows}:
                        continue
                    pair.is_changed = True
                    gone += [value.pk for value in had]
                    for value in rows:
                        value.product_id, value.variant_id = pair.row.pk, keys[pair.row.pk, sku] if sku else None
                    made += rows
        AttributeValue.objects.filter(pk__in=gone).delete()
        AttributeValue.objects.bulk_create(made)

    def _rows(self, said: Sequence[Said] | None, asked: Mapping[int, Asked]) -> _Rows:
        if not said:
            return {}
        rows, named = attribute_values.read(said, asked, self._choices)
        return {key: [row for row in rows if row.attribute_id == key] for key in named}

    def _ensure_complete(
        self,
        record: ProductRecord,
        row: Product | None,
        owner: int,
        asked: Mapping[int, Asked],
        wanted: Mapping[str | None, _Rows],
    ) -> None:
        """Refuse to sell what lacks a value its category requires and had it before. Raises AttributesMissing."""
        status = record.status or (row.status if row else ProductStatus.ACTIVE)
        if status != ProductStatus.ACTIVE or not any(one.is_required for one in asked.values()):
            return
        had = self._stored.get(owner, {})
        skus = self._skus.get(owner, set())
        before = attribute_values.missing(asked, _by_attribute(had, skus), skus)
        if record.variants is not None:
            skus = {variant.sku for variant in record.variants}
        after = {sku: {**had.get(sku, {}), **wanted.get(sku, {})} for sku in {*had, *wanted}}
        missing = attribute_values.missing(asked, _by_attribute(after, skus), skus)
        if row is not None and row.status == ProductStatus.ACTIVE:
            missing = {key: name for key, name in missing.items() if key not in before}
        if missing:
            refusal: Refusal = AttributesMissing(list(missing.values()))
            refusal.field = ("attributes",)
            raise refusal


def _handles(record: ProductRecord) -> Iterator[str]:
    for said in (record.attributes, *(variant.attributes for variant in record.variants or ())):
        yield from (one["handle"] for one in said or ())


def _by_attribute(values: Mapping[str | None, _Rows], skus: Iterable[str]) -> dict[int, set[str | None]]:
    """Of which of these variants there is a value of each attribute, None being the product."""
    found: defaultdict[int, set[str | None]] = defaultdict(set)
    for sku in (None, *skus):
        for attribute_id, rows in values.get(sku, {}).items():
            if rows:
                found[attribute_id].add(sku)
    return found


def _said(value: AttributeValue) -> tuple[Any, ...]:
    return (value.choice_id, value.number, value.text, value.boolean, value.date)


@contextmanager
def _placed(path: tuple[str | int, ...], said: Sequence[Said] | None) -> Iterator[None]:
    """Blame values at `path`: those of a file by the handles of their attributes, others by their places."""

    def place(refusal: Refusal) -> Refusal:
        match refusal.field:
            case (int(number), *_) if said and "written" in said[number]:
                refusal.field = (*path, said[number]["handle"])
            case field:
                refusal.field = (*path, *field)
        return refusal

    try:
        yield
    except InvalidInput as refusal:
        place(refusal)
        raise
    except Refusals as several:
        for one in several.refusals:
            place(one)
        raise
