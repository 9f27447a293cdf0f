"""Import of a catalog from JSON Lines or CSV: records are known by id or handle, and a second run changes nothing.

`reading` and `sheets` find the rows of a file, `fields` and `records` check what a row says on its own, `tree`,
`products` and `content` check it against the shop and write it, a batch of rows in a transaction. A bad row is reported
and skipped; a strict run stops there and leaves the database as it was. `docs/import.md` describes the form.
"""

from collections.abc import Iterator
from typing import BinaryIO

from catalog.imports import sheets
from catalog.imports.reading import Format, Row, Unreadable, form_of, from_json_lines, opened
from catalog.imports.running import Stopped, Summary, run, run_rows
from catalog.imports.work import Outcome

__all__ = ["Format", "Outcome", "Stopped", "Summary", "Unreadable", "form_of", "opened", "rows", "run", "run_rows"]


def rows(form: Format, file: BinaryIO, start: int = 0, number: int = 0) -> Iterator[Row]:
    """The rows of a file, from the place `start` on, before which there are so many lines. Raises Unreadable."""
    return sheets.rows(file, start, number) if form == Format.CSV else from_json_lines(file, start, number)
