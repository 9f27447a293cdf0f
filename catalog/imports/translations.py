"""Lines that tell things in another language: what they say, and writing it. They come after the things."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from catalog import translated, translations
from catalog.imports.fields import BadLine, Fields, Unknown
from catalog.imports.fields import line as text_line
from catalog.imports.work import Line, Outcome, Written
from catalog.models import ProductOption, Translation
from catalog.translations import NewTranslation, Thing
from shop.errors import Refusal, Refusals, blaming, together

KINDS = ("product", "category", "collection", "page", "attribute")


@dataclass(frozen=True, slots=True)
class TranslationRecord:
    """Texts of a thing in a language, by what each is called; `outdated` are those whose source has changed since.

    The thing is a product, category, collection, page or attribute by its id or handle, or the option of that name of
    a product.
    """

    language: str
    owner: str
    name: str
    option: str
    texts: tuple[tuple[str, str], ...]
    outdated: tuple[str, ...]


def read(fields: Fields) -> TranslationRecord:
    """The texts that a line tells. Raises BadLine."""
    owner = next((kind for kind in KINDS if kind in fields), None)
    if owner is None:
        raise BadLine(f"A translation names what is translated: a {', '.join(KINDS[:-1])} or {KINDS[-1]}.")
    texts = []
    for key, value in fields.mapping("texts").items():
        place = f"texts.{key}"
        if not isinstance(value, str) or not value.strip():
            raise BadLine(f'"{place}" must be text that is not blank.', place)
        texts.append((text_line(key, "texts: a key"), value))
    if not texts:
        raise BadLine('"texts" is missing or empty.', "texts")
    return TranslationRecord(
        language=fields.line("locale", 5),
        owner=owner,
        name=fields.line(owner),
        option=(fields.optional_line("option") or "") if owner == "product" else "",
        texts=tuple(texts),
        outdated=fields.lines("outdated"),
    )


def write(lines: Sequence[Line[TranslationRecord]]) -> Written:
    """Tell these texts; what was told before and is not named stays."""
    written = Written()
    for line in lines:
        record = line.record
        texts: list[NewTranslation] = [
            {"locale": record.language, "key": key, "value": value} for key, value in record.texts
        ]
        try:
            thing = _thing(record)
            is_new = not Translation.objects.filter(
                **{f"{thing.owner}_id": thing.pk}, language=record.language
            ).exists()
            is_changed = tell(thing, texts, record.outdated)
        except (Refusal, Refusals) as refusal:
            for one in refusal.refusals if isinstance(refusal, Refusals) else [refusal]:
                match one.field:
                    case ("translations", int(), "locale", *_):
                        one.field = ("locale",)
                    case ("translations", int(place), *_):
                        one.field = ("texts", texts[place]["key"])
            written.refuse(line, refusal)
            continue
        outcome = Outcome.CREATED if is_new else Outcome.UPDATED
        written.outcomes[line.number] = outcome if is_changed else Outcome.UNCHANGED
    return written


def tell(thing: Thing, texts: Sequence[NewTranslation], outdated: Sequence[str] = ()) -> bool:
    """Tell those of these texts that say something new; True if any does. Raises as `translations.register`."""
    had: dict[str, dict[str, str | None]] = {
        row.language: {**row.texts, translated.HANDLE: row.handle}
        for row in Translation.objects.filter(**{f"{thing.owner}_id": thing.pk})
    }
    fresh: list[int] = []
    with together() as check:
        for place, one in enumerate(texts):
            with check("translations", place, "value"):
                value = translations.checked(thing.owner, one["key"], one["value"])
                if had.get(one["locale"], {}).get(one["key"]) != value:
                    fresh.append(place)
    if not fresh:
        return False
    try:
        translations.tell(thing=thing, translations=[texts[place] for place in fresh], outdated=outdated)
    except (Refusal, Refusals) as refusal:
        for one_ in refusal.refusals if isinstance(refusal, Refusals) else [refusal]:
            match one_.field:
                case ("translations", int(place), *rest):
                    one_.field = ("translations", fresh[place], *rest)
        raise
    return True


def _thing(record: TranslationRecord) -> Thing:
    """What is translated. Raises Unknown."""
    model: Any = translations.MODELS[record.owner]
    named = Q(handle=record.name)
    if record.owner not in ("page", "attribute"):
        named |= Q(external_id=record.name)
    # The id comes first where one thing has the name for an id and another for a handle.
    found = list(model._default_manager.filter(named).only("pk", "handle"))
    found.sort(key=lambda row: row.handle == record.name)
    if not found:
        raise Unknown(f'There is no {record.owner} "{record.name}" to translate.', record.owner)
    if not record.option:
        return Thing(record.owner, found[0].pk)
    option = ProductOption.objects.filter(product=found[0], name=record.option).first()
    if option is None:
        with blaming("option"):
            raise Unknown(f'The product "{record.name}" has no option "{record.option}".')
    return Thing("option", option.pk)
