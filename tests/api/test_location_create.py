"""locationCreate: staff open a place where goods lie."""

import pytest

from catalog.models import StockLocation
from tests import builders

CREATE = """
mutation ($location: LocationCreateInput!) {
  locationCreate(location: $location) {
    location { id code name priority countries isActive isDefault }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def create(execute, sam):
    def send(**fields):
        location = {"name": "Berlin", "code": "berlin", **fields}
        return execute(CREATE, as_=sam, location=location)["locationCreate"]

    return send


def refused(code, field, message):
    return {"location": None, "userErrors": [{"code": code, "field": ["location", field], "message": message}]}


def test_opens_a_location_with_all_that_is_said_of_it(create):
    payload = create(name=" Berlin ", priority=7, countries=["DE", "AT", "DE"])

    location = StockLocation.objects.get()
    assert payload == {
        "location": {
            "id": builders.id_of(location),
            "code": "berlin",
            "name": "Berlin",
            "priority": 7,
            "countries": ["AT", "DE"],
            "isActive": True,
            "isDefault": False,
        },
        "userErrors": [],
    }


def test_opens_one_that_covers_every_country_where_little_is_said(create):
    create()

    assert list(StockLocation.objects.values_list("name", "code", "priority", "countries", "is_active")) == [
        ("Berlin", "berlin", 100, [], True)
    ]


def test_refuses_a_code_that_is_taken(create):
    create()

    payload = create(name="Another")

    assert payload == refused("CODE_TAKEN", "code", 'The code "berlin" is taken; choose another.')
    assert StockLocation.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", " ", "This must not be empty."),
        ("name", "x" * 256, "At most 255 characters are allowed; these are 256."),
        ("priority", -1, "A priority is a number from 0 to 32767; the lowest comes first."),
        ("priority", 32768, "A priority is a number from 0 to 32767; the lowest comes first."),
        ("countries", ["ZZ"], "ZZ stands for no country; an empty list covers every one."),
        ("code", "é", "A code has 50 characters at the most, all of them of the English alphabet."),
        ("code", "x" * 51, "A code has 50 characters at the most, all of them of the English alphabet."),
        (
            "code",
            "Not a code",
            "A handle is made of lower-case letters and digits, with single hyphens or underscores between them, "
            'such as "wool-socks".',
        ),
    ],
)
def test_refuses_what_no_location_can_be(create, field, value, message):
    payload = create(**{field: value})

    assert payload == refused("INVALID", field, message)
    assert not StockLocation.objects.exists()


def test_tells_all_that_is_wrong_at_once(create):
    payload = create(name="", priority=-1, code="")

    assert [error["field"][1] for error in payload["userErrors"]] == ["name", "priority", "code"]
