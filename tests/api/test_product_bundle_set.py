"""productBundleSet, productBundleUnset: variants that are sold together, and what the shop says of them everywhere."""

from decimal import Decimal

import pytest

from accounts.staff import Permission
from catalog import facts, products
from catalog.models import BundlePart, Price, PriceList, ProductVariant, StockLevel
from tests import builders

SET = """
mutation ($id: ID!, $pricing: BundlePricing!, $parts: [ProductBundlePartInput!]!) {
  productBundleSet(variantId: $id, pricing: $pricing, parts: $parts) {
    productVariant {
      requiresComponents bundlePricing quantityAvailable price { amount }
      components(first: 9) { nodes { quantity productVariant { sku } } }
    }
    userErrors { code field message }
  }
}
"""
UNSET = """
mutation ($id: ID!) {
  productBundleUnset(variantId: $id) {
    productVariant { requiresComponents bundlePricing quantityAvailable price { amount } }
    userErrors { code field message }
  }
}
"""
SEEN = """
{
  product(handle: "set") {
    availableForSale
    priceRange { minVariantPrice { amount } }
    variants { nodes { availableForSale quantityAvailable price { amount } compareAtPrice { amount } } }
  }
  category(handle: "sets") { facts { productCount inStockCount } }
}
"""
PROBLEMS = '{ product(handle: "set") { variants { nodes { bundleProblems } } } }'
REPRICE = """
mutation ($id: ID!, $variant: ProductVariantUpdateInput!) {
  productVariantUpdate(id: $id, variant: $variant) { userErrors { code field message } }
}
"""


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", stock=7, price="8.00")


@pytest.fixture
def tea(db):
    return builders.a_variant("TEA", stock=5, price="3.50", compare_at="4.00")


@pytest.fixture
def box(db):
    return builders.a_variant("BOX", stock=0, price="15.00", title="Set", category=builders.a_category("Sets"))


@pytest.fixture
def bundle(execute, sam):
    """Make a variant a bundle of (part, quantity)."""

    def send(variant, *parts, pricing="OWN"):
        listed = [{"variantId": builders.id_of(part), "quantity": quantity} for part, quantity in parts]
        return execute(SET, as_=sam, id=builders.id_of(variant), pricing=pricing, parts=listed)["productBundleSet"]

    return send


@pytest.fixture
def seen(execute):
    """(for sale, units, price, reduced from, in stock in its category) as a shopper sees the set."""

    def look():
        answer = execute(SEEN)
        [variant] = answer["product"]["variants"]["nodes"]
        assert variant["availableForSale"] == answer["product"]["availableForSale"]
        assert variant["price"] == answer["product"]["priceRange"]["minVariantPrice"]
        reduced = variant["compareAtPrice"] and variant["compareAtPrice"]["amount"]
        in_stock = answer["category"]["facts"]["inStockCount"]
        return variant["availableForSale"], variant["quantityAvailable"], variant["price"]["amount"], reduced, in_stock

    return look


def of_errors(payload):
    assert payload["productVariant"] is None
    return [(error["code"], error["field"], error["message"]) for error in payload["userErrors"]]


def test_sells_as_many_as_the_scarcest_part_allows(bundle, box, mug, tea, seen, assert_verified):
    payload = bundle(box, (mug, 3), (tea, 1))

    assert payload == {
        "productVariant": {
            "requiresComponents": True,
            "bundlePricing": "OWN",
            "quantityAvailable": 2,
            "price": {"amount": "15.00"},
            "components": {
                "nodes": [
                    {"quantity": 3, "productVariant": {"sku": "MUG"}},
                    {"quantity": 1, "productVariant": {"sku": "TEA"}},
                ]
            },
        },
        "userErrors": [],
    }
    assert seen() == (True, 2, "15.00", None, 1)
    assert StockLevel.objects.filter(variant=box, on_hand__gt=0).count() == 0
    assert_verified()


def test_is_sold_out_and_back_with_its_parts(bundle, box, mug, tea, seen, assert_verified):
    bundle(box, (mug, 3), (tea, 1))

    builders.stocked(mug, mug.stock_levels.get().location, -5)

    assert seen() == (False, 0, "15.00", None, 0)
    assert_verified()
    builders.stocked(mug, mug.stock_levels.get().location, 1)
    assert seen() == (True, 1, "15.00", None, 1)
    assert_verified()


def test_costs_the_sum_of_its_parts_whoever_changes_their_prices(
    execute, sam, bundle, box, mug, tea, seen, assert_verified
):
    bundle(box, (mug, 2), (tea, 1), pricing="SUM")
    assert seen() == (True, 3, "19.50", "20.00", 1)

    changed = execute(REPRICE, as_=sam, id=builders.id_of(mug), variant={"price": "10.00"})

    assert changed["productVariantUpdate"]["userErrors"] == []
    assert seen() == (True, 3, "23.50", "24.00", 1)
    assert_verified()
    refused = execute(REPRICE, as_=sam, id=builders.id_of(box), variant={"price": "1.00"})
    assert refused["productVariantUpdate"]["userErrors"] == [
        {
            "code": "INVALID",
            "field": ["variant", "price"],
            "message": "BOX costs what its parts cost; change their prices, or give the bundle one of its own.",
        }
    ]
    assert seen() == (True, 3, "23.50", "24.00", 1)


