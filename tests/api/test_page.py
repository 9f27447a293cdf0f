"""page(handle) and pages: the texts of the shop."""

from typing import Any

import pytest

from accounts.models import User
from tests import builders
from tests.conftest import Execute

PAGE = """
query ($handle: String, $id: ID) {
  page(handle: $handle, id: $id) {
    id handle title body bodySummary seo { title description } createdAt updatedAt trackingParameters
  }
}
"""
PAGES = """
query ($first: Int, $last: Int, $after: String, $before: String, $reverse: Boolean) {
  pages(first: $first, last: $last, after: $after, before: $before, reverse: $reverse) {
    nodes { title } edges { node { title } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


def test_shows_a_published_page(execute: Execute) -> None:
    page = builders.a_page("About us", body="<h2>Who</h2><p>Nine people &amp; a cat.</p>", seo_description="Us")

    found = execute(PAGE, handle="about-us")["page"]

    assert found == {
        "id": builders.id_of(page),
        "handle": "about-us",
        "title": "About us",
        "body": "<h2>Who</h2><p>Nine people &amp; a cat.</p>",
        "bodySummary": "Who Nine people & a cat.",
        "seo": {"title": None, "description": "Us"},
        "createdAt": page.created_at.isoformat(),
        "updatedAt": page.updated_at.isoformat(),
        "trackingParameters": None,
    }
    assert execute(PAGE, id=found["id"])["page"] == found


def test_sums_up_a_long_text(execute: Execute) -> None:
    builders.a_page("Long", body=f"<p>{'word ' * 100}</p>")

    summary = execute(PAGE, handle="long")["page"]["bodySummary"]

    assert len(summary) <= 160
    assert summary.endswith("word word…")


def test_shows_unpublished_pages_to_staff_alone(execute: Execute, sam: User) -> None:
    builders.a_page("Draft", is_published=False)

    assert execute(PAGE, handle="draft")["page"] is None
    assert execute(PAGES)["pages"]["nodes"] == []
    assert execute(PAGE, handle="draft", as_=sam)["page"]["title"] == "Draft"
    assert execute(PAGES, as_=sam)["pages"]["nodes"] == [{"title": "Draft"}]


@pytest.mark.parametrize(
    "fields", [{"handle": "nowhere"}, {}, {"id": "gid://shop/Page/7"}, {"id": "gid://shop/Menu/1"}]
)
def test_is_null_for_what_is_not_there(execute: Execute, fields: dict[str, str]) -> None:
    assert execute(PAGE, **fields)["page"] is None


def test_is_found_under_its_old_name(execute: Execute) -> None:
    builders.a_page("About")
    document = "query ($handle: String!) { pageByHandle(handle: $handle) { title } }"

    assert execute(document, handle="about") == {"pageByHandle": {"title": "About"}}
    assert execute(document, handle="nowhere") == {"pageByHandle": None}


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("size", [{"first": 2}, {"last": 2}, {"first": 9}])
def test_lists_pages_in_the_order_they_were_written(execute: Execute, size: dict[str, int], reverse: bool) -> None:
    titles = ["A", "C", "B", "E", "D"]
    for title in titles:
        builders.a_page(title)

    assert _walk(execute, **size, reverse=reverse) == (titles[::-1] if reverse else titles)


@pytest.mark.parametrize("size", [1, 20])
def test_costs_one_query_however_many(execute: Execute, size: int, django_assert_num_queries: Any) -> None:
    for _ in range(size):
        builders.a_page()

    with django_assert_num_queries(1):
        nodes = execute(PAGES)["pages"]["nodes"]

    assert len(nodes) == size


def _walk(execute: Execute, **variables: Any) -> list[str]:
    """All titles, read page by page from the one end or the other."""
    is_forward = "first" in variables
    found: list[str] = []
    while True:
        page = execute(PAGES, **variables)["pages"]
        titles = [node["title"] for node in page["nodes"]]
        found = found + titles if is_forward else titles + found
        info = page["pageInfo"]
        if not info["hasNextPage" if is_forward else "hasPreviousPage"]:
            return found
        variables |= {"after": info["endCursor"]} if is_forward else {"before": info["startCursor"]}
