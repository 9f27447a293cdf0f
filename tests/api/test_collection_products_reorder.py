"""collectionProductsReorder: what is named moves to the front or behind another; the rest keeps its order."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import builders

REORDER = """
mutation ($id: ID!, $ids: [ID!]!, $after: ID) {
  collectionProductsReorder(id: $id, productIds: $ids, afterId: $after) {
    collection { products(first: 10) { nodes { title } } }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def products(db):
    return [builders.a_product(title) for title in "ABCDE"]


@pytest.fixture
def gifts(products):
    return builders.a_collection("Gifts", products=products)


@pytest.fixture
def reorder(execute, sam, gifts, products):
    ids = {product.title: builders.id_of(product) for product in products}

    def send(titles, after=None):
        named = [ids.get(title, title) for title in titles]
        behind = after and ids.get(after, after)
        data = execute(REORDER, as_=sam, id=builders.id_of(gifts), ids=named, after=behind)
        return data["collectionProductsReorder"]

    return send


def order_of(collection):
    return "".join(collection.places.order_by("position").values_list("product__title", flat=True))


def refused(code, field, message):
    return {"collection": None, "userErrors": [{"code": code, "field": field, "message": message}]}


@pytest.mark.parametrize(
    ("moved", "after", "expected"),
    [("DB", None, "DBACE"), ("A", "E", "BCDEA"), ("EB", "C", "ACEBD"), ("EDCBA", None, "EDCBA"), ("A", None, "ABCDE")],
)
def test_moves_what_is_named(reorder, gifts, products, moved, after, expected):
    other = builders.a_collection("Other", products=products)

    payload = reorder(moved, after)

    assert payload["userErrors"] == []
    assert "".join(node["title"] for node in payload["collection"]["products"]["nodes"]) == expected
    assert list(gifts.places.order_by("position").values_list("position", flat=True)) == [0, 1, 2, 3, 4]
    assert order_of(other) == "ABCDE"


def test_refuses_what_does_not_stand_there(reorder, gifts):
    lamp = builders.id_of(builders.a_product("Lamp"))
    message = "This product does not stand in the collection; add it first."

    assert reorder(["B", lamp]) == refused("NOT_IN_COLLECTION", ["productIds", "1"], message)
    assert reorder(["B"], lamp) == refused("NOT_IN_COLLECTION", ["afterId"], message)
    assert reorder(["gid://shop/Product/404"]) == refused("NOT_FOUND", ["productIds", "0"], "Product not found.")
    assert reorder(["B"], "lamp") == refused("NOT_FOUND", ["afterId"], "Product not found.")
    assert order_of(gifts) == "ABCDE"


def test_refuses_a_product_named_twice_or_to_stand_behind_itself(reorder, gifts):
    behind_itself = "This product is to be moved itself; name one that stays."

    assert reorder("BB") == refused("INVALID", ["productIds", "1"], "Name each product once.")
    assert reorder("BC", "C") == refused("INVALID", ["afterId"], behind_itself)
    assert reorder("") == refused("INVALID", ["productIds"], "Name at least one product.")
    assert order_of(gifts) == "ABCDE"


def test_costs_the_same_however_many_stand_there(execute, sam):
    def cost_of(size):
        products = [builders.a_product() for _ in range(size)]
        given = {"id": builders.id_of(builders.a_collection(products=products)), "ids": [builders.id_of(products[-1])]}
        with CaptureQueriesContext(connection) as queries:
            execute(REORDER, as_=sam, **given)
        return len(queries)

    execute(REORDER, as_=sam, id="gid://shop/Collection/404", ids=[])
    assert cost_of(1) == cost_of(20)


def test_is_for_staff_who_keep_the_catalog(request_graphql, gifts, products, alice):
    given = {"id": builders.id_of(gifts), "ids": [builders.id_of(products[4])]}

    answers = [request_graphql(REORDER, as_=somebody, **given) for somebody in (None, alice)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["UNAUTHENTICATED", "FORBIDDEN"]
    assert order_of(gifts) == "ABCDE"
