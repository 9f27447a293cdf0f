"""productAttributesSet and productVariantAttributesSet: what products are, held to what their categories ask for."""

from decimal import Decimal
from typing import Any

import pytest

from catalog.models import AttributeKind, AttributeValue, Category, CategoryAttribute, Product, ProductStatus
from tests import builders

SET = """
mutation ($id: ID!, $values: [AttributeValueInput!]!) {
  productAttributesSet(productId: $id, values: $values) {
    product { attributes {
      definition { handle } value number text boolean date choices { handle }
    } }
    userErrors { code field message }
  }
}
"""
SET_VARIANT = """
mutation ($id: ID!, $values: [AttributeValueInput!]!) {
  productVariantAttributesSet(productVariantId: $id, values: $values) {
    productVariant { attributes { definition { handle } value } product { attributes { value } } }
    userErrors { code field message }
  }
}
"""
READ = "query ($handle: String!) { product(handle: $handle) { attributes { definition { handle } value } } }"
MOVE_PRODUCT = """
mutation ($id: ID!, $to: ID!) { productUpdate(id: $id, product: {categoryId: $to}) { userErrors { message } } }
"""
MOVE_CATEGORY = "mutation ($id: ID!, $to: ID!) { categoryMove(id: $id, parentId: $to) { userErrors { message } } }"
PUBLISH = "mutation ($id: ID!) { productPublish(id: $id) { product { handle } userErrors { code field message } } }"


@pytest.fixture
def clothes(db):
    """Clothes ask for material and care; socks below them for a length, wool or not, a note and a day."""
    top = builders.a_category("Clothes")
    socks = builders.a_category("Socks", parent=top)
    builders.an_attribute("Note", AttributeKind.TEXT, on=socks)
    builders.an_attribute("Length", AttributeKind.NUMBER, on=socks, unit="cm")
    builders.an_attribute("Wool", AttributeKind.BOOLEAN, on=socks)
    builders.an_attribute("Since", AttributeKind.DATE, on=socks)
    builders.an_attribute("Material", AttributeKind.MULTI_CHOICE, "Wool", "Silk", "Flax", on=top)
    builders.an_attribute("Size", AttributeKind.CHOICE, "S", "M", on=top)
    return socks


def test_stores_every_kind_and_shows_it_in_the_order_of_the_tree(execute, sam, clothes, assert_verified):
    product = builders.a_product("Sock", category=clothes)

    payload = execute(
        SET,
        as_=sam,
        id=builders.id_of(product),
        values=[
            {"handle": "since", "date": "2026-05-31"},
            {"handle": "length", "number": "40.50"},
            {"handle": "wool", "boolean": False},
            {"handle": "note", "text": " Knit by hand "},
            {"handle": "size", "choices": ["m"]},
            {"handle": "material", "choices": ["silk", "wool"]},
        ],
    )["productAttributesSet"]

    nothing: dict[str, Any] = {"number": None, "text": None, "boolean": None, "date": None, "choices": []}
    assert payload["userErrors"] == []
    assert payload["product"]["attributes"] == [
        {
            **nothing,
            "definition": {"handle": "material"},
            "value": "Wool, Silk",
            "choices": [{"handle": "wool"}, {"handle": "silk"}],
        },
        {**nothing, "definition": {"handle": "size"}, "value": "M", "choices": [{"handle": "m"}]},
        {**nothing, "definition": {"handle": "note"}, "value": "Knit by hand", "text": "Knit by hand"},
        {**nothing, "definition": {"handle": "length"}, "value": "40.5 cm", "number": "40.5"},
        {**nothing, "definition": {"handle": "wool"}, "value": "No", "boolean": False},
        {**nothing, "definition": {"handle": "since"}, "value": "2026-05-31", "date": "2026-05-31"},
    ]
    assert_verified()


def test_changes_what_is_named_takes_away_what_is_empty_and_leaves_the_rest(execute, sam, clothes):
    product = builders.a_product("Sock", category=clothes)
    before = [
        {"handle": "size", "choices": ["s"]},
        {"handle": "length", "number": "3"},
        {"handle": "wool", "boolean": True},
    ]
    execute(SET, as_=sam, id=builders.id_of(product), values=before)

    execute(
        SET, as_=sam, id=builders.id_of(product), values=[{"handle": "size", "choices": ["m"]}, {"handle": "length"}]
    )

    shown = execute(READ, handle="sock")["product"]["attributes"]
    assert [(one["definition"]["handle"], one["value"]) for one in shown] == [("size", "M"), ("wool", "Yes")]


