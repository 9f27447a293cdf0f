"""A process that is killed while it completes a checkout: whoever goes on charges once, for one order."""

import json
import signal
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from catalog.models import StockLevel
from checkout import checkouts
from checkout.models import Cart, Order, OrderStatus, Payment, PaymentEntry, TestCharge
from tests import builders
from tests.concurrency.processes import environment
from tests.concurrency.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)

# Sends a mutation that completes the checkout of a cart, and stops for ever where it would call this function.
STOPS = """
import importlib, json, sys, time, django
django.setup()
from django.test import Client

def stop(*_, **__):
    print("stopped", flush=True)
    time.sleep(600)

module, _, name = sys.argv[1].rpartition(".")
setattr(importlib.import_module(module), name, stop)
Client(headers={"Host": "localhost"}).post("/graphql/", **json.loads(sys.argv[2]))
"""
COMPLETE = """
mutation ($id: ID!) {
  checkoutComplete(cartId: $id, payment: { gateway: "test", token: "success" }) {
    order { id } payment { status } userErrors { code }
  }
}
"""
KEY = "the-only-key-of-this-payment"


def completing(cart: Cart, **headers: str) -> dict[str, Any]:
    """The request that completes a checkout, as a client of Django's is given it; its customer is signed in."""
    if cart.customer is not None:
        headers["Authorization"] = f"Bearer {builders.an_access_token(cart.customer)}"
    body = {"query": COMPLETE, "variables": {"id": builders.id_of(cart)}}
    return {"data": body, "content_type": "application/json", "headers": headers}


def killed(cart: Cart, before: str) -> None:
    """A process of the shop that is killed before it could call this function, named with its module."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", STOPS, before, json.dumps(completing(cart, **{"Idempotency-Key": KEY}))],
        cwd=settings.BASE_DIR,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "stopped\n", process.communicate()[1]
        process.send_signal(signal.SIGKILL)
        assert process.wait(PATIENCE) == -signal.SIGKILL
    finally:
        process.kill()
        process.communicate()


# Where it is killed, step by step: what is committed of the order by then, and how often the bank has charged.
STEPS = [
    ("checkout.payments.intend", None, 0),
    ("checkout.payments.ask", OrderStatus.PLACED, 0),
    ("checkout.payments.record", OrderStatus.PLACED, 1),
    ("checkout.payments._follow", OrderStatus.PLACED, 1),
    ("shop.idempotency.keep", OrderStatus.CONFIRMED, 1),
]


@pytest.mark.parametrize(
    ("before", "status", "charged", "headers"),
    [
        *((*step, {"Idempotency-Key": KEY}) for step in STEPS),
        *((*step, {}) for step in STEPS if step[0] in ("checkout.payments.record", "shop.idempotency.keep")),
    ],
)
def test_whoever_sends_it_again_is_charged_once_for_one_order(
    client: Client, before: str, status: str | None, charged: int, headers: dict[str, str]
) -> None:
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=3), 1))
    killed(cart, before)
    assert list(Order.objects.values_list("status", flat=True)) == ([status] if status else [])
    assert TestCharge.objects.count() == charged

    answers = [client.post("/graphql/", **completing(cart, **headers)).json()["data"] for _ in range(2)]

    order = Order.objects.get()
    paid = {"order": {"id": builders.id_of(order)}, "payment": {"status": "CAPTURED"}, "userErrors": []}
    assert answers == [{"checkoutComplete": paid}] * 2
    assert_paid_once(order)


@pytest.mark.parametrize(("before", "charged"), [("checkout.payments.ask", 0), ("checkout.payments.record", 1)])
def test_what_nobody_comes_back_for_is_decided_by_the_worker(before: str, charged: int) -> None:
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=3), 1))
    killed(cart, before)

    Order.objects.update(hold_expires_at="2020-01-01T00:00Z")
    checkouts.settle_overdue()

    order = Order.objects.get()
    if charged:
        assert_paid_once(order)
        return
    assert order.status == OrderStatus.CANCELLED
    assert [entry.kind for entry in PaymentEntry.objects.all()] == ["VOID"]
    assert not TestCharge.objects.filter(status="CAPTURED").exists()
    assert StockLevel.objects.get().reserved == 0
    call_command("verify", verbosity=0)


def assert_paid_once(order: Order) -> None:
    assert order.status == OrderStatus.CONFIRMED
    assert Payment.objects.get().status == "CAPTURED"
    assert [entry.kind for entry in PaymentEntry.objects.all()] == ["CAPTURE"]
    assert [charge.status for charge in TestCharge.objects.all()] == ["CAPTURED"]
    assert StockLevel.objects.get().reserved == 1
    call_command("verify", verbosity=0)
