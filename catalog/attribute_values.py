"""Values of attributes: what is said of a product and of its variants, held to what its category asks for."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Required, TypedDict

from django.db import transaction

from catalog import categories
from catalog.models import (
    Attribute,
    AttributeChoice,
    AttributeKind,
    AttributeValue,
    Category,
    CategoryAttribute,
    Product,
    ProductStatus,
    ProductVariant,
)
from shop import clock, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together

MAX_TEXT = 1000
MAX_DECIMALS = 4
MAX_NUMBER = Decimal(10) ** 12
MAX_VALUES = 250
MAX_CHOSEN = 100

_WORDS = {
    AttributeKind.TEXT: "a text",
    AttributeKind.NUMBER: "a number",
    AttributeKind.BOOLEAN: "a boolean",
    AttributeKind.CHOICE: "one choice",
    AttributeKind.MULTI_CHOICE: "choices",
    AttributeKind.DATE: "a date",
}


class AttributesMissing(Refusal):
    """The product's category requires attributes that the product has no value of."""

    code = "ATTRIBUTES_MISSING"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"Its category requires a value of {', '.join(names)}; the product, or each variant, needs one."
        )


class Said(TypedDict, total=False):
    """The value of one attribute, in the field that its kind calls for; without any, the value is taken away.

    Or `written`, as a file has it: true or false, the handles of choices, or a text to be read as the kind calls for.
    """

    handle: Required[str]
    choices: list[str] | None
    number: Decimal | None
    text: str | None
    boolean: bool | None
    date: str | None
    written: bool | str | list[str] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """An attribute as a category asks for it."""

    attribute: Attribute
    is_required: bool


def asked_of(path: str) -> dict[int, Asked]:
    """The attributes of the category at this path: its own, and those of the ones above. The nearest decides."""
    return asked_of_each([path])[path]


def asked_of_each(paths: Collection[str]) -> dict[str, dict[int, Asked]]:
    """As `asked_of`, of several categories in one statement."""
    above = {path: [path[:end] for end in range(Category.steplen, len(path) + 1, Category.steplen)] for path in paths}
    every = {one for chain in above.values() for one in chain}
    places = CategoryAttribute.objects.filter(category__path__in=every).select_related("attribute", "category")
    given: dict[str, dict[int, Asked]] = {}
    for place in places.order_by("category__depth", "position", "pk"):
        given.setdefault(place.category.path, {})[place.attribute_id] = Asked(place.attribute, place.is_required)
    found: dict[str, dict[int, Asked]] = {}
    for path, chain in above.items():
        found[path] = {key: asked for one in chain for key, asked in given.get(one, {}).items()}
    return found


@transaction.atomic(durable=True)
def set_of_product(*, product_id: int, values: Sequence[Said]) -> Product:
    """Say what a product is; attributes not named keep their values.

    Raises NotFound, InvalidInput, AttributesMissing, alone or together.
    """
    categories.hold_tree()
    product = _locked(product_id, "product_id")
    write(product, None, values)
    return product


@transaction.atomic(durable=True)
def set_of_variant(*, variant_id: int, values: Sequence[Said]) -> ProductVariant:
    """Say what one variant is, where it differs from the others. Raises as `set_of_product`."""
    categories.hold_tree()
    variant = ProductVariant.objects.filter(pk=variant_id).first()
    if variant is None:
        raise NotFound("ProductVariant", field=("product_variant_id",))
    write(_locked(variant.product_id, "product_variant_id"), variant, values)
    return variant


def write(product: Product, variant: ProductVariant | None, values: Sequence[Said], field: str = "values") -> None:
    """Store values, blaming `field`. Call with the tree held and the product locked. Raises Refusals, InvalidInput."""
    asked = asked_of(product.category.path)
    with blaming(field):
        known = {one.attribute.handle: key for key, one in asked.items()}
        rows, named = read(
            values, asked, choices_of([known[said["handle"]] for said in values if said["handle"] in known])
        )
    for row in rows:
        row.product, row.variant = product, variant
    AttributeValue.objects.filter(product=product, variant=variant, attribute__in=named).delete()
    AttributeValue.objects.bulk_create(rows)
    taken_away = set(named) - {row.attribute_id for row in rows}
    if product.status == ProductStatus.ACTIVE and taken_away:
        with blaming(field):
            _ensure_complete(product, {key: one for key, one in asked.items() if key in taken_away})
    Product.objects.filter(pk=product.pk).update(updated_at=clock.now())


