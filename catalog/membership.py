"""Which of some products stand in which of some categories and collections, now."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import IntegerField, Value

from accounts.actors import GUEST
from catalog import filters, lists
from catalog.lists import RuleBased
from catalog.models.price import Tariff
from shop import prepared
from shop.prepared import Bound

CATEGORY, COLLECTION, BY_RULES = 1, 2, 3


def categories_and_collections(
    product_ids: Collection[int], category_ids: Collection[int], collection_ids: Collection[int], tariff: Tariff
) -> Mapping[int, frozenset[tuple[int, int]]]:
    """For each product the named categories above it, itself included, and the named collections that have it.

    Each is a pair of `CATEGORY` or `COLLECTION` and its key. One statement; two more where rules find a collection's
    products, which then are those that anybody sees by this tariff.
    """
    held: dict[int, set[tuple[int, int]]] = {product_id: set() for product_id in product_ids}
    values = {"products": list(product_ids), "categories": list(category_ids), "collections": list(collection_ids)}
    ruled: list[RuleBased] = []
    for kind, key, product_id, match in prepared.rows([Bound(_HELD, values)]):
        if kind == BY_RULES:
            ruled.append(RuleBased(key, match))
        else:
            held[product_id].add((kind, key))
    for key, product_id in _found_by_rules(ruled, list(product_ids), tariff):
        held[product_id].add((COLLECTION, key))
    return {product_id: frozenset(found) for product_id, found in held.items()}


def _found_by_rules(ruled: list[RuleBased], product_ids: list[int], tariff: Tariff) -> list[tuple[Any, ...]]:
    queries = []
    for one, wanted in zip(ruled, lists.filters(ruled) if ruled else [], strict=True):
        found, _ = filters.matching_by(tariff, GUEST, wanted)
        named: Any = found.filter(pk__in=product_ids).annotate(named=Value(one.collection_id, IntegerField()))
        queries.append(prepared.compiled(named.values_list("named", "pk")))
    return prepared.rows(queries)


_HELD = f"""
SELECT {CATEGORY}, upper_one.id, product.id, ''
FROM catalog_category upper_one
JOIN catalog_category own ON own.path >= upper_one.path AND own.path < upper_one.path || '['
JOIN catalog_product product ON product.category_id = own.id
WHERE upper_one.id = ANY(%(categories)s::bigint[]) AND product.id = ANY(%(products)s::bigint[])
UNION ALL
SELECT {COLLECTION}, place.collection_id, place.product_id, ''
FROM catalog_collectionproduct place
WHERE place.collection_id = ANY(%(collections)s::bigint[]) AND place.product_id = ANY(%(products)s::bigint[])
UNION ALL
SELECT {BY_RULES}, collection.id, 0, collection.rule_match
FROM catalog_collection collection
WHERE collection.id = ANY(%(collections)s::bigint[]) AND collection.rule_match <> ''
"""  # noqa: S608  (constants of this module alone)
