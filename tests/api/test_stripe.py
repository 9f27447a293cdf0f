"""Paying through Stripe, against a real server that speaks its API."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.actors import SYSTEM
from checkout import checkouts, fulfilment, orders, payments, refunds
from checkout.fulfilment import Tracking
from checkout.gateways import GatewayUnavailable, stripe
from checkout.models import Order, OrderStatus, Payment, PaymentEntry, Refund, WebhookEvent
from shop import relay
from shop.money import Money
from tests import builders, stripe_server
from tests.api.checkout_documents import CHECKOUT_COMPLETE
from tests.conftest import Execute
from tests.stripe_server import StripeServer

pytest.importorskip("localstripe", reason="localstripe, which plays Stripe, is not installed")

GOOD, DECLINED, CHALLENGED = "4242424242424242", "4000000000000341", "4000002500003155"
SECRET = "whsec_of_these_tests"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeServer]:
    with stripe_server.running(tmp_path_factory.mktemp("stripe")) as running:
        yield running


@pytest.fixture(autouse=True)
def offered(settings: Any, server: StripeServer) -> None:
    server.forget()
    settings.PAYMENT_GATEWAYS = ["stripe"]
    settings.STRIPE_SECRET_KEY = stripe_server.KEY
    settings.STRIPE_WEBHOOK_SECRET = SECRET
    settings.STRIPE_API_BASE = server.address


@pytest.fixture
def cart(db: None) -> Any:
    """Of 25.00."""
    return builders.a_ready_cart((builders.a_variant("MUG", stock=3, price="10.00"), 2))


def complete(execute: Execute, cart: Any, token: str | None = None) -> dict[str, Any]:
    payment = {"gateway": "stripe", "token": token}
    payload: dict[str, Any] = execute(CHECKOUT_COMPLETE, cartId=builders.id_of(cart), payment=payment)[
        "checkoutComplete"
    ]
    return payload


def ledger() -> list[str]:
    return [f"{entry.kind} {entry.amount:.2f}" for entry in PaymentEntry.objects.order_by("pk")]


def test_charges_a_card_once_however_often_it_is_asked(
    execute: Execute, server: StripeServer, cart: Any, assert_verified: Any
) -> None:
    card = server.card(GOOD)

    payloads = [complete(execute, cart, card) for _ in range(2)]

    assert payloads[0] == payloads[1]
    assert payloads[0]["order"]["financialStatus"] == "PAID"
    [intent] = server.intents()
    assert (intent["amount"], intent["currency"], intent["status"]) == (2500, "usd", "succeeded")
    payment = Payment.objects.get()
    assert intent["metadata"] == {"payment": str(payment.key)}
    assert payment.gateway_reference == intent["id"]
    assert ledger() == ["CAPTURE 25.00"]
    assert_verified()


def test_a_declined_card_leaves_an_intent_that_nobody_can_pay(
    execute: Execute, server: StripeServer, cart: Any, assert_verified: Any
) -> None:
    declined = complete(execute, cart, server.card(DECLINED))

    assert declined["userErrors"] == [
        {"code": "PAYMENT_DECLINED", "field": ["payment"], "message": "Your card was declined."}
    ]
    assert [intent["status"] for intent in server.intents()] == ["canceled"]
    assert_verified()

    assert complete(execute, cart, server.card(GOOD))["order"]["financialStatus"] == "PAID"
    assert sorted(intent["status"] for intent in server.intents()) == ["canceled", "succeeded"]


def test_a_token_that_is_none_is_a_declined_payment(execute: Execute, server: StripeServer, cart: Any) -> None:
    payload = complete(execute, cart, "pm_of_nobody")

    assert [error["code"] for error in payload["userErrors"]] == ["PAYMENT_DECLINED"]
    assert [intent["status"] for intent in server.intents()] == ["canceled"]


def test_waits_for_what_the_shopper_must_still_confirm(
    execute: Execute, server: StripeServer, cart: Any, assert_verified: Any
) -> None:
    challenged = complete(execute, cart, server.card(CHALLENGED))
    assert challenged["payment"]["status"] == "PENDING"
    assert challenged["payment"]["nextAction"] == {"type": "CONFIRM"}
    [intent] = server.intents()

    form = {"client_secret": intent["client_secret"], "success": "true"}
    server.told("POST", f"/v1/payment_intents/{intent['id']}/_authenticate", form)
    confirmed = complete(execute, cart)

    assert confirmed["order"]["financialStatus"] == "PAID"
    assert len(server.intents()) == 1
    assert ledger() == ["CAPTURE 25.00"]
    assert_verified()


def test_without_a_token_the_form_gets_a_client_secret(execute: Execute, server: StripeServer, cart: Any) -> None:
    completed = checkouts.complete(cart.secret, checkouts.PaymentWish("stripe"))

    [intent] = server.intents()
    assert completed.next_action is not None
    assert (completed.next_action.type, completed.next_action.reference) == ("CONFIRM", intent["client_secret"])
    assert completed.payment.gateway_reference == intent["id"]


def test_authorises_first_where_told_so_and_captures_when_goods_are_sent(
    execute: Execute, server: StripeServer, cart: Any, settings: Any, assert_verified: Any
) -> None:
    settings.PAYMENT_CAPTURE_LATER = ["stripe"]

    payload = complete(execute, cart, server.card(GOOD))
    assert payload["order"]["financialStatus"] == "AUTHORIZED"
    fulfilment.create(order_key=Order.objects.get().key, lines=None, tracking=Tracking(), actor=SYSTEM)
    relay.drain()

    assert [intent["status"] for intent in server.intents()] == ["succeeded"]
    assert ledger() == ["AUTHORIZATION 25.00", "CAPTURE 25.00"]
    assert not relay.troubled().exists()
    assert_verified()


def test_captures_a_part_once(
    execute: Execute, server: StripeServer, cart: Any, settings: Any, assert_verified: Any
) -> None:
    settings.PAYMENT_CAPTURE_LATER = ["stripe"]
    complete(execute, cart, server.card(GOOD))
    key = Payment.objects.get().key

    for amount in ("12.50", "3.00"):
        payments.capture(payment_key=key, amount=Decimal(amount))

    assert Payment.objects.get().captured == Decimal("12.50")
    assert ledger() == ["AUTHORIZATION 25.00", "CAPTURE 12.50"]
    assert_verified()


def test_gives_up_what_was_authorised(execute: Execute, server: StripeServer, cart: Any, settings: Any) -> None:
    settings.PAYMENT_CAPTURE_LATER = ["stripe"]
    complete(execute, cart, server.card(GOOD))

    orders.cancel(order_key=Order.objects.get().key, reason="")
    relay.drain()

    assert [intent["status"] for intent in server.intents()] == ["canceled"]
    assert ledger() == ["AUTHORIZATION 25.00", "VOID 25.00"]


@pytest.mark.parametrize("lost", ["/v1/payment_intents", "/confirm"])
def test_a_lost_answer_charges_once(
    execute: Execute, server: StripeServer, cart: Any, assert_verified: Any, lost: str
) -> None:
    server.loses.append(lost)
    refused = complete(execute, cart, server.card(GOOD))
    server.loses.clear()

    assert [error["code"] for error in refused["userErrors"]] == ["PAYMENT_GATEWAY_UNAVAILABLE"]
    assert Order.objects.get().status == OrderStatus.PLACED
    assert stripe_server.KEY not in str(refused)

    # Another card is named now; the one that paid stands.
    assert complete(execute, cart, server.card(GOOD))["order"]["financialStatus"] == "PAID"
    assert [intent["status"] for intent in server.intents()] == ["succeeded"]
    assert ledger() == ["CAPTURE 25.00"]
    assert_verified()


def test_a_lost_answer_gives_back_once(execute: Execute, server: StripeServer, cart: Any, assert_verified: Any) -> None:
    complete(execute, cart, server.card(GOOD))
    [refund] = refunds.create(order_key=Order.objects.get().key, amount=Decimal(5), reason="", actor=SYSTEM)
    server.loses.append("/v1/refunds")
    with pytest.raises(GatewayUnavailable):
        refunds.settle(refund.pk)
    server.loses.clear()
    server._answered.clear()  # days have passed, and Stripe has forgotten the keys

    relay.drain()

    assert [refund["amount"] for refund in server.refunds()] == [500]
    assert [(one.status, one.amount) for one in Refund.objects.all()] == [("DONE", Decimal(5))]
    assert ledger() == ["CAPTURE 25.00", "REFUND 5.00"]
    assert_verified()


def test_an_order_whose_time_ran_out_takes_no_money(
    execute: Execute, server: StripeServer, cart: Any, assert_verified: Any
) -> None:
    complete(execute, cart)
    Order.objects.update(hold_expires_at="2020-01-01T00:00Z")

    checkouts.settle_overdue()

    assert Order.objects.get().status == OrderStatus.CANCELLED
    assert [intent["status"] for intent in server.intents()] == ["canceled"]
    assert_verified()


@pytest.mark.parametrize("is_signed", [True, False])
def test_hears_what_stripe_signs(
    execute: Execute, server: StripeServer, cart: Any, client: Client, is_signed: bool, assert_verified: Any
) -> None:
    complete(execute, cart, server.card(CHALLENGED))
    [intent] = server.intents()
    form = {"client_secret": intent["client_secret"], "success": "true"}
    server.told("POST", f"/v1/payment_intents/{intent['id']}/_authenticate", form)
    [event] = [one for one in server.told("GET", "/v1/events")["data"] if one["type"] == "payment_intent.succeeded"]
    body = json.dumps(event).encode()
    now = int(time.time())
    mark = hmac.new((SECRET if is_signed else "other").encode(), b"%d.%s" % (now, body), hashlib.sha256).hexdigest()

    statuses = [
        client.post(
            "/webhooks/stripe/", body, content_type="application/json", headers={stripe.SIGNATURE: f"t={now},v1={mark}"}
        ).status_code
        for _ in range(2)
    ]
    relay.drain()

    assert statuses == [200 if is_signed else 400] * 2
    assert WebhookEvent.objects.count() == is_signed
    assert Order.objects.get().status == (OrderStatus.CONFIRMED if is_signed else OrderStatus.PLACED)
    assert ledger() == (["CAPTURE 25.00"] if is_signed else [])
    assert_verified()


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [("12.34", "USD", 1234), ("1200", "JPY", 1200), ("1.500", "KWD", 1500), ("7", "ISK", 700)],
)
def test_counts_as_stripe_does(amount: str, currency: str, units: int) -> None:
    price = Money.rounded(Decimal(amount), currency)

    assert stripe.minor(price) == units
    assert stripe.major(units, currency.lower()) == price
