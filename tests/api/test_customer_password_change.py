"""customerPasswordChange: another password ends every session but this one."""

import pytest
from django.contrib.auth.hashers import check_password
from graphql_jwt.refresh_token.models import RefreshToken

from accounts import sessions
from accounts.models import User
from accounts.sessions import TokenRefused
from tests import builders

CHANGE = """
mutation ($current: String!, $new: String!) {
  customerPasswordChange(currentPassword: $current, newPassword: $new) {
    customer { email } token { accessToken refreshToken } userErrors { code field message }
  }
}
"""
NEW = "green kettle on the shelf"


@pytest.fixture
def change(execute, alice):
    def send(current: str = builders.PASSWORD, new: str = NEW) -> dict:
        return execute(CHANGE, as_=alice, current=current, new=new)["customerPasswordChange"]

    return send


def refused(*errors: tuple[str, str, str]) -> dict:
    told = [{"code": code, "field": [field], "message": message} for code, field, message in errors]
    return {"customer": None, "token": None, "userErrors": told}


def password_of(user: User) -> str:
    return User.objects.values_list("password", flat=True).get(pk=user.pk)


def test_changes_the_password_and_ends_every_other_session(change, alice):
    before = sessions.start(alice)

    payload = change()

    assert payload["customer"] == {"email": "alice@example.com"}
    assert payload["userErrors"] == []
    assert check_password(NEW, password_of(alice))
    with pytest.raises(TokenRefused):
        sessions.actor_of(before.access_token)
    with pytest.raises(TokenRefused):
        sessions.refresh(refresh_token=before.refresh_token)
    assert sessions.actor_of(payload["token"]["accessToken"]).user_id == alice.pk
    assert sessions.refresh(refresh_token=payload["token"]["refreshToken"]).user == alice


def test_another_device_that_refreshes_afterwards_does_not_end_this_session(change, alice):
    elsewhere = sessions.start(alice)
    sessions.refresh(refresh_token=elsewhere.refresh_token)
    token = change()["token"]
    assert RefreshToken.objects.count() == 1

    with pytest.raises(TokenRefused):
        sessions.refresh(refresh_token=elsewhere.refresh_token)

    assert sessions.actor_of(token["accessToken"]).user_id == alice.pk


def test_refuses_a_wrong_password(change, alice):
    session, before = sessions.start(alice), password_of(alice)

    payload = change(current="wrong")

    assert payload == refused(("INVALID_CREDENTIALS", "currentPassword", "The current password is wrong."))
    assert password_of(alice) == before
    assert sessions.refresh(refresh_token=session.refresh_token).user == alice


def test_tells_all_that_is_wrong_with_the_new_one(change, alice):
    before = password_of(alice)

    assert change(new="12345") == refused(
        ("PASSWORD_REFUSED", "newPassword", "This password is too short. It must contain at least 8 characters."),
        ("PASSWORD_REFUSED", "newPassword", "This password is too common."),
        ("PASSWORD_REFUSED", "newPassword", "This password is entirely numeric."),
    )
    assert password_of(alice) == before


def test_guessing_the_password_here_is_as_slow_as_signing_in(change, alice):
    before = password_of(alice)
    for _ in range(10):
        change(current="wrong")

    assert change() == {
        "customer": None,
        "token": None,
        "userErrors": [
            {
                "code": "TOO_MANY_ATTEMPTS",
                "field": ["currentPassword"],
                "message": "Too many attempts. Try again in 15 minutes.",
            }
        ],
    }
    assert password_of(alice) == before


def test_a_guest_has_none_to_change(request_graphql, alice):
    before = password_of(alice)

    answer = request_graphql(CHANGE, current=builders.PASSWORD, new=NEW)

    assert [error["extensions"] for error in answer["errors"]] == [{"code": "UNAUTHENTICATED"}]
    assert password_of(alice) == before
