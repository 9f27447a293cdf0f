"""cartPointsApply and cartPointsRemove, and checkouts that points pay for."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts import actors, points
from accounts.actors import SYSTEM
from accounts.models import LoyaltyProgram, PointsAccount, PointsEntry, User
from checkout import cart_points, carts, orders, refunds
from checkout.carts import Buyer
from checkout.models import Cart, CartGiftCard, Order, Payment, TestCharge
from shop import clock, relay
from tests import builders
from tests.api.checkout_documents import CHECKOUT_COMPLETE
from tests.conftest import Execute

PAID = "appliedPoints { points pointsUsed amountUsed { amount } } cost { amountDue { amount } }"
DONE = f"cart {{ {PAID} appliedGiftCards {{ amountUsed {{ amount }} }} }} userErrors {{ code field message }}"
APPLY = f"mutation ($cart: ID!, $points: Int!) {{ done: cartPointsApply(cartId: $cart, points: $points) {{ {DONE} }} }}"
REMOVE = f"mutation ($cart: ID!) {{ done: cartPointsRemove(cartId: $cart) {{ {DONE} }} }}"
CART = f"query ($id: ID!) {{ cart(id: $id) {{ {PAID} }} }}"


@pytest.fixture
def cart(alice: User) -> Cart:
    """A cart of 25.00, of which 5.00 are for delivery; a point is worth a cent, and its owner has 2,000."""
    builders.a_loyalty_program()
    builders.given_points(alice, 2000)
    return builders.a_ready_cart((builders.a_variant("MUG", stock=9, price="10.00"), 2), owner=alice)


def use(execute: Execute, cart: Cart, wanted: int, as_: User | None) -> dict[str, Any]:
    return dict(execute(APPLY, as_=as_, cart=builders.id_of(cart), points=wanted)["done"])


def used(done: dict[str, Any]) -> tuple[Any, ...]:
    shown, due = done["cart"]["appliedPoints"], done["cart"]["cost"]["amountDue"]["amount"]
    return (None, due) if shown is None else (shown["pointsUsed"], shown["amountUsed"]["amount"], due)


def complete(execute: Execute, cart: Cart, **payment: str) -> dict[str, Any]:
    wanted = {"cartId": builders.id_of(cart), "payment": payment or {"gateway": "test"}}
    return dict(execute(CHECKOUT_COMPLETE, as_=cart.customer, **wanted)["checkoutComplete"])


def paid() -> list[str]:
    return [f"{one.gateway} {one.amount:.2f} {one.status}" for one in Payment.objects.order_by("pk")]


def ledger() -> list[tuple[str, int]]:
    return [(entry.kind, entry.points) for entry in PointsEntry.objects.order_by("pk")]


def test_a_cart_shows_what_points_would_pay(execute: Execute, cart: Cart, alice: User) -> None:
    card, _ = builders.a_gift_card("9.00")
    CartGiftCard.objects.create(cart=cart, gift_card=card)

    done = use(execute, cart, 1800, alice)

    assert (done["userErrors"], used(done)) == ([], (1800, "18.00", "0.00"))
    assert done["cart"]["appliedGiftCards"] == [{"amountUsed": {"amount": "7.00"}}]
    assert used(use(execute, cart, 100, alice)) == (100, "1.00", "15.00")
    gone = execute(REMOVE, cart=builders.id_of(cart))["done"]
    assert (gone["userErrors"], used(gone)) == ([], (None, "16.00"))
    assert ledger() == [("ADJUSTMENT", 2000)]


def test_refuses_what_cannot_pay_and_changes_nothing(execute: Execute, cart: Cart, alice: User, bob: User) -> None:
    guest, euros = builders.a_cart(), builders.a_cart(owner=alice, currency="EUR")
    builders.given_points(bob, 9)

    refused = [
        use(execute, cart, 2001, alice),
        use(execute, cart, 0, alice),
        use(execute, cart, -5, alice),
        use(execute, euros, 5, alice),
        use(execute, guest, 5, alice),
        use(execute, cart, 5, bob),
        use(execute, cart, 5, None),
    ]

    told = [(error["code"], error["field"], error["message"]) for payload in refused for error in payload["userErrors"]]
    own = "Only the customer whose cart this is can pay it with points."
    assert told == [
        ("POINTS_OVERDRAWN", ["points"], "There are 2000 points."),
        ("INVALID", ["points"], "Give a number of 1 or more; `cartPointsRemove` takes points off."),
        ("INVALID", ["points"], "Give a number of 1 or more; `cartPointsRemove` takes points off."),
        ("POINTS_UNUSABLE", ["points"], "Points cannot pay in EUR."),
        ("POINTS_UNUSABLE", ["cartId"], "Points pay for carts of customers: sign in, and take the cart over, first."),
        ("POINTS_UNUSABLE", ["cartId"], own),
        ("POINTS_UNUSABLE", ["cartId"], own),
    ]
    assert set(Cart.objects.values_list("points", flat=True)) == {0}
    LoyaltyProgram.objects.update(is_active=False)
    assert [error["field"] for error in use(execute, cart, 5, alice)["userErrors"]] == [["points"]]


def test_pays_at_least_and_at_most_a_share(execute: Execute, cart: Cart, alice: User) -> None:
    LoyaltyProgram.objects.update(min_percentage=Decimal(10), max_percentage=Decimal("33.33"))

    [few] = use(execute, cart, 249, alice)["userErrors"]

    assert few == {"code": "POINTS_TOO_FEW", "field": ["points"], "message": "At least 250 points pay for this cart."}
    assert used(use(execute, cart, 250, alice)) == (250, "2.50", "22.50")
    assert used(use(execute, cart, 2000, alice)) == (833, "8.33", "16.67")
    complete(execute, cart)
    assert paid() == ["points 8.33 CAPTURED", "test 16.67 CAPTURED"]
    assert ledger()[1:] == [("SPEND", -833)]


@pytest.mark.parametrize(
    ("value", "currency", "wanted", "expected"),
    [
        ("0.03", "USD", 5, (5, "0.15", "24.85")),
        ("0.03", "USD", 2000, (834, "25.00", "0.00")),  # the last point counts for a cent only
        ("0.004", "USD", 7, (5, "0.02", "24.98")),  # two points would be worth less than a cent
        ("0.5", "JPY", 3, (2, "1", "24")),
    ],
)
def test_no_coin_is_split(
    execute: Execute, cart: Cart, alice: User, value: str, currency: str, wanted: int, expected: tuple[Any, ...]
) -> None:
    builders.a_loyalty_program(pays=value, currency=currency)
    if currency == "JPY":
        cart = builders.a_cart(owner=alice, currency="JPY")
        variant = builders.a_variant()
        builders.a_price(variant, "25", currency="JPY")
        cart.lines.create(variant=variant, quantity=1)

    assert used(use(execute, cart, wanted, alice)) == expected


def test_pays_first_and_the_gateway_the_rest(execute: Execute, cart: Cart, alice: User, assert_verified: Any) -> None:
    use(execute, cart, 1500, alice)

    payload = complete(execute, cart)

    assert (payload["userErrors"], payload["order"]["financialStatus"]) == ([], "PAID")
    assert paid() == ["points 15.00 CAPTURED", "test 10.00 CAPTURED"]
    assert Payment.objects.earliest("pk").method == "1500 points"
    assert ledger() == [("ADJUSTMENT", 2000), ("SPEND", -1500)]
    assert PointsAccount.objects.get().balance == 500
    assert complete(execute, cart) == payload
    assert_verified()


def test_needs_no_gateway_where_points_pay_all(execute: Execute, cart: Cart, alice: User, assert_verified: Any) -> None:
    builders.given_points(alice, 1000)
    use(execute, cart, 3000, alice)

    payload = complete(execute, cart, expectedAmountDue="0.00")

    assert (payload["userErrors"], payload["order"]["status"]) == ([], "CONFIRMED")
    assert (paid(), TestCharge.objects.count()) == (["points 25.00 CAPTURED"], 0)
    assert PointsAccount.objects.get().balance == 500
    assert_verified()


def test_come_back_when_the_payment_fails_or_the_order_is_cancelled(
    execute: Execute, cart: Cart, alice: User, assert_verified: Any
) -> None:
    use(execute, cart, 1500, alice)

    declined = complete(execute, cart, gateway="test", token="decline")

    assert [error["code"] for error in declined["userErrors"]] == ["PAYMENT_DECLINED"]
    assert ledger()[1:] == [("SPEND", -1500), ("GIVE_BACK", 1500)]
    complete(execute, cart)
    orders.cancel(order_key=Order.objects.get(status="CONFIRMED").key, reason="")
    relay.drain()
    assert ledger()[3:] == [("SPEND", -1500), ("GIVE_BACK", 1500)]
    assert PointsAccount.objects.get().balance == 2000
    assert_verified()


def test_are_refunded_after_the_gateway_and_lose_none(
    execute: Execute, cart: Cart, alice: User, assert_verified: Any
) -> None:
    builders.a_loyalty_program(earns="0", pays="0.03")
    use(execute, cart, 500, alice)
    complete(execute, cart)
    order = Order.objects.get()

    for amount in ("10.01", "0.01", "0.02", "14.96"):
        refunds.create(order_key=order.key, amount=Decimal(amount), reason="", actor=SYSTEM)
        relay.drain()
        assert_verified()

    assert ledger()[1:] == [("SPEND", -500)] + [("GIVE_BACK", back) for back in (0, 0, 1, 499)]
    assert PointsAccount.objects.get().balance == 2000


def test_what_is_gone_meanwhile_pays_nothing(execute: Execute, cart: Cart, alice: User, assert_verified: Any) -> None:
    use(execute, cart, 1500, alice)
    points.adjust(customer_id=alice.pk, points=-1200, reason="Mistake", actor=SYSTEM)

    shown = execute(CART, id=builders.id_of(cart))
    refused = complete(execute, cart, gateway="test", expectedAmountDue="10.00")

    assert used(shown) == (800, "8.00", "17.00")
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [
        ("TOTAL_CHANGED", ["payment", "expectedAmountDue"])
    ]
    assert ledger() == [("ADJUSTMENT", 2000), ("ADJUSTMENT", -1200)]
    LoyaltyProgram.objects.update(is_active=False)
    assert used(execute(CART, id=builders.id_of(cart))) == (0, "0.00", "25.00")
    complete(execute, cart)
    assert paid() == ["test 25.00 CAPTURED"]
    assert_verified()


def test_expire_oldest_first(execute: Execute, alice: User, assert_verified: Any, monkeypatch: Any) -> None:
    builders.a_loyalty_program(expiry_days=10)
    builders.given_points(alice, 1000)
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=9, price="2.00"), 1), owner=alice)
    use(execute, cart, 700, alice)
    complete(execute, cart)
    days = 5
    monkeypatch.setattr(clock, "now", lambda: _now() + timedelta(days=days))
    builders.given_points(alice, 50)

    days = 11
    assert points.balances([alice.pk]) == {alice.pk: 50}
    other = builders.a_ready_cart((builders.a_variant("PAN", stock=9, price="2.00"), 1), owner=alice)
    assert use(execute, other, 51, alice)["userErrors"][0]["code"] == "POINTS_OVERDRAWN"
    Cart.objects.filter(pk=other.pk).update(points=300)
    complete(execute, other)

    assert ledger()[1:] == [("SPEND", -700), ("ADJUSTMENT", 50), ("EXPIRE", -300), ("SPEND", -50)]
    points.expire()
    orders.cancel(order_key=Order.objects.latest("pk").key, reason="")
    days = 16
    points.expire()
    points.expire()
    assert ledger()[5:] == [("GIVE_BACK", 50), ("EXPIRE", -50)]
    assert_verified()


_now = clock.now


def test_another_owner_does_not_spend_them(execute: Execute, cart: Cart, alice: User, bob: User) -> None:
    use(execute, cart, 1500, alice)

    carts.identify_buyer(cart.secret, Buyer(customer=actors.of_user(alice)))
    assert Cart.objects.get().points == 1500
    carts.identify_buyer(cart.secret, Buyer(customer=actors.of_user(bob)))
    complete(execute, cart)

    assert paid() == ["test 25.00 CAPTURED"]
    assert ledger() == [("ADJUSTMENT", 2000)]


def test_who_only_has_the_link_of_the_cart_spends_no_points(
    execute: Execute, cart: Cart, alice: User, bob: User, sam: User
) -> None:
    use(execute, cart, 500, alice)
    wanted = {"cartId": builders.id_of(cart), "payment": {"gateway": "test"}}

    refused = [execute(CHECKOUT_COMPLETE, as_=one, **wanted)["checkoutComplete"]["userErrors"] for one in (None, bob)]

    error = {
        "code": "POINTS_UNUSABLE",
        "field": ["cartId"],
        "message": "Sign in to the account of this cart to pay with its points, or take them off the cart.",
    }
    assert refused == [[error], [error]]
    assert (ledger(), Order.objects.count()) == ([("ADJUSTMENT", 2000)], 0)
    assert execute(CHECKOUT_COMPLETE, as_=sam, **wanted)["checkoutComplete"]["userErrors"] == []
    assert paid() == ["points 5.00 CAPTURED", "test 20.00 CAPTURED"]


def test_they_outlive_the_account_of_a_customer_who_leaves(
    execute: Execute, cart: Cart, alice: User, assert_verified: Any
) -> None:
    use(execute, cart, 500, alice)
    complete(execute, cart)
    alice.delete()

    orders.cancel(order_key=Order.objects.get().key, reason="")
    relay.drain()

    assert (PointsAccount.objects.get().customer, PointsAccount.objects.get().balance) == (None, 2000)
    assert_verified()


def test_verify_finds_a_ledger_that_is_wrong(execute: Execute, cart: Cart, alice: User) -> None:
    use(execute, cart, 500, alice)
    complete(execute, cart)
    assert (points.differences(), cart_points.differences()) == ([], [])

    account = PointsAccount.objects.get()
    PointsAccount.objects.update(balance=7)
    assert points.differences() == [f"the points of account {account.pk} are others than its ledger tells"]
    Payment.objects.filter(gateway="points").update(captured=Decimal(1), amount=Decimal(1))
    number = Order.objects.get().number
    assert cart_points.differences() == [f"order {number} and the ledger of points differ"]
    with pytest.raises(Exception, match="never changed"):
        PointsEntry.objects.update(points=3)
