"""Attributes: defining what products are described by, and which categories of the tree ask for it."""

from collections.abc import Sequence
from typing import Any, Required, TypedDict

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, QuerySet

from catalog import applying, categories, handles
from catalog.models import Attribute, AttributeChoice, AttributeKind, AttributeValue, Category, CategoryAttribute
from catalog.models.attribute import FILTERABLE
from shop import text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together

MAX_NAME = 100
MAX_UNIT = 20
MAX_LABEL = 150
MAX_CHOICES = 500
MAX_POSITION = 1_000_000
MAX_AT_ONCE = 250


class AttributeInUse(Refusal):
    """Categories have the attribute, so that it cannot be removed."""

    code = "ATTRIBUTE_IN_USE"

    def __init__(self, name: str, category: str) -> None:
        super().__init__(f"The category {category} has {name}; take it from every category first.", field=("id",))


class ChoiceInUse(Refusal):
    """Products have the choice, so that it cannot be removed."""

    code = "ATTRIBUTE_CHOICE_IN_USE"

    def __init__(self, label: str, products: int) -> None:
        have = "1 product has" if products == 1 else f"{products} products have"
        super().__init__(f"{have} {label}; give them another choice first, or rename this one.")


class NewChoice(TypedDict, total=False):
    """A value to choose. The handle is made from the label where none is said."""

    label: Required[str]
    handle: str | None


class ChoiceFields(TypedDict, total=False):
    """What may be said of a choice. A key left out leaves what there is."""

    label: str | None
    handle: str | None


class _Fields(TypedDict, total=False):
    handle: str | None
    unit: str | None
    is_filterable: bool | None
    position: int | None


class AttributeFields(_Fields, total=False):
    """What may be said of an attribute. A key left out leaves what there is; None puts back the default."""

    name: str | None


class NewAttribute(_Fields, total=False):
    """An attribute to make, with its choices in order."""

    name: Required[str]
    kind: Required[str]
    choices: list[NewChoice] | None


class Assignment(TypedDict, total=False):
    """An attribute to give to a category."""

    attribute_id: Required[int]
    is_required: bool | None
    position: int | None


@transaction.atomic(durable=True)
def create(*, attribute: NewAttribute) -> Attribute:
    """Make an attribute with its choices. Raises InvalidInput, HandleTaken, alone or together."""
    with blaming("attribute"):
        return make(attribute)


def make(attribute: NewAttribute) -> Attribute:
    """As `create`, inside the caller's transaction."""
    made = Attribute(kind=attribute["kind"], position=_next_position(Attribute.objects.all()))
    choices: list[AttributeChoice] = []
    with together() as check:
        with check():
            fill(made, attribute)
        with check("choices"):
            choices = new_choices(made, attribute.get("choices") or [], [])
    _save(made)
    for choice in choices:
        choice.attribute = made
    AttributeChoice.objects.bulk_create(choices)
    return made


@transaction.atomic(durable=True)
def update(*, attribute_id: int, attribute: AttributeFields) -> Attribute:
    """Change what is said of an attribute; its kind stays. Raises NotFound, InvalidInput, HandleTaken."""
    changed = _locked(attribute_id)
    with blaming("attribute"):
        fill(changed, attribute)
        _save(changed)
    return changed


@transaction.atomic(durable=True)
def delete(*, attribute_id: int) -> None:
    """Remove an attribute that no category has, with the values kept of it. Raises NotFound, AttributeInUse."""
    categories.lock_tree()
    gone = _locked(attribute_id)
    place = CategoryAttribute.objects.filter(attribute=gone).select_related("category").order_by("pk").first()
    if place:
        raise AttributeInUse(gone.name, place.category.title)
    AttributeValue.objects.filter(attribute=gone).delete()
    gone.delete()


@transaction.atomic(durable=True)
def add_choices(*, attribute_id: int, choices: Sequence[NewChoice]) -> Attribute:
    """Put choices behind those there are. Raises NotFound, InvalidInput, HandleTaken, alone or together."""
    changed = _locked(attribute_id)
    there = list(changed.choices.order_by("position"))
    with blaming("choices"):
        AttributeChoice.objects.bulk_create(new_choices(changed, choices, there))
    return changed


