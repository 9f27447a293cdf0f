"""Bundles in carts and orders: bought as one, taken from the stock of their parts, remembered as they were."""

import pytest

from catalog import bundles, products
from catalog.models import BundlePricing, StockHold, StockLevel, StockMovement
from checkout.models import OrderLine
from tests import builders

ADD = """
mutation ($cart: ID!, $lines: [CartLineInput!]!) {
  cartLinesAdd(cartId: $cart, lines: $lines) {
    cart {
      totalQuantity cost { totalAmount { amount } }
      lines(first: 9) {
        nodes {
          __typename quantity merchandise { ... on ProductVariant { sku } } cost { totalAmount { amount } }
          ... on ComponentizableCartLine {
            lineComponents {
              quantity merchandise { ... on ProductVariant { sku } } cost { totalAmount { amount } }
            }
          }
        }
      }
    }
    userErrors { code field message }
    warnings { code message }
  }
}
"""
CART = """
query ($id: ID!) {
  cart(id: $id) {
    lines(first: 50) {
      nodes {
        id
        ... on ComponentizableCartLine { lineComponents { id merchandise { ... on ProductVariant { sku } } } }
      }
    }
  }
}
"""
COMPLETE = """
mutation ($cart: ID!) {
  checkoutComplete(cartId: $cart, payment: {gateway: "test"}) {
    order {
      lineItems(first: 9) { nodes { sku quantity components { sku title quantity variant { sku } } } }
    }
    userErrors { code field message }
  }
}
"""
CANCEL = 'mutation ($id: ID!) { orderCancel(id: $id, reason: "") { userErrors { message } } }'
SEND = """
mutation ($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { order { fulfillmentStatus } userErrors { code message } }
}
"""
TOGETHER = """
query ($first: Int!) {
  products(first: $first) {
    nodes {
      variants(first: 1) {
        nodes {
          components(first: 5) { nodes { quantity productVariant { sku } } }
          groupedBy(first: 5) { nodes { sku } }
          currentlyNotInStock
        }
      }
    }
  }
}
"""


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", stock=7, price="8.00", title="Mug")


@pytest.fixture
def tea(db):
    return builders.a_variant("TEA", stock=5, price="3.50", title="Tea")


@pytest.fixture
def box(mug, tea):
    """A bundle of three mugs and one tea at its own price, of which two can be sold."""
    return builders.a_bundle((mug, 3), (tea, 1), price="20.00", title="Box")


@pytest.fixture
def add(execute):
    def send(cart, *lines):
        wanted = [{"merchandiseId": builders.id_of(variant), "quantity": quantity} for variant, quantity in lines]
        return execute(ADD, cart=builders.id_of(cart), lines=wanted)["cartLinesAdd"]

    return send


def levels():
    """(on hand, held) by sku of what has stock."""
    rows = StockLevel.objects.filter(on_hand__gt=0).values_list("variant__sku", "on_hand", "reserved")
    return {sku: (on_hand, reserved) for sku, on_hand, reserved in rows}


def test_a_line_tells_what_it_is_made_of_and_has_the_price(add, box, mug):
    payload = add(builders.a_cart(), (box, 1), (mug, 1))

    nothing = {"totalAmount": {"amount": "0.00"}}
    assert payload["userErrors"] == payload["warnings"] == []
    assert payload["cart"]["cost"]["totalAmount"]["amount"] == "28.00"
    assert payload["cart"]["totalQuantity"] == 2
    bundle, plain = payload["cart"]["lines"]["nodes"]
    assert plain["__typename"] == "CartLine"
    assert (bundle["__typename"], bundle["merchandise"]["sku"]) == ("ComponentizableCartLine", box.sku)
    assert bundle["cost"] == {"totalAmount": {"amount": "20.00"}}
    assert bundle["lineComponents"] == [
        {"quantity": 3, "merchandise": {"sku": "MUG"}, "cost": nothing},
        {"quantity": 1, "merchandise": {"sku": "TEA"}, "cost": nothing},
    ]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ([("box", 3)], "Only 2 of BOX left."),
        ([("box", 2), ("mug", 2)], "Only 7 of MUG left."),
        ([("mug", 5), ("box", 1)], "Only 7 of MUG left."),
    ],
)
def test_refuses_more_than_the_parts_of_all_lines_together_allow(add, box, mug, wanted, message):
    type(box).objects.filter(pk=box.pk).update(sku="BOX")
    cart, named = builders.a_cart(), {"box": box, "mug": mug}

    payload = add(cart, *[(named[name], quantity) for name, quantity in wanted])

    assert payload["userErrors"] == [{"code": "INSUFFICIENT_STOCK", "field": ["lines"], "message": message}]
    assert not cart.lines.exists()


def test_warns_of_what_lines_take_from_each_other(add, box, mug, tea):
    cart = builders.a_cart((box, 1), (mug, 5))

    payload = add(cart, (tea, 1))

    assert [(one["code"], one["message"]) for one in payload["warnings"]] == [
        ("MERCHANDISE_NOT_ENOUGH_STOCK", "Only 7 of Mug left, of which Box is made too."),
        ("MERCHANDISE_NOT_ENOUGH_STOCK", "Only 7 of Mug left."),
    ]


