"""customerRecover and customerReset: a link by e-mail to who forgot their password."""

import re

import pytest
from django.contrib.auth.hashers import check_password

from accounts import recovery, sessions
from accounts.models import User
from accounts.sessions import TokenRefused
from shop import relay
from shop.models import OutboxMessage
from tests import builders

RECOVER = "mutation ($email: String!) { customerRecover(email: $email) { userErrors { code field message } } }"
RESET = """
mutation ($token: String!, $new: String!) {
  customerReset(token: $token, newPassword: $new) {
    customer { email } token { accessToken } userErrors { code field message }
  }
}
"""
NEW = "green kettle on the shelf"
REFUSED = {
    "customer": None,
    "token": None,
    "userErrors": [
        {
            "code": "TOKEN_REFUSED",
            "field": ["token"],
            "message": "This link does not hold any more: ask for another with customerRecover.",
        }
    ],
}


@pytest.fixture
def recover(execute):
    return lambda email: execute(RECOVER, email=email)["customerRecover"]


@pytest.fixture
def reset(execute):
    return lambda token, new=NEW: execute(RESET, token=token, new=new)["customerReset"]


def password_of(user: User) -> str:
    return User.objects.values_list("password", flat=True).get(pk=user.pk)


def test_sends_a_link_that_sets_a_new_password_once(recover, reset, alice, settings, mailoutbox):
    settings.SHOP_NAME = "Clay & Co"
    settings.PASSWORD_RESET_URL = "https://clay.example/reset/{token}"
    before = sessions.start(alice)

    assert recover(" Alice@Example.com ") == {"userErrors": []}
    relay.drain()

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["alice@example.com"], "Clay & Co: choose a new password")
    assert "forgot the password of alice@example.com at Clay & Co" in mail.body
    assert "holds for 60 minutes" in mail.body
    [token] = re.findall(r"^https://clay\.example/reset/(\S+)$", mail.body, re.MULTILINE)
    payload = reset(token)
    assert (payload["customer"], payload["userErrors"]) == ({"email": "alice@example.com"}, [])
    assert sessions.actor_of(payload["token"]["accessToken"]).user_id == alice.pk
    assert check_password(NEW, password_of(alice))
    with pytest.raises(TokenRefused):
        sessions.refresh(refresh_token=before.refresh_token)
    assert reset(token, new="yet another kettle on it") == REFUSED
    assert check_password(NEW, password_of(alice))


@pytest.mark.parametrize("email", ["nobody@example.com", "gone@example.com", "", "\x00", "x" * 10_000])
def test_answers_the_same_where_nobody_may_sign_in(recover, alice, mailoutbox, email):
    builders.a_customer("gone@example.com", is_active=False)

    assert recover(email) == {"userErrors": []}
    assert OutboxMessage.objects.count() == 1
    relay.drain()

    assert mailoutbox == []
    assert not relay.troubled().exists()


def test_floods_nobody_with_mail(recover, alice, mailoutbox):
    for _ in range(10):
        assert recover("alice@example.com") == {"userErrors": []}

    message = "Too many attempts. Try again in 15 minutes."
    assert recover("alice@example.com") == {
        "userErrors": [{"code": "TOO_MANY_ATTEMPTS", "field": None, "message": message}]
    }
    assert OutboxMessage.objects.count() == 10


@pytest.mark.parametrize("end", ["sign-in", "another password", "another address", "time", "deactivated", "deleted"])
def test_a_link_ends(reset, alice, settings, end):
    token = recovery.token_of(alice)
    match end:
        case "sign-in":
            sessions.start(alice)
        case "another password":
            alice.set_password("another correct horse")
            alice.save()
        case "another address":
            User.objects.filter(pk=alice.pk).update(email="new@example.com")
        case "time":
            settings.PASSWORD_RESET_TIMEOUT = -1
        case "deactivated":
            User.objects.filter(pk=alice.pk).update(is_active=False)
        case _:
            alice.delete()
    before = set(User.objects.values_list("password"))

    assert reset(token) == REFUSED
    assert set(User.objects.values_list("password")) == before


def test_refuses_what_is_no_token(reset, alice, bob):
    before = password_of(alice)
    of_bob = recovery.token_of(bob).partition(".")[2]

    for token in (
        "",
        ".",
        "x",
        f"{alice.pk}.",
        f"{alice.pk}.{of_bob}",
        f"{'9' * 50}.{of_bob}",
        f"{'9' * 5_000}.{of_bob}",
        "\x00.\x00",
        "x" * 10_000,
    ):
        assert reset(token) == REFUSED

    assert password_of(alice) == before


def test_tells_what_is_wrong_with_the_new_password_and_keeps_the_link(reset, alice):
    token, before = recovery.token_of(alice), password_of(alice)

    assert reset(token, new="kettle") == {
        "customer": None,
        "token": None,
        "userErrors": [
            {
                "code": "PASSWORD_REFUSED",
                "field": ["newPassword"],
                "message": "This password is too short. It must contain at least 8 characters.",
            }
        ],
    }
    assert password_of(alice) == before
    assert reset(token)["userErrors"] == []