def ensure_complete(product: Product) -> None:
    """Refuse a product without a value of something its category requires. Raises AttributesMissing."""
    _ensure_complete(product, asked_of(product.category.path))


def _ensure_complete(product: Product, asked: Mapping[int, Asked]) -> None:
    if not any(one.is_required for one in asked.values()):
        return
    had: dict[int, set[int | None]] = {}
    stored = AttributeValue.objects.filter(product=product, attribute__in=asked)
    for attribute_id, variant_id in stored.values_list("attribute_id", "variant_id"):
        had.setdefault(attribute_id, set()).add(variant_id)
    variants = set(ProductVariant.objects.filter(product=product).values_list("pk", flat=True))
    lacking = missing(asked, had, variants)
    if lacking:
        raise AttributesMissing(list(lacking.values()))


def missing(
    asked: Mapping[int, Asked], had: Mapping[int, Collection[Any]], variants: Collection[Any]
) -> dict[int, str]:
    """The required attributes without a value, by key: `had` tells of which variants there is one, None the product."""
    return {
        key: one.attribute.name
        for key, one in asked.items()
        if one.is_required
        and None not in had.get(key, ())
        and not (variants and set(variants) <= set(had.get(key, ())))
    }


def read(
    values: Sequence[Said], asked: Mapping[int, Asked], choices: Mapping[int, Mapping[str, AttributeChoice]]
) -> tuple[list[AttributeValue], list[int]]:
    """The rows to write, and the keys of all attributes named. Raises Refusals, InvalidInput."""
    if len(values) > MAX_VALUES:
        raise InvalidInput(f"At most {MAX_VALUES} values at once.")
    known = {one.attribute.handle: one.attribute for one in asked.values()}
    rows: list[AttributeValue] = []
    named: list[int] = []
    with together() as check:
        for number, said in enumerate(values):
            with check(number):
                attribute = known.get(said["handle"])
                if attribute is None:
                    raise InvalidInput(_unknown(said["handle"], known), field=("handle",))
                if attribute.pk in named:
                    raise InvalidInput("This attribute is named twice.", field=("handle",))
                named.append(attribute.pk)
                rows += _read(attribute, said, choices.get(attribute.pk, {}))
    return rows, named


def _unknown(handle: str, known: Collection[str]) -> str:
    # No database can be asked for a text with this character.
    if "\0" in handle or not Attribute.objects.filter(handle=handle).exists():
        return "There is no such attribute."
    there = f"it has: {', '.join(sorted(known))}" if known else "it has none"
    return f"The product's category does not have this attribute; {there}. Assign it to the category first."


def choices_of(attribute_ids: Iterable[int]) -> dict[int, dict[str, AttributeChoice]]:
    """The choices of these attributes by their handles, in order."""
    found: dict[int, dict[str, AttributeChoice]] = {}
    for choice in AttributeChoice.objects.filter(attribute__in=attribute_ids).order_by("position"):
        found.setdefault(choice.attribute_id, {})[choice.handle] = choice
    return found


def _read(attribute: Attribute, said: Said, choices: Mapping[str, AttributeChoice]) -> list[AttributeValue]:
    """The rows of one attribute; none where the value is to be taken away. Raises InvalidInput, Refusals."""
    kind = AttributeKind(attribute.kind)
    field = "choices" if kind.has_choices else kind.column
    if said.get("written") is not None:
        said = _meant(attribute, said)
    given = [name for name in ("choices", "number", "text", "boolean", "date") if said.get(name) is not None]
    if any(name != field for name in given):
        raise InvalidInput(
            f"{attribute.name} is {_WORDS[kind]}; give it as `{field}`.",
            field=(next(name for name in given if name != field),),
        )
    if not given:
        return []
    with blaming(field):
        match kind:
            case AttributeKind.TEXT:
                found: list[dict[str, Any]] = [{"text": text.line(said["text"] or "", limit=MAX_TEXT, required=True)}]
            case AttributeKind.NUMBER:
                found = [{"number": _number(said["number"] or Decimal(0))}]
            case AttributeKind.BOOLEAN:
                found = [{"boolean": said["boolean"]}]
            case AttributeKind.DATE:
                found = [{"date": _date(said["date"] or "")}]
            case AttributeKind.CHOICE | AttributeKind.MULTI_CHOICE:
                found = [{"choice": choice} for choice in _chosen(kind, said["choices"] or [], choices)]
    return [AttributeValue(attribute=attribute, **columns) for columns in found]


