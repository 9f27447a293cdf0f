"""Orders whose hold ran out while payment was pending: decided by what the gateway says, once it says something."""

import logging
from datetime import timedelta
from decimal import Decimal

import pytest

from catalog.models import StockLevel
from checkout import checkouts
from checkout.gateways import Charge, GatewayUnavailable, Outcome
from checkout.gateways.test import TestGateway
from checkout.models import Order, OrderStatus, Payment, PaymentEntry, PaymentStatus, TestCharge
from shop import clock
from shop.models import OutboxMessage
from tests import builders


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", stock=5)


@pytest.fixture
def later(monkeypatch, settings):
    """Call it to let every hold run out."""

    def move() -> None:
        time = clock.now() + settings.HOLD_LIFETIME + timedelta(seconds=1)
        monkeypatch.setattr(clock, "now", lambda: time)

    return move


def kinds() -> list[str]:
    return list(PaymentEntry.objects.order_by("pk").values_list("kind", flat=True))


def test_waits_while_the_hold_lasts(mug):
    order = builders.an_order((mug, 1), token="pending")

    checkouts.settle_overdue()

    order.refresh_from_db()
    assert order.status == OrderStatus.PLACED
    assert StockLevel.objects.get().reserved == 1


def test_gives_up_what_was_never_paid_and_opens_the_cart_again(mug, later, assert_verified):
    order = builders.an_order((mug, 1), token="pending")
    later()

    checkouts.settle_overdue()

    order.refresh_from_db()
    assert (order.status, order.cancel_reason, order.hold_expires_at) == (
        OrderStatus.CANCELLED,
        "The payment failed.",
        None,
    )
    assert order.cart is not None
    assert (order.cart.completed_at, order.cart.updated_at) == (None, clock.now())
    assert kinds() == ["VOID"]
    assert StockLevel.objects.get().reserved == 0
    assert [message.topic for message in OutboxMessage.objects.order_by("pk")] == ["payment.voided", "order.cancelled"]
    assert_verified()


def test_confirms_what_was_paid_while_nobody_looked(mug, later, assert_verified):
    order = builders.an_order((mug, 1), token="pending")
    TestCharge.objects.update(status=PaymentStatus.CAPTURED)
    later()

    checkouts.settle_overdue()

    order.refresh_from_db()
    assert order.status == OrderStatus.CONFIRMED
    assert kinds() == ["CAPTURE"]
    assert StockLevel.objects.get().reserved == 1
    assert_verified()


def test_makes_sure_that_nothing_is_charged_for_what_never_reached_the_gateway(mug, later, monkeypatch):
    cart = builders.a_ready_cart((mug, 1))
    with monkeypatch.context() as broken:
        broken.setattr("checkout.payments.ask", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            builders.completed(cart)
    later()

    checkouts.settle_overdue()

    assert list(TestCharge.objects.values_list("status", "amount")) == [("VOIDED", Decimal(0))]
    assert Order.objects.get().status == OrderStatus.CANCELLED
    assert builders.completed(cart).status == OrderStatus.CONFIRMED


def test_confirms_a_promise_to_pay_later_and_an_order_that_costs_nothing(mug, later, monkeypatch):
    builders.a_shipping_method(amount="0.00")
    carts = [builders.a_ready_cart((mug, 1)), builders.a_ready_cart((builders.a_variant(price="0.00"), 1))]
    with monkeypatch.context() as broken:
        broken.setattr("checkout.payments.ask", lambda *_, **__: 1 / 0)
        for cart, gateway in zip(carts, ("manual", "test"), strict=True):
            with pytest.raises(ZeroDivisionError):
                builders.completed(cart, gateway=gateway)
    later()

    checkouts.settle_overdue()

    assert [order.status for order in Order.objects.order_by("pk")] == [OrderStatus.CONFIRMED] * 2
    assert kinds() == ["AUTHORIZATION", "CAPTURE"]


def test_tells_both_halves_of_what_was_paid_and_given_back_meanwhile(mug, later):
    order = builders.an_order((mug, 1), token="pending")
    TestCharge.objects.update(status=PaymentStatus.REFUNDED)
    later()

    checkouts.settle_overdue()

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert kinds() == ["CAPTURE", "REFUND"]


def test_one_gateway_in_trouble_does_not_keep_the_others_waiting(mug, later, monkeypatch, caplog):
    stuck, _ = (builders.an_order((mug, 1), token="pending") for _ in range(2))
    stuck_key = stuck.payments.get().key
    find = TestGateway.find

    def failing(gateway: TestGateway, charge: Charge) -> Outcome | None:
        if charge.key == stuck_key:
            raise GatewayUnavailable("The bank does not answer.")
        return find(gateway, charge)

    monkeypatch.setattr(TestGateway, "find", failing)
    later()

    with caplog.at_level(logging.ERROR):
        checkouts.settle_overdue()

    assert [order.status for order in Order.objects.order_by("pk")] == [OrderStatus.PLACED, OrderStatus.CANCELLED]
    assert [record.getMessage() for record in caplog.records] == [
        f"What became of payment {stuck_key} could not be told; it is asked about again."
    ]
    monkeypatch.setattr(TestGateway, "find", find)
    checkouts.settle_overdue()
    stuck.refresh_from_db()
    assert stuck.status == OrderStatus.CANCELLED


def test_asks_again_what_the_gateway_cannot_tell_yet(mug, later, monkeypatch):
    builders.an_order((mug, 1), token="pending")
    monkeypatch.setattr(TestGateway, "void", lambda *_: Outcome(PaymentStatus.PENDING))
    later()

    checkouts.settle_overdue()
    assert Payment.objects.get().status == PaymentStatus.PENDING
    assert Order.objects.get().status == OrderStatus.PLACED

    monkeypatch.undo()
    later()
    checkouts.settle_overdue()
    assert Payment.objects.get().status == PaymentStatus.VOIDED
