"""Narrowing lists of products by attributes: what a shopper asks for by handles, and the conditions it comes to."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from catalog import attribute_lists
from catalog.attribute_lists import AttributeRow
from catalog.attribute_values import MAX_NUMBER
from catalog.filters import Described
from catalog.models import AttributeKind
from shop.errors import InvalidInput, blaming

# No attribute and no choice has this key: who asks for something that is not there finds nothing.
_NOTHING = 0


class Wanted(NamedTuple):
    """A condition on the attribute with a handle; of choices any will do."""

    handle: str
    values: tuple[str, ...] = ()
    min: Decimal | None = None
    max: Decimal | None = None
    boolean: bool | None = None


def conditions(wanted: Mapping[int, Wanted]) -> tuple[Described, ...]:
    """What the places of a list of filters come to: choices of one attribute add up. Two statements at the most.

    Raises InvalidInput for a condition that the attribute's kind does not have, and for two that cannot add up.
    """
    known = attribute_lists.by_handle({one.handle for one in wanted.values()})
    with_choices = [known[one.handle].pk for one in wanted.values() if one.values and one.handle in known]
    choices = attribute_lists.choices(with_choices) if with_choices else {}
    found: dict[str, Described] = {}
    for place, one in wanted.items():
        with blaming("filters", place, "attribute"):
            attribute = known.get(one.handle)
            if attribute is None:
                found[one.handle] = Described(_NOTHING)
                continue
            _ensure_fitting(attribute, one)
            before = found.get(one.handle)
            if before and not one.values:
                raise InvalidInput("Give one condition on this attribute, not several.", field=("handle",))
            named = {choice.handle: choice.pk for choice in choices.get(attribute.pk, ())}
            chosen = {named.get(handle, _NOTHING) for handle in one.values}
            chosen |= set(before.choice_ids) if before else set()
            found[one.handle] = Described(attribute.pk, tuple(sorted(chosen)), one.min, one.max, one.boolean)
    return tuple(found.values())


def _ensure_fitting(attribute: AttributeRow, wanted: Wanted) -> None:
    """Refuse a condition that is empty, or not of the attribute's kind. Raises InvalidInput."""
    kind = AttributeKind(attribute.kind)
    given = [name for name in ("values", "min", "max", "boolean") if getattr(wanted, name) not in (None, ())]
    match kind:
        case AttributeKind.NUMBER:
            fitting: tuple[str, ...] = ("min", "max")
        case AttributeKind.BOOLEAN:
            fitting = ("boolean",)
        case AttributeKind.CHOICE | AttributeKind.MULTI_CHOICE:
            fitting = ("values",)
        case AttributeKind.TEXT | AttributeKind.DATE:
            raise InvalidInput(f"Lists cannot be narrowed by {attribute.name}.", field=("handle",))
    wrong = [name for name in given if name not in fitting]
    if wrong or not given:
        raise InvalidInput(
            f"Ask for {attribute.name} by {' or '.join(f'`{name}`' for name in fitting)}.", field=tuple(wrong[:1])
        )
    for name in ("min", "max"):
        number = getattr(wanted, name)
        if number is not None and not (number.is_finite() and abs(number) <= MAX_NUMBER):
            raise InvalidInput("A number has an end, and 12 digits before the point at the most.", field=(name,))
    if wanted.min is not None and wanted.max is not None and wanted.min > wanted.max:
        raise InvalidInput("The lowest number must not exceed the highest.", field=("min",))
