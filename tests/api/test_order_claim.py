"""orderClaim: an order placed as a guest comes into the account with its e-mail address, and into no other."""

import pytest

from accounts import actors
from accounts.models import User
from checkout import orders
from checkout.models import Order
from shop import relay
from tests import builders
from tests.conftest import Execute

CLAIM = """
mutation ($token: String!) {
  orderClaim(token: $token) { order { id customer { email } } userErrors { code field message } }
}
"""


@pytest.fixture
def order(db: None) -> Order:
    return builders.an_order((builders.a_variant("MUG"), 1), email="Alice@example.com")


def test_is_theirs_who_sign_up_later(execute: Execute, order: Order) -> None:
    alice = builders.a_customer("alice@example.com")
    product = order.lines.get().variant.product  # type: ignore[union-attr]
    review = builders.a_review(product, author=alice)

    for _ in range(2):
        payload = execute(CLAIM, as_=alice, token=order.status_token)["orderClaim"]
        assert payload == {
            "order": {"id": builders.id_of(order), "customer": {"email": "alice@example.com"}},
            "userErrors": [],
        }

    assert list(orders.visible_to(actors.of_user(alice))) == [order]
    assert list(order.events.order_by("pk").values_list("kind", "actor"))[3:] == [("CLAIMED", alice.pk)]
    relay.drain()
    review.refresh_from_db()
    assert review.is_verified_purchase


def test_is_nobody_elses(execute: Execute, bob: User, order: Order) -> None:
    owned = builders.an_order((builders.a_variant("TEA"), 1), owner=builders.a_customer(), email="bob@example.com")

    refused = [execute(CLAIM, as_=bob, token=one.status_token)["orderClaim"] for one in (order, owned)]
    unknown = execute(CLAIM, as_=bob, token="0" * 32)["orderClaim"]

    message = "This order was not placed with the e-mail address of your account."
    error = {"code": "ORDER_NOT_CLAIMABLE", "field": ["token"], "message": message}
    assert refused == [{"order": None, "userErrors": [error]}] * 2
    assert unknown["userErrors"] == [{"code": "NOT_FOUND", "field": ["token"], "message": "Order not found."}]
    assert not Order.objects.filter(customer=bob).exists()


def test_is_for_the_signed_in(request_graphql: Execute, order: Order) -> None:
    answer = request_graphql(CLAIM, token=order.status_token)

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
