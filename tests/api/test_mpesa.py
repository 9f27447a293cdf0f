"""Paying through M-Pesa, against a server that speaks the part of Daraja we use."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from catalog.models import ProductVariant
from checkout import checkouts
from checkout.gateways import http, mpesa
from checkout.models import MpesaPush, Order, OrderStatus, Payment, PaymentEntry, WebhookEvent
from shop import relay
from tests import builders
from tests.api.checkout_documents import CHECKOUT_COMPLETE
from tests.conftest import Execute
from tests.http_double import Double, running

PHONE = "0712 345678"
UNDECIDED = (500, {"requestId": "1", "errorCode": "500.001.1001", "errorMessage": "The transaction is being processed"})


class Daraja(Double):
    """Asks phones. `result` is what they answered: None as long as they have not."""

    def __init__(self) -> None:
        super().__init__(self._answered)
        self.pushes: list[dict[str, Any]] = []
        self.result: str | None = None

    def _answered(self, method: str, path: str, asked: dict[str, Any]) -> tuple[int, Any]:
        match path:
            case "/oauth/v1/generate":
                return 200, {"access_token": "pass", "expires_in": "3599"}
            case "/mpesa/stkpush/v1/processrequest":
                self.pushes.append(asked)
                request_id = f"ws_CO_{len(self.pushes)}"
                return 200, {"MerchantRequestID": "1", "CheckoutRequestID": request_id, "ResponseCode": "0"}
            case "/mpesa/stkpushquery/v1/query":
                if self.result is None:
                    return UNDECIDED
                said = "OK" if self.result == "0" else "Request cancelled by user"
                return 200, {"ResponseCode": "0", "ResultCode": self.result, "ResultDesc": said}
        return 404, {"errorCode": "404.001.01", "errorMessage": "Resource not found"}


@pytest.fixture
def daraja(settings: Any) -> Iterator[Daraja]:
    settings.SHOP_CURRENCY, settings.SHOP_COUNTRY = "KES", "KE"
    settings.PAYMENT_GATEWAYS = ["mpesa"]
    settings.MPESA_CONSUMER_KEY, settings.MPESA_CONSUMER_SECRET = "key of tests", "secret of tests"
    settings.MPESA_SHORTCODE, settings.MPESA_PASSKEY = "174379", "passkey of tests"
    settings.MPESA_CALLBACK_SECRET = "callback secret of tests"
    double = Daraja()
    with running(double):
        settings.MPESA_API_BASE = double.address
        yield double


@pytest.fixture
def cart_of(daraja: Daraja, db: None) -> Any:
    """Makes a cart of this price; no parcel is sent."""

    def make(price: str = "1200") -> Any:
        mug = builders.a_variant("MUG", stock=3, price=price, currency="KES")
        ProductVariant.objects.update(requires_shipping=False)
        return builders.a_ready_cart((mug, 1), currency="KES")

    return make


def complete(execute: Execute, cart: Any, token: str = PHONE) -> dict[str, Any]:
    payment = {"gateway": "mpesa", "token": token}
    payload: dict[str, Any] = execute(CHECKOUT_COMPLETE, cartId=builders.id_of(cart), payment=payment)[
        "checkoutComplete"
    ]
    return payload


def call_back(client: Client, address: str, code: int = 0) -> int:
    body = {"Body": {"stkCallback": {"CheckoutRequestID": "ws_CO_1", "ResultCode": code, "ResultDesc": "said"}}}
    path = urlsplit(address).path
    return client.post(path, json.dumps(body), content_type="application/json").status_code


def ledger() -> list[str]:
    return [f"{entry.kind} {entry.amount:.2f}" for entry in PaymentEntry.objects.order_by("pk")]


def test_the_phone_is_asked_once_and_the_callback_heard(
    execute: Execute, daraja: Daraja, cart_of: Any, client: Client, assert_verified: Any
) -> None:
    cart = cart_of()
    payloads = [complete(execute, cart) for _ in range(2)]
    assert payloads[0] == payloads[1]
    assert payloads[0]["payment"] == {
        "status": "PENDING",
        "amount": {"amount": "1200.00"},
        "nextAction": {"type": "WAIT"},
    }

    [push] = daraja.pushes
    daraja.result = "0"
    statuses = [call_back(client, push["CallBackURL"]) for _ in range(2)]
    relay.drain()

    assert statuses == [200, 200]
    assert WebhookEvent.objects.count() == 1
    assert (push["Amount"], push["PhoneNumber"], push["PartyB"]) == (1200, "254712345678", "174379")
    assert base64.b64decode(push["Password"]).decode() == f"174379passkey of tests{push['Timestamp']}"
    assert Order.objects.get().status == OrderStatus.CONFIRMED
    assert ledger() == ["CAPTURE 1200.00"]
    assert_verified()


def test_a_callback_is_not_believed_but_asked_about(
    execute: Execute, daraja: Daraja, cart_of: Any, client: Client
) -> None:
    complete(execute, cart_of())
    [push] = daraja.pushes

    forged = call_back(client, mpesa.callback_address(Payment.objects.get().key)[:-1] + "x")
    said = call_back(client, push["CallBackURL"])
    relay.drain()

    assert (forged, said) == (400, 200)
    assert Order.objects.get().status == OrderStatus.PLACED


def test_what_the_phone_refuses_opens_the_cart_again(
    execute: Execute, daraja: Daraja, cart_of: Any, assert_verified: Any
) -> None:
    cart = cart_of()
    complete(execute, cart)
    daraja.result = "1032"

    refused = complete(execute, cart)

    assert refused["userErrors"] == [
        {"code": "PAYMENT_DECLINED", "field": ["payment"], "message": "Request cancelled by user"}
    ]
    daraja.result = None
    assert complete(execute, cart)["payment"]["status"] == "PENDING"
    assert len(daraja.pushes) == 2
    assert_verified()


@pytest.mark.parametrize("fate", [Double.LOST, Double.SLOW])
def test_a_push_whose_answer_was_lost_is_not_repeated(
    execute: Execute,
    daraja: Daraja,
    cart_of: Any,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    fate: str,
    assert_verified: Any,
) -> None:
    cart = cart_of()
    daraja.befalls["/processrequest"] = fate
    monkeypatch.setattr(http, "TIMEOUT", 0.3)
    refused = complete(execute, cart)
    monkeypatch.undo()
    daraja.befalls.clear()
    assert [error["code"] for error in refused["userErrors"]] == ["PAYMENT_GATEWAY_UNAVAILABLE"]

    assert complete(execute, cart)["payment"]["status"] == "PENDING"
    [push] = daraja.pushes
    daraja.result = "0"
    call_back(client, push["CallBackURL"])
    relay.drain()

    assert complete(execute, cart)["order"]["financialStatus"] == "PAID"
    assert len(daraja.pushes) == 1
    assert ledger() == ["CAPTURE 1200.00"]
    assert_verified()


def test_a_phone_is_asked_when_there_was_no_connection_before(
    execute: Execute, daraja: Daraja, cart_of: Any, settings: Any
) -> None:
    cart = cart_of()
    settings.MPESA_API_BASE = "http://127.0.0.1:9"
    refused = complete(execute, cart)
    settings.MPESA_API_BASE = daraja.address

    assert [error["code"] for error in refused["userErrors"]] == ["PAYMENT_GATEWAY_UNAVAILABLE"]
    assert not MpesaPush.objects.exists()
    assert complete(execute, cart)["payment"]["status"] == "PENDING"
    assert len(daraja.pushes) == 1


@pytest.mark.parametrize(
    ("price", "token", "message"),
    [
        ("1200.50", PHONE, "M-Pesa takes whole shillings of Kenya (KES) only."),
        ("1200", "+1 650 253 0000", "Give the number of a phone of Kenya that has M-Pesa."),
        ("1200", "", "Give the number of a phone of Kenya that has M-Pesa."),
    ],
)
def test_asks_no_phone_for_what_it_cannot_pay(
    execute: Execute, daraja: Daraja, cart_of: Any, price: str, token: str, message: str
) -> None:
    payload = complete(execute, cart_of(price), token)

    assert [error["message"] for error in payload["userErrors"]] == [message]
    assert daraja.pushes == []


def test_an_order_is_decided_when_its_time_runs_out(
    execute: Execute, daraja: Daraja, cart_of: Any, assert_verified: Any
) -> None:
    complete(execute, cart_of())
    daraja.result = "1037"
    Order.objects.update(hold_expires_at="2020-01-01T00:00Z")

    checkouts.settle_overdue()

    assert Order.objects.get().status == OrderStatus.CANCELLED
    assert ledger() == ["FAILURE 1200.00"]
    assert_verified()
