"""categoryAttributesAssign and categoryAttributesUnassign: what a branch of the tree asks for."""

import pytest

from catalog.models import AttributeKind, AttributeValue, CategoryAttribute
from tests import builders

ASSIGN = """
mutation ($id: ID!, $attributes: [CategoryAttributeInput!]!) {
  categoryAttributesAssign(categoryId: $id, attributes: $attributes) {
    category { attributes { definition { handle } isRequired position } }
    userErrors { code field message }
  }
}
"""
UNASSIGN = """
mutation ($id: ID!, $attributeIds: [ID!]!) {
  categoryAttributesUnassign(categoryId: $id, attributeIds: $attributeIds) {
    category { attributes { definition { handle } } }
    userErrors { code field message }
  }
}
"""
READ = """
query ($handle: String!) {
  category(handle: $handle) { attributes { definition { handle } isRequired givenBy { handle } } }
}
"""


def test_is_inherited_down_the_tree_where_the_nearest_decides(execute, sam):
    top = builders.a_category("Clothes")
    socks = builders.a_category("Socks", parent=top)
    size, colour, length = (builders.an_attribute(name) for name in ("Size", "Colour", "Length"))

    payload = execute(
        ASSIGN,
        as_=sam,
        id=builders.id_of(top),
        attributes=[
            {"attributeId": builders.id_of(size), "isRequired": True},
            {"attributeId": builders.id_of(colour)},
        ],
    )["categoryAttributesAssign"]
    execute(
        ASSIGN,
        as_=sam,
        id=builders.id_of(socks),
        attributes=[
            {"attributeId": builders.id_of(length), "position": 7},
            {"attributeId": builders.id_of(size), "position": 3},
        ],
    )

    assert payload == {
        "category": {
            "attributes": [
                {"definition": {"handle": "size"}, "isRequired": True, "position": 0},
                {"definition": {"handle": "colour"}, "isRequired": False, "position": 1},
            ]
        },
        "userErrors": [],
    }
    assert execute(READ, handle="socks")["category"]["attributes"] == [
        {"definition": {"handle": "colour"}, "isRequired": False, "givenBy": {"handle": "clothes"}},
        {"definition": {"handle": "size"}, "isRequired": False, "givenBy": {"handle": "socks"}},
        {"definition": {"handle": "length"}, "isRequired": False, "givenBy": {"handle": "socks"}},
    ]


def test_changes_how_it_has_what_it_has(execute, sam):
    socks = builders.a_category("Socks")
    size = builders.an_attribute("Size", on=socks, position=4)

    execute(
        ASSIGN,
        as_=sam,
        id=builders.id_of(socks),
        attributes=[{"attributeId": builders.id_of(size), "isRequired": True}],
    )

    assert list(CategoryAttribute.objects.values_list("attribute", "is_required", "position")) == [(size.pk, True, 4)]


def test_refuses_what_is_unknown_or_named_twice_and_gives_nothing(execute, sam):
    socks = builders.a_category("Socks")
    size = builders.id_of(builders.an_attribute("Size"))
    unknown = "gid://shop/AttributeDefinition/9"

    twice = execute(
        ASSIGN, as_=sam, id=builders.id_of(socks), attributes=[{"attributeId": size}, {"attributeId": size}]
    )
    missing = execute(
        ASSIGN, as_=sam, id=builders.id_of(socks), attributes=[{"attributeId": size}, {"attributeId": unknown}]
    )

    assert twice["categoryAttributesAssign"]["userErrors"] == [
        {"code": "INVALID", "field": ["attributes"], "message": "An attribute is named twice."}
    ]
    assert missing["categoryAttributesAssign"]["userErrors"] == [
        {
            "code": "NOT_FOUND",
            "field": ["attributes", "1", "attributeId"],
            "message": "AttributeDefinition not found.",
        }
    ]
    assert not CategoryAttribute.objects.exists()


def test_values_stay_unseen_while_nothing_gives_their_attribute(execute, sam, assert_verified):
    top = builders.a_category("Clothes")
    socks = builders.a_category("Socks", parent=top)
    size = builders.an_attribute("Size", AttributeKind.CHOICE, "S", on=top)
    product = builders.a_product("Sock", category=socks)
    builders.described(product, size, "s")
    shown = '{ product(handle: "sock") { attributes { value } } }'

    below = execute(UNASSIGN, as_=sam, id=builders.id_of(socks), attributeIds=[builders.id_of(size)])
    payload = execute(UNASSIGN, as_=sam, id=builders.id_of(top), attributeIds=[builders.id_of(size)])

    assert below["categoryAttributesUnassign"]["userErrors"] == [
        {
            "code": "INVALID",
            "field": ["attributeIds", "0"],
            "message": "The category itself does not have this attribute; take it from the category that gives it.",
        }
    ]
    assert payload["categoryAttributesUnassign"] == {"category": {"attributes": []}, "userErrors": []}
    assert execute(shown) == {"product": {"attributes": []}}
    assert AttributeValue.objects.filter(applies=False).count() == 1
    assert_verified()
    execute(ASSIGN, as_=sam, id=builders.id_of(top), attributes=[{"attributeId": builders.id_of(size)}])
    assert execute(shown) == {"product": {"attributes": [{"value": "S"}]}}
    assert_verified()


@pytest.mark.parametrize(("document", "name"), [(ASSIGN, "attributes"), (UNASSIGN, "attributeIds")])
def test_is_for_staff_who_keep_the_catalog_alone(request_graphql, alice, document, name):
    socks = builders.a_category("Socks")

    answer = request_graphql(document, as_=alice, id=builders.id_of(socks), **{name: []})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
