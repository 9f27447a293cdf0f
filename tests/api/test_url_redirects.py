"""urlRedirects(query): where old addresses lead, kept by the shop itself whenever a handle changes."""

from typing import Any

import pytest

from accounts.models import User
from catalog import handles, redirects
from catalog.models import Collection, UrlRedirect
from shop import clock
from tests import builders
from tests.conftest import Execute
from tests.domain.import_lines import a_category_line, a_product_line, load, run

REDIRECTS = (
    "query ($query: String) { urlRedirects(query: $query) { nodes { id path target } edges { node { target } } } }"
)
RENAME_PRODUCT = """
mutation ($id: ID!, $handle: String!) {
  productUpdate(id: $id, product: {handle: $handle}) { userErrors { code field message } }
}
"""
RENAME_CATEGORY = """
mutation ($id: ID!, $handle: String!) {
  categoryUpdate(id: $id, category: {handle: $handle}) { userErrors { code field message } }
}
"""


def all_of_them() -> dict[str, str]:
    return dict(UrlRedirect.objects.order_by("path").values_list("path", "target"))


def rename(execute: Execute, sam: User, thing: Any, *new: str) -> None:
    document = RENAME_PRODUCT if builders.id_of(thing).startswith("gid://shop/Product/") else RENAME_CATEGORY
    for handle in new:
        answer = execute(document, as_=sam, id=builders.id_of(thing), handle=handle)
        assert [payload["userErrors"] for payload in answer.values()] == [[]]


def test_tells_where_a_renamed_product_is(execute: Execute, sam: User) -> None:
    rename(execute, sam, builders.a_product("Mug"), "cup")
    rename(execute, sam, builders.a_product("Plate"), "dish")

    found = execute(REDIRECTS, query="path:/products/mug")["urlRedirects"]

    redirect = UrlRedirect.objects.get(path="/products/mug")
    assert found == {
        "nodes": [{"id": builders.id_of(redirect), "path": "/products/mug", "target": "/products/cup"}],
        "edges": [{"node": {"target": "/products/cup"}}],
    }


@pytest.mark.parametrize(
    "query",
    [
        "path:/products/b%C3%A4r",
        "path:/products/bär/",
        'path:"/products/bär"',
        " path: /products/bär ",
        "path:/products/bär?variant=1#top",
    ],
)
def test_knows_a_path_however_a_browser_writes_it(execute: Execute, query: str) -> None:
    builders.a_redirect("/products/bär", "/products/bear")

    assert execute(REDIRECTS, query=query)["urlRedirects"]["edges"] == [{"node": {"target": "/products/bear"}}]


@pytest.mark.parametrize("query", ["path:/products/cup", "path:", "path:/Products/mug", "path:/products/mug/more"])
def test_finds_nothing_where_nothing_moved(execute: Execute, query: str) -> None:
    builders.a_redirect("/products/mug", "/products/cup")

    assert execute(REDIRECTS, query=query)["urlRedirects"] == {"nodes": [], "edges": []}


def test_lists_all_where_no_path_is_asked_for(execute: Execute) -> None:
    builders.a_redirect("/b", "/c")
    builders.a_redirect("/a", "/c")

    for query in (None, "", " "):
        assert [node["path"] for node in execute(REDIRECTS, query=query)["urlRedirects"]["nodes"]] == ["/b", "/a"]


def test_is_cut_into_pages(execute: Execute) -> None:
    for path in ("/a", "/b", "/c"):
        builders.a_redirect(path, "/")
    page = "query ($after: String) { urlRedirects(first: 2, after: $after) { nodes { path } pageInfo { endCursor } } }"

    first = execute(page)["urlRedirects"]
    second = execute(page, after=first["pageInfo"]["endCursor"])["urlRedirects"]

    assert [[node["path"] for node in found["nodes"]] for found in (first, second)] == [["/a", "/b"], ["/c"]]


def test_refuses_another_kind_of_search(request_graphql: Execute) -> None:
    [error] = request_graphql(REDIRECTS, query="target:/products/mug")["errors"]

    assert error["message"] == "Ask for one path, such as path:/products/old-mug."


def test_is_a_node(execute: Execute) -> None:
    redirect = builders.a_redirect("/a", "/b")

    found = execute("query ($id: ID!) { node(id: $id) { ... on UrlRedirect { path } } }", id=builders.id_of(redirect))

    assert found == {"node": {"path": "/a"}}


def test_tells_nothing_of_what_was_never_shown(execute: Execute, sam: User) -> None:
    builders.a_redirect("/products/secret", "/")
    builders.a_redirect("/teaser", "/products/draft")

    rename(execute, sam, builders.a_product("Draft", status="DRAFT"), "secret", "surprise")

    assert all_of_them() == {"/teaser": "/products/surprise"}


def test_follows_what_was_shown_once(execute: Execute, sam: User) -> None:
    rename(execute, sam, builders.a_product("Mug", status="ARCHIVED", published_at=clock.now()), "cup")

    assert all_of_them() == {"/products/mug": "/products/cup"}


