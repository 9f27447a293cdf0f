"""Shipping methods whose prices a carrier tells: asked while nothing is locked, kept for a while, bought as shown."""

from collections.abc import Iterator
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.db import transaction

from accounts.actors import SYSTEM
from accounts.models import User
from checkout import carts, exchanges, fulfilment, returns
from checkout.draft_fields import Delivery, NewLine
from checkout.exchanges import Wish
from checkout.fulfilment import Tracking
from checkout.models import CarrierQuote, Cart, Order, ShippingMethod
from shop import clock
from tests import builders
from tests.api.checkout_documents import CHECKOUT_COMPLETE
from tests.concurrency.waiting import eventually
from tests.conftest import Execute
from tests.http_double import Double, running

CART = """
query ($id: ID!) {
  cart(id: $id) {
    cost { totalAmount { amount } }
    warnings { code target }
    deliveryGroups(first: 1) { nodes {
      isEstimate
      deliveryOptions { handle title description deliveryDays estimatedCost { amount } }
      unavailableDeliveryOptions { handle reason }
    } }
  }
}
"""
CREATE = """
mutation ($method: ShippingMethodCreateInput!) {
  shippingMethodCreate(shippingMethod: $method) {
    shippingMethod { carrier carrierService hasFallback } userErrors { code field message }
  }
}
"""
NOTE = """
mutation ($id: ID!) {
  cartNoteUpdate(cartId: $id, note: "Ring twice") @idempotent(key: "only once, of course") {
    cart { cost { totalAmount { amount } } } warnings { code }
  }
}
"""
TOKEN = "the token of tests"


class Carrier(Double):
    """Asks 9.50 for the economy service and 20.00 for the express one."""

    def __init__(self) -> None:
        super().__init__(self._answered)
        self.consignments: list[dict[str, Any]] = []
        self.status, self.economy = 200, "9.50"
        self.told: Any = None

    def _answered(self, method: str, path: str, asked: dict[str, Any]) -> tuple[int, Any]:
        self.consignments.append(asked)
        rates = [
            {"code": "EXPRESS", "title": "Express", "price": "20.00", "currency": asked["currency"], "days": 1},
            {"code": "ECONOMY", "title": "By barge", "price": self.economy, "currency": asked["currency"], "days": 9},
        ]
        return self.status, self.told if self.told is not None else {"rates": rates}


@pytest.fixture
def carrier(settings: Any) -> Iterator[Carrier]:
    double = Carrier()
    with running(double):
        settings.CARRIERS = {"barge": "checkout.carriers.http.HttpCarrier"}
        settings.CARRIER_URL, settings.CARRIER_TOKEN = f"{double.address}/rates", TOKEN
        settings.CARRIER_TIMEOUT = 0.3
        yield double


@pytest.fixture
def method(transactional_db: None) -> ShippingMethod:
    """By carrier, or else for 5.00."""
    method = builders.a_shipping_method("Post")
    method.carrier = "barge"
    method.save()
    return method


@pytest.fixture
def cart(method: ShippingMethod) -> Cart:
    """Two mugs of 400 g at 10.00, to California."""
    mug = builders.a_variant("MUG", price="10.00", stock=9)
    type(mug).objects.update(weight_grams=400)
    return builders.a_ready_cart((mug, 2))


def read(execute: Execute, cart: Cart) -> dict[str, Any]:
    found: dict[str, Any] = execute(CART, id=builders.id_of(cart))["cart"]
    return found


def complete(execute: Execute, cart: Cart) -> dict[str, Any]:
    document = CHECKOUT_COMPLETE
    payload: dict[str, Any] = execute(document, cartId=builders.id_of(cart), payment={"gateway": "test"})[
        "checkoutComplete"
    ]
    return payload


def options(found: dict[str, Any]) -> list[dict[str, Any]]:
    [group] = found["deliveryGroups"]["nodes"]
    listed: list[dict[str, Any]] = group["deliveryOptions"]
    return listed


def total(found: dict[str, Any]) -> str:
    return str(found["cost"]["totalAmount"]["amount"])


def later(**times: Any) -> None:
    """Let time go by for quotes."""
    CarrierQuote.objects.update(**times)


