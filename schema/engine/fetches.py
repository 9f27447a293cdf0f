"""Batch calls: the keys that parents ask for and the values that come back, each key once in an execution."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from schema.engine.resolutions import Batch, Read

if TYPE_CHECKING:
    from schema.engine.plans import Field
    from schema.engine.runs import Level


class Fetch:
    """The values of one batch function for one set of arguments: those found, and those waited for."""

    def __init__(self, batch: Batch, arguments: dict[str, Any]) -> None:
        self._batch = batch
        self.arguments = arguments
        self._found: dict[Any, Any] = {None: None}
        self._wanted: dict[Any, None] = {}
        self._waiting: list[tuple[Level, Field, list[Any], dict[int, Any]]] = []

    def ask(self, level: "Level", field: "Field", read: Read, decided: dict[int, Any]) -> None:
        """Want the values of these parents, but for those where something else is decided already.

        `read` gives the parent's key: fields that share a batch function may each be keyed by something else.
        """
        try:
            keys = _sound_keys(level, read, decided) if decided else list(map(read, level.sources))
            wanted = dict.fromkeys(keys)
        except Exception:
            keys = _sound_keys(level, read, decided)
            wanted = dict.fromkeys(keys)
        self._wanted |= wanted
        self._waiting.append((level, field, keys, decided))

    def run(self, context: Any) -> "Iterator[tuple[Level, Field, list[Any]]]":
        """Find what is wanted and not known yet with one call; give everybody who waits the values."""
        waiting, self._waiting = self._waiting, []
        keys = [key for key in self._wanted if key not in self._found]
        self._wanted = {}
        if keys:
            self._found |= dict(zip(keys, self._load(context, keys), strict=True))
        for level, field, asked, decided in waiting:
            values = list(map(self._found.__getitem__, asked))
            for index, value in decided.items():
                values[index] = value
            yield level, field, values

    def _load(self, context: Any, keys: list[Any]) -> Sequence[Any]:
        """The values of these keys, converted; errors among them."""
        load, convert = self._batch.load, self._batch.convert
        rows = outcome(load, context, keys, **self.arguments)
        if isinstance(rows, Exception):
            return [rows] * len(keys)
        if len(rows) != len(keys):
            name = getattr(load, "__name__", load)
            return [RuntimeError(f"{name} gave {len(rows)} values for {len(keys)} keys.")] * len(keys)
        if convert is None:
            return rows  # type: ignore[no-any-return]
        return [row if row is None or isinstance(row, Exception) else outcome(convert, row) for row in rows]


def outcome(function: Any, *args: Any, **arguments: Any) -> Any:
    """What a function gives, an exception that it raises included: among values, the two mean the same."""
    try:
        return function(*args, **arguments)
    except Exception as error:
        return error


def _sound_keys(level: "Level", read: Read, decided: dict[int, Any]) -> list[Any]:
    """Keys one by one: what is wrong with one that cannot be read or cannot be a key becomes its field's value."""
    keys: list[Any] = [None] * len(level.sources)
    for index, source in enumerate(level.sources):
        if index in decided:
            continue
        try:
            key = read(source)
            hash(key)
            keys[index] = key
        except Exception as error:
            decided[index] = error
    return keys
