"""From what resolvers gave to what the answer holds: section 6.4.3 of the specification, for whole columns of values.

A column has one value for each parent. Where completing a value fails, a `Failed` stands in its place until `settling`
tells what becomes null for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import graphql
from graphql.execution.execute import invalid_return_type_error
from graphql.pyutils import is_iterable

if TYPE_CHECKING:
    from schema.engine.plans import Field, Selection
    from schema.engine.runs import Level, Run

NOTHING: Final = frozenset({type(None), type(graphql.Undefined)})
NONE: Final = frozenset({type(None)})
LISTS: Final = frozenset({list, tuple})


@dataclass(frozen=True, eq=False)
class Failed:
    """Stands where a value should be."""

    error: Exception


class Shape:
    """A GraphQL type as it completes values; `required_at` names the field if it is non-null."""

    def __init__(self, required_at: str | None) -> None:
        self.is_required = required_at is not None
        self._required_at = required_at
        # Classes met so far whose instances are neither nothing nor an exception.
        self.present: set[type] = set()

    def complete(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        """One completed value for each value: null for null, Failed for an exception."""
        kinds = set(map(type, values))
        if self._learn(kinds):
            return self._complete_present(run, level, field, values)
        if kinds - self.present == NONE and not self.is_required:
            completed: list[Any] = [None] * len(values)
            present = [index for index, value in enumerate(values) if value is not None]
        else:
            completed = [self._absent(run, value) for value in values]
            present = [index for index, value in enumerate(completed) if value is graphql.Undefined]
        found = self._complete_present(run, level, field, [values[index] for index in present])
        for index, value in zip(present, found, strict=True):
            completed[index] = value
        return completed

    def _learn(self, kinds: set[type]) -> bool:
        if not kinds <= self.present:
            self.present |= {kind for kind in kinds - NOTHING if not issubclass(kind, Exception)}
        return kinds <= self.present

    def _absent(self, run: "Run", value: Any) -> Any:
        """What becomes of an exception or of nothing; Undefined for a value that is there."""
        if isinstance(value, Exception):
            return run.failed(value)
        if value is not None and value is not graphql.Undefined:
            return graphql.Undefined
        if self.is_required:
            return run.failed(TypeError(f"Cannot return null for non-nullable field {self._required_at}."))
        return None

    def _complete_present(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        raise NotImplementedError


class Leaf(Shape):
    """A scalar or an enum."""

    def __init__(self, required_at: str | None, leaf_type: graphql.GraphQLLeafType) -> None:
        super().__init__(required_at)
        self._type = leaf_type
        self.serialize: Callable[[Any], Any] = leaf_type.serialize
        own, self.condition = PASSING.get(self.serialize, (None, ""))
        if own:
            self.present.add(own)
        # Values of these classes are what the type would serialize them to.
        self._passing = frozenset({own} if self.is_required else {own, type(None)})

    def complete(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        if self._passing.issuperset(map(type, values)):
            return values
        return super().complete(run, level, field, values)

    def _complete_present(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        try:
            completed = list(map(self.serialize, values))
        except Exception:
            return [self._complete_one(run, value) for value in values]
        if self.serialize is str or NOTHING.isdisjoint(map(type, completed)):
            return completed
        return [self._complete_one(run, value) for value in values]

    def _complete_one(self, run: "Run", value: Any) -> Any:
        try:
            return graphql.ExecutionContext.complete_leaf_value(self._type, value)
        except Exception as error:
            return run.failed(error)


class EnumLeaf(Leaf):
    """An enum. The names of members met are kept by the members' identity, the quickest to look up."""

    def __init__(self, required_at: str | None, leaf_type: graphql.GraphQLLeafType) -> None:
        super().__init__(required_at, leaf_type)
        self._members: list[Enum] = []  # kept alive, so that no identity is given twice
        self.names: dict[int, str | None] = {} if self.is_required else {id(None): None}

    def complete(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        try:
            return list(map(self.names.__getitem__, map(id, values)))
        except KeyError:
            return super().complete(run, level, field, values)

    def _complete_one(self, run: "Run", value: Any) -> Any:
        completed = super()._complete_one(run, value)
        if isinstance(value, Enum) and isinstance(completed, str) and id(value) not in self.names:
            self._members.append(value)
            self.names[id(value)] = completed
        return completed

    def _complete_present(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        return [self._complete_one(run, value) for value in values]


class List(Shape):
    """A list of one shape, which may be a list again."""

    def __init__(self, required_at: str | None, place: str, item: Shape) -> None:
        super().__init__(required_at)
        self._place = place
        self.item = item

    def complete(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        if LISTS.issuperset(map(type, values)):
            return self._complete_lists(run, level, field, values)
        return super().complete(run, level, field, values)

    def _complete_lists(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        items = self.item.complete(run, level, field, list(chain.from_iterable(values)))
        if len(values) == 1:
            return [items]
        end = 0
        return [items[end : (end := end + len(value))] for value in values]

    def _complete_present(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        listed = [self._listed(run, value) for value in values]
        found = self._complete_lists(run, level, field, [value for value in listed if type(value) is list])
        following = iter(found)
        return [next(following) if type(value) is list else value for value in listed]

    def _listed(self, run: "Run", value: Any) -> Any:
        if not is_iterable(value):
            return run.failed(
                graphql.GraphQLError(f"Expected Iterable, but did not find one for field '{self._place}'.")
            )
        try:
            return list(value)
        except Exception as error:
            return run.failed(error)


class Object(Shape):
    """An object type with what is selected of it. Direct instances of the classes `known` are surely of the type."""

    def __init__(
        self,
        required_at: str | None,
        object_type: graphql.GraphQLObjectType,
        known: frozenset[type],
        select: Callable[[], "Selection"],
    ) -> None:
        super().__init__(required_at)
        self._type = object_type
        self._known = known
        self._select = select

    @cached_property
    def selection(self) -> "Selection":
        return self._select()

    def _complete_present(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        return self.complete_objects(run, level, field, values)

    def complete_objects(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        """A map for each object, to be filled when its level is resolved."""
        try:
            selection = self.selection
        except graphql.GraphQLError as error:
            return [run.failed(error) for _ in values]
        if self._type.is_type_of and not self._known.issuperset(map(type, values)):
            return self._complete_mixed(run, level, field, values)
        return run.answers(selection, values, level, field)

    def _complete_mixed(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        info = run.info(level, field)
        is_type_of: Any = self._type.is_type_of
        refused: dict[int, Failed] = {}
        for index, value in enumerate(values):
            try:
                if not is_type_of(value, info):
                    refused[index] = run.failed(invalid_return_type_error(self._type, value, field.nodes))
            except Exception as error:
                refused[index] = run.failed(error)
        fitting = [value for index, value in enumerate(values) if index not in refused]
        following = iter(run.answers(self.selection, fitting, level, field))
        return [refused[index] if index in refused else next(following) for index in range(len(values))]


class Abstract(Shape):
    """An interface or a union: values are parted by their runtime type."""

    def __init__(
        self,
        required_at: str | None,
        abstract_type: graphql.GraphQLAbstractType,
        classes: Mapping[type, graphql.GraphQLObjectType],
        object_of: Callable[[graphql.GraphQLObjectType], Object],
    ) -> None:
        super().__init__(required_at)
        self._type = abstract_type
        self._classes = classes
        self._object_of = object_of
        self._objects: dict[str, Object] = {}

    def _complete_present(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        completed: list[Any] = [None] * len(values)
        places: dict[str, list[int]] = {}
        for index, value in enumerate(values):
            try:
                object_type = self._classes.get(type(value)) or self._runtime_type(run, level, field, value)
            except Exception as error:
                completed[index] = run.failed(error)
                continue
            if object_type.name not in self._objects:
                self._objects[object_type.name] = self._object_of(object_type)
            places.setdefault(object_type.name, []).append(index)
        for name, indexes in places.items():
            found = self._objects[name].complete_objects(run, level, field, [values[index] for index in indexes])
            for index, result in zip(indexes, found, strict=True):
                completed[index] = result
        return completed

    def _runtime_type(self, run: "Run", level: "Level", field: "Field", value: Any) -> graphql.GraphQLObjectType:
        info = run.info(level, field)
        resolve = self._type.resolve_type or run.oracle.type_resolver
        name = resolve(value, info, self._type)
        return run.oracle.ensure_valid_runtime_type(name, self._type, field.nodes, info, value)


PASSING: Final[Mapping[Any, tuple[type | None, str]]] = {
    str: (str, ""),
    graphql.GraphQLString.serialize: (str, "type({0}) is str"),
    graphql.GraphQLID.serialize: (str, "type({0}) is str"),
    graphql.GraphQLBoolean.serialize: (bool, "type({0}) is bool"),
    graphql.GraphQLInt.serialize: (None, "type({0}) is int and -0x80000000 <= {0} <= 0x7FFFFFFF"),
    graphql.GraphQLFloat.serialize: (None, "type({0}) is float and {0} - {0} == 0"),  # not so for nan and inf
}
"""Serializers that leave some values as they are: all values of a class, or those that fulfil a condition."""
