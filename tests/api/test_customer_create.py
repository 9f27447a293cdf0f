"""customerCreate: an account, signed in to at once."""

import pytest
from django.contrib.auth.hashers import check_password

from accounts.models import User
from shop.models import OutboxMessage
from tests import builders

CREATE = """
mutation ($input: CustomerCreateInput!) {
  customerCreate(input: $input) {
    customer { id email firstName lastName displayName phone acceptsMarketing isStaff permissions }
    token { accessToken expiresAt refreshToken refreshExpiresAt }
    userErrors { code field message }
  }
}
"""
PASSWORD = "blue kettle on the shelf"


@pytest.fixture
def create(execute):
    def send(**given) -> dict:
        return execute(CREATE, input={"email": "new@example.com", "password": PASSWORD, **given})["customerCreate"]

    return send


def refused(*errors: tuple[str, str, str]) -> dict:
    told = [{"code": code, "field": ["input", field], "message": message} for code, field, message in errors]
    return {"customer": None, "token": None, "userErrors": told}


def assert_nothing_was_made() -> None:
    assert not User.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_makes_an_account(create):
    payload = create(
        email="  Ada@Example.COM ",
        firstName=" Ada ",
        lastName="Lovelace",
        phone="(202) 555-0123",
        acceptsMarketing=True,
    )

    ada = User.objects.get()
    assert payload["userErrors"] == []
    assert payload["customer"] == {
        "id": builders.id_of(ada),
        "email": "ada@example.com",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "displayName": "Ada Lovelace",
        "phone": "+12025550123",
        "acceptsMarketing": True,
        "isStaff": False,
        "permissions": [],
    }
    assert check_password(PASSWORD, ada.password)
    assert (ada.is_active, ada.is_staff, ada.is_superuser) == (True, False, False)
    assert [(sent.topic, sent.payload) for sent in OutboxMessage.objects.all()] == [
        ("customer.created", {"customer_id": ada.pk})
    ]


def test_signs_in_at_once(create, client):
    token = create()["token"]

    headers = {"Authorization": f"Bearer {token['accessToken']}"}
    answer = client.post("/graphql/", {"query": "{ me { email } }"}, content_type="application/json", headers=headers)

    assert answer.json() == {"data": {"me": {"email": "new@example.com"}}}
    assert User.objects.get().last_login is not None


def test_needs_an_address_and_a_password_alone(create):
    customer = create(firstName=None, lastName=None, phone=None, acceptsMarketing=None)["customer"]

    assert [customer[name] for name in ("firstName", "lastName", "displayName", "phone", "acceptsMarketing")] == [
        None,
        None,
        "new@example.com",
        None,
        False,
    ]


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@example.com", " alice@EXAMPLE.com "])
def test_refuses_an_address_that_has_an_account(create, alice, email):
    payload = create(email=email)

    message = "This e-mail address already has an account: sign in, or choose another address."
    assert payload == refused(("EMAIL_TAKEN", "email", message))
    assert User.objects.get() == alice
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("email", ["", "alice", "@example.com", "alice@", "a b@example.com", "alice@exa mple.com"])
def test_refuses_what_is_no_address(create, email):
    message = "This is not an e-mail address; one looks like name@example.com."
    assert create(email=email) == refused(("EMAIL_INVALID", "email", message))
    assert_nothing_was_made()


def test_refuses_an_address_nobody_could_store(create):
    too_long = "At most 254 characters are allowed; these are 262."
    assert create(email="a" * 250 + "@example.com") == refused(("INVALID", "email", too_long))
    assert create(email="a\x00@example.com") == refused(("INVALID", "email", "The character U+0000 is not allowed."))
    assert_nothing_was_made()


def test_tells_everything_that_is_wrong_with_the_password(create):
    assert create(password="12345") == refused(
        (
            "PASSWORD_REFUSED",
            "password",
            "This password is too short. It must contain at least 8 characters.",
        ),
        ("PASSWORD_REFUSED", "password", "This password is too common."),
        ("PASSWORD_REFUSED", "password", "This password is entirely numeric."),
    )
    assert_nothing_was_made()


@pytest.mark.parametrize(
    ("given", "what"),
    [({"firstName": "Wilhelmina"}, "first name"), ({"email": "wilhelmina@example.com"}, "email")],
)
def test_refuses_a_password_like_the_person(create, given, what):
    assert create(password="wilhelmina1", **given) == refused(
        ("PASSWORD_REFUSED", "password", f"The password is too similar to the {what}.")
    )
    assert_nothing_was_made()


def test_refuses_a_password_of_a_page(create):
    assert create(password="long " * 60) == refused(
        ("PASSWORD_REFUSED", "password", "At most 256 characters are allowed; these are 300.")
    )
    assert_nothing_was_made()


@pytest.mark.parametrize("phone", ["12", "call me", "+999 123 4567", "0" * 20])
def test_refuses_what_is_no_phone_number(create, phone):
    message = "This is not a phone number; begin it with + and the country."
    assert create(phone=phone) == refused(("PHONE_INVALID", "phone", message))
    assert_nothing_was_made()


def test_reads_a_local_number_as_one_of_the_shops_country(create, settings):
    settings.SHOP_COUNTRY = "DE"

    assert create(phone="030 901820")["customer"]["phone"] == "+4930901820"
    assert create(email="b@example.com", phone="+44 20 7946 0958")["customer"]["phone"] == "+442079460958"


def test_tells_all_at_once(create):
    payload = create(email="x", password="short", firstName="a" * 101, lastName="tab\there", phone="x")

    assert payload == refused(
        ("EMAIL_INVALID", "email", "This is not an e-mail address; one looks like name@example.com."),
        ("INVALID", "firstName", "At most 100 characters are allowed; these are 101."),
        ("INVALID", "lastName", "The character U+0009 is not allowed."),
        ("PHONE_INVALID", "phone", "This is not a phone number; begin it with + and the country."),
        ("PASSWORD_REFUSED", "password", "This password is too short. It must contain at least 8 characters."),
    )
    assert_nothing_was_made()


def test_nobody_can_make_themselves_staff(request_graphql):
    given = {"email": "new@example.com", "password": PASSWORD, "isStaff": True}

    answer = request_graphql(CREATE, input=given)

    assert "isStaff" in answer["errors"][0]["message"]
    assert_nothing_was_made()
