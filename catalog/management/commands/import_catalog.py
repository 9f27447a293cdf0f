"""Imports a catalog from a file of JSON Lines; `docs/import.md` describes the form."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import track
from rich.table import Table

from catalog import imports
from catalog.imports import reading


class Command(BaseCommand):
    """Reports every bad line with its number, and ends with a table of what was created, updated and skipped."""

    help = "Import categories, products, collections, pages and menus from a JSON Lines file, plain or .gz."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--strict", action="store_true", help="stop at the first bad line and leave the database as it was"
        )

    def handle(self, *, file: Path, strict: bool, **options: Any) -> None:
        console = Console(file=self.stderr, soft_wrap=True)  # type: ignore[arg-type]

        def report(number: int, reason: str) -> None:
            console.print(f"Line {number}: {reason}", markup=False, highlight=False)

        try:
            total = reading.count(file)
            lines = track(reading.lines(file), "Importing", total, console=console, disable=not console.is_terminal)
            summary = imports.run(lines, strict=strict, report=report)
        except reading.Unreadable as unreadable:
            raise CommandError(str(unreadable)) from unreadable
        except imports.Stopped as stopped:
            raise CommandError(f"Nothing was imported. {stopped}") from stopped
        Console(file=self.stdout, soft_wrap=True).print(_table(summary))  # type: ignore[arg-type]


def _table(summary: imports.Summary) -> Table:
    table = Table(title=f"Imported in {summary.seconds:.1f} s", title_justify="left")
    table.add_column("kind")
    for outcome in imports.Outcome:
        table.add_column(outcome, justify="right")
    for kind, counts in summary.counts.items():
        table.add_row(kind, *(str(counts[outcome]) for outcome in imports.Outcome))
    return table
