"""One execution of an operation: objects are resolved level by level, in waves that end with their batch calls."""

from collections import deque
from collections.abc import Iterable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import graphql
from graphql import ExecutionContext, ExecutionResult, GraphQLError, GraphQLResolveInfo
from graphql.execution.execute import CollectedErrors
from graphql.pyutils import Path, is_awaitable

from schema.engine.fetches import Fetch, outcome
from schema.engine.resolutions import ALLOWED, Batch, Call
from schema.engine.settling import Nulled, settle
from schema.engine.shapes import Failed

if TYPE_CHECKING:
    from schema.engine.plans import Field, Plan, Selection

MAX_VARIABLE_ERRORS = 50  # as graphql-core's `execute`


class Level:
    """Objects for which the same fields are resolved, with the maps that answer for them."""

    __slots__ = ("_paths", "field", "parent", "results", "selection", "sources")

    def __init__(
        self, selection: "Selection", sources: list[Any], parent: "Level | None" = None, field: "Field | None" = None
    ) -> None:
        self.selection = selection
        self.sources = sources
        self.results: list[dict[str, Any]] = []
        self.parent = parent
        self.field = field
        self._paths: dict[int, Path] | None = None

    def path(self, index: int) -> Path | None:
        """Where an object stands in the answer. Looked up once, for most levels never."""
        if self.parent is None or self.field is None:
            return None
        if self._paths is None:
            self._paths = {}
            for place, result in enumerate(self.parent.results):
                path = Path(self.parent.path(place), self.field.key, self.field.parent_type.name)
                _find(result[self.field.key], path, self._paths)
        return self._paths[id(self.results[index])]


