"""The run of an import: lines in, batches written, a summary out."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

from django.db import IntegrityError, transaction

from catalog.imports import content, products, tree, work
from catalog.imports.fields import BadLine
from catalog.imports.records import CategoryRecord, CollectionRecord, PageRecord, ProductRecord, Record, parse
from catalog.imports.work import Line, Outcome, Written
from shop.errors import Refusal

BATCH = 1000

Report = Callable[[int, str], None]


class Stopped(Exception):
    """A strict import met a bad line; the database is as it was."""


@dataclass(slots=True)
class Summary:
    """How many lines of each kind were created, updated, left unchanged or skipped, and how long it took."""

    counts: dict[str, Counter[Outcome]] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, kind: str, outcome: Outcome) -> None:
        self.counts.setdefault(kind, Counter())[outcome] += 1

    def count(self, outcome: Outcome) -> int:
        return sum(counts[outcome] for counts in self.counts.values())


def run(lines: Iterable[str], *, strict: bool, report: Report) -> Summary:
    """Import `lines`, telling `report` the number and the fault of each bad one. Raises Stopped if strict.

    Each batch is a transaction of its own; a strict run is one transaction.
    """
    started = time.monotonic()
    running = _Run(strict, report)
    with transaction.atomic() if strict else nullcontext():
        for kind, batch in _batches(running.records(lines)):
            running.write(kind, batch)
        running.finish()
    running.summary.seconds = time.monotonic() - started
    return running.summary


class _Run:
    """One import: what the file has said so far, and what a strict run still owes at its end."""

    def __init__(self, strict: bool, report: Report) -> None:
        self.strict = strict
        self.report = report
        self.summary = Summary()
        self.owed = Written()
        self.seen: dict[tuple[str, str, str], int] = {}

    def records(self, lines: Iterable[str]) -> Iterator[Line[Record]]:
        for number, text in enumerate(lines, 1):
            if not text.strip():
                continue
            try:
                record = parse(text)
                self._note(number, record)
            except BadLine as bad:
                self._skip("line", number, str(bad))
            else:
                yield Line(number, record)

    def write(self, kind: str, batch: list[Line[Any]]) -> None:
        """Write a batch; if the database refuses it, halves of it, down to the line that is to blame."""
        try:
            with transaction.atomic():
                work.lock()
                written = _WRITERS[kind](batch)
                if not self.strict:
                    work.settle(written)
        except (IntegrityError, Refusal) as error:
            if len(batch) > 1:
                middle = len(batch) // 2
                self.write(kind, batch[:middle])
                self.write(kind, batch[middle:])
                return
            written = Written()
            written.refuse(batch[0], _reason(error))
        for number in sorted(written.reasons):
            self._skip(kind, number, written.reasons[number])
        for outcome in written.outcomes.values():
            if outcome is not Outcome.SKIPPED:
                self.summary.add(kind, outcome)
        if self.strict:
            self.owed.add(written)

    def finish(self) -> None:
        try:
            work.settle(self.owed)
        except Refusal as refusal:
            raise Stopped(refusal.message) from refusal

    def _skip(self, kind: str, number: int, reason: str) -> None:
        self.report(number, reason)
        if self.strict:
            raise Stopped(f"Line {number}: {reason}")
        self.summary.add(kind, Outcome.SKIPPED)

    def _note(self, number: int, record: Record) -> None:
        """Refuse what an earlier line of the file already said. Raises BadLine."""
        names = list(_names(record))
        for name in names:
            if name in self.seen:
                _, what, value = name
                raise BadLine(f'The {what} "{value}" is already on line {self.seen[name]}.')
        self.seen.update(dict.fromkeys(names, number))


_WRITERS: dict[str, Callable[[list[Line[Any]]], Written]] = {
    "category": tree.write,
    "product": products.write,
    "collection": content.write_collections,
    "page": content.write_pages,
    "menu": content.write_menus,
}


def _batches(records: Iterator[Line[Record]]) -> Iterator[tuple[str, list[Line[Record]]]]:
    """Lines of the same kind that follow each other, so many at a time."""
    for kind, lines in groupby(records, key=lambda line: _kind(line.record)):
        while batch := list(islice(lines, BATCH)):
            yield kind, batch


def _kind(record: Record) -> str:
    return type(record).__name__.removesuffix("Record").lower()


def _names(record: Record) -> Iterator[tuple[str, str, str]]:
    """What must be the record's alone in the file, as (space of names, word for it, value)."""
    match record:
        case CategoryRecord() | CollectionRecord():
            yield _kind(record), "id", record.id
            yield "list", "slug", record.handle
        case ProductRecord():
            yield "product", "id", record.id
            yield "product", "slug", record.handle
            for variant in record.variants:
                yield "variant", "sku", variant.sku
        case PageRecord():
            yield "page", "slug", record.handle
        case _:
            yield "menu", "slug", record.handle


def _reason(error: IntegrityError | Refusal) -> str:
    if isinstance(error, Refusal):
        return error.message
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    return f"The database refuses it: {constraint or error}."
