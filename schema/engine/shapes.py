"""From what resolvers gave to what the answer holds: section 6.4.3 of the specification, for whole columns of values.

A column has one value for each parent. Where completing a value fails, a `Failed` stands in its place until `settling`
tells what becomes null for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import chain, islice
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    ExecutionContext,
    GraphQLAbstractType,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLString,
    Undefined,
)
from graphql.execution.execute import invalid_return_type_error
from graphql.pyutils import is_iterable

if TYPE_CHECKING:
    from schema.engine.plans import Field, Selection
    from schema.engine.runs import Level, Run

NOTHING: Final = frozenset({type(None), type(Undefined)})
LISTS: Final = frozenset({list, tuple})
MIN_INT, MAX_INT = -(2**31), 2**31 - 1


@dataclass(frozen=True, eq=False)
class Failed:
    """Stands where a value should be."""

    error: Exception


class Shape:
    """A GraphQL type as it completes values; `required_at` names the field if it is non-null."""

    def __init__(self, required_at: str | None) -> None:
        self.is_required = required_at is not None
        self._required_at = required_at

    def complete(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        """One completed value for each value: null for null, Failed for an exception."""
        kinds = set(map(type, values))
        if kinds.isdisjoint(NOTHING) and not any(issubclass(kind, Exception) for kind in kinds):
            return self._complete_present(run, level, field, values)
        completed = [self._absent(run, value) for value in values]
        present = [index for index, value in enumerate(completed) if value is Undefined]
        found = self._complete_present(run, level, field, [values[index] for index in present])
        for index, value in zip(present, found, strict=True):
            completed[index] = value
        return completed

    def _absent(self, run: "Run", value: Any) -> Any:
        """What becomes of an exception or of nothing; Undefined for a value that is there."""
        if isinstance(value, Exception):
            return run.failed(value)
        if value is not None and value is not Undefined:
            return Undefined
        if self.is_required:
            return run.failed(TypeError(f"Cannot return null for non-nullable field {self._required_at}."))
        return None

    def _complete_present(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        raise NotImplementedError


class Leaf(Shape):
    """A scalar or an enum."""

    def __init__(self, required_at: str | None, leaf_type: GraphQLLeafType) -> None:
        super().__init__(required_at)
        self._type = leaf_type
        self._serialize: Callable[[Any], Any] = leaf_type.serialize
        # Values of these classes are what the type would serialize them to.
        self._passing: frozenset[type] = frozenset()
        self._may_pass: Callable[[list[Any]], bool] | None = None
        if self._serialize in PASSING:
            own, self._may_pass = PASSING[self._serialize]
            self._passing = frozenset({own} if self.is_required else {own, type(None)})
        self._names: dict[type, dict[int, str]] = {}

    def complete(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        if self._passing.issuperset(map(type, values)) and (self._may_pass is None or self._may_pass(values)):
            return values
        return super().complete(run, level, field, values)

    def _complete_present(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        try:
            completed = self._serialized(values)
        except Exception:
            return [self._complete_one(run, value) for value in values]
        if NOTHING.isdisjoint(map(type, completed)):
            return completed
        return [self._complete_one(run, value) for value in values]

    def _serialized(self, values: list[Any]) -> list[Any]:
        kinds = set(map(type, values))
        if isinstance(self._type, GraphQLEnumType) and len(kinds) == 1:
            [kind] = kinds
            if issubclass(kind, Enum):
                return list(map(self._names_of(kind).__getitem__, map(id, values)))
        return list(map(self._serialize, values))

    def _names_of(self, members: type[Enum]) -> dict[int, str]:
        """The names of an enum's members by the members' identity, which costs less to look up than their value."""
        if members not in self._names:
            self._names[members] = {id(member): self._serialize(member) for member in members}
        return self._names[members]

    def _complete_one(self, run: "Run", value: Any) -> Any:
        try:
            return ExecutionContext.complete_leaf_value(self._type, value)
        except Exception as error:
            return run.failed(error)


class List(Shape):
    """A list of one shape, which may be a list again."""

    def __init__(self, required_at: str | None, place: str, item: Shape) -> None:
        super().__init__(required_at)
        self._place = place
        self.item = item

    def _complete_present(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        if not LISTS.issuperset(map(type, values)):
            return self._complete_mixed(run, level, field, values)
        items = self.item.complete(run, level, field, list(chain.from_iterable(values)))
        if len(values) == 1:
            return [items]
        following = iter(items)
        return [list(islice(following, len(value))) for value in values]

    def _complete_mixed(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        listed = [self._listed(run, value) for value in values]
        found = self._complete_present(run, level, field, [value for value in listed if type(value) is list])
        following = iter(found)
        return [next(following) if type(value) is list else value for value in listed]

    def _listed(self, run: "Run", value: Any) -> Any:
        if not is_iterable(value):
            return run.failed(GraphQLError(f"Expected Iterable, but did not find one for field '{self._place}'."))
        try:
            return list(value)
        except Exception as error:
            return run.failed(error)


class Object(Shape):
    """An object type with what is selected of it. Direct instances of the classes `known` are surely of the type."""

    def __init__(
        self,
        required_at: str | None,
        object_type: GraphQLObjectType,
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
        except GraphQLError as error:
            return [run.failed(error) for _ in values]
        if self._type.is_type_of and not self._known.issuperset(map(type, values)):
            return self._complete_mixed(run, level, field, values)
        copy = selection.template.copy
        results = [copy() for _ in values]
        if selection.fields and results:
            run.add(selection, values, results, level, field)
        return results

    def _complete_mixed(self, run: "Run", level: "Level", field: "Field", values: list[Any]) -> list[Any]:
        info = level.info(run, field)
        is_type_of: Any = self._type.is_type_of
        refused: dict[int, Failed] = {}
        for index, value in enumerate(values):
            try:
                if not is_type_of(value, info):
                    refused[index] = run.failed(invalid_return_type_error(self._type, value, field.nodes))
            except Exception as error:
                refused[index] = run.failed(error)
        fitting = [value for index, value in enumerate(values) if index not in refused]
        selection = self.selection
        results = [selection.template.copy() for _ in fitting]
        if selection.fields and results:
            run.add(selection, fitting, results, level, field)
        following = iter(results)
        return [refused[index] if index in refused else next(following) for index in range(len(values))]


class Abstract(Shape):
    """An interface or a union: values are parted by their runtime type."""

    def __init__(
        self,
        required_at: str | None,
        abstract_type: GraphQLAbstractType,
        classes: Mapping[type, GraphQLObjectType],
        object_of: Callable[[GraphQLObjectType], Object],
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

    def _runtime_type(self, run: "Run", level: "Level", field: "Field", value: Any) -> GraphQLObjectType:
        info = level.info(run, field)
        resolve = self._type.resolve_type or run.oracle.type_resolver
        name = resolve(value, info, self._type)
        return run.oracle.ensure_valid_runtime_type(name, self._type, field.nodes, info, value)


def _are_ints(values: list[Any]) -> bool:
    numbers = values if None not in values else [value for value in values if value is not None]
    return not numbers or (min(numbers) >= MIN_INT and max(numbers) <= MAX_INT)


def _are_finite(values: list[Any]) -> bool:
    return all(value is None or isfinite(value) for value in values)


PASSING: Final[Mapping[Any, tuple[type, Callable[[list[Any]], bool] | None]]] = {
    str: (str, None),
    GraphQLString.serialize: (str, None),
    GraphQLID.serialize: (str, None),
    GraphQLBoolean.serialize: (bool, None),
    GraphQLInt.serialize: (int, _are_ints),
    GraphQLFloat.serialize: (float, _are_finite),
}
"""Serializers that leave values of a class as they are, and what else must be true of the values."""
