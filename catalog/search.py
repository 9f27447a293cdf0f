"""Full-text search: the words each product can be found by, and a shopper's words made into a query that cannot fail.

Documents and queries are cut into words by the same function, in Python, so that case and accents are treated alike
whatever the locale of the database server: "CAFÉ" finds "Cafe".
"""

import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.postgres.search import SearchQuery
from django.db import connection

from catalog.models import Product, ProductVariant

WORDS_IN_QUERY = 12
_WORD_LENGTH = 100
_TEXT_LENGTH = 50_000  # a tsvector holds a megabyte at the most
_BATCH = 1000

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


class Term(NamedTuple):
    """A condition somebody typed, such as `-tag:sale` or `variants.price:>10`. `comparison` is a lookup of a column."""

    field: str
    value: Any
    comparison: str = "exact"
    is_excluded: bool = False


class Asked(NamedTuple):
    """What somebody typed: words to find, words that must not occur, and conditions."""

    words: list[str]
    excluded: list[str]
    terms: list[Term]


def read(text: str) -> Asked:
    """What `text` asks for. Takes anything a person may type: what is no condition we know is words.

    Conditions are `tag:`, `vendor:`, `product_type:`, `available_for_sale:` and `variants.price:`, quoted where the
    value has spaces; a leading minus turns one, or a word, round. AND is understood, for all must hold anyway. Words
    after the twelfth are ignored.
    """
    found: dict[bool, list[str]] = {False: [], True: []}
    terms: list[Term] = []
    for token in _TOKEN.finditer(text[:_TEXT_LENGTH]):
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
    return Asked(wanted, excluded, terms[:WORDS_IN_QUERY])


def query(asked: Asked) -> SearchQuery | None:
    """A query for products with all the words, each as the beginning of one, and none of those excluded.

    None if there are no words at all.
    """
    # Words are letters and digits alone, so nothing in them can be read as an operator.
    parts = [f"{word}:*" for word in asked.words] + [f"!{word}:*" for word in asked.excluded]
    return SearchQuery(" & ".join(parts), config="simple", search_type="raw") if parts else None


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
        _refresh(ids[start : start + _BATCH])


def _refresh(ids: list[int]) -> None:
    skus: defaultdict[int, list[str]] = defaultdict(list)
    for product_id, sku in (
        ProductVariant.objects.filter(product_id__in=ids).order_by("pk").values_list("product_id", "sku")
    ):
        skus[product_id].append(sku)
    rows = Product.objects.filter(pk__in=ids).values_list(
        "pk", "title", "brand__name", "tags", "product_type", "description_html"
    )
    documents = [
        (
            pk,
            _document(title),
            _document(brand or "", *skus[pk]),
            _document(kind, *tags),
            _document(_plain(description)),
        )
        for pk, title, brand, tags, kind, description in rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [list(column) for column in zip(*documents, strict=True)] or [[]] * 5)


def _document(*texts: str) -> str:
    return " ".join(words(" ".join(texts)[:_TEXT_LENGTH]))


def _plain(description_html: str) -> str:
    return html.unescape(_TAG.sub(" ", description_html[:_TEXT_LENGTH]))


_UPDATE = """
UPDATE catalog_product p SET search = document.search
FROM (
    SELECT id, setweight(to_tsvector('simple', a), 'A') || setweight(to_tsvector('simple', b), 'B')
               || setweight(to_tsvector('simple', c), 'C') || setweight(to_tsvector('simple', d), 'D') AS search
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[]) AS text(id, a, b, c, d)
) document
WHERE p.id = document.id AND p.search IS DISTINCT FROM document.search
"""
