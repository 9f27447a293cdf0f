"""Alerts: told once by mail when a variant is back in stock or costs less, customers at once, guests once confirmed."""

import re
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from accounts import actors, attempts
from catalog import alerts, facts, stock
from catalog.models import MovementKind, Price, Product, ProductAlert
from catalog.stock import Reason
from shop import clock, outbox, relay
from shop.models import OutboxMessage
from tests import builders

ERRORS = "userErrors { code field message }"
ALERT = "productAlert { kind status price { amount } variant { sku } }"
STOCK = f"""
mutation ($variant: ID!, $email: String) {{
  backInStockAlertCreate(variantId: $variant, email: $email) {{ {ALERT} needsConfirmation {ERRORS} }}
}}
"""
PRICE = f"""
mutation ($variant: ID!, $price: Decimal, $email: String) {{
  priceDropAlertCreate(variantId: $variant, price: $price, email: $email) {{ {ALERT} needsConfirmation {ERRORS} }}
}}
"""
CONFIRM = (
    f"mutation ($token: String!) {{ productAlertConfirm(token: $token) {{ productAlert {{ status }} {ERRORS} }} }}"
)
CANCEL = f"""
mutation ($id: ID, $token: String) {{ productAlertCancel(id: $id, token: $token) {{ deletedProductAlertId {ERRORS} }} }}
"""
SHOWN = "query ($token: String!) { productAlert(token: $token) { kind status variant { sku } } }"
MINE = "{ me { productAlerts { kind status } } }"
RESTOCK = """
mutation ($variant: ID!, $delta: Int!) {
  inventoryAdjustQuantities(input: { reason: PURCHASE, changes: [{ variantId: $variant, delta: $delta }] }) {
    userErrors { message }
  }
}
"""
REPRICE = """
mutation ($variant: ID!, $price: Decimal!) {
  productVariantUpdate(id: $variant, variant: { price: $price }) { userErrors { message } }
}
"""


@pytest.fixture(autouse=True)
def clay(settings):
    settings.SHOP_NAME = "Clay & Co"
    settings.STOREFRONT_URL = "https://clay.example"
    settings.PRODUCT_ALERT_URL = "https://clay.example/alerts/{token}"


@pytest.fixture
def mug(db):
    """Sold out."""
    return builders.a_variant("MUG", stock=0, title="Mug")


@pytest.fixture
def pot(db):
    """To be had for 10.00."""
    return builders.a_variant("POT", title="Pot")


@pytest.fixture
def restock(execute, sam):
    def send(variant, delta):
        payload = execute(RESTOCK, as_=sam, variant=builders.id_of(variant), delta=delta)
        assert payload["inventoryAdjustQuantities"]["userErrors"] == []
        relay.drain()

    return send


@pytest.fixture
def reprice(execute, sam):
    def send(variant, price):
        payload = execute(REPRICE, as_=sam, variant=builders.id_of(variant), price=price)
        assert payload["productVariantUpdate"]["userErrors"] == []
        relay.drain()

    return send


def refused(code, field, message):
    return {
        "productAlert": None,
        "needsConfirmation": False,
        "userErrors": [{"code": code, "field": field, "message": message}],
    }


def token_in(mail):
    [token] = set(re.findall(r"https://clay\.example/alerts/([0-9a-f]{32})", mail.body))
    return token


def test_a_customer_is_told_once_that_a_variant_is_back(execute, alice, mug, restock, mailoutbox):
    asked = [execute(STOCK, as_=alice, variant=builders.id_of(mug))["backInStockAlertCreate"] for _ in range(2)]

    assert (
        asked
        == [
            {
                "productAlert": {
                    "kind": "BACK_IN_STOCK",
                    "status": "ACTIVE",
                    "price": None,
                    "variant": {"sku": "MUG"},
                },
                "needsConfirmation": False,
                "userErrors": [],
            }
        ]
        * 2
    )
    relay.drain()
    assert mailoutbox == []

    restock(mug, 1)
    restock(mug, -1)
    restock(mug, 3)

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["alice@example.com"], "Clay & Co: Mug is back")
    assert "https://clay.example/products/mug" in mail.body
    alert = ProductAlert.objects.get()
    assert mail.extra_headers["List-Unsubscribe"] == f"<https://clay.example/alerts/{alert.token}>"
    assert (alert.status, alert.sent_at is not None) == ("SENT", True)
    assert execute(MINE, as_=alice) == {"me": {"productAlerts": []}}