@pytest.mark.parametrize(
    ("value", "field", "message"),
    [
        ({"handle": "none"}, "handle", "There is no such attribute."),
        (
            {"handle": "watts", "number": "3"},
            "handle",
            "The product's category does not have this attribute; it has: length, material, note, since, size, wool. "
            "Assign it to the category first.",
        ),
        ({"handle": "length", "text": "long"}, "text", "Length is a number; give it as `number`."),
        ({"handle": "length", "number": "0.00001"}, "number", "A number has 4 decimals at the most."),
        ({"handle": "length", "number": "NaN"}, "number", "A number has an end."),
        ({"handle": "length", "number": "1e12"}, "number", "A number has 12 digits before the point at the most."),
        ({"handle": "note", "text": "a\u0007"}, "text", "The character U+0007 is not allowed."),
        ({"handle": "note", "text": "x" * 1001}, "text", "At most 1000 characters are allowed; these are 1001."),
        (
            {"handle": "since", "date": "20260531"},
            "date",
            "A day is written as year, month and day, such as 2026-05-31.",
        ),
        ({"handle": "size", "choices": ["s", "m"]}, "choices", "Only one choice can be made."),
        ({"handle": "size", "choices": ["xl"]}, "choices 0", "This is not among the choices; they are: s, m."),
        ({"handle": "material", "choices": ["silk", "silk"]}, "choices 1", "This choice is named twice."),
    ],
)
def test_refuses_what_the_definition_does_not_allow(execute, sam, clothes, value, field, message):
    builders.an_attribute("Watts", AttributeKind.NUMBER, on=builders.a_category("Lamps"))
    product = builders.a_product("Sock", category=clothes)

    payload = execute(SET, as_=sam, id=builders.id_of(product), values=[{"handle": "wool", "boolean": True}, value])[
        "productAttributesSet"
    ]

    assert payload == {
        "product": None,
        "userErrors": [{"code": "INVALID", "field": ["values", "1", *field.split()], "message": message}],
    }
    assert not AttributeValue.objects.exists()


def test_a_variant_has_values_of_its_own(execute, sam, clothes):
    product = builders.a_product("Sock", category=clothes, variants=2)
    small, _ = product.variants.order_by("pk")
    execute(SET, as_=sam, id=builders.id_of(product), values=[{"handle": "wool", "boolean": True}])

    payload = execute(SET_VARIANT, as_=sam, id=builders.id_of(small), values=[{"handle": "size", "choices": ["s"]}])

    assert payload["productVariantAttributesSet"] == {
        "productVariant": {
            "attributes": [{"definition": {"handle": "size"}, "value": "S"}],
            "product": {"attributes": [{"value": "Yes"}]},
        },
        "userErrors": [],
    }
    assert list(AttributeValue.objects.order_by("pk").values_list("product", "variant")) == [
        (product.pk, None),
        (product.pk, small.pk),
    ]


def test_what_no_longer_applies_is_kept_unseen(execute, sam, clothes, assert_verified):
    product = builders.a_product("Sock", category=clothes)
    execute(
        SET,
        as_=sam,
        id=builders.id_of(product),
        values=[{"handle": "wool", "boolean": True}, {"handle": "size", "choices": ["m"]}],
    )
    elsewhere = builders.a_category("Elsewhere")
    top = Category.objects.get_parent(clothes)

    def shown() -> list[str]:
        return [one["definition"]["handle"] for one in execute(READ, handle="sock")["product"]["attributes"]]

    def move_product(category):
        execute(MOVE_PRODUCT, as_=sam, id=builders.id_of(product), to=builders.id_of(category))
        assert_verified()

    def move_category(parent):
        execute(MOVE_CATEGORY, as_=sam, id=builders.id_of(clothes), to=builders.id_of(parent))
        assert_verified()

    move_product(top)
    assert shown() == ["size"]
    move_product(clothes)
    assert shown() == ["size", "wool"]
    move_category(elsewhere)
    assert shown() == ["wool"]
    move_category(top)
    assert shown() == ["size", "wool"]


