"""Measure how the shop answers over 10,000 and over 100,000 products; `docs/benchmark.md` tells how to read it."""

import json
import shutil
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from rich.console import Console

from shop.benchmark import large, machines
from shop.benchmark.machines import Shop

WIDTH = 120


class Command(BaseCommand):
    """Keeps a database for each size below the data directory, and fills it only the first time."""

    help = "Measure facts, a category page and search over a small and a large catalog, beside hand-written floors."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--products", default="", help="sizes of the catalogs, such as 10000,100000")
        parser.add_argument("--categories", type=int, default=large.CATEGORIES, help="categories of each")
        parser.add_argument("--requests", type=int, default=200, help="how often each page is read")
        parser.add_argument("--json", dest="figures", type=Path, help="where the figures go as well")
        parser.add_argument("--drop", action="store_true", help="delete the databases that earlier runs kept, and end")

    def handle(
        self, *, products: str, categories: int, requests: int, figures: Path | None, drop: bool, **options: Any
    ) -> None:
        folder = settings.DATA_DIR / "bench" / "large"
        if drop:
            self._drop(folder)
            return
        console = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]
        console.width = max(console.width, WIDTH)
        results = []
        for size in _sizes(products):
            shop = Shop(folder / str(size), {})
            self._prepare(shop, size, categories)
            chosen, told = large.chosen(shop.ask)
            console.print(f"{size:,} products; shown is {told}", highlight=False)
            with shop.served() as server:
                for page in chosen:
                    self._say(f"measuring {page.name}: {page.title}")
                    results.append(large.measured(server, page, size, requests))
        targets = large.held_against(results)
        console.print(large.table(results))
        console.print(large.promises(targets))
        if figures:
            figures.write_text(json.dumps(large.as_json(results, targets), indent=2) + "\n")

    def _prepare(self, shop: Shop, products: int, categories: int) -> None:
        source = machines.fingerprint(settings.BASE_DIR / "catalog" / "seeding.py")
        name = f"{source}_{products}_{categories}"
        if not shop.is_filled(name):
            self._say(f"filling a database with {products:,} products in {categories:,} categories")
            shop.empty()
            shop.manage("migrate", "--no-input")
            began = time.perf_counter()
            shop.manage("seed", "--products", str(products), "--categories", str(categories))
            self._say(f"filled in {time.perf_counter() - began:.0f} seconds")
            shop.keep(name)
        shop.restore(name)
        shop.manage("collectstatic", "--no-input", "--verbosity=0")

    def _drop(self, folder: Path) -> None:
        if next(folder.glob("*/postgres/postmaster.pid"), None):
            raise CommandError(f"A database below {folder} is in use.")
        shutil.rmtree(folder, ignore_errors=True)
        self._say(f"{folder} is gone")

    def _say(self, words: str) -> None:
        self.stderr.write(words, self.style.HTTP_INFO)


def _sizes(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(size) for size in text.split(",")) if text else large.SIZES
    except ValueError as error:
        raise CommandError("Sizes are numbers, such as 10000,100000.") from error
