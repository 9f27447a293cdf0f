"""Gift cards in many carts at the same moment: none pays more than it has."""

from decimal import Decimal
from functools import partial

import pytest
from django.core.management import call_command

from accounts.actors import SYSTEM
from checkout import checkouts, gift_cards
from checkout.checkouts import PaymentWish
from checkout.models import CartGiftCard, Payment
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_staff_and_shoppers_take_no_more_than_there_is() -> None:
    mug = builders.a_variant("MUG", stock=20, price="10.00")
    card, _ = builders.a_gift_card("60.00")
    carts = [builders.a_ready_cart((mug, 1)) for _ in range(6)]
    for cart in carts:
        CartGiftCard.objects.create(cart=cart, gift_card=card)
    take = partial(gift_cards.debit, key=card.key, amount=Decimal(15), reason="Mistake", actor=SYSTEM)

    refused = refused_at_once(
        *[partial(checkouts.complete, cart.secret, PaymentWish("test")) for cart in carts], *[take] * 6
    )

    taken = 6 - len(refused)
    assert {refusal.code for refusal in refused} <= {"GIFT_CARD_OVERDRAWN"}
    card.refresh_from_db()
    assert (card.balance, taken + Payment.objects.filter(gateway="gift_card").count()) == (Decimal(0), 4)
    call_command("verify", verbosity=0)
