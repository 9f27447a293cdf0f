"""cartLinesSaveForLater, cartLinesMoveToCart, cartSavedLinesTake and Cart.savedLines."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from checkout import expiry, saved_lines
from checkout.models import Cart, CartLine
from shop import clock
from tests import builders
from tests.api.cart_documents import LINES_ADD, changing
from tests.conftest import Execute

SAVED = """
fragment saved on Cart {
  id totalQuantity cost { totalAmount { amount } }
  lines(first: 250) { nodes { id quantity merchandise { ... on ProductVariant { sku } } } }
  savedLines(first: 250) { nodes { id quantity attributes { key value } merchandise { sku } } }
}
"""
SAVE = SAVED + changing("cartLinesSaveForLater", "lineIds: [ID!]!", "...saved")
MOVE = SAVED + changing("cartLinesMoveToCart", "lineIds: [ID!]!", "...saved")
REMOVE = SAVED + changing("cartLinesRemove", "lineIds: [ID!]!", "...saved")
TAKE = SAVED + changing("cartSavedLinesTake", "fromCartId: ID!", "...saved")
READ = SAVED + "query ($id: ID!) { cart(id: $id) { ...saved } }"
MERGE = """
mutation ($cart: ID!, $into: ID!) {
  done: cartMerge(cartId: $cart, into: $into) {
    cart { savedLines(first: 9) { nodes { quantity } } }
    report { lines { outcome isSaved quantity movedQuantity reason merchandise { sku } } }
  }
}
"""


def save(execute: Execute, cart: Cart, *lines: CartLine) -> dict[str, Any]:
    return dict(
        execute(SAVE, as_=cart.customer, cartId=builders.id_of(cart), lineIds=ids(*lines))["cartLinesSaveForLater"]
    )


def move(execute: Execute, cart: Cart, *lines: CartLine) -> dict[str, Any]:
    return dict(
        execute(MOVE, as_=cart.customer, cartId=builders.id_of(cart), lineIds=ids(*lines))["cartLinesMoveToCart"]
    )


def ids(*lines: CartLine) -> list[str]:
    return [builders.id_of(line) for line in lines]


def said(nodes: dict[str, Any]) -> list[tuple[str, int]]:
    return [(line["merchandise"]["sku"], line["quantity"]) for line in nodes["nodes"]]


def seen(execute: Execute, cart: Cart) -> list[tuple[str, int]]:
    return said(execute(READ, as_=cart.customer, id=builders.id_of(cart))["cart"]["savedLines"])


def a_saved_line(cart: Cart, variant: Any, quantity: int = 1, **fields: Any) -> CartLine:
    return CartLine.objects.create(cart=cart, variant=variant, quantity=quantity, is_saved=True, **fields)


def test_what_is_saved_is_neither_priced_nor_bought_and_blocks_nothing(execute: Execute) -> None:
    mug, lost = builders.a_variant("MUG"), builders.a_variant("LOST", stock=0)
    cart = builders.a_ready_cart((mug, 2), (lost, 1))
    line = cart.lines.get(variant=lost)

    done = save(execute, cart, line)

    assert (done["userErrors"], done["warnings"]) == ([], [])
    assert (said(done["cart"]["lines"]), said(done["cart"]["savedLines"])) == ([("MUG", 2)], [("LOST", 1)])
    assert done["cart"]["savedLines"]["nodes"][0]["id"] == builders.id_of(line)
    assert done["cart"]["cost"]["totalAmount"]["amount"] == "25.00"
    order = builders.completed(cart)
    assert [(bought.sku, bought.quantity) for bought in order.lines.all()] == [("MUG", 2)]


def test_moves_back_by_the_rules_of_adding(execute: Execute) -> None:
    mug, pan = builders.a_variant("MUG", stock=5), builders.a_variant("PAN", stock=9)
    cart = builders.a_cart((mug, 3), (pan, 1))
    some, more = a_saved_line(cart, mug, 2), a_saved_line(cart, pan, 9)

    refused = move(execute, cart, some, more)

    assert refused["userErrors"] == [
        {"code": "INSUFFICIENT_STOCK", "field": ["lineIds"], "message": "Only 9 of PAN left."}
    ]
    assert said(refused["cart"]["savedLines"]) == [("MUG", 2), ("PAN", 9)]
    done = move(execute, cart, some)
    assert (done["userErrors"], said(done["cart"]["lines"])) == ([], [("MUG", 5), ("PAN", 1)])
    assert said(done["cart"]["savedLines"]) == [("PAN", 9)]
    mug.product.__class__.objects.filter(pk=pan.product_id).update(status="ARCHIVED")
    [error] = move(execute, cart, more)["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID_MERCHANDISE_LINE", ["lineIds", "0"])


def test_saving_the_same_again_makes_one_line_with_the_sum(execute: Execute) -> None:
    mug = builders.a_variant("MUG", stock=5000)
    cart = builders.a_cart((mug, 700))
    engraved = CartLine.objects.create(
        cart=cart, variant=mug, quantity=1, attributes=[{"key": "engraving", "value": "Ada"}]
    )
    a_saved_line(cart, mug, 2)

    done = save(execute, cart, *cart.lines.filter(is_saved=False))

    assert (done["userErrors"], done["cart"]["totalQuantity"]) == ([], 0)
    assert said(done["cart"]["savedLines"]) == [("MUG", 1), ("MUG", 702)]
    assert done["cart"]["savedLines"]["nodes"][0]["attributes"] == [{"key": "engraving", "value": "Ada"}]
    assert CartLine.objects.get(pk=engraved.pk).is_saved


def test_refuses_lines_that_are_not_there_and_changes_nothing(execute: Execute) -> None:
    mug = builders.a_variant("MUG")
    cart, other = builders.a_cart((mug, 1)), builders.a_cart((mug, 2))
    own, foreign = cart.lines.get(), other.lines.get()
    kept, foreign_saved = a_saved_line(cart, mug, 3), a_saved_line(other, mug, 4)
    error = {"code": "INVALID_MERCHANDISE_LINE", "field": ["lineIds", "1"], "message": "This line is not there."}

    refused = [
        save(execute, cart, own, foreign),
        save(execute, cart, own, kept),
        move(execute, cart, kept, own),
        move(execute, cart, kept, foreign_saved),
    ]

    assert [payload["userErrors"] for payload in refused] == [[error]] * 4
    assert {(said(one["cart"]["lines"])[0], said(one["cart"]["savedLines"])[0]) for one in refused} == {
        (("MUG", 1), ("MUG", 3))
    }
    assert seen(execute, other) == [("MUG", 4)]


def test_saved_lines_count_for_how_many_a_cart_has_and_can_be_removed(execute: Execute) -> None:
    mug, pan = builders.a_variant("MUG"), builders.a_variant("PAN")
    cart = builders.a_cart((mug, 1))
    for number in range(249):
        a_saved_line(cart, mug, attributes=[{"key": "number", "value": str(number)}])
    add = {"cartId": builders.id_of(cart), "lines": [{"merchandiseId": builders.id_of(pan)}]}

    [error] = execute(LINES_ADD, **add)["cartLinesAdd"]["userErrors"]

    assert (error["code"], error["field"]) == ("CART_TOO_LARGE", ["lines"])
    assert error["message"] == "A cart has 250 lines at the most, those saved for later among them."
    gone = CartLine.objects.filter(is_saved=True).earliest("pk")
    removed = execute(REMOVE, cartId=builders.id_of(cart), lineIds=ids(gone))["cartLinesRemove"]
    assert (removed["userErrors"], len(removed["cart"]["savedLines"]["nodes"])) == ([], 248)
    assert execute(LINES_ADD, **add)["cartLinesAdd"]["userErrors"] == []


def test_a_customer_finds_it_in_the_next_cart_which_takes_it_over(execute: Execute, alice: User, bob: User) -> None:
    mug, pan = builders.a_variant("MUG", stock=50), builders.a_variant("PAN")
    first = builders.a_ready_cart((mug, 1), owner=alice)
    left = a_saved_line(first, pan)
    a_saved_line(first, mug, 2)
    builders.completed(first)
    following, another = builders.a_cart((mug, 1), owner=alice), builders.a_cart(owner=alice)
    a_saved_line(following, mug, 3)

    assert seen(execute, another) == [("PAN", 1), ("MUG", 2)]
    assert seen(execute, builders.a_cart(owner=bob)) == []

    done = move(execute, following, left)

    assert said(done["cart"]["lines"]) == [("MUG", 1), ("PAN", 1)]
    assert said(done["cart"]["savedLines"]) == [("MUG", 5)]
    assert seen(execute, another) == []
    assert first.lines.get().is_saved is False


def test_who_only_has_the_link_of_a_cart_sees_and_changes_nothing_of_the_others(
    execute: Execute, alice: User, bob: User
) -> None:
    mug, pan = builders.a_variant("MUG"), builders.a_variant("PAN")
    first = builders.a_ready_cart((mug, 1), owner=alice)
    left = a_saved_line(first, pan)
    builders.completed(first)
    cart = builders.a_cart((mug, 1), owner=alice)
    wanted = {"cartId": builders.id_of(cart), "lineIds": ids(left)}

    for user in (None, bob):
        assert said(execute(READ, as_=user, id=builders.id_of(cart))["cart"]["savedLines"]) == []
        payloads = [execute(MOVE, as_=user, **wanted)["cartLinesMoveToCart"]]
        payloads.append(execute(REMOVE, as_=user, **wanted)["cartLinesRemove"])
        own = {**wanted, "lineIds": ids(*cart.lines.filter(is_saved=False))}
        payloads.append(execute(SAVE, as_=user, **own)["cartLinesSaveForLater"])
        assert [len(one["userErrors"]) for one in payloads] == [1, 1, 0]
        assert said(payloads[-1]["cart"]["savedLines"]) == [("MUG", 1)]
        CartLine.objects.filter(cart=cart).update(is_saved=False)
    assert CartLine.objects.get(pk=left.pk).cart_id == first.pk

    removed = execute(REMOVE, as_=alice, **wanted)["cartLinesRemove"]

    assert (removed["userErrors"], removed["cart"]["savedLines"]["nodes"]) == ([], [])
    assert not CartLine.objects.filter(pk=left.pk).exists()


def test_a_guest_brings_it_to_the_next_cart(execute: Execute) -> None:
    mug, pan = builders.a_variant("MUG", stock=50), builders.a_variant("PAN")
    first, following = builders.a_ready_cart((mug, 1)), builders.a_cart()
    a_saved_line(first, pan, 2)
    a_saved_line(following, pan, 1)
    wanted = {"cartId": builders.id_of(following), "fromCartId": builders.id_of(first)}
    [early] = execute(TAKE, **wanted)["cartSavedLinesTake"]["userErrors"]
    builders.completed(first)

    assert seen(execute, following) == [("PAN", 1)]
    done = execute(TAKE, **wanted)["cartSavedLinesTake"]

    assert (early["code"], early["field"]) == ("INVALID", ["fromCartId"])
    assert (done["userErrors"], said(done["cart"]["savedLines"])) == ([], [("PAN", 3)])
    [unknown] = execute(TAKE, **{**wanted, "fromCartId": "gid://shop/Cart/0"})["cartSavedLinesTake"]["userErrors"]
    assert (unknown["code"], unknown["field"]) == ("NOT_FOUND", ["fromCartId"])
    [closed] = execute(TAKE, cartId=builders.id_of(first), fromCartId=builders.id_of(first))["cartSavedLinesTake"][
        "userErrors"
    ]
    assert (closed["code"], closed["field"]) == ("NOT_FOUND", ["cartId"])


def test_merging_brings_it_along_and_tells(execute: Execute) -> None:
    mug, pan, hat = builders.a_variant("MUG"), builders.a_variant("PAN"), builders.a_variant("HAT", stock=0)
    source, target = builders.a_cart((pan, 1)), builders.a_cart((mug, 1))
    for number in range(247):
        a_saved_line(target, mug, attributes=[{"key": "number", "value": str(number)}])
    a_saved_line(target, mug, 2)
    a_saved_line(source, mug, 3)
    a_saved_line(source, hat)
    a_saved_line(source, pan)

    done = execute(MERGE, cart=builders.id_of(source), into=builders.id_of(target))["done"]

    told = [
        (line["merchandise"]["sku"], line["isSaved"], line["outcome"], line["movedQuantity"])
        for line in done["report"]["lines"]
    ]
    assert told == [
        ("PAN", False, "ADDED", 1),
        ("MUG", True, "COMBINED", 3),
        ("HAT", True, "DROPPED", 0),
        ("PAN", True, "DROPPED", 0),
    ]
    assert done["report"]["lines"][-1]["reason"] == "A cart has 250 lines at the most."
    assert target.lines.filter(is_saved=False).count() == 2
    assert target.lines.filter(is_saved=True, variant=mug, attributes=[]).get().quantity == 5


def test_expires_with_its_cart_and_after_the_order(execute: Execute, alice: User) -> None:
    mug = builders.a_variant("MUG", stock=20)
    bought, open_cart = builders.a_ready_cart((mug, 1), owner=alice), builders.a_cart()
    a_saved_line(bought, mug)
    a_saved_line(open_cart, mug)
    builders.completed(bought)
    long_ago = clock.now() - timedelta(days=31)
    Cart.objects.filter(pk=bought.pk).update(completed_at=long_ago)
    Cart.objects.filter(pk=open_cart.pk).update(updated_at=long_ago)

    assert seen(execute, builders.a_cart(owner=alice)) == []
    expiry.remove_expired()
    saved_lines.forget_expired()

    assert not CartLine.objects.filter(is_saved=True).exists()
    assert bought.lines.count() == 1


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_much_is_saved(
    execute: Execute, size: int, django_assert_num_queries: Any, alice: User
) -> None:
    cart = builders.a_cart((builders.a_variant(), 1), owner=alice)
    for _ in range(size):
        a_saved_line(cart, builders.a_variant())
    document = (
        "query ($id: ID!) { cart(id: $id) { savedLines(first: 9) { totalCount nodes { merchandise { sku } } } } }"
    )

    with django_assert_num_queries(6):
        found = execute(document, id=builders.id_of(cart))["cart"]["savedLines"]
    assert (found["totalCount"], len(found["nodes"])) == (size, min(size, 9))
