"""productRecommendations: what to show beside a product."""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Execute

RECOMMENDATIONS = "query ($id: ID) { productRecommendations(productId: $id) { title } }"


def test_puts_its_category_before_its_brand_before_its_tags_and_stock_before_all(execute: Execute) -> None:
    kitchen = builders.a_category("Kitchen")
    mugs = builders.a_category("Mugs", parent=kitchen)
    mug = builders.a_product("Mug", category=kitchen, brand="Clay", tags=["gift"])
    builders.a_product("Tagged", tags=["gift", "new"], sold_count=99)
    builders.a_product("Branded", brand="Clay", sold_count=50)
    builders.a_product("Below", category=mugs, brand="Clay", tags=["gift"])
    builders.a_product("Beside", category=kitchen, sold_count=7)
    builders.a_product("Gone", category=kitchen, sold_count=9, stock_=0)
    builders.a_product("Secret", category=kitchen, status="DRAFT")
    builders.a_product("Unlike", tags=["other"], brand="Ash")

    assert _titles(execute, mug) == ["Beside", "Below", "Branded", "Tagged", "Gone"]


def test_shows_ten_at_the_most(execute: Execute) -> None:
    kitchen = builders.a_category("Kitchen")
    products = [builders.a_product(f"P{number}", category=kitchen, sold_count=number) for number in range(13)]

    assert _titles(execute, products[0]) == [f"P{number}" for number in range(12, 2, -1)]


def test_is_an_empty_list_where_there_is_nothing(execute: Execute) -> None:
    lonely = builders.a_product()
    draft = builders.a_product(category=lonely.category, status="DRAFT")

    assert _titles(execute, lonely) == []
    assert _titles(execute, draft) == []
    for id in ("gid://shop/Product/999999", "gid://shop/Page/1", "nonsense", None):
        assert execute(RECOMMENDATIONS, id=id) == {"productRecommendations": []}


@pytest.mark.parametrize("size", [1, 20])
def test_costs_two_queries_however_many(execute: Execute, size: int, django_assert_num_queries: Any) -> None:
    kitchen = builders.a_category("Kitchen")
    mug = builders.a_product("Mug", category=kitchen, brand="Clay", tags=["gift"])
    for _ in range(size):
        builders.a_product(category=kitchen, brand="Clay", tags=["gift"])

    with django_assert_num_queries(2):
        found = _titles(execute, mug)

    assert len(found) == min(size, 10)


def _titles(execute: Execute, product: Any) -> list[str]:
    found = execute(RECOMMENDATIONS, id=builders.id_of(product))["productRecommendations"]
    return [one["title"] for one in found]
