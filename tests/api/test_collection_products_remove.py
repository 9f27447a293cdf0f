"""collectionProductsRemove: products leave a collection and stay in the shop and in other collections."""

import pytest

from catalog.models import Product
from tests import builders

REMOVE = """
mutation ($id: ID!, $ids: [ID!]!) {
  collectionProductsRemove(id: $id, productIds: $ids) {
    collection { products(first: 10) { nodes { title } } }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def products(db):
    return [builders.a_product(title) for title in ("Mug", "Bowl", "Cup")]


@pytest.fixture
def gifts(products):
    return builders.a_collection("Gifts", products=products)


@pytest.fixture
def remove(execute, sam, gifts):
    return lambda *ids: execute(REMOVE, as_=sam, id=builders.id_of(gifts), ids=list(ids))["collectionProductsRemove"]


def refused(code, field, message):
    return {"collection": None, "userErrors": [{"code": code, "field": field, "message": message}]}


def test_takes_products_out_and_keeps_the_order_of_the_rest(remove, products):
    other = builders.a_collection("Other", products=products)

    payload = remove(builders.id_of(products[1]))

    assert payload == {
        "collection": {"products": {"nodes": [{"title": "Mug"}, {"title": "Cup"}]}},
        "userErrors": [],
    }
    assert other.places.count() == 3
    assert Product.objects.count() == 3


def test_refuses_what_does_not_stand_there(remove, products, gifts):
    lamp = builders.a_product("Lamp")

    payload = remove(builders.id_of(products[0]), builders.id_of(lamp))

    message = "This product does not stand in the collection; add it first."
    assert payload == refused("NOT_IN_COLLECTION", ["productIds", "1"], message)
    assert remove("gid://shop/Product/404") == refused("NOT_FOUND", ["productIds", "0"], "Product not found.")
    assert gifts.places.count() == 3


def test_refuses_a_product_named_twice(remove, products, gifts):
    mug = builders.id_of(products[0])

    assert remove(mug, mug) == refused("INVALID", ["productIds", "1"], "Name each product once.")
    assert remove() == refused("INVALID", ["productIds"], "Name at least one product.")
    assert gifts.places.count() == 3


def test_is_for_staff_who_keep_the_catalog(request_graphql, gifts, products, alice):
    given = {"id": builders.id_of(gifts), "ids": [builders.id_of(products[0])]}

    answers = [request_graphql(REMOVE, as_=somebody, **given) for somebody in (None, alice)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["UNAUTHENTICATED", "FORBIDDEN"]
    assert gifts.places.count() == 3
