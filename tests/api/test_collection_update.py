"""collectionUpdate: what is left out stays, and a collection's handle is its own among all lists."""

import pytest

from catalog.models import ListHandle
from tests import builders

UPDATE = """
mutation ($id: ID!, $collection: CollectionUpdateInput!) {
  collectionUpdate(id: $id, collection: $collection) {
    collection { title handle description isActive seo { title description } image { url altText } }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def gifts(db):
    return builders.a_collection(
        "Gifts", description="For them.", seo_title="All gifts", seo_description="Many", image_src="gifts.svg"
    )


@pytest.fixture
def update(execute, sam, gifts):
    return lambda **fields: execute(UPDATE, as_=sam, id=builders.id_of(gifts), collection=fields)["collectionUpdate"]


def test_changes_what_is_said_and_leaves_the_rest(update):
    payload = update(title="Presents", seo={"title": None})

    assert payload == {
        "collection": {
            "title": "Presents",
            "handle": "gifts",
            "description": "For them.",
            "isActive": True,
            "seo": {"title": None, "description": "Many"},
            "image": {"url": "http://localhost:8000/media/gifts.svg", "altText": None},
        },
        "userErrors": [],
    }


def test_hides_it_from_shoppers_and_shows_it_again(update, execute):
    update(isActive=False)
    hidden = execute('{ collection(handle: "gifts") { title } }')
    update(isActive=True)

    assert hidden == {"collection": None}
    assert execute('{ collection(handle: "gifts") { title } }') == {"collection": {"title": "Gifts"}}


def test_takes_a_new_handle_and_frees_the_old_one(update, gifts):
    assert update(handle="presents")["userErrors"] == []
    assert list(ListHandle.objects.values_list("handle", "collection")) == [("presents", gifts.pk)]


def test_makes_the_handle_from_the_title_again_when_it_is_null(update, gifts, assert_verified):
    assert update(handle="presents")["collection"]["handle"] == "presents"
    assert update(title="Gifts", handle=None)["collection"]["handle"] == "gifts"
    assert update(handle="gifts")["userErrors"] == []
    assert_verified()


@pytest.mark.parametrize("make", [builders.a_category, builders.a_collection])
def test_refuses_a_handle_that_another_list_has(update, gifts, make):
    make("Toys")

    payload = update(title="Renamed", handle="toys")

    assert payload == {
        "collection": None,
        "userErrors": [
            {
                "code": "HANDLE_TAKEN",
                "field": ["collection", "handle"],
                "message": 'The handle "toys" is taken; choose another.',
            }
        ],
    }
    gifts.refresh_from_db()
    assert (gifts.title, gifts.handle) == ("Gifts", "gifts")


def test_refuses_an_empty_title(update, gifts):
    assert update(title=None) == {
        "collection": None,
        "userErrors": [{"code": "INVALID", "field": ["collection", "title"], "message": "This must not be empty."}],
    }
    gifts.refresh_from_db()
    assert gifts.title == "Gifts"


@pytest.mark.parametrize("id_", ["gid://shop/Collection/404", "gid://shop/Product/1", "gifts"])
def test_refuses_a_collection_that_is_not_there(execute, sam, id_):
    payload = execute(UPDATE, as_=sam, id=id_, collection={"title": "Ghost"})["collectionUpdate"]

    assert payload == {
        "collection": None,
        "userErrors": [{"code": "NOT_FOUND", "field": ["id"], "message": "Collection not found."}],
    }


def test_is_for_staff_who_keep_the_catalog(request_graphql, gifts, alice):
    answers = [
        request_graphql(UPDATE, as_=somebody, id=builders.id_of(gifts), collection={"title": "Mine"})
        for somebody in (None, alice)
    ]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["UNAUTHENTICATED", "FORBIDDEN"]
    gifts.refresh_from_db()
    assert gifts.title == "Gifts"
