"""products: what is for sale, in every order, page by page, by words and by conditions."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from catalog import facts
from catalog.models import Product
from tests import builders
from tests.conftest import Execute

PRODUCTS = """
query ($first: Int, $last: Int, $after: String, $before: String, $sortKey: ProductSortKeys, $reverse: Boolean,
       $query: String, $filters: [ProductFilter!]) {
  products(first: $first, last: $last, after: $after, before: $before, sortKey: $sortKey, reverse: $reverse,
           query: $query, filters: $filters) {
    totalCount nodes { title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def shelf(db: None) -> None:
    """Seven products that tie in every order; some words weigh more than others."""
    category = builders.a_category("Shelf")
    rows = (
        # title, price, sold, type, brand, day made, day changed
        ("Mug A", "10.00", 3, "Mug", "Clay", 1, 3),
        ("Mug A", "10.00", 3, "Mug", "Clay", 1, 3),
        ("Bowl", "5.50", 9, "Bowl", None, 2, 2),
        ("Mug B", "10.00", 0, "", "Ash", 2, 1),
        ("Éclair mug", "99.90", 3, "Cake", "Clay", 3, 1),
        ("apple mug mug", "0.00", 9, "Fruit", None, 3, 1),
        ("Mug A", "7.00", 1, "Mug", "Ash", 1, 2),
    )
    for number, (title, price, sold, kind, brand, made, changed) in enumerate(rows):
        product = builders.a_product(
            title,
            handle=f"p{number}",
            category=category,
            price=price,
            sold_count=sold,
            product_type=kind,
            brand=brand,
            created_at=START + timedelta(days=made),
        )
        Product.objects.filter(pk=product.pk).update(updated_at=START + timedelta(days=changed))


SORT_KEYS = [
    "ID",
    "TITLE",
    "PRICE",
    "CREATED_AT",
    "UPDATED_AT",
    "BEST_SELLING",
    "PRODUCT_TYPE",
    "VENDOR",
    "RELEVANCE",
    None,
]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("words", [None, "mug"])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("sort_key", SORT_KEYS)
def test_walks_every_order_both_ways_without_loss(
    execute: Execute, sort_key: str | None, reverse: bool, words: str | None
) -> None:
    variables = {"sortKey": sort_key, "reverse": reverse, "query": words}
    whole = _ids(execute(IDS, **variables))

    forward = [_walk(execute, **variables, first=size) for size in (1, 2, 3, 7)]
    backward = [_walk(execute, **variables, last=size) for size in (1, 2, 3, 7)]

    assert len(set(whole)) == len(whole) == (6 if words else 7)
    assert forward == backward == [whole] * 4
    assert _ids(execute(IDS, **{**variables, "reverse": not reverse})) == whole[::-1]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("sort_key", "expected"),
    [
        ("ID", [0, 1, 2, 3, 4, 5, 6]),
        ("PRICE", [5, 2, 6, 0, 1, 3, 4]),
        ("CREATED_AT", [0, 1, 6, 2, 3, 4, 5]),
        ("UPDATED_AT", [3, 4, 5, 2, 6, 0, 1]),
        ("BEST_SELLING", [5, 2, 4, 1, 0, 6, 3]),
        ("PRODUCT_TYPE", [3, 2, 4, 5, 0, 1, 6]),
        ("VENDOR", [2, 5, 3, 6, 0, 1, 4]),
        ("RELEVANCE", [5, 2, 4, 1, 0, 6, 3]),
    ],
)
def test_sorts_in_the_natural_direction(execute: Execute, sort_key: str, expected: list[int]) -> None:
    assert _ids(execute(IDS, sortKey=sort_key)) == [f"p{number}" for number in expected]


@pytest.mark.usefixtures("shelf")
def test_puts_the_best_match_first(execute: Execute) -> None:
    builders.a_product("Saucer", handle="saucer", description_html="<p>Goes with any mug.</p>")

    found = _ids(execute(IDS, sortKey="RELEVANCE", query="mug"))

    assert found[0] == "p5"
    assert found[-1] == "saucer"
    assert len(found) == 7


@pytest.fixture
def goods(db: None) -> None:
    for title, price, fields in (
        ("Blue Café Mug", "8.00", {"tags": ["sale", "gift idea"], "brand": "Clay & Co", "product_type": "Mug"}),
        ("Blue Bowl", "20.00", {"tags": ["sale"], "product_type": "Bowl", "stock_": 0}),
        ("Red Mug", "12.50", {"brand": "Ash", "product_type": "Mug"}),
    ):
        builders.a_product(title, price=price, **fields)


@pytest.mark.usefixtures("goods")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Blue Café Mug", "Blue Bowl", "Red Mug"]),
        ("   ", ["Blue Café Mug", "Blue Bowl", "Red Mug"]),
        ("blu", ["Blue Café Mug", "Blue Bowl"]),
        ("CAFE mu", ["Blue Café Mug"]),
        ('"blue mug"', ["Blue Café Mug"]),
        ("clay", ["Blue Café Mug"]),
        ("blue AND mug", ["Blue Café Mug"]),
        ("mug -blue", ["Red Mug"]),
        ("-mug", ["Blue Bowl"]),
        ("tag:sale", ["Blue Café Mug", "Blue Bowl"]),
        ('tag:"gift idea"', ["Blue Café Mug"]),
        ("-tag:sale", ["Red Mug"]),
        ("mug tag:sale", ["Blue Café Mug"]),
        ('vendor:"clay & co"', ["Blue Café Mug"]),
        ("-vendor:Ash", ["Blue Café Mug", "Blue Bowl"]),
        ("product_type:mug", ["Blue Café Mug", "Red Mug"]),
        ("-product_type:Mug", ["Blue Bowl"]),
        ("available_for_sale:true", ["Blue Café Mug", "Red Mug"]),
        ("available_for_sale:FALSE", ["Blue Bowl"]),
        ("variants.price:>12.50", ["Blue Bowl"]),
        ("variants.price:>=12.5 variants.price:<20", ["Red Mug"]),
        ("variants.price:<=8", ["Blue Café Mug"]),
        ("variants.price:8.00", ["Blue Café Mug"]),
        ("-variants.price:>10", ["Blue Café Mug"]),
        ("color:blue", ["Blue Café Mug", "Blue Bowl"]),
        ("variants.price:cheap", []),
        ("mug:red", ["Red Mug"]),
        ("available_for_sale:perhaps", []),
        ("tag:", []),
        ("'); DROP TABLE -- & | ! <-> :* \\", []),
        ("&|!", []),
        ("-", []),
        ('"', []),
        ("x" * 3000, []),
    ],
)
def test_finds_what_is_asked_for_and_never_fails(execute: Execute, query: str, expected: list[str]) -> None:
    page = execute(PRODUCTS, query=query)["products"]

    assert [node["title"] for node in page["nodes"]] == expected
    assert page["totalCount"] == len(expected)