def test_is_not_published_without_what_its_category_requires(execute, sam, clothes):
    CategoryAttribute.objects.filter(attribute__handle__in=["size", "wool"]).update(is_required=True)
    product = builders.a_product("Sock", category=clothes, variants=2, status=ProductStatus.DRAFT)
    small, large = product.variants.order_by("pk")
    builders.described(small, CategoryAttribute.objects.get(attribute__handle="size").attribute, "s")

    refused = execute(PUBLISH, as_=sam, id=builders.id_of(product))["productPublish"]

    assert refused == {
        "product": None,
        "userErrors": [
            {
                "code": "ATTRIBUTES_MISSING",
                "field": ["id"],
                "message": "Its category requires a value of Size, Wool; the product, or each variant, needs one.",
            }
        ],
    }
    assert Product.objects.get().status == ProductStatus.DRAFT
    execute(SET_VARIANT, as_=sam, id=builders.id_of(large), values=[{"handle": "size", "choices": ["m"]}])
    execute(SET, as_=sam, id=builders.id_of(product), values=[{"handle": "wool", "boolean": False}])

    assert execute(PUBLISH, as_=sam, id=builders.id_of(product))["productPublish"]["userErrors"] == []
    gone = execute(SET, as_=sam, id=builders.id_of(product), values=[{"handle": "wool"}])["productAttributesSet"]
    assert [(error["code"], error["field"]) for error in gone["userErrors"]] == [("ATTRIBUTES_MISSING", ["values"])]
    assert AttributeValue.objects.filter(boolean=False).exists()


def test_nobody_else_may(request_graphql, alice, clothes):
    product = builders.a_product("Sock", category=clothes)
    length = [{"handle": "length", "number": str(Decimal(3))}]

    answers = [
        request_graphql(SET, as_=alice, id=builders.id_of(product), values=length),
        request_graphql(SET_VARIANT, as_=alice, id=builders.id_of(product.variants.get()), values=length),
    ]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["FORBIDDEN", "FORBIDDEN"]
    assert not AttributeValue.objects.exists()


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many_products(execute, size, clothes, django_assert_num_queries):
    length = CategoryAttribute.objects.get(attribute__handle="length").attribute
    material = CategoryAttribute.objects.get(attribute__handle="material").attribute
    for _ in range(size):
        product = builders.a_product(category=clothes)
        builders.described(product, material, "silk", "wool")
        builders.described(product.variants.get(), length, 3)
    document = """{ products(first: 20) { nodes {
      attributes { value definition { choices { label } } } category { attributes { givenBy { title } } }
      variants { nodes { attributes { value definition { name } } } }
    } } }"""

    with django_assert_num_queries(10):
        found = execute(document)["products"]["nodes"]

    assert len(found) == size


def test_is_made_and_changed_with_what_it_is(execute, sam, clothes):
    CategoryAttribute.objects.filter(attribute__handle="size").update(is_required=True)
    create = """
    mutation ($product: ProductCreateInput!) {
      productCreate(product: $product) { product { id attributes { value } } userErrors { code field message } }
    }
    """
    update = """
    mutation ($id: ID!, $product: ProductUpdateInput!) {
      productUpdate(id: $id, product: $product) { product { attributes { value } } userErrors { field } }
    }
    """
    sock = {
        "title": "Sock",
        "categoryId": builders.id_of(clothes),
        "status": "ACTIVE",
        "variants": [{"sku": "SOCK", "price": "3.00"}],
    }

    refused = execute(create, as_=sam, product=sock)["productCreate"]
    wrong = execute(create, as_=sam, product={**sock, "attributes": [{"handle": "size", "number": "3"}]})

    assert refused["userErrors"] == [
        {
            "code": "ATTRIBUTES_MISSING",
            "field": ["product", "attributes"],
            "message": "Its category requires a value of Size; the product, or each variant, needs one.",
        }
    ]
    assert [one["field"] for one in wrong["productCreate"]["userErrors"]] == [["product", "attributes", "0", "number"]]
    assert not Product.objects.exists()

    made = execute(create, as_=sam, product={**sock, "attributes": [{"handle": "size", "choices": ["s"]}]})
    product = made["productCreate"]["product"]
    changed = execute(update, as_=sam, id=product["id"], product={"attributes": [{"handle": "wool", "boolean": True}]})[
        "productUpdate"
    ]

    assert product["attributes"] == [{"value": "S"}]
    assert changed == {"product": {"attributes": [{"value": "S"}, {"value": "Yes"}]}, "userErrors": []}
