"""tokenCreate: signing in, and how guessing is slowed down."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from graphql_jwt.refresh_token.models import RefreshToken

from accounts.models import SignInAttempts, User
from shop import clock
from tests import builders

CREATE = """
mutation ($email: String!, $password: String!) {
  tokenCreate(email: $email, password: $password) {
    customer { email }
    token { accessToken expiresAt refreshToken refreshExpiresAt }
    userErrors { code field message }
  }
}
"""
WRONG = {
    "customer": None,
    "token": None,
    "userErrors": [
        {"code": "INVALID_CREDENTIALS", "field": None, "message": "The e-mail address or the password is wrong."}
    ],
}


def too_many(minutes: str) -> dict:
    message = f"Too many attempts. Try again in {minutes}."
    error = {"code": "TOO_MANY_ATTEMPTS", "field": None, "message": message}
    return {"customer": None, "token": None, "userErrors": [error]}


@pytest.fixture
def sign_in(client):
    def send(email: str, password: str = builders.PASSWORD, address: str = "192.0.2.1") -> dict:
        body = {"query": CREATE, "variables": {"email": email, "password": password}}
        answer = client.post("/graphql/", body, content_type="application/json", REMOTE_ADDR=address).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["tokenCreate"]

    return send


@pytest.fixture
def later(monkeypatch):
    """Let time pass."""

    def move(**by) -> None:
        moment = clock.now() + timedelta(**by)
        monkeypatch.setattr(clock, "now", lambda: moment)

    return move


class CountingHasher(MD5PasswordHasher):
    """Remembers how often a password was hashed."""

    calls = 0

    def encode(self, password, salt):
        CountingHasher.calls += 1
        return super().encode(password, salt)


@pytest.mark.parametrize("email", ["alice@example.com", " ALICE@Example.com "])
def test_signs_in(sign_in, alice, email):
    began = clock.now().replace(microsecond=0)

    payload = sign_in(email)

    assert payload["customer"] == {"email": "alice@example.com"}
    assert payload["userErrors"] == []
    token = payload["token"]
    assert (
        timedelta(0)
        <= datetime.fromisoformat(token["expiresAt"]) - began - timedelta(minutes=15)
        < timedelta(seconds=60)
    )
    assert (
        timedelta(0)
        <= datetime.fromisoformat(token["refreshExpiresAt"]) - began - timedelta(days=30)
        < timedelta(seconds=60)
    )
    alice.refresh_from_db()
    assert alice.last_login >= began


def test_stores_no_token_in_the_clear(sign_in, alice):
    token = sign_in("alice@example.com")["token"]

    stored = RefreshToken.objects.get()
    assert stored.user == alice
    assert len(stored.token) == 64
    assert stored.token not in token["refreshToken"]
    assert token["refreshToken"] not in stored.token


def test_works_although_the_request_carries_an_expired_token(client, alice):
    body = {"query": CREATE, "variables": {"email": alice.email, "password": builders.PASSWORD}}
    headers = {"Authorization": "Bearer expired"}

    answer = client.post("/graphql/", body, content_type="application/json", headers=headers).json()

    assert answer["data"]["tokenCreate"]["customer"] == {"email": "alice@example.com"}


@pytest.mark.parametrize("reason", ["wrong password", "unknown", "deactivated", "no password", "no address", "NUL"])
def test_answers_and_works_the_same_whatever_is_wrong(sign_in, alice, settings, reason):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    email, password = "alice@example.com", builders.PASSWORD
    match reason:
        case "wrong password":
            password = "wrong"
        case "deactivated":
            User.objects.filter(pk=alice.pk).update(is_active=False)
        case "no password":
            alice.set_unusable_password()
            alice.save()
        case other:
            email = {"unknown": "nobody@example.com", "no address": "", "NUL": "alice\x00@example.com"}[other]
    CountingHasher.calls = 0

    assert sign_in(email, password) == WRONG

    assert CountingHasher.calls == 1
    assert not RefreshToken.objects.exists()
    assert User.objects.get().last_login is None


def test_makes_who_guesses_wait(sign_in, alice, later):
    for _ in range(10):
        assert sign_in("alice@example.com", "wrong") == WRONG

    assert sign_in("alice@example.com") == too_many("15 minutes")
    later(minutes=14, seconds=30)
    assert sign_in("ALICE@example.com ") == too_many("1 minute")
    assert not RefreshToken.objects.exists()
    later(minutes=1)
    assert sign_in("alice@example.com")["customer"] == {"email": "alice@example.com"}


def test_makes_who_guesses_at_nobody_wait_as_well(sign_in, db):
    for _ in range(10):
        assert sign_in("nobody@example.com") == WRONG

    assert sign_in("nobody@example.com") == too_many("15 minutes")


def test_a_right_password_forgets_the_wrong_ones(sign_in, alice):
    for _ in range(9):
        sign_in("alice@example.com", "wrong")
    sign_in("alice@example.com")

    assert not SignInAttempts.objects.exists()
    for _ in range(10):
        assert sign_in("alice@example.com", "wrong") == WRONG


def test_others_need_not_wait(sign_in, alice, bob):
    for _ in range(11):
        sign_in("alice@example.com", "wrong", address="192.0.2.1")

    assert sign_in("alice@example.com", address="192.0.2.2")["customer"] == {"email": "alice@example.com"}
    assert sign_in("bob@example.com", address="192.0.2.1")["customer"] == {"email": "bob@example.com"}


def test_one_network_of_the_new_protocol_is_one_guesser(sign_in, alice):
    for host in range(10):
        sign_in("alice@example.com", "wrong", address=f"2001:db8:1:1::{host}")

    assert sign_in("alice@example.com", address="2001:db8:1:1:9::1") == too_many("15 minutes")
    assert sign_in("alice@example.com", address="2001:db8:1:2::1")["customer"] == {"email": "alice@example.com"}


def test_keeps_neither_addresses_nor_typing_errors(sign_in, db):
    sign_in("secret-password-typed-into-the-wrong-field")

    [stored] = SignInAttempts.objects.values_list("who", flat=True)
    assert len(stored) == 64
    assert set(stored) <= set("0123456789abcdef")
