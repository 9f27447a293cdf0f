"""Documents: kept once read, put in the context they ask for, and answered in one piece although they say @defer."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import graphql
import pytest
import strawberry
from django.test import Client

from schema import documents as documents_module
from schema import view
from schema.context import Info
from schema.directives import in_context
from schema.documents import Documents
from schema.errors import Rejected


@strawberry.type
class Query:
    @strawberry.field
    def fine(self) -> str:
        return "fine"

    @strawberry.field
    def context(self, info: Info) -> str:
        return f"{info.context.country} {info.context.language} {info.context.currency}"


@pytest.fixture
def tiny() -> Documents:
    return Documents(strawberry.Schema(query=Query, directives=[in_context])._schema)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were parsed."""
    texts: list[str] = []

    def parse(text: str, **options: Any) -> Any:
        texts.append(text)
        return graphql.parse(text, **options)

    monkeypatch.setattr("schema.documents.parse", parse)
    return texts


def test_reads_a_document_once(tiny: Documents, parsed: list[str]) -> None:
    first = tiny.operation("query A { fine } query B { context }", "A")
    second = tiny.operation("query A { fine } query B { context }", "A")
    other = tiny.operation("query A { fine } query B { context }", "B")

    assert first is second
    assert (first.name, other.name) == ("A", "B")
    assert len(parsed) == 1


@pytest.mark.parametrize("text", ["{ nothing", "{ nothing }", "{ fine " * 30])
def test_finds_a_mistake_once(tiny: Documents, parsed: list[str], text: str) -> None:
    for _ in range(3):
        with pytest.raises(Rejected):
            tiny.operation(text)

    assert len(parsed) == 1


def test_forgets_the_documents_used_longest_ago(
    tiny: Documents, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents_module, "MAX_KEPT", 2)

    for text in ("{ a: fine }", "{ b: fine }", "{ a: fine }", "{ c: fine }", "{ a: fine }", "{ b: fine }"):
        tiny.operation(text)

    assert parsed == ["{ a: fine }", "{ b: fine }", "{ c: fine }", "{ b: fine }"]


def test_keeps_no_more_text_than_it_may(tiny: Documents, parsed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_module, "MAX_KEPT_CHARACTERS", 30)
    long = "{ fine }" + " " * 30

    for text in (long, long, "{ a: fine }", "{ b: fine }", "{ c: fine }", "{ b: fine }"):
        tiny.operation(text)

    assert parsed == [long, long, "{ a: fine }", "{ b: fine }", "{ c: fine }"]


def test_can_be_asked_by_many_threads(tiny: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_module, "MAX_KEPT", 3)
    texts = [f"{{ a{number % 7}: fine }}" for number in range(200)]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(tiny.operation, texts))

    assert [operation.node.loc and operation.node.loc.source.body for operation in found] == texts


@pytest.mark.parametrize(
    ("document", "variables", "context"),
    [
        ("{ context }", {}, "US EN USD"),
        ("query @inContext(country: DE, language: FR) { context }", {}, "DE FR USD"),
        ("query @inContext(language: PT_BR) { context }", {}, "US PT_BR USD"),
        ("query @inContext(language: PT_PT) { context }", {}, "US PT USD"),
        ("query @inContext(language: DE) { context }", {}, "US EN USD"),
        (
            "query ($c: CountryCode, $l: LanguageCode) @inContext(country: $c, language: $l) { context }",
            {"c": "JP", "l": "JA"},
            "JP JA USD",
        ),
        ("query ($c: CountryCode = CA) @inContext(country: $c) { context }", {}, "CA EN USD"),
        ("query ($c: CountryCode = CA) @inContext(country: $c) { context }", {"c": None}, "US EN USD"),
        ("query ($c: CountryCode = ZZ) @inContext(country: $c) { context }", {}, "US EN USD"),
        ("query ($c: CountryCode) @inContext(country: $c) { context }", {}, "US EN USD"),
    ],
)
def test_answers_in_the_context_that_an_operation_names(
    client: Client,
    settings: Any,
    tiny: Documents,
    monkeypatch: pytest.MonkeyPatch,
    document: str,
    variables: dict[str, Any],
    context: str,
) -> None:
    settings.SHOP_LANGUAGES = ["EN", "FR", "PT_BR", "JA", "PT"]
    monkeypatch.setattr(view, "documents", tiny)

    answer = client.post("/graphql/", {"query": document, "variables": variables}, content_type="application/json")

    assert answer.json() == {"data": {"context": context}}


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query @inContext(country: GERMANY) { context }", {}),
        ("query @inContext(currency: EUR) { context }", {}),
        ("query { context @inContext(country: DE) }", {}),
        ("query ($c: CountryCode) @inContext(country: $c) { context }", {"c": "GERMANY"}),
        ("query ($c: CountryCode) @inContext(country: $c) { context }", {"c": ["DE"]}),
    ],
)
def test_refuses_a_context_that_does_not_exist(
    client: Client, tiny: Documents, monkeypatch: pytest.MonkeyPatch, document: str, variables: dict[str, Any]
) -> None:
    monkeypatch.setattr(view, "documents", tiny)

    answer = client.post("/graphql/", {"query": document, "variables": variables}, content_type="application/json")

    assert set(answer.json()) == {"errors"}


def test_answers_deferred_fragments_at_once(client: Client) -> None:
    document = """
      query Product($wait: Boolean!) {
        __typename
        ... @defer(if: $wait, label: "rest") { soon: __typename }
        ...Reviews @defer
      }
      fragment Reviews on Query { later: __typename }
    """

    answer = client.post("/graphql/", {"query": document, "variables": {"wait": True}}, content_type="application/json")

    assert answer.json() == {"data": {"__typename": "Query", "soon": "Query", "later": "Query"}}


def test_hides_defer_from_who_executes(tiny: Documents) -> None:
    operation = tiny.operation("query ($wait: Boolean!) { ... @ defer(if: $wait) @include(if: true) { fine } }")

    assert graphql.print_ast(operation.node) == (
        "query ($wait: Boolean!) {\n  ... @include(if: true) {\n    fine\n  }\n}"
    )


@pytest.mark.parametrize("document", ["{ fine @defer }", "query @defer { fine }", "{ ... @deffer { fine } }"])
def test_refuses_defer_where_it_means_nothing(tiny: Documents, document: str) -> None:
    with pytest.raises(Rejected, match="Unknown directive"):
        tiny.operation(document)


def test_does_not_declare_defer(tiny: Documents) -> None:
    assert {directive.name for directive in tiny.schema.directives} >= {"inContext", "skip", "include"}
    assert tiny.schema.get_directive("defer") is None