def test_an_order_holds_the_parts_and_remembers_them(execute, box, mug, tea, assert_verified):
    cart = builders.a_ready_cart((box, 2), (mug, 1))

    payload = execute(COMPLETE, cart=builders.id_of(cart))["checkoutComplete"]

    assert payload["userErrors"] == []
    bundle, plain = payload["order"]["lineItems"]["nodes"]
    assert bundle == {
        "sku": box.sku,
        "quantity": 2,
        "components": [
            {"sku": "MUG", "title": "Mug", "quantity": 6, "variant": {"sku": "MUG"}},
            {"sku": "TEA", "title": "Tea", "quantity": 2, "variant": {"sku": "TEA"}},
        ],
    }
    assert plain["components"] == []
    assert levels() == {"MUG": (7, 7), "TEA": (5, 2)}
    assert set(StockHold.objects.values_list("variant__sku", flat=True)) == {"MUG", "TEA"}
    assert_verified()


def test_a_change_of_the_bundle_does_not_change_what_was_sold(execute, sam, box, mug, tea, assert_verified):
    order = builders.an_order((box, 2))
    bundles.set_parts(
        variant_id=box.pk, pricing=BundlePricing.OWN, parts=[bundles.NewPart(variant_id=tea.pk, quantity=1)]
    )
    line = builders.id_of(order.lines.get())

    part = execute(
        SEND,
        as_=sam,
        fulfillment={"orderId": builders.id_of(order), "lines": [{"orderLineItemId": line, "quantity": 1}]},
    )["fulfillmentCreate"]

    assert part == {"order": {"fulfillmentStatus": "PARTIALLY_FULFILLED"}, "userErrors": []}
    assert levels() == {"MUG": (4, 3), "TEA": (4, 1)}
    rest = execute(SEND, as_=sam, fulfillment={"orderId": builders.id_of(order)})["fulfillmentCreate"]
    assert rest == {"order": {"fulfillmentStatus": "FULFILLED"}, "userErrors": []}
    assert levels() == {"MUG": (1, 0), "TEA": (3, 0)}
    assert StockMovement.objects.filter(kind="SALE", reference=f"order:{order.key}").count() == 4
    assert_verified()


def test_a_cancelled_order_gives_the_parts_back(execute, sam, box, assert_verified):
    order = builders.an_order((box, 2))
    assert levels() == {"MUG": (7, 6), "TEA": (5, 2)}

    assert execute(CANCEL, as_=sam, id=builders.id_of(order))["orderCancel"]["userErrors"] == []

    assert levels() == {"MUG": (7, 0), "TEA": (5, 0)}
    assert_verified()


def test_a_bundle_that_lost_a_part_cannot_be_bought(execute, add, box, tea):
    cart = builders.a_ready_cart((box, 1))
    products.archive(product_id=tea.product_id)

    payload = execute(COMPLETE, cart=builders.id_of(cart))["checkoutComplete"]
    added = add(builders.a_cart(), (box, 1))

    assert [(error["code"], error["message"]) for error in payload["userErrors"]] == [
        ("MERCHANDISE_NOT_SOLD", "Box is no longer sold; remove it.")
    ]
    assert [error["message"] for error in added["userErrors"]] == [f"{box.sku} is out of stock."]
    assert not OrderLine.objects.exists()
    assert levels() == {"MUG": (7, 0), "TEA": (5, 0)}


def test_what_is_bought_in_advance_makes_its_bundle_wait(execute, box, mug, tea):
    StockLevel.objects.filter(variant=tea).update(on_hand=0, backorder_limit=4, expected_at="2026-05-01T00:00:00Z")
    document = '{ product(handle: "box") { variants { nodes { currentlyNotInStock expectedAt quantityAvailable } } } }'

    [variant] = execute(document)["product"]["variants"]["nodes"]

    assert variant == {
        "currentlyNotInStock": True,
        "expectedAt": "2026-05-01T00:00:00+00:00",
        "quantityAvailable": 2,
    }


@pytest.mark.parametrize("size", [1, 20])
def test_reading_bundles_costs_the_same_however_many(execute, size, django_assert_num_queries):
    mug = builders.a_variant("MUG", stock=90)
    for _ in range(size):
        builders.a_bundle((mug, 1), (builders.a_variant(stock=9), 1))

    with django_assert_num_queries(9):
        found = execute(TOGETHER, first=50)["products"]["nodes"]

    made = [one for product in found for one in product["variants"]["nodes"] if one["components"]["nodes"]]
    assert len(made) == size


@pytest.mark.parametrize("size", [1, 20])
def test_a_cart_of_bundles_costs_the_same_however_many(execute, size, django_assert_num_queries):
    mug = builders.a_variant("MUG", stock=90)
    cart = builders.a_cart(*[(builders.a_bundle((mug, 1)), 1) for _ in range(size)])

    with django_assert_num_queries(5):
        lines = execute(CART, id=builders.id_of(cart))["cart"]["lines"]["nodes"]

    assert [line["lineComponents"][0]["merchandise"] for line in lines] == [{"sku": "MUG"}] * size
