"""A catalog nobody here wrote: counted by hand, bought from over HTTP, and counted again."""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog import facts, imports
from catalog.models import StockHold, StockLevel, StockMovement
from checkout.models import Order, TestCharge
from shop import relay
from tests import builders
from tests.api.checkout_documents import ADDRESS, ADDRESSES_ADD, CART_CREATE, CHECKOUT_COMPLETE, DELIVERY_SELECT

FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "catalog-small.jsonl"
pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="../shared/data/catalog-small.jsonl, a real catalog, is not here"
)

CATEGORIES = """
query ($after: String) {
  categories(rootsOnly: false, first: 50, after: $after) {
    nodes {
      handle
      facts {
        productCount inStockCount onSaleCount
        priceMin { amount } priceMax { amount } priceAverage { amount }
        histogram { min { amount } productCount }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
ORDER = """
query ($token: String!) {
  orderStatus(token: $token) {
    status financialStatus fulfillmentStatus
    subtotalPrice { amount } totalPrice { amount }
    lineItems(first: 10) { nodes { title sku quantity originalTotalPrice { amount } } }
  }
}
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    with FILE.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture
def products(db: None, lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The products of the file by id, after the import of all of it."""
    bad: list[str] = []
    imports.run(FILE.read_text(encoding="utf-8").splitlines(), strict=True, report=lambda *why: bad.append(str(why)))
    assert bad == []
    return {line["id"]: line for line in lines if line["kind"] == "product"}


def test_every_category_tells_the_facts_a_recount_gives(execute, lines, products, assert_verified):
    assert told(execute) == recounted(lines, products)
    assert_verified()


def test_a_guest_buys_three_things(execute, lines, products, assert_verified):
    builders.a_shipping_method("Standard", amount="5.00")
    wanted = three_wishes(products)
    before = dict(StockLevel.objects.values_list("variant__sku", "on_hand"))

    token = bought(execute, wanted)

    subtotal = sum((Decimal(variant["price"]) * units for variant, units in wanted), Decimal(0))
    assert execute(ORDER, token=token)["orderStatus"] == {
        "status": "CONFIRMED",
        "financialStatus": "PAID",
        "fulfillmentStatus": "UNFULFILLED",
        "subtotalPrice": {"amount": f"{subtotal:.2f}"},
        "totalPrice": {"amount": f"{subtotal + 5:.2f}"},
        "lineItems": {
            "nodes": [
                {
                    "title": variant["product"],
                    "sku": variant["sku"],
                    "quantity": units,
                    "originalTotalPrice": {"amount": f"{Decimal(variant['price']) * units:.2f}"},
                }
                for variant, units in wanted
            ]
        },
    }
    assert [charge.amount for charge in TestCharge.objects.all()] == [subtotal + 5]
    held = {variant["sku"]: units for variant, units in wanted}
    assert dict(StockHold.objects.values_list("variant__sku", "quantity")) == held
    assert dict(StockLevel.objects.filter(reserved__gt=0).values_list("variant__sku", "reserved")) == held
    assert dict(StockLevel.objects.values_list("variant__sku", "on_hand")) == before
    reference = f"order:{Order.objects.get().key}"
    moved = StockMovement.objects.filter(reference=reference).values_list(
        "variant__sku", "kind", "on_hand_delta", "reserved_delta"
    )
    assert sorted(moved) == sorted((sku, "HOLD", 0, units) for sku, units in held.items())
    assert told(execute) == recounted(lines, products, taken=held)
    relay.drain()
    assert_verified()


def three_wishes(products: dict[str, dict[str, Any]]) -> list[tuple[dict[str, Any], int]]:
    """All there is of a product with one variant, some of a variant among others, and one of another category."""
    sold_out = next(one for one in products.values() if len(one["variants"]) == 1)
    others = [one for one in products.values() if len(one["variants"]) > 1 and one["variants"][-1]["stock"] > 2]
    some = others[0]
    one = next(one for one in others if one["categories"][0] not in {some["categories"][0], sold_out["categories"][0]})
    chosen = [(sold_out, sold_out["variants"][0]["stock"]), (some, 2), (one, 1)]
    return [({**product["variants"][-1], "product": product["name"]}, units) for product, units in chosen]


def bought(execute: Any, wanted: list[tuple[dict[str, Any], int]]) -> str:
    """The status token of the order that a guest made of this, one request after the other."""
    ids = dict(StockLevel.objects.values_list("variant__sku", "variant_id"))
    given = [
        {"merchandiseId": f"gid://shop/ProductVariant/{ids[variant['sku']]}", "quantity": units}
        for variant, units in wanted
    ]
    cart = execute(CART_CREATE, input={"lines": given})["cartCreate"]["cart"]["id"]
    added = execute(ADDRESSES_ADD, cartId=cart, addresses=[{"address": {"deliveryAddress": ADDRESS}}])
    [group] = added["cartDeliveryAddressesAdd"]["cart"]["deliveryGroups"]["nodes"]
    choice = {"deliveryGroupId": group["id"], "deliveryOptionHandle": "standard"}
    total = execute(DELIVERY_SELECT, cartId=cart, options=[choice])["cartSelectedDeliveryOptionsUpdate"]["cart"]["cost"]
    identity = """
    mutation ($id: ID!) {
      cartBuyerIdentityUpdate(cartId: $id, buyerIdentity: { email: "ada@example.com" }) { userErrors { message } }
    }
    """
    assert execute(identity, id=cart)["cartBuyerIdentityUpdate"]["userErrors"] == []
    payment = {"gateway": "test", "token": "success", "expectedTotal": total["totalAmount"]["amount"]}
    payload = execute(CHECKOUT_COMPLETE, cartId=cart, payment=payment)["checkoutComplete"]
    assert payload["userErrors"] == []
    token: str = payload["orderStatusToken"]
    return token


def told(execute: Any) -> dict[str, dict[str, Any]]:
    """The facts of every category by handle, as the API tells them page by page."""
    found: dict[str, dict[str, Any]] = {}
    after = None
    while True:
        page = execute(CATEGORIES, after=after)["categories"]
        found |= {node["handle"]: node["facts"] for node in page["nodes"]}
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def recounted(
    lines: list[dict[str, Any]], products: dict[str, dict[str, Any]], taken: dict[str, int] | None = None
) -> dict[str, dict[str, Any]]:
    """The same from the file alone, less the units that were `taken` of each sku."""
    categories = {line["id"]: line for line in lines if line["kind"] == "category"}
    placed: dict[str, list[dict[str, Any]]] = {id: [] for id in categories}
    for product in products.values():
        for id in upward(categories, product["categories"][0]):
            placed[id].append(product)
    return {line["slug"]: counted(placed[id], taken or {}) for id, line in categories.items()}


def upward(categories: dict[str, dict[str, Any]], id: str | None) -> Iterator[str]:
    while id is not None:
        yield id
        id = categories[id]["parent"]


def counted(placed: list[dict[str, Any]], taken: dict[str, int]) -> dict[str, Any]:
    prices = [min(Decimal(variant["price"]) for variant in product["variants"]) for product in placed]
    buckets = Counter(bisect_right(facts.BOUNDARIES, price) for price in prices)
    average = sum(prices, Decimal(0)) / len(prices) if prices else None
    return {
        "productCount": len(placed),
        "inStockCount": sum(
            any(variant["stock"] > taken.get(variant["sku"], 0) for variant in product["variants"])
            for product in placed
        ),
        "onSaleCount": sum(
            any(Decimal(one["compare_at_price"] or 0) > Decimal(one["price"]) for one in product["variants"])
            for product in placed
        ),
        "priceMin": written(min(prices, default=None)),
        "priceMax": written(max(prices, default=None)),
        "priceAverage": written(average),
        "histogram": [
            {"min": written(facts.BOUNDARIES[place - 1] if place else Decimal(0)), "productCount": count}
            for place, count in sorted(buckets.items())
        ],
    }


def written(amount: Decimal | None) -> dict[str, str] | None:
    if amount is None:
        return None
    return {"amount": str(amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))}
