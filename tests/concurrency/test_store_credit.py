"""Store credit given, refunded and spent at the same moment: one balance, and no more is spent than it has."""

from decimal import Decimal
from functools import partial

import pytest
from django.core.management import call_command

from accounts.actors import SYSTEM, Actor
from checkout import checkouts, refunds, store_credit
from checkout.checkouts import PaymentWish
from checkout.models import CartGiftCard, GiftCard, Payment
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_ten_orders_refunded_at_once_make_one_credit_which_ten_carts_spend() -> None:
    alice = builders.a_customer()
    sold = [builders.an_order((builders.a_variant(price="10.00"), 1), owner=alice) for _ in range(10)]
    for order in sold:
        refunds.create(order_key=order.key, amount=Decimal(4), reason="", actor=SYSTEM, to_store_credit=True)
    due = [refund.pk for order in sold for refund in refunds.of_orders([order.pk])]
    give = partial(
        store_credit.adjust, customer_id=alice.pk, amount=Decimal(1), currency="USD", reason="Sorry", actor=SYSTEM
    )

    assert refused_at_once(*[partial(refunds.settle, pk) for pk in [*due, *due]], *[give] * 5) == []

    card = GiftCard.objects.get()
    assert card.balance == 45
    carts = [builders.a_ready_cart((builders.a_variant(price="10.00"), 1), owner=alice) for _ in range(10)]
    for cart in carts:
        CartGiftCard.objects.create(cart=cart, gift_card=card)
    buyer = Actor(alice.pk)
    buying = [partial(checkouts.complete, cart.secret, PaymentWish("test"), buyer=buyer) for cart in carts]
    assert refused_at_once(*buying) == []
    assert sum(payment.captured for payment in Payment.objects.filter(gateway="gift_card")) == 45
    card.refresh_from_db()
    assert card.balance == 0
    call_command("verify", verbosity=0)
