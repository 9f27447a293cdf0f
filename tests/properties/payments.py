"""Rules about money: bought in one go, paid in parts and by gift cards, captured, given up and given back."""

import json
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, rule

from accounts.actors import SYSTEM
from checkout import reconciliation, store_credit
from checkout.gateways.test import SIGNATURE, signature
from checkout.models import Order, Payment, Refund, TestCharge
from shop import relay
from tests import builders
from tests.properties.buying import LINES, RECORDED, TOKENS, Buying, paying
from tests.properties.offers import CODES, UNITS
from tests.properties.world import GOODS, ORDERS, Goods, Made, made, state


class Card(NamedTuple):
    """A gift card by its id, and its code."""

    id: str
    code: str


CARDS: "Bundle[Card]" = Bundle("cards")
PART = st.sampled_from([None, 1, 333, 1000, 99999])
BUYER = st.sampled_from(["alice", "guest"])


class Paying(Buying):
    def __init__(self) -> None:
        super().__init__()
        settings.PAYMENT_GATEWAYS = ["test", "invoice"]
        # Cancelled orders of which staff chose to keep the money.
        self.kept_money: set[int] = set()
        # A point pays the smallest unit there is.
        builders.a_loyalty_program(earns="0.01", pays=self.amount(1), currency=self.currency)
        builders.given_points(self.alice, 900)
        builders.a_credit_limit(self.alice, self.amount(9999), currency=self.currency)
        said: dict[str, Any] = {"currency": self.currency, "reason": "Welcome", "actor": SYSTEM}
        store_credit.adjust(customer_id=self.alice.pk, amount=Decimal(self.amount(600)), **said)
        self.stood = state()

    @initialize(target=CARDS)
    def open_with_a_gift_card(self) -> Card:
        card, code = builders.a_gift_card(self.amount(1500), currency=self.currency)
        return Card(builders.id_of(card), code)

    @initialize(target=GOODS)
    def open_with_a_bundle(self) -> Goods:
        own: dict[str, Any] = {"category": self.category, "currency": self.currency}
        cup, tea = (builders.a_variant(stock=9, price=self.amount(700), **own) for _ in range(2))
        box = builders.a_bundle((cup, 1), (tea, 2), price=self.amount(1999), **own)
        return Goods(builders.id_of(box.product), [builders.id_of(box)])

    @initialize(target=GOODS)
    def open_with_gift_cards_to_sell(self) -> Goods:
        sold = self.product("Gift card", stock_=9, price=self.amount(500))
        self.ask("productVariantUpdate", id=sold.variants[0], variant={"isGiftCard": True})
        return sold

    @initialize(target=ORDERS, token=st.sampled_from(["success", "authorize"]), card=st.booleans())
    def open_with_an_order(self, token: str, card: bool) -> "Made[str]":
        own: dict[str, Any] = {"category": self.category, "currency": self.currency}
        cup, tea = (builders.a_variant(stock=9, price=self.amount(units), **own) for units in (1005, 333))
        lines = [(builders.id_of(cup), 3), (builders.id_of(tea), 2)]
        cards = [Card("", builders.a_gift_card(self.amount(700), currency=self.currency)[1])] if card else []
        return self._buy(lines, "alice", ["SPRING"], cards, 0, token)

    @rule(
        target=ORDERS,
        lines=LINES,
        buyer=BUYER,
        codes=st.lists(CODES, max_size=2),
        cards=st.lists(CARDS, max_size=2),
        points=st.sampled_from([0, 7, 500]),
        token=TOKENS,
    )
    def buy(
        self, lines: list[tuple[str, int]], buyer: str, codes: list[str], cards: list[Card], points: int, token: str
    ) -> "Made[str]":
        return self._buy(lines, buyer, codes, cards, points, token)

    @rule(order=ORDERS, units=PART, which=st.integers(min_value=0, max_value=1))
    def capture(self, order: str, units: int | None, which: int) -> None:
        amount = None if units is None else self.amount(units)
        self.ask("paymentCapture", id=self._payment(order, which), amount=amount)

    @rule(order=ORDERS, which=st.integers(min_value=0, max_value=1))
    def void(self, order: str, which: int) -> None:
        self.ask("paymentVoid", id=self._payment(order, which))

    @rule(order=ORDERS)
    def mark_as_paid(self, order: str) -> None:
        self.ask("orderMarkAsPaid", id=order)

    @rule(order=ORDERS, units=PART, inside=st.booleans())
    def give_back(self, order: str, units: int | None, inside: bool) -> None:
        amount = None if units is None else self.amount(units)
        said = {"orderId": order, "amount": amount, "reason": "Sorry", "toStoreCredit": inside}
        self.ask("refundCreate", refund=said)

    @rule(
        units=st.sampled_from([300, -300, 1, 0, 9999]),
        action=st.sampled_from(["customerPointsAdjust", "storeCreditAdjust", "customerCreditLimitUpdate"]),
    )
    def correct_customer(self, units: int, action: str) -> None:
        amount = {"amount": self.amount(units), "currency": self.currency, "reason": "Mistake"}
        said: dict[str, dict[str, Any]] = {
            "customerPointsAdjust": {"points": units, "reason": "Mistake"},
            "storeCreditAdjust": amount,
            "customerCreditLimitUpdate": {"creditLimit": {"amount": self.amount(units), "currencyCode": self.currency}},
        }
        self.ask(action, customerId=builders.id_of(self.alice), **said[action])

    @rule(card=CARDS, units=UNITS, action=st.sampled_from(["giftCardCredit", "giftCardDebit"]))
    def correct_card(self, card: Card, units: int, action: str) -> None:
        self.ask(action, id=card.id, amount=self.amount(units), reason="Mistake")

    @rule(target=CARDS, units=UNITS)
    def make_card(self, units: int) -> "Made[Card]":
        said = {"initialValue": self.amount(units), "currency": self.currency}
        payload = self.ask("giftCardCreate", "giftCard { id } giftCardCode", giftCard=said)
        return made(payload, lambda: Card(payload["giftCard"]["id"], payload["giftCardCode"]))

    @rule(card=CARDS)
    def switch_card_off(self, card: Card) -> None:
        self.ask("giftCardDeactivate", id=card.id)

    @rule(status=st.sampled_from(["CAPTURED", "AUTHORIZED", "FAILED"]), is_told=st.booleans())
    def the_bank_decides(self, status: str, is_told: bool) -> None:
        """What was awaited comes in, is promised, or fails; the bank says so, or its notice is lost."""
        waiting = TestCharge.objects.filter(status="PENDING").order_by("pk").first()
        if waiting is None:
            return
        TestCharge.objects.filter(pk=waiting.pk).update(status=status)
        if is_told:
            body = json.dumps({"id": f"event-{self.requests}", "type": "payment", "payment": str(waiting.pk)}).encode()
            headers = {SIGNATURE: signature(body)}
            self.client.post("/webhooks/test/", body, content_type="application/json", headers=headers)

    @rule()
    def settle(self) -> None:
        """The worker does all there is to do; then nothing waits, and the bank has in its books what the shop has."""
        self.let_holds_run_out()
        relay.drain()
        Payment.objects.update(updated_at="2020-01-01T00:00Z")
        Refund.objects.update(created_at="2020-01-01T00:00Z")
        reconciliation.settle()
        relay.drain()
        assert [(one.handler, one.last_error) for one in relay.troubled()] == []
        assert not Payment.objects.filter(status="PENDING").exists()
        assert not Refund.objects.filter(status="PENDING").exists()
        assert list(reconciliation.differences(days=99999)) == []
        for order in Order.objects.filter(status="CANCELLED").exclude(pk__in=self.kept_money):
            fails = TestCharge.objects.filter(token="refund_fails").values("pk")
            kept = [one.refundable for one in order.payments.exclude(key__in=fails)]
            assert not any(kept), f"{order} was cancelled, and yet {kept} stayed"

    def _payment(self, order: str, which: int) -> str:
        paid = Payment.objects.filter(order__key=order.rpartition("/")[2]).order_by("pk")
        return builders.id_of(paid[which % len(paid)])

    def _buy(
        self, lines: list[tuple[str, int]], buyer: str, codes: list[str], cards: list[Card], points: int, token: str
    ) -> "Made[str]":
        said = {
            "lines": [{"merchandiseId": variant, "quantity": quantity} for variant, quantity in lines],
            "buyerIdentity": {"email": "ada@example.com", "countryCode": "US"},
            "discountCodes": codes,
        }
        payload = self.ask("cartCreate", "cart { id }", as_=buyer, input=said)
        if not payload:
            return made(payload, str)
        cart = payload["cart"]["id"]
        self._address(cart)
        if cards:
            self.ask("cartGiftCardCodesUpdate", as_=buyer, cartId=cart, giftCardCodes=[card.code for card in cards])
        if points:
            self.ask("cartPointsApply", as_=buyer, cartId=cart, points=points)
            self.ask("cartStoreCreditApply", as_=buyer, cartId=cart)
        payload = self.ask(
            "checkoutComplete", "order { id }", as_=buyer, recorded=RECORDED, cartId=cart, payment=paying(token)
        )
        return made(payload, lambda: payload["order"]["id"])
