"""me: who is signed in, and which tokens are refused."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as StoredPermission

from accounts import sessions
from accounts.models import User
from accounts.staff import Permission
from shop import clock
from tests import builders

ME = "{ me { id email firstName lastName displayName phone acceptsMarketing isStaff permissions } }"
NOT_VALID = "The access token is not valid: sign in again with tokenCreate."
EXPIRED = "The access token has expired: refresh it with tokenRefresh."


@pytest.fixture
def me(client):
    """The answer to who shows this token."""

    def ask(token: str) -> dict:
        headers = {"Authorization": f"Bearer {token}"}
        return client.post("/graphql/", {"query": ME}, content_type="application/json", headers=headers).json()

    return ask


def refused(message: str) -> dict:
    error = {
        "message": message,
        "locations": [{"line": 1, "column": 3}],
        "path": ["me"],
        "extensions": {"code": "UNAUTHENTICATED"},
    }
    return {"data": {"me": None}, "errors": [error]}


def forged(user: User, *, key: str = settings.SECRET_KEY, algorithm: str = "HS256", **changes) -> str:
    """A token like ours but for what is changed; None leaves a claim out."""
    payload = {**sessions.claims(user), **changes}
    return jwt.encode({name: value for name, value in payload.items() if value is not None}, key, algorithm=algorithm)


def test_is_null_for_a_guest(execute):
    assert execute(ME) == {"me": None}


def test_tells_who_is_signed_in(execute, alice):
    assert execute(ME, as_=alice)["me"] == {
        "id": builders.id_of(alice),
        "email": "alice@example.com",
        "firstName": "Alice",
        "lastName": "Owner",
        "displayName": "Alice Owner",
        "phone": None,
        "acceptsMarketing": False,
        "isStaff": False,
        "permissions": [],
    }


def test_calls_who_gave_no_name_by_their_address(execute):
    nameless = builders.a_customer("nameless@example.com")

    me = execute(ME, as_=nameless)["me"]

    assert (me["firstName"], me["lastName"], me["displayName"]) == (None, None, "nameless@example.com")


def test_tells_staff_what_they_may_do(execute, sam):
    me = execute(ME, as_=sam)["me"]

    assert me["isStaff"] is True
    assert me["permissions"] == [
        "MANAGE_CATALOG",
        "MANAGE_CUSTOMERS",
        "MANAGE_INVENTORY",
        "MANAGE_ORDERS",
        "MANAGE_PROMOTIONS",
        "MANAGE_REVIEWS",
    ]


def test_a_role_gives_staff_its_permissions_and_customers_none(execute, alice):
    role = Group.objects.create(name="Support")
    role.permissions.set(StoredPermission.objects.filter(codename="manage_orders"))
    support = builders.a_customer("support@example.com", is_staff=True)
    support.groups.add(role)
    alice.groups.add(role)

    assert execute(ME, as_=support)["me"]["permissions"] == ["MANAGE_ORDERS"]
    assert execute(ME, as_=alice)["me"]["permissions"] == []


def test_a_superuser_may_do_everything(execute):
    owner = User.objects.create_superuser("owner@example.com", builders.PASSWORD)

    assert len(execute(ME, as_=owner)["me"]["permissions"]) == len(Permission)


def test_accepts_what_we_signed(me, alice):
    assert me(forged(alice))["data"]["me"]["email"] == "alice@example.com"


@pytest.mark.parametrize(
    "change",
    [
        {"key": "some other key that is long enough to sign with it"},
        {"algorithm": "HS384"},
        {"algorithm": "none", "key": ""},
        {"iss": "another shop"},
        {"iss": None},
        {"aud": "another shop"},
        {"aud": None},
        {"proof": "0" * 32},
        {"proof": None},
        {"sub": "999999"},
        {"sub": None},
        {"sub": "alice"},
        {"sub": "9" * 30},
        {"proof": 5},
        {"exp": None},
    ],
    ids=str,
)
def test_refuses_a_token_that_is_not_ours(me, alice, change):
    assert me(forged(alice, **change)) == refused(NOT_VALID)


def test_refuses_an_expired_token(me, alice):
    token = forged(alice, exp=int((clock.now() - timedelta(seconds=1)).timestamp()))

    assert me(token) == refused(EXPIRED)


def test_refuses_a_token_of_which_one_letter_was_changed(me, alice):
    head, body, signature = builders.an_access_token(alice).split(".")
    claims = urlsafe_b64encode(json.dumps({**sessions.claims(alice), "sub": "1"}).encode()).decode().rstrip("=")

    assert me(f"{head}.{claims}.{signature}") == refused(NOT_VALID)
    assert me(f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}") == refused(NOT_VALID)


@pytest.mark.parametrize(
    "garbage",
    ["x", "..", "a.b.c", "null", "é", "x" * 10_000, urlsafe_b64encode(b"[" * 7_500).decode() + ".e30.e30"],
    ids=["letter", "dots", "parts", "null", "accent", "10 kB", "10 kB of brackets"],
)
def test_refuses_garbage(me, db, garbage):
    assert me(garbage) == refused(NOT_VALID)


@pytest.mark.parametrize("end", ["deactivated", "deleted", "another password"])
def test_refuses_the_token_of_who_may_not_sign_in_any_more(me, alice, end):
    token = builders.an_access_token(alice)
    assert me(token)["data"]["me"]["email"] == "alice@example.com"
    match end:
        case "deactivated":
            User.objects.filter(pk=alice.pk).update(is_active=False)
        case "deleted":
            alice.delete()
        case _:
            alice.set_password("another correct horse")
            alice.save()

    assert me(token) == refused(NOT_VALID)


def test_costs_two_queries(execute, alice, django_assert_num_queries):
    with django_assert_num_queries(2):
        execute(ME, as_=alice)
