"""Order.fulfillmentOrders and fulfillmentOrderMove: which location sends what, and another one instead."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actors import SYSTEM
from accounts.models import User
from accounts.staff import Permission
from catalog.models import ProductVariant, StockHold, StockLevel, StockLocation, StockMovement
from checkout import fulfilment, letters
from checkout.fulfilment import Tracking
from checkout.models import Fulfillment, Order
from tests import builders
from tests.conftest import Execute

SHOWN = """
fulfillmentOrders {
  id status assignedLocation { code }
  lineItems { lineItem { sku } remainingQuantity totalQuantity }
}
"""
ORDER = f"query ($id: ID!) {{ order(id: $id) {{ {SHOWN} }} }}"
ORDERS = f"{{ orders(first: 50) {{ nodes {{ {SHOWN} }} }} }}"
SEND = f"""
mutation ($fulfillment: FulfillmentInput!) {{
  fulfillmentCreate(fulfillment: $fulfillment) {{ order {{ status {SHOWN} }} userErrors {{ code field message }} }}
}}
"""
MOVE = f"""
mutation ($id: ID!, $to: ID!, $lines: [OrderLineQuantityInput!]) {{
  fulfillmentOrderMove(id: $id, newLocationId: $to, lines: $lines) {{
    order {{ {SHOWN} }} userErrors {{ code field message }}
  }}
}}
"""


@pytest.fixture
def mug(db: None) -> ProductVariant:
    return builders.a_variant("MUG", stock=3)


@pytest.fixture
def shop(mug: ProductVariant) -> StockLocation:
    """A second location, with four mugs."""
    shop = builders.a_location("Shop", priority=5)
    builders.stocked(mug, shop, 4)
    return shop


@pytest.fixture
def order(mug: ProductVariant, shop: StockLocation) -> Order:
    """Five mugs, three of which lie in the main warehouse, and two cups of tea."""
    return builders.an_order((mug, 5), (builders.a_variant("TEA", stock=9), 2))


def told(order: dict[str, Any]) -> dict[str, Any]:
    """What each location sends, as status and (sku, remaining, total)."""
    return {
        one["assignedLocation"]["code"]: (
            one["status"],
            *((item["lineItem"]["sku"], item["remainingQuantity"], item["totalQuantity"]) for item in one["lineItems"]),
        )
        for one in order["fulfillmentOrders"]
    }


def levels() -> dict[tuple[str, str], tuple[int, int]]:
    rows = StockLevel.objects.values_list("variant__sku", "location__code", "on_hand", "reserved")
    return {(sku, code): (on_hand, reserved) for sku, code, on_hand, reserved in rows}


def held() -> set[tuple[str, str, int]]:
    return set(StockHold.objects.values_list("variant__sku", "location__code", "quantity"))


def place_of(order: Order, location: StockLocation) -> str:
    return f"gid://shop/FulfillmentOrder/{order.key}-{location.pk}"


def send(execute: Execute, sam: User, order: Order, *lines: tuple[str, int], at: StockLocation | None) -> Any:
    given: dict[str, Any] = {"orderId": builders.id_of(order)}
    if lines:
        given["lines"] = [
            {"orderLineItemId": builders.id_of(order.lines.get(sku=sku)), "quantity": units} for sku, units in lines
        ]
    if at:
        given["locationId"] = builders.id_of(at)
    return execute(SEND, as_=sam, fulfillment=given)["fulfillmentCreate"]


def test_each_location_sends_what_is_held_there(
    execute: Execute, sam: User, order: Order, shop: StockLocation, assert_verified: Any
) -> None:
    shown = execute(ORDER, as_=sam, id=builders.id_of(order))["order"]

    assert told(shown) == {"main": ("OPEN", ("MUG", 3, 3), ("TEA", 2, 2)), "shop": ("OPEN", ("MUG", 2, 2))}
    assert [one["id"] for one in shown["fulfillmentOrders"]][1] == place_of(order, shop)

    sent = send(execute, sam, order, at=shop)

    assert sent["userErrors"] == []
    assert told(sent["order"]) == {"main": ("OPEN", ("MUG", 3, 3), ("TEA", 2, 2)), "shop": ("CLOSED", ("MUG", 0, 2))}
    assert levels() == {("MUG", "main"): (3, 3), ("MUG", "shop"): (2, 0), ("TEA", "main"): (9, 2)}
    assert send(execute, sam, order, at=shop)["userErrors"] == [
        {
            "code": "NOTHING_TO_SEND",
            "field": ["fulfillment", "locationId"],
            "message": f"Nothing of order {order.name} is to be sent from Shop.",
        }
    ]

    sent = send(execute, sam, order, at=None)

    assert (sent["order"]["status"], told(sent["order"])["main"]) == (
        "FULFILLED",
        ("CLOSED", ("MUG", 0, 3), ("TEA", 0, 2)),
    )
    assert_verified()


def test_what_is_sent_from_elsewhere_is_taken_there(
    execute: Execute, sam: User, order: Order, shop: StockLocation, assert_verified: Any
) -> None:
    """Three mugs from the shop, where two are held and two more are free."""
    sent = send(execute, sam, order, ("MUG", 3), at=shop)

    assert sent["userErrors"] == []
    assert told(sent["order"]) == {"main": ("OPEN", ("MUG", 2, 2), ("TEA", 2, 2)), "shop": ("CLOSED", ("MUG", 0, 3))}
    assert levels() == {("MUG", "main"): (3, 2), ("MUG", "shop"): (1, 0), ("TEA", "main"): (9, 2)}
    moves = StockMovement.objects.filter(actor=sam, variant__sku="MUG").order_by("pk")
    assert list(moves.values_list("kind", "location__code", "on_hand_delta", "reserved_delta", "note")) == [
        ("HOLD", "main", 0, -1, "To be sent from Shop"),
        ("HOLD", "shop", 0, 1, "To be sent from Shop"),
        ("SALE", "shop", -3, -3, ""),
    ]
    assert_verified()


def test_nothing_is_sent_from_where_there_is_not_enough(
    execute: Execute, sam: User, order: Order, shop: StockLocation
) -> None:
    before = levels(), held()

    [tea] = send(execute, sam, order, ("TEA", 1), at=shop)["userErrors"]
    [mug] = send(execute, sam, order, ("MUG", 5), at=shop)["userErrors"]
    [unknown] = execute(
        SEND,
        as_=sam,
        fulfillment={"orderId": builders.id_of(order), "locationId": "gid://shop/Location/99999999"},
    )["fulfillmentCreate"]["userErrors"]

    where = ["fulfillment", "locationId"]
    assert tea == {"code": "INSUFFICIENT_STOCK", "field": where, "message": "Only 0 of TEA are free at Shop."}
    assert mug == {"code": "INSUFFICIENT_STOCK", "field": where, "message": "Only 2 of MUG are free at Shop."}
    assert unknown == {"code": "NOT_FOUND", "field": where, "message": "Location not found."}
    assert (levels(), held()) == before
    assert not Fulfillment.objects.exists()


def test_a_parcel_without_a_location_takes_from_wherever_it_is_held(
    execute: Execute, sam: User, order: Order, assert_verified: Any
) -> None:
    sent = send(execute, sam, order, ("MUG", 4), at=None)

    assert told(sent["order"]) == {"main": ("OPEN", ("MUG", 0, 3), ("TEA", 2, 2)), "shop": ("OPEN", ("MUG", 1, 2))}
    assert levels() == {("MUG", "main"): (0, 0), ("MUG", "shop"): (3, 1), ("TEA", "main"): (9, 2)}
    parcel = letters.parcel(order, Fulfillment.objects.get())
    assert [(row["title"], row["value"]) for row in parcel["rows"]] == [(order.lines.get(sku="MUG").title, 4)]
    assert_verified()


def test_moves_what_another_location_is_to_send(
    execute: Execute, sam: User, order: Order, shop: StockLocation, assert_verified: Any
) -> None:
    main = StockLocation.objects.get(code="main")
    lines = [{"orderLineItemId": builders.id_of(order.lines.get(sku="MUG")), "quantity": 2}]

    moved = execute(MOVE, as_=sam, id=place_of(order, main), to=builders.id_of(shop), lines=lines)[
        "fulfillmentOrderMove"
    ]

    assert moved["userErrors"] == []
    assert told(moved["order"]) == {"main": ("OPEN", ("MUG", 1, 1), ("TEA", 2, 2)), "shop": ("OPEN", ("MUG", 4, 4))}
    assert held() == {("MUG", "main", 1), ("MUG", "shop", 4), ("TEA", "main", 2)}
    assert order.events.latest("pk").message == "To be sent from Shop instead of Main warehouse: 2 of Product " + (
        order.lines.get(sku="MUG").title.removeprefix("Product ") + "."
    )

    builders.stocked(ProductVariant.objects.get(sku="TEA"), shop, 2)
    builders.stocked(ProductVariant.objects.get(sku="MUG"), shop, 1)
    moved = execute(MOVE, as_=sam, id=place_of(order, main), to=builders.id_of(shop))["fulfillmentOrderMove"]

    assert told(moved["order"]) == {"shop": ("OPEN", ("MUG", 5, 5), ("TEA", 2, 2))}
    assert_verified()


def test_refuses_a_move_that_is_none(execute: Execute, sam: User, order: Order, shop: StockLocation) -> None:
    main = StockLocation.objects.get(code="main")
    closed = builders.a_location("Closed", is_active=False)
    before = levels(), held()
    mug, tea = (builders.id_of(order.lines.get(sku=sku)) for sku in ("MUG", "TEA"))

    def refused(origin: StockLocation, to: StockLocation, *lines: tuple[str, int]) -> tuple[str, list[str], str]:
        given = [{"orderLineItemId": line, "quantity": units} for line, units in lines] if lines else None
        answer = execute(MOVE, as_=sam, id=place_of(order, origin), to=builders.id_of(to), lines=given)
        [error] = answer["fulfillmentOrderMove"]["userErrors"]
        return error["code"], error["field"], error["message"]

    assert refused(main, shop) == ("INSUFFICIENT_STOCK", ["newLocationId"], "Only 2 of MUG are free at Shop.")
    assert refused(main, main) == ("INVALID", ["newLocationId"], "Main warehouse is to send it already.")
    assert refused(main, closed) == (
        "INVALID",
        ["newLocationId"],
        "Closed is closed; choose a location that is active.",
    )
    assert refused(closed, shop) == (
        "NOTHING_TO_SEND",
        ["id"],
        f"Nothing of order {order.name} is to be sent from Closed.",
    )
    too_many = "Only 3 of MUG are to be sent from Main warehouse."
    assert refused(main, shop, (mug, 4)) == ("INVALID", ["lines", "0", "quantity"], too_many)
    assert refused(main, shop, (mug, 0)) == ("INVALID", ["lines", "0", "quantity"], "The quantity must be 1 or more.")
    none = "Only 0 of TEA are to be sent from Shop."
    assert refused(shop, main, (tea, 1)) == ("INVALID", ["lines", "0", "quantity"], none)
    for nonsense in ("nonsense", "gid://shop/FulfillmentOrder/1", f"gid://shop/FulfillmentOrder/{order.key}-x"):
        answer = execute(MOVE, as_=sam, id=nonsense, to=builders.id_of(shop))["fulfillmentOrderMove"]
        assert answer["userErrors"] == [
            {"code": "NOT_FOUND", "field": ["id"], "message": "FulfillmentOrder not found."}
        ]
    assert (levels(), held()) == before


def test_a_bundle_whose_parts_lie_apart_is_sent_whole(execute: Execute, sam: User, assert_verified: Any) -> None:
    mug, tea = builders.a_variant("MUG", stock=1), builders.a_variant("TEA", stock=4)
    shop = builders.a_location("Shop")
    builders.stocked(mug, shop, 1)
    order = builders.an_order((builders.a_bundle((mug, 1), (tea, 2), sku="SET"), 2))

    shown = execute(ORDER, as_=sam, id=builders.id_of(order))["order"]

    assert [(status, units) for status, (_, *units) in told(shown).values()] == [("OPEN", [1, 1]), ("OPEN", [1, 1])]
    sent = send(execute, sam, order, at=shop)
    assert sent["userErrors"] == [
        {
            "code": "INSUFFICIENT_STOCK",
            "field": ["fulfillment", "locationId"],
            "message": "Only 0 of TEA are free at Shop.",
        }
    ]
    sent = send(execute, sam, order, at=None)
    assert (sent["order"]["status"], held()) == ("FULFILLED", set())
    assert_verified()


def test_an_order_that_waits_for_its_payment_is_on_hold(execute: Execute, sam: User, mug: ProductVariant) -> None:
    order = builders.an_order((mug, 1), token="pending")

    assert told(execute(ORDER, as_=sam, id=builders.id_of(order))["order"]) == {"main": ("ON_HOLD", ("MUG", 1, 1))}


def test_is_for_staff_who_keep_orders(request_graphql: Any, alice: User, mug: ProductVariant) -> None:
    order = builders.an_order((mug, 1), owner=alice)
    clerk = builders.a_clerk(*set(Permission) - {Permission.MANAGE_ORDERS})
    main = StockLocation.objects.get(code="main")
    to = builders.id_of(main)

    read = request_graphql(ORDER, as_=alice, id=builders.id_of(order))
    moved = request_graphql(MOVE, as_=clerk, id=place_of(order, main), to=to)

    assert [answer["errors"][0]["extensions"]["code"] for answer in (read, moved)] == ["FORBIDDEN", "FORBIDDEN"]


def test_costs_the_same_for_1_and_20(execute: Execute, sam: User, mug: ProductVariant) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            execute(ORDERS, as_=sam)
        return len(queries)

    def one_more() -> None:
        order = builders.an_order((builders.a_variant(stock=5), 3))
        fulfilment.create(order_key=order.key, lines=[(order.lines.get().pk, 1)], tracking=Tracking(), actor=SYSTEM)

    one_more()
    one = cost()
    for _ in range(19):
        one_more()

    assert cost() == one


def test_verify_names_an_order_that_holds_too_little(order: Order) -> None:
    StockHold.objects.filter(variant__sku="TEA").update(quantity=1)
    StockLevel.objects.filter(variant__sku="TEA").update(reserved=1)
    StockMovement.objects.filter(variant__sku="TEA", kind="HOLD").update(reserved_delta=1)

    with pytest.raises(CommandError) as failed:
        call_command("verify")

    assert str(failed.value).splitlines()[:-1] == [f"order {order.number} holds other units than it has left to send"]


def test_what_is_collected_stays_where_it_is_collected(
    execute: Execute, sam: User, order: Order, shop: StockLocation, assert_verified: Any
) -> None:
    """Three mugs of the order lie in the main warehouse: where the buyer does not come, they are not sent from."""
    place = {"name": "Shop", "address": builders.ADDRESS.as_json(), "ready_text": ""}
    Order.objects.update(delivery_address=None, pickup=place)
    before = levels(), held()

    moved = execute(MOVE, as_=sam, id=place_of(order, shop), to=builders.id_of(StockLocation.objects.get(code="main")))
    sent = send(execute, sam, order, ("MUG", 3), at=shop)

    said = f"Order {order.name} is collected at Shop; its goods are not sent from elsewhere."
    assert moved["fulfillmentOrderMove"] == {
        "order": None,
        "userErrors": [{"code": "ORDER_IS_COLLECTED", "field": ["id"], "message": said}],
    }
    assert sent["userErrors"] == [
        {"code": "ORDER_IS_COLLECTED", "field": ["fulfillment", "locationId"], "message": said}
    ]
    assert ((levels(), held()), Fulfillment.objects.count()) == (before, 0)
    assert send(execute, sam, order, ("MUG", 2), at=shop)["userErrors"] == []
    assert levels()["MUG", "shop"] == (2, 0)
    assert_verified()
