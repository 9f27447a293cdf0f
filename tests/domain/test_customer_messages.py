"""What customers and staff are told of an order's life: once, in time, and through a mail server that is real."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from accounts.actors import SYSTEM
from checkout import fulfilment, orders, refunds
from checkout import payments as money
from checkout.fulfilment import Tracking
from checkout.gateways import Outcome
from checkout.models import OrderStatus, PaymentStatus
from shop import clock, outbox, relay
from shop.models import OutboxDelivery
from tests import builders


@pytest.fixture(autouse=True)
def clay(settings: Any) -> None:
    settings.SHOP_NAME = "Clay & Co"
    settings.DEFAULT_FROM_EMAIL = "hello@clay.example"
    settings.ORDER_STATUS_URL = "https://clay.example/orders/{token}"
    settings.CUSTOMER_SMS = []


@pytest.fixture
def told(mailoutbox) -> Callable[[], list[str]]:
    """Call it to have the worker do its work, and get the subjects of the mails to the customer since."""

    def work() -> list[str]:
        relay.drain()
        subjects = sorted(mail.subject for mail in mailoutbox if mail.to == ["ada@example.com"])
        mailoutbox.clear()
        return subjects

    return work


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", stock=5, title="Mug")


def test_a_paid_order_is_told_of_once_with_each_step(mug, told, mailoutbox):
    order = builders.an_order((mug, 2))
    n = order.name
    assert told() == [f"Clay & Co: order {n} confirmed"]

    tracking = Tracking("UPS", ("1Z999",), ("https://ups.example/1Z999",))
    line = order.lines.get()
    first = fulfilment.create(order_key=order.key, lines=[(line.pk, 1)], tracking=tracking, actor=SYSTEM)
    relay.drain()
    [mail] = mailoutbox
    assert mail.message()["Message-ID"] == f"<order_shipped.{first.key}@clay.example>"
    assert "UPS 1Z999\nFollow the parcel: https://ups.example/1Z999\n" in mail.body
    assert "\n1 x Mug\n" in mail.body
    assert told() == [f"Clay & Co: a part of order {n} is on its way"]

    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    assert told() == [f"Clay & Co: order {n} is on its way"]

    outbox.publish("order.delivered", order_id=order.pk)
    assert told() == [f"Clay & Co: a parcel of order {n} has arrived"]

    refunds.create(order_key=order.key, amount=None, reason="Cracked", actor=SYSTEM)
    total = order.total_price
    relay.drain()
    assert "The reason: Cracked" in mailoutbox[0].body
    assert told() == [f"Clay & Co: {total} of order {n} given back"]


def test_money_that_was_promised_is_told_when_it_comes(mug, told, mailoutbox):
    order = builders.an_order((mug, 1), gateway="manual")
    relay.drain()
    assert "It is to be paid as agreed." in mailoutbox[0].body
    assert told() == [f"Clay & Co: order {order.name} confirmed"]

    money.mark_as_paid(order_key=order.key)

    assert told() == [f"Clay & Co: payment of order {order.name} received"]


def test_a_cancelled_order_is_told_of_and_that_the_money_comes_back(mug, told, mailoutbox):
    order = builders.an_order((mug, 1))
    told()

    orders.cancel(order_key=order.key, reason="The kiln broke")

    relay.drain()
    bodies = "\n".join(mail.body for mail in mailoutbox)
    assert "What you paid is given back.\n\nThe reason: The kiln broke\n" in bodies
    assert told() == [
        f"Clay & Co: {order.total_price} of order {order.name} given back",
        f"Clay & Co: order {order.name} is cancelled",
    ]


def test_nothing_is_told_that_is_true_no_longer(mug, told):
    order = builders.an_order((mug, 1))
    orders.cancel(order_key=order.key, reason="")

    assert f"Clay & Co: order {order.name} confirmed" not in told()


def test_who_was_told_of_no_order_is_told_of_no_end(mug, told):
    order = builders.an_order((mug, 1), token="pending")
    money.record(order.payments.get().pk, Outcome(PaymentStatus.FAILED, message="No funds"))
    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED

    assert told() == []


def test_settings_choose_what_is_told(mug, told, settings):
    settings.CUSTOMER_MAILS = ["order.shipped"]
    order = builders.an_order((mug, 1))
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)

    assert told() == [f"Clay & Co: order {order.name} is on its way"]


def test_staff_who_keep_orders_hear_of_new_ones_and_of_failed_payments(mug, sam, mailoutbox, settings):
    order = builders.an_order((mug, 1))
    lost = builders.an_order((mug, 1), token="pending")
    money.record(lost.payments.get().pk, Outcome(PaymentStatus.FAILED, message="No funds"))
    relay.drain()

    to_staff = [mail for mail in mailoutbox if mail.to == [sam.email]]
    assert sorted(mail.subject for mail in to_staff) == [
        f"Clay & Co: a payment of order {lost.name} failed",
        f"Clay & Co: new order {order.name}, {order.total_price}",
    ]
    [failed] = [mail for mail in to_staff if "failed" in mail.subject]
    assert "The gateway says: No funds\n\nThe order is cancelled now." in failed.body

    mailoutbox.clear()
    settings.STAFF_EMAILS, settings.CUSTOMER_MAILS = ["orders@clay.example"], []
    order = builders.an_order((mug, 1))
    relay.drain()
    assert [mail.to for mail in mailoutbox] == [["orders@clay.example"]]


class Server:
    """A mail server that keeps what it takes, and answers as it is told."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.taken: list[tuple[list[str], Message]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (the name aiosmtpd calls)
        if self.answer.startswith("250"):
            self.taken.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return self.answer


@pytest.fixture
def smtp(settings: Any) -> Iterator[Server]:
    """A mail server on this machine, through which the shop sends."""
    server = Server()
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield server
    controller.stop()


def test_a_mail_crosses_a_real_server_with_both_its_twins(mug, smtp):
    order = builders.an_order((mug, 1), email="ada@example.com")

    relay.drain()

    [(to, mail)] = smtp.taken
    assert to == ["ada@example.com"]
    assert mail["Message-ID"].strip() == f"<order_confirmed.{order.key}@clay.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = (part.get_payload(decode=True).decode() for part in mail.get_payload())
    assert [part.get_content_type() for part in mail.get_payload()] == ["text/plain", "text/html"]
    assert f"Order {order.name} of" in text
    assert f"<strong>{order.name}</strong> of" in html
    assert "src=" not in html


def test_a_server_that_fails_is_tried_again_with_the_same_mail(mug, smtp):
    smtp.answer = "451 Try again later"
    order = builders.an_order((mug, 1))
    relay.drain()
    delivery = OutboxDelivery.objects.get(handler="checkout.notifications.confirm_order")
    assert (delivery.done_at, smtp.taken) == (None, [])
    assert "451" in delivery.last_error

    smtp.answer = "250 OK"
    OutboxDelivery.objects.filter(pk=delivery.pk).update(due_at=clock.now())
    relay.drain()

    assert [mail["Message-ID"].strip() for _, mail in smtp.taken] == [f"<order_confirmed.{order.key}@clay.example>"]


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(mug, settings):
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.1
        builders.an_order((mug, 1))
        relay.drain()

    delivery = OutboxDelivery.objects.get(handler="checkout.notifications.confirm_order")
    assert delivery.done_at is None
    assert "timed out" in delivery.last_error
