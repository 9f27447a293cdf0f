"""collection(handle): a curated list in the merchant's order, or a category with the products of its subtree."""

from typing import Any

import pytest

from accounts.models import User
from tests import builders
from tests.conftest import Execute

COLLECTION = """
query ($handle: String, $id: ID) {
  collection(handle: $handle, id: $id) {
    id handle title description descriptionHtml seo { title description } image { url altText } updatedAt
    trackingParameters products(first: 10) { totalCount nodes { title } }
  }
}
"""
PRODUCTS = """
query ($handle: String, $sortKey: ProductCollectionSortKeys, $reverse: Boolean, $filters: [ProductFilter!],
       $first: Int, $after: String, $last: Int, $before: String) {
  collection(handle: $handle) {
    products(sortKey: $sortKey, reverse: $reverse, filters: $filters, first: $first, after: $after, last: $last,
             before: $before) {
      totalCount edges { cursor node { title } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}
"""


def test_shows_a_curated_list_in_the_merchants_order(execute: Execute) -> None:
    mug, bowl = builders.a_product("Mug"), builders.a_product("Bowl")
    hidden = builders.a_product("Secret", status="DRAFT")
    gifts = builders.a_collection(
        "Gifts",
        products=[bowl, hidden, mug],
        description="For them.\n\nAnd <you>.",
        seo_title="Gifts for all",
        image_src="gifts.jpg",
        image_alt="A bow",
    )

    found = execute(COLLECTION, handle="gifts")["collection"]

    assert found == {
        "id": builders.id_of(gifts),
        "handle": "gifts",
        "title": "Gifts",
        "description": "For them.\n\nAnd <you>.",
        "descriptionHtml": "<p>For them.</p>\n\n<p>And &lt;you&gt;.</p>",
        "seo": {"title": "Gifts for all", "description": None},
        "image": {"url": "http://localhost:8000/media/gifts.jpg", "altText": "A bow"},
        "updatedAt": gifts.updated_at.isoformat(),
        "trackingParameters": None,
        "products": {"totalCount": 2, "nodes": [{"title": "Bowl"}, {"title": "Mug"}]},
    }


def test_shows_a_category_with_the_products_of_its_subtree(execute: Execute) -> None:
    home = builders.a_category("Home")
    builders.a_product("Mug", category=builders.a_category("Kitchen", parent=home), sold_count=3)
    builders.a_product("Lamp", category=home, sold_count=9)
    builders.a_product("Rake")

    found = execute(COLLECTION, handle="home")["collection"]

    assert found["title"] == "Home"
    assert found["products"] == {"totalCount": 2, "nodes": [{"title": "Lamp"}, {"title": "Mug"}]}
    assert execute(COLLECTION, id=found["id"])["collection"] == found


@pytest.mark.parametrize(
    "fields", [{"handle": "nowhere"}, {"handle": ""}, {}, {"id": "gid://shop/Collection/9"}, {"id": "?"}]
)
def test_is_null_for_what_is_not_there(execute: Execute, fields: dict[str, str]) -> None:
    assert execute(COLLECTION, **fields)["collection"] is None


def test_is_null_for_what_shoppers_must_not_see(execute: Execute, sam: User) -> None:
    builders.a_collection("Hidden", is_active=False)
    builders.a_category("Closed", is_active=False)

    assert execute(COLLECTION, handle="hidden")["collection"] is None
    assert execute(COLLECTION, handle="closed")["collection"] is None
    assert execute(COLLECTION, handle="hidden", as_=sam)["collection"]["title"] == "Hidden"
    assert execute(COLLECTION, handle="closed", as_=sam)["collection"]["title"] == "Closed"


def test_keeps_its_order_on_later_pages_although_products_stand_in_other_lists_too(execute: Execute) -> None:
    products = [builders.a_product(f"P{number}") for number in range(5)]
    builders.a_collection("Forth", products=products)
    builders.a_collection("Back", products=products[::-1])

    for handle, expected in (("forth", ["P0", "P1", "P2", "P3", "P4"]), ("back", ["P4", "P3", "P2", "P1", "P0"])):
        assert _walk(execute, handle=handle, first=2) == expected
        assert _walk(execute, handle=handle, last=2) == expected


def test_sorts_and_filters_its_products(execute: Execute) -> None:
    products = [
        builders.a_product("Cup", price="7.00", tags=["blue"], sold_count=1),
        builders.a_product("Axe", price="9.00", tags=["red"], sold_count=5),
        builders.a_product("Bag", price="8.00", tags=["blue", "red"], sold_count=3),
    ]
    builders.a_collection("Things", products=products)

    def titles(**variables: object) -> list[str]:
        return _titles(execute(PRODUCTS, handle="things", **variables))

    assert titles() == ["Cup", "Axe", "Bag"]
    assert titles(sortKey=None, reverse=None, first=None, after=None) == ["Cup", "Axe", "Bag"]
    assert titles(sortKey="RELEVANCE") == ["Cup", "Axe", "Bag"]
    assert titles(sortKey="MANUAL", reverse=True) == ["Bag", "Axe", "Cup"]
    assert titles(sortKey="TITLE") == ["Axe", "Bag", "Cup"]
    assert titles(sortKey="PRICE", reverse=True) == ["Axe", "Bag", "Cup"]
    assert titles(sortKey="BEST_SELLING") == ["Axe", "Bag", "Cup"]
    assert titles(sortKey="CREATED", reverse=True) == ["Bag", "Axe", "Cup"]
    assert titles(sortKey="ID") == ["Cup", "Axe", "Bag"]
    assert titles(filters=[{"tag": "red"}]) == ["Axe", "Bag"]
    assert titles(filters=[{"price": {"min": "7.50", "max": "8.50"}}]) == ["Bag"]


def test_a_category_narrows_a_list(execute: Execute) -> None:
    home = builders.a_category("Home")
    below = builders.a_category("Below", parent=home)
    builders.a_product("Mug", category=home)
    builders.a_product("Tea", category=below)

    found = execute(PRODUCTS, handle="home", filters=[{"category": builders.id_of(below)}])

    assert _titles(found) == ["Tea"]


def test_is_found_under_its_old_name(execute: Execute) -> None:
    builders.a_collection("Gifts")

    assert execute('{ collectionByHandle(handle: "gifts") { title } }') == {"collectionByHandle": {"title": "Gifts"}}


def _titles(data: dict[str, Any]) -> list[str]:
    return [edge["node"]["title"] for edge in data["collection"]["products"]["edges"]]


def _walk(execute: Execute, *, handle: str, first: int | None = None, last: int | None = None) -> list[str]:
    """All titles, read page by page from the one end or the other."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        data = execute(PRODUCTS, handle=handle, first=first, last=last, **cursor)
        info = data["collection"]["products"]["pageInfo"]
        found = found + _titles(data) if first else _titles(data) + found
        if not info["hasNextPage" if first else "hasPreviousPage"]:
            return found
        cursor = {"after": info["endCursor"]} if first else {"before": info["startCursor"]}
