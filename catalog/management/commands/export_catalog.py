"""Exports the catalog to a file of JSON Lines or CSV, as `import_catalog` reads it; see `docs/import.md`."""

import resource
from argparse import ArgumentParser
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog import exports, imports
from catalog.imports import Format


class Command(BaseCommand):
    """Writes a file of its own beside the old one, which it replaces when it is whole."""

    help = "Export the catalog to JSON Lines, or its products to CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=list(Format), help="told by the file's name where it is left out")

    def handle(self, *, file: Path, format: str | None, verbosity: int, **options: Any) -> None:
        form = Format(format) if format else imports.form_of(file)
        started, records = monotonic(), 0
        part = file.with_name(f"{file.name}.part")
        try:
            with part.open("wb") as out:
                for piece in exports.pieces(form, exports.Wanted()):
                    out.write(piece.content)
                    records += piece.records
            part.replace(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        seconds = max(monotonic() - started, 0.001)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        if verbosity:
            self.stdout.write(
                f"{records} records in {seconds:.1f} s, {records / seconds:.0f} a second, {most} MB of memory."
            )
