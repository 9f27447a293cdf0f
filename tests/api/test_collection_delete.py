"""collectionDelete: the collection goes, its handle is free, and its products stay."""

import pytest

from catalog.models import Collection, CollectionProduct, ListHandle, Product
from tests import builders

DELETE = """
mutation ($id: ID!) { collectionDelete(id: $id) { deletedCollectionId userErrors { code field message } } }
"""


def test_removes_the_collection_and_leaves_its_products(execute, sam, assert_verified):
    mug = builders.a_product()
    gifts, other = builders.a_collection("Gifts", products=[mug]), builders.a_collection("Other", products=[mug])

    payload = execute(DELETE, as_=sam, id=builders.id_of(gifts))["collectionDelete"]

    assert payload == {"deletedCollectionId": builders.id_of(gifts), "userErrors": []}
    assert list(Collection.objects.all()) == [other]
    assert list(CollectionProduct.objects.values_list("collection", "product")) == [(other.pk, mug.pk)]
    assert not ListHandle.objects.filter(handle="gifts").exists()
    assert Product.objects.get() == mug
    assert_verified()


@pytest.mark.parametrize("id_", ["gid://shop/Collection/404", "gid://shop/Category/1", "gifts"])
def test_refuses_a_collection_that_is_not_there(execute, sam, id_):
    builders.a_collection("Gifts")

    payload = execute(DELETE, as_=sam, id=id_)["collectionDelete"]

    assert payload == {
        "deletedCollectionId": None,
        "userErrors": [{"code": "NOT_FOUND", "field": ["id"], "message": "Collection not found."}],
    }
    assert Collection.objects.count() == 1


def test_is_for_staff_who_keep_the_catalog(request_graphql, alice):
    gifts = builders.a_collection("Gifts")

    answers = [request_graphql(DELETE, as_=somebody, id=builders.id_of(gifts)) for somebody in (None, alice)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["UNAUTHENTICATED", "FORBIDDEN"]
    assert Collection.objects.get() == gifts
