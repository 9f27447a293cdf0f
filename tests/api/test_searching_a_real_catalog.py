"""A catalog nobody here wrote: its busy searches and category pages, with filters, against a recount from the file."""

import gzip
import html
import json
import os
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from catalog import imports, reviews, search, vocabulary
from catalog.models import AttributeKind, AttributeValue, Product, Review, ReviewStatus
from tests import builders
from tests.api.test_filters import FILTERS

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
# The large one takes minutes: it is read where that is asked for.
FILES = ["catalog-small.jsonl", *(["catalog.jsonl.gz"] if os.environ.get("REAL_CATALOG") == "large" else [])]
pytestmark = pytest.mark.skipif(
    not (DATA / FILES[0]).exists(), reason="../shared/data/catalog-small.jsonl, a real catalog, is not here"
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


@pytest.fixture(params=FILES)
def lines(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    file = DATA / request.param
    data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return [json.loads(line) for line in data.splitlines()]


@pytest.fixture
def products(db: None, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The products, of which some are rated and described; what is said of them is added to their lines."""
    imports.run([json.dumps(line) for line in lines], strict=True, report=lambda *_: None)
    vocabulary.count()
    found = [line for line in lines if line["kind"] == "product"]
    keys = dict(Product.objects.values_list("external_id", "pk"))
    # A brand is written in several ways; the first that is read is kept.
    spelled: dict[str, str] = {}
    for line in found:
        if line["brand"]:
            name = line["brand"].replace("\x99", "™").strip()  # as Windows writes it
            line["brand"] = spelled.setdefault(name.lower(), name)
    finish = builders.an_attribute("Finish", AttributeKind.CHOICE, "Matt", "Gloss")
    weight = builders.an_attribute("Weight", AttributeKind.NUMBER)
    choices = list(finish.choices.order_by("position"))
    values, rated = [], {}
    for number, line in enumerate(found):
        line["finish"], line["weight"] = choices[number % 2].label, Decimal(number % 97) / 4
        values.append(AttributeValue(product_id=keys[line["id"]], attribute=finish, choice=choices[number % 2]))
        values.append(AttributeValue(product_id=keys[line["id"]], attribute=weight, number=line["weight"]))
        line["rating"] = [None, 2, 5][number % 3]
        if line["rating"]:
            rated[keys[line["id"]]] = line["rating"]
    AttributeValue.objects.bulk_create(values)
    Review.objects.bulk_create(
        Review(product_id=key, rating=stars, author_name="Ada B.", status=ReviewStatus.APPROVED)
        for key, stars in rated.items()
    )
    reviews.refresh(sorted(rated))
    return found


def test_busy_searches_and_categories_tell_what_a_recount_gives(
    execute: Any, lines: list[dict[str, Any]], products: list[dict[str, Any]], django_assert_max_num_queries: Any
) -> None:
    places = {line["id"]: line for line in lines if line["kind"] == "category"}
    within = {product["id"]: set(upward(places, product["categories"][0])) for product in products}
    texts = {product["id"]: words_of(product) for product in products}
    stems = stems_of({word for found in texts.values() for word in found})
    words = Counter(word for product in products for word in set(search.words(product["name"])))
    asked: list[tuple[str, dict[str, str], list[dict[str, Any]], str | None]] = []
    for word, _ in [pair for pair in words.most_common() if len(pair[0]) > 2][:BUSIEST]:
        found = [one for one in products if any(is_found(word, other, stems) for other in texts[one["id"]])]
        asked.append((SEARCH, {"query": word}, found, None))
    for id, _ in Counter(id for ids in within.values() for id in ids).most_common(BUSIEST):
        inside = [one for one in products if id in within[one["id"]]]
        asked.append((CATEGORY, {"handle": places[id]["slug"]}, inside, id))
    for document, variables, expected, place in asked:
        with django_assert_max_num_queries(STATEMENTS):
            data = execute(document, **variables)
        told = data["search"] if document == SEARCH else data["category"]["products"]
        filters = {one["id"]: one["values"] for one in told.get("filters") or told["productFilters"]}
        assert told["totalCount"] == len(expected), variables
        assert_recounted(filters, expected)
        below = Counter(id for one in expected for id in within[one["id"]] if places[id]["parent"] == place)
        children = sorted((places[id]["name"], count) for id, count in below.items())
        assert sorted(counts_in(filters, "filter.p.category")) == children


def assert_recounted(filters: dict[str, list[dict[str, Any]]], expected: list[dict[str, Any]]) -> None:
    """Each count of these filters is that of a recount in Python."""
    brands = Counter(product["brand"] for product in expected if product["brand"])
    assert counts_in(filters, "filter.p.vendor") == sorted(brands.items(), key=lambda one: (-one[1], one[0]))[:100]
    finishes = Counter(product["finish"] for product in expected)
    assert dict(counts_in(filters, "filter.p.attribute.finish")) == finishes
    assert counts_in(filters, "filter.p.rating") == [
        (f"{stars} star{'s' if stars > 1 else ''} and up", count)
        for stars in (4, 3, 2, 1)
        if (count := sum((product["rating"] or 0) >= stars for product in expected))
    ]
    sold = sum(any(variant["stock"] > 0 for variant in product["variants"]) for product in expected)
    assert [count for _, count in counts_in(filters, "filter.v.availability")] == [sold, len(expected) - sold]
    for value in filters["filter.v.price"]:
        low, high = (Decimal(str(json.loads(value["input"])["price"].get(end, other))) for end, other in ENDS)
        assert value["count"] == sum(
            any(low <= Decimal(variant["price"]) <= high for variant in product["variants"]) for product in expected
        )
    for value in filters["filter.p.attribute.weight"]:
        band = json.loads(value["input"])["attribute"]
        low, high = Decimal(str(band["min"])), Decimal(str(band["max"]))
        assert value["count"] == sum(low <= product["weight"] <= high for product in expected)


def counts_in(filters: dict[str, list[dict[str, Any]]], name: str) -> list[tuple[str, int]]:
    return [(value["label"], value["count"]) for value in filters.get(name, [])]


ENDS = (("min", "0"), ("max", "Infinity"))


def upward(places: dict[str, dict[str, Any]], id: str | None) -> list[str]:
    found = []
    while id is not None:
        found.append(id)
        id = places[id]["parent"]
    return found


def words_of(product: dict[str, Any]) -> set[str]:
    """All words that the product is found by."""
    texts = [product["name"], product["brand"] or "", re.sub("<[^>]*>", " ", product["description"])]
    texts += [variant["sku"] for variant in product["variants"]]
    return {word for text in texts for word in search.words(html.unescape(text))}


def stems_of(words: set[str]) -> dict[str, str | None]:
    """Of each word its stem, as PostgreSQL knows it; of the commonest words there is none."""
    with connection.cursor() as cursor:
        statement = "SELECT word, (tsvector_to_array(to_tsvector('english', word)))[1] FROM unnest(%s::text[]) AS word"
        cursor.execute(statement, [sorted(words)])
        return dict(cursor.fetchall())


def is_found(typed: str, word: str, stems: dict[str, str | None]) -> bool:
    return word.startswith(typed) or (stems[typed] is not None and stems[word] == stems[typed])
