"""Synonyms: terms that staff say find the same products, or find those of other terms as well."""

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypedDict

from django.db import transaction

from catalog import lexicon, search
from catalog.models import SearchSynonym
from catalog.search import Asked, Part
from shop import languages, paging, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.paging import PageRequest

MAX_TERMS = 20
MAX_WORDS = 3
MAX_LENGTH = 100
MAX_SYNONYMS = 1000

# What else a term finds, both as words.
Synonyms: TypeAlias = Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]]

_IN_ORDER = paging.Order("SYNONYMS", "pk")


class TooManySynonyms(Refusal):
    """Every process keeps all synonyms in memory, so there is an end to them."""

    code = "TOO_MANY_SYNONYMS"

    def __init__(self) -> None:
        super().__init__(f"A shop has {MAX_SYNONYMS} groups of synonyms at the most; delete or join some.")


class SynonymFields(TypedDict, total=False):
    """What may be said of a group. A key left out leaves what there is."""

    language: str | None
    terms: Sequence[str] | None
    targets: Sequence[str] | None


def page(request: PageRequest) -> "paging.Page[SearchSynonym]":
    """A page of all groups in the order they were made. Raises InvalidPage."""
    return paging.page(SearchSynonym.objects.all(), _IN_ORDER, request, list, lambda row: (row.pk,))


def by_id(synonym_ids: Some[int]) -> dict[int, SearchSynonym]:
    """The groups with these keys."""
    return SearchSynonym.objects.in_bulk(list(synonym_ids))


def expanded(asked: Asked, synonyms: Synonyms) -> Asked:
    """With what else finds the same: of terms that begin at the same word the longest."""
    if not synonyms:
        return asked
    words, parts = asked.words, []
    while words:
        for size in range(min(MAX_WORDS, len(words)), 0, -1):
            own = tuple(words[:size])
            if own in synonyms or size == 1:
                parts.append(Part(own, synonyms.get(own, ())))
                del words[:size]
                break
    return asked._replace(parts=tuple(parts))


def stored() -> dict[str, Synonyms]:
    """What each term finds besides itself, by the language it is in; "" has those of all languages."""
    found: dict[str, dict[tuple[str, ...], dict[tuple[str, ...], None]]] = {}
    for language, terms, targets in SearchSynonym.objects.order_by("pk").values_list("language", "terms", "targets"):
        for term in terms:
            others = dict.fromkeys(tuple(other.split()) for other in targets or terms if other != term)
            found.setdefault(language, {}).setdefault(tuple(term.split()), {}).update(others)
    return {language: {term: tuple(others) for term, others in group.items()} for language, group in found.items()}


def of(known: Mapping[str, Synonyms], language: str) -> Synonyms:
    """Those of `known` that hold in a language, "" for the shop's own: its own, and those of all."""
    shared, here = known.get("", {}), known.get(language or languages.own(), {})
    if not shared or not here:
        return here or shared
    return {term: (*shared.get(term, ()), *here.get(term, ())) for term in {**shared, **here}}


@transaction.atomic(durable=True)
def create(*, synonym: SynonymFields) -> SearchSynonym:
    """Make a group. Raises InvalidInput, TooManySynonyms."""
    made = SearchSynonym(terms=[], targets=[])
    with blaming("synonym"):
        _apply(made, synonym)
    lexicon.issue(lexicon.SYNONYMS)
    if SearchSynonym.objects.count() >= MAX_SYNONYMS:
        raise TooManySynonyms
    made.save()
    return made


@transaction.atomic(durable=True)
def update(*, synonym_id: int, synonym: SynonymFields) -> SearchSynonym:
    """Change a group. Raises NotFound, InvalidInput."""
    lexicon.issue(lexicon.SYNONYMS)
    changed = _locked(synonym_id)
    with blaming("synonym"):
        _apply(changed, synonym)
    changed.save()
    return changed


@transaction.atomic(durable=True)
def delete(*, synonym_id: int) -> int:
    """Remove a group; answers its key. Raises NotFound."""
    lexicon.issue(lexicon.SYNONYMS)
    _locked(synonym_id).delete()
    return synonym_id


def _locked(synonym_id: int) -> SearchSynonym:
    found = SearchSynonym.objects.select_for_update().filter(pk=synonym_id).first()
    if found is None:
        raise NotFound("SearchSynonym", field=("id",))
    return found


def _apply(group: SearchSynonym, fields: SynonymFields) -> None:
    with together() as check:
        if "language" in fields:
            with check("language"):
                group.language = _offered(fields["language"] or "")
        if "terms" in fields:
            with check("terms"):
                group.terms = _checked(fields["terms"] or [])
        if "targets" in fields:
            with check("targets"):
                group.targets = _checked(fields["targets"] or [])
    if not group.terms or (len(group.terms) == 1 and not group.targets):
        raise InvalidInput("Give two terms that mean the same, or one and what it finds too.", field=("terms",))
    if set(group.terms) & set(group.targets):
        raise InvalidInput("A term finds itself; name others.", field=("targets",))


def _offered(language: str) -> str:
    if language and language not in languages.offered():
        raise InvalidInput(f"The shop does not answer in {language}, but in {', '.join(languages.offered())}.")
    return language


def _checked(terms: Sequence[str]) -> list[str]:
    """Terms as they are looked up, each once."""
    if len(terms) > MAX_TERMS:
        raise InvalidInput(f"Give at most {MAX_TERMS} terms; these are {len(terms)}.")
    found = []
    for number, term in enumerate(terms):
        words = search.words(text.line(term, limit=MAX_LENGTH, field=(number,), required=True))
        folded = " ".join(words)
        if not 1 <= len(words) <= MAX_WORDS or len(folded) > MAX_LENGTH:
            raise InvalidInput(f"A term is one to {MAX_WORDS} words of letters and digits.", field=(number,))
        found.append(folded)
    return list(dict.fromkeys(found))
