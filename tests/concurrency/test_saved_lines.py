"""Moving saved lines while the cart is bought, or the customer's other carts take them: nothing is lost or doubled."""

from functools import partial

import pytest

from accounts.actors import GUEST, Actor
from checkout import checkouts, saved_lines
from checkout.checkouts import PaymentWish
from checkout.models import CartLine, OrderLine
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("_", range(3))
def test_moving_to_a_cart_that_is_bought(_: int) -> None:
    mug, pan = builders.a_variant("MUG", stock=50), builders.a_variant("PAN", stock=50)
    cart = builders.a_ready_cart((mug, 1))
    saved = CartLine.objects.create(cart=cart, variant=pan, quantity=4, is_saved=True)

    refused = refused_at_once(
        partial(checkouts.complete, cart.secret, PaymentWish("test")),
        *[partial(saved_lines.move_to_cart, cart.secret, [saved.pk], actor=GUEST)] * 3,
    )

    assert {refusal.code for refusal in refused} <= {"NOT_FOUND", "INVALID_MERCHANDISE_LINE"}
    bought = sum(line.quantity for line in OrderLine.objects.filter(variant=pan))
    kept = sum(line.quantity for line in CartLine.objects.filter(variant=pan, is_saved=True))
    assert bought + kept == 4
    assert 0 in (bought, kept)


@pytest.mark.parametrize("_", range(3))
def test_two_carts_of_a_customer_take_over_what_an_order_left(_: int) -> None:
    alice, pan = builders.a_customer(), builders.a_variant("PAN", stock=50)
    actor = Actor(alice.pk)
    first = builders.a_ready_cart((builders.a_variant(), 1), owner=alice)
    left = [
        CartLine.objects.create(cart=first, variant=pan, quantity=2, is_saved=True),
        CartLine.objects.create(cart=first, variant=builders.a_variant(), quantity=3, is_saved=True),
    ]
    builders.completed(first)
    carts = [builders.a_cart((pan, 1), owner=alice) for _ in range(4)]

    refused = refused_at_once(
        *[partial(saved_lines.move_to_cart, cart.secret, [line.pk for line in left], actor=actor) for cart in carts],
        *[partial(saved_lines.take_over, secret=cart.secret, source=first.secret, actor=actor) for cart in carts],
    )

    assert {refusal.code for refusal in refused} <= {"INVALID_MERCHANDISE_LINE"}
    units = sum(line.quantity for line in CartLine.objects.exclude(cart=first))
    assert units == 4 + 2 + 3
    assert first.lines.count() == 1
