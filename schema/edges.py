"""The one way to declare a field that follows a relation: `edge(batch)`.

A batch function is plain and sync: `load(context, keys, **arguments) -> one value for each key, in order`, with one
query however many keys. Its keyword-only parameters are the field's arguments. It answers domain rows; what a row
becomes is told by the field's GraphQL type, whose class has an `of(row)`.
"""

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

import strawberry
from graphql import GraphQLList, GraphQLNonNull, GraphQLOutputType, GraphQLUnionType

from schema.context import Info, Load


def edge(
    load: Load,
    *,
    key: str = "pk",
    convert: Callable[[Any], Any] | None = None,
    description: str,
    permission_classes: Sequence[Any] = (),
    deprecation_reason: str | None = None,
) -> Any:
    """A field whose values `load` finds for all parents at once; `key` names the parent's attribute it is keyed by,
    or with dots an attribute of an attribute.

    A parent whose key is None has nothing to follow: the field is null without a query. `convert` makes the field's
    value of a row, where its type cannot tell: several fields may so show different sides of what is loaded once.
    """
    read = attrgetter(key)

    async def resolve(root: Any, info: Any, **arguments: Any) -> Any:
        found = read(root)
        if found is None:
            return None
        make = convert or converter(info._raw_info.return_type)
        return await info.context.loader(load, arguments, make).load(found)

    resolve.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info),
            *_arguments(load),
        ]
    )
    resolve.edge = (load, key, convert)  # type: ignore[attr-defined]
    return strawberry.field(
        resolver=resolve,
        description=description,
        permission_classes=list(permission_classes),
        deprecation_reason=deprecation_reason,
    )


@cache
def converter(graphql_type: GraphQLOutputType) -> Callable[[Any], Any]:
    """What turns a row into an object of this type: the `of` of its class, item by item in lists and connections."""
    if isinstance(graphql_type, GraphQLNonNull):
        return converter(graphql_type.of_type)
    if isinstance(graphql_type, GraphQLList):
        item = converter(graphql_type.of_type)
        return lambda rows: [None if row is None else item(row) for row in rows]
    if isinstance(graphql_type, GraphQLUnionType) and len(graphql_type.types) == 1:
        return converter(graphql_type.types[0])
    definition = getattr(graphql_type, "extensions", {}).get("strawberry-definition")
    origin = getattr(getattr(definition, "concrete_of", None) or definition, "origin", None)
    of: Callable[..., Any] | None = getattr(origin, "of", None)
    if of is None:
        return lambda value: value
    fields = getattr(graphql_type, "fields", {})
    if "nodes" in fields:
        item = converter(fields["nodes"].type.of_type.of_type)
        return lambda page: of(page, item)
    return of


def _arguments(load: Load) -> list[inspect.Parameter]:
    parameters = inspect.signature(load).parameters.values()
    return [parameter for parameter in parameters if parameter.kind is inspect.Parameter.KEYWORD_ONLY]