def test_a_change_says_one_thing_however_many_wait(execute, alice, bob, mug, pot, mailoutbox):
    for who in (alice, bob):
        execute(STOCK, as_=who, variant=builders.id_of(mug))
        execute(PRICE, as_=who, variant=builders.id_of(pot))

    stock.adjust({mug.pk: 1}, Reason(MovementKind.ADJUSTMENT))
    with transaction.atomic():
        facts.refresh([pot.product_id, mug.product_id])

    news = OutboxMessage.objects.filter(topic__startswith="alert").values_list("topic", "payload")
    assert [topic for topic, _ in news] == ["alerts.due"] * 2
    assert [payload["product_ids"] for _, payload in news] == [[mug.product_id], [mug.product_id, pot.product_id]]
    relay.drain()
    assert sorted(mail.to for mail in mailoutbox) == [["alice@example.com"], ["bob@example.com"]]
    assert {mail.subject for mail in mailoutbox} == {"Clay & Co: Mug is back"}
    assert not relay.troubled().exists()


def test_a_change_that_nobody_waits_for_says_nothing(execute, alice, mug, pot):
    execute(STOCK, as_=alice, variant=builders.id_of(mug))

    with transaction.atomic():
        facts.refresh([pot.product_id])

    assert not OutboxMessage.objects.filter(topic__startswith="alert").exists()


def test_stock_that_an_order_gives_back_is_told_too(execute, alice, bob, mug, restock, mailoutbox):
    restock(mug, 1)
    order = builders.an_order((mug, 1), owner=bob)
    relay.drain()
    execute(STOCK, as_=alice, variant=builders.id_of(mug))
    mailoutbox.clear()

    with transaction.atomic():
        stock.release(f"order:{order.key}")
    relay.drain()

    assert [mail.to for mail in mailoutbox] == [["alice@example.com"]]


@pytest.mark.parametrize(("price", "steps", "told_at"), [(None, ["9.99"], "9.99"), ("8", ["9.00", "8.00"], "8.00")])
def test_a_customer_is_told_once_that_the_price_fell(execute, alice, pot, reprice, mailoutbox, price, steps, told_at):
    asked = execute(PRICE, as_=alice, variant=builders.id_of(pot), price=price)["priceDropAlertCreate"]
    assert (asked["productAlert"]["price"], asked["userErrors"]) == ({"amount": "8.00" if price else "9.99"}, [])
    reprice(pot, "10.00")

    for step in steps:
        assert mailoutbox == []
        reprice(pot, step)
    reprice(pot, "5.00")

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["alice@example.com"], "Clay & Co: Pot costs less now")
    assert f"It costs {told_at} USD now" in mail.body


def test_asking_again_replaces_the_price(execute, alice, pot):
    for price in ("8", "7.50"):
        execute(PRICE, as_=alice, variant=builders.id_of(pot), price=price)

    assert ProductAlert.objects.get().price_limit == Decimal("7.50")


def test_a_guest_confirms_first(execute, mug, restock, mailoutbox):
    answer: dict[str, Any] = {"productAlert": None, "needsConfirmation": True, "userErrors": []}
    variables = {"variant": builders.id_of(mug), "email": " Ada@Example.com "}
    assert execute(STOCK, **variables)["backInStockAlertCreate"] == answer
    relay.drain()

    [question] = mailoutbox
    assert (question.to, question.subject) == (["ada@example.com"], "Clay & Co: shall we write to you?")
    token = token_in(question)
    assert execute(SHOWN, token=token)["productAlert"] == {
        "kind": "BACK_IN_STOCK",
        "status": "PENDING",
        "variant": {"sku": "MUG"},
    }
    for _ in range(2):
        payload = execute(CONFIRM, token=token)["productAlertConfirm"]
        assert payload == {"productAlert": {"status": "ACTIVE"}, "userErrors": []}
    assert execute(STOCK, **variables)["backInStockAlertCreate"] == answer

    restock(mug, 1)

    assert [mail.subject for mail in mailoutbox[1:]] == ["Clay & Co: Mug is back"]
    assert mailoutbox[1].to == ["ada@example.com"]


def test_nobody_is_written_to_who_did_not_confirm(execute, mug, restock, mailoutbox):
    execute(STOCK, variant=builders.id_of(mug), email="ada@example.com")

    restock(mug, 1)

    assert len(mailoutbox) == 1
    assert ProductAlert.objects.get().status == "PENDING"


def test_what_came_before_it_was_confirmed_is_told_then(execute, mug, restock, mailoutbox):
    execute(STOCK, variant=builders.id_of(mug), email="ada@example.com")
    restock(mug, 1)

    execute(CONFIRM, token=token_in(mailoutbox[0]))
    relay.drain()

    assert [mail.subject for mail in mailoutbox] == ["Clay & Co: shall we write to you?", "Clay & Co: Mug is back"]


