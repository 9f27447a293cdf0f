"""attributeCreate, attributeUpdate, attributeDelete and the choices: definitions, and what stands in their way."""

import pytest

from catalog.models import Attribute, AttributeChoice, AttributeKind, AttributeValue
from tests import builders

CREATE = """
mutation ($attribute: AttributeCreateInput!) {
  attributeCreate(attribute: $attribute) {
    attribute { handle name kind unit isFilterable position choices { handle label } }
    userErrors { code field message }
  }
}
"""
UPDATE = """
mutation ($id: ID!, $attribute: AttributeUpdateInput!) {
  attributeUpdate(id: $id, attribute: $attribute) {
    attribute { handle name unit isFilterable position } userErrors { code field message }
  }
}
"""
DELETE = """
mutation ($id: ID!) { attributeDelete(id: $id) { deletedAttributeId userErrors { code field message } } }
"""
ADD = """
mutation ($id: ID!, $choices: [AttributeChoiceInput!]!) {
  attributeChoicesAdd(id: $id, choices: $choices) {
    attribute { choices { handle label } } userErrors { code field message }
  }
}
"""
RENAME = """
mutation ($id: ID!, $choice: AttributeChoiceUpdateInput!) {
  attributeChoiceUpdate(id: $id, choice: $choice) { choice { handle label } userErrors { code field message } }
}
"""
REORDER = """
mutation ($id: ID!, $choiceIds: [ID!]!) {
  attributeChoicesReorder(id: $id, choiceIds: $choiceIds) {
    attribute { choices { handle } } userErrors { code field message }
  }
}
"""
REMOVE = """
mutation ($id: ID!) {
  attributeChoiceRemove(id: $id) { attribute { choices { handle } } userErrors { code field message } }
}
"""


def test_makes_an_attribute_with_choices_behind_the_others(execute, sam):
    builders.an_attribute("Width", AttributeKind.NUMBER, position=4)

    payload = execute(
        CREATE,
        as_=sam,
        attribute={
            "name": " Material ",
            "kind": "MULTI_CHOICE",
            "isFilterable": True,
            "choices": [{"label": "Merino wool"}, {"label": "Merino-wool"}, {"label": "Silk", "handle": "real-silk"}],
        },
    )["attributeCreate"]

    assert payload == {
        "attribute": {
            "handle": "material",
            "name": "Material",
            "kind": "MULTI_CHOICE",
            "unit": None,
            "isFilterable": True,
            "position": 5,
            "choices": [
                {"handle": "merino-wool", "label": "Merino wool"},
                {"handle": "merino-wool-2", "label": "Merino-wool"},
                {"handle": "real-silk", "label": "Silk"},
            ],
        },
        "userErrors": [],
    }
    [stored] = execute("{ attributes(last: 1) { nodes { handle } } }")["attributes"]["nodes"]
    assert stored == {"handle": "material"}
    assert execute('{ attribute(handle: "material") { name } }') == {"attribute": {"name": "Material"}}
    assert execute('{ attribute(handle: "none") { name } }') == {"attribute": None}


def test_tells_everything_that_is_wrong_and_makes_nothing(execute, sam):
    payload = execute(
        CREATE,
        as_=sam,
        attribute={
            "name": "",
            "handle": "Not A Handle",
            "kind": "TEXT",
            "unit": "cm",
            "isFilterable": True,
            "position": -1,
            "choices": [{"label": "Red"}],
        },
    )["attributeCreate"]

    assert payload["attribute"] is None
    assert [(error["field"], error["code"]) for error in payload["userErrors"]] == [
        (["attribute", "name"], "INVALID"),
        (["attribute", "unit"], "INVALID"),
        (["attribute", "isFilterable"], "INVALID"),
        (["attribute", "position"], "INVALID"),
        (["attribute", "handle"], "INVALID"),
        (["attribute", "choices"], "INVALID"),
    ]
    assert not Attribute.objects.exists()


def test_refuses_choices_called_alike_and_handles_that_are_taken(execute, sam):
    builders.an_attribute("Colour")

    payload = execute(
        CREATE,
        as_=sam,
        attribute={
            "name": "Tint",
            "handle": "colour",
            "kind": "CHOICE",
            "choices": [{"label": "Red"}, {"label": "RED"}],
        },
    )["attributeCreate"]

    assert payload["userErrors"] == [
        {
            "code": "HANDLE_TAKEN",
            "field": ["attribute", "handle"],
            "message": 'The handle "colour" is taken; choose another.',
        },
        {
            "code": "INVALID",
            "field": ["attribute", "choices", "1", "label"],
            "message": 'Another choice is called "RED" too; capitals make no difference.',
        },
    ]
    assert Attribute.objects.count() == 1


