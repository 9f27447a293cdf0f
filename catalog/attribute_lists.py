"""Reading attributes as shoppers see them: definitions, what categories ask for, and the values of products."""

from collections.abc import Collection as Some
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet

from catalog import translated
from catalog.lists import ancestor_paths
from catalog.models import Attribute, AttributeChoice, AttributeKind, AttributeValue, CategoryAttribute
from shop import paging, prepared
from shop.paging import Order, Page, PageRequest


class AttributeRow(NamedTuple):
    """The definition of an attribute."""

    pk: int
    handle: str
    name: str
    kind: str
    unit: str
    is_filterable: bool
    position: int


class ChoiceRow(NamedTuple):
    """A value to choose."""

    attribute_id: int
    pk: int
    handle: str
    label: str
    position: int


class PlaceRow(NamedTuple):
    """An attribute as a category has it: given to the one at `path`, which is it or one above it."""

    path: str
    category_id: int
    is_required: bool
    position: int
    attribute: AttributeRow


class ValueRow(NamedTuple):
    """What a product or a variant is in one respect; of the value that one part is filled that the kind calls for."""

    attribute: AttributeRow
    choices: tuple[ChoiceRow, ...]
    number: Decimal | None
    text: str | None
    boolean: bool | None
    date: date | None

    @property
    def printable(self) -> str:
        """The value in words, with its unit."""
        match AttributeKind(self.attribute.kind):
            case AttributeKind.NUMBER:
                return f"{plain(self.number or Decimal(0)):f} {self.attribute.unit}".rstrip()
            case AttributeKind.BOOLEAN:
                return "Yes" if self.boolean else "No"
            case AttributeKind.DATE:
                return self.date.isoformat() if self.date else ""
            case AttributeKind.CHOICE | AttributeKind.MULTI_CHOICE:
                return ", ".join(choice.label for choice in self.choices)
            case AttributeKind.TEXT:
                return self.text or ""


def plain(number: Decimal) -> Decimal:
    """The number without the zeros at its end that its column stores."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


_IN_ORDER = Order("POSITION", "position", parse=int)


def page(request: PageRequest) -> Page[AttributeRow]:
    """A page of all attributes, in the merchant's order. Raises InvalidPage."""

    def read(chosen: QuerySet[Attribute]) -> list[AttributeRow]:
        return [AttributeRow._make(row) for row in chosen.values_list(*AttributeRow._fields)]

    return paging.page(Attribute.objects.all(), _IN_ORDER, request, read, lambda row: (row.position, row.pk))


def by_id(attribute_ids: Some[int]) -> dict[int, AttributeRow]:
    """The attributes with these keys."""
    rows = _by_id(list(attribute_ids)) if attribute_ids else []
    return {row.pk: row for row in map(AttributeRow._make, rows)}


def by_handle(handles: Some[str]) -> dict[str, AttributeRow]:
    """The attributes with these handles."""
    rows = _by_handle(list(handles)) if handles else []
    return {row.handle: row for row in map(AttributeRow._make, rows)}


def choices(attribute_ids: Some[int]) -> dict[int, list[ChoiceRow]]:
    """The choices of each attribute, in the merchant's order."""
    found: dict[int, list[ChoiceRow]] = {attribute_id: [] for attribute_id in attribute_ids}
    for row in map(ChoiceRow._make, _choices(list(found))):
        found[row.attribute_id].append(row)
    return found


def choices_by_id(choice_ids: Some[int]) -> dict[int, ChoiceRow]:
    """The choices with these keys."""
    return {row.pk: row for row in map(ChoiceRow._make, _choices_by_id(list(choice_ids)))}


def of_categories(paths: Some[str]) -> dict[str, list[PlaceRow]]:
    """The attributes of the category at each path: what the ones above give comes first, the nearest decides."""
    above = {path: [*ancestor_paths(path), path] for path in paths}
    wanted = {step for steps in above.values() for step in steps}
    given: dict[str, list[PlaceRow]] = {}
    for path, category_id, is_required, position, *attribute in _places(list(wanted)) if wanted else []:
        place = PlaceRow(path, category_id, is_required, position, AttributeRow._make(attribute))
        given.setdefault(path, []).append(place)
    return {path: _nearest([place for step in steps for place in given.get(step, ())]) for path, steps in above.items()}


def _nearest(places: list[PlaceRow]) -> list[PlaceRow]:
    """Of places from the root down, the last of each attribute."""
    last = {place.attribute.pk: place for place in places}
    return [place for place in places if last[place.attribute.pk] is place]


def of_products(product_ids: Some[int], language: str = "") -> dict[int, list[ValueRow]]:
    """What each product is, in the order of its category's attributes. Two statements, and one in another language."""
    return _told(language, _grouped(product_ids, _of_products(list(product_ids))))


