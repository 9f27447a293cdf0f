"""Draft orders at the same moment: each becomes one order, which is paid once."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from django.core.management import call_command

from accounts.actors import SYSTEM
from catalog.models import StockHold
from checkout import drafts, exchanges, fulfilment, further_payments, refunds, returns
from checkout.checkouts import PaymentWish
from checkout.draft_fields import Delivery, DraftFields, NewLine
from checkout.exchanges import Wish
from checkout.fulfilment import Tracking
from checkout.models import DraftOrder, Order, OrderEvent, Payment, TestRefund
from shop import relay
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def a_draft(*lines: NewLine) -> DraftOrder:
    fields: DraftFields = {
        "email": "ada@example.com",
        "shipping_address": builders.ADDRESS,
        "line_items": lines,
        "delivery": Delivery(price=Decimal(5)),
    }
    return drafts.create(draft=fields, actor=SYSTEM)


def test_a_draft_becomes_one_order_that_is_paid_once() -> None:
    mug = builders.a_variant("MUG", stock=3, price="10.00")
    draft = a_draft(NewLine(mug.pk, 2), NewLine(title="Engraving", price=Decimal(1)))
    complete = partial(drafts.complete, draft_key=draft.key, is_paid=False, actor=SYSTEM)

    assert refused_at_once(*[complete] * 8) == []

    order = Order.objects.get()
    assert StockHold.objects.get().quantity == 2
    assert OrderEvent.objects.filter(kind="CONFIRMED").count() == 1
    pay = partial(further_payments.pay, order_key=order.key, wish=PaymentWish("test"), buyer=SYSTEM)

    refused = refused_at_once(*[pay] * 8)

    assert {refusal.code for refusal in refused} <= {"ORDER_NOTHING_DUE"}
    assert sum(payment.captured for payment in Payment.objects.all()) == order.total == 26
    call_command("verify", verbosity=0)


def test_two_drafts_do_not_take_the_same_unit() -> None:
    mug = builders.a_variant("MUG", stock=3)
    completing = [
        partial(drafts.complete, draft_key=a_draft(NewLine(mug.pk, 1)).key, is_paid=True, actor=SYSTEM)
        for _ in range(6)
    ]

    refused = refused_at_once(*completing)

    assert [refusal.code for refusal in refused] == ["INSUFFICIENT_STOCK"] * 3
    assert (Order.objects.count(), DraftOrder.objects.filter(order=None).count()) == (3, 3)
    call_command("verify", verbosity=0)


def test_a_return_is_worth_something_once() -> None:
    """Whoever asks to exchange it, or to give its money back, all at once."""
    jug = builders.a_variant("JUG", stock=9, price="12.00")
    order = builders.an_order((builders.a_variant("MUG", stock=3, price="10.00"), 3))
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    back = returns.request(order_key=order.key, lines=[(order.lines.get().pk, 2)], reason="", actor=SYSTEM)
    returns.receive(return_key=back.key, arrivals=None, location_id=None, refund=False, actor=SYSTEM)
    swap = partial(exchanges.exchange, return_key=back.key, wish=Wish([NewLine(jug.pk)]), actor=SYSTEM)
    give = partial(exchanges.give_back, return_key=back.key, actor=SYSTEM)
    also = partial(refunds.create, order_key=order.key, amount=Decimal(20), reason="", actor=SYSTEM)
    works: list[Callable[[], object]] = [swap, give, also]

    refused = refused_at_once(*works * 4)

    assert [refusal.code for refusal in refused].count("RETURN_NOT_TO_SETTLE") == 7
    relay.drain()
    out = sum(refund.amount for refund in TestRefund.objects.all())
    moved = sum(payment.captured for payment in Payment.objects.filter(gateway="exchange"))
    kept = sum(payment.captured - payment.refunded for payment in Payment.objects.filter(order=order))
    assert kept + out + moved == order.total == 35
    assert Order.objects.exclude(pk=order.pk).count() == (1 if moved or StockHold.objects.exists() else 0)
    call_command("verify", verbosity=0)
