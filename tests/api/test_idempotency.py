"""Any mutation with an idempotency key: it acts once, however often it is sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from catalog.models import StockLevel
from checkout.models import Cart, CartLine, Order, TestCharge
from schema.nodes import gid
from schema.root import schema
from shop import clock, idempotency
from shop.models import IdempotencyRecord
from tests import builders
from tests.conftest import Execute

KEY = "0196c1b2-6f2e-7c1a-9a53-1d2f6e0b7a44"
CREATE = """
mutation ($note: String, $key: String!) {
  cartCreate(input: { note: $note }) @idempotent(key: $key) { cart { id note } userErrors { code } }
}
"""
ADD = """
mutation ($cart: ID!, $lines: [CartLineInput!]!) {
  cartLinesAdd(cartId: $cart, lines: $lines) @idempotent(key: "add-what-there-is-of-it") {
    cart { totalQuantity } userErrors { code }
  }
}
"""
TOKEN = """
mutation ($email: String!, $password: String!) {
  tokenCreate(email: $email, password: $password) @idempotent(key: "sign-in-for-the-first-time") {
    token { accessToken } userErrors { code }
  }
}
"""
REUSED = {
    "message": "This idempotency key was used for another request; take a new key for each action.",
    "extensions": {"code": "IDEMPOTENCY_KEY_REUSED"},
}


def told(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"message": error["message"], "extensions": error["extensions"]} for error in answer["errors"]]


def test_the_same_request_gets_the_same_answer_and_changes_nothing(request_graphql: Execute) -> None:
    first = request_graphql(CREATE, note="once", key=KEY)

    again = request_graphql(CREATE, note="once", key=KEY)

    assert again["data"] == first["data"]
    assert "replayed" not in first.get("extensions", {})
    assert again["extensions"]["replayed"] == ["cartCreate"]
    assert list(Cart.objects.values_list("note", flat=True)) == ["once"]


def test_another_request_with_the_key_is_refused(request_graphql: Execute) -> None:
    request_graphql(CREATE, note="one", key=KEY)

    answer = request_graphql(CREATE, note="two", key=KEY)

    assert answer["data"] is None
    assert told(answer) == [REUSED]
    assert list(Cart.objects.values_list("note", flat=True)) == ["one"]


def test_what_was_refused_may_be_tried_again(request_graphql: Execute) -> None:
    mug = builders.a_variant("MUG", stock=0)
    cart = builders.a_cart()
    wish = {"cart": gid("Cart", cart.secret), "lines": [{"merchandiseId": gid("ProductVariant", mug.pk)}]}
    refused = request_graphql(ADD, **wish)["data"]["cartLinesAdd"]
    StockLevel.objects.update(on_hand=3)

    payload = request_graphql(ADD, **wish)["data"]["cartLinesAdd"]

    assert [error["code"] for error in refused["userErrors"]] == ["INSUFFICIENT_STOCK"]
    assert payload == {"cart": {"totalQuantity": 1}, "userErrors": []}
    assert CartLine.objects.get().quantity == 1


def test_a_key_belongs_to_who_uses_it(request_graphql: Execute, alice: User, bob: User) -> None:
    answers = [request_graphql(CREATE, as_=user, note="", key=KEY) for user in (alice, bob, None)]

    assert len({answer["data"]["cartCreate"]["cart"]["id"] for answer in answers}) == 3
    assert Cart.objects.count() == 3


def test_the_header_stands_for_the_directive(client: Client, db: None) -> None:
    document = 'mutation { a: cartCreate(input: { note: "a" }) { cart { id } } b: cartCreate { cart { id } } }'

    def send() -> dict[str, Any]:
        answer: dict[str, Any] = client.post(
            "/graphql/", {"query": document}, "application/json", headers={"Idempotency-Key": f'"{KEY}"'}
        ).json()
        return answer

    first, again = send(), send()

    assert again["data"] == first["data"]
    assert again["extensions"]["replayed"] == ["a", "b"]
    assert sorted(Cart.objects.values_list("note", flat=True)) == ["", "a"]


def test_each_field_has_a_key_of_its_own(request_graphql: Execute) -> None:
    document = """
    mutation ($second: String!) {
      ...first
      second: cartCreate @idempotent(key: $second) { cart { id } }
      third: cartCreate { cart { id } }
    }
    fragment first on Mutation { first: cartCreate @idempotent(key: "the-first-of-both-keys") { cart { id } } }
    """
    one = request_graphql(document, second="the-second-of-both-keys")

    two = request_graphql(document, second="the-second-of-both-keys")

    assert two["extensions"]["replayed"] == ["first", "second"]
    assert [one["data"][name] == two["data"][name] for name in ("first", "second", "third")] == [True, True, False]
    assert Cart.objects.count() == 4


def test_secrets_in_answers_are_sealed(request_graphql: Execute, alice: User) -> None:
    credentials = {"email": alice.email, "password": builders.PASSWORD}
    token = request_graphql(TOKEN, **credentials)["data"]["tokenCreate"]["token"]["accessToken"]

    again = request_graphql(TOKEN, **credentials)["data"]["tokenCreate"]["token"]["accessToken"]

    record = IdempotencyRecord.objects.get()
    assert again == token
    assert token.encode() not in bytes(record.answer)
    assert "sign-in-for-the-first-time" not in (record.who, record.key, record.request)


def test_a_completed_checkout_is_answered_again(request_graphql: Execute) -> None:
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=3), 2))
    document = """
    mutation ($cart: ID!) {
      checkoutComplete(cartId: $cart, payment: { gateway: "test" }) @idempotent(key: "pay-for-the-two-mugs") {
        order { id } payment { status } userErrors { code }
      }
    }
    """
    first = request_graphql(document, cart=gid("Cart", cart.secret))

    again = request_graphql(document, cart=gid("Cart", cart.secret))

    assert again["data"] == first["data"]
    assert again["data"]["checkoutComplete"]["payment"] == {"status": "CAPTURED"}
    assert again["extensions"]["replayed"] == ["checkoutComplete"]
    assert Order.objects.get().payments.count() == 1


def test_a_payment_that_was_declined_is_not_tried_again_under_its_key(request_graphql: Execute) -> None:
    cart = builders.a_ready_cart((builders.a_variant("MUG", stock=3), 2))
    document = """
    mutation ($cart: ID!, $key: String!) {
      checkoutComplete(cartId: $cart, payment: { gateway: "test", token: "decline" }) @idempotent(key: $key) {
        order { id } userErrors { code }
      }
    }
    """
    first = request_graphql(document, cart=gid("Cart", cart.secret), key=KEY)

    again = request_graphql(document, cart=gid("Cart", cart.secret), key=KEY)

    assert first["data"]["checkoutComplete"] == {"order": None, "userErrors": [{"code": "PAYMENT_DECLINED"}]}
    assert (again["data"], again["extensions"]["replayed"]) == (first["data"], ["checkoutComplete"])
    assert Order.objects.count() == TestCharge.objects.count() == 1
    request_graphql(document, cart=gid("Cart", cart.secret), key="another-key-altogether")
    assert Order.objects.count() == TestCharge.objects.count() == 2


def test_a_file_counts_by_its_content(upload: Execute, sam: User) -> None:
    product = builders.a_product()
    document = """
    mutation ($id: ID!, $media: [ImageInput!]!) {
      productMediaCreate(productId: $id, media: $media) @idempotent(key: "picture") {
        media { image { id } } userErrors { code }
      }
    }
    """

    def send(color: str) -> dict[str, Any]:
        files = {"variables.media.0.file": builders.a_picture(color=color)}
        return upload(document, files, as_=sam, id=gid("Product", product.pk), media=[{"file": None}])

    first, again, other = send("red"), send("red"), send("blue")

    assert again["data"] == first["data"]
    assert told(other) == [REUSED]
    assert product.images.count() == 1


@pytest.mark.parametrize("key", ["x" * 256, "caf\u00e9 at the corner", "a long line\nand another"])
def test_refuses_a_key_that_is_none(request_graphql: Execute, key: str) -> None:
    answer = request_graphql(CREATE, note="", key=key)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["IDEMPOTENCY_KEY_UNFIT"]
    assert not Cart.objects.exists()


def test_guests_need_a_key_that_nobody_guesses(request_graphql: Execute, alice: User) -> None:
    answer = request_graphql(CREATE, note="", key="cart-1")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["IDEMPOTENCY_KEY_GUESSABLE"]
    assert not Cart.objects.exists()
    assert request_graphql(CREATE, as_=alice, note="", key="cart-1")["data"]["cartCreate"]["userErrors"] == []


def test_what_cannot_be_answered_whole_has_not_happened(request_graphql: Execute) -> None:
    document = f"""
    mutation {{
      cartCreate @idempotent(key: "{KEY}") {{ cart {{ lines(first: 1, after: "nonsense") {{ nodes {{ id }} }} }} }}
    }}
    """

    answers = [request_graphql(document) for _ in range(2)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["INVALID_PAGE"] * 2
    assert not Cart.objects.exists()
    assert not IdempotencyRecord.objects.exists()


def test_a_query_has_no_use_for_a_key(client: Client, db: None) -> None:
    answer = client.post(
        "/graphql/", {"query": "{ shop { name } }"}, "application/json", headers={"Idempotency-Key": KEY}
    ).json()

    assert set(answer["data"]) == {"shop"}
    assert not IdempotencyRecord.objects.exists()


def test_a_key_is_forgotten_after_a_while(
    request_graphql: Execute, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.IDEMPOTENCY_LIFETIME = timedelta(hours=1)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    old = request_graphql(CREATE, note="", key=KEY)["data"]
    request_graphql(CREATE, note="", key="another-key-altogether")
    now += timedelta(hours=1)

    new = request_graphql(CREATE, note="", key=KEY)["data"]
    idempotency.forget_old()

    assert new != old
    assert request_graphql(CREATE, note="", key=KEY)["data"] == new
    assert IdempotencyRecord.objects.count() == 1


def test_what_cannot_be_recorded_has_not_happened(request_graphql: Execute) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shop_idempotencyrecord ADD CONSTRAINT never CHECK (false)")

    answer = request_graphql(CREATE, note="", key=KEY)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INTERNAL_SERVER_ERROR"]
    assert not Cart.objects.exists()


def test_the_mutations_that_commit_on_their_way_are_these() -> None:
    """All others are one transaction with the record of their answer."""
    mutations = schema._schema.mutation_type.fields  # type: ignore[union-attr]
    resolvers: dict[str, Any] = {
        name: field.extensions["strawberry-definition"].base_resolver.wrapped_func for name, field in mutations.items()
    }

    assert {name for name, resolver in resolvers.items() if resolver.resumes} == {
        "checkoutAbandon",
        "checkoutComplete",
        "orderMarkAsPaid",
        "orderPay",
        "paymentCapture",
        "paymentVoid",
        "returnExchange",
    }
