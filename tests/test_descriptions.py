"""Whoever explores the API reads what each part of it is for: no type, field, argument or value goes undescribed."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
)

from schema.root import schema

# Parts that may stay without a description, by their name, such as `Product.title`.
EXCEPTIONS: frozenset[str] = frozenset()
ENDINGS = (".", "?", "!", ")")

SCHEMA = """
$directive @shout($loud: Boolean) on QUERY
$type Query { $find($filter: Filter): Thing }
$interface Node { $id: Stamp }
$union Thing = Query
$enum Size { $SMALL }
$input Filter { $tag: Size }
$scalar Stamp
"""


def undescribed(schema: GraphQLSchema) -> list[str]:
    """The names of all parts without a description that ends as a sentence does."""
    return sorted(
        name
        for name, part in parts(schema)
        if name not in EXCEPTIONS and not (part.description or "").strip().endswith(ENDINGS)
    )


def parts(schema: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    for name, named in schema.type_map.items():
        if is_introspection_type(named) or is_specified_scalar_type(named):
            continue
        yield name, named
        if isinstance(named, GraphQLEnumType):
            yield from ((f"{name}.{value}", definition) for value, definition in named.values.items())
        if isinstance(named, GraphQLInputObjectType):
            yield from ((f"{name}.{field}", definition) for field, definition in named.fields.items())
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            for field, definition in named.fields.items():
                yield f"{name}.{field}", definition
                yield from ((f"{name}.{field}({given})", argument) for given, argument in definition.args.items())
    for directive in schema.directives:
        if not is_specified_directive(directive):
            yield f"@{directive.name}", directive
            yield from ((f"@{directive.name}({given})", argument) for given, argument in directive.args.items())


def test_every_part_of_the_schema_is_described() -> None:
    assert undescribed(schema._schema) == []


def test_no_exception_is_kept_longer_than_it_is_needed() -> None:
    assert {name for name, _ in parts(schema._schema)} >= EXCEPTIONS


@pytest.mark.parametrize("described", ["", '"" ', '"   " ', '"No sentence" '])
def test_finds_whatever_is_not_described(described: str) -> None:
    found = undescribed(build_schema(SCHEMA.replace("$", described)))

    assert found == [
        "@shout",
        "@shout(loud)",
        "Filter",
        "Filter.tag",
        "Node",
        "Node.id",
        "Query",
        "Query.find",
        "Query.find(filter)",
        "Size",
        "Size.SMALL",
        "Stamp",
        "Thing",
    ]


def test_is_content_with_sentences() -> None:
    assert undescribed(build_schema(SCHEMA.replace("$", '"A sentence." '))) == []
