"""collections: curated collections and categories in one list, in one total order, page by page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from catalog.models import Category, Collection
from tests import builders
from tests.conftest import Execute

COLLECTIONS = """
query ($first: Int, $last: Int, $after: String, $before: String, $sortKey: CollectionSortKeys, $reverse: Boolean) {
  collections(first: $first, last: $last, after: $after, before: $before, sortKey: $sortKey, reverse: $reverse) {
    nodes { handle }
    edges { cursor node { handle } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
A_DAY = timedelta(days=1)


@pytest.fixture
def lists(db: None) -> None:
    """Both kinds, with titles and times that tie within a kind and between the two; some not for shoppers."""
    home = builders.a_category("Home", handle="home")
    builders.a_category("Same", handle="same-2", parent=home)
    builders.a_category("Closed", is_active=False)
    builders.a_category("Below", parent=Category.objects.get(handle="closed"))
    builders.a_collection("Same", handle="same-1")
    builders.a_collection("Zoo", handle="zoo")
    builders.a_collection("Hidden", is_active=False)
    builders.a_category("Apples", handle="apples")
    builders.a_collection("Same", handle="same-3")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for model in (Collection, Category):
        model.objects.update(updated_at=start)
        model.objects.filter(handle__startswith="same").update(updated_at=start + A_DAY)
    Category.objects.filter(handle="home").update(updated_at=start - A_DAY)


ORDERS = {
    "ID": ["same-1", "zoo", "same-3", "home", "same-2", "apples"],
    "RELEVANCE": ["same-1", "zoo", "same-3", "home", "same-2", "apples"],
    "TITLE": ["apples", "home", "same-1", "same-3", "same-2", "zoo"],
    "UPDATED_AT": ["home", "zoo", "apples", "same-1", "same-3", "same-2"],
}


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("sort_key", ORDERS)
def test_offers_both_kinds_in_one_order(execute: Execute, sort_key: str, reverse: bool) -> None:
    expected = ORDERS[sort_key][::-1] if reverse else ORDERS[sort_key]

    page = execute(COLLECTIONS, sortKey=sort_key, reverse=reverse)["collections"]

    assert [node["handle"] for node in page["nodes"]] == expected
    assert [edge["node"]["handle"] for edge in page["edges"]] == expected
    for size in (1, 2, 4):
        assert _walk(execute, sortKey=sort_key, reverse=reverse, first=size) == expected
        assert _walk(execute, sortKey=sort_key, reverse=reverse, last=size) == expected


@pytest.mark.usefixtures("lists")
def test_takes_explicit_nulls_for_defaults(execute: Execute) -> None:
    nothing = dict.fromkeys(("first", "last", "after", "before", "sortKey", "reverse"))

    page = execute(COLLECTIONS, **nothing)["collections"]

    assert [node["handle"] for node in page["nodes"]] == ORDERS["ID"]
    assert page["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": page["edges"][0]["cursor"],
        "endCursor": page["edges"][-1]["cursor"],
    }


@pytest.mark.usefixtures("lists")
def test_shows_staff_also_what_shoppers_do_not_see(execute: Execute, sam: User) -> None:
    nodes = execute(COLLECTIONS, sortKey="TITLE", as_=sam)["collections"]["nodes"]

    assert [node["handle"] for node in nodes] == [
        "apples",
        "below",
        "closed",
        "hidden",
        "home",
        "same-1",
        "same-3",
        "same-2",
        "zoo",
    ]


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize(
    ("page", "message", "field"),
    [
        ({"first": 251}, "A page has 0 to 250 rows; 251 were asked for.", None),
        ({"last": -1}, "A page has 0 to 250 rows; -1 were asked for.", None),
        ({"first": 1, "last": 1}, "Ask for the first or for the last rows, not for both.", None),
        ({"after": "nonsense"}, "This cursor is not one of ours.", ["after"]),
        ({"before": "WyJUSVRMRSAwIiwiYSIsMV0"}, "This cursor belongs to a list in another order.", ["before"]),
    ],
)
def test_refuses_a_page_that_has_no_answer(
    request_graphql: Execute, page: dict[str, Any], message: str, field: list[str] | None
) -> None:
    answer = request_graphql(COLLECTIONS, **page)

    [error] = answer["errors"]
    assert error["message"] == message
    assert error["extensions"] == {"code": "INVALID_PAGE"} | ({"field": field} if field else {})


def test_answers_an_empty_shop(execute: Execute) -> None:
    page = execute(COLLECTIONS)["collections"]

    assert page["nodes"] == page["edges"] == []
    assert page["pageInfo"]["startCursor"] is page["pageInfo"]["endCursor"] is None


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many(execute: Execute, size: int, django_assert_num_queries: Any) -> None:
    for _ in range(size):
        builders.a_collection(products=[builders.a_product()])
    document = """{ collections(first: 250) {
      nodes { title image { url } products(first: 3) { totalCount nodes { title } } } } }"""

    with django_assert_num_queries(3):
        nodes = execute(document)["collections"]["nodes"]

    assert len(nodes) == 2 * size
    assert {node["products"]["totalCount"] for node in nodes} == {1}


def _walk(execute: Execute, **variables: Any) -> list[str]:
    """All handles, read page by page from the one end or the other."""
    is_forward = variables.get("first") is not None
    found: list[str] = []
    while True:
        page = execute(COLLECTIONS, **variables)["collections"]
        handles = [node["handle"] for node in page["nodes"]]
        found = found + handles if is_forward else handles + found
        info = page["pageInfo"]
        if not info["hasNextPage" if is_forward else "hasPreviousPage"]:
            return found
        variables |= {"after": info["endCursor"]} if is_forward else {"before": info["startCursor"]}
