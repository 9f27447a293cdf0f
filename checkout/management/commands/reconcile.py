"""Compares the ledger of payments with what the gateways say."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checkout import reconciliation


class Command(BaseCommand):
    """Changes nothing: the hourly job records what gateways say, this tells where they disagree."""

    help = "Ask the gateways about payments, and print what differs from the ledger; exit with 1 if anything does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=7, help="ask about payments begun in so many days")

    def handle(self, *, days: int, verbosity: int, **options: Any) -> None:
        wrong = list(reconciliation.differences(days=days))
        if wrong:
            raise CommandError("\n".join([*wrong, f"{len(wrong)} payments differ"]))
        if verbosity:
            self.stdout.write("The gateways agree with the ledger.")
