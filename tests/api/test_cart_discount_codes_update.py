"""cartDiscountCodesUpdate, and codes on the way to an order."""

from decimal import Decimal

import pytest

from checkout.models import Cart, Order, PromotionCode, PromotionUse
from schema.nodes import gid
from tests import builders
from tests.api.cart_documents import CREATE, changing
from tests.api.checkout_documents import CHECKOUT_COMPLETE

SELECTION = "discountCodes { code applicable } cost { totalAmount { amount } totalDiscountAmount { amount } }"
UPDATE = changing("cartDiscountCodesUpdate", "discountCodes: [String!]!", SELECTION)


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", price="10.00", stock=50)


@pytest.fixture
def enter(execute):
    def send(cart: Cart, *codes: str):
        return execute(UPDATE, cartId=builders.id_of(cart), discountCodes=list(codes))["cartDiscountCodesUpdate"]

    return send


@pytest.fixture
def complete(execute):
    def send(cart: Cart, token: str = ""):
        payment = {"gateway": "test", "token": token}
        return execute(CHECKOUT_COMPLETE, cartId=builders.id_of(cart), payment=payment)["checkoutComplete"]

    return send


def test_a_code_brings_its_promotion_however_it_is_typed(enter, mug):
    builders.a_promotion("Welcome", percentage="10", codes=["Welcome10"])
    cart = builders.a_cart((mug, 1))

    payload = enter(cart, " welcome10 ", "WELCOME10")

    assert payload == {
        "cart": {
            "discountCodes": [{"code": "Welcome10", "applicable": True}],
            "cost": {"totalAmount": {"amount": "9.00"}, "totalDiscountAmount": {"amount": "1.00"}},
        },
        "userErrors": [],
        "warnings": [],
    }


def test_codes_that_do_not_apply_are_kept_and_warned_of(enter, mug):
    builders.a_promotion("Big", percentage="10", codes=["BIG"], min_subtotal="22.50")
    cart = builders.a_cart((mug, 1))

    payload = enter(cart, "Nope", "big")

    assert payload["cart"] == {
        "discountCodes": [{"code": "Nope", "applicable": False}, {"code": "BIG", "applicable": False}],
        "cost": {"totalAmount": {"amount": "10.00"}, "totalDiscountAmount": {"amount": "0.00"}},
    }
    assert payload["warnings"] == [
        {
            "code": "DISCOUNT_NOT_FOUND",
            "message": 'There is no discount with the code "Nope".',
            "target": builders.id_of(cart),
        },
        {
            "code": "DISCOUNT_CODE_NOT_HONOURED",
            "message": "Spend 12.50 USD more for Big.",
            "target": builders.id_of(cart),
        },
    ]


def test_codes_are_replaced_and_taken_away(enter, mug):
    builders.a_promotion("Ten", percentage="10", codes=["TEN"])
    cart = builders.a_cart((mug, 1))
    enter(cart, "TEN")

    assert enter(cart)["cart"]["discountCodes"] == []
    cart.refresh_from_db()
    assert cart.discount_codes == []


def test_refuses_too_many_codes_and_what_is_none(enter, mug):
    cart = builders.a_cart((mug, 1))

    many, odd = enter(cart, *map(str, range(11))), enter(cart, "TEN", "a" * 51)

    assert [error["field"] for error in many["userErrors"]] == [["discountCodes"]]
    assert [error["field"] for error in odd["userErrors"]] == [["discountCodes", "1"]]
    cart.refresh_from_db()
    assert cart.discount_codes == []


def test_a_cart_may_begin_with_codes(execute, mug):
    builders.a_promotion("Ten", percentage="10", codes=["TEN"])
    lines = [{"merchandiseId": gid("ProductVariant", mug.pk), "quantity": 1}]

    payload = execute(CREATE, input={"lines": lines, "discountCodes": ["ten"]})["cartCreate"]

    assert payload["cart"]["discountCodes"] == [{"code": "TEN"}]
    assert payload["cart"]["cost"]["totalAmount"] == {"amount": "9.00"}
    assert Cart.objects.get().discount_codes == [{"code": "ten", "applied": True}]


def test_two_codes_of_one_promotion_bring_it_once(enter, mug):
    builders.a_promotion("Ten", percentage="10", codes=["TEN", "ALSO"])

    payload = enter(builders.a_cart((mug, 1)), "TEN", "ALSO")

    assert payload["cart"]["discountCodes"] == [
        {"code": "TEN", "applicable": False},
        {"code": "ALSO", "applicable": True},
    ]
    assert payload["cart"]["cost"]["totalDiscountAmount"] == {"amount": "1.00"}


def test_a_code_that_stopped_applying_refuses_the_checkout_until_it_is_taken_out(enter, complete, mug):
    promotion = builders.a_promotion("Ten", percentage="10", codes=["TEN"])
    cart = builders.a_ready_cart((mug, 1))
    enter(cart, "TEN")
    promotion.codes.update(is_active=False)

    refused = complete(cart)

    assert refused["order"] is None
    assert refused["userErrors"] == [
        {
            "code": "DISCOUNT_CODE_NOT_HONOURED",
            "field": ["cartId"],
            "message": 'The code "TEN" applies no longer: Ten is not active. Take it out of the cart to check out '
            "without it.",
        }
    ]
    assert not Order.objects.exists()
    enter(cart)
    assert complete(cart)["order"]["totalPrice"] == {"amount": "15.00"}


def test_a_code_that_never_applied_does_not_stop_the_checkout(enter, complete, mug):
    cart = builders.a_ready_cart((mug, 1))
    enter(cart, "NOPE")

    assert complete(cart)["userErrors"] == []


def test_uses_are_taken_by_orders_and_given_back_where_the_payment_fails(enter, complete, mug):
    promotion = builders.a_promotion("Once", percentage="10", codes=["ONCE"], usage_limit=1)
    first, second = builders.a_ready_cart((mug, 1)), builders.a_ready_cart((mug, 1), email="eve@example.com")
    for cart in (first, second):
        enter(cart, "once")

    assert complete(first, "decline")["userErrors"][0]["code"] == "PAYMENT_DECLINED"
    promotion.refresh_from_db()
    assert promotion.used == 0
    assert complete(first)["userErrors"] == []
    assert complete(second)["userErrors"][0]["code"] == "DISCOUNT_CODE_NOT_HONOURED"

    promotion.refresh_from_db()
    assert (promotion.used, PromotionCode.objects.get().used) == (1, 1)
    uses = PromotionUse.objects.order_by("pk").values_list("units", "amount")
    assert list(uses) == [(1, Decimal("1.00")), (-1, Decimal("-1.00")), (1, Decimal("1.00"))]


def test_a_limit_for_each_customer_counts_accounts_and_addresses(enter, complete, mug, alice):
    builders.a_promotion("Ten", percentage="10", codes=["TEN"], usage_limit_per_customer=1)

    for buyer, applicable in [
        ({"owner": alice}, True),
        ({"owner": alice}, False),
        ({"email": "eve@example.com"}, True),
        ({"email": "Eve@Example.com"}, False),
    ]:
        cart = builders.a_ready_cart((mug, 1), **buyer)
        assert enter(cart, "TEN")["cart"]["discountCodes"] == [{"code": "TEN", "applicable": applicable}]
        assert complete(cart)["userErrors"] == []

    assert PromotionUse.objects.count() == 2
