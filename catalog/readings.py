"""How a search is taken: as it was typed, or where that finds nothing, as it was probably meant.

In this order, the first that finds anything: as typed; with each word that the shop does not know replaced by the
nearest one that it knows; and of these words so many as some product has, if that is half of them at least.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Max, Value

from catalog import filters, lexicon, search, synonyms, vocabulary
from catalog.filters import ProductFilter
from catalog.lexicon import Latest
from catalog.search import Asked
from catalog.shopper import Shopper
from catalog.vocabulary import Vocabulary
from shop import prepared
from shop.prepared import Bound

_NO_WORDS = Vocabulary({})


class Reading(NamedTuple):
    """What is looked for, and the words it was corrected to, if it was."""

    asked: Asked
    corrected: str | None = None

    @property
    def is_relaxed(self) -> bool:
        """Whether nothing has all the words, so that what has most of them is shown."""
        return self.asked.least > 0


class Reader:
    """Reads what one shopper typed. Costs one small statement, and another where what was typed may find nothing.

    `beside` is read in the same statement, rows of one array of texts each.
    """

    def __init__(self, shopper: Shopper, text: str, beside: Bound | None = None) -> None:
        self._shopper = shopper
        typed = search.read(text, shopper.language)
        known = Latest({}, {}, [])
        if typed.parts:
            known = lexicon.latest(typed.words, search.configurations(shopper.language), beside)
        elif beside is not None:
            known = Latest({}, {}, [texts for (texts,) in prepared.rows([beside])])
        editions, stems, self.beside = known
        self._synonyms = synonyms.of(lexicon.kept(lexicon.SYNONYMS, editions, synonyms.stored, {}), shopper.language)
        self.vocabulary = _words(shopper.language, editions)
        # The words that no product had when words were last counted.
        self.doubted = {word for word in typed.words if self.vocabulary.doubts(word, stems.get(word, ()))}
        self.typed = synonyms.expanded(typed, self._synonyms)

    def meant(self) -> Reading:
        """What the words are taken for: one statement, that finds out what each way to read them would find."""
        if not self.typed.parts:
            return Reading(self.typed)
        text = self.corrected_text()
        corrected = synonyms.expanded(search.read(text, self._shopper.language), self._synonyms) if text else self.typed
        most = self._most(corrected)
        if most < 0:
            return Reading(self.typed)
        if most == 0:
            return Reading(corrected, text)
        if 2 * most >= len(corrected.parts):
            return Reading(corrected._replace(least=most), text)
        return Reading(self.typed)

    def corrected_text(self) -> str | None:
        """What was typed, with the words that nobody knows replaced; None where there are none to replace."""
        known = {word for part in self.typed.parts if part.others for word in part.words}
        better = {word: nearest for word in self.doubted - known if (nearest := self.vocabulary.nearest(word))}
        return search.replaced(self.typed.text, better) if better else None

    def _most(self, corrected: Asked) -> int:
        """-1 if something is found as typed, 0 if it is as corrected, else how many parts the best product has."""
        typed, whole = (self._matching(asked)[0].values("pk") for asked in (self.typed, corrected))
        most = "0"
        if len(corrected.parts) > 1:
            parts = self._matching(corrected._replace(least=1))[0].order_by().values(all=Value(1))
            most = prepared.compiled(parts.annotate(most=Max("matched")).values_list("most")).sql
        either = " ".join(
            f"WHEN EXISTS ({prepared.compiled(found).sql}) THEN {answer}" for found, answer in ((typed, -1), (whole, 0))
        )
        [(found,)] = prepared.rows([Bound(f"SELECT CASE {either} ELSE coalesce(({most}), 0) END", [])])
        return int(found)

    def _matching(self, asked: Asked) -> Any:
        return filters.matching(self._shopper, ProductFilter(asked=asked))


def _words(language: str, editions: Mapping[str, UUID]) -> Vocabulary:
    """The vocabulary of a language; that of the shop's own where no product is translated into it."""
    words: Vocabulary = _NO_WORDS
    for one in dict.fromkeys([language, ""]):
        words = words or lexicon.kept(lexicon.words_of(one), editions, partial(vocabulary.stored, one), _NO_WORDS)
    return words
