"""What processes keep in memory of words: the vocabulary and the synonyms, and one look whether they still hold."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from catalog.models import SearchEdition
from shop import clock, prepared
from shop.prepared import Bound

SYNONYMS = "synonyms"

_loaded: dict[str, tuple[UUID, Any]] = {}


def words_of(language: str) -> str:
    """The name of the vocabulary of a language, "" for the shop's own."""
    return f"words {language}" if language else "words"


class Latest(NamedTuple):
    """The latest edition of each, the stems of words, as documents hold them, and what was read beside."""

    editions: dict[str, UUID]
    stems: dict[str, set[str]]
    beside: list[list[str]]


def latest(words: Sequence[str], languages: Sequence[str], beside: Bound | None = None) -> Latest:
    """One statement; `languages` are PostgreSQL's names of them. `beside` reads rows of one array of texts each."""
    found = Latest({}, {}, [])
    statements = [Bound(_LATEST, [list(languages), list(words)])]
    if beside is not None:
        statements.append(Bound(f"SELECT NULL, NULL, NULL, texts FROM ({beside.sql}) AS beside(texts)", beside.values))  # noqa: S608
    for name, edition, stem, texts in prepared.rows(statements):
        if texts is not None:
            found.beside.append(texts)
        elif edition:
            found.editions[name] = edition
        elif stem:
            found.stems.setdefault(name, set()).add(stem)
    return found


def kept(name: str, editions: Mapping[str, UUID], load: Callable[[], Any], nothing: Any) -> Any:
    """What this process has of the latest edition, loaded if it has none; `nothing` where none was ever issued."""
    edition = editions.get(name)
    if edition is None:
        return nothing
    had, value = _loaded.get(name, (None, None))
    if had != edition:
        # Another may be issued meanwhile. Then this is newer than its name says, and will be loaded once more.
        value = load()
        _loaded[name] = (edition, value)
    return value


def issue(name: str) -> None:
    """Have every process load this anew. Call inside the transaction that changes it."""
    SearchEdition.objects.update_or_create(pk=name, defaults={"edition": uuid.uuid4(), "issued_at": clock.now()})


_LATEST = """
SELECT name, edition, NULL AS stem, NULL::text[] AS texts FROM catalog_searchedition
UNION ALL
SELECT word, NULL, '=' || (tsvector_to_array(to_tsvector(language::regconfig, word)))[1], NULL
FROM unnest(%s::text[]) AS language CROSS JOIN unnest(%s::text[]) AS word
"""