@pytest.mark.usefixtures("goods")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([], ["Blue Café Mug", "Blue Bowl", "Red Mug"]),
        ([{"available": False}], ["Blue Bowl"]),
        ([{"productType": "Mug"}, {"productVendor": "Ash"}], ["Red Mug"]),
        ([{"productVendor": "Ash"}, {"productVendor": "Clay & Co"}], ["Blue Café Mug", "Red Mug"]),
        ([{"tag": "sale"}, {"available": True}], ["Blue Café Mug"]),
        ([{"price": {"min": "9"}}], ["Blue Bowl", "Red Mug"]),
        ([{"price": {"max": "12.50"}}], ["Blue Café Mug", "Red Mug"]),
        ([{"onSale": True}], []),
        ([{"category": "gid://shop/Category/1234567"}], []),
        ([{"category": "nonsense"}], []),
    ],
)
def test_keeps_what_meets_the_conditions(execute: Execute, filters: list[dict[str, Any]], expected: list[str]) -> None:
    nodes = execute(PRODUCTS, filters=filters)["products"]["nodes"]

    assert [node["title"] for node in nodes] == expected


def test_finds_a_price_only_where_a_variant_has_it(execute: Execute) -> None:
    product = builders.a_product("Tea", price="5.00", variants=2)
    last = product.variants.order_by("position").last()
    assert last is not None
    last.prices.update(amount="25.00")
    facts.refresh([product.pk])

    def found(low: str, high: str) -> int:
        filters = [{"price": {"min": low, "max": high}}]
        count: int = execute(PRODUCTS, filters=filters)["products"]["totalCount"]
        return count

    assert (found("4", "6"), found("10", "20"), found("20", "30")) == (1, 0, 1)


