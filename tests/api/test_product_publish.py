"""productPublish: a product goes on sale once something of it has a price."""

import pytest

from catalog.models import Product
from shop import clock
from tests import builders

PUBLISH = """
mutation ($id: ID!) {
  productPublish(id: $id) { product { status availableForSale } userErrors { code field message } }
}
"""
FACTS = '{ category(handle: "mugs") { facts { productCount priceMin { amount } } } }'


@pytest.mark.parametrize("status", ["DRAFT", "ARCHIVED", "ACTIVE"])
def test_offers_a_product_for_sale(execute, sam, status, assert_verified):
    mug = builders.a_product("Mug", category=builders.a_category("Mugs"), price="8.00", status=status)

    payload = execute(PUBLISH, as_=sam, id=builders.id_of(mug))["productPublish"]

    assert payload == {"product": {"status": "ACTIVE", "availableForSale": True}, "userErrors": []}
    assert execute('{ product(handle: "mug") { title } }') == {"product": {"title": "Mug"}}
    assert execute(FACTS) == {"category": {"facts": {"productCount": 1, "priceMin": {"amount": "8.00"}}}}
    assert_verified()


def test_remembers_when_it_was_first_for_sale(execute, sam):
    first = clock.now()
    mug = builders.a_product(status="ARCHIVED", published_at=first)
    cup = builders.a_product(status="DRAFT")

    execute(PUBLISH, as_=sam, id=builders.id_of(mug))
    execute(PUBLISH, as_=sam, id=builders.id_of(cup))

    assert Product.objects.get(pk=mug.pk).published_at == first
    assert Product.objects.get(pk=cup.pk).published_at is not None


def test_refuses_a_product_without_a_price(execute, sam):
    mug = builders.a_product(price=None, status="DRAFT")

    payload = execute(PUBLISH, as_=sam, id=builders.id_of(mug))["productPublish"]

    assert payload == {
        "product": None,
        "userErrors": [
            {
                "code": "PRODUCT_NOT_PRICED",
                "field": ["id"],
                "message": "Give at least one of its variants a price first.",
            }
        ],
    }
    assert Product.objects.get().status == "DRAFT"


@pytest.mark.parametrize("id_", ["gid://shop/Product/404", "gid://shop/Category/1", "mug"])
def test_refuses_a_product_that_is_not_there(execute, sam, id_):
    payload = execute(PUBLISH, as_=sam, id=id_)["productPublish"]

    assert payload == {
        "product": None,
        "userErrors": [{"code": "NOT_FOUND", "field": ["id"], "message": "Product not found."}],
    }
