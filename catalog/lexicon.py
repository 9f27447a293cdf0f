"""What processes keep in memory of words: the vocabulary and the synonyms, and one look whether they still hold."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from catalog.models import SearchEdition
from shop import clock, prepared
from shop.prepared import Bound

WORDS = "words"
SYNONYMS = "synonyms"

_loaded: dict[str, tuple[UUID, Any]] = {}


class Latest(NamedTuple):
    """The latest edition of each, and the stems of words, as documents hold them."""

    editions: dict[str, UUID]
    stems: dict[str, str]


def latest(words: Sequence[str], language: str) -> Latest:
    """One small statement; `language` is PostgreSQL's name of it."""
    found = Latest({}, {})
    for name, edition, stem in prepared.rows([Bound(_LATEST, [language, list(words)])]):
        if edition:
            found.editions[name] = edition
        elif stem:
            found.stems[name] = stem
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
SELECT name, edition, NULL AS stem FROM catalog_searchedition
UNION ALL
SELECT word, NULL, '=' || (tsvector_to_array(to_tsvector(%s::text::regconfig, word)))[1]
FROM unnest(%s::text[]) AS word
"""