def test_a_stranger_does_not_change_what_the_owner_of_an_address_confirmed(execute, pot):
    execute(PRICE, variant=builders.id_of(pot), price="8", email="ada@example.com")
    execute(CONFIRM, token=ProductAlert.objects.get().token)

    execute(PRICE, variant=builders.id_of(pot), price="0.01", email="ada@example.com")

    assert ProductAlert.objects.get().price_limit == 8


def test_asks_to_confirm_once_a_day(execute, mug):
    variables = {"variant": builders.id_of(mug), "email": "ada@example.com"}
    wanted = OutboxMessage.objects.filter(topic="alert.confirmation_wanted")
    answers = [execute(STOCK, **variables) for _ in range(3)]
    assert wanted.count() == 1

    ProductAlert.objects.update(asked_at=clock.now() - alerts.ASKED_AGAIN_AFTER)
    answers += [execute(STOCK, **variables) for _ in range(2)]
    assert wanted.count() == 2

    execute(CONFIRM, token=ProductAlert.objects.get().token)
    answers += [execute(STOCK, **variables)]
    assert wanted.count() == 2
    # Whoever asks cannot tell which of these it was.
    answer: dict[str, Any] = {"productAlert": None, "needsConfirmation": True, "userErrors": []}
    assert answers == [{"backInStockAlertCreate": answer}] * 6


def test_floods_no_address_with_mail_from_many_networks(mug):
    ask = partial(alerts.ask_for_stock, actor=actors.GUEST, currency="USD", email="ada@example.com")
    for number in range(attempts.LIMIT):
        variant = builders.a_variant(stock=0)
        ask(variant_id=variant.pk, client_address=f"192.0.2.{number}")

    with pytest.raises(attempts.TooManyAttempts):
        ask(variant_id=mug.pk, client_address="198.51.100.1")

    assert ProductAlert.objects.count() == attempts.LIMIT
    assert OutboxMessage.objects.filter(topic="alert.confirmation_wanted").count() == attempts.LIMIT


def test_floods_nobody_with_mail_from_one_network(mug, monkeypatch):
    monkeypatch.setattr(alerts, "MAX_ASKED_FROM_NETWORK", 2)
    ask = partial(alerts.ask_for_stock, actor=actors.GUEST, currency="USD", variant_id=mug.pk)
    for number in range(2):
        ask(email=f"ada{number}@example.com", client_address="192.0.2.1")

    with pytest.raises(attempts.TooManyAttempts):
        ask(email="ada2@example.com", client_address="192.0.2.1")
    ask(email="ada2@example.com", client_address="192.0.2.2")

    assert OutboxMessage.objects.filter(topic="alert.confirmation_wanted").count() == 3


def test_what_is_cancelled_is_not_told(execute, alice, bob, mug, restock, mailoutbox):
    execute(STOCK, as_=alice, variant=builders.id_of(mug))
    execute(STOCK, as_=bob, variant=builders.id_of(mug))
    hers, his = ProductAlert.objects.order_by("pk")
    not_found = [{"code": "NOT_FOUND", "field": ["id"], "message": "ProductAlert not found."}]

    foreign = execute(CANCEL, as_=bob, id=builders.id_of(hers))["productAlertCancel"]
    own = execute(CANCEL, as_=alice, id=builders.id_of(hers))["productAlertCancel"]
    by_link = execute(CANCEL, token=his.token)["productAlertCancel"]
    restock(mug, 1)

    assert foreign == {"deletedProductAlertId": None, "userErrors": not_found}
    assert own == {"deletedProductAlertId": builders.id_of(hers), "userErrors": []}
    assert by_link == {"deletedProductAlertId": builders.id_of(his), "userErrors": []}
    assert mailoutbox == []


def test_what_is_gone_again_is_waited_for(execute, alice, mug, mailoutbox):
    execute(STOCK, as_=alice, variant=builders.id_of(mug))
    for delta in (1, -1):
        stock.adjust({mug.pk: delta}, Reason(MovementKind.ADJUSTMENT))

    relay.drain()

    assert mailoutbox == []
    assert ProductAlert.objects.get().status == "ACTIVE"


def test_the_same_news_twice_is_one_mail(execute, alice, mug, restock, mailoutbox):
    execute(STOCK, as_=alice, variant=builders.id_of(mug))
    restock(mug, 1)
    with transaction.atomic():
        outbox.publish("alert.due", alert_id=ProductAlert.objects.get().pk)

    relay.drain()

    assert len(mailoutbox) == 1
    assert not relay.troubled().exists()


def test_nobody_is_told_of_what_is_not_shown(execute, alice, mug, restock, mailoutbox):
    execute(STOCK, as_=alice, variant=builders.id_of(mug))
    Product.objects.filter(pk=mug.product_id).update(status="DRAFT")
    restock(mug, 1)
    assert mailoutbox == []

    Product.objects.filter(pk=mug.product_id).update(status="ACTIVE")
    with transaction.atomic():
        facts.refresh([mug.product_id])
    relay.drain()

    assert len(mailoutbox) == 1


