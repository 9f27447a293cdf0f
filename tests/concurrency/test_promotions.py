"""Limits of promotions, in real transactions: however many orders at once, none is passed."""

from functools import partial

import pytest
from django.core.management import call_command

from checkout import checkouts
from checkout.checkouts import PaymentWish
from checkout.models import Cart
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)

ENTERED = [{"code": "FIVE", "applied": True}]


def complete(cart: Cart, token: str = "") -> checkouts.Completed:
    return checkouts.complete(cart.secret, PaymentWish("test", token))


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
