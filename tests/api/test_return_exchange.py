"""returnExchange and returnRefund: what goods that came back are worth is credited to others, or given back, once."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actors import SYSTEM
from accounts.models import PointsAccount, User
from accounts.staff import Permission
from catalog.models import ProductVariant
from checkout import fulfilment, invoices, orders, refunds, returns
from checkout.fulfilment import Tracking
from checkout.models import Cart, DraftOrder, GiftCard, Order, OrderEvent, Payment, Refund, Return, TestRefund
from shop import relay
from shop.money import Money
from tests import builders
from tests.conftest import Execute

MONEY = "totalPrice { amount } currentTotalPrice { amount } financialStatus payments { gateway amount { amount } }"
RETURN = f"id settlement value {{ amount }} orderName exchangeOrder {{ name {MONEY} }}"
EXCHANGE = f"""
mutation (
  $id: ID!, $lineItems: [DraftOrderLineItemInput!]!, $delivery: DraftOrderDeliveryInput, $to: MailingAddressInput
) {{
  returnExchange(id: $id, lineItems: $lineItems, delivery: $delivery, shippingAddress: $to) {{
    return {{ {RETURN} }} order {{ {MONEY} }} exchangeOrder {{ name {MONEY} }}
    userErrors {{ code field message }}
  }}
}}
"""
REFUND = f"""
mutation ($id: ID!) {{
  returnRefund(id: $id) {{ return {{ {RETURN} }} order {{ {MONEY} }} userErrors {{ code field message }} }}
}}
"""
ORDER = f"query ($id: ID!) {{ order(id: $id) {{ exchangedReturn {{ {RETURN} }} returns {{ {RETURN} }} }} }}"
ORDERS = f"{{ orders(first: 50) {{ nodes {{ returns {{ {RETURN} }} exchangedReturn {{ {RETURN} }} }} }} }}"


@pytest.fixture
def jug(db: None) -> ProductVariant:
    return builders.a_variant("JUG", stock=5, price="25.00", title="Jug")


def came_back(*, refund: bool = False, cart: Any = None, gateway: str = "test", goodwill: int = 0) -> Return:
    """Two of three mugs, 10.00 each, are back of an order that cost 35.00, some of which went back for kindness."""
    mugs = (builders.a_variant(stock=5, price="10.00"), 3)
    order = builders.completed(cart(mugs) if cart else builders.a_ready_cart(mugs), gateway=gateway)
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    if goodwill:
        refunds.create(order_key=order.key, amount=Decimal(goodwill), reason="Sorry", actor=SYSTEM)
    relay.drain()
    line = order.lines.get()
    back = returns.request(order_key=order.key, lines=[(line.pk, 2)], reason="Too blue", actor=SYSTEM)
    return returns.receive(return_key=back.key, arrivals=None, location_id=None, refund=refund, actor=SYSTEM)


def exchange(execute: Execute, sam: User, back: Return, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = execute(EXCHANGE, as_=sam, id=builders.id_of(back), lineItems=list(lines), **more)[
        "returnExchange"
    ]
    return answer


def of(variant: ProductVariant, **more: Any) -> dict[str, Any]:
    return {"variantId": builders.id_of(variant), **more}


def test_other_goods_that_cost_more_are_owed_the_rest(
    execute: Execute, sam: User, jug: ProductVariant, settings: Any, assert_verified: Any
) -> None:
    settings.INVOICE_WHEN = "paid"
    back = came_back()

    answer = exchange(execute, sam, back, of(jug))

    bought = Order.objects.latest("pk")
    new = {
        "name": bought.name,
        "totalPrice": {"amount": "25.00"},
        "currentTotalPrice": {"amount": "25.00"},
        "financialStatus": "PARTIALLY_PAID",
        "payments": [{"gateway": "exchange", "amount": {"amount": "20.00"}}],
    }
    told = {
        "id": builders.id_of(back),
        "settlement": "EXCHANGED",
        "value": {"amount": "20.00"},
        "orderName": back.order.name,
        "exchangeOrder": new,
    }
    assert answer == {
        "return": told,
        "order": {
            "totalPrice": {"amount": "35.00"},
            "currentTotalPrice": {"amount": "15.00"},
            "financialStatus": "PARTIALLY_REFUNDED",
            "payments": [{"gateway": "test", "amount": {"amount": "35.00"}}],
        },
        "exchangeOrder": new,
        "userErrors": [],
    }
    assert execute(ORDER, as_=sam, id=builders.id_of(bought))["order"] == {"exchangedReturn": told, "returns": []}
    assert execute(ORDER, as_=sam, id=builders.id_of(back.order))["order"] == {
        "exchangedReturn": None,
        "returns": [told],
    }
    relay.drain()
    assert not TestRefund.objects.exists()
    assert not OrderEvent.objects.filter(kind="MAIL_SENT", message__startswith="The refund").exists()
    # Invoiced were 35.00, of which 20.00 are credited; the new order is invoiced once it is paid.
    of_old = [shown.invoice for shown in invoices.of_orders([back.order_id])[back.order_id]]
    assert [f"{one.kind} {one.total:.2f}" for one in of_old] == ["INVOICE 35.00", "CREDIT_NOTE 20.00"]
    assert invoices.of_orders([bought.pk])[bought.pk] == []
    pay = 'mutation ($id: ID!) { orderPay(id: $id, payment: {gateway: "test"}) { payment { amount { amount } } } }'
    paid = execute(pay, as_=sam, id=builders.id_of(bought))["orderPay"]
    assert paid["payment"]["amount"]["amount"] == "5.00"
    relay.drain()
    [invoice] = [shown.invoice for shown in invoices.of_orders([bought.pk])[bought.pk]]
    assert f"{invoice.kind} {invoice.total:.2f}" == "INVOICE 25.00"
    assert_verified()


def test_of_other_goods_that_cost_less_the_rest_goes_back(
    execute: Execute, sam: User, jug: ProductVariant, assert_verified: Any
) -> None:
    back = came_back()

    answer = exchange(execute, sam, back, of(jug, price="12.00", priceReason="Last one"))
    relay.drain()

    assert answer["exchangeOrder"]["financialStatus"] == "PAID"
    assert [f"{refund.amount:.2f}" for refund in TestRefund.objects.all()] == ["8.00"]
    kept = Payment.objects.get(order=back.order)
    assert kept.captured - kept.refunded == Order.objects.get(pk=back.order_id).current_total.amount == 15
    assert_verified()


def test_what_is_given_back_of_an_exchange_goes_where_it_came_from(
    execute: Execute, sam: User, jug: ProductVariant, assert_verified: Any
) -> None:
    back = came_back()
    exchange(execute, sam, back, of(jug))
    bought = Order.objects.latest("pk")

    orders.cancel(order_key=bought.key, reason="")
    relay.drain()

    received = Payment.objects.get(order=back.order)
    assert [(refund.charge_id, refund.amount) for refund in TestRefund.objects.all()] == [(received.key, Decimal(20))]
    assert Payment.objects.get(order=bought).status == "REFUNDED"
    assert_verified()


def test_what_a_gift_card_paid_goes_back_to_the_card(
    execute: Execute, sam: User, jug: ProductVariant, assert_verified: Any
) -> None:
    _, code = builders.a_gift_card("35.00")

    def with_card(mugs: tuple[ProductVariant, int]) -> Any:
        cart = builders.a_ready_cart(mugs)
        add = "mutation ($id: ID!, $codes: [String!]!) { cartGiftCardCodesAdd(cartId: $id, giftCardCodes: $codes) "
        execute(add + "{ userErrors { code } } }", id=builders.id_of(cart), codes=[code])
        return cart

    back = came_back(cart=with_card)
    assert GiftCard.objects.get().balance == 0

    exchange(execute, sam, back, of(jug, price="20.00", priceReason="Even"))
    bought = Order.objects.latest("pk")
    assert GiftCard.objects.get().balance == 0
    assert_verified()
    orders.cancel(order_key=bought.key, reason="")
    relay.drain()

    assert GiftCard.objects.get().balance == 20
    assert_verified()


def test_what_points_paid_goes_back_to_points_and_never_to_store_credit(
    execute: Execute, sam: User, alice: User, jug: ProductVariant, assert_verified: Any
) -> None:
    builders.a_loyalty_program(earns="0")
    builders.given_points(alice, 3500)

    def with_points(mugs: tuple[ProductVariant, int]) -> Any:
        cart = builders.a_ready_cart(mugs, owner=alice)
        Cart.objects.filter(pk=cart.pk).update(points=3500)
        return cart

    exchange(execute, sam, came_back(cart=with_points), of(jug, price="20.00", priceReason="Even"))
    bought = Order.objects.latest("pk")
    assert_verified()

    [refund] = refunds.create(
        order_key=bought.key, amount=Decimal(15), reason="Broken", actor=SYSTEM, to_store_credit=True
    )
    relay.drain()

    assert (refund.to_store_credit, PointsAccount.objects.get(customer=alice).balance) == (False, 1500)
    assert not GiftCard.objects.exists()
    assert_verified()


def test_nothing_is_credited_that_was_not_received(
    execute: Execute, sam: User, jug: ProductVariant, assert_verified: Any
) -> None:
    """Of an order on delivery nothing came in: it owes less, and the new one everything."""
    back = came_back(gateway="manual")

    answer = exchange(execute, sam, back, of(jug))

    assert (answer["userErrors"], answer["exchangeOrder"]["payments"]) == ([], [])
    assert answer["order"]["currentTotalPrice"]["amount"] == "15.00"
    assert not Refund.objects.exists()
    assert_verified()


def test_no_more_is_said_to_be_credited_than_is_there(
    execute: Execute, sam: User, jug: ProductVariant, assert_verified: Any
) -> None:
    """Of 35.00 that came in 30.00 went back for kindness; what came back is worth 20.00."""
    back = came_back(goodwill=30)

    answer = exchange(execute, sam, back, of(jug, price="20.00", priceReason="Even"))

    assert [one["amount"]["amount"] for one in answer["exchangeOrder"]["payments"]] == ["5.00"]
    told = OrderEvent.objects.filter(kind="EXCHANGED").order_by("pk").values_list("message", flat=True)
    bought = Order.objects.latest("pk")
    assert list(told) == [
        f"Exchanged for order {bought.name}: {Money.price(Decimal(5), 'USD')} credited to it.",
        f"In exchange for what came back of order {back.order.name}: {Money.price(Decimal(5), 'USD')} credited.",
    ]
    assert_verified()


def test_gives_the_value_once(execute: Execute, sam: User, jug: ProductVariant, assert_verified: Any) -> None:
    exchanged, refunded, received = came_back(), came_back(), came_back(refund=True)
    exchange(execute, sam, exchanged, of(jug))
    given = execute(REFUND, as_=sam, id=builders.id_of(refunded))["returnRefund"]
    assert (given["userErrors"], given["return"]["settlement"]) == ([], "REFUNDED")
    before = Order.objects.count(), Refund.objects.count()

    for back, said in ((exchanged, "exchanged"), (refunded, "refunded"), (received, "refunded")):
        error = {
            "code": "RETURN_NOT_TO_SETTLE",
            "field": ["id"],
            "message": f"This return was {said} already; what it was worth is given once.",
        }
        assert exchange(execute, sam, back, of(jug))["userErrors"] == [error]
        assert execute(REFUND, as_=sam, id=builders.id_of(back))["returnRefund"]["userErrors"] == [error]
    assert (Order.objects.count(), Refund.objects.count()) == before
    relay.drain()
    assert [refund.amount for refund in TestRefund.objects.all()] == [20, 20]
    assert_verified()


def test_refuses_what_cannot_be_exchanged(execute: Execute, sam: User, jug: ProductVariant) -> None:
    back = came_back()
    open_ = returns.request(order_key=back.order.key, lines=[(back.order.lines.get().pk, 1)], reason="", actor=SYSTEM)
    before = Order.objects.count(), Refund.objects.count()

    def refused(of_: Return, *lines: dict[str, Any], **more: Any) -> tuple[str, list[str], str]:
        error = exchange(execute, sam, of_, *lines, **more)["userErrors"][0]
        return error["code"], error["field"], error["message"]

    assert refused(open_, of(jug)) == (
        "RETURN_NOT_TO_SETTLE",
        ["id"],
        "This return is open; its goods are not back.",
    )
    assert refused(back) == ("DRAFT_ORDER_NOT_READY", ["lineItems"], "Add a line first.")
    assert refused(back, of(jug, quantity=6)) == ("INSUFFICIENT_STOCK", ["lineItems"], "Only 5 of JUG left.")
    assert refused(back, of(jug, price="1")) == (
        "INVALID",
        ["lineItems", "0", "priceReason"],
        "This must not be empty.",
    )
    assert refused(back, of(jug), delivery={"title": "Courier"}) == (
        "INVALID",
        ["delivery", "price"],
        "Name a delivery option, or say what the delivery costs.",
    )
    assert refused(back, of(jug), to={"countryCode": "US"}) == (
        "INVALID",
        ["shippingAddress", "lastName"],
        "Say who receives the parcel.",
    )
    [error] = execute(EXCHANGE, as_=sam, id="gid://shop/Return/nonsense", lineItems=[])["returnExchange"]["userErrors"]
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["id"])
    assert (Order.objects.count(), Refund.objects.count(), DraftOrder.objects.count()) == (*before, 0)
    back.refresh_from_db()
    assert back.settlement == "OPEN"


def test_is_for_staff_who_keep_orders(request_graphql: Any, alice: User, jug: ProductVariant) -> None:
    back = came_back()
    clerk = builders.a_clerk(*set(Permission) - {Permission.MANAGE_ORDERS})

    for somebody in (alice, clerk):
        for document, more in ((EXCHANGE, {"lineItems": [of(jug)]}), (REFUND, {})):
            answer = request_graphql(document, as_=somebody, id=builders.id_of(back), **more)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    back.refresh_from_db()
    assert back.settlement == "OPEN"


def test_costs_the_same_for_1_and_20(execute: Execute, sam: User) -> None:
    jug = builders.a_variant(stock=30)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            execute(ORDERS, as_=sam)
        return len(queries)

    exchange(execute, sam, came_back(), of(jug))
    one = cost()
    for _ in range(9):
        exchange(execute, sam, came_back(), of(jug))

    assert cost() == one


def test_verify_names_money_that_did_not_come_from_where_it_is_said_to(execute: Execute, sam: User, jug: Any) -> None:
    exchange(execute, sam, came_back(), of(jug))
    moved = Payment.objects.get(gateway="exchange")
    assert refunds.differences() == []

    Refund.objects.update(amount=19)

    assert f"payment {moved.key} has other money than was moved to it" in refunds.differences()
