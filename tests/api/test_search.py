"""search and predictiveSearch: products, pages and collections by words."""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Execute

SEARCH = """
query ($query: String!, $first: Int, $last: Int, $after: String, $before: String, $sortKey: SearchSortKeys,
       $reverse: Boolean, $types: [SearchType!], $sold: SearchUnavailableProductsType) {
  search(query: $query, first: $first, last: $last, after: $after, before: $before, sortKey: $sortKey,
         reverse: $reverse, types: $types, unavailableProducts: $sold) {
    nodes { __typename ... on Product { title } ... on Page { title } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
SUGGEST = """
query ($query: String!, $limit: Int, $scope: PredictiveSearchLimitScope, $types: [PredictiveSearchType!]) {
  predictiveSearch(query: $query, limit: $limit, limitScope: $scope, types: $types) {
    products { title } collections { title } pages { title } articles { title } queries { text }
  }
}
"""


@pytest.fixture
def shop(db: None) -> None:
    kitchen = builders.a_category("Tea kitchen")
    builders.a_product("Tea cup", category=kitchen, price="9.00")
    builders.a_product("Cup", category=kitchen, price="5.00", description_html="<p>For tea.</p>")
    builders.a_product("Tea tea pot", category=kitchen, price="30.00", stock_=0)
    builders.a_page("About tea", body="<p>Leaves &amp; water.</p>")
    builders.a_page("Brewing", body="<p>Pour <b>tea</b>.</p>")
    builders.a_page("Draft tea", is_published=False)
    builders.a_collection("Gifts for tea lovers")


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, ["Tea tea pot", "Tea cup", "Cup", "Brewing", "About tea"]),
        ({"sold": "HIDE"}, ["Tea cup", "Cup", "Brewing", "About tea"]),
        ({"sold": "LAST"}, ["Tea cup", "Cup", "Tea tea pot", "Brewing", "About tea"]),
        ({"sortKey": "PRICE"}, ["Cup", "Tea cup", "Tea tea pot", "About tea", "Brewing"]),
        ({"sortKey": "PRICE", "reverse": True}, ["Tea tea pot", "Tea cup", "Cup", "Brewing", "About tea"]),
        (
            {"sortKey": "PRICE", "reverse": True, "sold": "LAST"},
            ["Tea cup", "Cup", "Tea tea pot", "Brewing", "About tea"],
        ),
        ({"types": ["PAGE"]}, ["Brewing", "About tea"]),
        ({"types": ["PRODUCT"]}, ["Tea tea pot", "Tea cup", "Cup"]),
        ({"types": ["ARTICLE"]}, []),
        ({"types": []}, []),
        ({"query": "tea -cup"}, ["Tea tea pot", "Brewing", "About tea"]),
        ({"query": "water LEAV"}, ["About tea"]),
        ({"query": "available_for_sale:false"}, ["Tea tea pot"]),
        ({"query": "%"}, []),
        ({"query": "nothing"}, []),
    ],
)
def test_finds_products_and_pages_in_one_order(
    execute: Execute, variables: dict[str, Any], expected: list[str]
) -> None:
    variables = {"query": "tea"} | variables

    assert _titles(execute(SEARCH, **variables)) == expected
    for size in (1, 2, 3):
        assert _walk(execute, **variables, first=size) == expected
        assert _walk(execute, **variables, last=size) == expected


@pytest.mark.usefixtures("shop")
def test_refuses_a_cursor_of_another_order(request_graphql: Execute) -> None:
    [error] = request_graphql(SEARCH, query="tea", after="nonsense")["errors"]

    assert error["extensions"] == {"code": "INVALID_PAGE", "field": ["after"]}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("variables", "products", "collections", "pages"),
    [
        ({}, ["Tea tea pot", "Tea cup", "Cup"], ["Gifts for tea lovers", "Tea kitchen"], ["About tea", "Brewing"]),
        ({"query": "te", "limit": 1, "scope": "EACH"}, ["Tea tea pot"], ["Gifts for tea lovers"], ["About tea"]),
        ({"limit": 4, "scope": "ALL"}, ["Tea tea pot", "Tea cup", "Cup"], ["Gifts for tea lovers"], []),
        ({"types": ["PAGE", "QUERY"]}, [], [], ["About tea", "Brewing"]),
        ({"query": "tea kit"}, [], ["Tea kitchen"], []),
        ({"query": ""}, [], [], []),
        ({"query": "%_"}, [], [], []),
    ],
)
def test_suggests_while_somebody_types(
    execute: Execute, variables: dict[str, Any], products: list[str], collections: list[str], pages: list[str]
) -> None:
    found = execute(SUGGEST, **{"query": "tea", **variables})["predictiveSearch"]

    assert found == {
        "products": [{"title": title} for title in products],
        "collections": [{"title": title} for title in collections],
        "pages": [{"title": title} for title in pages],
        "articles": [],
        "queries": [],
    }


@pytest.mark.parametrize("limit", [0, 11, -1])
def test_refuses_a_limit_out_of_bounds(request_graphql: Execute, limit: int) -> None:
    [error] = request_graphql(SUGGEST, query="tea", limit=limit)["errors"]

    assert error["message"] == f"Ask for 1 to 10 suggestions; these are {limit}."
    assert error["extensions"] == {"code": "INVALID", "field": ["limit"]}


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_much_is_found(execute: Execute, size: int, django_assert_num_queries: Any) -> None:
    for number in range(size):
        builders.a_product(f"Tea {number}")
        builders.a_page(f"Tea page {number}")

    with django_assert_num_queries(2):
        found = _titles(execute(SEARCH, query="tea"))

    assert len(found) == 2 * size


def _titles(data: dict[str, Any]) -> list[str]:
    return [node["title"] for node in data["search"]["nodes"]]


def _walk(execute: Execute, **variables: Any) -> list[str]:
    """All titles, read page by page from the one end or the other."""
    is_forward = "first" in variables
    found: list[str] = []
    while True:
        data = execute(SEARCH, **variables)
        found = found + _titles(data) if is_forward else _titles(data) + found
        info = data["search"]["pageInfo"]
        if not info["hasNextPage" if is_forward else "hasPreviousPage"]:
            return found
        variables |= {"after": info["endCursor"]} if is_forward else {"before": info["startCursor"]}
