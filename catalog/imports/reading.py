"""From a file to lines: plain or gzip, UTF-8, and one clear sentence where it is neither."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO


class Unreadable(Exception):
    """The file cannot be read as lines of text; the message says why."""


def count(path: Path) -> int:
    """How many lines the file has. Reads it all, so that an unreadable file is found out before anything is written."""
    return sum(1 for _ in lines(path))


def lines(path: Path) -> Iterator[str]:
    """The lines of the file, one at a time. Raises Unreadable."""
    try:
        with _opened(path) as text:
            yield from text
    except FileNotFoundError as error:
        raise Unreadable(f"There is no file {path}.") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Unreadable(f"{path} is not a sound gzip file: {error}.") from error
    except EOFError as error:
        raise Unreadable(f"{path} is a gzip file that was cut off before its end.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}.") from error
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")
