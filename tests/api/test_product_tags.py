"""productTags, productTypes, productTagRename and productTagDelete: the words products are labelled with."""

from typing import Any

import pytest

from accounts.models import User
from accounts.staff import Permission
from tests import builders
from tests.conftest import Execute

RENAME = """mutation ($tag: String!, $name: String!) { productTagRename(tag: $tag, name: $name) {
  tag productCount userErrors { code field message } } }"""
DELETE = """mutation ($tag: String!) { productTagDelete(tag: $tag) {
  deletedTag productCount userErrors { code field message } } }"""


def found(execute: Execute, words: str) -> list[str]:
    document = "query ($words: String!) { products(first: 9, query: $words) { nodes { title } } }"
    return [node["title"] for node in execute(document, words=words)["products"]["nodes"]]


def test_lists_the_tags_and_types_of_what_is_for_sale(execute: Execute, sam: User) -> None:
    builders.a_product("Mug", tags=["oak", "new"], product_type="Cup")
    builders.a_product("Bowl", tags=["oak"], product_type="Bowl")
    builders.a_product("Secret", tags=["hidden"], product_type="Secret", status="DRAFT")
    document = """query ($after: String) { productTags(first: 1, after: $after) { edges { node cursor }
      pageInfo { hasNextPage } } productTypes(first: 5) { nodes } }"""

    first = execute(document)
    second = execute(document, after=first["productTags"]["edges"][0]["cursor"])
    to_staff = execute("{ productTags(first: 5) { nodes } }", as_=sam)

    assert first["productTypes"] == {"nodes": ["Bowl", "Cup"]}
    assert (first["productTags"]["edges"][0]["node"], first["productTags"]["pageInfo"]) == (
        "new",
        {"hasNextPage": True},
    )
    assert (second["productTags"]["edges"][0]["node"], second["productTags"]["pageInfo"]) == (
        "oak",
        {"hasNextPage": False},
    )
    assert to_staff == {"productTags": {"nodes": ["hidden", "new", "oak"]}}


def test_renames_a_tag_on_products_in_rules_and_in_what_is_searched(execute: Execute, sam: User) -> None:
    mug = builders.a_product("Mug", tags=["oak", "new"])
    bowl = builders.a_product("Bowl", tags=["oak", "wood"])
    other = builders.a_product("Pan", tags=["oaken"])
    ruled = builders.a_collection("Oak", rule_match="ANY")
    ruled.rules.create(position=0, tag="oak")
    both = builders.a_collection("Both", rule_match="ANY")
    both.rules.create(position=0, tag="oak")
    both.rules.create(position=1, tag="wood")

    payload = execute(RENAME, as_=sam, tag="oak", name="wood")["productTagRename"]

    assert payload == {"tag": "wood", "productCount": 2, "userErrors": []}
    for product, tags in ((mug, ["wood", "new"]), (bowl, ["wood"]), (other, ["oaken"])):
        product.refresh_from_db()
        assert product.tags == tags
    assert found(execute, "tag:wood") == ["Mug", "Bowl"]
    assert found(execute, "wood") == ["Mug", "Bowl"]
    assert found(execute, "oak") == ["Pan"]
    shown = execute('{ collection(handle: "oak") { products(first: 5, sortKey: ID) { nodes { title } } } }')
    assert shown["collection"]["products"]["nodes"] == [{"title": "Mug"}, {"title": "Bowl"}]
    assert list(both.rules.values_list("tag", flat=True)) == ["wood"]


def test_takes_a_tag_off_all_products(execute: Execute, sam: User) -> None:
    mug = builders.a_product("Mug", tags=["oak", "new"])
    ruled = builders.a_collection("New", rule_match="ALL")
    ruled.rules.create(position=0, tag="new")

    refused = execute(DELETE, as_=sam, tag="new")["productTagDelete"]
    payload = execute(DELETE, as_=sam, tag="oak")["productTagDelete"]

    message = "The rules of the collection New name this tag; change those rules first."
    error = {"code": "TAG_IN_USE", "field": ["tag"], "message": message}
    assert refused == {"deletedTag": None, "productCount": None, "userErrors": [error]}
    assert payload == {"deletedTag": "oak", "productCount": 1, "userErrors": []}
    mug.refresh_from_db()
    assert mug.tags == ["new"]
    assert found(execute, "oak") == []


@pytest.mark.parametrize(
    ("variables", "error"),
    [
        ({"tag": "elm", "name": "wood"}, ("NOT_FOUND", ["tag"])),
        ({"tag": "oak", "name": "oak"}, ("INVALID", ["name"])),
        ({"tag": "oak", "name": " "}, ("INVALID", ["name"])),
        ({"tag": "oak", "name": "a\nb"}, ("INVALID", ["name"])),
    ],
)
def test_refuses_what_means_nothing(execute: Execute, sam: User, variables: Any, error: Any) -> None:
    mug = builders.a_product("Mug", tags=["oak"])

    payload = execute(RENAME, as_=sam, **variables)["productTagRename"]

    assert (payload["tag"], [(one["code"], one["field"]) for one in payload["userErrors"]]) == (None, [error])
    mug.refresh_from_db()
    assert mug.tags == ["oak"]


@pytest.mark.parametrize("document", [RENAME, DELETE])
def test_is_for_staff_who_keep_the_catalog(request_graphql: Execute, document: str) -> None:
    mug = builders.a_product("Mug", tags=["oak"])
    clerk = builders.a_clerk(Permission.MANAGE_ORDERS)

    answer = request_graphql(document, as_=clerk, tag="oak", name="elm")

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    mug.refresh_from_db()
    assert mug.tags == ["oak"]