@transaction.atomic(durable=True)
def update_choice(*, choice_id: int, choice: ChoiceFields) -> AttributeChoice:
    """Call a choice otherwise; products that have it keep it. Raises NotFound, InvalidInput, HandleTaken."""
    changed = _locked_choice(choice_id)
    others = changed.attribute.choices.exclude(pk=changed.pk)
    with blaming("choice"), together() as check:
        with check():
            if "label" in choice:
                with blaming("label"):
                    changed.label = text.line(choice["label"] or "", limit=MAX_LABEL, required=True)
                    _ensure_new_label(changed.label, others)
        with check():
            if "handle" in choice:
                changed.handle = _handle_of_choice(choice["handle"], changed.label, set(_handles(others)))
    changed.save(update_fields=["label", "handle"])
    return changed


@transaction.atomic(durable=True)
def reorder_choices(*, attribute_id: int, choice_ids: Sequence[int]) -> Attribute:
    """Put these choices first, in this order; the others keep theirs. Raises NotFound, InvalidInput."""
    changed = _locked(attribute_id)
    there = {choice.pk: choice for choice in changed.choices.order_by("position")}
    named: dict[int, AttributeChoice] = {}
    with blaming("choice_ids"), together() as check:
        for place, key in enumerate(choice_ids):
            with check(place):
                if key not in there:
                    raise NotFound("AttributeChoice")
                if key in named:
                    raise InvalidInput("This choice is named twice.")
                named[key] = there[key]
    ordered = [*named.values(), *(choice for key, choice in there.items() if key not in named)]
    for position, choice in enumerate(ordered):
        choice.position = position
    AttributeChoice.objects.bulk_update(ordered, ["position"])
    return changed


@transaction.atomic(durable=True)
def remove_choice(*, choice_id: int) -> Attribute:
    """Take away a choice that no product has. Raises NotFound, ChoiceInUse."""
    categories.lock_tree()
    gone = _locked_choice(choice_id)
    having = AttributeValue.objects.filter(attribute=gone.attribute_id, choice=gone)
    products = having.aggregate(count=Count("product", distinct=True))["count"]
    if products:
        with blaming("id"):
            raise ChoiceInUse(gone.label, products)
    attribute = gone.attribute
    gone.delete()
    return attribute


@transaction.atomic(durable=True)
def assign(*, category_id: int, attributes: Sequence[Assignment]) -> Category:
    """Give attributes to a category and all below it, or change how it has them. Raises NotFound, InvalidInput."""
    with blaming("attributes"):
        _ensure_few([one["attribute_id"] for one in attributes])
        categories.lock_tree()
    category = categories.get(category_id, "category_id")
    known = set(
        Attribute.objects.filter(pk__in=[one["attribute_id"] for one in attributes]).values_list("pk", flat=True)
    )
    places = {place.attribute_id: place for place in category.given_attributes.all()}
    behind = max((place.position for place in places.values()), default=-1)
    with blaming("attributes"), together() as check:
        for number, one in enumerate(attributes):
            key = one["attribute_id"]
            with check(number):
                if key not in known:
                    raise NotFound("AttributeDefinition", field=("attribute_id",))
                behind += key not in places
                place = places.setdefault(key, CategoryAttribute(category=category, attribute_id=key, position=behind))
                if "is_required" in one:
                    place.is_required = bool(one["is_required"])
                if one.get("position") is not None:
                    place.position = _position(one["position"])
    CategoryAttribute.objects.bulk_create(
        places.values(),
        update_conflicts=True,
        unique_fields=["category", "attribute"],
        update_fields=["is_required", "position"],
    )
    applying.refresh_branch(category.path)
    return category


@transaction.atomic(durable=True)
def unassign(*, category_id: int, attribute_ids: Sequence[int]) -> Category:
    """Take attributes from a category. Values products have of them are kept unseen. Raises NotFound, InvalidInput."""
    with blaming("attribute_ids"):
        _ensure_few(attribute_ids)
    categories.lock_tree()
    category = categories.get(category_id, "category_id")
    places = {place.attribute_id: place for place in category.given_attributes.filter(attribute__in=attribute_ids)}
    with blaming("attribute_ids"), together() as check:
        for number, key in enumerate(attribute_ids):
            with check(number):
                if key not in places:
                    raise InvalidInput(
                        "The category itself does not have this attribute; take it from the category that gives it."
                    )
    CategoryAttribute.objects.filter(pk__in=[place.pk for place in places.values()]).delete()
    applying.refresh_branch(category.path)
    return category


