"""collectionProductsAdd: products come in behind those that stand there, each once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import CollectionProduct
from tests import builders

ADD = """
mutation ($id: ID!, $ids: [ID!]!) {
  collectionProductsAdd(id: $id, productIds: $ids) {
    collection { products(first: 50) { nodes { title } } }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def mug(db):
    return builders.a_product("Mug")


@pytest.fixture
def gifts(mug):
    return builders.a_collection("Gifts", products=[mug])


@pytest.fixture
def add(execute, sam, gifts):
    return lambda *ids: execute(ADD, as_=sam, id=builders.id_of(gifts), ids=list(ids))["collectionProductsAdd"]


def refused(code, field, message):
    return {"collection": None, "userErrors": [{"code": code, "field": field, "message": message}]}


def test_puts_products_behind_the_others_in_the_order_given(add, gifts):
    bowl, cup = builders.a_product("Bowl"), builders.a_product("Cup", status="DRAFT")

    payload = add(builders.id_of(cup), builders.id_of(bowl))

    assert payload == {
        "collection": {"products": {"nodes": [{"title": "Mug"}, {"title": "Cup"}, {"title": "Bowl"}]}},
        "userErrors": [],
    }
    assert list(gifts.places.order_by("position").values_list("position", flat=True)) == [0, 1, 2]


def test_refuses_a_product_that_stands_there_already(add, gifts, mug):
    bowl = builders.a_product("Bowl")

    payload = add(builders.id_of(bowl), builders.id_of(mug))

    message = "Mug stands in this collection already; reorder its products to move it."
    assert payload == refused("ALREADY_IN_COLLECTION", ["productIds", "1"], message)
    assert gifts.places.count() == 1


@pytest.mark.parametrize("id_", ["gid://shop/Product/404", "gid://shop/Collection/1", "mug"])
def test_refuses_a_product_that_is_not_there(add, gifts, id_):
    payload = add(builders.id_of(builders.a_product()), id_)

    assert payload == refused("NOT_FOUND", ["productIds", "1"], "Product not found.")
    assert gifts.places.count() == 1


def test_refuses_a_product_named_twice(add, gifts):
    bowl = builders.id_of(builders.a_product())

    assert add(bowl, bowl) == refused("INVALID", ["productIds", "1"], "Name each product once.")
    assert gifts.places.count() == 1


def test_refuses_none_and_too_many(add, gifts):
    many = [f"gid://shop/Product/{number}" for number in range(1, 252)]

    assert add() == refused("INVALID", ["productIds"], "Name at least one product.")
    assert add(*many) == refused("INVALID", ["productIds"], "Name 250 products at the most; these are 251.")
    assert gifts.places.count() == 1


def test_refuses_a_category_shown_as_a_collection(execute, sam, mug):
    shown = execute("query ($handle: String!) { collection(handle: $handle) { id } }", handle=mug.category.handle)

    payload = execute(ADD, as_=sam, id=shown["collection"]["id"], ids=[builders.id_of(mug)])["collectionProductsAdd"]

    assert payload == refused("NOT_FOUND", ["id"], "Collection not found.")
    assert not CollectionProduct.objects.exists()


def test_costs_the_same_however_many_are_added(add):
    def cost_of(size):
        ids = [builders.id_of(builders.a_product()) for _ in range(size)]
        with CaptureQueriesContext(connection) as queries:
            assert add(*ids)["userErrors"] == []
        return len(queries)

    assert cost_of(1) == cost_of(20)


def test_is_for_staff_who_keep_the_catalog(request_graphql, gifts, alice):
    ids = [builders.id_of(builders.a_product())]

    answers = [request_graphql(ADD, as_=somebody, id=builders.id_of(gifts), ids=ids) for somebody in (None, alice)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["UNAUTHENTICATED", "FORBIDDEN"]
    assert gifts.places.count() == 1
