"""products(filters: {attribute: …}): choices of one attribute add up, and all attributes must hold."""

import pytest

from catalog import applying
from catalog.models import AttributeKind
from tests import builders

FIND = "query ($filters: [ProductFilter!]) { products(first: 10, filters: $filters) { totalCount nodes { title } } }"


@pytest.fixture
def lamps(db):
    """Three lamps: the red one glows with 40 W, the blue one with 60, and of the third a variant is red and dims."""
    place = builders.a_category("Lamps")
    colour = builders.an_attribute("Colour", AttributeKind.CHOICE, "Red", "Blue", "Green", on=place)
    power = builders.an_attribute("Power", AttributeKind.NUMBER, on=place)
    dims = builders.an_attribute("Dims", AttributeKind.BOOLEAN, on=place)
    builders.an_attribute("Note", AttributeKind.TEXT, on=place)
    red, blue, either = (builders.a_product(name, category=place, variants=2) for name in ("Red", "Blue", "Either"))
    builders.described(red, colour, "red")
    builders.described(red, power, "40")
    builders.described(red, dims, False)
    builders.described(blue, colour, "blue")
    builders.described(blue, power, "60.5")
    for variant in either.variants.all():
        builders.described(variant, colour, "red")
    builders.described(either.variants.earliest("position"), dims, True)
    return place


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([{"handle": "colour", "values": ["red"]}], ["Red", "Either"]),
        ([{"handle": "colour", "values": ["blue", "green"]}], ["Blue"]),
        (
            [{"handle": "colour", "values": ["red"]}, {"handle": "colour", "values": ["blue"]}],
            ["Red", "Blue", "Either"],
        ),
        ([{"handle": "colour", "values": ["red"]}, {"handle": "dims", "boolean": True}], ["Either"]),
        ([{"handle": "dims", "boolean": False}], ["Red"]),
        ([{"handle": "power", "min": "40"}], ["Red", "Blue"]),
        ([{"handle": "power", "min": "40.0001", "max": "60.5"}], ["Blue"]),
        ([{"handle": "colour", "values": ["mauve"]}], []),
        ([{"handle": "flavour", "values": ["red"]}], []),
    ],
)
def test_finds_products_and_those_with_such_a_variant(execute, lamps, filters, found):
    page = execute(FIND, filters=[{"attribute": one} for one in filters])["products"]

    assert page == {"totalCount": len(found), "nodes": [{"title": title} for title in found]}


@pytest.mark.parametrize(
    ("filters", "field", "message"),
    [
        ([{"handle": "power", "values": ["40"]}], "0 attribute values", "Ask for Power by `min` or `max`."),
        ([{"handle": "colour"}], "0 attribute", "Ask for Colour by `values`."),
        ([{"handle": "note", "values": ["x"]}], "0 attribute handle", "Lists cannot be narrowed by Note."),
        (
            [{"handle": "power", "min": "2", "max": "1"}],
            "0 attribute min",
            "The lowest number must not exceed the highest.",
        ),
        (
            [{"handle": "power", "min": "NaN"}],
            "0 attribute min",
            "A number has an end, and 12 digits before the point at the most.",
        ),
        (
            [{"handle": "dims", "boolean": True}, {"handle": "dims", "boolean": False}],
            "1 attribute handle",
            "Give one condition on this attribute, not several.",
        ),
    ],
)
def test_refuses_what_the_kind_cannot_answer(request_graphql, lamps, filters, field, message):
    answer = request_graphql(FIND, filters=[{"attribute": one} for one in filters])

    [error] = answer["errors"]
    assert error["message"] == message
    assert error["extensions"] == {"code": "INVALID", "field": ["filters", *field.split()]}


def test_passes_over_values_that_do_not_apply(execute, lamps):
    lamps.given_attributes.filter(attribute__handle="colour").delete()
    for product in lamps.products.all():
        applying.refresh_products([product.pk])

    page = execute(FIND, filters=[{"attribute": {"handle": "colour", "values": ["red", "blue"]}}])["products"]

    assert page == {"totalCount": 0, "nodes": []}