def test_changes_what_is_said_and_leaves_the_rest(execute, sam):
    width = builders.an_attribute("Width", AttributeKind.NUMBER, unit="cm", position=3)

    payload = execute(UPDATE, as_=sam, id=builders.id_of(width), attribute={"name": "Breadth", "unit": None})

    assert payload["attributeUpdate"] == {
        "attribute": {"handle": "width", "name": "Breadth", "unit": None, "isFilterable": True, "position": 3},
        "userErrors": [],
    }


def test_is_removed_with_what_is_kept_of_it_once_no_category_has_it(execute, sam):
    lamps = builders.a_category("Lamps")
    watts = builders.an_attribute("Power", AttributeKind.NUMBER, on=lamps)
    builders.described(builders.a_product(category=lamps), watts, 40)

    refused = execute(DELETE, as_=sam, id=builders.id_of(watts))["attributeDelete"]

    assert refused == {
        "deletedAttributeId": None,
        "userErrors": [
            {
                "code": "ATTRIBUTE_IN_USE",
                "field": ["id"],
                "message": "The category Lamps has Power; take it from every category first.",
            }
        ],
    }
    assert AttributeValue.objects.exists()
    watts.places.all().delete()

    payload = execute(DELETE, as_=sam, id=builders.id_of(watts))["attributeDelete"]

    assert payload == {"deletedAttributeId": builders.id_of(watts), "userErrors": []}
    assert not Attribute.objects.exists()
    assert not AttributeValue.objects.exists()


def test_adds_renames_and_reorders_choices(execute, sam):
    colour = builders.an_attribute("Colour", AttributeKind.CHOICE, "Red", "Blue")
    blue = colour.choices.get(handle="blue")

    execute(ADD, as_=sam, id=builders.id_of(colour), choices=[{"label": "Green"}])
    renamed = execute(RENAME, as_=sam, id=builders.id_of(blue), choice={"label": "Navy"})["attributeChoiceUpdate"]
    taken = execute(RENAME, as_=sam, id=builders.id_of(blue), choice={"label": "red", "handle": "red"})
    green = colour.choices.get(handle="green")
    payload = execute(REORDER, as_=sam, id=builders.id_of(colour), choiceIds=[builders.id_of(green)])

    assert renamed == {"choice": {"handle": "blue", "label": "Navy"}, "userErrors": []}
    assert [error["field"] for error in taken["attributeChoiceUpdate"]["userErrors"]] == [
        ["choice", "label"],
        ["choice", "handle"],
    ]
    assert payload["attributeChoicesReorder"]["attribute"]["choices"] == [
        {"handle": "green"},
        {"handle": "red"},
        {"handle": "blue"},
    ]


def test_keeps_a_choice_that_products_have(execute, sam):
    hats = builders.a_category("Hats")
    colour = builders.an_attribute("Colour", AttributeKind.CHOICE, "Red", "Blue", on=hats)
    builders.described(builders.a_product(category=hats), colour, "red")

    refused = execute(REMOVE, as_=sam, id=builders.id_of(colour.choices.get(handle="red")))["attributeChoiceRemove"]
    payload = execute(REMOVE, as_=sam, id=builders.id_of(colour.choices.get(handle="blue")))["attributeChoiceRemove"]

    assert refused == {
        "attribute": None,
        "userErrors": [
            {
                "code": "ATTRIBUTE_CHOICE_IN_USE",
                "field": ["id"],
                "message": "1 product has Red; give them another choice first, or rename this one.",
            }
        ],
    }
    assert payload == {"attribute": {"choices": [{"handle": "red"}]}, "userErrors": []}
    assert AttributeChoice.objects.count() == 1


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (CREATE, {"attribute": {"name": "Colour", "kind": "CHOICE"}}),
        (UPDATE, {"id": "gid://shop/AttributeDefinition/1", "attribute": {}}),
        (DELETE, {"id": "gid://shop/AttributeDefinition/1"}),
        (ADD, {"id": "gid://shop/AttributeDefinition/1", "choices": []}),
        (RENAME, {"id": "gid://shop/AttributeChoice/1", "choice": {}}),
        (REORDER, {"id": "gid://shop/AttributeDefinition/1", "choiceIds": []}),
        (REMOVE, {"id": "gid://shop/AttributeChoice/1"}),
    ],
)
def test_is_for_staff_who_keep_the_catalog_alone(request_graphql, alice, document, variables):
    answer = request_graphql(document, as_=alice, **variables)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert not Attribute.objects.exists()
