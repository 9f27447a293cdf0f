"""inventoryMovements: the ledger of stock, newest first, as narrow as staff want it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actors import of_user
from catalog import stock
from catalog.models import MovementKind, StockMovement
from tests import builders

MOVEMENTS = """
query ($first: Int, $last: Int, $after: String, $before: String, $variantId: ID, $locationId: ID,
       $kinds: [InventoryMovementKind!], $reference: String, $since: DateTime, $until: DateTime) {
  inventoryMovements(first: $first, last: $last, after: $after, before: $before, variantId: $variantId,
                     locationId: $locationId, kinds: $kinds, reference: $reference, since: $since, until: $until) {
    totalCount
    nodes { kind onHandDelta reservedDelta reference note madeBy variant { sku } location { code } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def ledger(sam):
    """Five entries, an hour apart: three of a mug in two places, two of a cup; the last three are of one moment."""
    mug, cup = builders.a_variant("MUG", stock=5), builders.a_variant("CUP", stock=2)
    builders.stocked(mug, builders.a_location("Berlin"), 3)
    with transaction.atomic():
        stock.hold({mug.pk: 2}, reference="order:1", expires_at=None)
        stock.adjust({cup.pk: -1}, stock.Reason(MovementKind.DAMAGE, note="Fell", actor=of_user(sam)))
    for place, pk in enumerate(StockMovement.objects.order_by("pk").values_list("pk", flat=True)):
        StockMovement.objects.filter(pk=pk).update(created_at=NOON + timedelta(hours=min(place, 2)))
    return mug, cup


@pytest.fixture
def ask(execute, sam):
    def send(**wanted):
        return execute(MOVEMENTS, as_=sam, **wanted)["inventoryMovements"]

    return send


def brief(page):
    return [(node["variant"]["sku"], node["kind"], node["onHandDelta"]) for node in page["nodes"]]


def test_tells_everything_newest_first(ask, ledger):
    page = ask()

    assert page["totalCount"] == 5
    assert page["nodes"][:2] == [
        {
            "kind": "DAMAGE",
            "onHandDelta": -1,
            "reservedDelta": 0,
            "reference": None,
            "note": "Fell",
            "madeBy": "sam@example.com",
            "variant": {"sku": "CUP"},
            "location": {"code": "main"},
        },
        {
            "kind": "HOLD",
            "onHandDelta": 0,
            "reservedDelta": 2,
            "reference": "order:1",
            "note": None,
            "madeBy": None,
            "variant": {"sku": "MUG"},
            "location": {"code": "main"},
        },
    ]
    assert brief(page)[2:] == [("MUG", "PURCHASE", 3), ("CUP", "PURCHASE", 2), ("MUG", "PURCHASE", 5)]


def test_narrows_by_each_condition(ask, ledger):
    mug, _ = ledger
    berlin = builders.id_of(mug.stock_levels.get(location__code="berlin").location)
    wanted: list[dict[str, Any]] = [
        {"variantId": builders.id_of(mug)},
        {"locationId": berlin},
        {"kinds": ["HOLD", "DAMAGE"]},
        {"kinds": []},
        {"reference": "order:1"},
        {"since": "2026-03-01T14:00:00Z"},
        {"until": "2026-03-01T14:00:00Z"},
        {"variantId": builders.id_of(mug), "kinds": ["PURCHASE"], "until": "2026-03-01T13:00:00+00:00"},
    ]

    found = [[deltas for _, _, deltas in brief(ask(**one))] for one in wanted]

    assert found == [[0, 3, 5], [3], [-1, 0], [-1, 0, 3, 2, 5], [0], [-1, 0, 3], [2, 5], [5]]


def test_pages_both_ways_without_losing_any_of_one_moment(ask, ledger):
    first = ask(first=2)
    second = ask(first=2, after=first["pageInfo"]["endCursor"])
    third = ask(first=2, after=second["pageInfo"]["endCursor"])
    back = ask(last=2, before=third["pageInfo"]["startCursor"])

    assert [brief(page) for page in (first, second, third)] == [brief(ask())[:2], brief(ask())[2:4], brief(ask())[4:]]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second, third)] == [True, True, False]
    assert brief(back) == brief(second)


@pytest.mark.parametrize(
    "wanted", [{"variantId": "gid://shop/Product/1"}, {"locationId": "berlin"}], ids=["variant", "location"]
)
def test_is_null_for_what_cannot_be(ask, ledger, wanted):
    assert ask(**wanted) is None


@pytest.mark.parametrize("argument", ["since", "until"])
def test_wants_moments_with_their_offset(request_graphql, sam, argument):
    answer = request_graphql(MOVEMENTS, as_=sam, **{argument: "2026-03-01T12:00:00"})

    [error] = answer["errors"]
    assert error["message"] == "Say the offset from UTC too, such as 2026-01-02T03:04:05+00:00."
    assert error["extensions"] == {"code": "INVALID", "field": [argument]}


def test_costs_the_same_however_many(ask, sam):
    def cost_of(size):
        for _ in range(size):
            builders.stocked(builders.a_variant(stock=1), builders.a_location(), 1)
        with CaptureQueriesContext(connection) as queries:
            assert len(ask()["nodes"]) >= size
        return len(queries)

    assert cost_of(1) == cost_of(20)
