"""Many refunds of one order at the same moment: together they give back what was received, and no more."""

from decimal import Decimal
from functools import partial

import pytest
from django.core.management import call_command

from accounts.actors import SYSTEM
from checkout import refunds
from checkout.models import Payment, Refund, TestRefund
from shop import relay
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_more_is_given_back_than_was_received() -> None:
    order = builders.an_order((builders.a_variant("MUG", stock=3, price="10.00"), 2))  # 25.00
    give_back = partial(refunds.create, order_key=order.key, amount=Decimal(2), reason="", actor=SYSTEM)

    refused = refused_at_once(*[give_back] * 20)

    assert {refusal.code for refusal in refused} == {"REFUND_TOO_LARGE"}
    assert len(refused) == 8
    relay.drain()
    assert Payment.objects.get().refunded == 24
    assert TestRefund.objects.count() == Refund.objects.filter(status="DONE").count() == 12
    call_command("verify", verbosity=0)
