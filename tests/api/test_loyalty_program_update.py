"""loyaltyProgramUpdate and loyaltyProgram, customerPointsAdjust, and what staff see of a customer's points."""

from typing import Any

import pytest

from accounts.models import LoyaltyProgram, LoyaltyRate, PointsEntry, User
from accounts.staff import Permission
from tests import builders
from tests.conftest import Execute

RULES = """
  isActive pendingDays expiryDays minPercentage maxPercentage rates { currency pointsPerUnit pointValue }
"""
READ = f"{{ loyaltyProgram {{ {RULES} }} }}"
UPDATE = f"""
mutation ($program: LoyaltyProgramUpdateInput!) {{
  done: loyaltyProgramUpdate(program: $program) {{ loyaltyProgram {{ {RULES} }} userErrors {{ code field message }} }}
}}
"""
ADJUST = """
mutation ($id: ID!, $points: Int!, $reason: String!) {
  done: customerPointsAdjust(customerId: $id, points: $points, reason: $reason) {
    customer { loyalty { balance entries(first: 5) { nodes { kind points reason expiresAt } } } }
    userErrors { code field message }
  }
}
"""
GROUP = """
query ($id: ID!) {
  node(id: $id) { ... on CustomerGroup { members(first: 50) { nodes {
    loyalty { balance pending worth { amount } entries(first: 2) { nodes { points } } }
  } } } }
}
"""
WHOLE = {
    "isActive": True,
    "pendingDays": 30,
    "expiryDays": 365,
    "minPercentage": "5.00",
    "maxPercentage": "50.00",
    "rates": [
        {"currency": "EUR", "pointsPerUnit": "1.5000", "pointValue": "0.010000"},
        {"currency": "JPY", "pointsPerUnit": "0.0100", "pointValue": "1.000000"},
    ],
}


@pytest.fixture
def marketer(db: None) -> User:
    return builders.a_clerk(Permission.MANAGE_PROMOTIONS)


@pytest.fixture
def clerk(db: None) -> User:
    return builders.a_clerk(Permission.MANAGE_CUSTOMERS)


def test_staff_make_the_rules_and_everybody_reads_them(execute: Execute, marketer: User) -> None:
    before = execute(READ)["loyaltyProgram"]
    made = execute(UPDATE, as_=marketer, program=WHOLE)["done"]
    changed = execute(UPDATE, as_=marketer, program={"expiryDays": None, "pendingDays": None})["done"]

    assert (before["isActive"], before["rates"]) == (False, [])
    assert made == {"loyaltyProgram": WHOLE, "userErrors": []}
    assert changed["loyaltyProgram"] == {**WHOLE, "expiryDays": None}
    assert execute(READ)["loyaltyProgram"] == changed["loyaltyProgram"]


def test_tells_all_that_makes_no_sense_at_once(execute: Execute, marketer: User) -> None:
    rate: dict[str, Any] = {"currency": "EUR", "pointsPerUnit": "1", "pointValue": "1"}
    wrong: dict[str, Any] = {
        "pendingDays": -1,
        "expiryDays": 0,
        "minPercentage": "60",
        "maxPercentage": "50",
        "rates": [rate, rate],
    }

    refused = execute(UPDATE, as_=marketer, program=wrong)["done"]

    assert [error["field"] for error in refused["userErrors"]] == [
        ["program", "pendingDays"],
        ["program", "expiryDays"],
        ["program", "minPercentage"],
        ["program", "rates"],
    ]
    for field, value in (("pointsPerUnit", "-1"), ("pointValue", "NaN"), ("pointValue", "0.0000001")):
        [error] = execute(UPDATE, as_=marketer, program={"rates": [{**rate, field: value}]})["done"]["userErrors"]
        assert (error["code"], error["field"]) == ("INVALID", ["program", "rates", "0", field])
    assert not LoyaltyProgram.objects.exists()
    assert not LoyaltyRate.objects.exists()


