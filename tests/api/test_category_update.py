"""categoryUpdate: what is left out stays; hiding a category hides its branch, and facts follow without a recount."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Category, ListHandle
from shop import relay
from tests import builders

UPDATE = """
mutation ($id: ID!, $category: CategoryUpdateInput!) {
  categoryUpdate(id: $id, category: $category) {
    category { title handle description isActive seo { title description } image { url altText width height } }
    userErrors { code field message }
  }
}
"""
PRODUCTS = "query ($handle: String!) { category(handle: $handle) { facts { productCount priceMax { amount } } } }"


def test_changes_what_is_said_and_leaves_the_rest(execute, sam):
    mugs = builders.a_category(
        "Mugs", description="For tea.", seo_title="All mugs", seo_description="Many", image_src="mugs.svg"
    )

    payload = execute(
        UPDATE, as_=sam, id=builders.id_of(mugs), category={"title": "Mugs & cups", "seo": {"title": None}}
    )["categoryUpdate"]

    assert payload == {
        "category": {
            "title": "Mugs & cups",
            "handle": "mugs",
            "description": "For tea.",
            "isActive": True,
            "seo": {"title": None, "description": "Many"},
            "image": {"url": "http://localhost:8000/media/mugs.svg", "altText": None, "width": None, "height": None},
        },
        "userErrors": [],
    }


def test_takes_a_new_handle_and_frees_the_old_one(execute, sam):
    mugs = builders.a_category("Mugs")

    payload = execute(UPDATE, as_=sam, id=builders.id_of(mugs), category={"handle": "cups"})["categoryUpdate"]

    assert payload["userErrors"] == []
    assert list(ListHandle.objects.values_list("handle", "category")) == [("cups", mugs.pk)]
    assert execute('{ category(handle: "mugs") { title } }') == {"category": None}
    assert execute('{ category(handle: "cups") { title } }') == {"category": {"title": "Mugs"}}


def test_makes_the_handle_from_the_title_again_when_it_is_null(execute, sam):
    mugs = builders.a_category("Mugs", handle="old-name")

    payload = execute(UPDATE, as_=sam, id=builders.id_of(mugs), category={"title": "Tall mugs", "handle": None})[
        "categoryUpdate"
    ]

    assert payload["category"]["handle"] == "tall-mugs"


def test_keeps_its_handle_when_told_the_same_again(execute, sam):
    mugs = builders.a_category("Mugs")

    payload = execute(UPDATE, as_=sam, id=builders.id_of(mugs), category={"handle": "mugs"})["categoryUpdate"]

    assert payload["userErrors"] == []
    assert payload["category"]["handle"] == "mugs"


@pytest.mark.parametrize("make", [builders.a_category, builders.a_collection])
def test_refuses_a_handle_that_another_list_has(execute, sam, make):
    mugs = builders.a_category("Mugs")
    make("Cups")

    payload = execute(UPDATE, as_=sam, id=builders.id_of(mugs), category={"title": "Renamed", "handle": "cups"})[
        "categoryUpdate"
    ]

    assert payload == {
        "category": None,
        "userErrors": [
            {
                "code": "HANDLE_TAKEN",
                "field": ["category", "handle"],
                "message": 'The handle "cups" is taken; choose another.',
            }
        ],
    }
    mugs.refresh_from_db()
    assert (mugs.title, mugs.handle) == ("Mugs", "mugs")


def test_refuses_an_empty_title(execute, sam):
    mugs = builders.a_category("Mugs")

    payload = execute(UPDATE, as_=sam, id=builders.id_of(mugs), category={"title": None})["categoryUpdate"]

    assert payload == {
        "category": None,
        "userErrors": [{"code": "INVALID", "field": ["category", "title"], "message": "This must not be empty."}],
    }
    assert Category.objects.get().title == "Mugs"


@pytest.mark.parametrize("id_", ["gid://shop/Category/404", "gid://shop/Product/1", "mugs"])
def test_refuses_a_category_that_is_not_there(execute, sam, id_):
    payload = execute(UPDATE, as_=sam, id=id_, category={"title": "Ghost"})["categoryUpdate"]

    assert payload == {
        "category": None,
        "userErrors": [{"code": "NOT_FOUND", "field": ["id"], "message": "Category not found."}],
    }


def test_hides_the_whole_branch_and_its_facts_and_shows_them_again(execute, sam, assert_verified):
    home = builders.a_category("Home")
    kitchen = builders.a_category("Kitchen", parent=home)
    cups = builders.a_category("Cups", parent=kitchen)
    closed = builders.a_category("Closed", parent=kitchen, is_active=False)
    builders.a_product(category=cups, price="8.00")
    builders.a_product(category=closed, price="9.00")
    builders.a_product(category=home, price="5.00")
    before = execute(PRODUCTS, handle="home")

    execute(UPDATE, as_=sam, id=builders.id_of(kitchen), category={"isActive": False})

    assert before == {"category": {"facts": {"productCount": 2, "priceMax": {"amount": "8.00"}}}}
    assert execute(PRODUCTS, handle="home") == {
        "category": {"facts": {"productCount": 1, "priceMax": {"amount": "5.00"}}}
    }
    assert execute(PRODUCTS, handle="cups") == {"category": None}
    assert dict(Category.objects.values_list("handle", "is_listed")) == {
        "home": True,
        "kitchen": False,
        "cups": False,
        "closed": False,
    }
    assert_verified()

    execute(UPDATE, as_=sam, id=builders.id_of(kitchen), category={"isActive": True})

    assert execute(PRODUCTS, handle="home") == before
    assert not Category.objects.get(handle="closed").is_listed
    assert_verified()


def test_costs_the_same_however_large_the_branch(execute, sam):
    document = "mutation ($id: ID!) { categoryUpdate(id: $id, category: {isActive: false}) { userErrors { code } } }"

    def cost_of(size):
        top = builders.a_category()
        for _ in range(size):
            builders.a_category(parent=top)
        with CaptureQueriesContext(connection) as queries:
            execute(document, as_=sam, id=builders.id_of(top))
        return len(queries)

    assert cost_of(1) == cost_of(20)
    assert not Category.objects.filter(is_listed=True).exists()


def test_shows_a_picture_from_a_file_and_removes_the_file_with_it(upload, execute, sam):
    mugs = builders.a_category("Mugs")
    files = {"variables.category.image.file": builders.a_picture()}
    given = {"image": {"file": None, "alt": "Mugs"}}

    answer = upload(UPDATE, files, as_=sam, id=builders.id_of(mugs), category=given)

    payload = answer["data"]["categoryUpdate"]
    assert payload["userErrors"] == []
    image = payload["category"]["image"]
    assert (image["altText"], image["width"], image["height"]) == ("Mugs", 40, 30)
    assert Category.objects.filter(pk=mugs.pk, image_width=40, image_height=30).exists()
    name = payload["category"]["image"]["url"].removeprefix("http://localhost:8000/media/")
    assert default_storage.exists(name)
    relay.drain()
    assert default_storage.exists(name)

    taken = execute(UPDATE, as_=sam, id=builders.id_of(mugs), category={"image": None})["categoryUpdate"]
    assert taken["category"]["image"] is None
    relay.drain()
    assert not default_storage.exists(name)


def test_refuses_a_file_that_is_no_picture(upload, sam):
    mugs = builders.a_category("Mugs", image_src="mugs.svg")
    files = {"variables.category.image.file": SimpleUploadedFile("mugs.jpg", b"<svg/>")}

    answer = upload(UPDATE, files, as_=sam, id=builders.id_of(mugs), category={"image": {"file": None}, "title": "New"})

    [error] = answer["data"]["categoryUpdate"]["userErrors"]
    assert (error["code"], error["field"]) == ("NOT_A_PICTURE", ["category", "image", "file"])
    mugs.refresh_from_db()
    assert (mugs.title, mugs.image_src) == ("Mugs", "mugs.svg")
