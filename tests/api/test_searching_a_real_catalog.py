"""A catalog nobody here wrote: its busy searches and category pages, with filters, against a recount from the file."""

import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog import imports, search, vocabulary
from tests.api.test_filters import FILTERS

FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "catalog-small.jsonl"
pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="../shared/data/catalog-small.jsonl, a real catalog, is not here"
)
BUSIEST = 10
STATEMENTS = 6
SEARCH = f"""
query ($query: String!) {{
  search(query: $query, first: 24, types: [PRODUCT]) {{
    totalCount nodes {{ ... on Product {{ title }} }} productFilters {FILTERS}
  }}
}}
"""
CATEGORY = f"""
query ($handle: String!) {{
  category(handle: $handle) {{ products(first: 24) {{ totalCount nodes {{ title }} filters {FILTERS} }} }}
}}
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    with FILE.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture
def products(db: None, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    imports.run(FILE.read_text(encoding="utf-8").splitlines(), strict=True, report=lambda *_: None)
    vocabulary.count()
    return [line for line in lines if line["kind"] == "product"]


def test_busy_searches_and_categories_tell_what_a_recount_gives(
    execute: Any, lines: list[dict[str, Any]], products: list[dict[str, Any]], django_assert_max_num_queries: Any
) -> None:
    above = {line["id"]: line["parent"] for line in lines if line["kind"] == "category"}
    slugs = {line["id"]: line["slug"] for line in lines if line["kind"] == "category"}
    within = {product["id"]: set(upward(above, product["categories"][0])) for product in products}
    words = Counter(word for product in products for word in set(search.words(product["name"])))
    # Only words without inflections: which others PostgreSQL finds by their stems, no recount can tell.
    busy = [word for word, _ in words.most_common() if re.fullmatch("[a-z]{2,}[0-9]+|[0-9]{2,}", word)][:BUSIEST]
    places = Counter(id for ids in within.values() for id in ids)
    asked: list[tuple[str, dict[str, str], list[dict[str, Any]]]] = [
        (SEARCH, {"query": word}, [product for product in products if has(product, word)]) for word in busy
    ]
    for id, _ in places.most_common(BUSIEST):
        asked.append((CATEGORY, {"handle": slugs[id]}, [one for one in products if id in within[one["id"]]]))
    for document, variables, expected in asked:
        with django_assert_max_num_queries(STATEMENTS):
            data = execute(document, **variables)
        found = data["search"] if document == SEARCH else data["category"]["products"]
        filters = {one["id"]: one["values"] for one in found.get("filters") or found["productFilters"]}
        assert found["totalCount"] == len(expected), variables
        brands = Counter(product["brand"] for product in expected if product["brand"])
        told = {value["label"]: value["count"] for value in filters.get("filter.p.vendor", [])}
        assert told == dict(sorted(brands.items(), key=lambda brand: (-brand[1], brand[0]))[:100])
        for value in filters["filter.v.price"]:
            low, high = (Decimal(str(json.loads(value["input"])["price"].get(end, other))) for end, other in ENDS)
            assert value["count"] == sum(
                any(low <= Decimal(variant["price"]) <= high for variant in product["variants"]) for product in expected
            )
        sold = sum(any(variant["stock"] > 0 for variant in product["variants"]) for product in expected)
        assert [value["count"] for value in filters["filter.v.availability"]] == [sold, len(expected) - sold]


ENDS = (("min", "0"), ("max", "Infinity"))


def upward(above: dict[str, str | None], id: str | None) -> list[str]:
    found = []
    while id is not None:
        found.append(id)
        id = above[id]
    return found


def has(product: dict[str, Any], start: str) -> bool:
    """Whether any word that the product is found by begins so."""
    texts = [product["name"], product["brand"] or "", re.sub("<[^>]*>", " ", product["description"])]
    texts += [variant["sku"] for variant in product["variants"]]
    return any(word.startswith(start) for text in texts for word in search.words(text))
