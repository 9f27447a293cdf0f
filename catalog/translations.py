"""Translating: what of a thing can be told in another language, what was, and what has changed since."""

import hashlib
from collections import defaultdict
from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Required, TypedDict

from django.db import transaction
from django.db.models import Model

from catalog import attributes, handles, markup, pages, products, search, seo, variants, wording
from catalog.models import (
    Attribute,
    AttributeChoice,
    Category,
    Collection,
    MenuItem,
    Page,
    Product,
    ProductOption,
    Translation,
)
from catalog.translated import CHOICE, COLUMNS, HANDLE, NAME, VALUE, WITH_HANDLES
from shop import languages, paging, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.paging import PageRequest

MAX_AT_ONCE = 250

MODELS: dict[str, type[Model]] = {
    "product": Product,
    "category": Category,
    "collection": Collection,
    "page": Page,
    "menu_item": MenuItem,
    "option": ProductOption,
    "attribute": Attribute,
}
_IN_ORDER = paging.Order("TRANSLATABLE", "pk")


class LanguageNotOffered(Refusal):
    """The shop does not answer in this language, or it is the shop's own, which is not translated."""

    code = "LANGUAGE_NOT_OFFERED"

    def __init__(self, language: str) -> None:
        others = ", ".join(languages.offered()[1:]) or "none yet"
        super().__init__(f"The shop is not translated into {language}; it is into: {others}.", field=("locale",))


class KeyUnknown(Refusal):
    """The thing has nothing of this name that could be translated."""

    code = "KEY_UNKNOWN"

    def __init__(self, key: str, known: Iterable[str], *, field: tuple[str, ...] = ("key",)) -> None:
        super().__init__(f'There is no "{key}" to translate; there is: {", ".join(known)}.', field=field)


class SourceChanged(Refusal):
    """The words have changed since they were read to be translated."""

    code = "SOURCE_CHANGED"

    def __init__(self) -> None:
        super().__init__(
            "The words have changed since; read them again and translate what they say now.",
            field=("translatable_content_digest",),
        )


class Thing(NamedTuple):
    """Something that can be translated: its kind, as in `MODELS`, and its key."""

    owner: str
    pk: int


class Content(NamedTuple):
    """A text of a thing in the shop's own language."""

    key: str
    value: str

    @property
    def digest(self) -> str:
        """What the text is known by: another as soon as it changes."""
        return hashlib.sha256(self.value.encode()).hexdigest()


class Told(NamedTuple):
    """A text of a thing in another language. It is outdated where the text it was made from has changed since."""

    language: str
    key: str
    value: str
    is_outdated: bool
    updated_at: datetime


class NewTranslation(TypedDict, total=False):
    """A text to tell in another language; refused where the `digest` given is not that of the words as they are."""

    locale: Required[str]
    key: Required[str]
    value: Required[str]
    translatable_content_digest: str | None


def page(owner: str, request: PageRequest) -> "paging.Page[Thing]":
    """A page of the things of a kind, in the order they were made. Raises InvalidPage."""
    rows: Any = MODELS[owner]._default_manager.all()
    return paging.page(
        rows,
        _IN_ORDER,
        request,
        read=lambda chosen: [Thing(owner, pk) for pk in chosen.values_list("pk", flat=True)],
        key_of=lambda thing: (thing.pk,),
    )


def contents(things: Some[Thing]) -> dict[Thing, list[Content]]:
    """What of each of these things can be translated, empty texts too: one statement for a kind, two for attributes."""
    found: dict[Thing, list[Content]] = {}
    for owner, ids in _by_owner(things).items():
        columns = _columns(owner)
        more = ["values"] if owner == "option" else []
        rows = MODELS[owner]._default_manager.filter(pk__in=ids).values_list("pk", *columns.values(), *more)
        for pk, *values in rows:
            said = [Content(key, value) for key, value in zip(columns, values, strict=False)]
            if more:
                said += [Content(VALUE + value, value) for value in values[-1]]
            found[Thing(owner, pk)] = said
        if owner == "attribute":
            choices = AttributeChoice.objects.filter(attribute__in=ids).order_by("attribute", "position")
            for attribute_id, handle, label in choices.values_list("attribute_id", "handle", "label"):
                found[Thing(owner, attribute_id)].append(Content(CHOICE + handle, label))
    return found


