"""customerCreditLimitUpdate: staff say how much a customer may buy on invoice; the customer and staff see it."""

from typing import Any

import pytest

from accounts.models import CreditLimit, User
from accounts.staff import Permission
from tests import builders
from tests.conftest import Execute

UPDATE = """
mutation ($customer: ID!, $limit: CustomerCreditLimitInput!) {
  customerCreditLimitUpdate(customerId: $customer, creditLimit: $limit) {
    creditLimit { limit { amount currencyCode } used { amount } available { amount } termsInDays }
    userErrors { code field message }
  }
}
"""
MINE = "{ me { creditLimits { limit { amount currencyCode } available { amount } termsInDays } } }"


def update(execute: Execute, by: User, customer: User, **limit: Any) -> dict[str, Any]:
    said = {"amount": "500.00", "currencyCode": "USD", **limit}
    payload: dict[str, Any] = execute(UPDATE, as_=by, customer=builders.id_of(customer), limit=said)[
        "customerCreditLimitUpdate"
    ]
    return payload


def test_grants_and_changes_a_limit_for_each_currency(execute: Execute, sam: User, alice: User, bob: User) -> None:
    update(execute, sam, alice, currencyCode="EUR", amount="20", termsInDays=14)
    update(execute, sam, alice)
    CreditLimit.objects.filter(currency="USD").update(used=300)

    payload = update(execute, sam, alice, amount="200", termsInDays=10)

    assert payload == {
        "creditLimit": {
            "limit": {"amount": "200.00", "currencyCode": "USD"},
            "used": {"amount": "300.00"},
            "available": {"amount": "0.00"},
            "termsInDays": 10,
        },
        "userErrors": [],
    }
    assert execute(MINE, as_=bob)["me"] == {"creditLimits": []}
    assert execute(MINE, as_=alice)["me"]["creditLimits"] == [
        {
            "limit": {"amount": "20.00", "currencyCode": "EUR"},
            "available": {"amount": "20.00"},
            "termsInDays": 14,
        },
        {
            "limit": {"amount": "200.00", "currencyCode": "USD"},
            "available": {"amount": "0.00"},
            "termsInDays": 10,
        },
    ]


@pytest.mark.parametrize(
    ("limit", "field"),
    [
        ({"amount": "-1"}, ["creditLimit", "amount"]),
        ({"amount": "1.001"}, ["creditLimit", "amount"]),
        ({"termsInDays": 366}, ["creditLimit", "termsInDays"]),
    ],
)
def test_refuses_what_makes_no_sense(
    execute: Execute, sam: User, alice: User, limit: dict[str, Any], field: list[str]
) -> None:
    payload = update(execute, sam, alice, **limit)

    assert (payload["creditLimit"], [error["field"] for error in payload["userErrors"]]) == (None, [field])
    assert not CreditLimit.objects.exists()


def test_knows_no_such_customer(execute: Execute, sam: User) -> None:
    payload = execute(UPDATE, as_=sam, customer="gid://shop/Customer/0", limit={"amount": "1", "currencyCode": "USD"})

    assert payload["customerCreditLimitUpdate"]["userErrors"][0]["code"] == "NOT_FOUND"


def test_is_for_staff_who_serve_customers(request_graphql: Execute, alice: User) -> None:
    clerk = builders.a_clerk(*(set(Permission) - {Permission.MANAGE_CUSTOMERS}))
    limit = {"amount": "1", "currencyCode": "USD"}

    answers = [request_graphql(UPDATE, as_=by, customer=builders.id_of(alice), limit=limit) for by in (alice, clerk)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["FORBIDDEN"] * 2
    assert not CreditLimit.objects.exists()


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_for_however_many_customers(
    execute: Execute, sam: User, size: int, django_assert_num_queries: Any
) -> None:
    group = builders.a_group("Trade", *(builders.a_customer() for _ in range(size)))
    for member in group.members.all():
        builders.a_credit_limit(member, "10.00")
    document = (
        "{ customerGroups(first: 1) { nodes { members(first: 50) { nodes { creditLimits { termsInDays } } } } } }"
    )

    with django_assert_num_queries(5):
        execute(document, as_=sam)
