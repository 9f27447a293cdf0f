"""inventorySet: what is on hand becomes what somebody counted, unless it has changed since."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog import stock
from catalog.models import StockLevel, StockMovement
from tests import builders

SET = """
mutation ($input: InventorySetInput!) {
  inventorySet(input: $input) {
    variants { sku inventoryQuantity }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def set_(execute, sam):
    """Set each (variant, quantity), or more that is said of it."""

    def send(*quantities, **fields):
        listed = [
            {
                "variantId": variant if isinstance(variant, str) else builders.id_of(variant),
                "quantity": quantity,
                **dict(*more),
            }
            for variant, quantity, *more in quantities
        ]
        return execute(SET, as_=sam, input={"quantities": listed, **fields})["inventorySet"]

    return send


def refused(code, field, message):
    return {"variants": None, "userErrors": [{"code": code, "field": ["input", *field], "message": message}]}


def on_hand():
    return list(StockLevel.objects.order_by("variant_id", "location_id").values_list("on_hand", flat=True))


def test_sets_each_and_answers_in_the_order_given(set_, sam, assert_verified):
    mug, cup = builders.a_variant("MUG", stock=5), builders.a_variant("CUP", stock=2)
    StockMovement.objects.update(note="before")

    payload = set_((cup, 0), (mug, 9, {"compareQuantity": 5}), note="Counted")

    assert payload == {
        "variants": [{"sku": "CUP", "inventoryQuantity": 0}, {"sku": "MUG", "inventoryQuantity": 9}],
        "userErrors": [],
    }
    written = StockMovement.objects.exclude(note="before").order_by("variant_id")
    assert list(written.values_list("variant", "kind", "on_hand_delta", "note", "actor")) == [
        (mug.pk, "ADJUSTMENT", 4, "Counted", sam.pk),
        (cup.pk, "ADJUSTMENT", -2, "Counted", sam.pk),
    ]
    assert_verified()


def test_sets_a_variant_at_several_locations(set_, assert_verified):
    mug, berlin = builders.a_variant("MUG", stock=5), builders.a_location("Berlin")

    payload = set_((mug, 1), (mug, 4, {"locationId": builders.id_of(berlin), "compareQuantity": 0}), reason="PURCHASE")

    assert payload["variants"] == [{"sku": "MUG", "inventoryQuantity": 5}] * 2
    assert on_hand() == [1, 4]
    assert_verified()


def test_tells_the_true_numbers_where_stock_has_changed_and_sets_nothing(set_):
    mug, cup, jug = (builders.a_variant(sku, stock=5) for sku in ("MUG", "CUP", "JUG"))

    payload = set_((mug, 1, {"compareQuantity": 4}), (cup, 1, {"compareQuantity": 5}), (jug, 1, {"compareQuantity": 6}))

    message = "There are 5 on hand, not {}. Count again, or set the quantity with 5 to compare."
    assert payload == {
        "variants": None,
        "userErrors": [
            {
                "code": "STOCK_CHANGED",
                "field": ["input", "quantities", place, "compareQuantity"],
                "message": message.format(expected),
            }
            for place, expected in (("0", 4), ("2", 6))
        ],
    }
    assert on_hand() == [5, 5, 5]


def test_refuses_less_than_orders_hold(set_):
    mug = builders.a_variant("MUG", stock=5)
    with transaction.atomic():
        stock.hold({mug.pk: 3}, reference="order", expires_at=None)

    payload = set_((mug, 2))

    message = "3 of MUG are held for orders; stock cannot go below that."
    assert payload == refused("STOCK_TAKEN", ["quantities"], message)
    assert on_hand() == [5]


@pytest.mark.parametrize("quantity", [-1, 1_000_000_001])
def test_refuses_what_nobody_can_have_counted(set_, quantity):
    payload = set_((builders.a_variant(stock=5), quantity))

    assert payload == refused("INVALID", ["quantities", "0", "quantity"], "A quantity is from 0 to 1000000000.")
    assert on_hand() == [5]


def test_refuses_the_same_place_twice_and_places_that_are_not_there(set_):
    mug = builders.a_variant("MUG", stock=5)
    main = builders.id_of(stock.default_location())

    payload = set_((mug, 1), (mug, 2, {"locationId": main}), (mug, 3, {"locationId": "gid://shop/Location/404"}))

    assert payload == {
        "variants": None,
        "userErrors": [
            {
                "code": "INVALID",
                "field": ["input", "quantities", "1", "variantId"],
                "message": "This variant is in the list already; say once how many there are.",
            },
            {
                "code": "NOT_FOUND",
                "field": ["input", "quantities", "2", "locationId"],
                "message": "Location not found.",
            },
        ],
    }
    assert on_hand() == [5]


@pytest.mark.parametrize("count", [0, 251])
def test_refuses_too_few_and_too_many(set_, count):
    mug = builders.a_variant("MUG", stock=5)

    assert set_(*[(mug, 1)] * count) == refused("INVALID", ["quantities"], "One call makes 1 to 250 quantities.")
    assert on_hand() == [5]


def test_costs_the_same_however_many(set_):
    def cost_of(size):
        quantities = [(builders.a_variant(stock=1), 2, {"compareQuantity": 1}) for _ in range(size)]
        with CaptureQueriesContext(connection) as queries:
            payload = set_(*quantities)
        assert len(payload["variants"]) == size
        return len(queries)

    assert cost_of(1) == cost_of(20)