def told(things: Some[Thing]) -> dict[Thing, list[Told]]:
    """What was translated of each of these things, by language; two statements for each kind."""
    found: dict[Thing, list[Told]] = {thing: [] for thing in things}
    written = contents(things)
    for owner, ids in _by_owner(things).items():
        rows = Translation.objects.filter(**{f"{owner}__in": ids}).order_by("language")
        for row in rows:
            thing = Thing(owner, getattr(row, f"{owner}_id"))
            found[thing] += told_of(row, written.get(thing, []))
    return found


@transaction.atomic(durable=True)
def register(*, thing: Thing, translations: Sequence[NewTranslation]) -> list[Told]:
    """Tell texts of a thing in other languages; what was told of them before is replaced.

    Raises InvalidInput, NotFound, LanguageNotOffered, KeyUnknown, SourceChanged, HandleTaken.
    """
    return tell(thing=thing, translations=translations)


def tell(*, thing: Thing, translations: Sequence[NewTranslation], outdated: Some[str] = ()) -> list[Told]:
    """As `register`, inside the caller's transaction; the keys `outdated` were made from words that have changed."""
    if not 1 <= len(translations) <= MAX_AT_ONCE:
        raise InvalidInput(f"Give 1 to {MAX_AT_ONCE} translations.", field=("translations",))
    written = {content.key: content for content in _locked(thing)}
    rows = {row.language: row for row in Translation.objects.filter(**_of(thing))}
    given: dict[tuple[str, str], None] = {}
    with together() as check:
        for place, translation in enumerate(translations):
            with check("translations", place):
                language, key = translation["locale"], translation["key"]
                _ensure_translatable(translation, written)
                if (language, key) in given:
                    raise InvalidInput("Give each translation once.", field=("key",))
                given[language, key] = None
                with blaming("value"):
                    value = checked(thing.owner, key, translation["value"])
                row = rows.setdefault(language, Translation(language=language, **_of(thing)))
                _put(row, written[key], value, is_outdated=key in outdated)
                _ensure_fit(thing, row, key, written)
    told = [rows[language] for language in dict.fromkeys(language for language, _ in given)]
    for row in told:
        row.save()
    _have_found(thing)
    return [one for row in told for one in told_of(row, written.values()) if (row.language, one.key) in given]


@transaction.atomic(durable=True)
def remove(*, thing: Thing, keys: Sequence[str], locales: Sequence[str]) -> list[Told]:
    """Forget what was told of these texts in these languages, and answer it.

    Languages that the shop offers no more may be named: what is left of them can go too. Raises NotFound, KeyUnknown.
    """
    written = {content.key: content for content in _locked(thing)}
    rows = list(Translation.objects.filter(**_of(thing), language__in=locales).order_by("language"))
    known = {*written, *(key for row in rows for key in row.sources)}
    with together() as check:
        for place, key in enumerate(keys):
            with check("translation_keys", place):
                if key not in known:
                    raise KeyUnknown(key, written, field=())
    gone = [one for row in rows for one in told_of(row, written.values()) if one.key in keys]
    for row in rows:
        row.handle = None if HANDLE in keys else row.handle
        row.texts = {key: value for key, value in row.texts.items() if key not in keys}
        row.sources = {key: value for key, value in row.sources.items() if key not in keys}
        if row.sources:
            row.save()
        else:
            row.delete()
    _have_found(thing)
    return gone


def _have_found(thing: Thing) -> None:
    """Have a product found by what it is called now."""
    if thing.owner == "product":
        search.refresh_translated(thing.pk)


def _by_owner(things: Some[Thing]) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for thing in things:
        found[thing.owner].append(thing.pk)
    return found


def _columns(owner: str) -> dict[str, str]:
    """The columns that can be translated, by the key of each."""
    return COLUMNS[owner] | ({HANDLE: HANDLE} if owner in WITH_HANDLES else {})


def _of(thing: Thing) -> dict[str, Any]:
    return {f"{thing.owner}_id": thing.pk}


