"""menu(handle): a named tree of links, each with an absolute URL and a type."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from tests import builders
from tests.conftest import Execute

MENU = """
query ($handle: String!) {
  menu(handle: $handle) {
    id handle title
    items { ...link items { ...link items { ...link } } }
  }
}
fragment link on MenuItem { id title url type resourceId tags }
"""


def test_nests_links_in_the_merchants_order(execute: Execute) -> None:
    menu = builders.a_menu(
        "main-menu",
        [
            ("Shop", "/collections/all", [("Mugs", "/collections/mugs", [("Blue", "/products/blue-mug", [])])]),
            ("Home", "/", []),
        ],
    )
    mugs = builders.a_collection("Mugs")
    blue = builders.a_product("Blue Mug")

    found = execute(MENU, handle="main-menu")["menu"]

    [shop, home] = found["items"]
    [below] = shop["items"]
    assert (found["id"], found["handle"], found["title"]) == (builders.id_of(menu), "main-menu", "Main menu")
    assert (shop["title"], shop["url"], shop["type"]) == ("Shop", _url("/collections/all"), "CATALOG")
    assert (home["title"], home["url"], home["type"]) == ("Home", _url("/"), "FRONTPAGE")
    assert below == {
        "id": below["id"],
        "title": "Mugs",
        "url": _url("/collections/mugs"),
        "type": "COLLECTION",
        "resourceId": builders.id_of(mugs),
        "tags": [],
        "items": [
            {
                "id": below["items"][0]["id"],
                "title": "Blue",
                "url": _url("/products/blue-mug"),
                "type": "PRODUCT",
                "resourceId": builders.id_of(blue),
                "tags": [],
            }
        ],
    }


@pytest.mark.parametrize(
    ("path", "url", "kind"),
    [
        ("/", "/", "FRONTPAGE"),
        ("/collections", "/collections", "COLLECTIONS"),
        ("/collections/all", "/collections/all", "CATALOG"),
        ("/collections/mugs/", "/collections/mugs/", "COLLECTION"),
        ("/products/mug", "/products/mug", "PRODUCT"),
        ("/pages/about", "/pages/about", "PAGE"),
        ("/policies/privacy-policy", "/policies/privacy-policy", "SHOP_POLICY"),
        ("/search", "/search", "SEARCH"),
        ("/search?q=mug", "/search?q=mug", "SEARCH"),
        ("/searching", "/searching", "HTTP"),
        ("/blogs/news", "/blogs/news", "BLOG"),
        ("/blogs/news/one", "/blogs/news/one", "ARTICLE"),
        ("/account/orders", "/account/orders", "CUSTOMER_ACCOUNT_PAGE"),
        ("imprint", "/imprint", "HTTP"),
    ],
)
def test_tells_what_a_path_leads_to(execute: Execute, path: str, url: str, kind: str) -> None:
    builders.a_menu("footer", [("Link", path, [])])

    [item] = execute(MENU, handle="footer")["menu"]["items"]

    assert (item["url"], item["type"], item["resourceId"]) == (_url(url), kind, None)


@pytest.mark.parametrize("url", ["https://elsewhere.example/products/mug", "mailto:hello@shop.example"])
def test_leaves_other_places_as_they_are(execute: Execute, url: str) -> None:
    builders.a_menu("footer", [("Link", url, [])])

    [item] = execute(MENU, handle="footer")["menu"]["items"]

    assert (item["url"], item["type"], item["resourceId"]) == (url, "HTTP", None)


def test_tells_no_id_of_what_shoppers_do_not_see(execute: Execute) -> None:
    builders.a_product("Secret", status="DRAFT")
    builders.a_page("About", is_published=False)
    page = builders.a_page("Contact")
    category = builders.a_category("Home")
    builders.a_menu(
        "main-menu",
        [(path, path, []) for path in ("/products/secret", "/pages/about", "/pages/contact", "/collections/home")],
    )

    items = execute(MENU, handle="main-menu")["menu"]["items"]
    as_collection = execute('{ collection(handle: "home") { id } }')["collection"]["id"]

    assert [item["resourceId"] for item in items] == [None, None, builders.id_of(page), as_collection]
    assert as_collection != builders.id_of(category)


def test_is_null_where_there_is_none(execute: Execute) -> None:
    assert execute(MENU, handle="main-menu") == {"menu": None}


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many_links(execute: Execute, size: int, django_assert_num_queries: Any) -> None:
    nouns: dict[str, Callable[[str], object]] = {
        "products": builders.a_product,
        "collections": builders.a_collection,
        "pages": builders.a_page,
    }
    links: list[builders.Link] = []
    for number in range(size):
        for noun, build in nouns.items():
            build(f"{noun} {number}")
            links.append((noun, f"/{noun}/{noun}-{number}", [("Below", f"/{noun}/{noun}-{number}", [])]))
    builders.a_menu("main-menu", links)

    with django_assert_num_queries(2 + 3):
        items = execute(MENU, handle="main-menu")["menu"]["items"]

    assert len(items) == 3 * size
    assert all(item["resourceId"] and item["items"][0]["resourceId"] == item["resourceId"] for item in items)


def _url(path: str) -> str:
    return f"{settings.STOREFRONT_URL}{path}"
