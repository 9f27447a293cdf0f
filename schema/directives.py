"""Directives that storefronts put on an operation."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from graphql import EnumValueNode, OperationDefinitionNode, VariableNode
from strawberry.directive import DirectiveLocation, DirectiveValue

from schema.codes import CountryCode, LanguageCode
from schema.context import Context
from shop import languages

NAME = "inContext"


@strawberry.directive(
    name=NAME,
    locations=[DirectiveLocation.QUERY, DirectiveLocation.MUTATION, DirectiveLocation.SUBSCRIPTION],
    description="For which country, and in which language, the operation answers.",
)
def in_context(
    value: DirectiveValue[Any],
    country: Annotated[
        CountryCode | None, strawberry.argument(description="The shopper's country; without it, the shop's.")
    ] = None,
    language: Annotated[
        LanguageCode | None,
        strawberry.argument(description="The language of texts; one the shop does not offer means its own."),
    ] = None,
) -> Any:
    """Declared here; `put_in_context` gives it its effect, before any field is resolved."""
    return value


def put_in_context(operation: OperationDefinitionNode, variables: Mapping[str, Any], context: Context) -> None:
    """Let the context know the country and language that the operation names. Variables are not coerced yet."""
    for directive in operation.directives:
        if directive.name.value == NAME:
            named = {
                argument.name.value: _code(argument.value, operation, variables) for argument in directive.arguments
            }
            context.country = _member(CountryCode, named.get("country")) or context.country
            language = _member(LanguageCode, named.get("language"))
            context.language = languages.spoken(language) if language else context.language


def _code(value: object, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> Any:
    match value:
        case EnumValueNode(value=code):
            return code
        case VariableNode(name=name):
            defaults = {node.variable.name.value: node.default_value for node in operation.variable_definitions}
            return variables[name.value] if name.value in variables else _code(defaults.get(name.value), operation, {})
    return None


def _member(codes: Any, code: Any) -> str | None:
    """The code if it is one of them and says something. Coercion tells of others, and ZZ is no country."""
    return code if isinstance(code, str) and code in codes.__members__ and code != "ZZ" else None
