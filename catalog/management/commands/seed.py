"""Makes an invented catalog of any size, for load tests; `catalog.seeding` says how."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from catalog import seeding
from shop import money


class Command(BaseCommand):
    """The same numbers make the same catalog; it stands beside whatever else the shop holds."""

    help = "Make an invented catalog of any size, the same on every run, for load tests."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--products", type=int, required=True)
        parser.add_argument("--categories", type=int, help="one for every hundred products by default")
        parser.add_argument("--currency", default=settings.SHOP_CURRENCY)
        parser.add_argument("--fresh", action="store_true", help="delete earlier seeded rows first")

    def handle(
        self, *, products: int, categories: int | None, currency: str, fresh: bool, verbosity: int, **options: Any
    ) -> None:
        if not money.is_currency(currency):
            raise CommandError(f"{currency} is not a currency.")
        if products < 1 or (categories is not None and categories < 1):
            raise CommandError("There must be one product and one category at least.")
        size = seeding.Size(products, categories or max(20, products // 100), currency)
        console = Console(file=self.stderr)  # type: ignore[arg-type]
        try:
            with Progress(console=console, disable=not console.is_terminal) as bar:
                if fresh:
                    clearing = bar.add_task("Clearing", total=None)
                    seeding.clear(progress=lambda count: bar.advance(clearing, count))
                task = bar.add_task("Seeding", total=products)
                seeding.seed(size, progress=lambda count: bar.advance(task, count))
        except (seeding.AlreadySeeded, seeding.SeedsInUse) as refusal:
            raise CommandError(refusal.message) from refusal
        seeding.draw(settings.MEDIA_ROOT)
        if verbosity:
            self.stdout.write(f"{size.products} products in {size.categories} categories, priced in {currency}.")
