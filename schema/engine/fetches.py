"""Batch calls: the keys that parents ask for and the values that come back, each key once in an execution."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from schema.engine.resolutions import Batch, Convert, Load, Read

if TYPE_CHECKING:
    from schema.engine.plans import Field
    from schema.engine.runs import Level


class Fetch:
    """The rows of one batch function for one set of arguments: those found, and those waited for."""

    def __init__(self, load: Load, arguments: dict[str, Any]) -> None:
        self._load = load
        self.arguments = arguments
        self._found: dict[Any, Any] = {None: None}
        self._wanted: dict[Any, None] = {}
        # What each conversion made of the rows, by key.
        self._made: dict[Convert | None, dict[Any, Any]] = {}
        self._waiting: list[tuple[Level, Field, Convert | None, list[Any], dict[int, Any]]] = []

    def ask(self, level: "Level", field: "Field", batch: Batch, decided: dict[int, Any]) -> None:
        """Want the values of these parents, but for those where something else is decided already.

        Fields that share a batch function may each be keyed by something else, and each make something else of a row.
        """
        read = batch.key
        try:
            keys = _sound_keys(level, read, decided) if decided else list(map(read, level.sources))
            wanted = dict.fromkeys(keys)
        except Exception:
            keys = _sound_keys(level, read, decided)
            wanted = dict.fromkeys(keys)
        self._wanted |= wanted
        self._waiting.append((level, field, batch.convert, keys, decided))

    def run(self, context: Any) -> "Iterator[tuple[Level, Field, list[Any]]]":
        """Find what is wanted and not known yet with one call; give everybody who waits the values."""
        waiting, self._waiting = self._waiting, []
        keys = [key for key in self._wanted if key not in self._found]
        self._wanted = {}
        if keys:
            self._found |= dict(zip(keys, self._rows(context, keys), strict=True))
        for level, field, convert, asked, decided in waiting:
            values = list(map(self._values(convert, asked).__getitem__, asked))
            for index, value in decided.items():
                values[index] = value
            yield level, field, values

    def _rows(self, context: Any, keys: list[Any]) -> Sequence[Any]:
        """The rows of these keys, errors among them."""
        rows = outcome(self._load, context, keys, **self.arguments)
        if isinstance(rows, Exception):
            return [rows] * len(keys)
        if len(rows) != len(keys):
            name = getattr(self._load, "__name__", self._load)
            return [RuntimeError(f"{name} gave {len(rows)} values for {len(keys)} keys.")] * len(keys)
        return rows  # type: ignore[no-any-return]

    def _values(self, convert: Convert | None, asked: list[Any]) -> dict[Any, Any]:
        """What this conversion makes of the rows found, at least of those of the keys asked for."""
        if convert is None:
            return self._found
        made = self._made.setdefault(convert, {})
        for key in asked:
            if key not in made:
                row = self._found[key]
                made[key] = row if row is None or isinstance(row, Exception) else outcome(convert, row)
        return made


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