def test_the_periodic_task_finds_what_nothing_announced_and_forgets_what_is_old(execute, alice, pot, mug, mailoutbox):
    execute(PRICE, as_=alice, variant=builders.id_of(pot))
    execute(STOCK, variant=builders.id_of(mug), email="ada@example.com")
    ProductAlert.objects.filter(status="PENDING").update(created_at=clock.now() - alerts.KEPT_UNCONFIRMED)
    relay.drain()
    mailoutbox.clear()
    Price.objects.filter(variant=pot).update(amount=1)

    alerts.tidy()
    relay.drain()

    assert [mail.subject for mail in mailoutbox] == ["Clay & Co: Pot costs less now"]
    assert ProductAlert.objects.get().status == "SENT"
    ProductAlert.objects.update(sent_at=clock.now() - alerts.KEPT_WHEN_SENT)
    alerts.tidy()
    assert not ProductAlert.objects.exists()


def test_refuses_to_wait_for_what_is_there(execute, alice, pot):
    payload = execute(STOCK, as_=alice, variant=builders.id_of(pot))["backInStockAlertCreate"]

    assert payload == refused(
        "ALREADY_AVAILABLE", ["variantId"], "POT can be bought now; there is nothing to wait for."
    )
    assert not ProductAlert.objects.exists()


@pytest.mark.parametrize("price", ["10", "10.00", "99"])
def test_refuses_a_price_that_is_no_lower(execute, alice, pot, price):
    payload = execute(PRICE, as_=alice, variant=builders.id_of(pot), price=price)["priceDropAlertCreate"]

    assert payload == refused("ALREADY_CHEAPER", ["price"], "It costs 10.00 USD now; name a price below that.")
    assert not ProductAlert.objects.exists()


@pytest.mark.parametrize("price", ["-1", "9.999", "NaN"])
def test_refuses_what_is_no_price(request_graphql, alice, pot, price):
    answer = request_graphql(PRICE, as_=alice, variant=builders.id_of(pot), price=price)

    errors = answer.get("errors") or answer["data"]["priceDropAlertCreate"]["userErrors"]
    assert len(errors) == 1
    assert not ProductAlert.objects.exists()


@pytest.mark.parametrize("email", [None, "", "nonsense", "a@b", "\x00"])
def test_refuses_a_guest_without_an_address(execute, mug, email):
    [error] = execute(STOCK, variant=builders.id_of(mug), email=email)["backInStockAlertCreate"]["userErrors"]

    assert error["field"] == ["email"]
    assert (ProductAlert.objects.exists(), OutboxMessage.objects.exists()) == (False, False)


@pytest.mark.parametrize("document", [STOCK, PRICE])
def test_refuses_a_variant_that_is_not_shown_or_not_there(execute, alice, document):
    draft = builders.a_variant(status="DRAFT", stock=0)
    foreign = builders.a_variant(currency="EUR", stock=0)

    for id_ in (builders.id_of(draft), builders.id_of(foreign), "gid://shop/ProductVariant/404", "mug"):
        [payload] = execute(document, as_=alice, variant=id_).values()
        assert payload == refused("NOT_FOUND", ["variantId"], "ProductVariant not found.")
    assert not ProductAlert.objects.exists()


@pytest.mark.parametrize("token", ["", "0" * 32, "\x00", "x" * 10_000])
def test_no_other_token_confirms_or_cancels_anything(execute, alice, mug, token):
    execute(STOCK, as_=alice, variant=builders.id_of(mug))
    not_found = [{"code": "NOT_FOUND", "field": ["token"], "message": "ProductAlert not found."}]

    assert execute(SHOWN, token=token) == {"productAlert": None}
    assert execute(CONFIRM, token=token)["productAlertConfirm"]["userErrors"] == not_found
    assert execute(CANCEL, token=token)["productAlertCancel"]["userErrors"] == not_found
    assert ProductAlert.objects.count() == 1


def test_a_customer_waits_for_so_many_things(execute, alice, mug, monkeypatch):
    monkeypatch.setattr(alerts, "MAX_OPEN", 0)

    [error] = execute(STOCK, as_=alice, variant=builders.id_of(mug))["backInStockAlertCreate"]["userErrors"]

    assert error["code"] == "TOO_MANY_ALERTS"
    assert not ProductAlert.objects.exists()


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many(execute, alice, django_assert_num_queries, size):
    for _ in range(size):
        execute(STOCK, as_=alice, variant=builders.id_of(builders.a_variant(stock=0)))

    with django_assert_num_queries(4):
        execute("{ me { productAlerts { kind variant { sku } } } }", as_=alice)
