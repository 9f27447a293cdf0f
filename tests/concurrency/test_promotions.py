"""Limits of promotions, in real transactions: however many orders at once, none is passed."""

from functools import partial

import pytest
from django.core.management import call_command

from checkout import checkouts
from checkout.checkouts import PaymentWish
from checkout.models import Cart, Order, OrderStatus, PromotionCode, PromotionUse
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)

ENTERED = [{"code": "FIVE", "applied": True}]


def complete(cart: Cart, token: str = "") -> checkouts.Completed:
    return checkouts.complete(cart.secret, PaymentWish("test", token))


def test_a_code_with_a_limit_of_five_makes_five_orders_of_twenty():
    promotion = builders.a_promotion("Five", percentage="10", codes=["FIVE"], usage_limit=5)
    mug = builders.a_variant("MUG", stock=100)
    crowd = [
        builders.a_ready_cart((mug, 1), email=f"shopper-{number}@example.com", discount_codes=ENTERED)
        for number in range(20)
    ]

    refusals = refused_at_once(*[partial(complete, cart) for cart in crowd])

    assert {refusal.code for refusal in refusals} == {"DISCOUNT_CODE_NOT_HONOURED"}
    assert len(refusals) == 15
    assert Order.objects.filter(status=OrderStatus.CONFIRMED).count() == Order.objects.count() == 5
    promotion.refresh_from_db()
    assert (promotion.used, PromotionCode.objects.get().used, PromotionUse.objects.count()) == (5, 5, 5)
    call_command("verify", verbosity=0)


def test_one_customer_uses_once_what_each_may_use_once(alice):
    builders.a_promotion("Once", percentage="10", codes=["FIVE"], usage_limit_per_customer=1)
    mug = builders.a_variant("MUG", stock=100)
    carts = [builders.a_ready_cart((mug, 1), owner=alice, discount_codes=ENTERED) for _ in range(8)]

    refusals = refused_at_once(*[partial(complete, cart) for cart in carts])

    assert [refusal.code for refusal in refusals] == ["DISCOUNT_CODE_NOT_HONOURED"] * 7
    assert Order.objects.count() == PromotionUse.objects.count() == 1


def test_what_failed_payments_give_back_is_used_again_and_counted_right():
    first = builders.a_promotion("First", percentage="10", codes=["FIVE"], usage_limit=100)
    second = builders.a_promotion("Second", percentage="10")
    mug = builders.a_variant("MUG", stock=100)
    crowd = [builders.a_ready_cart((mug, 1), discount_codes=ENTERED) for _ in range(10)]

    refused_at_once(*[partial(complete, cart, "decline" if place % 2 else "") for place, cart in enumerate(crowd)])

    for promotion in (first, second):
        promotion.refresh_from_db()
        assert promotion.used == sum(promotion.uses.values_list("units", flat=True)) == 5
    call_command("verify", verbosity=0)
