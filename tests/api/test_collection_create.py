"""collectionCreate: staff put products together; what is wrong is told field by field, and then nothing is made."""

import pytest

from accounts.staff import Permission
from catalog.models import Collection, CollectionProduct, ListHandle
from tests import builders

CREATE = """
mutation ($collection: CollectionCreateInput!) {
  collectionCreate(collection: $collection) {
    collection {
      title handle description isActive seo { title description } image { url altText }
      products(first: 10) { totalCount nodes { title } }
    }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def create(execute, sam):
    return lambda **collection: execute(CREATE, as_=sam, collection=collection)["collectionCreate"]


def nothing_was_made():
    return not (Collection.objects.exists() or ListHandle.objects.filter(category=None).exists())


def test_makes_a_collection_with_all_that_is_said_of_it(create):
    mug, bowl = builders.a_product("Mug"), builders.a_product("Bowl")

    payload = create(
        title="Gifts ☕",
        description="For them,\nand you.",
        seo={"title": "All gifts", "description": "Many"},
        image={"src": "https://img.example/bow.svg", "alt": "A bow"},
        productIds=[builders.id_of(mug), builders.id_of(bowl)],
    )

    assert payload == {
        "collection": {
            "title": "Gifts ☕",
            "handle": "gifts",
            "description": "For them,\nand you.",
            "isActive": True,
            "seo": {"title": "All gifts", "description": "Many"},
            "image": {"url": "https://img.example/bow.svg", "altText": "A bow"},
            "products": {"totalCount": 2, "nodes": [{"title": "Mug"}, {"title": "Bowl"}]},
        },
        "userErrors": [],
    }


def test_makes_an_empty_one_that_shoppers_do_not_see(create, execute):
    payload = create(title="Soon", isActive=False)

    assert payload["collection"]["isActive"] is False
    assert payload["collection"]["products"] == {"totalCount": 0, "nodes": []}
    assert execute('{ collection(handle: "soon") { title } }') == {"collection": None}


@pytest.mark.parametrize("make", [builders.a_category, builders.a_collection])
def test_numbers_a_handle_made_from_a_title_that_another_list_has(create, make):
    make("Gifts")

    assert create(title="Gifts")["collection"]["handle"] == "gifts-2"


@pytest.mark.parametrize("make", [builders.a_category, builders.a_collection])
def test_refuses_a_handle_that_another_list_has(create, make):
    make("Gifts")
    had = Collection.objects.count()

    payload = create(title="Presents", handle="gifts")

    assert payload == {
        "collection": None,
        "userErrors": [
            {
                "code": "HANDLE_TAKEN",
                "field": ["collection", "handle"],
                "message": 'The handle "gifts" is taken; choose another.',
            }
        ],
    }
    assert Collection.objects.count() == had


def test_tells_all_that_is_wrong_at_once(create):
    payload = create(title=" ", handle="No Good", description="a\x07b", seo={"title": "x" * 256}, image={"src": "?"})

    assert payload["collection"] is None
    assert [error["field"] for error in payload["userErrors"]] == [
        ["collection", "title"],
        ["collection", "handle"],
        ["collection", "description"],
        ["collection", "seo", "title"],
        ["collection", "image", "src"],
    ]
    assert nothing_was_made()


def test_refuses_products_that_are_not_there(create):
    mug = builders.id_of(builders.a_product())

    payload = create(title="Gifts", productIds=[mug, "gid://shop/Product/404"])

    assert payload == {
        "collection": None,
        "userErrors": [
            {"code": "NOT_FOUND", "field": ["collection", "productIds", "1"], "message": "Product not found."}
        ],
    }
    assert nothing_was_made()


def test_refuses_a_product_named_twice(create):
    mug = builders.id_of(builders.a_product())

    payload = create(title="Gifts", productIds=[mug, mug])

    assert payload == {
        "collection": None,
        "userErrors": [
            {"code": "INVALID", "field": ["collection", "productIds", "1"], "message": "Name each product once."}
        ],
    }
    assert nothing_was_made()


def test_is_for_staff_who_keep_the_catalog(request_graphql, alice):
    clerk = builders.a_clerk(Permission.MANAGE_ORDERS)

    answers = [request_graphql(CREATE, as_=somebody, collection={"title": "Mine"}) for somebody in (None, alice, clerk)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == [
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "FORBIDDEN",
    ]
    assert nothing_was_made()
    assert not CollectionProduct.objects.exists()
