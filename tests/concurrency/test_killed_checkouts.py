"""A process that is killed while it completes a checkout: whoever goes on charges once, for one order."""

import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command

from catalog.models import StockLevel
from checkout import checkouts
from checkout.checkouts import PaymentWish
from checkout.models import Cart, Order, OrderStatus, Payment, PaymentEntry, TestCharge
from tests import builders
from tests.concurrency.processes import environment
from tests.concurrency.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)

# Completes the checkout of a cart, and stops for ever where it would call this function of `payments`.
STOPS = """
import sys, time, django
django.setup()
from checkout import checkouts, payments

def stop(*_, **__):
    print("stopped", flush=True)
    time.sleep(600)

setattr(payments, sys.argv[2], stop)
checkouts.complete(sys.argv[1], checkouts.PaymentWish("test", "success"))
"""


def killed(cart: Cart, before: str) -> None:
    """A process of the shop that is killed before it could do this."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", STOPS, cart.secret, before],
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


# Before "record" the bank has the money; before "ask" it has heard of nothing.
@pytest.mark.parametrize(("before", "charged"), [("record", 1), ("ask", 0)])
@pytest.mark.parametrize("returns", [True, False])
def test_charges_once_for_one_order(before: str, charged: int, returns: bool) -> None:
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=3), 1))
    killed(cart, before)
    assert TestCharge.objects.count() == charged
    order = Order.objects.get()
    assert (order.status, Payment.objects.get().status) == (OrderStatus.PLACED, "PENDING")

    if returns:
        assert checkouts.complete(cart.secret, PaymentWish("test")).order == order
    else:
        Order.objects.update(hold_expires_at="2020-01-01T00:00Z")
        checkouts.settle_overdue()

    order = Order.objects.get()
    is_paid = returns or bool(charged)
    assert order.status == (OrderStatus.CONFIRMED if is_paid else OrderStatus.CANCELLED)
    assert [entry.kind for entry in PaymentEntry.objects.all()] == ["CAPTURE" if is_paid else "VOID"]
    assert TestCharge.objects.filter(status="CAPTURED").count() == is_paid
    assert StockLevel.objects.get().reserved == is_paid
    call_command("verify", verbosity=0)
