"""What becomes null for a value that failed, and which errors are told: section 6.4.4 of the specification.

One walk over a finished answer, in the order in which graphql-core resolves it without concurrency: what comes
after a failed non-null field in the same object is not told, for graphql-core would not have come to it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import GraphQLError, located_error

from schema.engine.shapes import Failed, List, Shape

if TYPE_CHECKING:
    from schema.engine.plans import Field
    from schema.engine.runs import Level

Place: TypeAlias = list[str | int]


def settle(level: "Level", fields: "Iterable[Field]", levels: "Iterable[Level]") -> list[GraphQLError]:
    """Put null where it belongs in these fields of the root, and tell the errors.

    Raises GraphQLError, as its last argument the errors told before, where the root itself is null.
    """
    walk = _Walk(levels)
    try:
        walk.settle_object(level.results[0], fields, [])
    except GraphQLError as error:
        raise Nulled(walk.errors, error) from None
    return walk.errors


class Nulled(Exception):
    """The whole answer is null for `error`; `earlier` errors were told before."""

    def __init__(self, earlier: list[GraphQLError], error: GraphQLError) -> None:
        super().__init__(error.message)
        self.earlier = earlier
        self.error = error


class _Walk:
    def __init__(self, levels: "Iterable[Level]") -> None:
        self.errors: list[GraphQLError] = []
        self._fields = {id(result): level.selection.fields for level in levels for result in level.results}

    def settle_object(self, result: dict[str, Any], fields: "Iterable[Field]", place: Place) -> None:
        for field in fields:
            result[field.key] = self._settled(result[field.key], field.shape, field, [*place, field.key])

    def _settled(self, value: Any, shape: Shape, field: "Field", place: Place) -> Any:
        try:
            self._settle_inside(value, shape, field, place)
        except GraphQLError as error:
            if shape.is_required:
                raise
            self.errors.append(error)
            return None
        return value

    def _settle_inside(self, value: Any, shape: Shape, field: "Field", place: Place) -> None:
        if type(value) is Failed:
            raise located_error(value.error, field.nodes, place)
        if isinstance(shape, List) and value is not None:
            for index, item in enumerate(value):
                value[index] = self._settled(item, shape.item, field, [*place, index])
        elif id(value) in self._fields:
            self.settle_object(value, self._fields[id(value)], place)
