"""storeCreditAdjust, Customer.storeCredit, cartStoreCreditApply, …Remove, and refunds that go to store credit."""

from decimal import Decimal
from typing import Any

import pytest

from accounts import actors
from accounts.actors import SYSTEM
from accounts.models import User
from accounts.staff import Permission
from checkout import carts, orders, reconciliation, refunds, store_credit
from checkout.carts import Buyer
from checkout.models import Cart, CartGiftCard, GiftCard, Order, Payment, Refund, TestRefund
from shop import relay
from tests import builders
from tests.api.checkout_documents import CHECKOUT_COMPLETE
from tests.conftest import Execute

ADJUST = """
mutation ($id: ID!, $amount: Decimal!, $currency: CurrencyCode! = USD, $reason: String! = "Sorry") {
  done: storeCreditAdjust(customerId: $id, amount: $amount, currency: $currency, reason: $reason) {
    storeCredit { balance { amount } entries(first: 9) { nodes { kind amount { amount } reason } } }
    userErrors { code field message }
  }
}
"""
CART = """
fragment shown on Cart {
  appliedGiftCards { isStoreCredit lastCharacters amountUsed { amount } } cost { amountDue { amount } }
}
"""
APPLY = (
    CART
    + "mutation ($id: ID!) { done: cartStoreCreditApply(cartId: $id) { cart { ...shown } userErrors { code field } } }"
)
REMOVE = APPLY.replace("CreditApply", "CreditRemove")
SET = (
    CART + "mutation ($id: ID!, $codes: [String!]!) { done: cartGiftCardCodesUpdate(cartId: $id, giftCardCodes: $codes)"
    " { cart { ...shown } userErrors { code field } } }"
)
MINE = "{ me { storeCredit { balance { amount currencyCode } } } }"
REFUND = """
mutation ($refund: RefundInput!) {
  done: refundCreate(refund: $refund) { refunds { amount { amount } toStoreCredit } userErrors { code field message } }
}
"""
GROUP = """
query ($id: ID!) {
  node(id: $id) { ... on CustomerGroup { members(first: 50) { nodes {
    storeCredit { balance { amount } entries(first: 2) { nodes { amount { amount } } } }
  } } } }
}
"""


@pytest.fixture
def clerk(db: None) -> User:
    return builders.a_clerk(Permission.MANAGE_CUSTOMERS)


@pytest.fixture
def cart(alice: User) -> Cart:
    """A cart of 25.00; its owner has a credit of 20.00."""
    given(alice, "20.00")
    return builders.a_ready_cart((builders.a_variant("MUG", stock=9, price="10.00"), 2), owner=alice)


def given(customer: User, amount: str, currency: str = "USD") -> GiftCard:
    return store_credit.adjust(
        customer_id=customer.pk, amount=Decimal(amount), currency=currency, reason="Sorry", actor=SYSTEM
    )


def ledger() -> list[str]:
    return [
        f"{entry.kind} {entry.amount:.2f}"
        for card in GiftCard.objects.filter(last_characters="").order_by("pk")
        for entry in card.entries.order_by("pk")
    ]


def paid() -> list[str]:
    return [f"{one.method or one.gateway} {one.captured:.2f}" for one in Payment.objects.order_by("pk")]


