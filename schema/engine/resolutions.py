"""How a field gets its values: what an adapter, which knows the schema, tells the engine, which does not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from graphql import GraphQLField, GraphQLNamedType, GraphQLObjectType, GraphQLResolveInfo


class Unsupported(Exception):
    """The engine cannot execute this operation as graphql-core would; the message says why."""


ALLOWED: Final = object()
"""What a guard answers when the field may be resolved."""

Read: TypeAlias = Callable[[Any], Any]
Load: TypeAlias = Callable[..., Sequence[Any]]
Convert: TypeAlias = Callable[[Any], Any]
Guard: TypeAlias = Callable[[Any, GraphQLResolveInfo, Mapping[str, Any]], Any]
"""`guard(parent, info, arguments)` answers ALLOWED, or the value that takes the field's place; or it raises."""


@dataclass(frozen=True)
class Attribute:
    """The value is the parent's attribute of this name."""

    name: str
    guard: Guard | None = None


@dataclass(frozen=True)
class Batch:
    """`load(context, keys, **arguments)` finds the values of all parents: one for each key, in order.

    Keys are hashable and come without duplicates; a parent whose key is None has null without a call. An Exception
    among the values fails the fields of its key alone. `convert` makes a row what its type's fields are read from.
    """

    load: Load
    key: Read
    convert: Convert | None = None
    arguments: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    guard: Guard | None = None


@dataclass(frozen=True)
class Call:
    """`function(parent, info, **arguments)` is called for each parent, after graphql-core's manner.

    Where the document gives the field no argument, and there is a `bare`, its attribute is the value.
    """

    function: Callable[..., Any]
    bare: Attribute | None = None


Resolution: TypeAlias = Attribute | Batch | Call


class Adapter(Protocol):
    """What the engine asks about a schema, before it executes anything."""

    def resolution(self, parent_type: GraphQLObjectType, name: str, field: GraphQLField) -> Resolution:
        """How this field is resolved. Raises Unsupported."""

    def ignores(self, directive: str) -> bool:
        """Whether this directive on a field or fragment, neither @skip nor @include, has no effect on execution."""

    def classes(self, graphql_type: GraphQLNamedType) -> Mapping[type, GraphQLObjectType]:
        """Classes whose direct instances are known to be of an object type.

        For a composite type: values of these classes are not asked by `resolve_type` and `is_type_of`.
        """
