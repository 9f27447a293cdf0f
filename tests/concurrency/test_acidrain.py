"""Attacks on shops by many requests at the same moment, each with twenty threads.

After Warszawski and Bailis, "ACIDRain" (SIGMOD 2017), who found most shops to sell more vouchers, gift cards and units
than there are, and to deliver what was put into a cart after its price was known.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.test import Client

from accounts.actors import SYSTEM, Actor
from accounts.models import CreditLimit, PointsAccount
from catalog.models import StockLevel
from checkout import carts, checkouts, edits, promotion_changes, refunds
from checkout.carts import LineChange, NewLine
from checkout.checkouts import PaymentWish
from checkout.edits import AddVariant, Wish
from checkout.models import (
    Cart,
    CartGiftCard,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    PromotionCode,
    PromotionUse,
    Refund,
    TestCharge,
    TestRefund,
)
from shop import relay
from tests import builders
from tests.concurrency.refusals import refused_at_once
from tests.concurrency.test_facts import in_threads

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 20
ENTERED = [{"code": "FIVE", "applied": True}]


def completing(cart: Cart, token: str = "", *, gateway: str = "test", buyer: Actor = SYSTEM) -> Callable[[], object]:
    return partial(checkouts.complete, cart.secret, PaymentWish(gateway, token), buyer=buyer)


def crowd_of_strangers(**fields: Any) -> list[Cart]:
    """Carts of 15.00, 300.00 together, each with something else: for one stock they would wait for each other."""
    wanted = [builders.a_variant(price="10.00") for _ in range(THREADS)]
    return [builders.a_ready_cart((variant, 1), **fields) for variant in wanted]


def codes_of(refused: Sequence[Any]) -> list[str]:
    return [refusal.code for refusal in refused]


def test_a_code_is_used_as_often_as_it_may_be():
    promotion = builders.a_promotion("Five", percentage="10", codes=["FIVE"], usage_limit=5)
    mug = builders.a_variant("MUG", stock=100)
    crowd = [
        builders.a_ready_cart((mug, 1), email=f"shopper-{number}@example.com", discount_codes=ENTERED)
        for number in range(THREADS)
    ]

    refused = refused_at_once(*map(completing, crowd))

    assert codes_of(refused) == ["DISCOUNT_CODE_NOT_HONOURED"] * 15
    assert Order.objects.filter(status=OrderStatus.CONFIRMED).count() == Order.objects.count() == 5
    promotion.refresh_from_db()
    assert (promotion.used, PromotionCode.objects.get().used, PromotionUse.objects.count()) == (5, 5, 5)
    call_command("verify", verbosity=0)


def test_each_customer_uses_a_code_once(alice, bob):
    builders.a_promotion("Once", percentage="10", codes=["FIVE"], usage_limit_per_customer=1)
    mug = builders.a_variant("MUG", stock=100)
    crowd = [builders.a_ready_cart((mug, 1), owner=owner, discount_codes=ENTERED) for owner in [alice, bob] * 10]

    refused = refused_at_once(*map(completing, crowd))

    assert codes_of(refused) == ["DISCOUNT_CODE_NOT_HONOURED"] * 18
    assert sorted(PromotionUse.objects.values_list("order__customer", flat=True)) == sorted([alice.pk, bob.pk])
    assert Order.objects.count() == 2
    call_command("verify", verbosity=0)


def test_what_is_bought_after_a_promotion_ended_costs_its_price():
    promotion = builders.a_promotion("Tenth", percentage="10")
    mug = builders.a_variant("MUG", stock=100, price="10.00")
    crowd = [builders.a_ready_cart((mug, 1)) for _ in range(THREADS - 1)]
    used_until_then: list[int] = []

    def end() -> None:
        used_until_then.append(promotion_changes.switch(promotion_id=promotion.pk, is_active=False).used)

    refused = refused_at_once(*map(completing, crowd[:9]), end, *map(completing, crowd[9:]))

    # Who was shown the lower price a moment ago, and came too late, is told so before paying.
    assert set(codes_of(refused)) <= {"PROMOTION_USED_UP"}
    [used] = used_until_then
    assert PromotionUse.objects.count() == used
    totals = sorted(Order.objects.values_list("total", flat=True))
    assert totals == [14] * used + [15] * (THREADS - 1 - len(refused) - used)
    assert sum(charge.amount for charge in TestCharge.objects.all()) == sum(totals)
    assert builders.an_order((mug, 1)).total == 15
    call_command("verify", verbosity=0)


def test_gift_cards_pay_twenty_carts_no_more_than_they_have():
    cards = [builders.a_gift_card("42.00")[0], builders.a_gift_card("30.00")[0]]
    crowd = crowd_of_strangers()
    for number, cart in enumerate(crowd):
        # Named in either order, so that whoever locks as they are named waits for ever.
        for card in cards if number % 2 else reversed(cards):
            CartGiftCard.objects.create(cart=cart, gift_card=card)

    refused = refused_at_once(*map(completing, crowd))

    assert refused == []
    inside = sum(payment.captured for payment in Payment.objects.filter(gateway="gift_card"))
    assert inside == 72
    assert sum(charge.amount for charge in TestCharge.objects.all()) == 300 - 72
    for card in cards:
        card.refresh_from_db()
        assert card.balance == 0
    assert Order.objects.filter(status=OrderStatus.CONFIRMED).count() == THREADS
    call_command("verify", verbosity=0)


def test_points_pay_twenty_carts_no_more_than_there_are(alice):
    builders.a_loyalty_program()
    builders.given_points(alice, 7200)
    crowd = crowd_of_strangers(owner=alice, points=1000)
    for cart in crowd[::2]:
        CartGiftCard.objects.create(cart=cart, gift_card=builders.a_gift_card("2.00")[0])

    refused = refused_at_once(*map(completing, crowd))

    assert refused == []
    assert sum(payment.captured for payment in Payment.objects.filter(gateway="points")) == 72
    assert sum(charge.amount for charge in TestCharge.objects.all()) == 300 - 72 - 20
    assert PointsAccount.objects.get().balance == 0
    assert Order.objects.filter(status=OrderStatus.CONFIRMED).count() == THREADS
    call_command("verify", verbosity=0)


def test_twenty_orders_on_invoice_use_no_more_than_the_credit(alice, settings):
    settings.PAYMENT_GATEWAYS = ["invoice"]
    builders.a_credit_limit(alice, "110.00")
    crowd = crowd_of_strangers(owner=alice)

    refused = refused_at_once(*[completing(cart, gateway="invoice", buyer=Actor(alice.pk)) for cart in crowd])

    assert codes_of(refused) == ["CREDIT_LIMIT_EXCEEDED"] * 13
    assert CreditLimit.objects.get().used == 105
    assert Order.objects.filter(status=OrderStatus.CONFIRMED).count() == 7
    call_command("verify", verbosity=0)


@pytest.mark.parametrize("left", [1, 5])
def test_as_many_units_are_sold_as_there_are(left):
    mug, tea = builders.a_variant("MUG", stock=left), builders.a_variant("TEA", stock=100)
    lines = [(mug, 1), (tea, 1)]
    crowd = [builders.a_ready_cart(*(lines if place % 2 else reversed(lines))) for place in range(THREADS)]

    refused = refused_at_once(*map(completing, crowd))

    assert [refusal.message for refusal in refused] == ["MUG is out of stock."] * (THREADS - left)
    assert Order.objects.filter(status=OrderStatus.CONFIRMED).count() == Order.objects.count() == left
    assert TestCharge.objects.count() == left
    assert Cart.objects.filter(completed_at=None).count() == THREADS - left
    assert dict(StockLevel.objects.values_list("variant__sku", "reserved")) == {"MUG": left, "TEA": left}
    call_command("verify", verbosity=0)


def test_the_last_parts_are_sold_once_alone_or_in_bundles():
    mug, tea = builders.a_variant("MUG", stock=10), builders.a_variant("TEA", stock=10)
    box, other = builders.a_bundle((mug, 2), (tea, 1)), builders.a_bundle((tea, 2), (mug, 1))
    wishes = [((box, 1), (mug, 1)), ((tea, 1), (other, 1)), ((box, 1), (other, 1)), ((mug, 3),)] * 5
    crowd = [builders.a_ready_cart(*wish) for wish in wishes]

    refused = refused_at_once(*map(completing, crowd))

    orders = Order.objects.filter(status=OrderStatus.CONFIRMED)
    assert set(codes_of(refused)) == {"INSUFFICIENT_STOCK"}
    assert orders.count() == Order.objects.count() == THREADS - len(refused)
    taken = {"MUG": 0, "TEA": 0}
    for order in orders:
        for line in order.lines.all():
            for part in line.components or [{"sku": line.sku, "quantity": 1}]:
                taken[part["sku"]] += part["quantity"] * line.quantity
    assert dict(StockLevel.objects.filter(on_hand__gt=0).values_list("variant__sku", "reserved")) == taken
    assert max(taken.values()) <= 10
    call_command("verify", verbosity=0)


def test_edits_of_twenty_orders_never_get_the_same_unit():
    mug, tea = builders.a_variant("MUG", stock=6), builders.a_variant("TEA", stock=100)
    crowd = [builders.an_order((tea, 1)) for _ in range(THREADS)]
    wish = Wish([AddVariant(mug.pk)])

    refused = refused_at_once(*[partial(edits.edit, order_key=order.key, wish=wish, actor=SYSTEM) for order in crowd])

    assert codes_of(refused) == ["INSUFFICIENT_STOCK"] * 14
    assert OrderLine.objects.filter(variant=mug).aggregate(sum=Sum("quantity"))["sum"] == 6
    assert dict(StockLevel.objects.values_list("variant__sku", "reserved")) == {"MUG": 6, "TEA": THREADS}
    call_command("verify", verbosity=0)


def test_an_order_costs_what_it_contains_whatever_is_put_into_its_cart_meanwhile():
    mug, tea = builders.a_variant("MUG", stock=100, price="10.00"), builders.a_variant("TEA", stock=100, price="3.00")
    cart = builders.a_ready_cart((mug, 1))
    fill = partial(carts.add_lines, cart.secret, [NewLine(tea.pk)])
    [line] = cart.lines.all()
    change = [partial(carts.update_lines, cart.secret, [LineChange(line.pk, quantity=units)]) for units in (2, 3, 4, 5)]

    refused = refused_at_once(*[fill] * 6, completing(cart), *[fill] * 6, *change, completing(cart), completing(cart))

    assert set(codes_of(refused)) <= {"NOT_FOUND"}
    order = Order.objects.get()
    sold = dict(order.lines.values_list("sku", "quantity"))
    assert sold == dict(cart.lines.values_list("variant__sku", "quantity"))
    # What was not refused is in the order, and paid; what is not in the order was refused.
    assert sold.get("TEA", 0) >= 12 - len(refused)
    assert order.total == 5 + 10 * sold["MUG"] + 3 * sold.get("TEA", 0)
    assert TestCharge.objects.get().amount == order.total
    assert dict(StockLevel.objects.filter(reserved__gt=0).values_list("variant__sku", "reserved")) == sold
    call_command("verify", verbosity=0)


def test_a_cart_becomes_one_order_however_often_it_is_completed():
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=9), 1))

    refused = refused_at_once(*[completing(cart)] * THREADS)

    assert refused == []
    assert Order.objects.get().status == OrderStatus.CONFIRMED
    assert Payment.objects.count() == TestCharge.objects.count() == 1
    assert StockLevel.objects.get().reserved == 1
    call_command("verify", verbosity=0)


def test_no_more_is_given_back_than_was_received():
    order = builders.an_order((builders.a_variant("MUG", stock=3, price="10.00"), 2))  # 25.00
    give_back = partial(refunds.create, order_key=order.key, amount=Decimal(2), reason="", actor=SYSTEM)

    refused = refused_at_once(*[give_back] * THREADS)

    assert codes_of(refused) == ["REFUND_TOO_LARGE"] * 8
    relay.drain()
    assert Payment.objects.get().refunded == 24
    assert TestRefund.objects.count() == Refund.objects.filter(status="DONE").count() == 12
    call_command("verify", verbosity=0)


def test_a_refund_that_is_sent_twenty_times_is_given_once(sam):
    order = builders.an_order((builders.a_variant("MUG", stock=3, price="10.00"), 2))
    wish = f'{{ orderId: "{builders.id_of(order)}", amount: "2.00" }}'
    body = {"query": f"mutation {{ refundCreate(refund: {wish}) {{ refunds {{ id }} userErrors {{ code }} }} }}"}
    headers = {"Authorization": f"Bearer {builders.an_access_token(sam)}", "Idempotency-Key": "two-dollars"}
    answers: list[Any] = []

    def send() -> None:
        try:
            answers.append(Client().post("/graphql/", body, "application/json", headers=headers).json()["data"])
        finally:
            connection.close()

    in_threads(*[send] * THREADS)

    assert len(answers) == THREADS
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["refundCreate"]["userErrors"] == []
    relay.drain()
    assert Refund.objects.get().amount == TestRefund.objects.get().amount == 2
    call_command("verify", verbosity=0)