def test_refuses_conditions_that_cannot_add_up(request_graphql: Execute) -> None:
    two = [{"price": {"min": "1"}}, {"price": {"max": "2"}}]

    for filters, field in ((two, ["filters", "1", "price"]), ([{"price": {"min": "3", "max": "2"}}], ["price"])):
        [error] = request_graphql(PRODUCTS, filters=filters)["errors"]
        assert error["extensions"] == {"code": "INVALID", "field": field}


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ({"first": 251}, "A page has 0 to 250 rows; 251 were asked for."),
        ({"first": -1}, "A page has 0 to 250 rows; -1 were asked for."),
        ({"last": 300}, "A page has 0 to 250 rows; 300 were asked for."),
        ({"first": 1, "last": 1}, "Ask for the first or for the last rows, not for both."),
        ({"after": "nonsense"}, "This cursor is not one of ours."),
        ({"after": ""}, "This cursor is not one of ours."),
        ({"after": "☃"}, "This cursor is not one of ours."),
        ({"before": "W10"}, "This cursor is not one of ours."),
    ],
)
def test_refuses_a_page_that_has_no_answer(request_graphql: Execute, page: dict[str, Any], message: str) -> None:
    builders.a_product()

    [error] = request_graphql(PRODUCTS, **page)["errors"]

    assert error["message"] == message
    assert error["extensions"]["code"] == "INVALID_PAGE"


@pytest.mark.parametrize(
    ("sort_key", "forged"),
    [
        ("TITLE", ["TITLE 0", "a\0b", 1]),
        ("TITLE", ["TITLE 0", "a", "1"]),
        ("TITLE", ["TITLE 0", "a", 2**70]),
        ("TITLE", ["TITLE 0", "a"]),
        ("PRICE", ["PRICE 0", "1e9999999", 1]),
        ("PRICE", ["PRICE 0", "NaN", 1]),
        ("PRICE", ["PRICE 0", [], 1]),
        ("CREATED_AT", ["CREATED_AT 0", "2026-01-01", 1]),
        ("CREATED_AT", ["CREATED_AT 0", 5, 1]),
        ("BEST_SELLING", ["BEST_SELLING 1", "many", 1]),
        ("ID", ["ID 0", None]),
        ("ID", ["TITLE 0", "a", 1]),
    ],
)
def test_refuses_a_forged_cursor(request_graphql: Execute, sort_key: str, forged: list[Any]) -> None:
    cursor = urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")

    [error] = request_graphql(PRODUCTS, sortKey=sort_key, after=cursor)["errors"]

    assert error["extensions"] == {"code": "INVALID_PAGE", "field": ["after"]}


def test_shows_shoppers_only_what_is_sold_to_them(execute: Execute, sam: User) -> None:
    builders.a_product("Open")
    builders.a_product("Draft", status="DRAFT")
    builders.a_product("Abroad", currency="EUR")
    builders.a_product("Closed", category=builders.a_category("Closed", is_active=False))

    assert execute(PRODUCTS)["products"]["nodes"] == [{"title": "Open"}]
    assert execute(PRODUCTS, as_=sam)["products"]["totalCount"] == 4


def test_takes_explicit_nulls_for_defaults(execute: Execute) -> None:
    builders.a_product("Mug")
    names = ("first", "last", "after", "before", "sortKey", "reverse", "query", "filters")

    assert execute(PRODUCTS, **dict.fromkeys(names))["products"]["nodes"] == [{"title": "Mug"}]


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many(execute: Execute, size: int, django_assert_num_queries: Any) -> None:
    category = builders.a_category("Shelf")
    for _ in range(size):
        builders.a_product(category=category, variants=2, images=2)
    document = """{ products(first: 100) { totalCount nodes {
      title description availableForSale featuredImage { url } priceRange { maxVariantPrice { amount } }
      options { name optionValues { name firstSelectableVariant { sku } } }
      variants(first: 250) { edges { node { sku price { amount } selectedOptions { name value } product { title } } } }
      images(first: 20) { edges { node { url } } }
      category { title }
      selectedOrFirstAvailableVariant { sku } adjacentVariants { sku }
      encodedVariantExistence encodedVariantAvailability
    } } }"""

    with django_assert_num_queries(18):
        page = execute(document)["products"]

    assert page["totalCount"] == len(page["nodes"]) == size


IDS = PRODUCTS.replace("nodes { title }", "nodes { handle }")


def _ids(data: dict[str, Any]) -> list[str]:
    return [node["handle"] for node in data["products"]["nodes"]]


def _walk(execute: Execute, **variables: Any) -> list[str]:
    """All handles, read page by page from the one end or the other."""
    is_forward = "first" in variables
    found: list[str] = []
    while True:
        data = execute(IDS, **variables)
        found = found + _ids(data) if is_forward else _ids(data) + found
        info = data["products"]["pageInfo"]
        if not info["hasNextPage" if is_forward else "hasPreviousPage"]:
            return found
        variables |= {"after": info["endCursor"]} if is_forward else {"before": info["startCursor"]}
