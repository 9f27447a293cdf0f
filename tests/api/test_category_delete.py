"""categoryDelete: an empty branch goes as a whole; one with products stays, and staff learn what to do."""

import pytest

from catalog.models import Category, ListHandle
from tests import builders

DELETE = """
mutation ($id: ID!) { categoryDelete(id: $id) { deletedCategoryId userErrors { code field message } } }
"""


def test_removes_the_category_and_what_is_below(execute, sam, assert_verified):
    home = builders.a_category("Home")
    pots = builders.a_category("Pots", parent=home)
    builders.a_category("Clay", parent=pots)

    payload = execute(DELETE, as_=sam, id=builders.id_of(pots))["categoryDelete"]

    assert payload == {"deletedCategoryId": builders.id_of(pots), "userErrors": []}
    assert list(Category.objects.values_list("handle", "numchild")) == [("home", 0)]
    assert list(ListHandle.objects.values_list("handle", flat=True)) == ["home"]
    assert_verified()


def test_frees_its_handle(execute, sam):
    execute(DELETE, as_=sam, id=builders.id_of(builders.a_category("Pots")))

    again = 'mutation { categoryCreate(category: {title: "Pots"}) { category { handle } } }'

    assert execute(again, as_=sam) == {"categoryCreate": {"category": {"handle": "pots"}}}


def test_removes_a_category_whose_products_have_moved_away(execute, sam, assert_verified):
    pots, vases = builders.a_category("Pots"), builders.a_category("Vases")
    product = builders.a_product(category=pots)
    move = """mutation ($id: ID!, $to: ID!) {
      productUpdate(id: $id, product: {categoryId: $to}) { userErrors { code } }
    }"""
    execute(move, as_=sam, id=builders.id_of(product), to=builders.id_of(vases))

    payload = execute(DELETE, as_=sam, id=builders.id_of(pots))["categoryDelete"]

    assert payload["userErrors"] == []
    assert list(Category.objects.values_list("handle", flat=True)) == ["vases"]
    assert_verified()


@pytest.mark.parametrize(
    ("statuses", "held"),
    [(["ACTIVE"], "1 product stands"), (["DRAFT", "ARCHIVED", "ACTIVE"], "3 products stand")],
)
def test_refuses_while_products_stand_there_or_below(execute, sam, statuses, held, assert_verified):
    pots = builders.a_category("Pots")
    clay = builders.a_category("Clay", parent=pots)
    for status in statuses:
        builders.a_product(category=clay, status=status)

    payload = execute(DELETE, as_=sam, id=builders.id_of(pots))["categoryDelete"]

    assert payload == {
        "deletedCategoryId": None,
        "userErrors": [
            {
                "code": "CATEGORY_NOT_EMPTY",
                "field": ["id"],
                "message": f"{held} in Pots or below it, drafts and archived ones included. Move them to another "
                "category first, or make this one inactive to hide its branch.",
            }
        ],
    }
    assert Category.objects.count() == 2
    assert_verified()


@pytest.mark.parametrize("id_", ["gid://shop/Category/404", "gid://shop/Product/1", ""])
def test_refuses_what_is_not_there(execute, sam, id_):
    payload = execute(DELETE, as_=sam, id=id_)["categoryDelete"]

    assert payload == {
        "deletedCategoryId": None,
        "userErrors": [{"code": "NOT_FOUND", "field": ["id"], "message": "Category not found."}],
    }
