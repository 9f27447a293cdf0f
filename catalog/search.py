"""Full-text search: the words each product can be found by, and a shopper's words made into a query that cannot fail.

Documents and queries are cut into words by the same function, in Python, so that case and accents are treated alike
whatever the locale of the database server: "CAFÉ" finds "Cafe". A document holds each word as it is, so that its
beginning finds it while somebody types, and beside it the word's stem in the shop's language: "mugs" finds "mug". Stems
are marked with a `=`, which no word can have, and so are not among the words of the shop.

A product that is translated has a document of its own for each language, with its words in that language; what is not
translated of it stands there as it is. In another language than the shop's, words are sought by their stems in both.
"""

import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple, cast

from django.contrib.postgres.search import SearchQuery
from django.db import connection

from catalog.models import Product, ProductVariant, Translation
from shop import languages
from shop.prepared import Fixed

WORDS_IN_QUERY = 12
_WORD_LENGTH = 100
_TEXT_LENGTH = 50_000  # a tsvector holds a megabyte at the most
_BATCH = 1000

# The configurations that every PostgreSQL we run on has, by the language's code in ISO 639-1.
CONFIGURATIONS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}

_TOKEN = re.compile(
    r"""(?P<minus>-?)(?:(?P<field>[A-Za-z_.]+):)?(?P<than>[<>]=?)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))"""
)
_PRICE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")
_COMPARISONS = {"": "exact", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
_WORD = re.compile(r"[^\W_]+")
_TAG = re.compile(r"<[^>]*>")


def words(text: str) -> list[str]:
    """The words of `text` in order, in lower case and without accents."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return [word[:_WORD_LENGTH] for word in _WORD.findall(text.lower())]


def replaced(text: str, better: Mapping[str, str]) -> str:
    """`text` with words, which `better` names as `words` gives them, replaced by others."""

    def choose(found: re.Match[str]) -> str:
        folded = words(found[0])
        return better.get(folded[0], found[0]) if len(folded) == 1 else found[0]

    return _WORD.sub(choose, text)


class Term(NamedTuple):
    """A condition somebody typed, such as `-tag:sale` or `variants.price:>10`. `comparison` is a lookup of a column."""

    field: str
    value: Any
    comparison: str = "exact"
    is_excluded: bool = False


class Part(NamedTuple):
    """A word, or several that synonyms know as one term; and what is as good, each of one word or several."""

    words: tuple[str, ...]
    others: tuple[tuple[str, ...], ...] = ()


class Asked(NamedTuple):
    """What somebody typed: words to find, words that must not occur, and conditions.

    All parts must be found; or where `least` is not zero, so many of them. The language is "" for the shop's own.
    """

    text: str
    parts: tuple[Part, ...]
    excluded: tuple[str, ...]
    terms: tuple[Term, ...]
    least: int = 0
    language: str = ""

    @property
    def words(self) -> list[str]:
        return [word for part in self.parts for word in part.words]

    @property
    def is_empty(self) -> bool:
        """Whether only signs were typed, with which nothing is found. A blank text asks for everything."""
        return bool(self.text.strip()) and not (self.parts or self.excluded or self.terms)

    @property
    def fixed(self) -> "Asked | None":
        """The same for a prepared statement, to which other words can be given; None where it is of another kind."""
        if self.least or self.terms or self.is_empty:
            return None
        text, least, language = (cast(Any, Fixed(value)) for value in ("", self.least, self.language))
        return self._replace(text=text, least=least, language=language)


def read(text: str, language: str = "") -> Asked:
    """What `text` asks for in this language. Takes anything a person may type: what is no condition we know is words.

    Conditions are `tag:`, `vendor:`, `product_type:`, `available_for_sale:` and `variants.price:`, quoted where the
    value has spaces; a leading minus turns one, or a word, round. AND is understood, for all must hold anyway. Words
    after the twelfth are ignored.
    """
    text = text[:_TEXT_LENGTH]
    found: dict[bool, list[str]] = {False: [], True: []}
    terms: list[Term] = []
    for token in _TOKEN.finditer(text):
        if token[0] == "AND":
            continue
        is_excluded = bool(token["minus"])
        value = token["quoted"] if token["quoted"] is not None else token["plain"]
        term = _term((token["field"] or "").lower(), token["than"] or "", value, is_excluded)
        if term is None:
            found[is_excluded] += words(token[0])
        else:
            terms.append(term)
    wanted, excluded = (list(dict.fromkeys(group))[:WORDS_IN_QUERY] for group in (found[False], found[True]))
    parts = tuple(Part((word,)) for word in wanted)
    return Asked(text, parts, tuple(excluded), tuple(terms[:WORDS_IN_QUERY]), language=language)


def query(asked: Asked) -> "Query | None":
    """A query for products with all parts, or any where only some are needed, and with no excluded word.

    A word is found as the beginning of one, or by its stem. None if there are no words at all.
    """
    parts = part_queries(asked)
    excluded = [~_word(word, asked.language) for word in asked.excluded]
    if asked.least:
        # A number is one of many that look alike: what has another is not what was meant.
        exact = [part for part, (own, _) in zip(parts, asked.parts, strict=True) if not "".join(own).isalpha()]
        parts = [reduce(or_, parts), *exact]
    return reduce(and_, parts + excluded) if parts or excluded else None


def part_queries(asked: Asked) -> list["Query"]:
    """A query for each part of what is asked for."""
    found, language = [], asked.language
    for number, (own, others) in enumerate(asked.parts, 1):
        # Of a language's commonest words, such as "the", only the last is looked for: it may be the start of another.
        is_needed = number == len(asked.parts) or len(own) > 1
        one = _word if is_needed else _telling_word
        exact = reduce(and_, [one(word, language) for word in own])
        whole = [reduce(and_, [_whole_word(word, language) for word in other]) for other in others]
        found.append(reduce(or_, whole, exact))
    return found


class Query(SearchQuery):
    """A query of full-text search, in SQL."""

    def __init__(self, sql: str, *params: str) -> None:
        super().__init__("")
        self.sql, self.params = sql, params

    def as_sql(self, *_: Any, **__: Any) -> Any:
        return self.sql, list(self.params)

    def __and__(self, other: "Query") -> "Query":  # type: ignore[override]
        return Query(f"({self.sql} && {other.sql})", *self.params, *other.params)

    def __or__(self, other: "Query") -> "Query":  # type: ignore[override]
        return Query(f"({self.sql} || {other.sql})", *self.params, *other.params)

    def __invert__(self) -> "Query":  # type: ignore[override]
        return Query(f"(!! {self.sql})", *self.params)


def _word(word: str, language: str) -> Query:
    # Words are letters and digits alone, so nothing in them can be read as an operator.
    return Query("to_tsquery('simple', %s)", f"{word}:*") | _stems(word, language)


def _telling_word(word: str, language: str) -> Query:
    found = _word(word, language)
    sql = f"(CASE WHEN length(to_tsvector(%s::regconfig, %s)) = 0 THEN ''::tsquery ELSE {found.sql} END)"
    return Query(sql, configuration(language), word, *found.params)


def _whole_word(word: str, language: str) -> Query:
    return Query("to_tsquery('simple', %s)", word) | _stems(word, language)


def _stems(word: str, language: str) -> Query:
    """The word's stems as documents hold them; a word that has none adds nothing."""
    stem = "(tsvector_to_array(to_tsvector(%s::regconfig, %s)))[1]"
    sql = f"coalesce(('''=' || {stem} || '''')::tsquery, ''::tsquery)"
    return reduce(or_, [Query(sql, one, word) for one in configurations(language)])


def configuration(language: str = "") -> str:
    """PostgreSQL's name for a language, "" for the shop's own; "simple" where it knows no stems of it."""
    return CONFIGURATIONS.get((language or languages.own()).partition("_")[0].lower(), "simple")


def configurations(language: str) -> list[str]:
    """By whose stems words are sought: those of the language, and of the shop's own for what is not translated."""
    return list(dict.fromkeys([configuration(language), configuration()]))


def _term(field: str, than: str, value: str, is_excluded: bool) -> Term | None:
    """The condition, or None where the field is none of ours or the value makes no sense in it."""
    match field:
        case "tag" | "vendor" | "product_type" if value and not than and "\0" not in value:
            return Term(field, value, is_excluded=is_excluded)
        case "available_for_sale" if value.lower() in {"true", "false"} and not than:
            return Term(field, value.lower() == "true", is_excluded=is_excluded)
        case "variants.price" if _PRICE.fullmatch(value):
            return Term(field, Decimal(value), _COMPARISONS[than], is_excluded)
        case _:
            return None


def refresh(product_ids: Iterable[int]) -> None:
    """Write the search documents of these products anew. Call inside the transaction that changed them."""
    ids = sorted(set(product_ids))
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        texts = _texts(batch)
        if texts:
            with connection.cursor() as cursor:
                cursor.execute(_UPDATE, [*_columns(texts), configuration()])
            _refresh_translated(texts)


def refresh_translated(product_id: int) -> None:
    """As `refresh`, where only what was translated of a product changed."""
    _refresh_translated(_texts([product_id]))


class _Texts(NamedTuple):
    """What a product is found by, the most telling first."""

    pk: int
    title: str
    names: str
    kind: str
    tags: str
    description: str


def _texts(ids: Sequence[int]) -> list[_Texts]:
    skus: defaultdict[int, list[str]] = defaultdict(list)
    for product_id, sku in (
        ProductVariant.objects.filter(product_id__in=ids).order_by("pk").values_list("product_id", "sku")
    ):
        skus[product_id].append(sku)
    rows = Product.objects.filter(pk__in=ids).values_list(
        "pk", "title", "brand__name", "tags", "product_type", "description_html"
    )
    return [
        _Texts(
            pk,
            _document(title),
            _document(brand or "", *skus[pk]),
            _document(kind),
            _document(*tags),
            _document(_plain(description)),
        )
        for pk, title, brand, tags, kind, description in rows
    ]


def _refresh_translated(texts: Iterable[_Texts]) -> None:
    """In the languages the shop is translated into; where there are none, this costs nothing."""
    others = languages.offered()[1:]
    if not others:
        return
    written = {own.pk: own for own in texts}
    rows, configured = [], []
    told = Translation.objects.filter(product__in=written, language__in=others).order_by("product_id", "language")
    for product_id, language, said in told.values_list("product_id", "language", "texts"):
        words = {column: _document(_plain(said[key])) for key, column in _COLUMNS.items() if key in said}
        if words:
            here = configuration(language)
            rows.append((language, _Texts(**written[product_id]._asdict() | words)))
            configured.append([here if column in words else configuration() for column in _COLUMNS.values()])
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [list(written), [own.pk for _, own in rows], [language for language, _ in rows]])
        if rows:
            kept = [*_columns(own for _, own in rows), [language for language, _ in rows]]
            cursor.execute(_TELL, [*kept, *map(list, zip(*configured, strict=True)), configuration()])


