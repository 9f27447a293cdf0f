"""Paying through Razorpay, against a server that speaks the part of its API we use."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.actors import SYSTEM
from catalog.models import ProductVariant
from checkout import orders, refunds
from checkout.gateways import GatewayUnavailable, http, razorpay
from checkout.models import Order, OrderStatus, Payment, PaymentEntry, Refund, WebhookEvent
from shop import relay
from tests import builders
from tests.api.checkout_documents import CHECKOUT_COMPLETE
from tests.conftest import Execute
from tests.http_double import Double, running

KEY_ID, KEY_SECRET, WEBHOOK_SECRET = "rzp_test_of_tests", "key secret of tests", "webhook secret of tests"


class Razorpay(Double):
    """Its books: orders, the attempts to pay them, and refunds."""

    def __init__(self) -> None:
        super().__init__(self._answered)
        self.orders: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.refunds: list[dict[str, Any]] = []

    def shopper_pays(self, status: str = "captured") -> str:
        """Pay the latest order in Razorpay's form; what the form answers then."""
        order = list(self.orders.values())[-1]
        payment_id = f"pay_{len(self.payments) + 1}"
        self.payments[payment_id] = {
            "id": payment_id,
            "order_id": order["id"],
            "amount": order["amount"],
            "status": status,
        }
        signed = hmac.new(KEY_SECRET.encode(), f"{order['id']}|{payment_id}".encode(), hashlib.sha256).hexdigest()
        return f"{payment_id}|{signed}"

    def _answered(self, method: str, path: str, asked: dict[str, Any]) -> tuple[int, Any]:
        match method, path.split("/")[2:]:
            case "GET", ["orders"]:
                return 200, {"items": [one for one in self.orders.values() if one["receipt"] == asked["receipt"]]}
            case "POST", ["orders"]:
                order = {**asked, "id": f"order_{len(self.orders) + 1}"}
                self.orders[order["id"]] = order
                return 200, order
            case "GET", ["orders", order_id, "payments"]:
                return 200, {"items": [one for one in self.payments.values() if one["order_id"] == order_id]}
            case "POST", ["payments", payment_id, "capture"]:
                payment = self.payments[payment_id]
                if payment["status"] != "authorized":
                    return 400, {"error": {"description": "This payment has already been captured"}}
                payment["status"] = "captured"
                return 200, payment
            case "GET", ["payments", payment_id, "refunds"]:
                return 200, {"items": [one for one in self.refunds if one["payment_id"] == payment_id]}
            case "POST", ["payments", payment_id, "refund"]:
                left = self.payments[payment_id]["amount"] - sum(one["amount"] for one in self.refunds)
                if asked["amount"] > left:
                    return 400, {"error": {"description": "The total refund amount is greater than the payment"}}
                made = {**asked, "id": f"rfnd_{len(self.refunds) + 1}", "payment_id": payment_id, "status": "processed"}
                self.refunds.append(made)
                return 200, made
        return 404, {"error": {"description": "The requested URL was not found"}}


@pytest.fixture
def bank(settings: Any) -> Iterator[Razorpay]:
    settings.SHOP_CURRENCY = "INR"
    settings.PAYMENT_GATEWAYS = ["razorpay"]
    settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = KEY_ID, KEY_SECRET
    settings.RAZORPAY_WEBHOOK_SECRET = WEBHOOK_SECRET
    double = Razorpay()
    with running(double):
        settings.RAZORPAY_API_BASE = double.address
        yield double


@pytest.fixture
def cart(bank: Razorpay, db: None) -> Any:
    """Of 20.00: no parcel is sent."""
    mug = builders.a_variant("MUG", stock=3, price="10.00", currency="INR")
    ProductVariant.objects.update(requires_shipping=False)
    return builders.a_ready_cart((mug, 2), currency="INR")


def complete(execute: Execute, cart: Any, token: str | None = None) -> dict[str, Any]:
    payment = {"gateway": "razorpay", "token": token}
    payload: dict[str, Any] = execute(CHECKOUT_COMPLETE, cartId=builders.id_of(cart), payment=payment)[
        "checkoutComplete"
    ]
    return payload


def ledger() -> list[str]:
    return [f"{entry.kind} {entry.amount:.2f}" for entry in PaymentEntry.objects.order_by("pk")]


def test_takes_what_the_form_proves(execute: Execute, bank: Razorpay, cart: Any, assert_verified: Any) -> None:
    begun = complete(execute, cart)
    assert begun["payment"] == {"status": "PENDING", "amount": {"amount": "20.00"}, "nextAction": {"type": "CONFIRM"}}
    token = bank.shopper_pays()

    paid = [complete(execute, cart, token)["order"]["financialStatus"] for _ in range(2)]

    assert paid == ["PAID"] * 2
    [order] = bank.orders.values()
    payment = Payment.objects.get()
    assert (order["amount"], order["currency"], order["receipt"]) == (2000, "INR", str(payment.key))
    assert payment.gateway_reference == order["id"]
    assert ledger() == ["CAPTURE 20.00"]
    assert_verified()


