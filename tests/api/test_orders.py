"""orders and Customer.orders: one's own, newest first; all for staff who keep orders."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actors import SYSTEM
from accounts.staff import Permission
from checkout import fulfilment
from checkout.fulfilment import Tracking
from checkout.models import Order
from tests import builders

ORDERS = """
query ($first: Int, $last: Int, $after: String, $before: String) {
  orders(first: $first, last: $last, after: $after, before: $before) {
    totalCount nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
NESTED = """
orders(first: 20) {
  nodes {
    financialStatus fulfillmentStatus
    customer { email }
    payments { status }
    successfulFulfillments { trackingCompany }
    lineItems(first: 5) { nodes { title variant { sku product { title } } } }
  }
}
"""
MINE = """
query ($first: Int, $last: Int, $after: String) {
  me { orders(first: $first, last: $last, after: $after) {
    totalCount nodes { name } pageInfo { hasNextPage hasPreviousPage endCursor }
  } }
}
"""
BUYERS = "{ orders(first: 250) { nodes { customer { email orders(first: 2) { totalCount nodes { name } } } } } }"


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG", stock=1000)


def orders_of(owner, mug, number: int) -> list[str]:
    """The names of this many orders of a customer, newest first; two are always of the same moment."""
    made = [builders.an_order((mug, 1), owner=owner) for _ in range(number)]
    for place, order in enumerate(made):
        Order.objects.filter(pk=order.pk).update(placed_at=order.placed_at + timedelta(hours=place // 2))
    return [order.name for order in reversed(made)]


def test_shows_ones_own_newest_first(execute, alice, bob, mug):
    names = orders_of(alice, mug, 3)
    orders_of(bob, mug, 1)
    orders_of(None, mug, 1)

    page = execute(ORDERS, as_=alice)["orders"]

    assert page["totalCount"] == 3
    assert page["nodes"] == [{"name": name} for name in names]
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (False, False)


def test_shows_staff_all_of_them(execute, alice, sam, mug):
    orders_of(alice, mug, 1)
    orders_of(None, mug, 1)

    assert execute(ORDERS, as_=sam)["orders"]["totalCount"] == 2


def test_wants_somebody_signed_in(request_graphql):
    answer = request_graphql(ORDERS)

    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_pages_both_ways(execute, alice, mug):
    names = orders_of(alice, mug, 5)

    first = execute(ORDERS, as_=alice, first=2)["orders"]
    second = execute(ORDERS, as_=alice, first=2, after=first["pageInfo"]["endCursor"])["orders"]
    last = execute(ORDERS, as_=alice, last=2)["orders"]
    before = execute(ORDERS, as_=alice, last=2, before=last["pageInfo"]["startCursor"])["orders"]

    assert [[order["name"] for order in page["nodes"]] for page in (first, second, last, before)] == [
        names[:2],
        names[2:4],
        names[3:],
        names[1:3],
    ]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second, last, before)] == [True, True, False, True]
    assert [page["pageInfo"]["hasPreviousPage"] for page in (first, second, last, before)] == [False, True, True, True]


@pytest.mark.parametrize("arguments", [{"first": 251}, {"first": -1}, {"first": 1, "last": 1}, {"after": "nonsense"}])
def test_refuses_a_page_that_is_none(request_graphql, alice, arguments):
    answer = request_graphql(ORDERS, as_=alice, **arguments)

    assert answer["errors"][0]["extensions"]["code"] == "INVALID_PAGE"


def test_costs_the_same_for_1_and_20(execute, alice, bob, mug):
    for owner, number in ((alice, 1), (bob, 20)):
        for _ in range(number):
            order = builders.an_order((mug, 1), (builders.a_variant(), 1), owner=owner)
            fulfilment.create(order_key=order.key, lines=None, tracking=Tracking("DHL"), actor=SYSTEM)

    def cost(customer) -> int:
        with CaptureQueriesContext(connection) as queries:
            execute(f"{{ {NESTED} me {{ {NESTED} }} }}", as_=customer)
        return len(queries)

    assert cost(bob) == cost(alice)


def test_a_customer_pages_through_their_own(execute, alice, bob, mug):
    names = orders_of(alice, mug, 3)
    orders_of(bob, mug, 1)

    first = execute(MINE, as_=alice, first=2)["me"]["orders"]
    second = execute(MINE, as_=alice, first=2, after=first["pageInfo"]["endCursor"])["me"]["orders"]
    last = execute(MINE, as_=alice, last=2)["me"]["orders"]

    assert [[order["name"] for order in page["nodes"]] for page in (first, second, last)] == [
        names[:2],
        names[2:],
        names[1:],
    ]
    assert [page["totalCount"] for page in (first, second, last)] == [3, 3, 3]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second, last)] == [True, False, False]
    assert [page["pageInfo"]["hasPreviousPage"] for page in (first, second, last)] == [False, True, True]


def test_staff_see_the_orders_of_every_buyer_at_the_cost_of_one(execute, sam, mug):
    def cost(buyers: int) -> int:
        wanted = {}
        for _ in range(buyers):
            customer = builders.a_customer()
            wanted[customer.email] = orders_of(customer, mug, 3)
        with CaptureQueriesContext(connection) as queries:
            found = execute(BUYERS, as_=sam)["orders"]["nodes"]
        for order in found:
            if order["customer"]["email"] in wanted:
                names = [{"name": name} for name in wanted[order["customer"]["email"]][:2]]
                assert order["customer"]["orders"] == {"totalCount": 3, "nodes": names}
        return len(queries)

    assert cost(1) == cost(8)


def test_a_customer_whose_orders_one_may_not_see_has_none(execute, alice, mug):
    orders_of(alice, mug, 1)
    clerk = builders.a_clerk(Permission.MANAGE_CUSTOMERS)
    document = "query ($id: ID!) { node(id: $id) { ... on Customer { email orders { totalCount nodes { name } } } } }"

    found = execute(document, as_=clerk, id=builders.id_of(alice))["node"]

    assert found == {"email": "alice@example.com", "orders": {"totalCount": 0, "nodes": []}}
