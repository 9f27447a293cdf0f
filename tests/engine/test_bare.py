"""A field that is an attribute unless it is given arguments: the same answers, and no call where there are none."""

from typing import Any

import graphql
import pytest
import strawberry

from schema.engine import Engine
from schema.engine.for_strawberry import StrawberryAdapter

calls: list[str] = []


def _name(self: Any, loud: bool = False) -> str:
    calls.append(self.given)
    return self.given.upper() if loud else str(self.given)


_name.bare = "given"  # type: ignore[attr-defined]


@strawberry.type
class Guest:
    given: strawberry.Private[str]
    name: str = strawberry.field(resolver=_name)


@strawberry.type
class Query:
    @strawberry.field
    def guests(self) -> list[Guest]:
        return [Guest(given="Ada"), Guest(given="Bob")]


schema = strawberry.Schema(query=Query)
engine = Engine(schema._schema, StrawberryAdapter(schema))


@pytest.mark.parametrize(
    ("field", "called"),
    [
        ("name", []),
        ("name other: name", []),
        ("name(loud: true)", ["Ada", "Bob"]),
        ("name(loud: $loud)", ["Ada", "Bob"]),
        ("name loud: name(loud: true)", ["Ada", "Bob"]),
    ],
)
def test_calls_only_where_arguments_are_given(field: str, called: list[str]) -> None:
    text = f"query {'($loud: Boolean) ' if '$' in field else ''}{{ guests {{ {field} }} }}"
    document = graphql.parse(text)
    [operation] = document.definitions
    assert isinstance(operation, graphql.OperationDefinitionNode)
    expected = graphql.execute_sync(schema._schema, document)
    calls.clear()

    result = engine.plan(document, operation).execute({})

    assert (result.data, result.errors) == (expected.data, None)
    assert calls == called
