"""Asking for an alert while the stock comes in: whoever is first, the mail is sent."""

import random
import time

import pytest
from django.db import transaction

from accounts import actors
from catalog import alerts, stock
from catalog.alerts import AlreadyAvailable
from catalog.models import MovementKind, ProductAlert
from shop import relay
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


def test_nobody_misses_what_comes_while_they_ask(mailoutbox):
    alice = actors.of_user(builders.a_customer("alice@example.com"))
    dice = random.Random(7)  # noqa: S311  (a test that fails must fail again)

    for number in range(ROUNDS):
        variant = builders.a_variant(stock=0)

        @transaction.atomic
        def restock(pk: int = variant.pk, pause: float = dice.random() / 50) -> None:
            time.sleep(pause)
            stock.adjust({pk: 1}, stock.Reason(MovementKind.PURCHASE))
            time.sleep(pause)

        def ask(pk: int = variant.pk, pause: float = dice.random() / 25) -> None:
            time.sleep(pause)
            alerts.ask_for_stock(actor=alice, currency="USD", variant_id=pk, email="", client_address="")

        refused = refused_at_once(restock, ask)
        relay.drain()

        assert [type(refusal) for refusal in refused] in ([], [AlreadyAvailable])
        assert len(mailoutbox) + ProductAlert.objects.filter(status="ACTIVE").count() <= number + 1
        assert not ProductAlert.objects.filter(status="ACTIVE").exists()