def _columns(rows: Iterable[_Texts]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _document(*texts: str) -> str:
    return " ".join(words(" ".join(texts)[:_TEXT_LENGTH]))


def _plain(description_html: str) -> str:
    return html.unescape(_TAG.sub(" ", description_html[:_TEXT_LENGTH]))


# The texts that are translated of what a product is found by.
_COLUMNS = {"title": "title", "product_type": "kind", "body_html": "description"}


def _weighted(text: str, weight: str, language: str = "language") -> str:
    """SQL for a document of words and their stems, each stem where its word stands."""
    stems = f"regexp_replace(to_tsvector({language}, {text})::text, '(^| )''', '\\1''=', 'g')"
    return f"setweight((to_tsvector('simple', {text})::text || ' ' || {stems})::tsvector, '{weight}')"


_UPDATE = f"""
UPDATE catalog_product p SET search = document.search
FROM (
    SELECT id, {_weighted("a", "A")} || {_weighted("b", "B")} || {_weighted("(c || ' ' || d)", "C")}
           || {_weighted("e", "D")} AS search
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) AS text(id, a, b, c, d, e)
    CROSS JOIN (VALUES (%s::regconfig)) AS shop(language)
) document
WHERE p.id = document.id AND p.search IS DISTINCT FROM document.search
"""  # noqa: S608  (constants of this module)

_FORGET = """
DELETE FROM catalog_searchdocument document
WHERE product_id = ANY(%s::bigint[]) AND NOT EXISTS (
    SELECT 1 FROM unnest(%s::bigint[], %s::text[]) AS told(product_id, language)
    WHERE told.product_id = document.product_id AND told.language = document.language
)
"""
_TELL = f"""
INSERT INTO catalog_searchdocument AS kept (product_id, language, search)
SELECT id, told, {_weighted("a", "A", "of_a")} || {_weighted("b", "B")} || {_weighted("c", "C", "of_c")}
       || {_weighted("d", "C")} || {_weighted("e", "D", "of_e")}
FROM unnest(
    %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::regconfig[], %s::regconfig[], %s::regconfig[]
) AS text(id, a, b, c, d, e, told, of_a, of_c, of_e)
CROSS JOIN (VALUES (%s::regconfig)) AS shop(language)
ORDER BY id, told
ON CONFLICT (product_id, language) DO UPDATE SET search = excluded.search
WHERE kept.search IS DISTINCT FROM excluded.search
"""  # noqa: S608  (constants of this module)
