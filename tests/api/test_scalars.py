"""Scalars: what is no amount is a mistake that is told, and one beyond all measure breaks nothing."""

from typing import Any

import pytest

from tests.conftest import Execute

CHEAPER = "query ($max: Decimal!) { products(filters: [{price: {max: $max}}]) { totalCount } }"


@pytest.mark.parametrize("amount", ["19.90", "0", 20, 19.9])
def test_reads_an_amount(execute: Execute, amount: Any) -> None:
    assert execute(CHEAPER, max=amount) == {"products": {"totalCount": 0}}


@pytest.mark.parametrize("amount", ["1,5", "", "abc", True, [], {}])
def test_refuses_what_is_no_amount(request_graphql: Execute, amount: Any) -> None:
    [error] = request_graphql(CHEAPER, max=amount)["errors"]

    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert "Value cannot represent a Decimal" in error["message"]


@pytest.mark.parametrize("amount", ["1e999999", "-1e999999", "1e-999999"])
def test_refuses_an_amount_beyond_all_measure(request_graphql: Execute, amount: str) -> None:
    [error] = request_graphql(CHEAPER, max=amount)["errors"]

    assert error["message"] == "The input has a number beyond all measure, or a text with the character U+0000."
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_refuses_to_compare_with_what_is_no_number(request_graphql: Execute, amount: str) -> None:
    [error] = request_graphql(CHEAPER, max=amount)["errors"]

    assert error["message"] == "A price is a number, and has an end."
    assert error["extensions"] == {"code": "INVALID", "field": ["filters", "0", "price", "max"]}