def test_what_was_shown_is_bought_and_the_carrier_asked_once(
    execute: Execute, carrier: Carrier, cart: Cart, assert_verified: Any
) -> None:
    builders.a_location("Berlin", countries=["DE"], address=builders.ADDRESS.as_json(), priority=1)
    builders.a_location("Reno", address={**builders.ADDRESS.as_json(), "zip": "89501", "province_code": "NV"})

    shown = [read(execute, cart) for _ in range(2)]
    carrier.economy = "30.00"
    payload = complete(execute, cart)

    assert shown[0] == shown[1]
    assert (total(shown[0]), shown[0]["warnings"]) == ("29.50", [])
    assert options(shown[0]) == [
        {
            "handle": "post",
            "title": "Post",
            "description": "By barge",
            "deliveryDays": 9,
            "estimatedCost": {"amount": "9.50"},
        }
    ]
    assert payload["userErrors"] == []
    assert Order.objects.get().shipping_total == 9.5
    assert carrier.asked == ["POST /rates"]
    assert carrier.headers[0]["Authorization"] == f"Bearer {TOKEN}"
    assert carrier.consignments == [
        {
            "origin": {"country": "US", "province": "NV", "postcode": "89501"},
            "destination": {"country": "US", "province": "CA", "postcode": "94043"},
            "weightGrams": 800,
            "units": 2,
            "currency": "USD",
        }
    ]
    assert_verified()


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (500, {"rates": []}),
        (200, ["garbage"]),
        (200, {"rates": [{"code": "ECONOMY"}]}),
        (200, {"rates": [{"code": "A", "title": "A", "price": "-1", "currency": "USD"}]}),
        (200, {"rates": [{"code": "A", "title": "A", "price": "1.00", "currency": "EUR"}]}),
        (200, {"rates": []}),
        (0, None),
    ],
)
def test_without_an_answer_the_fallback_counts_or_nothing_is_offered(
    execute: Execute, carrier: Carrier, cart: Cart, method: ShippingMethod, status: int, told: Any
) -> None:
    carrier.status, carrier.told = status or 200, told
    if not status:
        carrier.befalls["/rates"] = Double.SLOW

    fallback = read(execute, cart)
    ShippingMethod.objects.update(has_fallback=False)
    nothing = read(execute, cart)

    assert (total(fallback), fallback["warnings"]) == ("25.00", [])
    assert [option["estimatedCost"]["amount"] for option in options(fallback)] == ["5.00"]
    assert options(nothing) == []
    assert nothing["deliveryGroups"]["nodes"][0]["unavailableDeliveryOptions"] == [
        {"handle": "post", "reason": "NO_QUOTE"}
    ]
    assert len(carrier.asked) == 1


def test_a_silent_carrier_is_asked_again_soon_and_the_fallback_can_be_bought_meanwhile(
    execute: Execute, carrier: Carrier, cart: Cart
) -> None:
    carrier.status = 500
    read(execute, cart)
    later(ask_again_at=clock.now())

    bought = complete(execute, cart)
    other = builders.a_ready_cart((cart.lines.get().variant, 2))
    carrier.status = 200

    assert bought["userErrors"] == []
    assert Order.objects.get().shipping_total == 5
    assert total(read(execute, other)) == "29.50"
    assert len(carrier.asked) == 2


def test_what_is_outdated_is_told_and_not_bought_until_it_is_read_again(
    execute: Execute, carrier: Carrier, cart: Cart
) -> None:
    read(execute, cart)
    carrier.economy = "11.00"
    later(ask_again_at=clock.now(), expires_at=clock.now())

    warned = execute(NOTE, id=builders.id_of(cart))["cartNoteUpdate"]
    refused = complete(execute, cart)
    asked = len(carrier.asked)
    again = read(execute, cart)
    bought = complete(execute, cart)

    assert warned == {
        "cart": {"cost": {"totalAmount": {"amount": "29.50"}}},
        "warnings": [{"code": "DELIVERY_QUOTE_OUTDATED"}],
    }
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [
        ("CART_NOT_READY", ["deliveryOption"])
    ]
    assert asked == 2, "a refused checkout answers the cart, which is read for it"
    assert (total(again), again["warnings"], len(carrier.asked)) == ("31.00", [], 2)
    assert bought["userErrors"] == []
    assert Order.objects.get().shipping_total == 11


