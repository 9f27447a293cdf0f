"""Payments: one table of states, a ledger that only grows, and old news that changes nothing."""

from itertools import product

import pytest

from checkout import payments
from checkout.gateways import Outcome
from checkout.models import Order, OrderStatus, Payment, PaymentEntry, PaymentStatus
from checkout.models.order import OrderStatusRefused
from checkout.models.payment import PaymentStatusRefused
from shop.models import OutboxMessage
from tests import builders


@pytest.fixture
def payment(db) -> Payment:
    """The pending payment of a placed order."""
    return builders.an_order((builders.a_variant("MUG"), 1), token="pending").payments.get()


def kinds() -> list[str]:
    return list(PaymentEntry.objects.order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("heard", "order_status", "ledger"),
    [
        ([PaymentStatus.PENDING], OrderStatus.PLACED, []),
        ([PaymentStatus.CAPTURED], OrderStatus.CONFIRMED, ["CAPTURE"]),
        ([PaymentStatus.AUTHORIZED], OrderStatus.CONFIRMED, ["AUTHORIZATION"]),
        ([PaymentStatus.FAILED], OrderStatus.CANCELLED, ["FAILURE"]),
        ([PaymentStatus.VOIDED], OrderStatus.CANCELLED, ["VOID"]),
        ([PaymentStatus.REFUNDED], OrderStatus.CANCELLED, ["CAPTURE", "REFUND"]),
        ([PaymentStatus.CAPTURED] * 3, OrderStatus.CONFIRMED, ["CAPTURE"]),
        ([PaymentStatus.CAPTURED, PaymentStatus.AUTHORIZED], OrderStatus.CONFIRMED, ["CAPTURE"]),
        ([PaymentStatus.CAPTURED, PaymentStatus.FAILED], OrderStatus.CONFIRMED, ["CAPTURE"]),
        ([PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED], OrderStatus.CONFIRMED, ["AUTHORIZATION", "CAPTURE"]),
        ([PaymentStatus.AUTHORIZED, PaymentStatus.PENDING], OrderStatus.CONFIRMED, ["AUTHORIZATION"]),
        ([PaymentStatus.VOIDED, PaymentStatus.FAILED], OrderStatus.CANCELLED, ["VOID"]),
        (
            [PaymentStatus.CAPTURED, PaymentStatus.REFUNDED, PaymentStatus.CAPTURED],
            OrderStatus.CONFIRMED,
            ["CAPTURE", "REFUND"],
        ),
    ],
)
def test_what_a_gateway_says_becomes_of_the_order(payment, heard, order_status, ledger, assert_verified):
    for status in heard:
        payments.record(payment.pk, Outcome(status, "ref_1", "As the bank says."))

    assert Order.objects.get().status == order_status
    assert kinds() == ledger
    assert not OutboxMessage.objects.filter(topic="payment.reversal_due").exists()
    assert_verified()


def test_remembers_how_the_gateway_calls_it_and_why_it_failed(payment):
    payments.record(payment.pk, Outcome(PaymentStatus.FAILED, "ref_1", "No money. " * 100))

    payment.refresh_from_db()
    assert payment.gateway_reference == "ref_1"
    assert payment.error == ("No money. " * 100)[:500]
    assert PaymentEntry.objects.get().message == payment.error


def test_holds_what_came_in_minus_what_went_back(payment):
    payments.record(payment.pk, Outcome(PaymentStatus.CAPTURED))
    payments.record(payment.pk, Outcome(PaymentStatus.REFUNDED))

    signs = {"CAPTURE": 1, "REFUND": -1}
    assert sum(signs[entry.kind] * entry.amount for entry in PaymentEntry.objects.all()) == 0


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ([], "PENDING"),
        (["PENDING"], "PENDING"),
        (["FAILED"], "VOIDED"),
        (["VOIDED"], "VOIDED"),
        (["REFUNDED"], "REFUNDED"),
        (["FAILED", "PENDING"], "PENDING"),
        (["VOIDED", "AUTHORIZED"], "AUTHORIZED"),
        (["FAILED", "CAPTURED"], "PAID"),
        (["REFUNDED", "CAPTURED"], "PARTIALLY_REFUNDED"),
        (["CAPTURED", "AUTHORIZED"], "PARTIALLY_PAID"),
        (["CAPTURED", "PENDING"], "PARTIALLY_PAID"),
    ],
)
def test_says_what_became_of_the_money(statuses, said):
    amounts = {"CAPTURED": {"captured": 1}, "REFUNDED": {"captured": 1, "refunded": 1}}

    assert payments.financial_status([Payment(status=one, **amounts.get(one, {})) for one in statuses]) == said


@pytest.mark.parametrize(("status", "wanted"), list(product(PaymentStatus, repeat=2)))
def test_a_payment_takes_only_the_ways_of_its_table(status, wanted):
    payment = Payment(status=status)

    if wanted in PaymentStatus(status).next:
        payment.become(wanted)
        assert payment.status == wanted
    else:
        with pytest.raises(PaymentStatusRefused):
            payment.become(wanted)
        assert payment.status == status


@pytest.mark.parametrize(("status", "wanted"), list(product(OrderStatus, repeat=2)))
def test_an_order_takes_only_the_ways_of_its_table(status, wanted):
    order = Order(number=1, status=status)

    if wanted in OrderStatus(status).next:
        order.become(wanted)
        assert order.status == wanted
        assert getattr(order, f"{wanted.lower()}_at") is not None
    else:
        with pytest.raises(OrderStatusRefused):
            order.become(wanted)
        assert order.status == status


def test_last_words_are_last():
    # What failed or was given up may still turn out to be received, and then goes back.
    assert {status for status in PaymentStatus if not status.next} == {PaymentStatus.REFUNDED}
    assert {status for status in OrderStatus if not status.next} == {OrderStatus.FULFILLED, OrderStatus.CANCELLED}
