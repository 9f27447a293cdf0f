"""Gateways are asked about what is not settled, and what they say is recorded like any other answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from checkout import reconciliation
from checkout.models import Order, OrderStatus, Payment, PaymentEntry, PaymentStatus, TestCharge
from shop import clock, relay
from tests import builders


@pytest.fixture
def order_of(db: None) -> Callable[[str], Order]:
    mug = builders.a_variant("MUG", stock=9, price="10.00")
    return lambda token: builders.an_order((mug, 2), token=token)


def hours_pass(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    late = clock.now() + timedelta(hours=hours)
    monkeypatch.setattr(clock, "now", lambda: late)


@pytest.mark.parametrize(
    ("token", "says", "order_is", "entries"),
    [
        ("pending", PaymentStatus.CAPTURED, OrderStatus.CONFIRMED, ["CAPTURE"]),
        ("pending", PaymentStatus.PENDING, OrderStatus.PLACED, []),
        ("authorize", PaymentStatus.CAPTURED, OrderStatus.CONFIRMED, ["AUTHORIZATION", "CAPTURE"]),
        ("authorize", PaymentStatus.AUTHORIZED, OrderStatus.CONFIRMED, ["AUTHORIZATION"]),
    ],
)
def test_learns_what_became_of_payments(
    order_of: Any, monkeypatch: pytest.MonkeyPatch, token: str, says: str, order_is: str, entries: list[str]
) -> None:
    order_of(token)
    TestCharge.objects.update(status=says)

    reconciliation.settle()
    assert len(PaymentEntry.objects.all()) == (token == "authorize")

    hours_pass(monkeypatch, 2)
    reconciliation.settle()
    reconciliation.settle()

    assert Order.objects.get().status == order_is
    assert [entry.kind for entry in PaymentEntry.objects.order_by("pk")] == entries


def test_money_nobody_told_of_goes_back(order_of: Any, monkeypatch: pytest.MonkeyPatch, assert_verified: Any) -> None:
    order_of("pending")
    TestCharge.objects.update(status=PaymentStatus.VOIDED)
    hours_pass(monkeypatch, 2)
    reconciliation.settle()
    assert Order.objects.get().status == OrderStatus.CANCELLED
    TestCharge.objects.update(status=PaymentStatus.CAPTURED)

    reconciliation.settle()
    relay.drain()

    assert [entry.kind for entry in PaymentEntry.objects.order_by("pk")] == ["VOID", "CAPTURE", "REFUND"]
    assert TestCharge.objects.get().status == PaymentStatus.REFUNDED
    assert_verified()


def test_the_command_tells_where_a_gateway_disagrees(order_of: Any, capsys: pytest.CaptureFixture[str]) -> None:
    order_of("")
    order_of("authorize")
    call_command("reconcile")
    assert capsys.readouterr().out == "The gateways agree with the ledger.\n"
    payment = Payment.objects.latest("pk")
    TestCharge.objects.filter(key=payment.key).update(status=PaymentStatus.CAPTURED)

    with pytest.raises(CommandError) as told:
        call_command("reconcile")

    assert str(told.value).splitlines() == [
        f"payment {payment.key}: authorized (0.00 USD of 25.00 USD received) here, "
        "and at test captured (25.00 USD received)",
        "1 payments differ",
    ]
    assert PaymentEntry.objects.filter(payment=payment).count() == 1
