"""From a file to rows: plain or gzip, JSON Lines or CSV, and one clear sentence where a row is neither."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, cast

from catalog.imports.fields import BadLine

MAX_LINE = 5_000_000
_BOM = b"\xef\xbb\xbf"


class Format(StrEnum):
    """The forms of a file."""

    JSONL = "JSONL"
    CSV = "CSV"


class Unreadable(Exception):
    """The file cannot be read as rows; the message says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a file says in one place, or why it cannot be read: its number, and where one begins to read to find it.

    `parts` are the numbers of its variants' lines, where the file gives each its own.
    """

    number: int
    start: int
    said: object | BadLine
    parts: tuple[int, ...] = ()


def from_texts(texts: Iterable[str]) -> Iterator[Row]:
    """A row of each line of JSON; blank ones are passed over."""
    for number, text in enumerate(texts, 1):
        if text.strip():
            yield Row(number, 0, _json(text))


def from_json_lines(file: BinaryIO, start: int = 0, number: int = 0) -> Iterator[Row]:
    """The rows of a file of JSON Lines, from the place `start` on, before which there are so many lines."""
    file.seek(start)
    for place, line in _lines(file, start):
        number += 1
        if isinstance(line, BadLine):
            yield Row(number, place, line)
        elif text := (line.removeprefix(_BOM) if place == 0 else line).strip():
            yield Row(number, place, _decoded(text))


def _lines(file: BinaryIO, place: int) -> Iterator[tuple[int, bytes | BadLine]]:
    """The lines with their places. One that is too long is passed over without being kept in memory."""
    while line := file.readline(MAX_LINE + 1):
        size = len(line)
        if size <= MAX_LINE or line.endswith(b"\n"):
            yield place, line
        else:
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE)
                size += len(line)
            yield place, BadLine(f"This line has {size} bytes; {MAX_LINE} are the most.")
        place += size


def _decoded(line: bytes) -> object | BadLine:
    try:
        return _json(line.decode())
    except UnicodeDecodeError as error:
        return BadLine(f"This is not UTF-8 text: {error.reason} at byte {error.start + 1}.")


def _json(text: str) -> object | BadLine:
    try:
        return cast(object, json.loads(text.rstrip()))
    except json.JSONDecodeError as error:
        return BadLine(f"This is not JSON: {error.msg} at character {error.colno}.")
    except (ValueError, RecursionError):
        return BadLine("This is not JSON that can be read: a number is too long or the nesting too deep.")


def form_of(path: Path) -> Format:
    """The form that the file's name tells."""
    return Format.CSV if path.name.lower().removesuffix(".gz").endswith(".csv") else Format.JSONL


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file at `path`, unpacked where it is gzip. Raises Unreadable, in the block as well."""
    try:
        with path.open("rb") as file:
            is_packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            if path.suffix == ".gz" or is_packed:
                with gzip.GzipFile(fileobj=file) as unpacked:
                    yield cast(BinaryIO, unpacked)
            else:
                yield file
    except FileNotFoundError as error:
        raise Unreadable(f"There is no file {path}.") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Unreadable(f"{path} is not a sound gzip file: {error}.") from error
    except EOFError as error:
        raise Unreadable(f"{path} is a gzip file that was cut off before its end.") from error
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error
