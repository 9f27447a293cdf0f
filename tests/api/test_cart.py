"""cart(id) and node(id) of a cart: for who knows its secret, while it is open."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Price, ProductStatus
from checkout.models import Cart
from shop import clock
from tests import builders
from tests.api.cart_documents import READ

WARNED = """
mutation ($id: ID!) { cartNoteUpdate(cartId: $id, note: "") { warnings { code message } userErrors { code } } }
"""
FULL = """
query ($id: ID!) {
  cart(id: $id) {
    cost { totalAmount { amount } }
    buyerIdentity { customer { email } }
    delivery { addresses { address { city } } }
    deliveryGroups { nodes { deliveryAddress { city } deliveryOptions { handle } } }
    lines(first: 100) {
      edges {
        node {
          id
          merchandise {
            ... on ProductVariant {
              title
              selectedOptions { name value }
              product { handle featuredImage { url } category { title } variants(first: 3) { nodes { sku } } }
            }
          }
        }
      }
    }
  }
}
"""


def test_is_what_was_put_into_it(execute):
    mug = builders.a_variant("MUG", price="12.50")
    cart = builders.a_cart((mug, 2), note="Ring twice.", country="US")

    assert execute(READ, id=builders.id_of(cart))["cart"] == {
        "id": builders.id_of(cart),
        "note": "Ring twice.",
        "totalQuantity": 2,
        "attributes": [],
        "cost": {
            "subtotalAmount": {"amount": "25.00", "currencyCode": "USD"},
            "totalAmount": {"amount": "25.00"},
            "totalTaxAmount": {"amount": "0.00"},
        },
        "buyerIdentity": {"email": "ada@example.com", "phone": None, "countryCode": "US", "customer": None},
        "lines": {
            "nodes": [
                {
                    "quantity": 2,
                    "attributes": [],
                    "cost": {
                        "amountPerQuantity": {"amount": "12.50"},
                        "compareAtAmountPerQuantity": None,
                        "subtotalAmount": {"amount": "25.00"},
                        "totalAmount": {"amount": "25.00"},
                    },
                    "merchandise": {"id": builders.id_of(mug), "title": "Default Title"},
                }
            ]
        },
    }


def test_is_priced_as_the_catalog_is_now(execute):
    mug = builders.a_variant("MUG", price="12.50")
    cart = builders.a_cart((mug, 2))
    Price.objects.update(amount="11.00", compare_at="12.50")

    found = execute(READ, id=builders.id_of(cart))["cart"]

    assert found["cost"]["totalAmount"]["amount"] == "22.00"
    assert found["lines"]["nodes"][0]["cost"]["compareAtAmountPerQuantity"] == {"amount": "12.50"}


def test_counts_nothing_for_what_is_no_longer_sold_and_warns(execute):
    mug, tea = builders.a_variant("MUG", title="Mug"), builders.a_variant("TEA", price="3.00")
    cart = builders.a_cart((mug, 2), (tea, 1))
    type(mug.product).objects.filter(pk=mug.product_id).update(status=ProductStatus.ARCHIVED)

    found = execute(READ, id=builders.id_of(cart))["cart"]

    assert found["cost"]["totalAmount"]["amount"] == "3.00"
    assert [line["cost"]["totalAmount"]["amount"] for line in found["lines"]["nodes"]] == ["0.00", "3.00"]
    assert execute(WARNED, id=builders.id_of(cart))["cartNoteUpdate"]["warnings"] == [
        {"code": "MERCHANDISE_NOT_SOLD", "message": "Mug is no longer sold. Remove it to check out."}
    ]


def test_knows_the_tail_of_the_id_in_any_namespace(execute):
    cart = builders.a_cart()

    assert execute(READ, id=f"gid://shopify/Cart/{cart.secret}")["cart"]["id"] == builders.id_of(cart)


@pytest.mark.parametrize(
    "id",
    ["gid://shop/Cart/0", "gid://shop/Cart/", "gid://shop/Order/1", "nonsense", "", "gid://shop/Cart/" + "a" * 999],
)
def test_is_null_for_an_unknown_or_malformed_id(execute, id):
    assert execute(READ, id=id) == {"cart": None}
    assert execute("query ($id: ID!) { node(id: $id) { id } }", id=id) == {"node": None}


def test_is_null_once_it_is_completed_or_expired(execute, settings):
    completed = builders.a_cart(completed_at=clock.now())
    expired = builders.a_cart(updated_at=clock.now() - settings.CART_LIFETIME)
    alive = builders.a_cart(updated_at=clock.now() - settings.CART_LIFETIME + timedelta(minutes=1))

    assert [execute(READ, id=builders.id_of(cart))["cart"] for cart in (completed, expired)] == [None, None]
    assert execute(READ, id=builders.id_of(alive))["cart"]["id"] == builders.id_of(alive)


def test_cannot_be_changed_once_it_is_completed(execute):
    cart = builders.a_cart(completed_at=clock.now(), note="Before")

    payload = execute(WARNED, id=builders.id_of(cart))["cartNoteUpdate"]

    assert payload["userErrors"] == [{"code": "NOT_FOUND"}]
    assert Cart.objects.get().note == "Before"


def test_is_read_by_node_too(execute):
    cart, other = builders.a_cart((builders.a_variant("MUG"), 2)), builders.a_cart()
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Cart { totalQuantity } } }"

    found = execute(document, ids=[builders.id_of(cart), "gid://shop/Cart/0", builders.id_of(other)])["nodes"]

    assert found == [
        {"id": builders.id_of(cart), "totalQuantity": 2},
        None,
        {"id": builders.id_of(other), "totalQuantity": 0},
    ]


def test_pages_its_lines(execute):
    cart = builders.a_cart(*[(builders.a_variant(sku), 1) for sku in ("A", "B", "C")])
    document = """
    query ($id: ID!, $after: String) {
      cart(id: $id) {
        lines(first: 2, after: $after) {
          nodes { merchandise { ... on ProductVariant { sku } } } pageInfo { hasNextPage endCursor }
        }
      }
    }
    """

    first = execute(document, id=builders.id_of(cart))["cart"]["lines"]
    second = execute(document, id=builders.id_of(cart), after=first["pageInfo"]["endCursor"])["cart"]["lines"]

    skus = [line["merchandise"]["sku"] for page in (first, second) for line in page["nodes"]]
    assert skus == ["A", "B", "C"]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


def test_costs_the_same_however_full_the_cart(execute, alice):
    builders.a_shipping_method()
    variants = [builders.a_product(variants=2, images=1).variants.get(position=0) for _ in range(20)]
    small, large = (builders.a_ready_cart(*[(one, 1) for one in variants[:size]], owner=alice) for size in (1, 20))

    def cost(cart) -> int:
        with CaptureQueriesContext(connection) as queries:
            execute(FULL, as_=alice, id=builders.id_of(cart))
        return len(queries)

    assert cost(large) == cost(small)
