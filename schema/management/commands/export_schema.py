"""`manage.py export_schema`: write the GraphQL schema, for code generators and for reviewers."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from schema.root import schema

DESTINATION = Path(__file__).resolve().parents[2] / "schema.graphql"


class Command(BaseCommand):
    help = "Write the GraphQL schema with its descriptions to a file, schema/schema.graphql by default."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("destination", nargs="?", type=Path, default=DESTINATION, help="The file to write.")

    def handle(self, *args: Any, destination: Path, **options: Any) -> None:
        destination.write_text(text(), encoding="utf-8")
        self.stdout.write(f"The schema is in {destination}.")


def text() -> str:
    """The schema in the definition language of GraphQL."""
    return f"{schema.as_str().rstrip()}\n"
