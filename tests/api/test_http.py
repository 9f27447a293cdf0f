"""The endpoint over HTTP: what it reads, what it refuses, and the status, type and headers of each answer."""

import json
from typing import Any

import pytest
import strawberry
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from schema import execution, view
from schema.documents import Documents

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
OK = {"data": {"__typename": "Query"}}


@strawberry.type
class Query:
    @strawberry.field
    def echo(self, text: str = "", number: int = 0) -> str:
        return f"{text}{number}"

    @strawberry.field
    def missing(self) -> str | None:
        raise RuntimeError


@strawberry.type
class Mutation:
    @strawberry.field
    def touch(self) -> str:
        return "touched"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def tick(self) -> int:  # type: ignore[misc]
        yield 1


@pytest.fixture
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint answers from a schema of a few fields."""
    tiny = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)
    monkeypatch.setattr(view, "documents", Documents(tiny._schema))


def post(client: Client, body: Any, content_type: str = JSON, **headers: str) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(
        "/graphql/", data=data, content_type=content_type, headers={"content-type": content_type, **headers}
    )


@pytest.mark.parametrize("path", ["/graphql/", "/api/2023-01/graphql.json", "/api/unstable/graphql.json"])
def test_answers_a_posted_query_under_every_address(client: Client, path: str) -> None:
    response = client.post(path, {"query": "{ __typename }"}, content_type=JSON)

    assert (response.status_code, response.json()) == (200, OK)
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Request-Id"]
    assert {name.strip() for name in response["Vary"].split(",")} >= {"Accept", "Authorization"}


def test_answers_a_query_by_get(client: Client) -> None:
    document = "query A { a: __typename } query B($yes: Boolean!) { b: __typename @include(if: $yes) }"

    response = client.get("/graphql/", {"query": document, "operationName": "B", "variables": '{"yes": true}'})

    assert (response.status_code, response.json()) == (200, {"data": {"b": "Query"}})
    assert response["Cache-Control"] == "private, no-cache"


def test_answers_head_without_a_body(client: Client) -> None:
    response = client.head("/graphql/", {"query": "{ __typename }"})

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.usefixtures("_tiny")
@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON, "*/*"])
def test_refuses_a_mutation_by_get(client: Client, accept: str) -> None:
    response = client.get("/graphql/", {"query": "mutation { touch }"}, headers={"accept": accept})

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert response.json() == {
        "errors": [{"message": "Mutations are sent by POST.", "extensions": {"code": "BAD_REQUEST"}}]
    }


@pytest.mark.usefixtures("_tiny")
def test_carries_out_a_posted_mutation(client: Client) -> None:
    assert post(client, {"query": "mutation { touch }"}).json() == {"data": {"touch": "touched"}}


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_refuses_other_methods(client: Client, method: str) -> None:
    response = getattr(client, method)("/graphql/", b"{}", content_type=JSON)

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST, OPTIONS")


def test_tells_the_methods_it_allows(client: Client) -> None:
    response = client.options("/graphql/")

    assert (response.status_code, response["Allow"]) == (204, "GET, HEAD, POST, OPTIONS")


def test_lets_a_storefront_of_another_origin_ask(client: Client, settings: Settings) -> None:
    settings.CORS_ALLOW_ALL_ORIGINS = False
    settings.CORS_ALLOWED_ORIGINS = ["https://store.example"]
    asked = "authorization,content-type,idempotency-key,x-shopify-storefront-access-token"

    answers = [
        client.options(
            "/graphql/",
            headers={
                "origin": origin,
                "access-control-request-method": "POST",
                "access-control-request-headers": asked,
            },
        )
        for origin in ("https://store.example", "https://evil.example")
    ]

    assert [answer.get("Access-Control-Allow-Origin") for answer in answers] == ["https://store.example", None]
    assert set(asked.split(",")) <= set(answers[0]["Access-Control-Allow-Headers"].split(", "))


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/html, */*;q=0.1", JSON),
        (JSON, JSON),
        ("application/json; charset=utf-8", JSON),
        (RESPONSE_JSON, RESPONSE_JSON),
        ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", RESPONSE_JSON),
        ("application/graphql-response+json, application/json;q=0.9", RESPONSE_JSON),
        ("application/graphql-response+json;q=0.5, application/json", JSON),
    ],
)
def test_answers_in_the_type_that_is_preferred(client: Client, accept: str, media_type: str) -> None:
    response = post(client, {"query": "{ __typename }"}, accept=accept)

    assert (response.status_code, response["Content-Type"]) == (200, f"{media_type}; charset=utf-8")
    assert response.json() == OK


@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/xml, text/plain;q=0.5"])
def test_refuses_a_type_it_cannot_answer_in(client: Client, accept: str) -> None:
    response = post(client, {"query": "{ __typename }"}, accept=accept)

    assert (response.status_code, response["Content-Type"]) == (406, "application/json; charset=utf-8")
    assert response.json()["errors"][0]["message"] == (
        "Answers come as application/json or application/graphql-response+json; `Accept` allows neither."
    )


def test_shows_a_page_only_to_one_who_reads_and_prefers_html(client: Client) -> None:
    browser = client.get("/graphql/", headers={"accept": "text/html,application/xml;q=0.9,*/*;q=0.8"})
    program = client.get("/graphql/", {"query": "{ __typename }"}, headers={"accept": "application/json, text/html"})

    assert browser["Content-Type"] == "text/html; charset=utf-8"
    assert program.json() == OK


@pytest.mark.usefixtures("_tiny")
@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"query": "{ echo"}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
        ({"query": ""}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected <EOF>."),
        ({"query": "# nothing"}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected <EOF>."),
        ({"query": '{ echo(text: "\\uD800") }'}, "GRAPHQL_PARSE_FAILED", None),
        (
            {"query": "{ ecko }"},
            "GRAPHQL_VALIDATION_FAILED",
            "Cannot query field 'ecko' on type 'Query'. Did you mean 'echo'?",
        ),
        ({"query": "fragment A on Query { echo }"}, "GRAPHQL_VALIDATION_FAILED", "Fragment 'A' is never used."),
        ({"query": "{ echo(number: 3000000000) }"}, "GRAPHQL_VALIDATION_FAILED", None),
        ({"query": "{ echo(number: 1" + "0" * 5000 + ") }"}, "GRAPHQL_VALIDATION_FAILED", None),
        (
            {"query": "query A { echo } query B { echo }"},
            "OPERATION_RESOLUTION_FAILURE",
            "Say in `operationName` which operation to execute.",
        ),
        (
            {"query": "query A { echo }", "operationName": "B"},
            "OPERATION_RESOLUTION_FAILURE",
            "The document has no operation 'B'.",
        ),
        (
            {"query": "query ($n: Int!) { echo(number: $n) }"},
            "BAD_USER_INPUT",
            "Variable '$n' of required type 'Int!' was not provided.",
        ),
        ({"query": "query ($n: Int!) { echo(number: $n) }", "variables": {"n": "x"}}, "BAD_USER_INPUT", None),
        ({"query": "query ($n: Int!) { echo(number: $n) }", "variables": {"n": 2**31}}, "BAD_USER_INPUT", None),
        ({"query": "query ($n: Int!) { echo(number: $n) }", "variables": {"n": 10**40}}, "BAD_USER_INPUT", None),
        (
            {"query": "subscription { tick }"},
            "BAD_REQUEST",
            f"Subscriptions are answered at {settings.STREAM_URL}.",
        ),
    ],
)
@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (RESPONSE_JSON, 400)])
def test_tells_what_keeps_an_operation_from_being_executed(
    client: Client, body: Any, code: str, message: str | None, accept: str, status: int
) -> None:
    response = post(client, body, accept=accept)

    answer = response.json()
    assert (response.status_code, response["Content-Type"]) == (status, f"{accept}; charset=utf-8")
    assert set(answer) == {"errors"}
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert answer["errors"][0]["message"] == (message or answer["errors"][0]["message"])


def not_json(reason: str) -> str:
    return f"The body is not JSON in UTF-8: {reason}."


BAD_BODIES = {
    "nothing": (b"", not_json("Input is a zero-length, empty document: line 1 column 1 (char 0)")),
    "no JSON": (b"{ __typename }", None),
    "not UTF-8": (b'{"query": "\xff"}', None),
    "UTF-16": ('{"query": "{ a }"}'.encode("utf-16"), None),
    "a surrogate": (b'{"query": "{ a }", "variables": {"a": "\\ud800"}}', None),
    "deep arrays": (b"[" * 100_000, None),
    "deep objects": (b'{"a":' * 100_000, None),
    "an infinite number": (b'{"query": "{ a }", "variables": {"a": 1e999999}}', None),
    "a number of many digits": (b'{"query": "{ a }", "variables": {"a": 1' + b"0" * 5000 + b"}}", None),
    "NaN": (b'{"query": "{ a }", "variables": {"a": NaN}}', None),
    "a batch": (
        b'[{"query": "{ __typename }"}]',
        "The body must be one request; batches (a list of requests) are not supported.",
    ),
    "a string": (b'"{ __typename }"', "The body must be a JSON object."),
    "null": (b"null", "The body must be a JSON object."),
    "no query": (b"{}", "`query` is missing: send the GraphQL document in it."),
    "a null query": (b'{"query": null}', "`query` is missing: send the GraphQL document in it."),
    "a query in a list": (b'{"query": ["{ __typename }"]}', "`query` must be a string."),
    "variables in a list": (b'{"query": "{ a }", "variables": []}', "`variables` must be an object."),
    "variables in a string": (b'{"query": "{ a }", "variables": "{}"}', "`variables` must be an object."),
    "a number for a name": (b'{"query": "{ a }", "operationName": 1}', "`operationName` must be a string."),
    "a list of extensions": (b'{"query": "{ a }", "extensions": []}', "`extensions` must be an object."),
}


@pytest.mark.parametrize(("body", "message"), BAD_BODIES.values(), ids=BAD_BODIES)
@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
def test_refuses_what_is_no_request(client: Client, body: bytes, message: str | None, accept: str) -> None:
    response = post(client, body, accept=accept)

    [error] = response.json()["errors"]
    assert (response.status_code, response["Content-Type"]) == (400, f"{accept}; charset=utf-8")
    assert error["extensions"] == {"code": "BAD_REQUEST"}
    assert error["message"] == message or (message is None and error["message"].startswith(not_json("")[:-1]))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "`query` is missing: send the GraphQL document in it."),
        ({"query": "{ a }", "variables": "[]"}, "`variables` must be an object."),
        ({"query": "{ a }", "extensions": "1"}, "`extensions` must be an object."),
        (
            {"query": "{ a }", **{f"p{number}": "" for number in range(1001)}},
            "The query string has too many parameters.",
        ),
    ],
)
def test_refuses_a_query_string_that_is_no_request(client: Client, parameters: Any, message: str) -> None:
    response = client.get("/graphql/", parameters)

    assert response.status_code == 400
    assert response.json() == {"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]}


def test_names_the_parameter_of_a_query_string_that_is_no_json(client: Client) -> None:
    response = client.get("/graphql/", {"query": "{ a }", "variables": "{"})

    assert response.status_code == 400
    assert response.json()["errors"][0]["message"].startswith("`variables` is not JSON in UTF-8: ")


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/graphql",
        "application/json; charset=utf-16",
        "application/json-seq",
    ],
)
def test_refuses_bodies_that_a_form_of_another_site_could_send(client: Client, content_type: str) -> None:
    response = post(client, {"query": "{ __typename }"}, content_type)

    assert response.status_code == 415
    assert response.json() == {
        "errors": [
            {
                "message": "Send the body as application/json in UTF-8, or with files as multipart/form-data.",
                "extensions": {"code": "BAD_REQUEST"},
            }
        ]
    }


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=UTF-8", "Application/JSON", 'application/json;charset="utf-8"']
)
def test_reads_json_however_its_type_is_written(client: Client, content_type: str) -> None:
    assert post(client, {"query": "{ __typename }"}, content_type).json() == OK


def test_refuses_a_packed_body(client: Client) -> None:
    response = post(client, b"\x1f\x8b", **{"content-encoding": "gzip"})

    assert response.status_code == 415
    assert response.json()["errors"][0]["message"] == "Send the body uncompressed."


def test_refuses_a_body_of_unknown_length(client: Client) -> None:
    response = client.generic("POST", "/graphql/", headers={"content-type": JSON, "transfer-encoding": "chunked"})

    assert response.status_code == 411
    assert response.json()["errors"][0]["message"] == "Say in `Content-Length` how long the body is."


def test_refuses_a_large_body_without_reading_it(client: Client, settings: Settings) -> None:
    settings.GRAPHQL_MAX_BODY_BYTES = 100

    responses = [
        post(client, {"query": "{ __typename }", "variables": {"a": "b" * 100}}),
        client.post("/graphql/", b"{}", content_type=JSON, headers={"content-length": "101"}),
    ]

    for response in responses:
        assert response.status_code == 413
        assert response.json() == {
            "errors": [
                {"message": "The body is too large; 100 bytes are allowed.", "extensions": {"code": "BODY_TOO_LARGE"}}
            ]
        }


def test_reads_a_body_of_just_the_size_allowed(client: Client, settings: Settings) -> None:
    body = b'{"query": "{ __typename }"}'
    settings.GRAPHQL_MAX_BODY_BYTES = len(body)

    assert post(client, body).json() == OK


def test_tells_a_client_of_persisted_queries_to_send_the_document(client: Client) -> None:
    response = post(client, {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0"}}})

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}


@pytest.mark.usefixtures("_tiny")
def test_answers_what_has_no_utf8_as_an_escape(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "execute", lambda *_: {"data": {"echo": "\ud800"}})

    response = post(client, {"query": "{ echo }"})

    assert response.content == b'{"data": {"echo": "\\ud800"}}'


@pytest.mark.usefixtures("_tiny")
@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
def test_answers_partial_data_with_200(client: Client, accept: str) -> None:
    response = post(client, {"query": "{ echo missing }"}, accept=accept)

    assert response.status_code == 200
    assert response.json()["data"] == {"echo": "0", "missing": None}


def test_answers_with_the_id_a_proxy_gave_the_request(client: Client) -> None:
    response = post(client, {"query": "{ __typename }"}, **{"x-request-id": "proxy-0001"})

    assert response["X-Request-Id"] == "proxy-0001"