def test_staff_give_credit_and_take_some(execute: Execute, clerk: User, alice: User, assert_verified: Any) -> None:
    def adjust(amount: str, **said: str) -> dict[str, Any]:
        return dict(execute(ADJUST, as_=clerk, **{"id": builders.id_of(alice), "amount": amount, **said})["done"])

    assert adjust("-1")["userErrors"] == [
        {"code": "GIFT_CARD_OVERDRAWN", "field": ["amount"], "message": "There are 0.00 USD of store credit."}
    ]
    assert adjust("20")["storeCredit"]["balance"] == {"amount": "20.00"}
    assert adjust("5", currency="JPY")["storeCredit"]["balance"] == {"amount": "5"}
    wrong = [adjust("-20.01"), adjust("0"), adjust("NaN"), adjust("1.001"), adjust("1", reason=" ")]
    wrong += [adjust("1", id="gid://shop/Customer/0")]
    taken = adjust("-4.50", reason="Mistake")["storeCredit"]

    assert [(error["code"], error["field"]) for payload in wrong for error in payload["userErrors"]] == [
        ("GIFT_CARD_OVERDRAWN", ["amount"]),
        ("INVALID", ["amount"]),
        ("INVALID", ["amount"]),
        ("INVALID", ["amount"]),
        ("INVALID", ["reason"]),
        ("NOT_FOUND", ["customerId"]),
    ]
    assert taken == {
        "balance": {"amount": "15.50"},
        "entries": {
            "nodes": [
                {"kind": "ADJUSTMENT", "amount": {"amount": "20.00"}, "reason": "Sorry"},
                {"kind": "ADJUSTMENT", "amount": {"amount": "-4.50"}, "reason": "Mistake"},
            ]
        },
    }
    assert execute(MINE, as_=alice)["me"]["storeCredit"] == [
        {"balance": {"amount": "5", "currencyCode": "JPY"}},
        {"balance": {"amount": "15.50", "currencyCode": "USD"}},
    ]
    assert execute("{ giftCards(first: 9) { totalCount } }", as_=clerk)["giftCards"]["totalCount"] == 0
    assert_verified()


def test_is_given_by_staff_who_serve_customers(request_graphql: Execute, alice: User) -> None:
    for user, code in [(alice, "FORBIDDEN"), (builders.a_clerk(Permission.MANAGE_ORDERS), "FORBIDDEN")]:
        answer = request_graphql(ADJUST, as_=user, id=builders.id_of(alice), amount="5")
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert not GiftCard.objects.exists()


def test_pays_as_gift_cards_do(execute: Execute, cart: Cart, alice: User, assert_verified: Any) -> None:
    card, code = builders.a_gift_card("3.00")
    id = builders.id_of(cart)

    done = execute(APPLY, as_=alice, id=id)["done"]
    execute(APPLY, as_=alice, id=id)
    both = execute(SET, id=id, codes=[code])["done"]

    credit = {"isStoreCredit": True, "lastCharacters": "", "amountUsed": {"amount": "20.00"}}
    assert done == {"cart": {"appliedGiftCards": [credit], "cost": {"amountDue": {"amount": "5.00"}}}, "userErrors": []}
    assert [one["amountUsed"]["amount"] for one in both["cart"]["appliedGiftCards"]] == ["20.00", "3.00"]
    builders.completed(cart)
    assert paid() == ["Store credit 20.00", f"Gift card {card.last_characters} 3.00", "test 2.00"]
    orders.cancel(order_key=Order.objects.get().key, reason="")
    relay.drain()
    assert ledger() == ["ADJUSTMENT 20.00", "SPEND -20.00", "GIVE_BACK 20.00"]
    assert_verified()


def test_is_taken_off_again(execute: Execute, cart: Cart, alice: User) -> None:
    execute(APPLY, as_=alice, id=builders.id_of(cart))

    done = execute(REMOVE, id=builders.id_of(cart))["done"]

    assert (done["userErrors"], done["cart"]["cost"]["amountDue"]["amount"]) == ([], "25.00")
    assert not CartGiftCard.objects.exists()


def test_pays_for_nobody_else(execute: Execute, cart: Cart, alice: User, bob: User) -> None:
    other, euros = builders.a_cart(owner=bob), builders.a_cart(owner=alice, currency="EUR")

    refused = [
        execute(APPLY, as_=user, id=builders.id_of(one))["done"]["userErrors"]
        for user, one in [(alice, other), (bob, cart), (None, cart), (None, builders.a_cart()), (alice, euros)]
    ]

    assert refused == [[{"code": "STORE_CREDIT_UNUSABLE", "field": ["cartId"]}]] * 5
    assert not CartGiftCard.objects.exists()
    execute(APPLY, as_=alice, id=builders.id_of(cart))
    carts.identify_buyer(cart.secret, Buyer(customer=actors.of_user(bob)))
    builders.completed(cart)
    assert (paid(), ledger()) == (["test 25.00"], ["ADJUSTMENT 20.00"])


