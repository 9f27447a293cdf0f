"""urlRedirectDelete: the path leads nowhere any more."""

import pytest

from accounts.models import User
from catalog.models import UrlRedirect
from tests import builders
from tests.conftest import Execute

DELETE = """
mutation ($id: ID!) {
  urlRedirectDelete(id: $id) { deletedUrlRedirectId userErrors { code field message } }
}
"""


def test_removes_this_redirect_alone(execute: Execute, sam: User) -> None:
    redirect = builders.a_redirect("/a", "/b")
    builders.a_redirect("/c", "/b")

    payload = execute(DELETE, as_=sam, id=builders.id_of(redirect))["urlRedirectDelete"]

    assert payload == {"deletedUrlRedirectId": builders.id_of(redirect), "userErrors": []}
    assert list(UrlRedirect.objects.values_list("path", flat=True)) == ["/c"]


@pytest.mark.parametrize("id_", ["gid://shop/UrlRedirect/404", "gid://shop/Product/1", "a"])
def test_refuses_a_redirect_that_is_not_there(execute: Execute, sam: User, id_: str) -> None:
    payload = execute(DELETE, as_=sam, id=id_)["urlRedirectDelete"]

    error = {"code": "NOT_FOUND", "field": ["id"], "message": "UrlRedirect not found."}
    assert payload == {"deletedUrlRedirectId": None, "userErrors": [error]}


def test_is_for_staff(request_graphql: Execute, alice: User) -> None:
    redirect = builders.a_redirect("/a", "/b")

    [error] = request_graphql(DELETE, as_=alice, id=builders.id_of(redirect))["errors"]

    assert error["extensions"]["code"] == "FORBIDDEN"
    assert UrlRedirect.objects.count() == 1