def test_a_forged_proof_proves_nothing(execute: Execute, bank: Razorpay, cart: Any) -> None:
    complete(execute, cart)

    payload = complete(execute, cart, "pay_1|" + "0" * 64)

    assert [error["code"] for error in payload["userErrors"]] == ["PAYMENT_TOKEN_REFUSED"]
    assert Payment.objects.get().status == "PENDING"
    assert complete(execute, cart, bank.shopper_pays())["order"]["financialStatus"] == "PAID"


@pytest.mark.parametrize("fate", [Double.LOST, Double.SLOW])
def test_a_lost_answer_makes_one_order_there(
    execute: Execute, bank: Razorpay, cart: Any, monkeypatch: pytest.MonkeyPatch, fate: str
) -> None:
    bank.befalls["POST /v1/orders"] = fate
    monkeypatch.setattr(http, "TIMEOUT", 0.3)
    refused = complete(execute, cart)
    monkeypatch.undo()
    bank.befalls.clear()
    assert [error["code"] for error in refused["userErrors"]] == ["PAYMENT_GATEWAY_UNAVAILABLE"]
    assert KEY_SECRET not in str(refused)

    [complete(execute, cart) for _ in range(2)]

    assert len(bank.orders) == 1
    assert Order.objects.count() == 1


def test_captures_later_and_hears_of_it(
    execute: Execute, bank: Razorpay, cart: Any, settings: Any, client: Client, assert_verified: Any
) -> None:
    settings.PAYMENT_CAPTURE_LATER = ["razorpay"]
    complete(execute, cart)
    token = bank.shopper_pays("authorized")
    assert complete(execute, cart, token)["order"]["financialStatus"] == "AUTHORIZED"
    assert [order["payment"]["capture"] for order in bank.orders.values()] == ["manual"]
    [payment] = bank.payments.values()
    payment["status"] = "captured"  # by hand, at Razorpay

    body = json.dumps({"event": "payment.captured", "payload": {"payment": {"entity": payment}}}).encode()
    marks = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in ("other", WEBHOOK_SECRET)]
    statuses = [
        client.post(
            "/webhooks/razorpay/",
            body,
            content_type="application/json",
            headers={razorpay.SIGNATURE: mark, razorpay.EVENT_ID: "evt_1"},
        ).status_code
        for mark in [*marks, marks[1]]
    ]
    relay.drain()

    assert statuses == [400, 200, 200]
    assert WebhookEvent.objects.count() == 1
    assert ledger() == ["AUTHORIZATION 20.00", "CAPTURE 20.00"]
    assert_verified()


def test_gives_back_once_although_an_answer_is_lost(
    execute: Execute, bank: Razorpay, cart: Any, assert_verified: Any
) -> None:
    complete(execute, cart)
    complete(execute, cart, bank.shopper_pays())
    bank.befalls["/refund"] = Double.LOST
    [refund] = refunds.create(order_key=Order.objects.get().key, amount=Decimal(5), reason="", actor=SYSTEM)
    with pytest.raises(GatewayUnavailable):
        refunds.settle(refund.pk)
    bank.befalls.clear()

    relay.drain()

    assert [one["amount"] for one in bank.refunds] == [500]
    assert [(one.status, one.amount) for one in Refund.objects.all()] == [("DONE", Decimal(5))]
    assert ledger() == ["CAPTURE 20.00", "REFUND 5.00"]
    assert_verified()


def test_money_paid_after_the_order_was_given_up_goes_back(
    execute: Execute, bank: Razorpay, cart: Any, client: Client, assert_verified: Any
) -> None:
    complete(execute, cart)
    orders.cancel(order_key=Order.objects.get().key, reason="")
    relay.drain()
    assert Payment.objects.get().status == "VOIDED"

    bank.shopper_pays()
    [payment] = bank.payments.values()
    body = json.dumps({"event": "payment.captured", "payload": {"payment": {"entity": payment}}}).encode()
    mark = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    client.post("/webhooks/razorpay/", body, content_type="application/json", headers={razorpay.SIGNATURE: mark})
    relay.drain()

    assert Order.objects.get().status == OrderStatus.CANCELLED
    assert [one["amount"] for one in bank.refunds] == [2000]
    assert ledger()[1:] == ["CAPTURE 20.00", "REFUND 20.00"]
    assert_verified()
