"""Gift cards: sold, made by staff, named in carts, and spent first when an order is placed."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from accounts import attempts
from accounts.actors import SYSTEM
from accounts.models import User
from accounts.staff import Permission
from checkout import gift_card_sales, gift_cards, orders, payments, refunds
from checkout.models import Cart, GiftCard, GiftCardEntry, Order, Payment, TestCharge
from shop import clock, relay
from shop.outbox import Message
from tests import builders
from tests.api.checkout_documents import CHECKOUT_COMPLETE
from tests.conftest import Execute

PAID = "appliedGiftCards { id lastCharacters amountUsed { amount } balance { amount } } cost { amountDue { amount } }"
DONE = f"cart {{ {PAID} }} userErrors {{ code field message }}"
CART = f"query ($id: ID!) {{ cart(id: $id) {{ {PAID} }} }}"
ADD = (
    "mutation ($cart: ID!, $codes: [String!]!) {"
    f" done: cartGiftCardCodesAdd(cartId: $cart, giftCardCodes: $codes) {{ {DONE} }} }}"
)
SET = ADD.replace("CodesAdd", "CodesUpdate")
NEW = "mutation ($input: CartInput!) { done: cartCreate(input: $input) { " + DONE + " } }"
REMOVE = (
    "mutation ($cart: ID!, $ids: [ID!]!) {"
    f" done: cartGiftCardCodesRemove(cartId: $cart, appliedGiftCardIds: $ids) {{ {DONE} }} }}"
)
CARD = "giftCard { id lastCharacters balance { amount } isUsable expiresAt note } userErrors { code field message }"
CREATE = (
    "mutation ($card: GiftCardCreateInput!) { done: giftCardCreate(giftCard: $card) { giftCardCode " + CARD + " } }"
)
UPDATE = (
    "mutation ($id: ID!, $card: GiftCardUpdateInput!) { done: giftCardUpdate(id: $id, giftCard: $card) { "
    + CARD
    + " } }"
)
DEACTIVATE = "mutation ($id: ID!) { done: giftCardDeactivate(id: $id) { " + CARD + " } }"
CREDIT = (
    "mutation ($id: ID!, $amount: Decimal!, $reason: String!) {"
    " done: giftCardCredit(id: $id, amount: $amount, reason: $reason) { " + CARD + " } }"
)
DEBIT = CREDIT.replace("giftCardCredit", "giftCardDebit")
LIST = """
query ($end: String) {
  giftCards(first: 50, lastCharacters: $end) {
    totalCount nodes { id balance { amount } entries(first: 10) { nodes { kind amount { amount } reason } } }
  }
}
"""


@pytest.fixture
def clerk(db: None) -> User:
    return builders.a_clerk(Permission.MANAGE_CUSTOMERS)


@pytest.fixture
def cart(db: None) -> Cart:
    """A cart of 25.00, of which 5.00 are for delivery."""
    return builders.a_ready_cart((builders.a_variant("MUG", stock=9, price="10.00"), 2))


def name(execute: Execute, cart: Cart, *codes: str, document: str = ADD) -> dict[str, Any]:
    done: dict[str, Any] = execute(document, cart=builders.id_of(cart), codes=list(codes))["done"]
    return done


def paid() -> list[str]:
    return [f"{one.gateway} {one.amount:.2f} {one.status}" for one in Payment.objects.order_by("pk")]


def ledger(card: GiftCard) -> list[str]:
    return [f"{entry.kind} {entry.amount:.2f}" for entry in card.entries.order_by("pk")]


def test_staff_make_one_whose_code_is_told_once(execute: Execute, clerk: User) -> None:
    payload = execute(CREATE, as_=clerk, card={"initialValue": "30", "note": "For the trouble"})["done"]

    code, card = payload["giftCardCode"], GiftCard.objects.get()
    assert re.fullmatch("([2-9A-HJ-NP-Z]{4}-){3}[2-9A-HJ-NP-Z]{4}", code)
    assert payload["userErrors"] == []
    assert payload["giftCard"] == {
        "id": builders.id_of(card),
        "lastCharacters": code[-4:],
        "balance": {"amount": "30.00"},
        "isUsable": True,
        "expiresAt": None,
        "note": "For the trouble",
    }
    stored = " ".join(str(value) for value in GiftCard.objects.values_list().get())
    assert code.replace("-", "") not in stored
    assert ledger(card) == ["ISSUE 30.00"]
    assert card.entries.get().actor == clerk


@pytest.mark.parametrize(
    ("card", "field"),
    [
        ({"initialValue": "0"}, "initialValue"),
        ({"initialValue": "1.001"}, "initialValue"),
        ({"initialValue": "NaN"}, "initialValue"),
        ({"initialValue": "1", "expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"initialValue": "1", "recipientEmail": "nobody"}, "recipientEmail"),
    ],
)
def test_staff_make_none_that_makes_no_sense(execute: Execute, clerk: User, card: dict[str, str], field: str) -> None:
    payload = execute(CREATE, as_=clerk, card=card)["done"]

    assert [error["field"] for error in payload["userErrors"]] == [["giftCard", field]]
    assert not GiftCard.objects.exists()


def test_is_for_staff_who_serve_customers(request_graphql: Execute, alice: User) -> None:
    card, _ = builders.a_gift_card("10.00")
    orderly = builders.a_clerk(Permission.MANAGE_ORDERS)

    for user, code in [(alice, "FORBIDDEN"), (orderly, "FORBIDDEN"), (None, "UNAUTHENTICATED")]:
        for document, arguments in [(LIST, {}), (CREDIT, {"id": builders.id_of(card), "amount": "1", "reason": "x"})]:
            answer = request_graphql(document, as_=user, **arguments)
            assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert ledger(card) == ["ISSUE 10.00"]


def test_staff_change_it_and_say_why(execute: Execute, clerk: User, assert_verified: Any) -> None:
    card, _ = builders.a_gift_card("10.00")
    mine = {"as_": clerk, "id": builders.id_of(card)}

    more = execute(CREDIT, **mine, amount="5.50", reason="Late parcel")["done"]
    overdrawn = execute(DEBIT, **mine, amount="16", reason="Mistake")["done"]
    nameless = execute(CREDIT, **mine, amount="1", reason=" ")["done"]
    longer = execute(UPDATE, **mine, card={"expiresAt": "2099-01-01T00:00:00+00:00"})["done"]
    off = execute(DEACTIVATE, **mine)["done"]

    assert more["giftCard"]["balance"] == {"amount": "15.50"}
    assert overdrawn["userErrors"] == [
        {"code": "GIFT_CARD_OVERDRAWN", "field": ["amount"], "message": "15.50 USD are left on this gift card."}
    ]
    assert [error["field"] for error in nameless["userErrors"]] == [["reason"]]
    assert longer["giftCard"]["expiresAt"] == "2099-01-01T00:00:00+00:00"
    assert (off["giftCard"]["isUsable"], off["giftCard"]["balance"]) == (False, {"amount": "15.50"})
    assert execute(LIST, as_=clerk, end=card.last_characters.lower())["giftCards"]["nodes"][0]["entries"]["nodes"] == [
        {"kind": "ISSUE", "amount": {"amount": "10.00"}, "reason": None},
        {"kind": "ADJUSTMENT", "amount": {"amount": "5.50"}, "reason": "Late parcel"},
    ]
    assert execute(LIST, as_=clerk, end="0000")["giftCards"]["totalCount"] == 0
    assert_verified()


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many(execute: Execute, clerk: User, size: int, django_assert_num_queries: Any) -> None:
    for _ in range(size):
        builders.a_gift_card("10.00")

    with django_assert_num_queries(5):  # who asks, what they may do; the cards, their number, their entries
        assert len(execute(LIST, as_=clerk)["giftCards"]["nodes"]) == size


def test_a_cart_names_cards_that_pay_in_turn(execute: Execute, cart: Cart) -> None:
    (first, code), (second, other) = builders.a_gift_card("20.00"), builders.a_gift_card("20.00")

    done = name(execute, cart, gift_cards.spelled(code).lower(), other)
    again = name(execute, cart, code)

    assert again == done
    assert done["userErrors"] == []
    assert done["cart"]["cost"]["amountDue"] == {"amount": "0.00"}
    shown = [(one["lastCharacters"], one["amountUsed"]["amount"]) for one in done["cart"]["appliedGiftCards"]]
    assert shown == [(first.last_characters, "20.00"), (second.last_characters, "5.00")]
    ids = [one["id"] for one in done["cart"]["appliedGiftCards"]]
    left = execute(REMOVE, cart=builders.id_of(cart), ids=ids[:1])["done"]
    assert (left["userErrors"], left["cart"]["cost"]["amountDue"]["amount"]) == ([], "5.00")
    foreign = execute(REMOVE, cart=builders.id_of(cart), ids=ids)["done"]
    assert [(error["code"], error["field"]) for error in foreign["userErrors"]] == [
        ("NOT_FOUND", ["appliedGiftCardIds", "0"])
    ]
    replaced = name(execute, cart, code, document=SET)
    assert [one["lastCharacters"] for one in replaced["cart"]["appliedGiftCards"]] == [first.last_characters]
    assert ledger(first) == ["ISSUE 20.00"]


def test_a_cart_begins_with_cards(execute: Execute) -> None:
    card, code = builders.a_gift_card("15.00")
    line = {"merchandiseId": builders.id_of(builders.a_variant(price="20.00"))}

    begun = execute(NEW, input={"lines": [line], "giftCardCodes": [code.lower()]})["done"]

    assert begun["userErrors"] == []
    assert begun["cart"]["cost"] == {"amountDue": {"amount": "5.00"}}
    assert [one["lastCharacters"] for one in begun["cart"]["appliedGiftCards"]] == [card.last_characters]
    assert ledger(card) == ["ISSUE 15.00"]


def test_no_cart_begins_with_a_card_there_is_not(execute: Execute) -> None:
    _, code = builders.a_gift_card("15.00", currency="EUR")

    assert execute(NEW, input={"giftCardCodes": [code]})["done"]["userErrors"][0]["field"] == [
        "input",
        "giftCardCodes",
        "0",
    ]
    assert execute(NEW, input={"giftCardCodes": ["AAAA"]})["done"] == {
        "cart": None,
        "userErrors": [
            {
                "code": "GIFT_CARD_NOT_FOUND",
                "field": ["input", "giftCardCodes", "0"],
                "message": "No gift card has this code.",
            }
        ],
    }
    assert not Cart.objects.exists()


def test_a_cart_refuses_what_cannot_pay(execute: Execute, cart: Cart) -> None:
    _, code = builders.a_gift_card("20.00")
    codes = {
        "unknown": "AAAA-AAAA-AAAA-AAAA",
        "off": builders.a_gift_card("5.00", deactivated_at=clock.now())[1],
        "old": builders.a_gift_card("5.00", expires_at=clock.now() - timedelta(days=1))[1],
        "foreign": builders.a_gift_card("5.00", currency="EUR")[1],
    }

    refused = {kind: name(execute, cart, code, bad)["userErrors"] for kind, bad in codes.items()}

    assert {kind: (error["code"], error["field"]) for kind, [error] in refused.items()} == {
        "unknown": ("GIFT_CARD_NOT_FOUND", ["giftCardCodes", "1"]),
        "off": ("GIFT_CARD_UNUSABLE", ["giftCardCodes", "1"]),
        "old": ("GIFT_CARD_UNUSABLE", ["giftCardCodes", "1"]),
        "foreign": ("GIFT_CARD_UNUSABLE", ["giftCardCodes", "1"]),
    }
    assert not cart.gift_cards.exists()


def test_guessing_codes_is_slow(execute: Execute, cart: Cart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gift_cards, "MAX_WRONG", 3)
    _, code = builders.a_gift_card("20.00")

    for _ in range(5):
        assert name(execute, cart, code)["userErrors"] == []  # right ones are free
    wrong = [name(execute, cart, f"WRONG{number}")["userErrors"][0]["code"] for number in range(4)]

    assert wrong == ["GIFT_CARD_NOT_FOUND"] * 3 + [attempts.TooManyAttempts.code]
    assert name(execute, cart, code)["userErrors"][0]["code"] == "TOO_MANY_ATTEMPTS"


def test_pays_first_and_the_gateway_the_rest(execute: Execute, cart: Cart, assert_verified: Any) -> None:
    (one, code), (empty, other) = builders.a_gift_card("20.00"), builders.a_gift_card("1.50")
    name(execute, cart, code, other)

    payload = execute(CHECKOUT_COMPLETE, cartId=builders.id_of(cart), payment={"gateway": "test"})["checkoutComplete"]

    assert (payload["userErrors"], payload["order"]["financialStatus"]) == ([], "PAID")
    assert paid() == ["gift_card 20.00 CAPTURED", "gift_card 1.50 CAPTURED", "test 3.50 CAPTURED"]
    assert (ledger(one), ledger(empty)) == (["ISSUE 20.00", "SPEND -20.00"], ["ISSUE 1.50", "SPEND -1.50"])
    assert TestCharge.objects.get().amount == Decimal("3.50")
    assert_verified()


def test_needs_no_gateway_where_it_pays_all(execute: Execute, cart: Cart, assert_verified: Any) -> None:
    card, code = builders.a_gift_card("40.00")
    name(execute, cart, code)

    payload = execute(CHECKOUT_COMPLETE, cartId=builders.id_of(cart), payment={})["checkoutComplete"]

    assert (payload["userErrors"], payload["order"]["status"]) == ([], "CONFIRMED")
    assert paid() == ["gift_card 25.00 CAPTURED"]
    card.refresh_from_db()
    assert card.balance == 15
    assert_verified()


def test_has_it_back_when_the_payment_fails_or_the_order_is_cancelled(
    execute: Execute, cart: Cart, assert_verified: Any
) -> None:
    card, code = builders.a_gift_card("20.00")
    name(execute, cart, code)
    ready = {"cartId": builders.id_of(cart)}

    declined = execute(CHECKOUT_COMPLETE, **ready, payment={"gateway": "test", "token": "decline"})["checkoutComplete"]

    assert [error["code"] for error in declined["userErrors"]] == ["PAYMENT_DECLINED"]
    assert ledger(card) == ["ISSUE 20.00", "SPEND -20.00", "GIVE_BACK 20.00"]
    execute(CHECKOUT_COMPLETE, **ready, payment={"gateway": "test"})
    orders.cancel(order_key=Order.objects.get(status="CONFIRMED").key, reason="")
    relay.drain()
    assert ledger(card)[3:] == ["SPEND -20.00", "GIVE_BACK 20.00"]
    card.refresh_from_db()
    assert card.balance == 20
    assert_verified()


def test_is_refunded_after_the_gateway(execute: Execute, cart: Cart, assert_verified: Any) -> None:
    card, code = builders.a_gift_card("20.00")
    name(execute, cart, code)
    execute(CHECKOUT_COMPLETE, cartId=builders.id_of(cart), payment={"gateway": "test"})
    gift_cards.deactivate(key=card.key)

    refunds.create(order_key=Order.objects.get().key, amount=Decimal("8.00"), reason="", actor=SYSTEM)
    relay.drain()

    assert ledger(card) == ["ISSUE 20.00", "SPEND -20.00", "GIVE_BACK 3.00"]
    card.refresh_from_db()
    assert (card.balance, card.is_usable) == (Decimal(3), False)
    assert_verified()


def test_what_became_useless_meanwhile_pays_nothing(execute: Execute, cart: Cart) -> None:
    card, code = builders.a_gift_card("20.00")
    name(execute, cart, code)
    gift_cards.deactivate(key=card.key)

    shown = execute(CART, id=builders.id_of(cart))["cart"]
    execute(CHECKOUT_COMPLETE, cartId=builders.id_of(cart), payment={"gateway": "test"})

    assert shown["cost"]["amountDue"] == {"amount": "25.00"}
    assert [one["amountUsed"]["amount"] for one in shown["appliedGiftCards"]] == ["0.00"]
    assert paid() == ["test 25.00 CAPTURED"]


def test_no_more_is_charged_than_was_shown(execute: Execute, cart: Cart) -> None:
    card, code = builders.a_gift_card("20.00")
    name(execute, cart, code)
    gift_cards.debit(key=card.key, amount=Decimal(15), reason="Mistake", actor=SYSTEM)
    pay = {"cartId": builders.id_of(cart), "payment": {"gateway": "test", "expectedAmountDue": "5.00"}}

    refused = execute(CHECKOUT_COMPLETE, **pay)["checkoutComplete"]

    assert refused["userErrors"] == [
        {
            "code": "TOTAL_CHANGED",
            "field": ["payment", "expectedAmountDue"],
            "message": "20.00 USD are left to pay now.",
        }
    ]
    assert ledger(card) == ["ISSUE 20.00", "ADJUSTMENT -15.00"]
    assert not Order.objects.exists()
    pay["payment"] = {"gateway": "test", "expectedAmountDue": "20"}
    assert execute(CHECKOUT_COMPLETE, **pay)["checkoutComplete"]["userErrors"] == []


def test_one_is_issued_for_each_unit_once_it_is_paid(execute: Execute, settings: Any, assert_verified: Any) -> None:
    settings.GIFT_CARD_DAYS = 365
    present = builders.a_variant("CARD", stock=9, price="25.00")
    type(present).objects.update(is_gift_card=True, requires_shipping=False)
    cart = builders.a_cart((present, 2))
    cart.lines.update(
        attributes=[{"key": "Message", "value": "Many happy returns"}, {"key": "Recipient email", "value": "bo@x.org"}]
    )
    order = builders.completed(cart, gateway="manual")
    relay.drain()
    assert not GiftCard.objects.exists()  # promised, not received

    payments.mark_as_paid(order_key=order.key)
    relay.drain()
    gift_card_sales.issue(Message(0, "payment.captured", {"order_id": order.pk}, clock.now()))

    cards = list(GiftCard.objects.order_by("pk"))
    assert [(card.balance, card.unit, card.recipient_email) for card in cards] == [
        (Decimal(25), 1, "bo@x.org"),
        (Decimal(25), 2, "bo@x.org"),
    ]
    assert all(card.expires_at and card.expires_at > clock.now() + timedelta(days=364) for card in cards)
    sent = [one for one in mail.outbox if "gift card" in one.subject]
    assert [one.to for one in sent] == [["bo@x.org"]] * 2
    assert "Many happy returns" in sent[0].body
    codes = [re.search("[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", str(one.body)) for one in sent]
    other = builders.a_ready_cart((builders.a_variant("MUG", price="30.00"), 1))
    done = name(execute, other, *[code[0] for code in codes if code])
    assert (done["userErrors"], done["cart"]["cost"]["amountDue"]["amount"]) == ([], "0.00")
    orders.cancel(order_key=order.key, reason="")
    relay.drain()
    assert not any(card.is_usable for card in GiftCard.objects.all())
    assert GiftCardEntry.objects.count() == 2
    assert_verified()