def test_are_for_staff(request_graphql: Execute, alice: User, clerk: User, marketer: User) -> None:
    adjust = {"id": builders.id_of(alice), "points": 5, "reason": "x"}
    cases: list[tuple[User | None, str, dict[str, Any], str]] = [
        (None, UPDATE, {"program": WHOLE}, "UNAUTHENTICATED"),
        (clerk, UPDATE, {"program": WHOLE}, "FORBIDDEN"),
        (alice, ADJUST, adjust, "FORBIDDEN"),
        (marketer, ADJUST, adjust, "FORBIDDEN"),
    ]
    for user, document, arguments, code in cases:
        answer = request_graphql(document, as_=user, **arguments)
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert not PointsEntry.objects.exists()
    assert not LoyaltyProgram.objects.exists()


def test_staff_give_points_and_take_some(execute: Execute, clerk: User, alice: User, assert_verified: Any) -> None:
    def adjust(points: int, reason: str = "Late parcel", id: str = builders.id_of(alice)) -> dict[str, Any]:
        return dict(execute(ADJUST, as_=clerk, id=id, points=points, reason=reason)["done"])

    assert adjust(-1)["userErrors"][0]["code"] == "POINTS_OVERDRAWN"
    assert adjust(100)["customer"]["loyalty"]["balance"] == 100
    refused = [adjust(-101), adjust(0), adjust(5, " "), adjust(5, id="gid://shop/Customer/0"), adjust(2_000_000_000)]
    done = adjust(-40, "Mistake")

    assert [(error["code"], error["field"]) for payload in refused for error in payload["userErrors"]] == [
        ("POINTS_OVERDRAWN", ["points"]),
        ("INVALID", ["points"]),
        ("INVALID", ["reason"]),
        ("NOT_FOUND", ["customerId"]),
        ("INVALID", ["points"]),
    ]
    assert done["customer"]["loyalty"] == {
        "balance": 60,
        "entries": {
            "nodes": [
                {"kind": "ADJUSTMENT", "points": 100, "reason": "Late parcel", "expiresAt": None},
                {"kind": "ADJUSTMENT", "points": -40, "reason": "Mistake", "expiresAt": None},
            ]
        },
    }
    assert set(PointsEntry.objects.values_list("actor", flat=True)) == {clerk.pk}
    assert_verified()


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many_customers(
    execute: Execute, clerk: User, size: int, django_assert_num_queries: Any
) -> None:
    builders.a_loyalty_program()
    members = [builders.given_points(builders.a_customer(), 100 + number) for number in range(size)]
    group = builders.a_group("Friends", *members)

    # who asks, what they may do; the group, its members, their points, what waits, what it is worth, the ledgers
    with django_assert_num_queries(8):
        found = execute(GROUP, as_=clerk, id=builders.id_of(group))["node"]["members"]["nodes"]
    told = {(one["loyalty"]["balance"], one["loyalty"]["worth"]["amount"]) for one in found}
    assert told == {(100 + number, f"1.{number:02}") for number in range(size)}
    assert [len(one["loyalty"]["entries"]["nodes"]) for one in found] == [1] * size


@pytest.mark.parametrize("noun", ["loyaltyprogram", "pointsentry"])
def test_the_admin_shows_rules_and_ledger_and_changes_neither(client: Any, clerk: User, alice: User, noun: str) -> None:
    key = {"loyaltyprogram": builders.a_loyalty_program().pk, "pointsentry": None}[noun]
    builders.given_points(alice, 5)
    key = key or PointsEntry.objects.get().pk
    client.force_login(clerk)

    pages = [client.get(f"/admin/accounts/{noun}/{page}").status_code for page in ("", f"{key}/change/")]

    assert pages == [200, 200]
    assert client.post(f"/admin/accounts/{noun}/{key}/change/", {"points": "9"}).status_code == 403
    client.force_login(builders.a_clerk(Permission.MANAGE_CATALOG))
    assert client.get(f"/admin/accounts/{noun}/").status_code == 403