def fill(row: Attribute, said: AttributeFields | NewAttribute) -> None:
    """Give the row what was said of it. Raises Refusals."""
    kind = AttributeKind(row.kind)
    others = Attribute.objects.exclude(pk=row.pk)
    with together() as check:
        if "name" in said:
            with check("name"):
                row.name = text.line(said["name"] or "", limit=MAX_NAME, required=True)
        if "unit" in said:
            with check("unit"):
                row.unit = text.line(said["unit"] or "", limit=MAX_UNIT)
                if row.unit and kind is not AttributeKind.NUMBER:
                    raise InvalidInput("Only numbers have a unit; leave it out.")
        if "is_filterable" in said:
            with check("is_filterable"):
                row.is_filterable = bool(said["is_filterable"])
                if row.is_filterable and kind not in FILTERABLE:
                    raise InvalidInput("Lists can be narrowed by numbers, yes or no, and choices; not by text or days.")
        if said.get("position") is not None:
            with check():
                row.position = _position(said["position"])
        with check():
            if said.get("handle") is not None:
                with blaming("handle"):
                    row.handle = handles.checked(said["handle"] or "")
                if others.filter(handle=row.handle).exists():
                    raise handles.HandleTaken(row.handle)
            elif row.name and (not row.handle or "handle" in said):
                row.handle = handles.made_from(row.name, otherwise="attribute", among=others)


def new_choices(
    attribute: Attribute, wanted: Sequence[NewChoice], there: Sequence[AttributeChoice]
) -> list[AttributeChoice]:
    """The choices to write behind those there are. Raises Refusals, InvalidInput."""
    if wanted and not AttributeKind(attribute.kind).has_choices:
        raise InvalidInput("Only attributes of a kind with choices have any; leave them out.")
    if len(there) + len(wanted) > MAX_CHOICES:
        raise InvalidInput(f"An attribute has {MAX_CHOICES} choices at the most.")
    behind = there[-1].position + 1 if there else 0
    made: list[AttributeChoice] = []
    taken = {choice.handle for choice in there}
    with together() as check:
        for number, one in enumerate(wanted):
            with check(number):
                with blaming("label"):
                    label = text.line(one["label"], limit=MAX_LABEL, required=True)
                    _ensure_new_label(label, [*there, *made])
                handle = _handle_of_choice(one.get("handle"), label, taken)
                taken.add(handle)
                made.append(AttributeChoice(attribute=attribute, handle=handle, label=label, position=behind + number))
    return made


def _ensure_new_label(label: str, others: Sequence[AttributeChoice] | QuerySet[AttributeChoice]) -> None:
    if label.casefold() in {choice.label.casefold() for choice in others}:
        raise InvalidInput(f'Another choice is called "{label}" too; capitals make no difference.')


def _handle_of_choice(wanted: str | None, label: str, taken: set[str]) -> str:
    """The handle asked for, or one made from the label. Raises InvalidInput, HandleTaken."""
    if wanted is None:
        return handles.made_beside(label, otherwise="choice", taken=taken)
    with blaming("handle"):
        handle = handles.checked(wanted)
    if handle in taken:
        raise handles.HandleTaken(handle)
    return handle


def _handles(choices: QuerySet[AttributeChoice]) -> list[str]:
    return [choice.handle for choice in choices]


def _position(wanted: int | None) -> int:
    if wanted is None or not 0 <= wanted <= MAX_POSITION:
        raise InvalidInput(f"A position is from 0 to {MAX_POSITION}.", field=("position",))
    return wanted


def _next_position(rows: QuerySet[Any]) -> int:
    last: int | None = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else min(last + 1, MAX_POSITION)


def _ensure_few(attribute_ids: Sequence[int]) -> None:
    if len(attribute_ids) > MAX_AT_ONCE:
        raise InvalidInput(f"At most {MAX_AT_ONCE} at once.")
    if len(set(attribute_ids)) < len(attribute_ids):
        raise InvalidInput("An attribute is named twice.")


def _save(row: Attribute) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise handles.HandleTaken(row.handle) from error


def _locked(attribute_id: int) -> Attribute:
    found = Attribute.objects.select_for_update(no_key=True).filter(pk=attribute_id).first()
    if found is None:
        raise NotFound("AttributeDefinition", field=("id",))
    return found


def _locked_choice(choice_id: int) -> AttributeChoice:
    """The choice, its attribute locked as by all who change choices. Raises NotFound."""
    attribute = Attribute.objects.select_for_update(no_key=True).filter(choices=choice_id).first()
    found = attribute.choices.filter(pk=choice_id).first() if attribute else None
    if attribute is None or found is None:
        raise NotFound("AttributeChoice", field=("id",))
    found.attribute = attribute
    return found
