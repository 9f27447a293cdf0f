"""What promotions take off a cart and its order: each kind, each condition, and how they go together."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import CollectionRule, StockLevel
from checkout.models import Cart, Order, PromotionUse
from shop import clock
from tests import builders
from tests.api.checkout_documents import CHECKOUT_COMPLETE

CART = """
query ($id: ID!) {
  cart(id: $id) {
    totalQuantity
    cost { subtotalAmount { amount } totalAmount { amount } totalDiscountAmount { amount } }
    discountCodes { code applicable }
    deliveryGroups { nodes { deliveryOptions { estimatedCost { amount } discountAllocations { __typename } } } }
    lines(first: 10) {
      nodes {
        quantity isGift
        merchandise { ... on ProductVariant { sku } }
        cost { subtotalAmount { amount } totalAmount { amount } }
        discountAllocations {
          discountedAmount { amount }
          ... on CartAutomaticDiscountAllocation { title }
          ... on CartCodeDiscountAllocation { code }
        }
      }
    }
  }
}
"""


@pytest.fixture
def read(execute):
    def send(cart: Cart):
        return execute(CART, id=builders.id_of(cart))["cart"]

    return send


@pytest.fixture
def totals(read):
    """What each line costs in the end, by its sku."""

    def send(cart: Cart):
        lines = read(cart)["lines"]["nodes"]
        return {line["merchandise"]["sku"]: line["cost"]["totalAmount"]["amount"] for line in lines}

    return send


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", price="10.00", stock=50)


@pytest.fixture
def tea(db):
    return builders.a_variant("TEA", price="3.33", stock=50)


def test_a_percentage_is_spread_over_the_lines_to_the_cent(read, mug, tea):
    builders.a_promotion("Autumn", percentage="15")
    cart = builders.a_cart((mug, 1), (tea, 1))

    shown = read(cart)

    assert shown["cost"] == {
        "subtotalAmount": {"amount": "11.33"},
        "totalAmount": {"amount": "11.33"},
        "totalDiscountAmount": {"amount": "2.00"},
    }
    assert [line["discountAllocations"] for line in shown["lines"]["nodes"]] == [
        [{"discountedAmount": {"amount": "1.50"}, "title": "Autumn"}],
        [{"discountedAmount": {"amount": "0.50"}, "title": "Autumn"}],
    ]


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("FIXED_AMOUNT", {"amount": "5"}, {"MUG": "16.25", "TEA": "5.41"}),
        ("FIXED_AMOUNT", {"amount": "500"}, {"MUG": "0.00", "TEA": "0.00"}),
        ("FIXED_PRICE", {"amount": "3"}, {"MUG": "6.00", "TEA": "6.00"}),
        ("FIXED_PRICE", {"amount": "4"}, {"MUG": "8.00", "TEA": "6.66"}),
        (
            "TIERED",
            {"tiers": [{"from_amount": Decimal(10), "percentage": Decimal(10)}]},
            {"MUG": "18.00", "TEA": "5.99"},
        ),
        (
            "TIERED",
            {
                "tiers": [
                    {"from_amount": Decimal(20), "amount": Decimal(6)},
                    {"from_amount": Decimal(10), "percentage": Decimal(1)},
                    {"from_amount": Decimal(30), "percentage": Decimal(50)},
                ]
            },
            {"MUG": "15.50", "TEA": "5.16"},
        ),
        ("BUY_X_GET_Y", {"buy_quantity": 3, "get_quantity": 1}, {"MUG": "20.00", "TEA": "3.33"}),
        ("BUY_X_GET_Y", {"buy_quantity": 1, "get_quantity": 1}, {"MUG": "20.00", "TEA": "0.00"}),
        ("BUY_X_GET_Y", {"buy_quantity": 1, "get_quantity": 1, "max_times": 1}, {"MUG": "20.00", "TEA": "3.33"}),
        (
            "BUY_X_GET_Y",
            {"buy_quantity": 1, "get_quantity": 1, "percentage": "50"},
            {"MUG": "20.00", "TEA": "3.33"},
        ),
        ("BUY_X_GET_Y", {"buy_quantity": 4, "get_quantity": 1}, {"MUG": "20.00", "TEA": "6.66"}),
    ],
)
def test_each_kind_reckons_in_its_own_way(totals, mug, tea, kind, fields, expected):
    builders.a_promotion(kind=kind, **fields)

    assert totals(builders.a_cart((mug, 2), (tea, 2))) == expected


def test_whoever_buys_one_thing_gets_another_for_less(totals, mug, tea):
    builders.a_promotion(
        kind="BUY_X_GET_Y",
        buy_quantity=2,
        get_quantity=1,
        qualifying={"variant_ids": [mug.pk]},
        merchandise={"variant_ids": [tea.pk]},
    )

    assert totals(builders.a_cart((mug, 3), (tea, 3))) == {"MUG": "30.00", "TEA": "6.66"}
    assert totals(builders.a_cart((mug, 1), (tea, 3))) == {"MUG": "10.00", "TEA": "9.99"}


def test_a_gift_comes_and_goes_with_its_condition(read, execute, mug, tea):
    builders.a_promotion("Tea on us", "FREE_GIFT", gift_variant_id=tea.pk, min_subtotal="20")
    builders.a_shipping_method(amount="5.00")
    cart = builders.a_ready_cart((mug, 2))

    shown = read(cart)
    assert shown["totalQuantity"] == 3
    assert shown["cost"]["totalAmount"] == {"amount": "25.00"}
    assert shown["lines"]["nodes"][1] == {
        "quantity": 1,
        "isGift": True,
        "merchandise": {"sku": "TEA"},
        "cost": {"subtotalAmount": {"amount": "3.33"}, "totalAmount": {"amount": "0.00"}},
        "discountAllocations": [{"discountedAmount": {"amount": "3.33"}, "title": "Tea on us"}],
    }

    cart.lines.update(quantity=1)
    assert [line["merchandise"]["sku"] for line in read(cart)["lines"]["nodes"]] == ["MUG"]

    cart.lines.update(quantity=2)
    builders.completed(cart)
    assert StockLevel.objects.get(variant=tea).reserved == 1
    assert list(Order.objects.get().lines.order_by("position").values_list("sku", "total", "is_gift")) == [
        ("MUG", Decimal(20), False),
        ("TEA", Decimal(0), True),
    ]


def test_a_gift_that_is_out_of_stock_is_not_promised(read, mug):
    last = builders.a_variant("LAST", price="1.00", stock=1)
    builders.a_promotion("Gift", "FREE_GIFT", gift_variant_id=last.pk)

    assert [line["isGift"] for line in read(builders.a_cart((mug, 1)))["lines"]["nodes"]] == [False, True]
    assert [line["isGift"] for line in read(builders.a_cart((mug, 1), (last, 1)))["lines"]["nodes"]] == [False, False]


def test_delivery_is_free_where_a_promotion_says_so(read, mug):
    builders.a_promotion("Free delivery", "FREE_SHIPPING", min_subtotal="20")
    builders.a_shipping_method(amount="5.00")

    [group] = read(builders.a_ready_cart((mug, 2)))["deliveryGroups"]["nodes"]
    assert group["deliveryOptions"] == [
        {
            "estimatedCost": {"amount": "0.00"},
            "discountAllocations": [{"__typename": "CartAutomaticDiscountAllocation"}],
        }
    ]
    order = builders.completed(builders.a_ready_cart((mug, 2)))
    assert (order.total, order.shipping_total, order.discount_total) == (Decimal(20), Decimal(0), Decimal(5))
    assert PromotionUse.objects.get().amount == Decimal(5)
    assert read(builders.a_ready_cart((mug, 1)))["cost"]["totalAmount"] == {"amount": "15.00"}


def test_merchandise_is_a_subtree_a_collection_a_product_or_a_variant(totals, mug, tea):
    kitchen = builders.a_category("Kitchen")
    pan = builders.a_variant("PAN", price="10.00", category=builders.a_category("Pans", parent=kitchen))
    by_hand = builders.a_collection("By hand", products=[tea.product])
    by_rules = builders.a_collection("By rules", rule_match="ANY")
    CollectionRule.objects.create(collection=by_rules, position=0, currency="USD", price_max=Decimal(5))
    cart = builders.a_cart((mug, 1), (tea, 1), (pan, 1))
    whole = {"MUG": "10.00", "TEA": "3.33", "PAN": "10.00"}

    for merchandise, reduced in [
        ({"category_ids": [kitchen.pk]}, "PAN"),
        ({"collection_ids": [by_hand.pk]}, "TEA"),
        ({"collection_ids": [by_rules.pk]}, "TEA"),
        ({"product_ids": [mug.product_id]}, "MUG"),
        ({"variant_ids": [pan.pk]}, "PAN"),
    ]:
        promotion = builders.a_promotion(percentage="100", merchandise=merchandise)
        assert totals(cart) == {**whole, reduced: "0.00"}
        promotion.delete()


def test_what_was_deleted_does_not_make_a_promotion_one_of_everything(totals, mug):
    gone = builders.a_collection("Gone")
    builders.a_promotion(percentage="100", merchandise={"collection_ids": [gone.pk]})
    gone.delete()

    assert totals(builders.a_cart((mug, 1))) == {"MUG": "10.00"}


@pytest.mark.parametrize(
    ("fields", "cart", "applies"),
    [
        ({"min_subtotal": "20.00"}, {"units": 2}, True),
        ({"min_subtotal": "20.01"}, {"units": 2}, False),
        ({"min_quantity": 2}, {"units": 2}, True),
        ({"min_quantity": 3}, {"units": 2}, False),
        ({"countries": ["DE"]}, {"country": "DE"}, True),
        ({"countries": ["DE"]}, {"country": "FR"}, False),
        ({"starts_at": timedelta(hours=-1)}, {}, True),
        ({"starts_at": timedelta(hours=1)}, {}, False),
        ({"ends_at": timedelta(hours=1)}, {}, True),
        ({"ends_at": timedelta(hours=-1)}, {}, False),
        ({"is_active": False}, {}, False),
        ({"currency": "EUR"}, {}, False),
    ],
)
def test_a_condition_that_is_not_met_takes_nothing_off(totals, mug, fields, cart, applies):
    timed: dict[str, Any] = {
        name: clock.now() + value if isinstance(value, timedelta) else value for name, value in fields.items()
    }
    builders.a_promotion("Sale", percentage="10", **timed)
    units = cart.pop("units", 1)

    whole = 10 * units
    shown = totals(builders.a_cart((mug, units), **cart))["MUG"]

    assert Decimal(shown) == (whole * Decimal("0.9") if applies else whole)


def test_groups_and_first_orders_depend_on_who_buys(totals, mug, alice, bob):
    builders.a_promotion("Trade", percentage="50", group_ids=[builders.a_group("Trade", alice).pk])
    builders.a_promotion("Welcome", percentage="10", is_first_order=True)

    assert totals(builders.a_cart((mug, 1), owner=alice)) == {"MUG": "4.50"}
    assert totals(builders.a_cart((mug, 1), owner=bob)) == {"MUG": "9.00"}
    order = builders.an_order((mug, 1), owner=bob)
    assert order.subtotal == Decimal(9)
    assert totals(builders.a_cart((mug, 1), owner=bob)) == {"MUG": "10.00"}
    # A guest who gives the address of an account has its history.
    assert totals(builders.a_cart((mug, 1), email="BOB@example.com")) == {"MUG": "10.00"}


def test_promotions_follow_each_other_by_priority(totals, mug):
    builders.a_promotion("Second", "FIXED_AMOUNT", amount="5", priority=20)
    builders.a_promotion("First", percentage="50", priority=10)

    assert totals(builders.a_cart((mug, 2))) == {"MUG": "5.00"}


@pytest.mark.parametrize(("exclusive", "expected"), [(10, "9.00"), (30, "4.50")])
def test_the_first_that_applies_decides_about_exclusive_ones(totals, mug, exclusive, expected):
    builders.a_promotion("Half", percentage="50", priority=20)
    builders.a_promotion("Tenth", percentage="10", priority=25)
    builders.a_promotion("Alone", percentage="10", priority=exclusive, is_exclusive=True)

    assert totals(builders.a_cart((mug, 1))) == {"MUG": expected}


def test_an_order_keeps_what_promotions_took_off_and_uses_them(execute, mug, tea, assert_verified):
    builders.a_promotion("Autumn", percentage="15")
    cart = builders.a_ready_cart((mug, 1), (tea, 1))

    payment = {"gateway": "test", "expectedTotal": "16.33"}
    done = execute(CHECKOUT_COMPLETE, cartId=builders.id_of(cart), payment=payment)["checkoutComplete"]

    assert (done["userErrors"], done["order"]["totalPrice"]["amount"]) == ([], "16.33")
    order = Order.objects.get()
    assert (order.subtotal, order.discount_total) == (Decimal("11.33"), Decimal("2.00"))
    use = PromotionUse.objects.get()
    assert (use.order, use.units, use.amount, use.promotion.used) == (order, 1, Decimal("2.00"), 1)
    assert_verified()


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many_promotions_and_lines(execute, size, django_assert_num_queries):
    category, collection = builders.a_category(), builders.a_collection()
    for _ in range(size):
        builders.a_promotion(percentage="1", merchandise={"category_ids": [category.pk]}, is_first_order=True)
        builders.a_promotion(percentage="1", merchandise={"collection_ids": [collection.pk]})
    cart = builders.a_cart(*[(builders.a_variant(), 1) for _ in range(size)])

    with django_assert_num_queries(7):
        execute(CART, id=builders.id_of(cart))


def test_tells_what_applies_and_what_is_missing(execute, mug, alice):
    builders.a_promotion("Tenth", percentage="10", priority=1)
    builders.a_promotion("Big", percentage="20", min_subtotal="22.50")
    builders.a_promotion("Many", "BUY_X_GET_Y", buy_quantity=2, get_quantity=1)
    builders.a_promotion("Alone", percentage="5", is_exclusive=True)
    builders.a_promotion("Secret", percentage="50", starts_at=clock.now() + timedelta(days=1))
    cart = builders.a_cart((mug, 1), discount_codes=[{"code": "NOPE", "applied": False}])
    fields = "title code applied amount { amount } hindrance message missingAmount { amount } missingQuantity"

    shown = execute(
        f"query ($id: ID!) {{ cart(id: $id) {{ promotionOutcomes {{ {fields} }} }} }}", id=builders.id_of(cart)
    )

    assert [tuple(one.values()) for one in shown["cart"]["promotionOutcomes"]] == [
        (
            *(None, "NOPE", False, {"amount": "0.00"}, "NOT_FOUND"),
            *('There is no discount with the code "NOPE".', None, None),
        ),
        ("Tenth", None, True, {"amount": "1.00"}, None, None, None, None),
        (
            *("Big", None, False, {"amount": "0.00"}, "MINIMUM_SPEND"),
            *("Spend 12.50 USD more for Big.", {"amount": "12.50"}, None),
        ),
        ("Many", None, False, {"amount": "0.00"}, "MINIMUM_QUANTITY", "Add 2 more for Many.", None, 2),
        (
            *("Alone", None, False, {"amount": "0.00"}, "EXCLUDED"),
            *("Alone does not go together with Tenth.", None, None),
        ),
    ]
