"""What one request may ask for: each limit at its edge, and that large but honest requests pass."""

import json
from typing import Any

import pytest
from django.test import Client
from graphql import get_introspection_query
from pytest_django import Settings

from schema import execution
from schema.errors import Rejected
from schema.execution import documents
from tests import builders
from tests.conftest import Execute

# The size of the largest query that storefronts of the dialect send.
LARGEST = """
query ($last: Int) {
  products(first: 100) {
    pageInfo { hasNextPage }
    edges {
      node {
        id title tags seo { title } featuredImage { url }
        priceRange { maxVariantPrice { amount } minVariantPrice { amount } }
        options { name values }
        variants(first: 250, last: $last) {
          edges { node { id title selectedOptions { name value } price { amount currencyCode } } }
        }
        images(first: 20) { edges { node { url altText } } }
      }
    }
  }
}
"""
LARGEST_COST = 100 * (1 + 1 + 1 + 3 + 1 + 250 * (1 + 1 + 1) + 20 * 1)


def problem(client: Client, document: str, **variables: Any) -> tuple[str, str]:
    """Code and message of the one error that keeps a document from being executed."""
    body = json.dumps({"query": document, "variables": variables})
    answer = client.post("/graphql/", body, content_type="application/json").json()
    assert set(answer) == {"errors"}
    [error] = answer["errors"]
    return error["extensions"]["code"], error["message"]


def cost(document: str, **variables: Any) -> int:
    return documents.operation(document).cost.total(variables)


def nested(levels: int) -> str:
    """A document whose fields are nested this deeply."""
    return "{ category" + " { parent" * (levels - 2) + " { id" + " }" * levels


def bomb(levels: int, *, name: str = "parent") -> str:
    """Fragments of which each spreads the next one twice, so that the last is reached along 2**levels paths."""
    links = [
        f"fragment F{level} on Category {{ a: {name} {{ ...F{level + 1} }} b: {name} {{ ...F{level + 1} }} }}"
        for level in range(levels)
    ]
    return "\n".join(["{ category { ...F0 } }", *links, f"fragment F{levels} on Category {{ id }}"])


def test_depth_is_limited(client: Client, request_graphql: Execute) -> None:
    assert problem(client, nested(21)) == (
        "QUERY_TOO_DEEP",
        "This document nests fields 21 deep; 20 levels are allowed.",
    )
    assert request_graphql(nested(20)) == {"data": {"category": None}}


def test_depth_counts_through_fragments(client: Client) -> None:
    document = "{ category { ...A } } fragment A on Category " + nested(21).removeprefix("{ category ")[:-2]

    assert problem(client, document)[0] == "QUERY_TOO_DEEP"


def test_fragments_cannot_be_chained_without_end(client: Client) -> None:
    inline = "{" + "... on Query { " * 101 + "__typename" + "}" * 102
    chain = "{ ...F0 }" + "".join(f"fragment F{n} on Query {{ ... {{ ...F{n + 1} }} }}" for n in range(60))

    assert problem(client, inline)[0] == "QUERY_TOO_DEEP"
    assert problem(client, chain + "fragment F60 on Query { __typename }")[0] == "QUERY_TOO_DEEP"


def test_a_bomb_of_fragments_is_refused_without_being_spelled_out(client: Client, settings: Settings) -> None:
    settings.GRAPHQL_MAX_DEPTH = 100
    levels = 40
    fields = 1 + 2 * (2**levels - 1) + 2**levels

    assert problem(client, bomb(levels)) == (
        "QUERY_TOO_COMPLEX",
        f"This operation has {fields} fields with its fragments spelled out; 2000 are allowed.",
    )


def test_a_bomb_nobody_spreads_is_refused_too(client: Client) -> None:
    unused = bomb(12).replace("{ category { ...F0 } }", "{ __typename }")

    assert problem(client, unused)[0] == "QUERY_TOO_COMPLEX"


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ("{ ...A } fragment A on Query { ...A }", "A"),
        ("{ ...A } fragment A on Query { __typename ...B } fragment B on Query { ...A }", "A"),
        ("{ category { ...C } } fragment C on Category { parent { ...C } }", "C"),
    ],
)
def test_fragments_that_contain_themselves_are_invalid(client: Client, document: str, name: str) -> None:
    assert problem(client, document) == ("GRAPHQL_VALIDATION_FAILED", f"The fragment '{name}' contains itself.")


def test_root_fields_are_limited(client: Client, request_graphql: Execute) -> None:
    def document(count: int) -> str:
        return (
            "{"
            + "".join(f"a{n}: __typename " for n in range(count - 15))
            + "".join(f"b{n}: category {{ id }} " for n in range(15))
            + "}"
        )

    assert problem(client, document(31)) == ("TOO_MANY_ALIASES", "This operation has 31 root fields; 30 are allowed.")
    assert len(request_graphql(document(30))["data"]) == 30


