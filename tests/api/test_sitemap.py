"""sitemap: what search engines may visit; and the blogs that the shop does not keep."""

from typing import Any

import pytest

from accounts.models import User
from catalog import sitemap
from tests import builders
from tests.conftest import Execute

SITEMAP = """
query ($type: SitemapType!, $page: Int!) {
  sitemap(type: $type) {
    pagesCount { count }
    resources(page: $page) { items { __typename handle updatedAt ... on SitemapResourceMetaobject { type } } }
  }
}
"""


@pytest.fixture
def shop(db: None) -> None:
    home = builders.a_category("Home")
    builders.a_category("Closed", is_active=False)
    builders.a_product("Mug", category=home)
    builders.a_product("Draft", category=home, status="DRAFT")
    builders.a_product("Abroad", category=home, currency="EUR")
    builders.a_collection("Gifts")
    builders.a_collection("Hidden", is_active=False)
    builders.a_page("About")
    builders.a_page("Unfinished", is_published=False)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("kind", "handles"),
    [
        ("PRODUCT", ["mug"]),
        ("COLLECTION", ["gifts", "home"]),
        ("PAGE", ["about"]),
        ("BLOG", []),
        ("ARTICLE", []),
        ("METAOBJECT", []),
    ],
)
def test_lists_what_every_shopper_may_open(execute: Execute, sam: User, kind: str, handles: list[str]) -> None:
    for who in (None, sam):
        found = execute(SITEMAP, as_=who, type=kind, page=1)["sitemap"]

        assert found["pagesCount"] == {"count": 1 if handles else 0}
        assert [item["handle"] for item in found["resources"]["items"]] == handles


def test_is_cut_into_pages(execute: Execute, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "PAGE_SIZE", 2)
    for title in ("A", "B", "C"):
        builders.a_collection(title)
        builders.a_category(f"X{title}")

    pages = [execute(SITEMAP, type="COLLECTION", page=number)["sitemap"] for number in (-1, 0, 1, 2, 3, 4, 2**31 - 1)]

    assert [[item["handle"] for item in page["resources"]["items"]] for page in pages] == [
        [],
        [],
        ["a", "b"],
        ["c", "xa"],
        ["xb", "xc"],
        [],
        [],
    ]
    assert {page["pagesCount"]["count"] for page in pages} == {3}


def test_keeps_no_blogs(execute: Execute) -> None:
    empty: dict[str, Any] = {"nodes": [], "pageInfo": {"hasNextPage": False, "hasPreviousPage": False}}

    found = execute(
        """{
          blog(handle: "news") { title articleByHandle(handle: "one") { title } articles(first: 1) { nodes { title } } }
          blogs(first: 1) { nodes { title handle } pageInfo { hasNextPage hasPreviousPage } }
        }"""
    )

    assert found == {"blog": None, "blogs": empty}
