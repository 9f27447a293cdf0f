"""Lines that define attributes and their choices: what they say, and writing it. They come before the categories."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog import attributes
from catalog.attributes import MAX_LABEL, MAX_NAME, MAX_POSITION, MAX_UNIT, NewAttribute
from catalog.imports.fields import BadLine, Fields
from catalog.imports.work import Line, Outcome, Written
from catalog.models import Attribute, AttributeChoice, AttributeKind
from shop.errors import Refusal, Refusals

_FILE_WORDS = {"handle": "slug", "label": "name", "is_filterable": "filterable"}


@dataclass(frozen=True, slots=True)
class AttributeRecord:
    """An attribute by its handle, with its choices in order: (handle, label)."""

    handle: str
    name: str
    kind: str
    unit: str
    is_filterable: bool
    position: int | None
    choices: tuple[tuple[str, str], ...]


def read(fields: Fields) -> AttributeRecord:
    """The attribute that a line defines. Raises BadLine."""
    kind = fields.line("type")
    if kind not in AttributeKind.values:
        raise BadLine(f'"type" must be {", ".join(AttributeKind.values)}.', "type")
    choices = tuple((one.handle("slug"), one.line("name", MAX_LABEL)) for one in fields.objects("choices"))
    if len({handle for handle, _ in choices}) < len(choices):
        raise BadLine('"choices" has a slug twice.', "choices")
    return AttributeRecord(
        handle=fields.handle("slug"),
        name=fields.line("name", MAX_NAME),
        kind=kind,
        unit=fields.optional_line("unit", MAX_UNIT) or "",
        is_filterable=fields.truth("filterable") if "filterable" in fields else False,
        position=fields.optional_integer("position", MAX_POSITION),
        choices=choices,
    )


def write(lines: Sequence[Line[AttributeRecord]]) -> Written:
    """Define and change attributes; choices that a line does not name stay, behind the others."""
    written = Written()
    for line in lines:
        try:
            written.outcomes[line.number] = _define(line.record)
        except (Refusal, Refusals) as refusal:
            for one in refusal.refusals if isinstance(refusal, Refusals) else [refusal]:
                one.field = tuple(_FILE_WORDS.get(part, part) if isinstance(part, str) else part for part in one.field)
            written.refuse(line, refusal)
    return written


def _define(record: AttributeRecord) -> Outcome:
    said: NewAttribute = {
        "name": record.name,
        "kind": record.kind,
        "handle": record.handle,
        "unit": record.unit,
        "is_filterable": record.is_filterable,
        "position": record.position,
    }
    row = Attribute.objects.select_for_update(no_key=True).filter(handle=record.handle).first()
    if row is None:
        attributes.make({**said, "choices": [{"handle": handle, "label": label} for handle, label in record.choices]})
        return Outcome.CREATED
    if row.kind != record.kind:
        raise BadLine(f"The shop has it as {row.kind}, and the type of an attribute never changes.", "type")
    before = (row.name, row.unit, row.is_filterable, row.position)
    attributes.fill(row, said)
    is_changed = (row.name, row.unit, row.is_filterable, row.position) != before
    if _choose(row, record) or is_changed:
        row.save()
        return Outcome.UPDATED
    return Outcome.UNCHANGED


def _choose(row: Attribute, record: AttributeRecord) -> bool:
    """Give the attribute these choices in their order, before those it has besides; True if that changed it."""
    there = list(row.choices.order_by("position"))
    known = {choice.handle: choice for choice in there}
    labels = dict(record.choices)
    before = [(choice.handle, choice.label) for choice in there]
    for choice in there:
        choice.label = labels.get(choice.handle, choice.label)
    if len({choice.label.casefold() for choice in there}) < len(there):
        raise BadLine("Two choices would be called the same; capitals make no difference.", "choices")
    missing = [(handle, label) for handle, label in record.choices if handle not in known]
    fresh = attributes.new_choices(row, [{"handle": handle, "label": label} for handle, label in missing], there)
    known |= {choice.handle: choice for choice in fresh}
    ordered = [known.pop(handle) for handle, _ in record.choices] + list(known.values())
    if [(choice.handle, choice.label) for choice in ordered] == before:
        return False
    for position, choice in enumerate(ordered):
        choice.position = position
    AttributeChoice.objects.bulk_update(there, ["label", "position"])
    AttributeChoice.objects.bulk_create(fresh)
    return True
