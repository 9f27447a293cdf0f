"""productUpdate: what is left out stays; a move takes the product's facts along."""

import pytest

from catalog.models import Brand, Product
from tests import builders

UPDATE = """
mutation ($id: ID!, $product: ProductUpdateInput!) {
  productUpdate(id: $id, product: $product) {
    product {
      title handle descriptionHtml vendor productType tags status seo { title description } category { handle }
    }
    userErrors { code field message }
  }
}
"""
FACTS = "query ($handle: String!) { category(handle: $handle) { facts { productCount priceAverage { amount } } } }"


@pytest.fixture
def mug(db):
    return builders.a_product(
        "Mug",
        category=builders.a_category("Mugs"),
        brand="Clay",
        product_type="Mug",
        tags=["old"],
        description_html="<p>Holds tea.</p>",
        seo_title="The mug",
        seo_description="It holds tea",
    )


@pytest.fixture
def update(execute, sam, mug):
    def send(**product):
        return execute(UPDATE, as_=sam, id=builders.id_of(mug), product=product)["productUpdate"]

    return send


def refused(code, field, message):
    return {"product": None, "userErrors": [{"code": code, "field": field, "message": message}]}


def test_changes_what_is_said_and_leaves_the_rest(update):
    payload = update(title="Tall mug", tags=["tall", "clay"], seo={"title": None})

    assert payload == {
        "product": {
            "title": "Tall mug",
            "handle": "mug",
            "descriptionHtml": "<p>Holds tea.</p>",
            "vendor": "Clay",
            "productType": "Mug",
            "tags": ["tall", "clay"],
            "status": "ACTIVE",
            "seo": {"title": None, "description": "It holds tea"},
            "category": {"handle": "mugs"},
        },
        "userErrors": [],
    }


def test_puts_a_field_back_to_its_default_when_it_is_null(update):
    payload = update(handle=None, title="Cup", vendor=None, productType=None, tags=None, descriptionHtml=None, seo=None)

    assert payload["product"] == {
        "title": "Cup",
        "handle": "cup",
        "descriptionHtml": "",
        "vendor": "",
        "productType": "",
        "tags": [],
        "status": "ACTIVE",
        "seo": {"title": None, "description": None},
        "category": {"handle": "mugs"},
    }


def test_is_found_by_its_new_words_and_no_longer_by_the_old(update, execute):
    update(title="Chalice", vendor="Silver")

    found = "query ($query: String!) { products(query: $query) { nodes { title } } }"

    assert execute(found, query="chalice silver") == {"products": {"nodes": [{"title": "Chalice"}]}}
    assert execute(found, query="clay") == {"products": {"nodes": []}}


def test_moves_with_its_facts_to_another_category(update, execute, assert_verified):
    cups = builders.a_category("Cups")

    payload = update(categoryId=builders.id_of(cups))

    assert payload["product"]["category"] == {"handle": "cups"}
    assert execute(FACTS, handle="mugs") == {"category": {"facts": {"productCount": 0, "priceAverage": None}}}
    assert execute(FACTS, handle="cups") == {
        "category": {"facts": {"productCount": 1, "priceAverage": {"amount": "10.00"}}}
    }
    assert_verified()


def test_removes_what_could_run_in_a_browser(update):
    payload = update(descriptionHtml='<p>Hi<img src="x" onerror="steal()"></p><a href="javascript:steal()">go</a>')

    assert payload["product"]["descriptionHtml"] == '<p>Hi<img src="x"></p><a rel="noopener noreferrer">go</a>'


def test_keeps_its_handle_when_told_the_same_again(update):
    assert update(handle="mug")["userErrors"] == []


def test_refuses_a_handle_that_another_product_has(update, mug):
    builders.a_product("Cup")

    payload = update(title="Renamed", vendor="New brand", handle="cup")

    assert payload == refused("HANDLE_TAKEN", ["product", "handle"], 'The handle "cup" is taken; choose another.')
    assert Product.objects.get(pk=mug.pk).title == "Mug"
    assert not Brand.objects.filter(name="New brand").exists()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", None, "This must not be empty."),
        ("title", "x" * 256, "At most 255 characters are allowed; these are 256."),
        ("title", "bell\u0007", "The character U+0007 is not allowed."),
        ("vendor", "x" * 256, "At most 255 characters are allowed; these are 256."),
        ("categoryId", None, "Every product needs a category."),
        ("tags", [f"tag {number}" for number in range(251)], "A product has 250 tags at the most."),
    ],
)
def test_refuses_what_a_product_cannot_be(update, mug, field, value, message):
    payload = update(**{"productType": "Changed", field: value})

    assert payload == refused("INVALID", ["product", field], message)
    assert Product.objects.get(pk=mug.pk).product_type == "Mug"


@pytest.mark.parametrize("category", ["gid://shop/Category/404", "gid://shop/Product/1", "mugs", ""])
def test_refuses_a_category_that_is_not_there(update, mug, category):
    payload = update(categoryId=category)

    assert payload == refused("NOT_FOUND", ["product", "categoryId"], "Category not found.")
    assert Product.objects.get(pk=mug.pk).category.handle == "mugs"


@pytest.mark.parametrize("id_", ["gid://shop/Product/404", "gid://shop/Category/1", "mug"])
def test_refuses_a_product_that_is_not_there(execute, sam, id_):
    payload = execute(UPDATE, as_=sam, id=id_, product={"title": "Ghost"})["productUpdate"]

    assert payload == refused("NOT_FOUND", ["id"], "Product not found.")
