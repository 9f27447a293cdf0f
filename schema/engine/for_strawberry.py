"""How the fields of a Strawberry schema are resolved.

A field without a resolver is an attribute. A resolver marked `resolve.edge = (load, key)` is a batch, keyed by the
parent's attribute `key`; a third part says what makes the value of a row. One marked `resolve.plain = function` stands
for that sync function. Other sync resolvers are called as they are, but for one marked `resolve.bare = name`: without
arguments its field is that attribute. Async ones are not supported.
"""

from collections.abc import Callable, Mapping
from inspect import iscoroutinefunction
from operator import attrgetter
from typing import Any

import strawberry
from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    is_abstract_type,
)
from strawberry.permission import PermissionExtension
from strawberry.schema.schema_converter import get_arguments
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.union import StrawberryUnion

from schema.engine.resolutions import ALLOWED, Attribute, Batch, Call, Convert, Guard, Resolution, Unsupported

DEFINITION = "strawberry-definition"


class StrawberryAdapter:
    """Knows a Strawberry schema. `convert_to` tells what makes an object of the field's type from a batch's row."""

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        convert_to: Callable[[GraphQLOutputType], Convert] | None = None,
        ignored_directives: frozenset[str] = frozenset(),
    ) -> None:
        self._schema = schema._schema
        self._converter = schema.schema_converter
        self._convert_to = convert_to
        self._ignored_directives = ignored_directives

    def ignores(self, directive: str) -> bool:
        return directive in self._ignored_directives

    def resolution(self, parent_type: GraphQLObjectType, name: str, field: GraphQLField) -> Resolution:
        declared = field.extensions.get(DEFINITION)
        if not isinstance(declared, StrawberryField):
            raise Unsupported("it is not declared by Strawberry")
        if self._converter.exception_handlers:
            raise Unsupported("exceptions may be handled")
        resolver = declared.base_resolver
        if resolver is None and declared.default_resolver is getattr:
            return Attribute(declared.python_name, self._guard(declared))
        function: Any = resolver.wrapped_func if resolver else None
        if hasattr(function, "edge"):
            return self._batch(declared, field, *function.edge)
        if hasattr(function, "plain"):
            return Call(self._plain(declared, function.plain))
        if declared.is_async:
            raise Unsupported("its resolver is async")
        if not all(extension.supports_sync for extension in declared.extensions if extension.has_resolver):
            raise Unsupported("it has an async extension")
        if field.resolve is None:
            raise Unsupported("it has no resolver")
        bare = getattr(function, "bare", None)
        return Call(field.resolve, Attribute(bare, self._guard(declared)) if bare else None)

    def classes(self, graphql_type: GraphQLNamedType) -> Mapping[type, GraphQLObjectType]:
        if is_abstract_type(graphql_type):
            definition = graphql_type.extensions.get(DEFINITION)
            if not isinstance(definition, StrawberryUnion) and getattr(definition, "resolve_type", None):
                return {}
            possible = self._schema.get_possible_types(graphql_type)  # type: ignore[arg-type]
        else:
            possible = [graphql_type]  # type: ignore[list-item]
        return {origin: found for found in possible if (origin := _class_of(found)) is not None}

    def _guard(self, declared: StrawberryField) -> Guard | None:
        """The field's permissions, asked for each parent; the extension declared last is asked first."""
        extensions = [extension for extension in declared.extensions if extension.has_resolver]
        if not extensions:
            return None
        for extension in extensions:
            if type(extension) is not PermissionExtension:
                raise Unsupported(f"it has the extension {type(extension).__name__}")
            if not extension.supports_sync:
                raise Unsupported("it has an async permission")
        root = declared.base_resolver.root_parameter if declared.base_resolver else None
        info_class = self._converter.config.info_class

        def guard(source: Any, info: GraphQLResolveInfo, arguments: Mapping[str, Any]) -> Any:
            asked = {**arguments, root.name: source} if root else arguments
            wrapped = info_class(_raw_info=info, _field=declared)
            for extension in reversed(extensions):
                outcome = extension.resolve(_allow, source, wrapped, **asked)
                if outcome is not ALLOWED:
                    return outcome
            return ALLOWED

        return guard

    def _batch(
        self, declared: StrawberryField, field: GraphQLField, load: Any, key: str, convert: Convert | None = None
    ) -> Batch:
        if iscoroutinefunction(load):
            raise Unsupported("its batch function is async")

        def arguments(given: dict[str, Any]) -> dict[str, Any]:
            _, converted = self._arguments(declared, None, None, given)
            return {name: value for name, value in converted.items() if name not in own}

        resolver: Any = declared.base_resolver
        own = {
            parameter.name
            for parameter in (resolver.root_parameter, resolver.parent_parameter, resolver.info_parameter)
            if parameter
        }
        if convert is None and self._convert_to:
            convert = self._convert_to(field.type)
        return Batch(load, attrgetter(key), convert, arguments, self._guard(declared))

    def _plain(self, declared: StrawberryField, plain: Callable[..., Any]) -> Callable[..., Any]:
        if iscoroutinefunction(plain):
            raise Unsupported("its function is async")
        guard = self._guard(declared)
        info_class = self._converter.config.info_class

        def call(source: Any, info: GraphQLResolveInfo, **given: Any) -> Any:
            args, arguments = self._arguments(declared, source, info_class(_raw_info=info, _field=declared), given)
            if guard:
                told = {name: value for name, value in arguments.items() if name != "info"}
                outcome = guard(source, info, told)
                if outcome is not ALLOWED:
                    return outcome
            return plain(*args, **arguments)

        return call

    def _arguments(
        self, declared: StrawberryField, source: Any, info: Any, given: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        return get_arguments(
            field=declared,
            source=source,
            info=info,
            kwargs=given,
            config=self._converter.config,
            scalar_registry=self._converter.scalar_registry,
        )


def _allow(*_: Any, **__: Any) -> Any:
    return ALLOWED


def _class_of(object_type: GraphQLObjectType) -> type | None:
    """The class whose direct instances Strawberry takes for this type without looking at their values."""
    definition = object_type.extensions.get(DEFINITION)
    if not isinstance(definition, StrawberryObjectDefinition):
        return None
    is_plain = not definition.is_type_of and not definition.concrete_of and not definition.is_graphql_generic
    return definition.origin if is_plain and definition.name == object_type.name else None
