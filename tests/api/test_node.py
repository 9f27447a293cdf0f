"""node(id) and nodes(ids): anything that has an id can be read again by it."""

from typing import Any

import pytest

from accounts.models import User
from tests import builders
from tests.conftest import Execute

NODE = """
query ($id: ID!) {
  node(id: $id) {
    __typename id
    ... on Product { title } ... on ProductVariant { sku } ... on Category { handle } ... on Collection { handle }
    ... on Page { body } ... on Menu { title }
  }
}
"""
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


@pytest.fixture
def things(db: None) -> dict[str, Any]:
    """One of each type that can be read."""
    product = builders.a_product("Mug")
    return {
        "Product": product,
        "ProductVariant": product.variants.get(),
        "Category": product.category,
        "Collection": builders.a_collection("Gifts"),
        "Page": builders.a_page("About"),
        "Menu": builders.a_menu("main-menu", []),
        "Review": builders.a_review(product),
    }


def test_reads_each_type(execute: Execute, things: dict[str, Any]) -> None:
    ids = {noun: builders.id_of(thing) for noun, thing in things.items()}

    for noun, id in ids.items():
        found = execute(NODE, id=id)["node"]
        assert (found["__typename"], found["id"]) == (noun, id)

    assert execute(NODES, ids=list(ids.values()))["nodes"] == [
        {"__typename": noun, "id": id} for noun, id in ids.items()
    ]


def test_accepts_any_namespace_and_ignores_what_follows_the_key(execute: Execute, things: dict[str, Any]) -> None:
    key = things["Product"].pk

    for id in (f"gid://shopify/Product/{key}", f"gid://other-shop/Product/{key}?variant=1"):
        assert execute(NODE, id=id)["node"]["title"] == "Mug"


def test_reads_a_category_shown_as_a_collection_as_what_it_was(execute: Execute) -> None:
    builders.a_category("Home")
    [id] = [node["id"] for node in execute("{ collections { nodes { id } } }")["collections"]["nodes"]]

    assert execute(NODE, id=id)["node"] == {"__typename": "Collection", "id": id, "handle": "home"}


@pytest.mark.parametrize(
    "id",
    [
        "",
        "nonsense",
        "gid://shop/Product/",
        "gid://shop/Product/-1",
        "gid://shop/Product/1.5",
        "gid://shop/Product/x",
        "gid://shop/Product/٣",
        "gid://shop/Product/99999999999999999999999",
        "gid://shop/Product/9223372036854775807",
        "gid://shop/Collection/9223372036854775807",
        "gid://shop/Nothing/1",
        "gid://shop/Image/1",
        "gid://shop/MoneyV2/1",
        "gid://shop/Product/1\n",
        "gid://shop/Product/" + "1" * 600,
    ],
)
def test_is_null_for_what_names_nothing(execute: Execute, id: str) -> None:
    assert execute(NODE, id=id) == {"node": None}
    assert execute(NODES, ids=[id]) == {"nodes": [None]}


def test_is_null_for_what_shoppers_must_not_see(execute: Execute, sam: User) -> None:
    draft = builders.a_product(status="DRAFT")
    unsold = builders.a_product(currency="EUR")
    closed = builders.a_category(is_active=False)
    hidden = [
        draft,
        draft.variants.get(),
        unsold,
        unsold.variants.get(),
        closed,
        builders.a_collection(is_active=False),
        builders.a_page(is_published=False),
    ]
    ids = [builders.id_of(thing) for thing in hidden]

    assert execute(NODES, ids=ids)["nodes"] == [None] * len(ids)
    shown = execute(NODES, ids=ids, as_=sam)["nodes"]
    assert [node and node["id"] for node in shown] == ids


def test_keeps_the_order_and_every_repetition(execute: Execute, things: dict[str, Any]) -> None:
    product, page = builders.id_of(things["Product"]), builders.id_of(things["Page"])

    found = execute(NODES, ids=[page, "nonsense", product, page])["nodes"]

    assert [node and node["id"] for node in found] == [page, None, product, page]


def test_refuses_too_many(request_graphql: Execute) -> None:
    [error] = request_graphql(NODES, ids=["gid://shop/Product/1"] * 251)["errors"]

    assert error["message"] == "Ask for 250 nodes at the most; these are 251."
    assert error["extensions"] == {"code": "INVALID", "field": ["ids"]}


@pytest.mark.parametrize("size", [1, 20])
def test_costs_a_query_for_each_type_however_many(execute: Execute, size: int, django_assert_num_queries: Any) -> None:
    products = [builders.a_product() for _ in range(size)]
    things = [*products, *(product.category for product in products), *(builders.a_page() for _ in range(size))]

    with django_assert_num_queries(3):
        found = execute(NODES, ids=[builders.id_of(thing) for thing in things])["nodes"]

    assert len(found) == 3 * size
    assert None not in found
