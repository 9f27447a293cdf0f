"""tokenVerify: whether an access token holds, and why not."""

from datetime import datetime, timedelta

import pytest

from accounts import sessions
from accounts.models import User
from shop import clock
from tests import builders

VERIFY = """
mutation ($token: String!) {
  tokenVerify(accessToken: $token) { isValid expiresAt customer { email } userErrors { code field message } }
}
"""


@pytest.fixture
def verify(execute):
    return lambda token: execute(VERIFY, token=token)["tokenVerify"]


def refused(message: str) -> dict:
    error = {"code": "TOKEN_REFUSED", "field": ["accessToken"], "message": message}
    return {"isValid": False, "expiresAt": None, "customer": None, "userErrors": [error]}


def test_tells_whom_a_token_speaks_for(verify, alice):
    session = sessions.start(alice)

    payload = verify(session.access_token)

    assert datetime.fromisoformat(payload.pop("expiresAt")) == session.expires_at
    assert payload == {"isValid": True, "customer": {"email": "alice@example.com"}, "userErrors": []}


def test_tells_that_a_token_expired(verify, alice, monkeypatch):
    long_ago = clock.now() - timedelta(minutes=16)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: long_ago)
        token = builders.an_access_token(alice)

    assert verify(token) == refused("The access token has expired: refresh it with tokenRefresh.")


@pytest.mark.parametrize("token", ["", "x", "x" * 10_000], ids=["empty", "letter", "10 kB"])
def test_tells_that_garbage_is_none(verify, db, token):
    assert verify(token) == refused("The access token is not valid: sign in again with tokenCreate.")


def test_does_not_take_a_refresh_token(verify, alice):
    assert verify(sessions.start(alice).refresh_token)["isValid"] is False


def test_tells_that_its_owner_may_not_sign_in(verify, alice):
    token = sessions.start(alice).access_token
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert verify(token) == refused("The access token is not valid: sign in again with tokenCreate.")
