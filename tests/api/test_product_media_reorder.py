"""productMediaReorder: those that are named come first, and the first stands for the product."""

import pytest

from accounts.staff import Permission
from tests import builders

REORDER = """
mutation ($id: ID!, $ids: [ID!]!) {
  productMediaReorder(productId: $id, mediaIds: $ids) {
    product { featuredImage { id } images(first: 10) { nodes { id } } }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def mug(db):
    return builders.a_product("Mug", images=4)


@pytest.fixture
def ids(mug):
    return ids_of(mug)


@pytest.fixture
def reorder(execute, sam, mug):
    return lambda *ids: execute(REORDER, as_=sam, id=builders.id_of(mug), ids=list(ids))["productMediaReorder"]


def ids_of(product):
    return [f"gid://shop/Image/{pk}" for pk in product.images.order_by("position").values_list("pk", flat=True)]


def test_puts_what_is_named_first_and_keeps_the_rest_in_order(reorder, mug, ids):
    one, two, three, four = ids

    payload = reorder(four, two)

    assert payload["userErrors"] == []
    assert payload["product"]["featuredImage"] == {"id": four}
    assert [node["id"] for node in payload["product"]["images"]["nodes"]] == [four, two, one, three]
    assert list(mug.images.order_by("position").values_list("position", flat=True)) == [0, 1, 2, 3]


def test_leaves_the_pictures_of_other_products_alone(reorder, ids):
    cup = builders.a_product("Cup", images=2)
    had = ids_of(cup)

    reorder(*reversed(ids))

    assert ids_of(cup) == had


@pytest.mark.parametrize("place", [0, 1])
def test_refuses_a_picture_of_another_product(reorder, mug, ids, place):
    [foreign] = ids_of(builders.a_product("Cup", images=1))
    named = [ids[3]]
    named.insert(place, foreign)

    payload = reorder(*named)

    assert payload == {
        "product": None,
        "userErrors": [{"code": "NOT_FOUND", "field": ["mediaIds", str(place)], "message": "Image not found."}],
    }
    assert ids_of(mug) == ids


def test_is_for_staff_who_keep_the_catalog(request_graphql, mug, ids, alice):
    given = {"id": builders.id_of(mug), "ids": ids[::-1]}
    clerk = builders.a_clerk(Permission.MANAGE_ORDERS)

    answers = [request_graphql(REORDER, as_=somebody, **given) for somebody in (None, alice, clerk)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == [
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "FORBIDDEN",
    ]
    assert ids_of(mug) == ids