def test_costs_a_sum_only_where_every_part_has_a_price(execute, sam, bundle, box, mug, tea, assert_verified):
    bundle(box, (mug, 1), (tea, 2), pricing="SUM")

    for variant in (mug, tea):
        assert [price.currency for price in Price.objects.filter(variant=box)] == ["USD"]
        execute(REPRICE, as_=sam, id=builders.id_of(variant), variant={"price": "2.00", "currency": "EUR"})

    assert {price.currency: f"{price.amount:.2f}" for price in Price.objects.filter(variant=box)} == {
        "EUR": "6.00",
        "USD": "15.00",
    }
    assert_verified()


def test_costs_a_sum_by_a_list_that_prices_only_some_parts(bundle, box, mug, tea, assert_verified):
    bundle(box, (mug, 2), (tea, 1), pricing="SUM")
    usual = Price.objects.get(variant=mug).price_list
    special = PriceList.objects.create(handle="special", title="Special", currency="USD", base=usual, is_current=True)

    Price.objects.create(variant=mug, price_list=special, amount=Decimal("6.00"))
    facts.refresh([mug.product_id, tea.product_id])

    assert Price.objects.get(variant=box, price_list=special).amount == Decimal("15.50")
    assert Price.objects.get(variant=box, price_list=usual).amount == Decimal("19.50")
    assert_verified()


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ([], ("INVALID", ["parts"], "A bundle has 1 to 50 parts.")),
        (["mug"] * 51, ("INVALID", ["parts"], "A bundle has 1 to 50 parts.")),
        (["box"], ("BUNDLE_NESTED", ["parts", "0", "variantId"], "A bundle cannot be a part of itself.")),
        (
            ["mug", "other"],
            ("BUNDLE_NESTED", ["parts", "1", "variantId"], "OTHER is a bundle; name its parts instead."),
        ),
        (
            ["mug", "mug"],
            (
                "INVALID",
                ["parts", "1", "variantId"],
                "This variant is in the list already; say once how many there are.",
            ),
        ),
    ],
)
def test_refuses_what_is_no_part(bundle, box, mug, tea, parts, error, assert_verified):
    other = builders.a_variant("OTHER", stock=0)
    bundle(other, (tea, 1))
    named = {"mug": mug, "box": box, "other": other}

    payload = bundle(box, *[(named[part], 1) for part in parts])

    assert of_errors(payload) == [error]
    assert not BundlePart.objects.filter(bundle=box).exists()
    assert_verified()


@pytest.mark.parametrize("quantity", [0, -1, 1001])
def test_refuses_quantities_that_cannot_be(bundle, box, mug, quantity):
    assert of_errors(bundle(box, (mug, quantity))) == [
        ("INVALID", ["parts", "0", "quantity"], "A bundle has 1 to 1000 units of a part.")
    ]


def test_refuses_to_close_a_circle(bundle, box, mug):
    bundle(box, (mug, 1))
    empty = builders.a_variant("EMPTY", stock=0)
    mug.stock_levels.update(on_hand=0)

    payload = bundle(mug, (empty, 1))

    assert of_errors(payload) == [("BUNDLE_NESTED", ["variantId"], "MUG is a part of a bundle already.")]


def test_refuses_what_has_stock_and_lets_a_bundle_have_none(execute, sam, bundle, box, mug, tea):
    payload = bundle(mug, (tea, 1))

    [(code, field, message)] = of_errors(payload)
    assert (code, field, message[:38]) == ("BUNDLE_HAS_STOCK", ["variantId"], "MUG has stock, is held for orders or m")
    bundle(box, (tea, 1))
    counted = execute(
        "mutation ($input: InventorySetInput!) { inventorySet(input: $input) { userErrors { field message } } }",
        as_=sam,
        input={"quantities": [{"variantId": builders.id_of(box), "quantity": 3}]},
    )
    assert counted["inventorySet"]["userErrors"] == [
        {
            "field": ["input", "quantities", "0", "variantId"],
            "message": "This is a bundle, which has only the stock of its parts; change theirs.",
        }
    ]


def test_is_not_for_sale_without_all_of_its_parts_and_tells_staff_why(
    execute, sam, bundle, box, mug, tea, seen, assert_verified
):
    jam = builders.a_variant("JAM", stock=1)
    bundle(box, (mug, 1), (tea, 1), (jam, 2))
    products.archive(product_id=tea.product_id)
    ProductVariant.objects.filter(pk=mug.pk).delete()
    facts.refresh([mug.product_id, box.product_id])

    [variant] = execute(PROBLEMS, as_=sam)["product"]["variants"]["nodes"]

    assert variant["bundleProblems"] == ["MUG was deleted.", "TEA is archived.", "2 of JAM are needed, 1 left."]
    assert seen() == (False, 0, "15.00", None, 0)
    assert_verified()


def test_unset_leaves_a_variant_with_its_price_and_without_stock(execute, sam, bundle, box, mug, seen, assert_verified):
    bundle(box, (mug, 2), pricing="SUM")

    first, second = (execute(UNSET, as_=sam, id=builders.id_of(box))["productBundleUnset"] for _ in range(2))

    assert first == {
        "productVariant": {
            "requiresComponents": False,
            "bundlePricing": None,
            "quantityAvailable": 0,
            "price": {"amount": "16.00"},
        },
        "userErrors": [],
    }
    assert of_errors(second) == [("NOT_A_BUNDLE", ["variantId"], "BOX is no bundle.")]
    assert seen() == (False, 0, "16.00", None, 0)
    assert_verified()


def test_needs_the_permission_to_manage_the_catalog(request_graphql, alice, box):
    clerk = builders.a_clerk(Permission.MANAGE_INVENTORY)

    answers = [request_graphql(UNSET, as_=who, id=builders.id_of(box)) for who in (None, alice, clerk)]

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN"]
