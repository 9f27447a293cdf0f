"""brands, brand, brandCreate, brandUpdate and brandDelete: who makes products, under one name everywhere."""

from typing import Any

import pytest

from accounts.models import User
from accounts.staff import Permission
from catalog.models import Brand
from tests import builders
from tests.conftest import Execute

CREATE = """mutation ($brand: BrandCreateInput!) { brandCreate(brand: $brand) {
  brand { handle name productCount } userErrors { code field message } } }"""
UPDATE = """mutation ($id: ID!, $brand: BrandUpdateInput!) { brandUpdate(id: $id, brand: $brand) {
  brand { handle name } userErrors { code field message } } }"""
DELETE = "mutation ($id: ID!) { brandDelete(id: $id) { deletedBrandId userErrors { code field message } } }"


def id_of(name: str) -> str:
    return f"gid://shop/ProductBrand/{Brand.objects.get(name=name).pk}"


def test_shows_the_brands_of_what_is_for_sale(execute: Execute, sam: User) -> None:
    builders.a_product("Mug", brand="Clay", price="4.00")
    builders.a_product("Bowl", brand="Clay", status="DRAFT")
    builders.a_product("Pan", brand="Anvil")
    builders.a_product("Secret", brand="Hidden", status="DRAFT")
    document = '{ brands(first: 5) { nodes { id handle name productCount } } hidden: brand(handle: "hidden") { name } }'

    shown, to_staff = execute(document), execute(document, as_=sam)

    assert shown == {
        "brands": {
            "nodes": [
                {"id": id_of("Anvil"), "handle": "anvil", "name": "Anvil", "productCount": 1},
                {"id": id_of("Clay"), "handle": "clay", "name": "Clay", "productCount": 1},
            ]
        },
        "hidden": None,
    }
    assert [node["name"] for node in to_staff["brands"]["nodes"]] == ["Anvil", "Clay", "Hidden"]
    found = execute('{ brand(handle: "clay") { products(first: 5) { totalCount nodes { title } } } }')["brand"]
    assert found == {"products": {"totalCount": 1, "nodes": [{"title": "Mug"}]}}
    [again] = execute(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ProductBrand { name } } }", ids=[id_of("Clay")]
    )["nodes"]
    assert again == {"name": "Clay"}


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many(execute: Execute, django_assert_num_queries: Any, size: int) -> None:
    for number in range(size):
        builders.a_product(f"Product {number}", brand=f"Brand {number}")

    with django_assert_num_queries(4):
        nodes = execute(
            "{ brands(first: 50) { nodes { productCount products(first: 1) { totalCount nodes { title } } } } }"
        )

    assert len(nodes["brands"]["nodes"]) == size


def test_renames_the_vendor_of_all_its_products(execute: Execute, sam: User) -> None:
    builders.a_product("Mug", brand="Clay")
    builders.a_product("Pan", brand="Anvil")

    payload = execute(UPDATE, as_=sam, id=id_of("Clay"), brand={"name": "Earthen"})["brandUpdate"]

    assert payload == {"brand": {"handle": "clay", "name": "Earthen"}, "userErrors": []}
    words = "query ($words: String!) { products(first: 5, query: $words) { nodes { title vendor } } }"
    assert execute(words, words="earthen")["products"]["nodes"] == [{"title": "Mug", "vendor": "Earthen"}]
    assert execute(words, words="clay")["products"]["nodes"] == []


def test_makes_a_brand_once(execute: Execute, sam: User) -> None:
    made = execute(CREATE, as_=sam, brand={"name": "Clay & Co."})["brandCreate"]
    again = execute(CREATE, as_=sam, brand={"name": "CLAY & co."})["brandCreate"]
    other = execute(CREATE, as_=sam, brand={"name": "Other", "handle": "clay-co"})["brandCreate"]

    assert made == {"brand": {"handle": "clay-co", "name": "Clay & Co.", "productCount": 0}, "userErrors": []}
    message = "There is a brand Clay & Co. already; give its products that vendor instead."
    error = {"code": "BRAND_TAKEN", "field": ["brand", "name"], "message": message}
    assert again == {"brand": None, "userErrors": [error]}
    assert [(error["code"], error["field"]) for error in other["userErrors"]] == [("HANDLE_TAKEN", ["brand", "handle"])]
    assert Brand.objects.count() == 1


def test_removes_only_what_nothing_has(execute: Execute, sam: User) -> None:
    mug = builders.a_product("Mug", brand="Clay")
    named = builders.a_collection("Pans", rule_match="ALL")
    brand = Brand.objects.create(name="Anvil", handle="anvil")
    named.rules.create(position=0, brand=brand)
    id = id_of("Clay")

    used = execute(DELETE, as_=sam, id=id)["brandDelete"]
    ruled = execute(DELETE, as_=sam, id=id_of("Anvil"))["brandDelete"]
    mug.brand = None
    mug.save()
    payload = execute(DELETE, as_=sam, id=id)["brandDelete"]

    message = "Products of Clay: 1; give them another vendor first, or none."
    error = {"code": "BRAND_IN_USE", "field": ["id"], "message": message}
    assert used == {"deletedBrandId": None, "userErrors": [error]}
    message = "The rules of the collection Pans name Anvil; change those rules first."
    assert ruled["userErrors"] == [{"code": "BRAND_IN_USE", "field": ["id"], "message": message}]
    assert payload == {"deletedBrandId": id, "userErrors": []}
    assert list(Brand.objects.values_list("name", flat=True)) == ["Anvil"]


@pytest.mark.parametrize("document", [CREATE, UPDATE, DELETE])
def test_is_for_staff_who_keep_the_catalog(request_graphql: Execute, document: str) -> None:
    clerk = builders.a_clerk(Permission.MANAGE_ORDERS)

    answer = request_graphql(document, as_=clerk, id="x", brand={"name": "Clay"})

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert not Brand.objects.exists()
