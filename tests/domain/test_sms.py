"""Text messages: what they cost, what they say, and what becomes of them at an API that fails, stalls or refuses."""

import json
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from accounts.actors import SYSTEM
from checkout import fulfilment
from checkout.fulfilment import Tracking
from shop import clock, relay, sms
from shop.models import OutboxDelivery, OutboxMessage
from tests import builders

TELL = "checkout.text_messages.tell"
PHONE = "+254711222333"


class Api:
    """What Africa's Talking is told, and what it is to answer."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], dict[str, list[str]]]] = []
        self.status, self.said, self.body = 201, "Success", b""
        self.holds_back = Event()
        self.holds_back.set()

    def answer(self) -> bytes:
        recipient = {"statusCode": 101, "number": PHONE, "status": self.said, "cost": "KES 0.8", "messageId": "AT1"}
        return self.body or json.dumps({"SMSMessageData": {"Message": "Sent", "Recipients": [recipient]}}).encode()


@pytest.fixture
def api(settings: Any) -> Iterator[Api]:
    api = Api()

    class Double(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            api.heard.append((dict(self.headers.items()), form))
            api.holds_back.wait(10)
            self.send_response(api.status)
            self.end_headers()
            self.wfile.write(api.answer())

        def log_message(self, *words: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Double)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_SENDER, settings.SMS_TIMEOUT = "africastalking", 5
    settings.AFRICASTALKING_URL = f"http://127.0.0.1:{server.server_port}/version1/messaging"
    settings.AFRICASTALKING_USERNAME, settings.AFRICASTALKING_API_KEY = "clay", "the-secret-key"
    settings.AFRICASTALKING_SENDER_ID = "CLAYCO"
    yield api
    api.holds_back.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def order(db, settings):
    settings.SHOP_NAME, settings.CUSTOMER_MAILS = "Clay & Co", []
    settings.ORDER_STATUS_URL = "https://clay.example/orders/{token}"
    return builders.an_order((builders.a_variant("MUG", stock=5), 2), phone=PHONE)


def delivery() -> OutboxDelivery:
    return OutboxDelivery.objects.get(handler=TELL, message__topic="order.confirmed")


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2),
     ("ж" * 70, 1), ("ж" * 71, 2), ("😀" * 35, 1), ("😀" * 36, 2), ("a" * 69 + "ж", 1), ("é{" * 53, 1)],
)  # fmt: skip
def test_counts_what_a_text_is_paid_as(text, parts):
    assert sms.parts(text) == parts


def test_the_customer_hears_once_with_the_link_and_nothing_else_secret(order, api):
    relay.drain()

    [(headers, form)] = api.heard
    text = f"Clay & Co: order {order.name} is confirmed, {order.total_price}. https://clay.example/orders/"
    assert form == {
        "username": ["clay"],
        "to": [PHONE],
        "message": [text + order.status_token],
        "from": ["CLAYCO"],
    }
    assert headers["apiKey"] == "the-secret-key"
    assert sms.parts(form["message"][0]) == 1


def test_a_name_that_gsm_cannot_write_does_not_double_the_price(order, api, settings):
    settings.SHOP_NAME = "Глина и компания"

    relay.drain()

    [(_, form)] = api.heard
    assert form["message"] == [f"Order {order.name} is confirmed. https://clay.example/orders/{order.status_token}"]


def test_a_parcel_is_named_with_its_carrier(order, api, settings):
    settings.CUSTOMER_SMS = ["order.shipped"]
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking("UPS", ("1Z999",), ("",)), actor=SYSTEM)

    relay.drain()

    [(_, form)] = api.heard
    assert form["message"][0].startswith(f"Clay & Co: order {order.name} is on its way with UPS 1Z999. https://")


@pytest.mark.parametrize("said", ["InvalidPhoneNumber", "UserInBlacklist"])
def test_a_number_that_is_refused_is_noted_and_not_tried_again(order, api, caplog, said):
    api.said = said
    with caplog.at_level(logging.WARNING):
        relay.drain()

    assert delivery().done_at is not None
    assert len(api.heard) == 1
    assert f"Order {order.name}: no text message to +254…33: Africa's Talking says {said}." in caplog.text
    assert PHONE not in caplog.text


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": 503}, "Africa's Talking answered 503"),
        ({"status": 401}, "Africa's Talking answered 401"),
        ({"status": 302}, "Africa's Talking answered 302"),
        ({"said": "InsufficientBalance"}, "Africa's Talking says InsufficientBalance"),
        ({"body": b"<html>"}, "Africa's Talking says nothing"),
        ({"body": b'{"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}'}, "says InvalidSenderId"),
    ],
)
def test_what_may_pass_is_tried_again(order, api, caplog, answer, error):
    for name, value in answer.items():
        setattr(api, name, value)
    relay.drain()
    assert delivery().done_at is None
    assert error in delivery().last_error

    api.status, api.said, api.body = 201, "Success", b""
    OutboxDelivery.objects.filter(handler=TELL).update(due_at=clock.now())
    relay.drain()

    assert delivery().done_at is not None
    assert len(api.heard) == 2
    assert "the-secret-key" not in caplog.text + delivery().last_error


def test_an_api_that_stalls_or_is_away_is_not_waited_for(order, api, settings):
    settings.SMS_TIMEOUT = 0.1
    api.holds_back.clear()
    relay.drain()
    assert "cannot be reached: TimeoutError" in delivery().last_error

    settings.AFRICASTALKING_URL = "http://127.0.0.1:1/"
    OutboxDelivery.objects.filter(handler=TELL).update(due_at=clock.now())
    relay.drain()
    assert "cannot be reached: ConnectionRefusedError" in delivery().last_error


def test_without_an_account_the_console_shows_it(order, caplog):
    with caplog.at_level(logging.INFO, logger="shop.sms"):
        relay.drain()

    message = OutboxMessage.objects.get(topic="order.confirmed")
    assert f"Text message outbox-{message.pk} to {PHONE} (1 parts): Clay & Co: order {order.name}" in caplog.text


@pytest.mark.parametrize(("phone", "wanted"), [("", ["order.confirmed"]), (PHONE, [])])
def test_nobody_without_a_number_or_a_wish_is_written_to(db, api, settings, phone, wanted):
    settings.CUSTOMER_SMS = wanted
    builders.an_order((builders.a_variant(), 1), phone=phone)

    relay.drain()

    assert api.heard == []
