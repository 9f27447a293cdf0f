"""Merging and completing at the same moment: no unit is lost or doubled."""

from functools import partial

import pytest
from django.core.management import call_command

from checkout import checkouts, merging
from checkout.checkouts import PaymentWish
from checkout.models import CartLine, OrderLine
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("_", range(3))
def test_merging_both_ways_while_one_is_bought(_: int) -> None:
    mug = builders.a_variant("MUG", stock=50)
    one, other = builders.a_ready_cart((mug, 2)), builders.a_ready_cart((mug, 3))

    refused = refused_at_once(
        partial(merging.merge, secret=one.secret, into=other.secret),
        partial(merging.merge, secret=other.secret, into=one.secret),
        partial(checkouts.complete, one.secret, PaymentWish("test")),
        partial(checkouts.complete, other.secret, PaymentWish("test")),
    )

    assert {refusal.code for refusal in refused} <= {"NOT_FOUND"}
    ordered = sum(line.quantity for line in OrderLine.objects.filter(order__status="CONFIRMED"))
    open_units = sum(line.quantity for line in CartLine.objects.filter(cart__completed_at=None))
    assert ordered + open_units == 5
    call_command("verify", verbosity=0)
