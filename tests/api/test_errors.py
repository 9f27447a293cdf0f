"""Top-level errors: each with a code, a client's mistakes told in full, bugs masked and logged once."""

import json
import logging
from typing import Any

import pytest
import strawberry
from django.conf import settings
from django.db import connection
from django.test import Client
from strawberry.dataloader import DataLoader

from schema import view
from schema.documents import Documents
from schema.errors import ClientError, Forbidden, Unauthenticated
from schema.fields import query
from shop.errors import InvalidInput, NotFound, Refusals, blaming

MASKED = "Something went wrong on our side."
REQUEST_ID = "test-request-1"


async def _break(keys: list[int]) -> list[str]:
    raise LookupError("A secret of the loader.")


@strawberry.type
class Item:
    broken: strawberry.Private[DataLoader[int, str]]

    @strawberry.field
    async def name(self) -> str | None:
        return await self.broken.load(1)


@strawberry.type
class Query:
    @strawberry.field
    def fine(self) -> str:
        return "fine"

    @strawberry.field
    def bug(self) -> str | None:
        raise RuntimeError("A secret of the database.")

    @strawberry.field
    def fatal_bug(self) -> str:
        raise RuntimeError("A secret of the database.")

    @strawberry.field
    def wrong_type(self) -> int | None:
        return "A secret that is no number."  # type: ignore[return-value]

    @strawberry.field
    def unserializable(self) -> strawberry.scalars.JSON | None:
        return strawberry.scalars.JSON({1, 2})

    @query
    def nul(self) -> str | None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s", ["\0"])
        return None

    @strawberry.field
    async def items(self) -> list[Item]:
        loader = DataLoader(load_fn=_break)
        return [Item(broken=loader) for _ in range(3)]

    @strawberry.field
    def refused(self) -> str | None:
        with blaming("sort_key", 0):
            raise InvalidInput("Choose another order.")

    @strawberry.field
    def refused_twice(self) -> str | None:
        raise Refusals([NotFound("Cart"), InvalidInput("Too many.")])

    @strawberry.field
    def unauthenticated(self) -> str | None:
        raise Unauthenticated("Sign in first.")

    @strawberry.field
    def forbidden(self) -> str | None:
        raise Forbidden("Not for you.")

    @strawberry.field
    def number(self, of: int = 1) -> int | None:
        return of


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint answers from a schema whose fields fail in every way."""
    monkeypatch.setattr(view, "documents", Documents(strawberry.Schema(query=Query)._schema))


@pytest.fixture
def ask(client: Client) -> Any:
    def send(document: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": document, "variables": variables})
        response = client.post("/graphql/", body, content_type="application/json", headers={"X-Request-Id": REQUEST_ID})
        answer: dict[str, Any] = response.json()
        return answer

    return send


def logged(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_masks_a_bug_and_answers_the_rest(ask: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = ask("{ fine\n  oops: bug }")

    assert answer == {
        "data": {"fine": "fine", "oops": None},
        "errors": [
            {
                "message": MASKED,
                "locations": [{"line": 2, "column": 3}],
                "path": ["oops"],
                "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": REQUEST_ID},
            }
        ],
    }
    [record] = logged(caplog)
    assert record.getMessage() == f"request {REQUEST_ID} failed at ['oops']"
    assert record.exc_info
    assert str(record.exc_info[1]) == "A secret of the database."


def test_a_bug_in_a_field_that_is_never_null_leaves_no_data(ask: Any) -> None:
    answer = ask("{ fine fatalBug }")

    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INTERNAL_SERVER_ERROR"]


def test_logs_a_bug_once_however_many_objects_it_hits(ask: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = ask("{ items { name } }")

    assert [error["path"] for error in answer["errors"]] == [["items", index, "name"] for index in range(3)]
    assert {error["message"] for error in answer["errors"]} == {MASKED}
    assert len(logged(caplog)) == 1


def test_a_value_that_its_type_cannot_express_is_a_bug(ask: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = ask("{ wrongType }")

    assert [error["message"] for error in answer["errors"]] == [MASKED]
    assert len(logged(caplog)) == 1


def test_a_bug_outside_of_every_field_is_masked_too(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = client.post(
        "/graphql/",
        {"query": "{ unserializable }"},
        content_type="application/json",
        headers={"X-Request-Id": REQUEST_ID},
    )

    assert response.status_code == 500
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response.json() == {
        "errors": [{"message": MASKED, "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": REQUEST_ID}}]
    }
    [record] = logged(caplog)
    assert record.getMessage() == f"request {REQUEST_ID} failed"
    assert record.exc_info


@pytest.mark.parametrize(
    ("field", "message", "extensions"),
    [
        ("refused", "Choose another order.", {"code": "INVALID", "field": ["sortKey", "0"]}),
        ("refusedTwice", "Cart not found.; Too many.", {"code": "NOT_FOUND"}),
        ("unauthenticated", "Sign in first.", {"code": "UNAUTHENTICATED"}),
        ("forbidden", "Not for you.", {"code": "FORBIDDEN"}),
    ],
)
def test_tells_a_clients_mistake_and_logs_no_error(
    ask: Any, caplog: pytest.LogCaptureFixture, field: str, message: str, extensions: dict[str, Any]
) -> None:
    answer = ask(f"{{ fine {field} }}")

    assert answer == {
        "data": {"fine": "fine", field: None},
        "errors": [
            {
                "message": message,
                "locations": [{"line": 1, "column": 8}],
                "path": [field],
                "extensions": extensions,
            }
        ],
    }
    assert logged(caplog) == []


@pytest.mark.django_db
def test_a_character_that_cannot_be_stored_is_the_clients_mistake(ask: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = ask("{ nul }")

    assert [(error["message"], error["extensions"]) for error in answer["errors"]] == [
        (
            "The input has a number beyond all measure, or a text with the character U+0000.",
            {"code": "BAD_USER_INPUT"},
        )
    ]
    assert logged(caplog) == []


def test_a_null_for_an_argument_that_is_never_null_is_the_clients_mistake(ask: Any) -> None:
    answer = ask("query ($of: Int = 2) { number(of: $of) }", of=None)

    assert answer["data"] == {"number": None}
    assert answer["errors"][0]["message"] == "Argument 'of' of non-null type 'Int!' must not be null."
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ fine", "GRAPHQL_PARSE_FAILED"),
        ("{ fin }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($of: Int!) { number(of: $of) }", "BAD_USER_INPUT"),
        ("query A { fine } query B { fine }", "OPERATION_RESOLUTION_FAILURE"),
    ],
)
def test_logs_no_error_for_what_was_never_executed(
    ask: Any, caplog: pytest.LogCaptureFixture, document: str, code: str
) -> None:
    answer = ask(document)

    assert [error["extensions"] for error in answer["errors"]] == [{"code": code}]
    assert logged(caplog) == []


def test_tells_where_each_mistake_stands_and_what_was_likely_meant(ask: Any) -> None:
    answer = ask("{\n  fin\n  number(off: 1)\n}")

    assert answer == {
        "errors": [
            {
                "message": "Cannot query field 'fin' on type 'Query'. Did you mean 'fine'?",
                "locations": [{"line": 2, "column": 3}],
                "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"},
            },
            {
                "message": "Unknown argument 'off' on field 'Query.number'. Did you mean 'of'?",
                "locations": [{"line": 3, "column": 10}],
                "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"},
            },
        ]
    }


def test_every_code_is_explained() -> None:
    page = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
    codes = {kind.code for kind in ClientError.__subclasses__()} | {"INTERNAL_SERVER_ERROR", "INVALID_PAGE"}

    assert {code for code in codes if f"`{code}`" not in page} == set()
