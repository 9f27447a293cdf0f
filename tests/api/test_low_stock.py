"""Low stock: told once when few units are left, forgotten when there are enough again, by each variant's threshold."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.staff import Permission
from catalog import inventory, stock
from catalog.inventory import LimitFields
from catalog.models import LowStock, MovementKind
from shop import relay
from shop.models import OutboxMessage
from tests import builders

SET = """
mutation ($thresholds: [InventoryThresholdInput!]!) {
  inventoryThresholdsSet(input: {thresholds: $thresholds}) {
    variants { sku lowStockThreshold } userErrors { code field message }
  }
}
"""
LOW = """
{ lowStock(first: 50) { totalCount nodes {
  threshold free onHand levels { onHand reserved location { code } } variant { sku }
} } }
"""


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", stock=9)


@pytest.fixture
def set_thresholds(execute, sam):
    """Set the threshold of each variant."""

    def send(*thresholds):
        said = [{"variantId": builders.id_of(variant), "threshold": units} for variant, units in thresholds]
        return execute(SET, as_=sam, thresholds=said)["inventoryThresholdsSet"]

    return send


@transaction.atomic
def count(variant, units, location=None):
    stock.set_on_hand({variant.pk: units}, stock.Reason(MovementKind.ADJUSTMENT), location)


def told():
    """The variants of every message so far that says they are low."""
    return [
        message.payload["variant_ids"] for message in OutboxMessage.objects.filter(topic="stock.low").order_by("pk")
    ]


def test_is_told_once_until_it_has_recovered(set_thresholds, mug, assert_verified):
    set_thresholds((mug, 3))
    looks = []

    for units in (4, 3, 1, 3, 4, 0):
        count(mug, units)
        looks.append((units, LowStock.objects.exists(), len(told())))
        assert_verified()

    assert looks == [(4, False, 0), (3, True, 1), (1, True, 1), (3, True, 1), (4, False, 1), (0, True, 2)]
    assert told() == [[mug.pk]] * 2


def test_counts_what_orders_hold_and_keep_back_and_leaves_out_closed_locations(
    set_thresholds, mug, execute, sam, assert_verified
):
    berlin = builders.a_location("Berlin")
    builders.stocked(mug, berlin, 2)
    set_thresholds((mug, 8))
    with transaction.atomic():
        stock.hold({mug.pk: 3}, reference="order", expires_at=None)

    listed = execute(LOW, as_=sam)["lowStock"]
    with transaction.atomic():
        stock.release("order")
    recovered = LowStock.objects.exists()
    limit = LimitFields(variant_id=mug.pk, location_id=None, safety_stock=3)
    inventory.set_limits(limits=[limit])

    levels = [
        {"onHand": 9, "reserved": 3, "location": {"code": "main"}},
        {"onHand": 2, "reserved": 0, "location": {"code": "berlin"}},
    ]
    assert listed == {
        "totalCount": 1,
        "nodes": [{"threshold": 8, "free": 8, "onHand": 11, "levels": levels, "variant": {"sku": "MUG"}}],
    }
    assert not recovered
    assert told() == [[mug.pk]] * 2
    assert_verified()


def test_a_location_that_closes_takes_what_lies_there_away(set_thresholds, mug, execute, sam, assert_verified):
    berlin = builders.a_location("Berlin")
    builders.stocked(mug, berlin, 2)
    set_thresholds((mug, 9))

    close = "mutation ($id: ID!) { location%s(id: $id) { userErrors { message } } }"
    looks = []
    for verb in ("Deactivate", "Activate"):
        execute(close % verb, as_=sam, id=builders.id_of(berlin))
        looks.append((LowStock.objects.exists(), told()))
        assert_verified()

    assert looks == [(True, [[mug.pk]]), (False, [[mug.pk]])]


def test_the_shop_s_threshold_holds_where_a_variant_has_none(settings, set_thresholds, mug, assert_verified):
    settings.LOW_STOCK_THRESHOLD = 5
    cup = builders.a_variant("CUP", stock=9)
    set_thresholds((cup, 2))

    count(mug, 5)
    count(cup, 5)
    assert told() == [[mug.pk]]
    set_thresholds((cup, None))

    assert told() == [[mug.pk], [cup.pk]]
    assert_verified()


def test_the_shop_s_threshold_may_change(settings, mug, assert_verified):
    settings.LOW_STOCK_THRESHOLD = 9
    with pytest.raises(Exception, match=rf"variant {mug.pk} is low on stock and not marked so"):
        assert_verified()

    inventory.tidy_low_stock()
    assert_verified()
    settings.LOW_STOCK_THRESHOLD = None
    inventory.tidy_low_stock()

    assert told() == [[mug.pk]]
    assert not LowStock.objects.exists()
    assert_verified()


def test_what_comes_in_few_for_the_first_time_is_listed_and_not_told(settings, db, assert_verified):
    settings.LOW_STOCK_THRESHOLD = 5

    cup = builders.a_variant("CUP", stock=2)

    assert list(LowStock.objects.values_list("pk", "is_told")) == [(cup.pk, True)]
    assert told() == []
    assert_verified()


def test_staff_who_keep_the_inventory_get_one_mail_of_all(set_thresholds, mug, sam, mailoutbox):
    keeper = builders.a_clerk(Permission.MANAGE_INVENTORY)
    builders.a_clerk(Permission.MANAGE_CATALOG)
    cup, pot = builders.a_variant("CUP", stock=9), builders.a_variant("POT", stock=9)
    set_thresholds((mug, 3), (cup, 3), (pot, 3))
    for variant, units in ((mug, 2), (cup, 0), (pot, 1), (pot, 4)):
        count(variant, units)

    relay.drain()

    [mail] = mailoutbox
    assert mail.to == [sam.email, keeper.email]
    assert [line for line in mail.body.splitlines() if ": " in line] == [
        f"CUP: 0 of {cup.product}",
        f"MUG: 2 of {mug.product}",
    ]


def test_refuses_what_is_no_threshold(set_thresholds, mug):
    payload = set_thresholds((mug, -1), (mug, 2))

    assert payload == {
        "variants": None,
        "userErrors": [
            {
                "code": "INVALID",
                "field": ["input", "thresholds", "0", "threshold"],
                "message": "A threshold is from 0 to 1000000000 units.",
            },
            {
                "code": "INVALID",
                "field": ["input", "thresholds", "1", "variantId"],
                "message": "This variant is in the list already; say its threshold once.",
            },
        ],
    }
    mug.refresh_from_db()
    assert mug.low_stock_threshold is None


@pytest.mark.parametrize("document", [SET, LOW], ids=["set", "list"])
def test_is_for_staff_who_keep_the_inventory(request_graphql, document, mug):
    clerk = builders.a_clerk(Permission.MANAGE_CATALOG)
    said = [{"variantId": builders.id_of(mug), "threshold": 1}]

    answer = request_graphql(document, as_=clerk, thresholds=said)

    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


@pytest.mark.parametrize("size", [1, 20])
def test_the_list_costs_the_same_however_long(execute, sam, settings, size):
    settings.LOW_STOCK_THRESHOLD = 5
    for _ in range(size):
        builders.a_variant(stock=2)

    with CaptureQueriesContext(connection) as queries:
        listed = execute(LOW, as_=sam)["lowStock"]

    assert listed["totalCount"] == size
    assert len(queries) == 9
