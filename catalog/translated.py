"""Reading in another language: what was translated takes the place of the shop's own words, row by row.

The shop's own language is "": then rows are answered as they are, and nothing is read. In any other, each function
reads all translations it needs in one statement.
"""

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from django.db.models import F, FilteredRelation, Q, QuerySet, Value

from catalog.models import ProductOption, Translation
from shop import prepared
from shop.prepared import Bound

Row = TypeVar("Row", bound=Any)

HANDLE = "handle"
NAME = "name"
# Before the value of an option that a key translates.
VALUE = "value."
# Before the handle of a choice of an attribute whose label a key translates.
CHOICE = "choice."
# By what each text is called among translations, the column of a row that has it.
_SEO = {"meta_title": "seo_title", "meta_description": "seo_description"}
COLUMNS: dict[str, dict[str, str]] = {
    "product": {"title": "title", "body_html": "description_html", "product_type": "product_type", **_SEO},
    "category": {"title": "title", "body_html": "description", **_SEO},
    "collection": {"title": "title", "body_html": "description", **_SEO},
    "page": {"title": "title", "body_html": "body", **_SEO},
    "menu_item": {"title": "title"},
    "option": {NAME: "name"},
    "attribute": {NAME: "name"},
}
WITH_HANDLES = ("product", "category", "collection", "page")


class Told(NamedTuple):
    """What is said of one thing in a language; a handle only where it has one there."""

    handle: str | None
    texts: dict[str, str]


def rows(language: str, owner: str, found: Sequence[Row]) -> list[Row]:
    """These rows of one kind, each with a `pk`, in this language."""
    if not language or not found:
        return list(found)
    told = of(language, owner, [row.pk for row in found])
    return [said(row, owner, told[row.pk]) if row.pk in told else row for row in found]


def of(language: str, owner: str, ids: Some[int]) -> dict[int, Told]:
    """What is said of those of these things that have a translation."""
    return {pk: told for (_, pk), told in of_several(language, {owner: ids}).items()}


def of_several(language: str, ids: Mapping[str, Some[int]]) -> dict[tuple[str, int], Told]:
    """As `of`, of several kinds at once: by the kind and the key."""
    wanted = {owner: list(keys) for owner, keys in ids.items() if keys}
    if not language or not wanted:
        return {}
    statements = [_texts.bound(keys, language, owner=owner) for owner, keys in wanted.items()]
    return {(owner, pk): Told(handle, texts) for owner, pk, handle, texts in prepared.rows(statements)}


def said(row: Row, owner: str, told: Told) -> Row:
    """The row in the words of its translation."""
    columns = COLUMNS[owner]
    words = {columns[key]: text for key, text in told.texts.items() if key in columns}
    if told.handle is not None:
        words[HANDLE] = told.handle
    changed: Row = row._replace(**words)
    return changed


def named(language: str, owner: str, handles: Some[str]) -> dict[str, int]:
    """Which things of a kind have these handles in this language and no other."""
    if not language or not handles:
        return {}
    return dict(_named(list(handles), language, owner=owner))


def options(language: str, product_ids: Some[int]) -> dict[int, list[dict[str, str]]]:
    """What is said of the options of each product, in their order; nothing of what is not translated."""
    found: dict[int, list[dict[str, str]]] = {}
    if language:
        for product_id, texts in _options(list(product_ids), language):
            found.setdefault(product_id, []).append(texts or {})
    return found


def values(told: Sequence[dict[str, str]], written: Sequence[str]) -> list[str]:
    """The values a variant has of its product's options, in the words of the options' translations."""
    known = [*told, *({} for _ in written[len(told) :])]
    return [value(texts, one) for texts, one in zip(known, written, strict=False)]


def value(texts: dict[str, str], written: str) -> str:
    """A value of an option in the words of the option's translation."""
    return texts.get(VALUE + written, written)


def product_types(language: str, types: Some[str]) -> dict[str, str]:
    """What these types of products are called; of one that was translated in several ways the commonest."""
    if not language or not types:
        return {}
    return dict(prepared.rows([Bound(_TYPES, [language, list(types)])]))


@prepared.statement
def _texts(ids: list[int], language: str, *, owner: str) -> QuerySet[Any, Any]:
    chosen = Translation.objects.filter(**{f"{owner}_id__any": ids}, language=language)
    return chosen.values_list(Value(owner), f"{owner}_id", "handle", "texts")


@prepared.statement
def _named(handles: list[str], language: str, *, owner: str) -> QuerySet[Any, Any]:
    chosen = Translation.objects.filter(**{f"{owner}__isnull": False}, handle__any=handles, language=language)
    return chosen.values_list("handle", f"{owner}_id")


@prepared.statement
def _options(product_ids: list[int], language: str) -> QuerySet[Any, Any]:
    told = FilteredRelation("translations", condition=Q(translations__language=language))
    chosen: Any = ProductOption.objects.filter(product_id__any=product_ids).annotate(told=told)
    ordered: QuerySet[Any, Any] = chosen.annotate(texts=F("told__texts")).order_by("product_id", "position")
    return ordered.values_list("product_id", "texts")


_TYPES = """
SELECT product.product_type, mode() WITHIN GROUP (ORDER BY told.texts ->> 'product_type')
FROM catalog_translation told JOIN catalog_product product ON product.id = told.product_id
WHERE told.language = %s AND product.product_type = ANY(%s::text[]) AND told.texts ->> 'product_type' <> ''
GROUP BY product.product_type
"""
