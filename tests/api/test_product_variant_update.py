"""productVariantUpdate: a variant's sku, parcel and price in one currency; facts follow in the same moment."""

from decimal import Decimal

import pytest

from catalog.models import Price, ProductVariant
from tests import builders

UPDATE = """
mutation ($id: ID!, $variant: ProductVariantUpdateInput!) {
  productVariantUpdate(id: $id, variant: $variant) {
    productVariant {
      sku barcode weightGrams requiresShipping price { amount currencyCode } compareAtPrice { amount }
      product { title }
    }
    userErrors { code field message }
  }
}
"""
FACTS = '{ category(handle: "mugs") { facts { productCount onSaleCount priceMin { amount } } } }'


@pytest.fixture
def mug(db):
    product = builders.a_product("Mug", category=builders.a_category("Mugs"), price="8.00")
    variant = product.variants.get()
    ProductVariant.objects.filter(pk=variant.pk).update(sku="MUG", barcode="123", weight_grams=300)
    return ProductVariant.objects.get(pk=variant.pk)


@pytest.fixture
def update(execute, sam, mug):
    def send(**variant):
        return execute(UPDATE, as_=sam, id=builders.id_of(mug), variant=variant)["productVariantUpdate"]

    return send


def prices():
    return {price.currency: (price.amount, price.compare_at) for price in Price.objects.select_related("price_list")}


def refused(code, field, message):
    return {"productVariant": None, "userErrors": [{"code": code, "field": field, "message": message}]}


def test_changes_what_is_said_and_leaves_the_rest(update, execute, assert_verified):
    payload = update(price="6.00", compareAtPrice="8.00", sku="MUG-2", requiresShipping=False)

    assert payload == {
        "productVariant": {
            "sku": "MUG-2",
            "barcode": "123",
            "weightGrams": 300,
            "requiresShipping": False,
            "price": {"amount": "6.00", "currencyCode": "USD"},
            "compareAtPrice": {"amount": "8.00"},
            "product": {"title": "Mug"},
        },
        "userErrors": [],
    }
    assert execute(FACTS) == {
        "category": {"facts": {"productCount": 1, "onSaleCount": 1, "priceMin": {"amount": "6.00"}}}
    }
    assert_verified()


def test_puts_a_field_back_to_its_default_when_it_is_null(update, execute, assert_verified):
    update(compareAtPrice="9.00", requiresShipping=False)

    payload = update(compareAtPrice=None, barcode=None, weightGrams=None, requiresShipping=None)

    assert payload["productVariant"] == {
        "sku": "MUG",
        "barcode": None,
        "weightGrams": 0,
        "requiresShipping": True,
        "price": {"amount": "8.00", "currencyCode": "USD"},
        "compareAtPrice": None,
        "product": {"title": "Mug"},
    }
    assert execute(FACTS)["category"]["facts"]["onSaleCount"] == 0
    assert_verified()


def test_prices_it_in_another_currency_and_leaves_the_first(update, assert_verified):
    payload = update(price="900", compareAtPrice="1000", currency="JPY")

    assert payload["userErrors"] == []
    assert prices() == {"USD": (Decimal("8.0000"), None), "JPY": (Decimal("900.0000"), Decimal("1000.0000"))}
    assert_verified()


def test_is_found_by_its_new_sku(update, execute):
    update(sku="CHALICE-1")

    assert execute('{ products(query: "chalice") { nodes { title } } }') == {"products": {"nodes": [{"title": "Mug"}]}}


@pytest.mark.parametrize(
    ("variant", "field", "message"),
    [
        ({"price": "-1"}, "price", "A price must be zero or more."),
        ({"price": "8.005"}, "price", "A price in USD has 2 decimals at the most."),
        ({"price": "8.5", "currency": "JPY"}, "price", "A price in JPY has 0 decimals at the most."),
        ({"price": "1000000000000"}, "price", "A price may be 999999999999 at the most."),
        ({"price": None}, "price", "A price is needed, such as 19.90."),
        ({"compareAtPrice": "-1"}, "compareAtPrice", "A price must be zero or more."),
        ({"compareAtPrice": "9", "currency": "EUR"}, "price", "MUG has no price in EUR yet; give one."),
        ({"sku": None}, "sku", "This must not be empty."),
        ({"sku": "MUG\u0000"}, "sku", "The character U+0000 is not allowed."),
        ({"sku": "x" * 256}, "sku", "At most 255 characters are allowed; these are 256."),
        ({"weightGrams": -1}, "weightGrams", "A weight is from 0 to 1000000000 grams."),
    ],
)
def test_refuses_what_a_variant_cannot_be(update, mug, variant, field, message, assert_verified):
    payload = update(**{"barcode": "changed", **variant})

    assert payload == refused("INVALID", ["variant", field], message)
    assert prices() == {"USD": (Decimal("8.0000"), None)}
    assert ProductVariant.objects.get(pk=mug.pk).barcode == "123"
    assert_verified()


def test_refuses_a_sku_that_another_variant_has(update, mug):
    builders.a_variant("CUP")

    payload = update(sku="CUP", price="1.00")

    assert payload == refused("SKU_TAKEN", ["variant", "sku"], 'The sku "CUP" is taken; choose another.')
    assert ProductVariant.objects.get(pk=mug.pk).sku == "MUG"
    assert Price.objects.get(variant=mug).amount == Decimal("8.00")


@pytest.mark.parametrize("id_", ["gid://shop/ProductVariant/404", "gid://shop/Product/1", "mug"])
def test_refuses_a_variant_that_is_not_there(execute, sam, id_):
    payload = execute(UPDATE, as_=sam, id=id_, variant={"sku": "GHOST"})["productVariantUpdate"]

    assert payload == refused("NOT_FOUND", ["id"], "ProductVariant not found.")
