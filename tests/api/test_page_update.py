"""pageUpdate and pageDelete: what is left out stays, and an old address leads to the new one."""

from typing import Any

import pytest

from accounts.models import User
from catalog.models import Page, UrlRedirect
from tests import builders
from tests.conftest import Execute

UPDATE = """
mutation ($id: ID!, $page: PageUpdateInput!) {
  pageUpdate(id: $id, page: $page) { page { handle title body } userErrors { code field message } }
}
"""
DELETE = "mutation ($id: ID!) { pageDelete(id: $id) { deletedPageId userErrors { code field message } } }"


def test_changes_what_is_said_and_leaves_the_rest(execute: Execute, sam: User) -> None:
    page = builders.a_page("About", body="<p>Us.</p>")

    payload = execute(UPDATE, as_=sam, id=builders.id_of(page), page={"title": "Who we are"})["pageUpdate"]

    assert payload == {"page": {"handle": "about", "title": "Who we are", "body": "<p>Us.</p>"}, "userErrors": []}
    assert not UrlRedirect.objects.exists()


@pytest.mark.parametrize(("handle", "becomes"), [("us", "us"), (None, "who-we-are")])
def test_leads_from_the_old_address_to_the_new_one(
    execute: Execute, sam: User, handle: str | None, becomes: str
) -> None:
    page = builders.a_page("Who we are", handle="about")

    payload = execute(UPDATE, as_=sam, id=builders.id_of(page), page={"handle": handle})["pageUpdate"]

    assert payload["page"]["handle"] == becomes
    assert list(UrlRedirect.objects.values_list("path", "target")) == [("/pages/about", f"/pages/{becomes}")]


def test_hides_a_page(execute: Execute, sam: User) -> None:
    page = builders.a_page("About")

    execute(UPDATE, as_=sam, id=builders.id_of(page), page={"isPublished": False})

    assert execute('{ page(handle: "about") { title } }') == {"page": None}


def test_refuses_a_handle_that_another_page_has(execute: Execute, sam: User) -> None:
    builders.a_page("Taken")
    page = builders.a_page("About")

    payload = execute(UPDATE, as_=sam, id=builders.id_of(page), page={"title": "New", "handle": "taken"})["pageUpdate"]

    message = 'The handle "taken" is taken; choose another.'
    error = {"code": "HANDLE_TAKEN", "field": ["page", "handle"], "message": message}
    assert payload == {"page": None, "userErrors": [error]}
    page.refresh_from_db()
    assert (page.title, page.handle) == ("About", "about")
    assert not UrlRedirect.objects.exists()


def test_deletes_this_page_alone(execute: Execute, sam: User) -> None:
    page, other = builders.a_page("About"), builders.a_page("Other")

    payload = execute(DELETE, as_=sam, id=builders.id_of(page))["pageDelete"]

    assert payload == {"deletedPageId": builders.id_of(page), "userErrors": []}
    assert list(Page.objects.all()) == [other]


@pytest.mark.parametrize("id_", ["gid://shop/Page/404", "gid://shop/Menu/1", "about"])
def test_refuses_a_page_that_is_not_there(execute: Execute, sam: User, id_: str) -> None:
    errors = [{"code": "NOT_FOUND", "field": ["id"], "message": "Page not found."}]

    assert execute(UPDATE, as_=sam, id=id_, page={"title": "x"})["pageUpdate"] == {"page": None, "userErrors": errors}
    assert execute(DELETE, as_=sam, id=id_)["pageDelete"] == {"deletedPageId": None, "userErrors": errors}


@pytest.mark.parametrize(("document", "given"), [(UPDATE, {"page": {"title": "Hacked"}}), (DELETE, {})])
def test_is_for_staff(request_graphql: Execute, alice: User, document: str, given: dict[str, Any]) -> None:
    page = builders.a_page("About")

    [error] = request_graphql(document, as_=alice, id=builders.id_of(page), **given)["errors"]

    assert error["extensions"]["code"] == "FORBIDDEN"
    assert Page.objects.get().title == "About"
