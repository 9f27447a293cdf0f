"""The run of an import: rows in, batches written, a summary out."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from accounts.actors import SYSTEM, Actor
from catalog.imports import attributes, bundles, content, products, reading, sheets, translations, tree, work
from catalog.imports.attributes import AttributeRecord
from catalog.imports.bundles import BundleRecord
from catalog.imports.fields import BadLine, Taken
from catalog.imports.reading import Row
from catalog.imports.records import CategoryRecord, CollectionRecord, PageRecord, ProductRecord, Record
from catalog.imports.records import record as record_of
from catalog.imports.translations import TranslationRecord
from catalog.imports.work import Line, Outcome, Written
from shop.errors import InvalidInput, Refusal, Refusals

BATCH = 1000

Report = Callable[[int, Refusal], None]
Batch = tuple[list[Line[Any]], "Line[Any] | None"]

# What the writers know by other words than the file.
_FILE_WORDS = {"handle": "slug", "category": "categories"}


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
    """Import lines of JSON, telling `report` the number and the fault of each bad one. Raises Stopped if strict.

    Each batch is a transaction of its own; a strict run is one transaction.
    """
    return run_rows(reading.from_texts(lines), strict=strict, report=report)


def run_rows(
    rows: Iterable[Row],
    *,
    strict: bool,
    report: Report,
    dry_run: bool = False,
    progress: Callable[[Summary], None] = lambda _: None,
) -> Summary:
    """As `run`, of rows of any file. A dry run does all of it in one transaction and takes it back."""
    started = time.monotonic()
    running = Run(report, strict=strict, defers=strict or dry_run)
    with transaction.atomic() if strict or dry_run else nullcontext():
        for batch, _ in batches(running.lines(rows)):
            running.write(batch)
            progress(running.summary)
        running.finish()
        if dry_run:
            transaction.set_rollback(True)
    running.summary.seconds = time.monotonic() - started
    return running.summary


class Run:
    """One import: what the file has said so far, and what a run in one transaction still owes at its end.

    A run that `defers` settles stock and facts at its end, in one transaction with all batches. `repeated` are the
    lines that say again what an earlier one said, where somebody looked for them before; else they are found here.
    """

    def __init__(
        self,
        report: Report,
        *,
        strict: bool,
        defers: bool,
        repeated: Mapping[int, str] | None = None,
        actor: Actor = SYSTEM,
    ) -> None:
        self.summary = Summary()
        self.seen: dict[tuple[str, str, str], int] = {}
        self._report = report
        self._strict = strict
        self._defers = defers
        self._repeated = repeated
        self._actor = actor
        self._owed = Written()

    def lines(self, rows: Iterable[Row]) -> Iterator[Line[Record]]:
        """The records of the rows; those that are none are reported. Raises Stopped if strict."""
        for row in rows:
            try:
                if isinstance(row.said, BadLine):
                    raise row.said
                record = record_of(row.said)
                if self._repeated is None:
                    self._note(row.number, record)
                elif row.number in self._repeated:
                    raise Taken(self._repeated[row.number])
            except BadLine as bad:
                self._skip("line", Line(row.number, None, row.start, row.parts), [bad])
            else:
                yield Line(row.number, record, row.start, row.parts)

    def write(self, batch: list[Line[Any]]) -> None:
        """Write a batch; if the database refuses it, halves of it, down to the line that is to blame.

        Raises Stopped if strict.
        """
        kind = _kind(batch[0].record)
        try:
            with transaction.atomic():
                work.lock()
                written = _WRITERS[kind](batch)
                if not self._defers:
                    work.settle(written, self._actor)
        except (IntegrityError, Refusal, Refusals) as error:
            if len(batch) > 1:
                middle = len(batch) // 2
                self.write(batch[:middle])
                self.write(batch[middle:])
                return
            written = Written()
            written.refuse(batch[0], error if isinstance(error, Refusals) else reason(error))
        by_number = {line.number: line for line in batch}
        for number in sorted(written.reasons):
            self._skip(kind, by_number[number], written.reasons[number])
        for number, outcome in written.outcomes.items():
            if outcome is not Outcome.SKIPPED and number in by_number:
                self.summary.add(kind, outcome)
        if self._defers:
            self._owed.add(written)

    def finish(self) -> None:
        """Settle what is owed. Raises Stopped."""
        try:
            work.settle(self._owed, self._actor)
        except Refusal as refusal:
            raise Stopped(refusal.message) from refusal

    def _skip(self, kind: str, line: Line[Any], refusals: Sequence[Refusal]) -> None:
        for refusal in refusals:
            number = line.number
            path = (_FILE_WORDS.get(part, part) if isinstance(part, str) else part for part in refusal.field)
            refusal.field = tuple(path)
            if line.parts:
                number, refusal.field = sheets.blame(refusal, line.parts, number)
            self._report(number, refusal)
            if self._strict:
                raise Stopped(f"Line {number}: {refusal.message}") from refusal
        self.summary.add(kind, Outcome.SKIPPED)

    def _note(self, number: int, record: Record) -> None:
        """Refuse what an earlier line of the file already said. Raises Taken."""
        names = list(_names(record))
        for name in names:
            if name in self.seen:
                _, what, value = name
                raise Taken(f'The {what} "{value}" is already on line {self.seen[name]}.')
        self.seen.update(dict.fromkeys(names, number))


def batches(lines: Iterator[Line[Any]]) -> Iterator[Batch]:
    """Lines of the same kind that follow each other, so many at a time; and the line after them."""
    batch: list[Line[Any]] = []
    for line in lines:
        if batch and (len(batch) == BATCH or type(batch[0].record) is not type(line.record)):
            yield batch, line
            batch = []
        batch.append(line)
    if batch:
        yield batch, None


_WRITERS: dict[str, Callable[[list[Line[Any]]], Written]] = {
    "attribute": attributes.write,
    "category": tree.write,
    "product": products.write,
    "bundle": bundles.write,
    "collection": content.write_collections,
    "page": content.write_pages,
    "menu": content.write_menus,
    "translation": translations.write,
}


def _kind(record: Record) -> str:
    return type(record).__name__.removesuffix("Record").lower()


def _names(record: Record) -> Iterator[tuple[str, str, str]]:
    """What must be the record's alone in the file, as (space of names, word for it, value)."""
    match record:
        case CategoryRecord() | CollectionRecord():
            if record.id is not None:
                yield _kind(record), "id", record.id
            yield "list", "slug", record.handle
        case ProductRecord():
            if record.id is not None:
                yield "product", "id", record.id
            yield "product", "slug", record.handle
            for variant in record.variants or ():
                yield "variant", "sku", variant.sku
        case AttributeRecord():
            yield "attribute", "slug", record.handle
        case BundleRecord():
            yield "bundle", "sku", record.sku
        case TranslationRecord():
            yield record.owner, "translation", " ".join((record.language, record.name, record.option)).strip()
        case PageRecord():
            yield "page", "slug", record.handle
        case _:
            yield "menu", "slug", record.handle


def reason(error: IntegrityError | Refusal) -> Refusal:
    """What is wrong with a line that the database refuses by itself."""
    if isinstance(error, Refusal):
        return error
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    return InvalidInput(f"The database refuses it: {constraint or error}.")
