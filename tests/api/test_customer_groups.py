"""customerGroups and what changes them: staff who serve customers keep groups to sell to by other prices."""

import pytest

from accounts.models import CustomerGroup
from accounts.staff import Permission
from schema.nodes import gid
from tests import builders

ERRORS = "userErrors { code field message }"
CREATE = "mutation ($group: CustomerGroupCreateInput!) { done: customerGroupCreate(group: $group) {"
CREATE += f" group {{ handle title members {{ totalCount }} }} {ERRORS} }} }}"
UPDATE = "mutation ($id: ID!, $group: CustomerGroupUpdateInput!) { done: customerGroupUpdate(id: $id, group: $group) {"
UPDATE += f" group {{ handle title }} {ERRORS} }} }}"
DELETE = f"mutation ($id: ID!) {{ done: customerGroupDelete(id: $id) {{ deletedGroupId {ERRORS} }} }}"
MEMBERS = "mutation ($id: ID!, $ids: [ID!]!) { done: customerGroupMembers%s(groupId: $id, customerIds: $ids) {"
MEMBERS += f" group {{ members(first: 5) {{ nodes {{ email }} }} }} {ERRORS} }} }}"


@pytest.fixture
def clerk(db):
    return builders.a_clerk(Permission.MANAGE_CUSTOMERS)


def test_makes_and_renames_a_group(execute, clerk):
    made = execute(CREATE, as_=clerk, group={"title": "Trade Partners"})["done"]
    group = CustomerGroup.objects.get()
    renamed = execute(UPDATE, as_=clerk, id=builders.id_of(group), group={"title": "Trade"})["done"]

    assert made == {
        "group": {"handle": "trade-partners", "title": "Trade Partners", "members": {"totalCount": 0}},
        "userErrors": [],
    }
    assert renamed == {"group": {"handle": "trade-partners", "title": "Trade"}, "userErrors": []}


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"title": " "}, "INVALID", "title"),
        ({"title": "New", "handle": "Not So"}, "INVALID", "handle"),
        ({"title": "Trade"}, "HANDLE_TAKEN", "handle"),
    ],
)
def test_refuses_what_names_no_group(execute, clerk, fields, code, field):
    builders.a_group("Trade")

    payload = execute(CREATE, as_=clerk, group=fields)["done"]

    assert payload["group"] is None
    assert (payload["userErrors"][0]["code"], payload["userErrors"][0]["field"]) == (code, ["group", field])
    assert CustomerGroup.objects.count() == 1


def test_puts_customers_in_and_takes_them_out(execute, clerk, alice, bob):
    group = builders.a_group("Trade")
    ids = {"id": builders.id_of(group), "ids": [gid("Customer", alice.pk), gid("Customer", bob.pk)]}

    added = execute(MEMBERS % "Add", as_=clerk, **ids)["done"]
    again = execute(MEMBERS % "Add", as_=clerk, **ids)["done"]
    left = execute(MEMBERS % "Remove", as_=clerk, id=ids["id"], ids=ids["ids"][1:])["done"]

    both = {"members": {"nodes": [{"email": "alice@example.com"}, {"email": "bob@example.com"}]}}
    assert added == again == {"group": both, "userErrors": []}
    assert left["group"] == {"members": {"nodes": [{"email": "alice@example.com"}]}}


def test_refuses_who_is_no_customer_and_adds_nobody(execute, clerk, alice):
    group = builders.a_group("Trade")
    ids = [gid("Customer", alice.pk), gid("Customer", 0)]

    payload = execute(MEMBERS % "Add", as_=clerk, id=builders.id_of(group), ids=ids)["done"]

    assert payload["userErrors"] == [
        {"code": "NOT_FOUND", "field": ["customerIds", "1"], "message": "Customer not found."}
    ]
    assert not group.members.exists()


def test_removes_a_group_unless_lists_are_meant_for_it(execute, clerk, alice):
    trade, old = builders.a_group("Trade", alice), builders.a_group("Old", alice)
    builders.a_price_list("Resale", group_ids=[trade.pk])

    kept = execute(DELETE, as_=clerk, id=builders.id_of(trade))["done"]
    gone = execute(DELETE, as_=clerk, id=builders.id_of(old))["done"]

    assert kept["userErrors"] == [
        {
            "code": "CUSTOMER_GROUP_IN_USE",
            "field": ["id"],
            "message": "Price lists are meant for this group: Resale. Change them first.",
        }
    ]
    assert gone == {"deletedGroupId": builders.id_of(old), "userErrors": []}
    assert list(CustomerGroup.objects.values_list("title", flat=True)) == ["Trade"]


@pytest.mark.parametrize("size", [1, 20])
def test_reading_groups_costs_the_same_however_many(execute, clerk, alice, size, django_assert_num_queries):
    for number in range(size):
        builders.a_group(f"Group {number}", alice)
    query = "{ customerGroups(first: 50) { nodes { title members(first: 3) { totalCount nodes { email } } } } }"

    with django_assert_num_queries(5):
        found = execute(query, as_=clerk)["customerGroups"]["nodes"]

    assert [group["members"]["totalCount"] for group in found] == [1] * size


def test_is_for_staff_who_serve_customers(request_graphql, alice):
    for who in (alice, builders.a_clerk(Permission.MANAGE_CATALOG)):
        answer = request_graphql("{ customerGroups { nodes { title } } }", as_=who)
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
