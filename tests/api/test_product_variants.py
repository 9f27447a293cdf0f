"""productVariantsAdd, productVariantsRemove, productDelete: what can be bought, and everything that knew it."""

import pytest

from accounts.actors import SYSTEM
from catalog.models import Offer, Price, Product, ProductOption, ProductVariant, StockMovement
from catalog.models.attribute import AttributeKind
from checkout import fulfilment
from checkout.fulfilment import Tracking
from checkout.models import CartLine, OrderLine
from tests import builders

ADD = """
mutation ($id: ID!, $variants: [ProductVariantInput!]!) {
  productVariantsAdd(productId: $id, variants: $variants) {
    product { options { name values } variants(first: 9) { nodes { sku title quantityAvailable price { amount } } } }
    userErrors { code field message }
  }
}
"""
REMOVE = """
mutation ($id: ID!, $variants: [ID!]!) {
  productVariantsRemove(productId: $id, variantIds: $variants) {
    product { options { values } variants(first: 9) { nodes { sku } } }
    userErrors { code field message }
  }
}
"""
DELETE = "mutation ($id: ID!) { productDelete(id: $id) { deletedProductId userErrors { code field message } } }"
FACTS = """
{
  category(handle: "shirts") { facts { productCount priceMin { amount } } }
  search(query: "linen", first: 1) { totalCount }
}
"""


@pytest.fixture
def shirt(db):
    return builders.a_product("Linen Shirt", category=builders.a_category("Shirts"), price="30.00", variants=2)


@pytest.fixture
def add(execute, sam, shirt):
    def send(*variants, to=None):
        given = [{"price": "25.00", **one} for one in variants]
        return execute(ADD, as_=sam, id=builders.id_of(to or shirt), variants=given)["productVariantsAdd"]

    return send


@pytest.fixture
def remove(execute, sam, shirt):
    def send(*variants, of=None):
        ids = [builders.id_of(one) for one in variants]
        return execute(REMOVE, as_=sam, id=builders.id_of(of or shirt), variants=ids)["productVariantsRemove"]

    return send


@pytest.fixture
def delete(execute, sam):
    def send(product):
        return execute(DELETE, as_=sam, id=builders.id_of(product))["productDelete"]

    return send


def sized(value):
    return [{"name": "Size", "value": value}]


def variants_of(product):
    return list(ProductVariant.objects.filter(product=product).order_by("position"))


def all_there_is():
    kinds = (Product, ProductOption, ProductVariant, Price, Offer, StockMovement, CartLine)
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]


def refused(code, field, message, of="product"):
    return {of: None, "userErrors": [{"code": code, "field": field, "message": message}]}


def test_adds_sizes_behind_those_there_are(add, execute, shirt, assert_verified):
    payload = add(
        {"sku": "XL", "optionValues": sized("XL"), "inventoryQuantity": 4}, {"sku": "XXL", "optionValues": sized("XXL")}
    )

    first, second = (variant.sku for variant in variants_of(shirt)[:2])
    assert payload == {
        "product": {
            "options": [{"name": "Size", "values": ["1", "2", "XL", "XXL"]}],
            "variants": {
                "nodes": [
                    {"sku": first, "title": "1", "quantityAvailable": 5, "price": {"amount": "30.00"}},
                    {"sku": second, "title": "2", "quantityAvailable": 5, "price": {"amount": "30.00"}},
                    {"sku": "XL", "title": "XL", "quantityAvailable": 4, "price": {"amount": "25.00"}},
                    {"sku": "XXL", "title": "XXL", "quantityAvailable": 0, "price": {"amount": "25.00"}},
                ]
            },
        },
        "userErrors": [],
    }
    assert execute(FACTS) == {
        "category": {"facts": {"productCount": 1, "priceMin": {"amount": "25.00"}}},
        "search": {"totalCount": 1},
    }
    assert_verified()


@pytest.mark.parametrize(
    ("said", "code", "field", "message"),
    [
        ({"sku": "SKU", "optionValues": sized("XL")}, "SKU_TAKEN", ["sku"], 'The sku "SKU" is taken; choose another.'),
        (
            {"sku": "N", "optionValues": sized("1")},
            "INVALID",
            ["optionValues"],
            "Another variant has the same options.",
        ),
        (
            {"sku": "N"},
            "INVALID",
            ["optionValues"],
            "Every option needs a value; there is none of Size.",
        ),
        (
            {"sku": "N", "optionValues": [*sized("XL"), {"name": "Cut", "value": "slim"}]},
            "INVALID",
            ["optionValues", "1", "name"],
            "The product has no such option.",
        ),
        (
            {"sku": "N", "optionValues": sized("")},
            "INVALID",
            ["optionValues", "0", "value"],
            "This must not be empty.",
        ),
        (
            {"sku": "N", "optionValues": sized("XL"), "price": "-1"},
            "INVALID",
            ["price"],
            "A price must be zero or more.",
        ),
    ],
)
def test_refuses_a_variant_and_says_why(add, shirt, said, code, field, message):
    builders.a_variant("SKU")
    before = all_there_is()

    assert add(said) == refused(code, ["variants", "0", *field], message)

    assert all_there_is() == before


