"""Points in many carts at the same moment: no balance pays more than it has, and nothing is credited twice."""

from functools import partial

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts import points
from accounts.actors import SYSTEM, Actor
from accounts.models import PointsAccount, PointsEntry
from checkout import checkouts, earned_points, fulfilment, orders
from checkout.checkouts import PaymentWish
from checkout.fulfilment import Tracking
from checkout.models import Order, TestCharge
from tests import builders
from tests.concurrency.refusals import refused_at_once
from tests.concurrency.test_killed_checkouts import killed

pytestmark = pytest.mark.django_db(transaction=True)


def test_staff_orders_and_the_job_at_once() -> None:
    builders.a_loyalty_program(expiry_days=30)
    mug = builders.a_variant("MUG", stock=50, price="10.00")
    alice = builders.a_customer()
    sent = [builders.an_order((mug, 1), owner=alice) for _ in range(4)]
    for order in sent:
        fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    carts = [builders.a_ready_cart((builders.a_variant(), 1), owner=alice, points=10) for _ in range(6)]
    new = [builders.an_order((mug, 1), owner=alice) for _ in range(2)]
    give = partial(points.adjust, customer_id=alice.pk, points=9, reason="Thanks", actor=SYSTEM)
    take = partial(points.adjust, customer_id=alice.pk, points=-7, reason="Mistake", actor=SYSTEM)

    refused = refused_at_once(
        *[partial(checkouts.complete, cart.secret, PaymentWish("test"), buyer=Actor(alice.pk)) for cart in carts],
        *[partial(orders.cancel, order_key=order.key, reason="") for order in new],
        *[partial(_counted, order.pk) for order in [*sent, *sent, *new]],
        *[give, take] * 3,
        points.expire,
    )

    assert {refusal.code for refusal in refused} <= {"POINTS_OVERDRAWN"}
    assert PointsEntry.objects.filter(kind="EARN").count() == 4
    call_command("verify", verbosity=0)


# Before "ask" the points are spent and committed; nobody has heard of the rest.
@pytest.mark.parametrize("returns", [True, False])
def test_a_killed_checkout_loses_no_points(returns: bool) -> None:
    builders.a_loyalty_program()
    alice = builders.given_points(builders.a_customer(), 1000)
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=3), 1), owner=alice, points=600)
    killed(cart, "checkout.payments.ask")
    assert PointsAccount.objects.get().balance == 400

    if returns:
        checkouts.complete(cart.secret, PaymentWish("test"), buyer=Actor(alice.pk))
    else:
        Order.objects.update(hold_expires_at="2020-01-01T00:00Z")
        checkouts.settle_overdue()

    assert PointsAccount.objects.get().balance == (400 if returns else 1000)
    assert [one.amount for one in TestCharge.objects.filter(status="CAPTURED")] == ([9] if returns else [])
    call_command("verify", verbosity=0)


def _counted(order_id: int) -> None:
    with transaction.atomic():
        earned_points.count(order_id)