def test_a_service_is_chosen_by_its_code_and_free_from_a_subtotal_on(
    execute: Execute, carrier: Carrier, cart: Cart, method: ShippingMethod
) -> None:
    ShippingMethod.objects.update(carrier_service="EXPRESS", description="Tomorrow")

    express = options(read(execute, cart))
    method.rates.update(free_from=20)
    free = options(read(execute, cart))

    assert [(one["description"], one["deliveryDays"], one["estimatedCost"]["amount"]) for one in express + free] == [
        ("Tomorrow", 1, "20.00"),
        ("Tomorrow", 1, "0.00"),
    ]


def test_estimates_where_the_cart_goes_before_there_is_an_address(
    execute: Execute, carrier: Carrier, method: ShippingMethod
) -> None:
    nowhere = builders.a_cart((builders.a_variant(stock=9), 1))
    country = builders.a_cart((builders.a_variant(stock=9), 1), country="DE")

    found = [read(execute, one) for one in (nowhere, country)]

    assert [options(one)[0]["estimatedCost"]["amount"] for one in found] == ["5.00", "9.50"]
    assert [one["destination"] for one in carrier.consignments] == [{"country": "DE", "province": "", "postcode": ""}]
    assert found[1]["deliveryGroups"]["nodes"][0]["isEstimate"] is True


def test_nothing_is_locked_while_the_carrier_thinks(
    execute: Execute, carrier: Carrier, cart: Cart, settings: Any
) -> None:
    settings.CARRIER_TIMEOUT = 30
    carrier.befalls["/rates"] = Double.SLOW
    reading = Thread(target=carts.set_note, args=[cart.secret, "Ring twice"])
    reading.start()
    assert eventually(lambda: bool(carrier.asked))

    with transaction.atomic():
        [locked] = Cart.objects.select_for_update(nowait=True).filter(pk=cart.pk)
    carrier.released.set()
    reading.join()

    assert locked.note == "Ring twice"


def test_staff_name_a_carrier_that_is_in_use(execute: Execute, sam: User, carrier: Carrier) -> None:
    zone = builders.id_of(builders.a_shipping_method("Zone").zone)
    there = builders.id_of(builders.a_location("Berlin", address=builders.ADDRESS.as_json()))
    rates = [{"currency": "USD", "amount": "5.00"}]

    def create(**fields: Any) -> dict[str, Any]:
        method = {"title": "By carrier", "rates": rates, "zoneId": zone, **fields}
        payload: dict[str, Any] = execute(CREATE, as_=sam, method=method)["shippingMethodCreate"]
        return payload

    assert create(carrier="barge", carrierService="EXPRESS", hasFallback=False) == {
        "shippingMethod": {"carrier": "barge", "carrierService": "EXPRESS", "hasFallback": False},
        "userErrors": [],
    }
    wrong = [create(carrier="pigeon"), create(carrier="barge", zoneId=None, pickupLocationId=there)]
    assert [one["userErrors"][0]["field"] for one in wrong] == [["shippingMethod", "carrier"]] * 2
    assert wrong[0]["userErrors"][0]["message"] == "No carrier has this name; the setting CARRIERS has: barge."


def test_an_exchange_is_sent_by_a_carrier_that_was_never_asked_before(
    execute: Execute, carrier: Carrier, method: ShippingMethod, cart: Cart
) -> None:
    read(execute, cart)
    complete(execute, cart)
    order = Order.objects.get()
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    back = returns.request(order_key=order.key, lines=[(order.lines.get().pk, 1)], reason="", actor=SYSTEM)
    returns.receive(return_key=back.key, arrivals=None, location_id=None, refund=False, actor=SYSTEM)
    asked = len(carrier.consignments)
    jug = builders.a_variant("JUG", price="7.00", stock=9)
    type(jug).objects.update(weight_grams=700)

    wish = Wish([NewLine(jug.pk)], Delivery(handle=method.handle))
    bought = exchanges.exchange(return_key=back.key, wish=wish, actor=SYSTEM).exchange_order

    assert bought is not None
    assert (bought.shipping_total, len(carrier.consignments) - asked) == (Decimal(carrier.economy), 1)