class Run:
    """What one execution knows."""

    def __init__(self, plan: "Plan", context: Any, root_value: Any) -> None:
        self._plan = plan
        self._context = context
        self._root_value = root_value
        self._variables: dict[str, Any] = {}
        self._has_failed = False
        self._levels: list[Level] = []
        self._waiting: deque[Level] = deque()
        self._fetches: dict[Any, list[Fetch]] = {}

    def execute(self, variables: Mapping[str, Any]) -> ExecutionResult:
        definitions = self._plan.operation.variable_definitions
        if definitions:
            coerced = graphql.get_variable_values(
                self._plan.schema, definitions, dict(variables), max_errors=MAX_VARIABLE_ERRORS
            )
            if isinstance(coerced, list):
                return ExecutionResult(None, coerced)
            self._variables = coerced
        try:
            selection = self._plan.variant(self._variables).root
        except GraphQLError as error:
            return ExecutionResult(None, [error])
        root = Level(selection, [self._root_value])
        root.results = [dict(selection.template)]
        errors: list[GraphQLError] = []
        try:
            for fields in [[field] for field in selection.fields] if self._plan.is_serial else [selection.fields]:
                self._resolve_root(root, fields)
                if self._has_failed:
                    errors += settle(root, fields, self._levels)
        except Nulled as nulled:
            return ExecutionContext.build_response(None, [*errors, *nulled.earlier, nulled.error])
        return ExecutionContext.build_response(root.results[0], errors)

    @cached_property
    def oracle(self) -> ExecutionContext:
        """graphql-core's own idea of this execution, asked where things are rare and intricate."""
        return ExecutionContext(
            self._plan.schema,
            self._plan.fragments,
            self._root_value,
            self._context,
            self._plan.operation,
            self._variables,
            graphql.default_field_resolver,
            graphql.default_type_resolver,
            graphql.default_field_resolver,
            CollectedErrors(),
            None,
            is_awaitable,
        )

    def info(self, level: Level, field: "Field", index: int | None = None) -> GraphQLResolveInfo:
        """What graphql-core tells a resolver about where it is; without an index, of the field alone."""
        path = Path(None if index is None else level.path(index), field.key, field.parent_type.name)
        return self.oracle.build_resolve_info(field.definition, field.nodes, field.parent_type, path)

    def failed(self, error: Exception) -> Failed:
        self._has_failed = True
        return Failed(error)

    def answers(
        self, selection: "Selection", sources: list[Any], parent: Level, field: "Field"
    ) -> list[dict[str, Any]]:
        """A map for each of these objects, with its attributes; its other fields follow in this wave."""
        level = Level(selection, sources, parent, field)
        columns = [self._column(level, column) for column in selection.columns]
        level.results = self._written(level, columns)
        self._levels.append(level)
        if selection.others:
            self._waiting.append(level)
        return level.results

    def _written(self, level: Level, columns: list[list[Any]]) -> list[dict[str, Any]]:
        selection = level.selection
        try:
            written = selection.write(zip(level.sources, *columns, strict=True))
        except Exception:
            written = None
        if written is not None:
            return written
        rows = zip(*columns, *(self._column(level, field) for field in selection.writable), strict=True)
        keys = [field.key for field in (*selection.columns, *selection.writable)]
        return [{**selection.template, **dict(zip(keys, row, strict=True))} for row in rows]

    def _column(self, level: Level, field: "Field") -> list[Any]:
        return field.shape.complete(self, level, field, _read(field, level.sources))

    def _resolve_root(self, root: Level, fields: "list[Field]") -> None:
        """Resolve these fields and everything below. Whatever an earlier mutation found is forgotten."""
        self._has_failed = False
        self._levels = []
        self._fetches = {}
        self._resolve(root, fields)
        self._fetch()
        while self._waiting:
            while self._waiting:
                level = self._waiting.popleft()
                self._resolve(level, level.selection.others)
            self._fetch()

    def _resolve(self, level: Level, fields: "Iterable[Field]") -> None:
        for field in fields:
            resolution = field.resolution
            try:
                arguments = field.arguments(self._variables)
            except Exception as error:
                self._fill(level, field, [error] * len(level.sources))
                continue
            if isinstance(resolution, Batch):
                self._ask(level, field, resolution, arguments)
            elif isinstance(resolution, Call):
                self._fill(level, field, self._called(level, field, resolution, arguments))
            else:
                decided = self._decided(level, field, arguments)
                values = _read(field, level.sources)
                self._fill(level, field, [decided.get(index, value) for index, value in enumerate(values)])

    def _called(self, level: Level, field: "Field", call: Call, arguments: dict[str, Any]) -> list[Any]:
        return [
            outcome(call.function, source, self.info(level, field, index), **arguments)
            for index, source in enumerate(level.sources)
        ]

    def _decided(self, level: Level, field: "Field", arguments: dict[str, Any]) -> dict[int, Any]:
        """What takes the field's place for the parents whose guard does not allow it: a value or an error."""
        guard = getattr(field.resolution, "guard", None)
        if guard is None:
            return {}
        outcomes = (
            outcome(guard, source, self.info(level, field, index), arguments)
            for index, source in enumerate(level.sources)
        )
        return {index: found for index, found in enumerate(outcomes) if found is not ALLOWED}

    def _ask(self, level: Level, field: "Field", batch: Batch, arguments: dict[str, Any]) -> None:
        """Note the keys of these parents for the batch call that ends the wave."""
        decided = self._decided(level, field, arguments) if batch.guard else {}
        fetches = self._fetches.setdefault(batch.load, [])
        for fetch in fetches:
            if fetch.arguments == arguments:
                break
        else:
            fetch = Fetch(batch.load, arguments)
            fetches.append(fetch)
        fetch.ask(level, field, batch, decided)

    def _fetch(self) -> None:
        for fetches in list(self._fetches.values()):
            for fetch in fetches:
                for level, field, values in fetch.run(self._context):
                    self._fill(level, field, values)

    def _fill(self, level: Level, field: "Field", values: list[Any]) -> None:
        column = field.shape.complete(self, level, field, values)
        key = field.key
        for result, value in zip(level.results, column, strict=True):
            result[key] = value


def _read(field: "Field", sources: list[Any]) -> list[Any]:
    read = attrgetter(getattr(field.resolution, "name", ""))
    try:
        return list(map(read, sources))
    except Exception:
        return [outcome(read, source) for source in sources]


def _find(value: Any, path: Path, found: dict[int, Path]) -> None:
    if isinstance(value, dict):
        found[id(value)] = path
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _find(item, path.add_key(index, None), found)