def test_a_refund_goes_there_and_is_spent(execute: Execute, alice: User, assert_verified: Any) -> None:
    keeper = builders.a_clerk(Permission.MANAGE_ORDERS)
    _, code = builders.a_gift_card("5.00")
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=9, price="10.00"), 2), owner=alice)
    execute(SET, id=builders.id_of(cart), codes=[code])
    order = builders.completed(cart)
    wanted = {"orderId": builders.id_of(order), "amount": "22.00", "toStoreCredit": True}

    done = execute(REFUND, as_=keeper, refund=wanted)["done"]
    relay.drain()
    relay.drain()

    assert done["userErrors"] == []
    assert done["refunds"] == [
        {"amount": {"amount": "20.00"}, "toStoreCredit": True},
        {"amount": {"amount": "2.00"}, "toStoreCredit": False},
    ]
    assert (ledger(), TestRefund.objects.count()) == (["REFUND 20.00"], 0)
    assert set(Refund.objects.values_list("status", flat=True)) == {"DONE"}
    assert list(reconciliation.differences(days=1)) == []
    following = builders.a_ready_cart((builders.a_variant("PAN", price="10.00"), 1), owner=alice)
    execute(APPLY, as_=alice, id=builders.id_of(following))
    builders.completed(following)
    assert paid()[2:] == ["Store credit 15.00"]
    assert_verified()


def test_a_refund_of_a_guest_has_nowhere_to_go(execute: Execute, alice: User, assert_verified: Any) -> None:
    keeper = builders.a_clerk(Permission.MANAGE_ORDERS)
    guest = builders.an_order((builders.a_variant("MUG"), 1))
    hers = builders.an_order((builders.a_variant("PAN"), 1), owner=alice)

    [error] = execute(REFUND, as_=keeper, refund={"orderId": builders.id_of(guest), "toStoreCredit": True})["done"][
        "userErrors"
    ]
    refunds.create(order_key=hers.key, amount=None, reason="", actor=SYSTEM, to_store_credit=True)
    alice.delete()
    relay.drain()

    assert (error["code"], error["field"]) == ("INVALID", ["refund", "toStoreCredit"])
    assert [(one.status, one.error) for one in Refund.objects.all()] == [
        ("FAILED", "The customer has no account any more.")
    ]
    assert not GiftCard.objects.exists()
    assert_verified()


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many_customers(
    execute: Execute, clerk: User, size: int, django_assert_num_queries: Any
) -> None:
    members = [builders.a_customer() for _ in range(size)]
    for member in members:
        given(member, "5.00")
    group = builders.a_group("Friends", *members)

    with django_assert_num_queries(6):  # who asks, what they may do; the group, its members, their credit, its ledgers
        found = execute(GROUP, as_=clerk, id=builders.id_of(group))["node"]["members"]["nodes"]
    assert [one["storeCredit"][0]["balance"]["amount"] for one in found] == ["5.00"] * size


def test_who_only_has_the_link_of_the_cart_neither_spends_it_nor_sees_all_of_it(
    execute: Execute, cart: Cart, alice: User, sam: User
) -> None:
    execute(APPLY, as_=alice, id=builders.id_of(cart))
    given(alice, "80.00")
    balance = "query ($id: ID!) { cart(id: $id) { appliedGiftCards { balance { amount } amountUsed { amount } } } }"

    def told(user: User | None) -> list[tuple[str, str]]:
        cards = execute(balance, as_=user, id=builders.id_of(cart))["cart"]["appliedGiftCards"]
        return [(one["balance"]["amount"], one["amountUsed"]["amount"]) for one in cards]

    assert (told(alice), told(None)) == ([("100.00", "25.00")], [("25.00", "25.00")])
    wanted = {"cartId": builders.id_of(cart), "payment": {}}
    [error] = execute(CHECKOUT_COMPLETE, **wanted)["checkoutComplete"]["userErrors"]
    assert error == {
        "code": "STORE_CREDIT_UNUSABLE",
        "field": ["cartId"],
        "message": "Sign in to the account of this cart to pay with its store credit, or take it off the cart.",
    }
    assert not Order.objects.exists()
    assert execute(CHECKOUT_COMPLETE, as_=alice, **wanted)["checkoutComplete"]["userErrors"] == []
    assert paid() == ["Store credit 25.00"]
