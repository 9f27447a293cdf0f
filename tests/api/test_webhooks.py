"""POST /webhooks/<gateway>/: what a gateway tells by itself is kept once, and the gateway asked what is true."""

import json
from typing import Any

import pytest
from django.test import Client

from checkout.gateways.test import SIGNATURE, signature
from checkout.models import (
    Order,
    OrderStatus,
    Payment,
    PaymentEntry,
    PaymentStatus,
    TestCharge,
    TestRefund,
    WebhookEvent,
)
from checkout.webhooks import forget_old
from schema.webhook_view import MAX_BYTES
from shop import relay
from shop.ids import new_key
from shop.models import OutboxMessage
from tests import builders

Send = Any


@pytest.fixture
def send(client: Client, db: None) -> Send:
    """Send an event of the test bank, and say with which status it was answered."""

    def post(about: object, event: str = "evt_1", **headers: str) -> int:
        body = json.dumps({"id": event, "type": "payment.changed", "payment": str(about)}).encode()
        headers = headers or {SIGNATURE: signature(body)}
        response = client.post("/webhooks/test/", body, content_type="application/json", headers=headers)
        return response.status_code

    return post


@pytest.fixture
def waiting(db: None) -> Payment:
    """A payment of 25.00 that the bank has not decided about."""
    mug = builders.a_variant("MUG", stock=3, price="10.00")
    return builders.an_order((mug, 2), token="pending").payments.get()


def bank_says(status: PaymentStatus) -> None:
    TestCharge.objects.update(status=status)


def ledger() -> list[str]:
    return [entry.kind for entry in PaymentEntry.objects.order_by("pk")]


def test_is_kept_answered_at_once_and_acted_upon_later(send: Send, waiting: Payment, assert_verified: Any) -> None:
    bank_says(PaymentStatus.CAPTURED)

    assert send(waiting.key) == 200

    event = WebhookEvent.objects.get()
    assert (event.gateway, event.event_id, event.payment_key) == ("test", "evt_1", waiting.key)
    assert event.processed_at is None
    assert Order.objects.get().status == OrderStatus.PLACED

    relay.drain()

    assert WebhookEvent.objects.get().processed_at is not None
    assert Order.objects.get().status == OrderStatus.CONFIRMED
    assert ledger() == ["CAPTURE"]
    assert_verified()


def test_repeated_and_late_notices_change_nothing(send: Send, waiting: Payment, assert_verified: Any) -> None:
    bank_says(PaymentStatus.CAPTURED)

    # The later event comes first, and each comes twice: what counts is what the bank says when it is asked.
    answers = [send(waiting.key, event) for event in ("evt_2", "evt_1", "evt_2", "evt_1")]
    relay.drain()

    assert answers == [200] * 4
    assert WebhookEvent.objects.count() == 2
    assert ledger() == ["CAPTURE"]
    assert OutboxMessage.objects.filter(topic="order.confirmed").count() == 1
    assert_verified()


@pytest.mark.parametrize("forged", ["", "0" * 64, "ü"])
def test_what_is_not_signed_by_the_bank_is_not_kept(send: Send, waiting: Payment, forged: str) -> None:
    bank_says(PaymentStatus.CAPTURED)

    assert send(waiting.key, **{SIGNATURE: forged}) == 400

    relay.drain()
    assert not WebhookEvent.objects.exists()
    assert Order.objects.get().status == OrderStatus.PLACED


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"id": 1, "type": 2, "payment": 3}'])
def test_what_makes_no_sense_is_not_kept(client: Client, db: None, body: bytes) -> None:
    response = client.post(
        "/webhooks/test/", body, content_type="application/json", headers={SIGNATURE: signature(body)}
    )

    assert response.status_code == 400
    assert not WebhookEvent.objects.exists()


def test_what_is_too_long_is_not_read(client: Client, db: None) -> None:
    body = b" " * (MAX_BYTES + 1)

    response = client.post(
        "/webhooks/test/", body, content_type="application/json", headers={SIGNATURE: signature(body)}
    )

    assert response.status_code == 413
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(("path", "status"), [("/webhooks/barter/", 404), ("/webhooks/manual/", 400)])
def test_only_gateways_that_tell_something_are_heard(client: Client, db: None, path: str, status: int) -> None:
    assert client.post(path, b"{}", content_type="application/json").status_code == status
    assert client.get(path).status_code == 405


def test_an_unknown_payment_is_passed_over(send: Send) -> None:
    assert send(new_key()) == 200
    relay.drain()

    assert WebhookEvent.objects.get().processed_at is not None
    assert not relay.troubled().exists()


def test_comes_before_our_own_answer(send: Send, monkeypatch: pytest.MonkeyPatch, assert_verified: Any) -> None:
    """The bank tells that it has the money while our process, which asked for it, is dying."""
    cart = builders.a_ready_cart((builders.a_variant("MUG"), 1))
    with monkeypatch.context() as dying:
        dying.setattr("checkout.checkouts.payments.record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            builders.completed(cart)
    payment = Payment.objects.get()
    assert payment.status == PaymentStatus.PENDING

    send(payment.key)
    relay.drain()
    again = builders.completed(cart)

    assert again.status == OrderStatus.CONFIRMED
    assert Order.objects.count() == TestCharge.objects.count() == 1
    assert ledger() == ["CAPTURE"]
    assert_verified()


@pytest.mark.parametrize("answer", [PaymentStatus.FAILED, PaymentStatus.VOIDED])
def test_money_that_comes_for_an_order_given_up_goes_back(
    send: Send, waiting: Payment, assert_verified: Any, answer: PaymentStatus
) -> None:
    bank_says(answer)
    send(waiting.key)
    relay.drain()
    assert Order.objects.get().status == OrderStatus.CANCELLED

    bank_says(PaymentStatus.CAPTURED)
    send(waiting.key, "evt_2")
    relay.drain()

    assert Order.objects.get().status == OrderStatus.CANCELLED
    assert ledger()[1:] == ["CAPTURE", "REFUND"]
    assert TestRefund.objects.get().amount == 25
    assert_verified()


def test_old_notices_are_forgotten_once_they_were_acted_upon(
    send: Send, waiting: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(waiting.key)
    relay.drain()
    send(waiting.key, "evt_2")
    WebhookEvent.objects.update(received_at="2020-01-01T00:00Z")

    forget_old()

    assert [event.event_id for event in WebhookEvent.objects.all()] == ["evt_2"]
