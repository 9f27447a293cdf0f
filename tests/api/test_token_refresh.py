"""tokenRefresh: a refresh token is good for one exchange, and a copy of one ends every session."""

from datetime import timedelta

import pytest
from django.conf import settings
from graphql_jwt.refresh_token.models import RefreshToken

from accounts import sessions
from accounts.models import User
from accounts.sessions import TokenRefused
from shop import clock

REFRESH = """
mutation ($token: String!) {
  tokenRefresh(refreshToken: $token) {
    customer { email }
    token { accessToken expiresAt refreshToken refreshExpiresAt }
    userErrors { code field message }
  }
}
"""
MESSAGE = "The refresh token is not valid: sign in again with tokenCreate."
REFUSED = {
    "customer": None,
    "token": None,
    "userErrors": [{"code": "TOKEN_REFUSED", "field": None, "message": MESSAGE}],
}


@pytest.fixture
def refresh(execute):
    return lambda token: execute(REFRESH, token=token)["tokenRefresh"]


def test_gives_a_new_pair(refresh, alice):
    old = sessions.start(alice)

    payload = refresh(old.refresh_token)

    assert payload["customer"] == {"email": "alice@example.com"}
    assert payload["userErrors"] == []
    assert payload["token"]["refreshToken"] != old.refresh_token
    assert sessions.actor_of(payload["token"]["accessToken"]).user_id == alice.pk
    assert refresh(payload["token"]["refreshToken"])["customer"] == {"email": "alice@example.com"}


def test_a_token_that_comes_twice_ends_every_session_of_its_owner(refresh, alice, bob):
    stolen, elsewhere, of_bob = sessions.start(alice), sessions.start(alice), sessions.start(bob)
    current = refresh(stolen.refresh_token)["token"]

    assert refresh(stolen.refresh_token) == REFUSED

    assert refresh(current["refreshToken"]) == REFUSED
    assert refresh(elsewhere.refresh_token) == REFUSED
    for access_token in (current["accessToken"], elsewhere.access_token):
        with pytest.raises(TokenRefused):
            sessions.actor_of(access_token)
    assert refresh(of_bob.refresh_token)["customer"] == {"email": "bob@example.com"}


def test_who_was_signed_out_for_a_theft_can_sign_in_and_stays_so(refresh, alice):
    stolen = sessions.start(alice)
    refresh(stolen.refresh_token)
    refresh(stolen.refresh_token)
    alice.refresh_from_db()
    fresh = sessions.start(alice)

    assert refresh(stolen.refresh_token) == REFUSED

    assert refresh(fresh.refresh_token)["customer"] == {"email": "alice@example.com"}


@pytest.mark.parametrize("change", ["deactivated", "deleted", "another password", "expired"])
def test_refuses_a_token_that_no_longer_holds(refresh, alice, change):
    session = sessions.start(alice)
    match change:
        case "deactivated":
            User.objects.filter(pk=alice.pk).update(is_active=False)
        case "deleted":
            alice.delete()
        case "another password":
            alice.set_password("another correct horse")
            alice.save()
        case _:
            RefreshToken.objects.update(created=clock.now() - settings.REFRESH_TOKEN_LIFETIME)

    assert refresh(session.refresh_token) == REFUSED

    assert RefreshToken.objects.filter(revoked=None).count() == (0 if change == "deleted" else 1)


def test_a_copy_from_before_another_password_ends_nothing(refresh, alice):
    old = sessions.start(alice)
    refresh(old.refresh_token)
    alice.set_password("another correct horse")
    alice.save()
    fresh = sessions.start(alice)

    assert refresh(old.refresh_token) == REFUSED

    assert refresh(fresh.refresh_token)["customer"] == {"email": "alice@example.com"}


def test_holds_until_its_last_moment(refresh, alice):
    session = sessions.start(alice)
    age = settings.REFRESH_TOKEN_LIFETIME - timedelta(minutes=1)
    RefreshToken.objects.update(created=clock.now() - age)

    assert refresh(session.refresh_token)["customer"] == {"email": "alice@example.com"}


@pytest.mark.parametrize(
    "garbage", ["", ".", "x" * 10_000, "\x00", "é"], ids=["empty", "dot", "10 kB", "NUL", "accent"]
)
def test_refuses_garbage(refresh, alice, garbage):
    sessions.start(alice)

    assert refresh(garbage) == REFUSED
    assert RefreshToken.objects.filter(revoked=None).count() == 1


def test_does_not_take_what_is_stored_for_what_was_given_out(refresh, alice):
    sessions.start(alice)

    assert refresh(RefreshToken.objects.get().token) == REFUSED


def test_does_not_take_an_access_token(refresh, alice):
    assert refresh(sessions.start(alice).access_token) == REFUSED
