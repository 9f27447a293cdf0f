"""pageCreate: staff write a page, which becomes safe HTML at an address of its own."""

from typing import Any

import pytest

from accounts.models import User
from catalog.models import Page, UrlRedirect
from tests import builders
from tests.conftest import Execute

CREATE = """
mutation ($page: PageCreateInput!) {
  pageCreate(page: $page) {
    page { id handle title body seo { title description } }
    userErrors { code field message }
  }
}
"""


def test_writes_a_page_with_all_that_is_said_of_it(execute: Execute, sam: User) -> None:
    page = {
        "title": " About us ",
        "handle": "about",
        "body": '<p onclick="x()">We <b>knit</b>.</p><script>x()</script>',
        "seo": {"title": "Who we are", "description": "Knitters."},
    }

    payload = execute(CREATE, as_=sam, page=page)["pageCreate"]

    assert payload == {
        "page": {
            "id": builders.id_of(Page.objects.get()),
            "handle": "about",
            "title": "About us",
            "body": "<p>We <b>knit</b>.</p>",
            "seo": {"title": "Who we are", "description": "Knitters."},
        },
        "userErrors": [],
    }
    assert execute('{ page(handle: "about") { title } }') == {"page": {"title": "About us"}}


def test_makes_a_handle_from_the_title_and_makes_way_there(execute: Execute, sam: User) -> None:
    builders.a_page("About us")
    builders.a_redirect("/pages/about-us-2", "/")

    payload = execute(CREATE, as_=sam, page={"title": "About us", "body": "One\nTwo"})["pageCreate"]

    assert (payload["page"]["handle"], payload["page"]["body"]) == ("about-us-2", "<p>One</p><p>Two</p>")
    assert not UrlRedirect.objects.exists()


def test_shows_an_unpublished_page_to_staff_alone(execute: Execute, sam: User) -> None:
    payload = execute(CREATE, as_=sam, page={"title": "Draft", "isPublished": False})["pageCreate"]

    assert payload["page"]["title"] == "Draft"
    assert execute('{ page(handle: "draft") { title } }') == {"page": None}


@pytest.mark.parametrize(
    ("change", "code", "field", "message"),
    [
        ({"title": " "}, "INVALID", "title", "This must not be empty."),
        ({"title": "a\nb"}, "INVALID", "title", "The character U+000A is not allowed."),
        ({"body": "x" * 50_001}, "INVALID", "body", "At most 50000 characters are allowed; these are 50001."),
        ({"handle": "taken"}, "HANDLE_TAKEN", "handle", 'The handle "taken" is taken; choose another.'),
        (
            {"handle": "No handle"},
            "INVALID",
            "handle",
            "A handle is made of lower-case letters and digits, with single hyphens or underscores between them, "
            'such as "wool-socks".',
        ),
    ],
)
def test_refuses_what_is_not_allowed(
    execute: Execute, sam: User, change: dict[str, str], code: str, field: str, message: str
) -> None:
    builders.a_page("Taken")

    payload = execute(CREATE, as_=sam, page={"title": "About", **change})["pageCreate"]

    error = {"code": code, "field": ["page", field], "message": message}
    assert payload == {"page": None, "userErrors": [error]}
    assert Page.objects.count() == 1


@pytest.mark.parametrize("who", ["nobody", "alice"])
def test_is_for_staff(request_graphql: Execute, who: str, request: pytest.FixtureRequest) -> None:
    user: Any = None if who == "nobody" else request.getfixturevalue(who)

    [error] = request_graphql(CREATE, as_=user, page={"title": "About"})["errors"]

    assert error["extensions"]["code"] == ("UNAUTHENTICATED" if user is None else "FORBIDDEN")
    assert not Page.objects.exists()