def test_leads_each_old_handle_straight_to_the_last(execute: Execute, sam: User) -> None:
    rename(execute, sam, builders.a_product("A"), "b", "c", "d")

    assert all_of_them() == {"/products/a": "/products/d", "/products/b": "/products/d", "/products/c": "/products/d"}


def test_forgets_the_way_from_a_handle_that_comes_back(execute: Execute, sam: User) -> None:
    mug = builders.a_product("A")
    builders.a_redirect("/old", "/products/a")

    rename(execute, sam, mug, "b")
    assert all_of_them() == {"/old": "/products/b", "/products/a": "/products/b"}

    rename(execute, sam, mug, "a")
    assert all_of_them() == {"/old": "/products/a", "/products/b": "/products/a"}


def test_makes_way_for_another_that_takes_the_handle(execute: Execute, sam: User) -> None:
    rename(execute, sam, builders.a_product("A"), "b")

    rename(execute, sam, builders.a_product("C"), "a")

    assert all_of_them() == {"/products/c": "/products/a"}


def test_makes_way_for_a_new_product(execute: Execute, sam: User) -> None:
    home = builders.a_category("Home")
    builders.a_redirect("/products/mug", "/products/cup")
    builders.a_redirect("/collections/mug", "/products/cup")

    execute(
        """mutation ($place: ID!) {
          productCreate(product: {title: "Mug", categoryId: $place, variants: [{sku: "MUG", price: "8.00"}]}) {
            userErrors { message }
          }
        }""",
        as_=sam,
        place=builders.id_of(home),
    )

    assert all_of_them() == {"/collections/mug": "/products/cup"}


def test_makes_way_for_a_new_category(execute: Execute, sam: User) -> None:
    builders.a_redirect("/collections/mugs", "/collections/cups")

    execute('mutation { categoryCreate(category: {title: "Mugs"}) { userErrors { message } } }', as_=sam)

    assert all_of_them() == {}


def test_follows_categories_and_collections(execute: Execute, sam: User) -> None:
    rename(execute, sam, builders.a_category("Mugs"), "cups")
    gifts = builders.a_collection("Gifts")
    handles.claim("presents", gifts)

    assert all_of_them() == {"/collections/gifts": "/collections/presents", "/collections/mugs": "/collections/cups"}


def test_keeps_still_while_a_handle_stays(execute: Execute, sam: User) -> None:
    rename(execute, sam, builders.a_product("A"), "a")
    rename(execute, sam, builders.a_category("B"), "b")

    assert all_of_them() == {}


def test_writes_nothing_where_a_handle_is_refused(execute: Execute, sam: User) -> None:
    builders.a_product("B")

    answer = execute(RENAME_PRODUCT, as_=sam, id=builders.id_of(builders.a_product("A")), handle="b")

    assert answer["productUpdate"]["userErrors"][0]["code"] == "HANDLE_TAKEN"
    assert all_of_them() == {}


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.django_db
def test_follows_an_import(strict: bool) -> None:
    collection = {"kind": "collection", "id": "k", "name": "K", "slug": "k", "description": "", "products": []}
    load(a_category_line("c1"), a_product_line("p1", category="c1"), a_product_line("p2", category="c1"), collection)
    for path in ("/products/p3", "/pages/about", "/old"):
        builders.a_redirect(path, "/products/p1")
    new = [
        a_category_line("c1", slug="c9"),
        a_product_line("p1", category="c1", slug="p9"),
        a_product_line("p2", category="c1", slug="p1"),
        a_product_line("p3", category="c1"),
        collection | {"slug": "c1"},
        {"kind": "page", "name": "About", "slug": "about", "body": "Us."},
    ]

    assert run(*new, strict=strict)[1] == []

    assert all_of_them() == {
        "/collections/k": "/collections/c1",
        "/old": "/products/p9",
        "/products/p2": "/products/p1",
    }
    assert Collection.objects.get().handle == "c1"
    assert run(*new, strict=strict)[1] == []
    assert UrlRedirect.objects.count() == 3


@pytest.mark.django_db
def test_things_that_swap_their_addresses_swap_what_leads_to_them() -> None:
    for path, target in {"/1": "/products/a", "/2": "/products/b"}.items():
        builders.a_redirect(path, target)

    redirects.follow({"/products/a": "/products/b", "/products/b": "/products/a"})

    assert all_of_them() == {"/1": "/products/b", "/2": "/products/a"}


@pytest.mark.parametrize("size", [1, 20])
@pytest.mark.django_db
def test_costs_the_same_however_many_move(size: int, django_assert_num_queries: Any) -> None:
    moved = {f"/products/old-{number}": f"/products/new-{number}" for number in range(size)}
    for target in moved:
        builders.a_redirect(f"/older{target}", target)

    with django_assert_num_queries(4):
        redirects.follow(moved)

    assert UrlRedirect.objects.filter(target__startswith="/products/new").count() == 2 * size