def of_variants(variant_ids: Some[int], language: str = "") -> dict[int, list[ValueRow]]:
    """What is said of each variant alone, in the order of its category's attributes. Statements as of products."""
    return _told(language, _grouped(variant_ids, _of_variants(list(variant_ids))))


def named(language: str, rows: Some[AttributeRow]) -> dict[int, AttributeRow]:
    """These attributes by their keys, as they are called in this language."""
    told = translated.of(language, "attribute", {row.pk for row in rows})
    return {row.pk: translated.said(row, "attribute", told[row.pk]) if row.pk in told else row for row in rows}


def labelled(language: str, rows: Some[ChoiceRow]) -> list[ChoiceRow]:
    """These choices as they are called in this language."""
    told = translated.of(language, "attribute", {row.attribute_id for row in rows})
    return [_labelled(row, told.get(row.attribute_id)) for row in rows]


def _labelled(row: ChoiceRow, told: translated.Told | None) -> ChoiceRow:
    return row._replace(label=told.texts.get(translated.CHOICE + row.handle, row.label)) if told else row


def _told(language: str, found: dict[int, list[ValueRow]]) -> dict[int, list[ValueRow]]:
    """The values with their attributes and choices in the words of this language."""
    told = translated.of(language, "attribute", {value.attribute.pk for values in found.values() for value in values})
    if not told:
        return found

    def said(value: ValueRow) -> ValueRow:
        one = told.get(value.attribute.pk)
        if one is None:
            return value
        attribute: AttributeRow = translated.said(value.attribute, "attribute", one)
        return value._replace(attribute=attribute, choices=tuple(_labelled(choice, one) for choice in value.choices))

    return {owner: [said(value) for value in values] for owner, values in found.items()}


def _grouped(owners: Some[int], rows: Sequence[prepared.Row]) -> dict[int, list[ValueRow]]:
    """The values of each owner; those of one attribute together, and attributes as the category has them."""
    asked = of_categories({path for _, path, *_ in rows})
    found: dict[int, dict[int, ValueRow]] = {owner: {} for owner in owners}
    paths: dict[int, str] = {}
    width = len(AttributeRow._fields)
    for owner, path, *columns in rows:
        attribute = AttributeRow._make(columns[:width])
        pk, handle, label, position, number, text, boolean, day = columns[width:]
        chosen = () if pk is None else (ChoiceRow(attribute.pk, pk, handle, label, position),)
        before = found[owner].get(attribute.pk)
        if before:
            chosen = (*before.choices, *chosen)
        found[owner][attribute.pk] = ValueRow(
            attribute, chosen, None if number is None else plain(number), text, boolean, day
        )
        paths[owner] = path
    return {
        owner: [
            values[place.attribute.pk] for place in asked.get(paths.get(owner, ""), ()) if place.attribute.pk in values
        ]
        for owner, values in found.items()
    }


@prepared.statement
def _by_id(ids: list[int]) -> QuerySet[Any, Any]:
    return Attribute.objects.filter(pk__any=ids).values_list(*AttributeRow._fields)


@prepared.statement
def _by_handle(handles: list[str]) -> QuerySet[Any, Any]:
    return Attribute.objects.filter(handle__any=handles).values_list(*AttributeRow._fields)


@prepared.statement
def _choices(attribute_ids: list[int]) -> QuerySet[Any, Any]:
    chosen = AttributeChoice.objects.filter(attribute_id__any=attribute_ids).order_by("attribute_id", "position")
    return chosen.values_list(*ChoiceRow._fields)


@prepared.statement
def _choices_by_id(ids: list[int]) -> QuerySet[Any, Any]:
    return AttributeChoice.objects.filter(pk__any=ids).values_list(*ChoiceRow._fields)


@prepared.statement
def _places(paths: list[str]) -> QuerySet[Any, Any]:
    return (
        CategoryAttribute.objects.filter(category__path__any=paths)
        .order_by("position", "pk")
        .values_list("category__path", "category_id", "is_required", "position", *_ATTRIBUTE)
    )


@prepared.statement
def _of_products(product_ids: list[int]) -> QuerySet[Any, Any]:
    chosen = AttributeValue.objects.filter(product_id__any=product_ids, variant__isnull=True)
    return _applying(chosen).values_list("product_id", "product__category__path", *_ATTRIBUTE, *_VALUE)


@prepared.statement
def _of_variants(variant_ids: list[int]) -> QuerySet[Any, Any]:
    chosen = AttributeValue.objects.filter(variant_id__any=variant_ids)
    return _applying(chosen).values_list("variant_id", "product__category__path", *_ATTRIBUTE, *_VALUE)


_ATTRIBUTE = tuple(f"attribute__{name}" for name in AttributeRow._fields)
_VALUE = ("choice_id", "choice__handle", "choice__label", "choice__position", "number", "text", "boolean", "date")


def _applying(chosen: QuerySet[AttributeValue]) -> QuerySet[AttributeValue]:
    return chosen.filter(applies=True).order_by("choice__position", "pk")
