"""urlRedirectUpdate: what is left out stays, and the redirect still leads neither in a circle nor over what exists."""

from typing import Any

import pytest

from accounts.models import User
from catalog.models import UrlRedirect
from tests import builders
from tests.conftest import Execute

UPDATE = """
mutation ($id: ID!, $urlRedirect: UrlRedirectUpdateInput!) {
  urlRedirectUpdate(id: $id, urlRedirect: $urlRedirect) {
    urlRedirect { path target }
    userErrors { code field message }
  }
}
"""


def stored() -> dict[str, str]:
    return dict(UrlRedirect.objects.values_list("path", "target"))


@pytest.mark.parametrize(
    ("change", "path", "target"),
    [
        ({"path": "/c"}, "/c", "/b"),
        ({"target": "/c"}, "/a", "/c"),
        ({"path": "/b", "target": "/a"}, "/b", "/a"),
        ({}, "/a", "/b"),
    ],
)
def test_changes_what_is_said_and_leaves_the_rest(
    execute: Execute, sam: User, change: dict[str, str], path: str, target: str
) -> None:
    redirect = builders.a_redirect("/a", "/b")

    payload = execute(UPDATE, as_=sam, id=builders.id_of(redirect), urlRedirect=change)["urlRedirectUpdate"]

    assert payload == {"urlRedirect": {"path": path, "target": target}, "userErrors": []}
    assert stored() == {path: target}


def test_takes_along_what_led_to_its_new_path(execute: Execute, sam: User) -> None:
    redirect = builders.a_redirect("/a", "/b")
    builders.a_redirect("/x", "/c")

    execute(UPDATE, as_=sam, id=builders.id_of(redirect), urlRedirect={"path": "/c"})

    assert stored() == {"/c": "/b", "/x": "/b"}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"path": "/b"}, "REDIRECT_LOOP", "target"),
        ({"target": "/a"}, "REDIRECT_LOOP", "target"),
        ({"path": "/x"}, "PATH_TAKEN", "path"),
        ({"path": "/products/mug"}, "PATH_EXISTS", "path"),
        ({"path": None}, "INVALID", "path"),
        ({"target": None}, "INVALID", "target"),
    ],
)
def test_refuses_what_create_refuses(
    execute: Execute, sam: User, change: dict[str, Any], code: str, field: str
) -> None:
    builders.a_product("Mug")
    redirect = builders.a_redirect("/a", "/b")
    builders.a_redirect("/x", "/y")

    payload = execute(UPDATE, as_=sam, id=builders.id_of(redirect), urlRedirect=change)["urlRedirectUpdate"]

    assert payload["urlRedirect"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, ["urlRedirect", field])]
    assert stored() == {"/a": "/b", "/x": "/y"}


@pytest.mark.parametrize("id_", ["gid://shop/UrlRedirect/404", "gid://shop/Product/1", "a"])
def test_refuses_a_redirect_that_is_not_there(execute: Execute, sam: User, id_: str) -> None:
    payload = execute(UPDATE, as_=sam, id=id_, urlRedirect={"path": "/a"})["urlRedirectUpdate"]

    error = {"code": "NOT_FOUND", "field": ["id"], "message": "UrlRedirect not found."}
    assert payload == {"urlRedirect": None, "userErrors": [error]}


def test_is_for_staff(request_graphql: Execute, alice: User) -> None:
    redirect = builders.a_redirect("/a", "/b")

    [error] = request_graphql(UPDATE, as_=alice, id=builders.id_of(redirect), urlRedirect={"target": "/c"})["errors"]

    assert error["extensions"]["code"] == "FORBIDDEN"
    assert stored() == {"/a": "/b"}
