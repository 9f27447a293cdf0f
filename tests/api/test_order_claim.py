"""orderClaim and orderClaimConfirm: an order of a guest comes into an account by a link sent to the order's address."""

import re
from typing import Any

import pytest

from accounts import actors
from accounts.models import User
from checkout import claims, orders
from checkout.models import Order
from shop import clock, relay
from tests import builders
from tests.builders import id_of
from tests.conftest import Execute

CLAIM = """
mutation ($token: String!) {
  orderClaim(token: $token) { order { id } confirmationSent userErrors { code field message } }
}
"""
CONFIRM = """
mutation ($secret: String!) {
  orderClaimConfirm(secret: $secret) { order { id customer { email } } userErrors { code field message } }
}
"""


@pytest.fixture
def order(db: None, settings: Any) -> Order:
    settings.CUSTOMER_MAILS, settings.STAFF_MAILS = [], []
    settings.ORDER_CLAIM_URL = "https://clay.example/claim/{token}"
    return builders.an_order((builders.a_variant("MUG"), 1), email="ada@example.com")


def secret_in(mail: Any) -> str:
    found = re.search(r"https://clay\.example/claim/(\S+)", mail.body)
    assert found
    return found[1]


def test_comes_into_the_account_that_asked_by_the_link_in_the_mail(
    execute: Execute, order: Order, alice: User, mailoutbox: list[Any]
) -> None:
    product = order.lines.get().variant.product  # type: ignore[union-attr]
    review = builders.a_review(product, author=alice)

    asked = execute(CLAIM, as_=alice, token=order.status_token)["orderClaim"]
    relay.drain()
    [mail] = mailoutbox
    assert asked == {"order": None, "confirmationSent": True, "userErrors": []}
    assert (mail.to, "alice@example.com" in mail.body) == (["ada@example.com"], True)
    assert not orders.visible_to(actors.of_user(alice)).exists()
    for _ in range(2):
        payload = execute(CONFIRM, as_=alice, secret=secret_in(mail))["orderClaimConfirm"]
        assert payload == {
            "order": {"id": id_of(order), "customer": {"email": "alice@example.com"}},
            "userErrors": [],
        }

    assert execute(CLAIM, as_=alice, token=order.status_token)["orderClaim"] == {
        "order": {"id": id_of(order)}, "confirmationSent": False, "userErrors": []
    }  # fmt: skip
    assert list(order.events.order_by("pk").values_list("kind", "actor"))[3:] == [("CLAIMED", alice.pk)]
    relay.drain()
    review.refresh_from_db()
    assert review.is_verified_purchase


def test_the_same_address_on_an_account_proves_nothing(execute: Execute, order: Order, mailoutbox: list[Any]) -> None:
    mallory = builders.a_customer("ada@example.com")

    payload = execute(CLAIM, as_=mallory, token=order.status_token)["orderClaim"]

    assert (payload["order"], payload["confirmationSent"]) == (None, True)
    assert not Order.objects.filter(customer=mallory).exists()


def test_a_link_is_worth_nothing_to_others_nor_for_ever(
    execute: Execute, order: Order, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = claims.secret_of(order, alice)

    foreign = execute(CONFIRM, as_=bob, secret=secret)["orderClaimConfirm"]
    forged = execute(CONFIRM, as_=alice, secret=secret[:-1] + ("a" if secret[-1] != "a" else "b"))["orderClaimConfirm"]
    later = clock.now() + claims.LIFETIME * 1.1
    monkeypatch.setattr(clock, "now", lambda: later)
    late = execute(CONFIRM, as_=alice, secret=secret)["orderClaimConfirm"]

    held_no_more = "This link does not hold any more: ask for another with orderClaim."
    for payload, message in (
        (foreign, "Sign in to the account that asked for this link."), (forged, held_no_more), (late, held_no_more)
    ):  # fmt: skip
        error = {"code": "ORDER_NOT_CLAIMABLE", "field": ["secret"], "message": message}
        assert payload == {"order": None, "userErrors": [error]}
    assert not Order.objects.filter(customer__isnull=False).exists()


def test_refuses_what_is_somebodys_or_cannot_be_asked_about(
    execute: Execute, alice: User, bob: User, order: Order, mailoutbox: list[Any]
) -> None:
    owned = builders.an_order((builders.a_variant("TEA"), 1), owner=alice)
    by_phone = builders.an_order((builders.a_variant("JUG"), 1), email="", phone="+4930123456")

    told = [execute(CLAIM, as_=bob, token=token)["orderClaim"]["userErrors"] for token in (
        owned.status_token, by_phone.status_token, "0" * 32
    )]  # fmt: skip
    for _ in range(6):
        flood = execute(CLAIM, as_=bob, token=order.status_token)["orderClaim"]
    late = execute(CONFIRM, as_=bob, secret=claims.secret_of(owned, bob))["orderClaimConfirm"]["userErrors"]
    relay.drain()

    assert [(error["code"], error["field"], error["message"]) for [error] in [*told, late]] == [
        ("ORDER_NOT_CLAIMABLE", ["token"], "This order belongs to an account already."),
        ("ORDER_NOT_CLAIMABLE", ["token"], "This order left no e-mail address to which a link could be sent."),
        ("NOT_FOUND", ["token"], "Order not found."),
        ("ORDER_NOT_CLAIMABLE", ["secret"], "This order belongs to an account already."),
    ]
    assert flood["userErrors"][0]["code"] == "TOO_MANY_ATTEMPTS"
    assert len(mailoutbox) == 5


def test_is_for_the_signed_in(request_graphql: Execute, order: Order) -> None:
    answers = [request_graphql(CLAIM, token=order.status_token), request_graphql(CONFIRM, secret="x")]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["UNAUTHENTICATED"] * 2