def test_aliases_of_a_field_are_limited(client: Client, request_graphql: Execute) -> None:
    def document(count: int) -> str:
        halves = ["".join(f"a{n}: title " for n in range(start, count, 2)) for start in (0, 1)]
        return f"{{ category {{ {halves[0]} ...F }} }} fragment F on Category {{ {halves[1]} }}"

    assert problem(client, document(31)) == (
        "TOO_MANY_ALIASES",
        "The field 'title' has 31 aliases in one object; 30 are allowed.",
    )
    assert request_graphql(document(30)) == {"data": {"category": None}}


def test_repetitions_of_a_field_are_limited_wherever_they_meet(client: Client, request_graphql: Execute) -> None:
    def document(count: int) -> str:
        return "{" + "category { title } " * count + "}"

    assert problem(client, document(101)) == (
        "TOO_MANY_ALIASES",
        "The field 'category' is asked for 101 times in one object; 100 are allowed.",
    )
    assert problem(client, "{" + ("category {" + "title " * 11 + "}") * 10 + "}") == (
        "TOO_MANY_ALIASES",
        "The field 'title' is asked for 110 times in one object; 100 are allowed.",
    )
    assert request_graphql(document(100)) == {"data": {"category": None}}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            " ".join(f"query A{n} {{ __typename }}" for n in range(21)),
            "This document has 21 operations; 20 are allowed.",
        ),
        (
            "{ __typename }" + " ".join(f"fragment A{n} on Query {{ __typename }}" for n in range(101)),
            "This document has 101 fragments; 100 are allowed.",
        ),
        (
            "{ __typename " + "@include(if: true) " * 501 + "}",
            "This document has 501 directives; 500 are allowed.",
        ),
        (
            "{ __typename }" + "#\n" * 10_001,
            "Syntax Error: Document contains more than 10000 tokens. Parsing aborted.",
        ),
        (
            "{ __typename " + "__typename " * 10_000 + "}",
            "Syntax Error: Document contains more than 10000 tokens. Parsing aborted.",
        ),
    ],
    ids=["operations", "fragments", "directives", "comments", "tokens"],
)
def test_parts_of_a_document_are_limited(client: Client, document: str, message: str) -> None:
    assert problem(client, document) == ("QUERY_TOO_LARGE", message)


@pytest.mark.parametrize("document", ["{a" * 50_000, "{ product(handle: " + "[" * 3_000 + "]" * 3_000 + ") { id } }"])
def test_hostile_nesting_is_refused_while_it_is_parsed(client: Client, document: str) -> None:
    assert problem(client, document) == (
        "QUERY_TOO_DEEP",
        "Syntax Error: Document is nested too deeply. Parsing aborted.",
    )


def test_texts_are_limited(client: Client, request_graphql: Execute) -> None:
    refused = ("INPUT_TOO_LARGE", "A text in the input has 100001 characters; 100000 are allowed.")
    document = "query ($handle: String) { product(handle: $handle) { id } }"

    assert problem(client, f'{{ product(handle: "{"x" * 100_001}") {{ id }} }}') == refused
    assert problem(client, document, handle="x" * 100_001) == refused
    assert problem(client, document, deeper=[{"in": ["x" * 100_001]}]) == refused
    assert request_graphql(document, handle="x" * 100_000) == {"data": {"product": None}}


def test_lists_are_limited(client: Client, request_graphql: Execute) -> None:
    refused = ("INPUT_TOO_LARGE", "A list in the input has 1001 items; 1000 are allowed.")
    document = "query ($filters: [ProductFilter!]) { products(first: 0, filters: $filters) { nodes { id } } }"

    assert problem(client, f"{{ products(filters: [{'{} ' * 1001}]) {{ nodes {{ id }} }} }}") == refused
    assert problem(client, document, filters=[{}] * 1001) == refused
    assert request_graphql(document, filters=[{}] * 1000) == {"data": {"products": {"nodes": []}}}


def test_the_cost_of_an_answer_is_limited(client: Client) -> None:
    document = """query ($first: Int = 250, $inner: Int) {
      categories(first: $first) { nodes {
        products(first: $inner) { nodes { variants(first: 20) { nodes { sku } } } }
      } }
    }"""

    assert problem(client, document) == (
        "QUERY_TOO_COMPLEX",
        f"This operation could answer {250 * (1 + 50 * 21)} objects; 200000 are allowed. Ask for smaller pages.",
    )


