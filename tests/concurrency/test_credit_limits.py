"""Credit that many orders want at the same moment: no more is used than there is, and nothing waits in a circle."""

from functools import partial
from typing import Any

import pytest
from django.core.management import call_command

from accounts.actors import SYSTEM, Actor
from accounts.models import CreditLimit
from checkout import cancellations, checkouts, orders, payments
from checkout.cancellations import Cancellation
from checkout.checkouts import PaymentWish
from checkout.models import Order
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def offered(settings: Any) -> None:
    settings.PAYMENT_GATEWAYS = ["invoice"]


def test_buying_paying_and_cancelling_at_once_keep_the_books() -> None:
    mug = builders.a_variant("MUG", stock=50, price="10.00")
    alice = builders.a_customer()
    builders.a_credit_limit(alice, "200.00")
    buyer, wish = Actor(alice.pk), PaymentWish("invoice")
    made = [builders.completed(builders.a_ready_cart((mug, 2), owner=alice), gateway="invoice") for _ in range(6)]
    carts = [builders.a_ready_cart((mug, 1), owner=alice) for _ in range(6)]

    def cancel_one(order: Order) -> None:
        line = order.lines.get()
        cancellations.cancel_lines(order_key=order.key, lines=[(line.pk, 1)], cancellation=Cancellation(), actor=SYSTEM)

    refused = refused_at_once(
        *[partial(orders.cancel, order_key=order.key, reason="") for order in made[:2]],
        *[partial(cancel_one, order) for order in made[2:4]],
        *[partial(payments.mark_as_paid, order_key=order.key) for order in made[3:]],
        *[partial(checkouts.complete, cart.secret, wish, buyer=buyer) for cart in carts],
    )

    assert {refusal.code for refusal in refused} <= {"CREDIT_LIMIT_EXCEEDED", "PAYMENT_NOT_CAPTURABLE"}
    assert CreditLimit.objects.get().used <= 200
    call_command("verify", verbosity=0)
