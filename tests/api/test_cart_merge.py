"""cartMerge, Customer.cart, and what becomes of carts nobody comes back to."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from checkout import expiry
from checkout.models import Cart, CartAddress, CartGiftCard, Order
from shop import clock
from tests import builders
from tests.conftest import Execute

MERGE = """
mutation ($cart: ID!, $into: ID!) {
  done: cartMerge(cartId: $cart, into: $into) {
    cart { id totalQuantity buyerIdentity { email } lines(first: 9) { nodes { quantity } } }
    report { lines { outcome reason quantity movedQuantity merchandise { sku } } }
    userErrors { code field message } warnings { code }
  }
}
"""
MINE = "{ me { cart { id totalQuantity expiresAt } } }"


def merge(execute: Execute, cart: Cart, into: Cart) -> dict[str, Any]:
    done: dict[str, Any] = execute(MERGE, cart=builders.id_of(cart), into=builders.id_of(into))["done"]
    return done


def test_accounts_for_each_line(execute: Execute, alice: User) -> None:
    mug, pan = builders.a_variant("MUG", stock=9), builders.a_variant("PAN", stock=3)
    bell, lamp = builders.a_variant("BELL", stock=0), builders.a_variant("LAMP")
    hat = builders.a_variant("HAT")
    guest = builders.a_ready_cart((mug, 2), (pan, 2), (bell, 1), (lamp, 1), (hat, 1), email="guest@example.com")
    type(hat.product).objects.filter(pk=hat.product_id).update(status="ARCHIVED")
    own = builders.a_cart((mug, 3), (pan, 2), owner=alice, email="")
    card, _ = builders.a_gift_card()
    CartGiftCard.objects.create(cart=guest, gift_card=card)

    done = merge(execute, guest, own)

    assert done["userErrors"] == []
    told = [(line["merchandise"]["sku"], line["outcome"], line["movedQuantity"]) for line in done["report"]["lines"]]
    assert told == [
        ("MUG", "COMBINED", 2),
        ("PAN", "CAPPED", 1),
        ("BELL", "DROPPED", 0),
        ("LAMP", "ADDED", 1),
        ("HAT", "DROPPED", 0),
    ]
    assert [line["reason"] for line in done["report"]["lines"]] == [
        None,
        "Only 1 more of it can be bought.",
        "No more of it can be bought.",
        None,
        "It is no longer sold.",
    ]
    assert [line["quantity"] for line in done["cart"]["lines"]["nodes"]] == [5, 3, 1]
    assert done["cart"]["buyerIdentity"]["email"] == "guest@example.com"
    assert [cart.pk for cart in Cart.objects.all()] == [own.pk]
    assert (CartAddress.objects.get().cart_id, CartGiftCard.objects.get().cart_id) == (own.pk, own.pk)


def test_warns_of_what_was_scarce_before(execute: Execute) -> None:
    pan = builders.a_variant("PAN", stock=1)

    done = merge(execute, builders.a_cart((pan, 1)), builders.a_cart((pan, 4)))

    assert [(line["outcome"], line["movedQuantity"]) for line in done["report"]["lines"]] == [("DROPPED", 0)]
    assert done["warnings"] == [{"code": "MERCHANDISE_NOT_ENOUGH_STOCK"}]
    assert done["cart"]["totalQuantity"] == 4


def test_refuses_what_is_no_open_cart_and_changes_nothing(execute: Execute) -> None:
    mug = builders.a_variant("MUG", stock=9)
    cart, closed = builders.a_cart((mug, 2)), builders.a_cart((mug, 1), completed_at=clock.now())
    old = builders.a_cart((mug, 1), updated_at=clock.now() - timedelta(days=400))

    refused = [merge(execute, cart, other)["userErrors"] for other in (closed, old, cart)]
    backwards = merge(execute, closed, cart)["userErrors"]

    assert [(error["code"], error["field"]) for [error] in refused] == [
        ("NOT_FOUND", ["into"]),
        ("NOT_FOUND", ["into"]),
        ("INVALID", ["into"]),
    ]
    assert [(error["code"], error["field"]) for error in backwards] == [("NOT_FOUND", ["cartId"])]
    assert Cart.objects.count() == 3
    assert cart.lines.get().quantity == 2


def test_a_customer_finds_the_cart_they_changed_last(execute: Execute, alice: User, bob: User) -> None:
    mug = builders.a_variant("MUG", stock=9)
    builders.a_cart((mug, 1), owner=alice, updated_at=clock.now() - timedelta(days=1))
    last = builders.a_cart((mug, 2), owner=alice)
    builders.a_cart((mug, 3), owner=alice, completed_at=clock.now())

    found = execute(MINE, as_=alice)["me"]["cart"]

    assert (found["id"], found["totalQuantity"]) == (builders.id_of(last), 2)
    assert found["expiresAt"] > (clock.now() + timedelta(days=29)).isoformat()
    assert execute(MINE, as_=bob)["me"]["cart"] is None


def test_removes_what_expired_but_never_the_cart_of_a_living_order(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "BATCH", 2)
    mug = builders.a_variant("MUG", stock=20)
    bought, cancelled = builders.an_order((mug, 1)), builders.a_ready_cart((mug, 1))
    with pytest.raises(Exception, match="declined"):
        builders.completed(cancelled, token="decline")
    for _ in range(4):
        builders.a_cart((mug, 1))
    Cart.objects.update(updated_at=clock.now() - timedelta(days=31))
    fresh = builders.a_cart((mug, 1))

    expiry.remove_expired()

    assert list(Cart.objects.order_by("pk")) == [bought.cart, fresh]
    assert Order.objects.filter(status="CANCELLED").get().cart is None
