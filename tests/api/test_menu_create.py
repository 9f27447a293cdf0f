"""menuCreate: staff make menus of links on three levels; a link may follow the tree of categories, always as it is."""

from typing import Any

import pytest
from django.conf import settings

from accounts.models import User
from catalog import categories
from catalog.models import Menu, MenuItem
from tests import builders
from tests.conftest import Execute

LINK = "title url type resourceId depth category { title }"
CREATE = f"""
mutation ($menu: MenuCreateInput!) {{
  menuCreate(menu: $menu) {{
    menu {{ id handle title items {{ {LINK} items {{ title url items {{ title }} }} }} }}
    userErrors {{ code field message }}
  }}
}}
"""
MENU = '{ menu(handle: "main") { items { id title resourceId items { id title url items { title } } } } }'


def made(execute: Execute, sam: User, *items: dict[str, Any]) -> dict[str, Any]:
    payload = execute(CREATE, as_=sam, menu={"title": "Main", "items": list(items)})["menuCreate"]
    assert payload["userErrors"] == []
    menu: dict[str, Any] = payload["menu"]
    return menu


def titles(items: list[dict[str, Any]]) -> list[Any]:
    return [(item["title"], titles(item["items"])) if item.get("items") else item["title"] for item in items]


def test_makes_a_menu_of_three_levels(execute: Execute, sam: User) -> None:
    mug = builders.a_product("Mug")
    links: list[dict[str, Any]] = [
        {"title": "Shop", "path": "/collections/all", "items": [{"title": "Mugs", "path": "/collections/mugs"}]},
        {"title": "Mug", "path": "/products/mug"},
        {"title": "Write", "path": "mailto:us@shop.example"},
    ]
    links[0]["items"][0]["items"] = [{"title": "Blue", "path": "/products/blue"}]

    menu = made(execute, sam, *links)

    assert (menu["id"], menu["handle"], menu["title"]) == (builders.id_of(Menu.objects.get()), "main", "Main")
    assert titles(menu["items"]) == [("Shop", [("Mugs", ["Blue"])]), "Mug", "Write"]
    assert menu["items"][1] == {
        "title": "Mug",
        "url": f"{settings.STOREFRONT_URL}/products/mug",
        "type": "PRODUCT",
        "resourceId": builders.id_of(mug),
        "depth": None,
        "category": None,
        "items": [],
    }


def test_follows_a_category_as_deep_as_is_said(execute: Execute, sam: User) -> None:
    home = builders.a_category("Home")
    kitchen = builders.a_category("Kitchen", parent=home)
    builders.a_category("Cups", parent=kitchen)
    builders.a_category("Bath", parent=home)
    builders.a_category("Garden")

    menu = made(
        execute,
        sam,
        {"categoryId": builders.id_of(home)},
        {"categoryId": builders.id_of(home), "title": "At home", "depth": 2},
        {"categoryId": builders.id_of(home), "depth": 0},
    )

    assert titles(menu["items"]) == [
        ("Home", ["Kitchen", "Bath"]),
        ("At home", [("Kitchen", ["Cups"]), "Bath"]),
        "Home",
    ]
    [link, *_] = menu["items"]
    assert (link["type"], link["depth"], link["category"]) == ("COLLECTION", 1, {"title": "Home"})
    assert link["url"].endswith("/collections/home")
    assert link["resourceId"] is not None
    assert link["items"][0]["url"].endswith("/collections/kitchen")


def test_shows_the_tree_as_it_is_now(execute: Execute, sam: User) -> None:
    home = builders.a_category("Home")
    bath = builders.a_category("Bath", parent=home)
    garden = builders.a_category("Garden")
    made(execute, sam, {"categoryId": builders.id_of(home)}, {"title": "About", "path": "/pages/about"})

    categories.update(category_id=home.pk, category={"title": "House", "handle": "house"})
    categories.move(category_id=garden.pk, parent_id=home.pk, before_id=bath.pk)
    items = execute(MENU)["menu"]["items"]
    assert titles(items) == [("House", ["Garden", "Bath"]), "About"]
    assert len({item["id"] for item in (*items, *items[0]["items"])}) == 4

    categories.update(category_id=garden.pk, category={"is_active": False})
    assert titles(execute(MENU)["menu"]["items"]) == [("House", ["Bath"]), "About"]

    categories.update(category_id=home.pk, category={"is_active": False})
    assert titles(execute(MENU)["menu"]["items"]) == ["About"]

    categories.delete(category_id=home.pk)
    assert titles(execute(MENU)["menu"]["items"]) == ["About"]
    assert MenuItem.objects.count() == 1


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_large_the_tree(
    execute: Execute, sam: User, size: int, django_assert_num_queries: Any
) -> None:
    tops = [builders.a_category(f"Top {number}") for number in range(size)]
    for top in tops:
        for _ in range(size):
            builders.a_category(parent=builders.a_category(parent=top))
    made(execute, sam, *({"categoryId": builders.id_of(top), "depth": 2} for top in tops))

    # The menu, its links, all their trees, and the ids of what they lead to.
    with django_assert_num_queries(4):
        items = execute(MENU)["menu"]["items"]

    assert [len(item["items"]) for item in items] == [size] * size
    assert all(below["items"] for item in items for below in item["items"])


