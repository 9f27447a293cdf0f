"""locationUpdate: staff change what is said of a location."""

import pytest

from catalog.models import StockLocation
from tests import builders

UPDATE = """
mutation ($id: ID!, $location: LocationUpdateInput!) {
  locationUpdate(id: $id, location: $location) {
    location { code name priority countries }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def update(execute, sam):
    def send(location, **fields):
        id_ = location if isinstance(location, str) else builders.id_of(location)
        return execute(UPDATE, as_=sam, id=id_, location=fields)["locationUpdate"]

    return send


def stored():
    return list(StockLocation.objects.values_list("code", "name", "priority", "countries"))


def test_changes_what_is_said_and_nothing_else(update):
    berlin = builders.a_location("Berlin", priority=7, countries=["DE"])

    payload = update(berlin, name="Berlin East")

    expected = {"code": "berlin", "name": "Berlin East", "priority": 7, "countries": ["DE"]}
    assert payload == {"location": expected, "userErrors": []}
    assert stored() == [("berlin", "Berlin East", 7, ["DE"])]


def test_puts_back_defaults_for_null(update):
    berlin = builders.a_location("Berlin", priority=7, countries=["DE"])

    update(berlin, priority=None, countries=None)

    assert stored() == [("berlin", "Berlin", 100, [])]


def test_refuses_to_take_the_name_away(update):
    berlin = builders.a_location("Berlin")

    payload = update(berlin, name=None, priority=5)

    error = {"code": "INVALID", "field": ["location", "name"], "message": "This must not be empty."}
    assert payload == {"location": None, "userErrors": [error]}
    assert stored() == [("berlin", "Berlin", 100, [])]


@pytest.mark.parametrize("id_", ["gid://shop/Location/404", "gid://shop/Product/1", "berlin"])
def test_refuses_a_location_that_is_not_there(update, id_):
    payload = update(id_, name="Anywhere")

    error = {"code": "NOT_FOUND", "field": ["id"], "message": "Location not found."}
    assert payload == {"location": None, "userErrors": [error]}
