"""One execution of an operation: objects are resolved level by level, in waves that end with their batch calls."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graphql import (
    ExecutionContext,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    default_field_resolver,
    default_type_resolver,
    get_variable_values,
)
from graphql.execution.execute import CollectedErrors
from graphql.pyutils import Path, is_awaitable

from schema.engine.resolutions import ALLOWED, Attribute, Batch, Call
from schema.engine.settling import Nulled, settle
from schema.engine.shapes import Failed

if TYPE_CHECKING:
    from schema.engine.plans import Field, Plan, Selection

MAX_VARIABLE_ERRORS = 50  # as graphql-core's `execute`


class Level:
    """Objects for which the same fields are resolved, with the maps that will answer for them."""

    __slots__ = ("_paths", "field", "parent", "results", "selection", "sources")

    def __init__(
        self,
        selection: "Selection",
        sources: list[Any],
        results: list[dict[str, Any]],
        parent: "Level | None" = None,
        field: "Field | None" = None,
    ) -> None:
        self.selection = selection
        self.sources = sources
        self.results = results
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
                path = Path(self.parent.path(place), self.field.key, self.parent.selection.parent_type.name)
                _find(result[self.field.key], path, self._paths)
        return self._paths.get(id(self.results[index]))

    def info(self, run: "Run", field: "Field", index: int = 0) -> GraphQLResolveInfo:
        """What graphql-core tells a resolver about where it is."""
        path = Path(self.path(index), field.key, field.parent_type.name)
        return run.oracle.build_resolve_info(field.definition, field.nodes, field.parent_type, path)


@dataclass(eq=False)
class _Fetch:
    """The values of one batch function for one set of arguments: those found, and those waited for."""

    batch: Batch
    arguments: dict[str, Any]
    found: dict[Any, Any] = field(default_factory=lambda: {None: None})
    wanted: dict[Any, None] = field(default_factory=dict)
    waiting: "list[tuple[Level, Field, list[Any], dict[int, Any]]]" = field(default_factory=list)

    def run(self, context: Any) -> None:
        """Find what is wanted and not known yet, with one call."""
        keys = [key for key in self.wanted if key not in self.found]
        self.wanted = {}
        if not keys:
            return
        rows = _outcome(self.batch.load, context, keys, **self.arguments)
        if not isinstance(rows, Exception) and len(rows) != len(keys):
            rows = RuntimeError(f"{self.batch.load.__name__} gave {len(rows)} values for {len(keys)} keys.")
        if isinstance(rows, Exception):
            self.found.update(dict.fromkeys(keys, rows))
        else:
            self.found.update(zip(keys, self._converted(rows), strict=True))

    def _converted(self, rows: Sequence[Any]) -> Iterable[Any]:
        convert = self.batch.convert
        if convert is None:
            return rows
        converted = []
        for row in rows:
            try:
                converted.append(row if row is None or isinstance(row, Exception) else convert(row))
            except Exception as error:
                converted.append(error)
        return converted


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
        self._fetches: dict[Any, list[_Fetch]] = {}

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
            default_field_resolver,
            default_type_resolver,
            default_field_resolver,
            CollectedErrors(),
            None,
            is_awaitable,
        )

    def execute(self, variables: Mapping[str, Any]) -> ExecutionResult:
        definitions = self._plan.operation.variable_definitions
        if definitions:
            coerced = get_variable_values(
                self._plan.schema, definitions, dict(variables), max_errors=MAX_VARIABLE_ERRORS
            )
            if isinstance(coerced, list):
                return ExecutionResult(None, coerced)
            self._variables = coerced
        try:
            selection = self._plan.variant(self._variables).root
        except GraphQLError as error:
            return ExecutionResult(None, [error])
        root = Level(selection, [self._root_value], [selection.template.copy()])
        errors: list[GraphQLError] = []
        try:
            for fields in [[field] for field in selection.fields] if self._plan.is_serial else [selection.fields]:
                self._resolve_root(root, fields)
                if self._has_failed:
                    errors += settle(root, fields, self._levels)
        except Nulled as nulled:
            return ExecutionContext.build_response(None, [*errors, *nulled.earlier, nulled.error])
        return ExecutionContext.build_response(root.results[0], errors)

    def failed(self, error: Exception) -> Failed:
        self._has_failed = True
        return Failed(error)

    def add(
        self,
        selection: "Selection",
        sources: list[Any],
        results: list[dict[str, Any]],
        parent: Level,
        field: "Field",
    ) -> None:
        """Let these objects be resolved, in this wave."""
        level = Level(selection, sources, results, parent, field)
        self._levels.append(level)
        self._waiting.append(level)

    def _resolve_root(self, root: Level, fields: "list[Field]") -> None:
        """Resolve these fields and everything below. Whatever an earlier mutation found is forgotten."""
        self._has_failed = False
        self._levels = []
        self._fetches = {}
        self._resolve(root, fields)
        while self._waiting:
            while self._waiting:
                level = self._waiting.popleft()
                self._read(level)
                if level.selection.others:
                    self._resolve(level, level.selection.others)
            self._fetch()

    def _read(self, level: Level) -> None:
        sources, results = level.sources, level.results
        for field_, key, read, complete in level.selection.columns:
            try:
                values = list(map(read, sources))
            except Exception:
                values = [_outcome(read, source) for source in sources]
            for result, value in zip(results, complete(self, level, field_, values), strict=True):
                result[key] = value

    def _fetch(self) -> None:
        for fetches in list(self._fetches.values()):
            for fetch in fetches:
                if not fetch.waiting:
                    continue
                fetch.run(self._context)
                waiting, fetch.waiting = fetch.waiting, []
                for level, field_, keys, decided in waiting:
                    values = list(map(fetch.found.__getitem__, keys))
                    for index, value in decided.items():
                        values[index] = value
                    self._fill(level, field_, values)

    def _fill(self, level: Level, field: "Field", values: list[Any]) -> None:
        column = field.shape.complete(self, level, field, values)
        for result, value in zip(level.results, column, strict=True):
            result[field.key] = value

    def _resolve(self, level: Level, fields: "Iterable[Field]") -> None:
        for field_ in fields:
            resolution = field_.resolution
            try:
                arguments = field_.arguments(self._variables)
            except Exception as error:
                self._fill(level, field_, [error] * len(level.sources))
                continue
            match resolution:
                case Call(function):
                    values = [
                        _outcome(function, source, level.info(self, field_, index), **arguments)
                        for index, source in enumerate(level.sources)
                    ]
                    self._fill(level, field_, values)
                case Attribute(read):
                    decided = self._guarded(level, field_, arguments)
                    values = [
                        decided[index] if index in decided else _outcome(read, source)
                        for index, source in enumerate(level.sources)
                    ]
                    self._fill(level, field_, values)
                case Batch():
                    self._ask(level, field_, resolution, arguments)

    def _guarded(self, level: Level, field: "Field", arguments: dict[str, Any]) -> dict[int, Any]:
        """What takes the field's place for the parents whose guard does not allow it: a value or an error."""
        guard = getattr(field.resolution, "guard", None)
        if guard is None:
            return {}
        outcomes = (
            _outcome(guard, source, level.info(self, field, index), arguments)
            for index, source in enumerate(level.sources)
        )
        return {index: outcome for index, outcome in enumerate(outcomes) if outcome is not ALLOWED}

    def _ask(self, level: Level, field: "Field", batch: Batch, arguments: dict[str, Any]) -> None:
        """Note the keys of these parents for the batch call that ends the wave."""
        decided = self._guarded(level, field, arguments)
        try:
            keys = [None if index in decided else batch.key(source) for index, source in enumerate(level.sources)]
            wanted = dict.fromkeys(keys)
        except Exception:
            keys = self._keys_one_by_one(level, batch, decided)
            wanted = dict.fromkeys(keys)
        fetch = self._fetch_of(batch, arguments)
        fetch.wanted.update(wanted)
        fetch.waiting.append((level, field, keys, decided))

    def _keys_one_by_one(self, level: Level, batch: Batch, decided: dict[int, Any]) -> list[Any]:
        """The keys where one cannot be read or cannot be a key: what is wrong with it becomes the field's value."""
        keys: list[Any] = [None] * len(level.sources)
        for index, source in enumerate(level.sources):
            if index in decided:
                continue
            try:
                key = batch.key(source)
                hash(key)
                keys[index] = key
            except Exception as error:
                decided[index] = error
        return keys

    def _fetch_of(self, batch: Batch, arguments: dict[str, Any]) -> _Fetch:
        fetches = self._fetches.setdefault((batch.load, batch.convert), [])
        for fetch in fetches:
            if fetch.arguments == arguments:
                return fetch
        fetches.append(_Fetch(batch, arguments))
        return fetches[-1]


def _outcome(function: Any, *args: Any, **arguments: Any) -> Any:
    """What a function gives, an exception that it raises included: the two mean the same."""
    try:
        return function(*args, **arguments)
    except Exception as error:
        return error


def _find(value: Any, path: Path, found: dict[int, Path]) -> None:
    if isinstance(value, dict):
        found[id(value)] = path
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _find(item, path.add_key(index, None), found)