@pytest.mark.parametrize(
    ("link", "field", "message"),
    [
        ({"path": "/"}, "title", "This must not be empty."),
        ({"title": "x"}, "path", "This must not be empty."),
        ({"title": "x", "path": "javascript:x()"}, "path", None),
        ({"title": "x", "path": "//elsewhere.example"}, "path", None),
        ({"title": "x", "path": "pages/about"}, "path", None),
        ({"title": "x", "path": "/", "depth": 1}, "depth", "Only a link that follows a category has a depth."),
        ({"categoryId": "gid://shop/Category/404"}, "categoryId", "Category not found."),
        ({"categoryId": "home"}, "categoryId", "Category not found."),
    ],
)
def test_refuses_a_link_that_is_none(
    execute: Execute, sam: User, link: dict[str, Any], field: str, message: str | None
) -> None:
    first = {"title": "First", "path": "/"}

    payload = execute(CREATE, as_=sam, menu={"title": "Main", "items": [first, link]})["menuCreate"]

    message = message or 'A link leads to a path such as "/pages/about", or to an address such as https://….'
    code = "NOT_FOUND" if field == "categoryId" else "INVALID"
    error = {"code": code, "field": ["menu", "items", "1", field], "message": message}
    assert payload == {"menu": None, "userErrors": [error]}
    assert not Menu.objects.exists()


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"depth": 4}, "depth", "A link shows 0 to 3 levels of the tree below its category."),
        ({"depth": -1}, "depth", "A link shows 0 to 3 levels of the tree below its category."),
        ({"path": "/"}, "path", "A link that follows a category leads there; leave the path out."),
        (
            {"items": [{"title": "x", "path": "/"}]},
            "items",
            "Below a link that follows a category stands its tree; leave the links out.",
        ),
    ],
)
def test_refuses_what_has_no_place_beside_a_category(
    execute: Execute, sam: User, change: dict[str, Any], field: str, message: str
) -> None:
    link = {"categoryId": builders.id_of(builders.a_category("Home")), **change}

    payload = execute(CREATE, as_=sam, menu={"title": "Main", "items": [link]})["menuCreate"]

    error = {"code": "INVALID", "field": ["menu", "items", "0", field], "message": message}
    assert payload == {"menu": None, "userErrors": [error]}
    assert not Menu.objects.exists()


def test_refuses_a_fourth_level(execute: Execute, sam: User) -> None:
    link: dict[str, Any] = {"title": "4", "path": "/"}
    for level in "321":
        link = {"title": level, "path": "/", "items": [link]}

    [error] = execute(CREATE, as_=sam, menu={"title": "Main", "items": [link]})["menuCreate"]["userErrors"]

    assert error["field"] == ["menu", "items", "0", "items", "0", "items", "0", "items"]
    assert error["message"] == "Links stand on 3 levels at the most."
    assert not Menu.objects.exists()


def test_refuses_more_links_than_are_allowed(execute: Execute, sam: User) -> None:
    links = [{"title": "x", "path": "/"}] * 251

    [error] = execute(CREATE, as_=sam, menu={"title": "Main", "items": links})["menuCreate"]["userErrors"]

    assert error["field"] == ["menu", "items"]
    assert error["message"] == "A menu has 250 links at the most; these are 251."
    assert not Menu.objects.exists()


def test_refuses_a_handle_that_is_taken(execute: Execute, sam: User) -> None:
    builders.a_menu("main", [])

    payload = execute(CREATE, as_=sam, menu={"title": "Main", "handle": "main"})["menuCreate"]

    message = 'The handle "main" is taken; choose another.'
    error = {"code": "HANDLE_TAKEN", "field": ["menu", "handle"], "message": message}
    assert payload == {"menu": None, "userErrors": [error]}
    assert Menu.objects.count() == 1


@pytest.mark.parametrize("who", ["nobody", "alice"])
def test_is_for_staff(request_graphql: Execute, who: str, request: pytest.FixtureRequest) -> None:
    user: Any = None if who == "nobody" else request.getfixturevalue(who)

    [error] = request_graphql(CREATE, as_=user, menu={"title": "Main"})["errors"]

    assert error["extensions"]["code"] == ("UNAUTHENTICATED" if user is None else "FORBIDDEN")
    assert not Menu.objects.exists()
