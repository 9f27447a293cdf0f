"""urlRedirectCreate: staff lead from an old address to another, never in a circle and never over what exists."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from accounts.models import User
from catalog.models import UrlRedirect
from tests import builders
from tests.conftest import Execute

CREATE = """
mutation ($urlRedirect: UrlRedirectCreateInput!) {
  urlRedirectCreate(urlRedirect: $urlRedirect) {
    urlRedirect { id path target }
    userErrors { code field message }
  }
}
"""
Create = Callable[[str, str], dict[str, Any]]
NO_PATH = 'A path begins with one "/" and has no spaces, "?" or "#", such as "/products/old-mug".'
NO_TARGET = 'A target is a path such as "/products/mug", or an address that begins with https://.'


@pytest.fixture
def create(execute: Execute, sam: User) -> Create:
    def send(path: str, target: str) -> dict[str, Any]:
        payload: dict[str, Any] = execute(CREATE, as_=sam, urlRedirect={"path": path, "target": target})[
            "urlRedirectCreate"
        ]
        return payload

    return send


def refused(code: str, field: str, message: str) -> dict[str, Any]:
    error = {"code": code, "field": ["urlRedirect", field], "message": message}
    return {"urlRedirect": None, "userErrors": [error]}


def stored() -> list[tuple[str, str]]:
    return list(UrlRedirect.objects.order_by("pk").values_list("path", "target"))


@pytest.mark.parametrize(
    ("path", "target", "kept"),
    [
        ("/old", "/products/mug", ("/old", "/products/mug")),
        (" /old/ ", "/", ("/old", "/")),
        ("/b%C3%A4r", "/b%C3%A4r-2/", ("/bär", "/bär-2")),
        ("/old", "https://elsewhere.example/a?b=c#d", ("/old", "https://elsewhere.example/a?b=c#d")),
        ("/old", f"{settings.STOREFRONT_URL}/new", ("/old", "/new")),
        ("/old", settings.STOREFRONT_URL, ("/old", "/")),
        ("/products/gone", "/products/mug", ("/products/gone", "/products/mug")),
    ],
)
def test_leads_from_a_path_to_a_target(create: Create, path: str, target: str, kept: tuple[str, str]) -> None:
    payload = create(path, target)

    redirect = UrlRedirect.objects.get()
    assert payload == {
        "urlRedirect": {"id": builders.id_of(redirect), "path": kept[0], "target": kept[1]},
        "userErrors": [],
    }
    assert stored() == [kept]


def test_leads_to_the_end_of_the_way(create: Create) -> None:
    builders.a_redirect("/b", "/c")

    assert create("/a", "/b")["urlRedirect"]["target"] == "/c"


def test_takes_along_what_led_to_the_path(create: Create) -> None:
    builders.a_redirect("/a", "/b")

    create("/b", "/c")

    assert stored() == [("/a", "/c"), ("/b", "/c")]


@pytest.mark.parametrize(
    ("path", "target", "field", "message"),
    [
        ("old", "/new", "path", NO_PATH),
        ("//elsewhere.example", "/new", "path", NO_PATH),
        ("https://elsewhere.example/old", "/new", "path", NO_PATH),
        ("/old?page=2", "/new", "path", NO_PATH),
        ("/old#top", "/new", "path", NO_PATH),
        ("/old mug", "/new", "path", NO_PATH),
        ("/old%20mug", "/new", "path", NO_PATH),
        ("/old\\mug", "/new", "path", NO_PATH),
        ("/", "/new", "path", "The first page of the storefront cannot lead elsewhere; choose another path."),
        (" ", "/new", "path", "This must not be empty."),
        ("/%00", "/new", "path", "The character U+0000 is not allowed."),
        ("/" + "x" * 500, "/new", "path", "At most 500 characters are allowed; these are 501."),
        ("/old", "new", "target", NO_TARGET),
        ("/old", "javascript:alert(1)", "target", NO_TARGET),
        ("/old", "https://", "target", NO_TARGET),
        ("/old", "https://[", "target", NO_TARGET),
        ("/old", "//elsewhere.example", "target", NO_PATH),
        ("/old", "/new?page=2", "target", NO_PATH),
        ("/old", "", "target", "This must not be empty."),
    ],
)
def test_refuses_what_is_no_path(create: Create, path: str, target: str, field: str, message: str) -> None:
    assert create(path, target) == refused("INVALID", field, message)
    assert stored() == []


def test_refuses_both_ends_at_once(create: Create) -> None:
    errors = create("old", "new")["userErrors"]

    assert [error["field"] for error in errors] == [["urlRedirect", "path"], ["urlRedirect", "target"]]


@pytest.mark.parametrize("target", ["/a", "/a/", "/b"])
def test_refuses_to_lead_in_a_circle(create: Create, target: str) -> None:
    builders.a_redirect("/b", "/a")

    assert create("/a", target) == refused("REDIRECT_LOOP", "target", "The target leads back to /a; choose another.")
    assert stored() == [("/b", "/a")]


def test_refuses_a_path_that_leads_somewhere_already(create: Create) -> None:
    builders.a_redirect("/a", "/b")

    assert create("/a", "/c") == refused("PATH_TAKEN", "path", "/a leads to /b already; change that redirect.")
    assert stored() == [("/a", "/b")]


@pytest.mark.parametrize(
    ("build", "path"),
    [
        (lambda: builders.a_product("Mug", status="DRAFT"), "/products/mug"),
        (lambda: builders.a_category("Mug"), "/collections/mug"),
        (lambda: builders.a_collection("Mug"), "/collections/mug"),
        (lambda: builders.a_page("Mug"), "/pages/mug"),
    ],
)
def test_refuses_a_path_at_which_something_is(create: Create, build: Callable[[], object], path: str) -> None:
    build()

    assert create(path, "/new") == refused(
        "PATH_EXISTS",
        "path",
        f"Something has the address {path}, on sale or not. Give it another handle, and the old address follows.",
    )
    assert stored() == []


@pytest.mark.parametrize("who", ["nobody", "alice"])
def test_is_for_staff(request_graphql: Execute, who: str, request: pytest.FixtureRequest) -> None:
    user = None if who == "nobody" else request.getfixturevalue(who)

    [error] = request_graphql(CREATE, as_=user, urlRedirect={"path": "/a", "target": "/b"})["errors"]

    assert error["extensions"]["code"] == ("UNAUTHENTICATED" if user is None else "FORBIDDEN")
    assert stored() == []
