"""The words of the shop: what a word that finds nothing was meant to be, and what a word that begins is going to be.

Counted now and then, never by whoever writes a product: those would wait for each other at every common word. So a word
may be missing here for as long as `STALE_AFTER`, and then only cannot be suggested: what products are found by does not
depend on it, for nothing is corrected that finds something as it is.
"""

from bisect import bisect_left
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from heapq import nsmallest

from django.db import connection, transaction
from rapidfuzz import process
from rapidfuzz.distance import OSA

from catalog import lexicon
from catalog.models import SearchWord
from shop import languages, outbox

STALE_AFTER = 300  # seconds

# Shorter words are too near to too many others.
_SHORTEST = 4
# From this length on, two letters may be wrong.
_LONG = 8
_LONGEST = 40


class Vocabulary:
    """Words and how many products have each, in the memory of this process; after a `=` stands a stem."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._sorted = sorted(word for word in counts if not word.startswith("="))
        self._by_length: dict[int, list[str]] = {}
        for word in self._sorted:
            self._by_length.setdefault(len(word), []).append(word)

    def doubts(self, word: str, stems: Some[str]) -> bool:
        """Whether no product has a word that begins so, or one with such a stem; false of what this cannot tell."""
        if not self._sorted or not _can_be_wrong(word) or any(stem in self._counts for stem in stems):
            return False
        place = bisect_left(self._sorted, word)
        return place == len(self._sorted) or not self._sorted[place].startswith(word)

    def nearest(self, word: str) -> str | None:
        """The word that this was meant to be: the one with fewest letters wrong, and of those the most common."""
        if not _can_be_wrong(word):
            return None
        wrong = 2 if len(word) >= _LONG else 1
        lengths = range(max(len(word) - wrong, _SHORTEST - 1), len(word) + wrong + 1)
        for limit in range(1, wrong + 1):
            near = [other for size in lengths for other in self._near(word, size, limit) if other != word]
            if near:
                return min(near, key=lambda other: (other[0] != word[0], -self._counts[other], other))
        return None

    def __bool__(self) -> bool:
        return bool(self._counts)

    def beginning_with(self, start: str, limit: int) -> list[str]:
        """The most common words that begin so."""
        first = bisect_left(self._sorted, start)
        last = bisect_left(self._sorted, start + chr(0x10FFFF), first)
        return nsmallest(limit, self._sorted[first:last], key=lambda word: (-self._counts[word], word))

    def _near(self, word: str, size: int, limit: int) -> list[str]:
        choices = self._by_length.get(size, ())
        found = process.extract(word, choices, scorer=OSA.distance, score_cutoff=limit, limit=None)
        return [other for other, _, _ in found]


def _can_be_wrong(word: str) -> bool:
    """Numbers and skus are what they are, and a short word is near to too many others."""
    return _SHORTEST <= len(word) <= _LONGEST and word.isalpha()


def stored(language: str = "") -> Vocabulary:
    """The vocabulary of a language, "" for the shop's own, as it was last counted."""
    return Vocabulary(dict(SearchWord.objects.filter(language=language).values_list("word", "product_count")))


@outbox.every(seconds=STALE_AFTER)
def count() -> None:
    """Count the words of the products that shoppers see, and have every process notice where they changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for language in ["", *languages.offered()[1:]]:
            # A language into which no product is translated has no words: those of the shop are asked instead.
            documents = _TRANSLATED.format(language=language) if language else _OWN
            cursor.execute(_COUNT, [documents, _SHORTEST - 1, _LONGEST, language, language])
            [(changed,)] = cursor.fetchall()
            if changed:
                lexicon.issue(lexicon.words_of(language))


def suggestions(words: Sequence[str], vocabulary: Vocabulary, limit: int) -> list[str]:
    """What somebody who types these words, the last perhaps not to its end, may want to search for."""
    *whole, last = words
    return [" ".join([*whole, end]) for end in vocabulary.beginning_with(last, limit)]


# Any number will do, as long as nothing else in the shop locks it.
_LOCK = 0x302

_OWN = """
SELECT p.search FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id
WHERE p.status = 'ACTIVE' AND c.is_listed
"""
_TRANSLATED = """
SELECT coalesce(d.search, p.search) FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id
LEFT JOIN catalog_searchdocument d ON d.product_id = p.id AND d.language = '{language}'
WHERE p.status = 'ACTIVE' AND c.is_listed
AND EXISTS (SELECT 1 FROM catalog_searchdocument WHERE language = '{language}')
"""

# Numbers are left out: they are neither suggested nor corrected.
_COUNT = r"""
WITH counted AS MATERIALIZED (
    SELECT word, ndoc AS product_count FROM ts_stat(%s)
    WHERE word !~ '[0-9]' AND length(word) BETWEEN %s AND %s
),
gone AS (
    DELETE FROM catalog_searchword w
    WHERE language = %s AND NOT EXISTS (SELECT 1 FROM counted WHERE counted.word = w.word)
    RETURNING 1
),
changed AS (
    INSERT INTO catalog_searchword AS w (language, word, product_count) SELECT %s, word, product_count FROM counted
    ON CONFLICT (language, word) DO UPDATE SET product_count = excluded.product_count
    WHERE w.product_count <> excluded.product_count
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM changed)
"""
