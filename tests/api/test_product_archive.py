"""productArchive: a product goes off sale, out of every list and all facts, and staff can still read it."""

import pytest

from tests import builders

ARCHIVE = """
mutation ($id: ID!) { productArchive(id: $id) { product { title status } userErrors { code field message } } }
"""
FACTS = '{ category(handle: "mugs") { facts { productCount priceMin { amount } } products { totalCount } } }'


@pytest.mark.parametrize("status", ["ACTIVE", "DRAFT", "ARCHIVED"])
def test_takes_a_product_off_sale(execute, sam, status, assert_verified):
    mugs = builders.a_category("Mugs")
    mug = builders.a_product("Mug", category=mugs, price="8.00", status=status)
    builders.a_product("Cup", category=mugs, price="9.00")

    payload = execute(ARCHIVE, as_=sam, id=builders.id_of(mug))["productArchive"]

    assert payload == {"product": {"title": "Mug", "status": "ARCHIVED"}, "userErrors": []}
    assert execute('{ product(handle: "mug") { title } }') == {"product": None}
    assert execute(FACTS) == {
        "category": {"facts": {"productCount": 1, "priceMin": {"amount": "9.00"}}, "products": {"totalCount": 1}}
    }
    assert_verified()


@pytest.mark.parametrize("id_", ["gid://shop/Product/404", "gid://shop/Category/1", "mug"])
def test_refuses_a_product_that_is_not_there(execute, sam, id_):
    payload = execute(ARCHIVE, as_=sam, id=id_)["productArchive"]

    assert payload == {
        "product": None,
        "userErrors": [{"code": "NOT_FOUND", "field": ["id"], "message": "Product not found."}],
    }
