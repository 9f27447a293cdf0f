"""Scalars: amounts are exact numbers of a sane size, or a mistake that is told."""

from typing import Any

import pytest

from tests.conftest import Execute

CHEAPER = "query ($max: Decimal!) { products(filters: [{price: {max: $max}}]) { totalCount } }"


@pytest.mark.parametrize("amount", ["19.90", "0", "-1", 20, 19.9, "9" * 20])
def test_reads_an_amount(execute: Execute, amount: Any) -> None:
    assert execute(CHEAPER, max=amount) == {"products": {"totalCount": 0}}


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e999999", 1e300, "1,5", "٣", " 1", "", "9" * 21, True, [], {}])
def test_refuses_what_is_no_amount(request_graphql: Execute, amount: Any) -> None:
    [error] = request_graphql(CHEAPER, max=amount)["errors"]

    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert error["message"].endswith(
        'Decimal is a text such as "19.90", with at most 20 digits before and after the point.'
    )


def test_refuses_a_literal_that_is_no_amount(request_graphql: Execute) -> None:
    for literal in ('"NaN"', "1e999999", "1" + "0" * 5000, "true", "NaN"):
        [error] = request_graphql(CHEAPER.replace("($max: Decimal!)", "").replace("$max", literal))["errors"]

        assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
