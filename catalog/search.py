"""Full-text search: the words each product can be found by, and a shopper's words made into a query that cannot fail.

Documents and queries are cut into words by the same function, in Python, so that case and accents are treated alike
whatever the locale of the database server: "CAFÉ" finds "Cafe".
"""

import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from django.contrib.postgres.search import SearchQuery
from django.db import connection

from catalog.models import Product, ProductVariant

WORDS_IN_QUERY = 12
_WORD_LENGTH = 100
_TEXT_LENGTH = 50_000  # a tsvector holds a megabyte at the most
_BATCH = 1000

_WORD = re.compile(r"[^\W_]+")
_TAG = re.compile(r"<[^>]*>")


def words(text: str) -> list[str]:
    """The words of `text` in order, in lower case and without accents."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return [word[:_WORD_LENGTH] for word in _WORD.findall(text.lower())]


def query(text: str) -> SearchQuery | None:
    """A query for products that have every word of `text`, each as the beginning of a word; None if it has no word.

    Takes anything a person may type; words after the twelfth are ignored.
    """
    found = list(dict.fromkeys(words(text[:_TEXT_LENGTH])))[:WORDS_IN_QUERY]
    if not found:
        return None
    # Words are letters and digits alone, so nothing in them can be read as an operator.
    return SearchQuery(" & ".join(f"{word}:*" for word in found), config="simple", search_type="raw")


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
