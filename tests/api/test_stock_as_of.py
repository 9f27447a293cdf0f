"""stockAsOf: how much there was of each variant at any moment, from the ledger alone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog import stock
from catalog.models import StockMovement
from tests import builders

AS_OF = """
query ($time: DateTime!, $first: Int, $after: String, $variantIds: [ID!], $locationId: ID) {
  stockAsOf(time: $time, first: $first, after: $after, variantIds: $variantIds, locationId: $locationId) {
    nodes { onHand reserved variant { sku } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def mug(db):
    """At noon 5 come, at 13 h a cup's 2, at 14 h 3 more in Berlin, and at 15 h an order holds 2."""
    mug = builders.a_variant("MUG", stock=5)
    builders.a_variant("CUP", stock=2)
    builders.stocked(mug, builders.a_location("Berlin"), 3)
    with transaction.atomic():
        stock.hold({mug.pk: 2}, reference="order:1", expires_at=None)
    for place, pk in enumerate(StockMovement.objects.order_by("pk").values_list("pk", flat=True)):
        StockMovement.objects.filter(pk=pk).update(created_at=NOON + timedelta(hours=place))
    return mug


@pytest.fixture
def ask(execute, sam):
    def send(hours=10, **wanted):
        return execute(AS_OF, as_=sam, time=(NOON + timedelta(hours=hours)).isoformat(), **wanted)["stockAsOf"]

    return send


def counted(page):
    return [(node["variant"]["sku"], node["onHand"], node["reserved"]) for node in page["nodes"]]


def test_adds_up_to_each_moment(ask, mug):
    assert [counted(ask(hours)) for hours in (-1, 0, 1.5, 2, 3)] == [
        [],
        [("MUG", 5, 0)],
        [("MUG", 5, 0), ("CUP", 2, 0)],
        [("MUG", 8, 0), ("CUP", 2, 0)],
        [("MUG", 8, 2), ("CUP", 2, 0)],
    ]


def test_is_what_there_is_at_present(ask, mug):
    now = {node["variant"]["sku"]: node["onHand"] for node in ask()["nodes"]}

    assert now == {"MUG": stock.on_hand([mug.pk])[mug.pk], "CUP": 2}


def test_narrows_to_variants_and_to_a_location(ask, mug):
    berlin = builders.id_of(mug.stock_levels.get(location__code="berlin").location)

    assert counted(ask(variantIds=[builders.id_of(mug), "gid://shop/Product/1"])) == [("MUG", 8, 2)]
    assert counted(ask(variantIds=[])) == []
    assert counted(ask(locationId=berlin)) == [("MUG", 3, 0)]
    assert ask(locationId="berlin") is None


def test_pages_through_variants(ask, mug):
    first = ask(first=1)
    second = ask(first=1, after=first["pageInfo"]["endCursor"])

    assert (counted(first), first["pageInfo"]["hasNextPage"]) == ([("MUG", 8, 2)], True)
    assert (counted(second), second["pageInfo"]["hasNextPage"]) == ([("CUP", 2, 0)], False)


def test_wants_the_moment_with_its_offset(request_graphql, sam):
    [error] = request_graphql(AS_OF, as_=sam, time="2026-03-01T12:00:00")["errors"]

    assert error["extensions"] == {"code": "INVALID", "field": ["time"]}


@pytest.mark.parametrize(("signed_in", "code"), [(False, "UNAUTHENTICATED"), (True, "FORBIDDEN")])
def test_is_for_staff(request_graphql, alice, signed_in, code):
    answer = request_graphql(AS_OF, as_=alice if signed_in else None, time=NOON.isoformat())

    assert answer["errors"][0]["extensions"]["code"] == code


def test_costs_the_same_however_many(ask):
    def cost_of(size):
        for _ in range(size):
            builders.a_variant(stock=1)
        with CaptureQueriesContext(connection) as queries:
            ask(hours=24 * 100_000)
        return len(queries)

    assert cost_of(1) == cost_of(20)