def _meant(attribute: Attribute, said: Said) -> Said:
    """What a value of a file says of an attribute of this kind. Raises InvalidInput."""
    written, handle = said["written"], said["handle"]
    match AttributeKind(attribute.kind), written:
        case AttributeKind.BOOLEAN, bool():
            return {"handle": handle, "boolean": written}
        case AttributeKind.BOOLEAN, str() if written.lower() in ("true", "false"):
            return {"handle": handle, "boolean": written.lower() == "true"}
        case AttributeKind.TEXT, str():
            return {"handle": handle, "text": written}
        case AttributeKind.DATE, str():
            return {"handle": handle, "date": written}
        case AttributeKind.NUMBER, str() if _DECIMAL.fullmatch(written):
            return {"handle": handle, "number": Decimal(written)}
        case AttributeKind.CHOICE | AttributeKind.MULTI_CHOICE, list():
            return {"handle": handle, "choices": written}
        case AttributeKind.CHOICE | AttributeKind.MULTI_CHOICE, str():
            return {"handle": handle, "choices": [one.strip() for one in written.split(",")]}
    raise InvalidInput(
        f"{attribute.name} is {_WORDS[AttributeKind(attribute.kind)]}; write {_WRITTEN[attribute.kind]}."
    )


_DECIMAL = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,20})?")
_WRITTEN: Mapping[str, str] = {
    AttributeKind.TEXT: "it in quotes",
    AttributeKind.NUMBER: 'it in quotes, such as "12.5"',
    AttributeKind.BOOLEAN: "true or false",
    AttributeKind.CHOICE: "the handle of one choice in quotes",
    AttributeKind.MULTI_CHOICE: "a list of handles of choices",
    AttributeKind.DATE: 'it in quotes, such as "2026-05-31"',
}


def _number(said: Decimal) -> Decimal:
    if not said.is_finite():
        raise InvalidInput("A number has an end.")
    if abs(said) >= MAX_NUMBER:
        raise InvalidInput("A number has 12 digits before the point at the most.")
    if said != said.quantize(Decimal(1).scaleb(-MAX_DECIMALS)):
        raise InvalidInput(f"A number has {MAX_DECIMALS} decimals at the most.")
    return said


def _date(said: str) -> date:
    written = said.strip()
    try:
        found = date.fromisoformat(written)
    except ValueError:
        found = None
    if found is None or found.isoformat() != written:
        raise InvalidInput("A day is written as year, month and day, such as 2026-05-31.")
    return found


def _chosen(
    kind: AttributeKind, handles: Sequence[str], choices: Mapping[str, AttributeChoice]
) -> list[AttributeChoice]:
    if kind is AttributeKind.CHOICE and len(handles) > 1:
        raise InvalidInput("Only one choice can be made.")
    if len(handles) > MAX_CHOSEN:
        raise InvalidInput(f"At most {MAX_CHOSEN} choices can be made.")
    chosen: dict[str, AttributeChoice] = {}
    with together() as check:
        for number, handle in enumerate(handles):
            with check(number):
                if handle not in choices:
                    offered = ", ".join(list(choices)[:20]) or "none"
                    more = ", …" if len(choices) > 20 else ""
                    raise InvalidInput(f"This is not among the choices; they are: {offered}{more}.")
                if handle in chosen:
                    raise InvalidInput("This choice is named twice.")
                chosen[handle] = choices[handle]
    return list(chosen.values())


def _locked(product_id: int, field: str) -> Product:
    found = (
        Product.objects.select_for_update(no_key=True, of=("self",))
        .select_related("category")
        .defer("search")
        .filter(pk=product_id)
        .first()
    )
    if found is None:
        raise NotFound("Product" if field == "product_id" else "ProductVariant", field=(field,))
    return found