def test_refuses_more_than_250_in_all(add, shirt):
    payload = add(*({"sku": f"S{size}", "optionValues": sized(f"S{size}")} for size in range(249)))

    message = "A product has 250 variants at the most; this one has 2."
    assert payload == refused("INVALID", ["variants"], message)


def test_refuses_a_product_that_comes_in_one_way(add, shirt):
    payload = add({"sku": "N"}, to=builders.a_product("Hat"))

    message = "This product comes in one way; give it options with `productBulkUpsert` first."
    assert payload == refused("INVALID", ["variants"], message)


def test_a_variant_says_what_it_is(execute, sam, add, shirt):
    weave = builders.an_attribute("Weave", AttributeKind.TEXT, on=shirt.category)
    said = {"sku": "XL", "optionValues": sized("XL"), "attributes": [{"handle": "weave", "text": "twill"}]}

    assert add(said)["userErrors"] == []

    assert list(weave.values.values_list("variant__sku", "text")) == [("XL", "twill")]


@pytest.mark.django_db(transaction=True)
def test_removes_a_size_from_shop_and_carts(remove, shirt, assert_verified):
    first, second = variants_of(shirt)
    bought = builders.an_order((second, 1))
    fulfilment.create(order_key=bought.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    cart = builders.a_cart((first, 1), (second, 1))

    payload = remove(second)

    assert payload == {
        "product": {"options": [{"values": ["1"]}], "variants": {"nodes": [{"sku": first.sku}]}},
        "userErrors": [],
    }
    assert [line.variant_id for line in CartLine.objects.filter(cart=cart)] == [first.pk]
    assert [(line.sku, line.variant_id) for line in OrderLine.objects.all()] == [(second.sku, None)]
    assert_verified()


@pytest.mark.django_db(transaction=True)
def test_refuses_what_an_order_waits_for(remove, delete, shirt):
    _, second = variants_of(shirt)
    builders.an_order((second, 2))
    before = all_there_is()
    message = f"2 of {second.sku} are held for orders; stock cannot go below that."

    assert remove(second) == refused("STOCK_TAKEN", ["variantIds"], message)
    assert delete(shirt) == refused("STOCK_TAKEN", ["id"], message, of="deletedProductId")

    assert all_there_is() == before


def test_refuses_to_leave_none(remove, shirt):
    message = "A product has at least one variant; archive it, or delete it, instead."

    assert remove(*variants_of(shirt)) == refused("LAST_VARIANT", ["variantIds"], message)


def test_refuses_variants_of_others_and_named_twice(remove, shirt):
    first, _ = variants_of(shirt)

    assert remove(builders.a_variant(), first, first)["userErrors"] == [
        {"code": "NOT_FOUND", "field": ["variantIds", "0"], "message": "ProductVariant not found."},
        {"code": "INVALID", "field": ["variantIds", "2"], "message": "Name each variant once."},
    ]
    assert remove() == refused("INVALID", ["variantIds"], "Name 1 to 250 variants; these are 0.")


@pytest.mark.django_db(transaction=True)
def test_a_bundle_without_its_part_is_sold_no_longer(remove, execute, shirt, assert_verified):
    _, second = variants_of(shirt)
    outfit = builders.a_bundle((second, 1), title="Outfit")

    assert remove(second)["userErrors"] == []

    seen = execute('{ product(handle: "outfit") { availableForSale } }')
    assert (seen, outfit.parts.get().part_id) == ({"product": {"availableForSale": False}}, None)
    assert_verified()


def test_removes_a_product_from_lists_and_facts(delete, execute, shirt, assert_verified):
    other = builders.a_product("Linen Towel", category=shirt.category, price="12.00")
    builders.a_cart((variants_of(shirt)[0], 1))

    assert delete(shirt) == {"deletedProductId": builders.id_of(shirt), "userErrors": []}

    assert execute('{ product(handle: "linen-shirt") { title } }') == {"product": None}
    assert execute(FACTS) == {
        "category": {"facts": {"productCount": 1, "priceMin": {"amount": "12.00"}}},
        "search": {"totalCount": 1},
    }
    assert list(Product.objects.all()) == [other]
    assert not CartLine.objects.exists()
    assert_verified()


def test_refuses_products_that_are_not_there(delete, remove, add, shirt):
    gone = Product(pk=404)

    not_there = refused("NOT_FOUND", ["productId"], "Product not found.")
    assert delete(gone) == refused("NOT_FOUND", ["id"], "Product not found.", of="deletedProductId")
    assert remove(variants_of(shirt)[0], of=gone) == not_there
    assert add({"sku": "N"}, to=gone) == not_there


@pytest.mark.parametrize("operation", [ADD, REMOVE, DELETE])
def test_is_for_staff_who_keep_the_catalog(request_graphql, shirt, alice, operation):
    before = all_there_is()
    sent = {"id": builders.id_of(shirt), "variants": []}

    answer = request_graphql(operation, as_=alice, **{name: sent[name] for name in sent if f"${name}" in operation})

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert all_there_is() == before
