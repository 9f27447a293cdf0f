"""category(handle): the tree, its facts, and the products below a node."""

import pytest

from tests import builders

CATEGORY = """
query ($handle: String!) {
  category(handle: $handle) {
    title level parent { handle } ancestors { handle } children { handle }
    facts {
      productCount inStockCount onSaleCount
      priceMin { amount currencyCode } priceMax { amount } priceAverage { amount } priceMedian { amount }
      histogram { min { amount } max { amount } productCount }
    }
    products(first: 2, sortKey: PRICE) {
      totalCount pageInfo { hasNextPage hasPreviousPage }
      nodes {
        title
        variants(first: 5) { nodes { sku price { amount } selectedOptions { name value } } }
      }
    }
  }
}
"""


def test_tells_the_facts_of_the_whole_subtree(execute):
    home = builders.a_category("Home")
    kitchen = builders.a_category("Kitchen", parent=home)
    builders.a_category("Empty", parent=home)
    builders.a_product("Mug", category=kitchen, price="8.00", compare_at="10.00", brand="Clay")
    builders.a_product("Bowl", category=kitchen, price="12.50", stock_=0)
    builders.a_product("Lamp", category=home, price="40.00")
    builders.a_product("Secret", category=home, price="1.00", status="DRAFT")

    category = execute(CATEGORY, handle="home")["category"]

    assert category["facts"] == {
        "productCount": 3,
        "inStockCount": 2,
        "onSaleCount": 1,
        "priceMin": {"amount": "8.00", "currencyCode": "USD"},
        "priceMax": {"amount": "40.00"},
        "priceAverage": {"amount": "20.17"},
        "priceMedian": {"amount": "12.50"},
        "histogram": [
            {"min": {"amount": "7.50"}, "max": {"amount": "10.00"}, "productCount": 1},
            {"min": {"amount": "10.00"}, "max": {"amount": "15.00"}, "productCount": 1},
            {"min": {"amount": "40.00"}, "max": {"amount": "50.00"}, "productCount": 1},
        ],
    }
    assert [node["title"] for node in category["products"]["nodes"]] == ["Mug", "Bowl"]
    assert category["products"]["totalCount"] == 3
    assert category["products"]["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many_children(execute, size, django_assert_num_queries):
    root = builders.a_category("Root")
    for _ in range(size):
        child = builders.a_category(parent=root)
        builders.a_product(category=child, variants=2)
    document = """{
      category(handle: "root") {
        children {
          title facts { productCount priceMedian { amount } } parent { title } ancestors { title }
          products(first: 3) { totalCount nodes { title variants { nodes { sku } } } }
        }
      }
    }"""

    with django_assert_num_queries(9):
        children = execute(document)["category"]["children"]

    assert len(children) == size
    assert {child["facts"]["productCount"] for child in children} == {1}
    assert {child["products"]["totalCount"] for child in children} == {1}