@pytest.mark.parametrize(
    "document",
    [
        "{ category { children { parent { children { parent { children { id } } } } } } }",
        "{ category { children { ancestors { children { ancestors { id } } } } } }",
        "{ product { adjacentVariants { product { adjacentVariants { product { adjacentVariants { id } } } } } } }",
        """{ product { ...P } } fragment O on Product { options { optionValues { firstSelectableVariant { ...V } } } }
        fragment P on Product { options { optionValues { firstSelectableVariant { product { ...O } } } } }
        fragment V on ProductVariant { product { options { optionValues { name } } } }""",
    ],
)
def test_the_same_objects_cannot_be_asked_for_over_and_over(client: Client, document: str) -> None:
    code, message = problem(client, document)

    assert code == "QUERY_TOO_COMPLEX"
    assert message.endswith("200000 are allowed. Ask for smaller pages.")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, 10),
        ({"first": None}, 50),
        ({"first": 3}, 3),
        ({"first": 3.0}, 3),
        ({"last": 7, "first": None}, 7),
        ({"first": 0}, 0),
        ({"first": -5}, 0),
        ({"first": 10**9}, 250),
        ({"first": 1e300}, 250),
        ({"first": "x"}, 50),
        ({"first": [1, 2, 3]}, 3),
    ],
)
def test_cost_follows_the_variables(variables: dict[str, Any], expected: int) -> None:
    document = "query ($first: Int = 10, $last: Int) { products(first: $first, last: $last) { nodes { id } } }"

    assert cost(document, **variables) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ __typename }", 0),
        ("{ product { id title } }", 1),
        ("{ product { priceRange { minVariantPrice { amount } } } }", 3),
        ("{ products { totalCount } }", 50),
        ("{ products { nodes { id } edges { cursor node { id } } pageInfo { endCursor } } }", 50),
        ("{ products(first: 10) { nodes { seo { title } } edges { node { seo { title } } } } }", 10 * 3),
        ("{ products(first: 3) { nodes { variants(last: 4) { nodes { price { amount } } } } } }", 3 * (1 + 4 * 2)),
        ("{ category { children { children { id } } } }", 1 + 10 * (1 + 10)),
        ("{ category { facts { histogram { min { amount } } } } }", 4),
        ("{ category { children { parent { children { id } } } } }", 1 + 10 * (1 + 1 + 250)),
        ("{ category { children { ancestors { ...C } } } } fragment C on Category { children { id } }", 1 + 10 * 2511),
        ("{ product { options { optionValues { name } } } }", 3),
        ("{ product { adjacentVariants(selectedOptions: []) { id } } }", 1 + 10),
        ("{ nodes(ids: []) { id } }", 0),
        ("{ a: product { ...P } b: product { ...P } } fragment P on Product { ... { seo { title } } }", 4),
    ],
)
def test_cost_counts_objects(document: str, expected: int) -> None:
    assert cost(document) == expected


def test_the_largest_query_of_storefronts_passes(execute: Execute) -> None:
    builders.a_product("Mug", variants=2, images=2)

    products = execute(LARGEST)["products"]["edges"]

    assert [len(edge["node"]["variants"]["edges"]) for edge in products] == [2]
    assert cost(LARGEST) == LARGEST_COST < 200_000


def test_six_aliases_of_a_root_field_pass(execute: Execute) -> None:
    document = "{" + " ".join(f"a{n}: products(first: 250) {{ nodes {{ id }} }}" for n in range(6)) + "}"

    assert len(execute(document)) == 6


def test_introspection_passes(execute: Execute) -> None:
    document = get_introspection_query(input_value_deprecation=True, schema_description=True)

    assert execute(document)["__schema"]["queryType"]["name"] == "Query"


def test_the_schema_is_told_again_without_being_walked_again(execute: Execute, monkeypatch: pytest.MonkeyPatch) -> None:
    document = "{ __typename __schema { queryType { name fields { name description } } } }"
    told = execute(document)

    with monkeypatch.context() as patch:
        patch.setattr(execution, "_in_core", None)
        again = execute(document)

    assert again == told
    assert told["__schema"]["queryType"]["name"] == "Query"


def test_introspection_is_bounded(client: Client) -> None:
    twice = "{ a: __schema { description } b: __schema { description } }"
    inside = "{ __schema { a: types { name } b: types { name } } }"
    deep = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"

    assert problem(client, twice) == (
        "TOO_MANY_ALIASES",
        "The field '__schema' has 2 aliases in one object; 1 are allowed.",
    )
    assert problem(client, inside)[0] == "TOO_MANY_ALIASES"
    assert problem(client, deep) == ("GRAPHQL_VALIDATION_FAILED", "Maximum introspection depth exceeded")


def test_a_page_that_is_too_large_is_told_so_and_not_called_complex(client: Client, request_graphql: Execute) -> None:
    answer = request_graphql("{ products(first: 251) { nodes { id } } }")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_PAGE"]


def test_refused_documents_are_refused_again_from_memory() -> None:
    messages = []
    for _ in range(2):
        with pytest.raises(Rejected) as raised:
            documents.operation(nested(30))
        messages.append(str(raised.value))

    assert messages == ["This document nests fields 30 deep; 20 levels are allowed."] * 2


def test_the_largest_cart_of_storefronts_passes() -> None:
    document = """query ($cart: ID!, $lines: Int = 100) {
      cart(id: $cart) {
        cost { subtotalAmount { amount } totalAmount { amount } }
        lines(first: $lines) { edges { node {
          id quantity cost { totalAmount { amount } }
          merchandise { ... on ProductVariant { id selectedOptions { name value } product {
            id featuredImage { url } images(first: 20) { edges { node { url } } }
            variants(first: 250) { edges { node { id selectedOptions { name value } price { amount } } } }
          } } }
        } } }
      }
    }"""

    line = 1 + (1 + 1) + 1 + 1 + (1 + 1 + 20 + 250 * (1 + 1 + 1))
    assert cost(document) == 1 + 1 + 1 + 1 + 100 * line < 200_000
