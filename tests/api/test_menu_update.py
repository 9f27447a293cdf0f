"""menuUpdate and menuDelete: what is left out stays; links that are given take the place of all there were."""

from typing import Any

import pytest

from accounts.models import User
from catalog.models import Menu, MenuItem
from tests import builders
from tests.conftest import Execute

UPDATE = """
mutation ($id: ID!, $menu: MenuUpdateInput!) {
  menuUpdate(id: $id, menu: $menu) {
    menu { handle title items { title items { title } } } userErrors { code field message }
  }
}
"""
DELETE = "mutation ($id: ID!) { menuDelete(id: $id) { deletedMenuId userErrors { code field message } } }"


@pytest.fixture
def menu(db: None) -> Menu:
    return builders.a_menu("main", [("Shop", "/collections/all", [("Mugs", "/collections/mugs", [])])])


def test_changes_what_is_said_and_leaves_the_links(execute: Execute, sam: User, menu: Menu) -> None:
    payload = execute(UPDATE, as_=sam, id=builders.id_of(menu), menu={"title": "Header"})["menuUpdate"]

    links = [{"title": "Shop", "items": [{"title": "Mugs"}]}]
    assert payload == {"menu": {"handle": "main", "title": "Header", "items": links}, "userErrors": []}


def test_puts_new_links_in_place_of_all_there_were(execute: Execute, sam: User, menu: Menu) -> None:
    builders.a_menu("other", [("Stays", "/", [])])

    payload = execute(UPDATE, as_=sam, id=builders.id_of(menu), menu={"items": [{"title": "Home", "path": "/"}]})[
        "menuUpdate"
    ]

    assert payload["menu"]["items"] == [{"title": "Home", "items": []}]
    assert list(MenuItem.objects.order_by("pk").values_list("title", flat=True)) == ["Stays", "Home"]


def test_takes_all_links_away(execute: Execute, sam: User, menu: Menu) -> None:
    payload = execute(UPDATE, as_=sam, id=builders.id_of(menu), menu={"items": None})["menuUpdate"]

    assert payload["menu"]["items"] == []
    assert not MenuItem.objects.exists()


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"title": None}, "INVALID", ["title"]),
        ({"handle": "taken"}, "HANDLE_TAKEN", ["handle"]),
        ({"items": [{"title": "x", "path": "nowhere"}]}, "INVALID", ["items", "0", "path"]),
        ({"items": [{"categoryId": "gid://shop/Category/404"}]}, "NOT_FOUND", ["items", "0", "categoryId"]),
    ],
)
def test_refuses_and_changes_nothing(
    execute: Execute, sam: User, menu: Menu, change: dict[str, Any], code: str, field: list[str]
) -> None:
    builders.a_menu("taken", [])

    payload = execute(UPDATE, as_=sam, id=builders.id_of(menu), menu={"title": "Header", **change})["menuUpdate"]

    assert payload["menu"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, ["menu", *field])]
    menu.refresh_from_db()
    assert (menu.title, menu.handle) == ("Main", "main")
    assert MenuItem.objects.count() == 2


def test_deletes_this_menu_alone(execute: Execute, sam: User, menu: Menu) -> None:
    other = builders.a_menu("other", [("Stays", "/", [])])

    payload = execute(DELETE, as_=sam, id=builders.id_of(menu))["menuDelete"]

    assert payload == {"deletedMenuId": builders.id_of(menu), "userErrors": []}
    assert list(Menu.objects.all()) == [other]
    assert list(MenuItem.objects.values_list("title", flat=True)) == ["Stays"]


@pytest.mark.parametrize("id_", ["gid://shop/Menu/404", "gid://shop/Page/1", "main"])
def test_refuses_a_menu_that_is_not_there(execute: Execute, sam: User, id_: str) -> None:
    errors = [{"code": "NOT_FOUND", "field": ["id"], "message": "Menu not found."}]

    assert execute(UPDATE, as_=sam, id=id_, menu={"title": "x"})["menuUpdate"] == {"menu": None, "userErrors": errors}
    assert execute(DELETE, as_=sam, id=id_)["menuDelete"] == {"deletedMenuId": None, "userErrors": errors}


@pytest.mark.parametrize(("document", "given"), [(UPDATE, {"menu": {"title": "Hacked"}}), (DELETE, {})])
def test_is_for_staff(request_graphql: Execute, alice: User, menu: Menu, document: str, given: dict[str, Any]) -> None:
    [error] = request_graphql(document, as_=alice, id=builders.id_of(menu), **given)["errors"]

    assert error["extensions"]["code"] == "FORBIDDEN"
    assert Menu.objects.get().title == "Main"
