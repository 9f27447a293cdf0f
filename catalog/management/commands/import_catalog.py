"""Imports a catalog from a file of JSON Lines or CSV; `docs/import.md` describes the forms."""

import resource
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from catalog import imports
from catalog.imports import Format, Outcome
from shop.errors import Refusal


class Command(BaseCommand):
    """Reports every bad line with its number, and ends with a table of what was created, updated and skipped."""

    help = "Import categories, products, collections, pages and menus from JSON Lines, or products from CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file, plain or gzip")
        parser.add_argument("--format", choices=list(Format), help="told by the file's name where it is left out")
        parser.add_argument(
            "--strict", action="store_true", help="stop at the first bad line and leave the database as it was"
        )
        parser.add_argument("--dry-run", action="store_true", help="do all of it and take it back: only report")

    def handle(self, *, file: Path, format: str | None, strict: bool, dry_run: bool, **options: Any) -> None:
        console = Console(file=self.stderr, soft_wrap=True)  # type: ignore[arg-type]
        form = Format(format) if format else imports.form_of(file)

        def report(number: int, refusal: Refusal) -> None:
            console.print(f"Line {number}: {refusal.message}", markup=False, highlight=False)

        try:
            with Progress(console=console, disable=not console.is_terminal) as bar, imports.opened(file) as opened:
                # Read whole first, so that an unreadable file is found out before anything is written.
                total = sum(1 for _ in imports.rows(form, opened))
                task = bar.add_task("Importing", total=total)
                summary = imports.run_rows(
                    imports.rows(form, opened),
                    strict=strict,
                    report=report,
                    dry_run=dry_run,
                    progress=lambda summary: bar.update(task, completed=sum(map(summary.count, Outcome))),
                )
        except imports.Unreadable as unreadable:
            raise CommandError(str(unreadable)) from unreadable
        except imports.Stopped as stopped:
            raise CommandError(f"Nothing was imported. {stopped}") from stopped
        Console(file=self.stdout, soft_wrap=True).print(_table(summary, total, dry_run=dry_run))  # type: ignore[arg-type]


def _table(summary: imports.Summary, rows: int, *, dry_run: bool) -> Table:
    seconds = max(summary.seconds, 0.001)
    done = "Would be imported: a dry run of" if dry_run else "Imported in"
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    title = f"{done} {summary.seconds:.1f} s, {rows / seconds:.0f} rows a second, {most} MB of memory"
    table = Table(title=title, title_justify="left")
    table.add_column("kind")
    for outcome in Outcome:
        table.add_column(outcome, justify="right")
    for kind, counts in summary.counts.items():
        table.add_row(kind, *(str(counts[outcome]) for outcome in Outcome))
    return table
