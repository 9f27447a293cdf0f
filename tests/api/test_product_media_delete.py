"""productMediaDelete: the pictures go, the rest close ranks, and files go once nothing shows them any more."""

import pytest
from django.core.files.storage import default_storage

from accounts.staff import Permission
from catalog import uploads
from catalog.models import ProductImage
from shop import relay
from shop.models import OutboxMessage
from tests import builders

CREATE = """
mutation ($id: ID!, $media: [ImageInput!]!) {
  productMediaCreate(productId: $id, media: $media) { media { image { id } } userErrors { message } }
}
"""
DELETE = """
mutation ($id: ID!, $ids: [ID!]!) {
  productMediaDelete(productId: $id, mediaIds: $ids) {
    deletedMediaIds
    product { images(first: 10) { nodes { id } } }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def mug(db):
    return builders.a_product("Mug", images=3)


@pytest.fixture
def delete(execute, sam):
    def send(product, *ids):
        return execute(DELETE, as_=sam, id=builders.id_of(product), ids=list(ids))["productMediaDelete"]

    return send


@pytest.fixture
def show(upload, sam):
    """Give a product a picture as a file; its id, and the name of the file."""

    def send(product):
        files = {"variables.media.0.file": builders.a_picture()}
        answer = upload(CREATE, files, as_=sam, id=builders.id_of(product), media=[{"file": None}])
        [medium] = answer["data"]["productMediaCreate"]["media"]
        return medium["image"]["id"], product.images.latest("position").src

    return send


def ids_of(product):
    return [f"gid://shop/Image/{pk}" for pk in product.images.order_by("position").values_list("pk", flat=True)]


def test_takes_pictures_away_and_closes_the_gap(delete, mug):
    first, second, third = ids_of(mug)
    variant = mug.variants.get()
    variant.image_id = int(first.rpartition("/")[2])
    variant.save()

    payload = delete(mug, first, third)

    assert payload == {
        "deletedMediaIds": [first, third],
        "product": {"images": {"nodes": [{"id": second}]}},
        "userErrors": [],
    }
    assert mug.images.get().position == 0
    assert mug.variants.get().image_id is None
    assert not OutboxMessage.objects.filter(topic=uploads.UNUSED).exists()


def test_removes_the_file_later(delete, show, mug):
    id, name = show(mug)

    payload = delete(mug, id)

    assert payload["userErrors"] == []
    assert default_storage.exists(name)
    relay.drain()
    assert not default_storage.exists(name)


def test_keeps_a_file_that_another_product_shows(delete, show, mug):
    cup = builders.a_product("Cup")
    (id, name), (other, same) = show(mug), show(cup)
    assert name == same

    delete(mug, id)
    relay.drain()

    assert default_storage.exists(name)

    delete(cup, other)
    relay.drain()

    assert not default_storage.exists(name)


def test_keeps_a_file_that_an_order_shows(delete, show, mug, alice):
    id, name = show(mug)
    order = builders.an_order((builders.a_variant(), 1), owner=alice)
    order.lines.update(image_src=name)

    delete(mug, id)
    relay.drain()

    assert default_storage.exists(name)


def test_refuses_pictures_of_another_product(delete, mug):
    cup = builders.a_product("Cup", images=1)

    payload = delete(mug, ids_of(mug)[0], ids_of(cup)[0])

    assert payload == {
        "deletedMediaIds": [],
        "product": None,
        "userErrors": [{"code": "NOT_FOUND", "field": ["mediaIds", "1"], "message": "Image not found."}],
    }
    assert ProductImage.objects.count() == 4


def test_is_for_staff_who_keep_the_catalog(request_graphql, mug, alice):
    given = {"id": builders.id_of(mug), "ids": ids_of(mug)}
    clerk = builders.a_clerk(Permission.MANAGE_ORDERS)

    answers = [request_graphql(DELETE, as_=somebody, **given) for somebody in (None, alice, clerk)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == [
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "FORBIDDEN",
    ]
    assert mug.images.count() == 3