def _locked(thing: Thing) -> list[Content]:
    """What can be translated of a thing, which stays as it is until the transaction ends. Raises NotFound."""
    rows: Any = MODELS[thing.owner]._default_manager.select_for_update(no_key=True).filter(pk=thing.pk)
    if not list(rows.values_list("pk")):
        raise NotFound("Resource", field=("resource_id",))
    return contents([thing])[thing]


def told_of(row: Translation, written: Iterable[Content]) -> list[Told]:
    """The texts of a translation in the order of the content; what is translated no more comes last, outdated."""
    digests = {content.key: content.digest for content in written}
    texts = {**row.texts, **({HANDLE: row.handle} if row.handle is not None else {})}
    keys = [*(key for key in digests if key in texts), *(key for key in texts if key not in digests)]
    return [
        Told(row.language, key, texts[key], row.sources.get(key) != digests.get(key), row.updated_at) for key in keys
    ]


def _ensure_translatable(translation: NewTranslation, written: Mapping[str, Content]) -> None:
    language, key = translation["locale"], translation["key"]
    if language not in languages.offered()[1:]:
        raise LanguageNotOffered(language)
    if key not in written:
        raise KeyUnknown(key, written)
    digest = translation.get("translatable_content_digest")
    if digest is not None and digest != written[key].digest:
        raise SourceChanged


def checked(owner: str, key: str, value: str) -> str:
    """The value, held to the rules of what it translates. Raises InvalidInput."""
    match key:
        case "handle":
            return handles.checked(value)
        case "body_html" if owner == "product":
            return markup.safe(text.paragraphs(value, limit=products.MAX_DESCRIPTION, required=True))
        case "body_html" if owner == "page":
            return markup.safe(text.paragraphs(value, limit=pages.MAX_BODY, required=True))
        case "body_html":
            return text.paragraphs(value, limit=wording.MAX_DESCRIPTION, required=True)
        case "meta_description":
            return text.paragraphs(value, limit=seo.MAX_DESCRIPTION, required=True)
        case "name" if owner == "attribute":
            return text.line(value, limit=attributes.MAX_NAME, required=True)
        case _ if owner == "attribute":
            return text.line(value, limit=attributes.MAX_LABEL, required=True)
        case _:
            return text.line(value, limit=_MAX_LINES.get(key, variants.MAX_VALUE), required=True)


_MAX_LINES = {
    "title": products.MAX_TITLE,
    "meta_title": seo.MAX_TITLE,
    "product_type": products.MAX_WORD,
    NAME: variants.MAX_OPTION_NAME,
}


def _put(row: Translation, source: Content, value: str, *, is_outdated: bool) -> None:
    if source.key == HANDLE:
        row.handle = value
    else:
        row.texts = {**row.texts, source.key: value}
    row.sources = {**row.sources, source.key: "" if is_outdated else source.digest}


def _ensure_fit(thing: Thing, row: Translation, key: str, written: Mapping[str, Content]) -> None:
    """Refuse what would make two things one in that language. Raises HandleTaken, InvalidInput."""
    if key == HANDLE:
        _ensure_free(thing, row.handle or "", row.language)
    for prefix, word in ((VALUE, "value of the option"), (CHOICE, "choice of the attribute")):
        if key.startswith(prefix):
            values = [row.texts.get(one, content.value) for one, content in written.items() if one.startswith(prefix)]
            if values.count(row.texts[key]) > 1:
                reason = f"Another {word} is called so; a shopper could not choose."
                raise InvalidInput(reason, field=("value",))


def _ensure_free(thing: Thing, handle: str, language: str) -> None:
    """Refuse a handle that another of the kind has, in this language or in the shop's own. Raises HandleTaken."""
    handles.hold(handle)
    kinds = ("category", "collection") if thing.owner in ("category", "collection") else (thing.owner,)
    for kind in kinds:
        others = Translation.objects.filter(handle=handle, language=language, **{f"{kind}__isnull": False})
        if others.exclude(**{f"{kind}_id": thing.pk} if kind == thing.owner else {"pk": None}).exists():
            raise handles.HandleTaken(handle, field="value")
        named: Any = MODELS[kind]._default_manager.filter(handle=handle)
        if (named.exclude(pk=thing.pk) if kind == thing.owner else named).exists():
            raise handles.HandleTaken(handle, field="value")
