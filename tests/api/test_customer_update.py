"""customerUpdate: changing what the shop knows about oneself."""

import pytest

from accounts.models import User
from tests import builders

UPDATE = """
mutation ($input: CustomerUpdateInput!) {
  customerUpdate(input: $input) {
    customer { email firstName lastName phone acceptsMarketing }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def update(execute, alice):
    return lambda **given: execute(UPDATE, as_=alice, input=given)["customerUpdate"]


def refused(*errors: tuple[str, str, str]) -> dict:
    told = [{"code": code, "field": ["input", field], "message": message} for code, field, message in errors]
    return {"customer": None, "userErrors": told}


def stored(user: User) -> dict:
    [row] = User.objects.filter(pk=user.pk).values(
        "email", "first_name", "last_name", "phone", "accepts_marketing", "password", "updated_at"
    )
    return dict(row)


def test_changes_what_is_given(update, alice, bob):
    others = stored(bob)

    payload = update(firstName=" Alicia ", phone="202 555 0123", acceptsMarketing=True)

    assert payload == {
        "customer": {
            "email": "alice@example.com",
            "firstName": "Alicia",
            "lastName": "Owner",
            "phone": "+12025550123",
            "acceptsMarketing": True,
        },
        "userErrors": [],
    }
    assert stored(alice)["first_name"] == "Alicia"
    assert stored(alice)["updated_at"] > alice.updated_at
    assert stored(bob) == others


def test_null_removes(update, alice):
    update(phone="+12025550123")

    payload = update(firstName=None, lastName=None, phone=None, acceptsMarketing=None, email=None)

    assert payload["customer"] == {
        "email": "alice@example.com",
        "firstName": None,
        "lastName": None,
        "phone": None,
        "acceptsMarketing": False,
    }


def test_nothing_given_changes_nothing(update, alice):
    before = stored(alice)

    assert update()["customer"]["firstName"] == "Alice"
    assert stored(alice) == before


def test_another_address_takes_the_password(update, alice):
    before = stored(alice)
    wrong = refused(("INVALID_CREDENTIALS", "currentPassword", "The current password is wrong."))

    assert update(email="new@example.com") == wrong
    assert update(email="new@example.com", currentPassword="wrong") == wrong
    assert stored(alice) == before
    payload = update(email="New@Example.com", currentPassword=builders.PASSWORD)
    assert payload["customer"]["email"] == "new@example.com"
    assert stored(alice)["email"] == "new@example.com"


def test_the_same_address_takes_none(update):
    assert update(email="ALICE@example.com")["userErrors"] == []


def test_refuses_the_address_of_another(update, alice, bob):
    before = stored(alice)

    payload = update(email="bob@example.com", firstName="Bob", currentPassword=builders.PASSWORD)

    message = "This e-mail address already has an account: sign in, or choose another address."
    assert payload == refused(("EMAIL_TAKEN", "email", message))
    assert stored(alice) == before


def test_tells_all_that_is_wrong_at_once(update, alice):
    before = stored(alice)

    payload = update(email="x", firstName="a" * 101, lastName="\x00", phone="x", acceptsMarketing=True)

    assert payload == refused(
        ("EMAIL_INVALID", "email", "This is not an e-mail address; one looks like name@example.com."),
        ("INVALID", "firstName", "At most 100 characters are allowed; these are 101."),
        ("INVALID", "lastName", "The character U+0000 is not allowed."),
        ("PHONE_INVALID", "phone", "This is not a phone number; begin it with + and the country."),
    )
    assert stored(alice) == before


def test_guessing_the_password_here_is_as_slow_as_signing_in(update):
    for _ in range(10):
        update(email="new@example.com", currentPassword="wrong")

    [error] = update(email="new@example.com", currentPassword=builders.PASSWORD)["userErrors"]

    assert error["code"] == "TOO_MANY_ATTEMPTS"


def test_a_guest_has_nothing_to_change(request_graphql, alice):
    before = stored(alice)

    answer = request_graphql(UPDATE, input={"firstName": "Mallory"})

    assert [error["extensions"] for error in answer["errors"]] == [{"code": "UNAUTHENTICATED"}]
    assert stored(alice) == before
