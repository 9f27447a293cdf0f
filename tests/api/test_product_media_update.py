"""productMediaUpdate: what pictures show, said anew for all of them or none."""

import pytest

from accounts.staff import Permission
from catalog.models import Product
from tests import builders

UPDATE = """
mutation ($id: ID!, $media: [ProductMediaUpdateInput!]!) {
  productMediaUpdate(productId: $id, media: $media) {
    product { images(first: 10) { nodes { altText } } }
    media { image { altText } }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def mug(db):
    return builders.a_product("Mug", images=3)


@pytest.fixture
def update(execute, sam, mug):
    def send(*media):
        return execute(UPDATE, as_=sam, id=builders.id_of(mug), media=list(media))["productMediaUpdate"]

    return send


def ids_of(product):
    return [f"gid://shop/Image/{pk}" for pk in product.images.order_by("position").values_list("pk", flat=True)]


def alts_of(product):
    return list(product.images.order_by("position").values_list("alt", flat=True))


def refused(code, field, message):
    return {"product": None, "media": [], "userErrors": [{"code": code, "field": field, "message": message}]}


def test_says_what_pictures_show(update, mug):
    first, _, third = ids_of(mug)

    payload = update({"id": third, "alt": "From below"}, {"id": first, "alt": "From above"})

    assert payload == {
        "product": {
            "images": {"nodes": [{"altText": "From above"}, {"altText": None}, {"altText": "From below"}]},
        },
        "media": [{"image": {"altText": "From below"}}, {"image": {"altText": "From above"}}],
        "userErrors": [],
    }
    assert Product.objects.get(pk=mug.pk).updated_at > mug.updated_at


def test_null_says_nothing(update, mug):
    mug.images.update(alt="Old")

    payload = update({"id": ids_of(mug)[0], "alt": None})

    assert payload["media"] == [{"image": {"altText": None}}]
    assert alts_of(mug) == ["", "Old", "Old"]


def test_refuses_all_when_one_is_too_long(update, mug):
    first, second, _ = ids_of(mug)

    payload = update({"id": first, "alt": "Short"}, {"id": second, "alt": "x" * 501})

    assert payload == refused("INVALID", ["media", "1", "alt"], "At most 500 characters are allowed; these are 501.")
    assert alts_of(mug) == ["", "", ""]


def test_refuses_pictures_of_another_product_and_pictures_named_twice(update, mug):
    [foreign] = ids_of(builders.a_product("Cup", images=1))
    first = ids_of(mug)[0]

    payload = update({"id": first, "alt": "One"}, {"id": foreign, "alt": "Two"}, {"id": first, "alt": "Three"})

    assert payload["userErrors"] == [
        {"code": "NOT_FOUND", "field": ["media", "1"], "message": "Image not found."},
        {"code": "INVALID", "field": ["media", "2"], "message": "Name each picture once."},
    ]
    assert alts_of(mug) == ["", "", ""]


def test_refuses_an_id_that_is_none_and_a_list_without_any(update):
    assert update({"id": "gid://shop/Product/1"}) == refused("NOT_FOUND", ["media", "0", "id"], "Image not found.")
    assert update() == refused("INVALID", ["media"], "Name at least one picture.")


def test_is_for_staff_who_keep_the_catalog(request_graphql, mug, alice):
    given = {"id": builders.id_of(mug), "media": [{"id": ids_of(mug)[0], "alt": "Mine"}]}
    clerk = builders.a_clerk(Permission.MANAGE_ORDERS)

    answers = [request_graphql(UPDATE, as_=somebody, **given) for somebody in (None, alice, clerk)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == [
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "FORBIDDEN",
    ]
    assert alts_of(mug) == ["", "", ""]
