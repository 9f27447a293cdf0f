"""`manage.py verify` of a shop that has sold: each row of money that was tampered with is named."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F

from accounts.actors import SYSTEM
from accounts.models import User
from checkout import invoices, refunds
from checkout.models import (
    CartGiftCard,
    GiftCard,
    GiftCardEntry,
    InvoiceSeries,
    Order,
    OrderLine,
    Payment,
    PaymentEntry,
    PromotionCode,
    PromotionCustomer,
    PromotionUse,
    Refund,
    TaxRate,
)
from shop import relay
from tests import builders
from tests.domain.test_verify import complaints

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(db: None, assert_verified: Callable[[], None]) -> Order:
    """Two mugs for 20.00, less 2.00 by a code, with taxes of 3.80, sent for 5.00; a card paid 6.00, 1.00 came back."""
    builders.a_promotion("Tenth", percentage="10", codes=["TENTH"])
    builders.a_promotion("Sent for less", "FREE_SHIPPING", min_subtotal="1000")
    TaxRate.objects.create(title="Tax", country="US", rate=Decimal("0.20"))
    cart = builders.a_ready_cart(
        (builders.a_variant("MUG", price="10.00"), 2), discount_codes=[{"code": "TENTH", "applied": True}]
    )
    CartGiftCard.objects.create(cart=cart, gift_card=builders.a_gift_card("6.00")[0])
    order = builders.completed(cart)
    refunds.create(order_key=order.key, amount=Decimal(1), reason="", actor=SYSTEM)
    relay.drain()
    invoices.create(order_key=order.key)
    assert_verified()
    return order


def more(model: Any, *columns: str, **which: Any) -> None:
    """One more of these columns in one row, whatever that contradicts."""
    row = model.objects.filter(**which).order_by("-pk")[:1]
    assert model.objects.filter(pk__in=row.values("pk")).update(**{column: F(column) + 1 for column in columns}) == 1


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda: more(Order, "subtotal", "total"), "has another subtotal than its lines"),
        (lambda: more(Order, "discount_total"), "has another discount than lines and delivery"),
        (lambda: more(Order, "tax_total", "total"), "has another tax than its lines and its delivery"),
        (
            lambda: Order.objects.update(shipping_taxes=[{"title": "Tax", "rate": "0.2", "amount": "0.99"}]),
            "has another tax than its lines and its delivery",
        ),
        (
            lambda: Order.objects.update(
                shipping_total=0, shipping_discounts=[{"amount": "5.00"}], total=F("total") - 5
            ),
            "has another discount than lines and delivery",
        ),
        (lambda: OrderLine.objects.update(taxes=[]), "has a line with another tax than its parts"),
    ],
)
def test_names_an_order_that_does_not_add_up(order: Order, tamper: Callable[[], object], said: str) -> None:
    tamper()

    assert f"order {order.number} {said}" in complaints()


def test_names_a_discount_that_nothing_took_off(order: Order) -> None:
    OrderLine.objects.update(discounts=[])

    assert complaints() == [
        f"order {order.number} has a line with another discount than its parts",
        f"order {order.number} and the uses of promotions differ",
    ]


@pytest.mark.parametrize(
    ("model", "columns", "which", "said"),
    [
        (Payment, "captured amount", {"gateway": "test"}, "payment {test} contradicts its ledger or its refunds"),
        (Payment, "refunded", {"gateway": "test"}, "payment {test} contradicts its ledger or its refunds"),
        (PaymentEntry, "amount", {"kind": "CAPTURE"}, "payment {test} contradicts its ledger or its refunds"),
        (PaymentEntry, "amount", {"kind": "REFUND"}, "payment {test} contradicts its ledger or its refunds"),
        (GiftCard, "balance", {}, "gift card {card} has another balance than its ledger"),
        (GiftCardEntry, "amount", {"kind": "ISSUE"}, "gift card {card} has another balance than its ledger"),
        (GiftCardEntry, "amount", {"kind": "SPEND"}, "order {order} and the ledger of gift card {card} differ"),
        (InvoiceSeries, "last_number", {"kind": "INVOICE"}, "series INVOICE counts to 2 and has 1"),
        (PromotionUse, "amount", {}, "order {order} and the uses of promotions differ"),
        (PromotionCode, "used", {}, "code TENTH was used another number of times than orders tell"),
        (
            PromotionCustomer,
            "used",
            {},
            "promotion {promotion} by {who} was used another number of times than orders tell",
        ),
    ],
)
def test_names_a_ledger_that_was_tampered_with(
    order: Order, model: Any, columns: str, which: dict[str, str], said: str
) -> None:
    counter = PromotionCustomer.objects.get()
    names = {
        "order": order.number,
        "test": order.payments.get(gateway="test").key,
        "card": GiftCard.objects.get().key,
        "promotion": counter.promotion_id,
        "who": counter.who,
    }

    more(model, *columns.split(), **which)

    assert said.format(**names) in complaints()


def test_names_an_order_that_keeps_more_than_its_total(order: Order) -> None:
    payment = Payment.objects.get(gateway="test")
    # One came back already: the second is too much.
    for _ in range(2):
        more(Payment, "captured", "amount", pk=payment.pk)
        more(PaymentEntry, "amount", kind="CAPTURE", payment=payment)

    assert complaints() == [f"order #{order.number} keeps more than its total"]


@pytest.mark.parametrize("is_lost", [True, False])
def test_names_store_credit_that_no_refund_gave(alice: User, assert_verified: Any, is_lost: bool) -> None:
    order = builders.an_order((builders.a_variant("PAN"), 1), owner=alice)
    refunds.create(order_key=order.key, amount=Decimal(4), reason="", actor=SYSTEM, to_store_credit=True)
    relay.drain()
    assert_verified()

    if is_lost:
        GiftCardEntry.objects.all().delete()
        GiftCard.objects.update(balance=0)
    else:
        Refund.objects.update(to_store_credit=False)

    assert complaints() == [f"order {order.number} gave other store credit back than its refunds tell"]


def test_names_an_order_that_is_owed_another_sum_than_is_left_of_its_lines(order: Order) -> None:
    more(Order, "subtotal_change", "total_change")

    assert complaints() == [f"order {order.number} owes less, or more, than what is left of its lines"]
