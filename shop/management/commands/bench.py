"""Measure how fast the shop is, beside floors written by hand; `docs/benchmark.md` tells how to read the tables."""

import json
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from rich.console import Console

from shop import clock
from shop.benchmark import goods, machines, measuring, pages, report, targets
from shop.benchmark.machines import Shop
from shop.benchmark.measuring import Effort
from shop.benchmark.report import Report

LONG = Effort(rounds=5, seconds=2, open_seconds=8)
SHORT = Effort(rounds=2, seconds=0.5, open_seconds=1)
PRODUCTS = 10_000
WIDTH = 110
REAL_CATALOG = settings.BASE_DIR.parent / "shared" / "data" / "catalog.jsonl.gz"
# Both catalogs are sold with the same ways to deliver.
DELIVERY: list[dict[str, Any]] = [
    {"model": "checkout.shippingzone", "pk": 1, "fields": {"title": "Everywhere"}},
    {"model": "checkout.shippingmethod", "pk": 1, "fields": {"handle": "standard", "title": "Standard", "zone": 1}},
    {"model": "checkout.shippingrate", "pk": 1, "fields": {"method": 1, "currency": "USD", "amount": "4.90"}},
    {
        "model": "checkout.shippingmethod",
        "pk": 2,
        "fields": {"handle": "express", "title": "Express", "zone": 1, "position": 1},
    },
    {"model": "checkout.shippingrate", "pk": 2, "fields": {"method": 2, "currency": "USD", "amount": "12.90"}},
]


class Command(BaseCommand):
    """Works in folders of its own below the data directory; the shop's own database is neither read nor started."""

    help = "Measure speed and memory of the production server on databases of its own, beside hand-written floors."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--short", action="store_true", help="in about three minutes, with rougher figures")
        parser.add_argument("--pages", dest="only", default="", help="only these, such as PLP,PDP,CHECKOUT")
        parser.add_argument(
            "--json", dest="figures", type=Path, help="where the figures go (report.json beside the chart)"
        )
        parser.add_argument("--catalog", type=Path, default=REAL_CATALOG, help="a catalog to measure on as well")
        parser.add_argument("--workers", type=int, help="processes of the web server, if not as `manage.py run` has it")
        parser.add_argument("--threads", type=int, help="threads of each, with a database connection for each")
        parser.add_argument("--products", type=int, default=PRODUCTS, help="size of the invented catalog")

    def handle(
        self, *, short: bool, only: str, figures: Path | None, catalog: Path, products: int, **options: Any
    ) -> None:
        self._sizes = _sizes(options["workers"], options["threads"])
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_number, _leave)
        self._console = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]
        self._console.width = max(self._console.width, WIDTH)
        self._effort = SHORT if short else LONG
        self._wanted = {name.strip().upper() for name in only.split(",") if name.strip()}
        folder = settings.DATA_DIR / "bench"
        about = report.surroundings(clock.now())
        for name, value in about.items():
            self._console.print(f"{name}: {value}", highlight=False)
        if not catalog.exists():
            self._console.print(f"There is no {catalog}: measuring on the invented catalog alone.", highlight=False)
        reports = [self._seeded(folder / "seeded", products)]
        if catalog.exists():
            reports.append(self._imported(folder / "imported", catalog))
        _write(figures or folder / "report.json", folder / "chart.svg", about, reports)
        if any(one.differences for one in reports):
            raise CommandError("After the checkouts, what the shop derives is not what a recount gives; see above.")

    def _seeded(self, folder: Path, products: int) -> Report:
        shop = Shop(folder, self._sizes)
        name = machines.fingerprint(settings.BASE_DIR / "catalog" / "seeding.py") + f"_{products}"
        return self._measured("invented", shop, name, ["seed", "--products", str(products)])

    def _imported(self, folder: Path, catalog: Path) -> Report:
        shop = Shop(folder, self._sizes)
        name = machines.fingerprint(catalog, *(settings.BASE_DIR / "catalog" / "imports").glob("*.py"))
        return self._measured(catalog.name, shop, name, ["import_catalog", str(catalog)])

    def _measured(self, title: str, shop: Shop, name: str, fill: list[str]) -> Report:
        self._prepare(shop, name, fill)
        chosen = goods.choose(shop.ask, shop.environment["SHOP_CURRENCY"])
        reads, ways = pages.reads(chosen), pages.ways(chosen)
        unknown = self._wanted - {page.name for page in reads} - {way.name for way in ways}
        if unknown:
            raise CommandError(f"There is no page {', '.join(sorted(unknown))}.")
        results = {}
        with shop.served() as server:
            driver = measuring.Driver(server, self._effort)
            ceiling = driver.ceiling()
            for page in (one for one in reads if self._is_wanted(one.name)):
                self._say(f"measuring {page.name}: {page.title}")
                results[page.name] = driver.read(page)
            for way in (one for one in ways if self._is_wanted(one.name)):
                self._say(f"measuring {way.name}: {way.title}")
                results[way.name] = driver.walk(way)
            memory = server.memory()
        differences = _differences(shop)
        made = Report(
            catalog=title,
            size=_size(shop),
            ceiling=ceiling,
            results=results,
            memory=memory,
            targets=targets.held_against(results, memory),
            differences=differences,
        )
        made.print(self._console)
        return made

    def _prepare(self, shop: Shop, name: str, fill: list[str]) -> None:
        if not shop.is_filled(name):
            self._say(f"filling a database: {' '.join(fill)}")
            shop.empty()
            shop.manage("migrate", "--no-input")
            shop.manage(*fill)
            shop.manage("loaddata", "--format=json", "-", text=json.dumps(DELIVERY))
            shop.keep(name)
        shop.restore(name)
        shop.manage("collectstatic", "--no-input", "--verbosity=0")

    def _is_wanted(self, name: str) -> bool:
        return not self._wanted or name in self._wanted

    def _say(self, words: str) -> None:
        self.stderr.write(words, self.style.HTTP_INFO)


def _sizes(workers: int | None, threads: int | None) -> dict[str, str]:
    wanted = {"GRANIAN_WORKERS": workers, "GRANIAN_BLOCKING_THREADS": threads, "DATABASE_POOL_SIZE": threads}
    return {name: str(size) for name, size in wanted.items() if size is not None}


def _differences(shop: Shop) -> str:
    """What `manage.py verify` finds wrong, empty if nothing is."""
    try:
        shop.manage("verify")
    except CommandError as wrong:
        return str(wrong)
    return ""


def _size(shop: Shop) -> str:
    statement = """
    SELECT (SELECT count(*) FROM catalog_category), (SELECT count(*) FROM catalog_product),
           (SELECT count(*) FROM catalog_productvariant), (SELECT count(*) FROM checkout_order)
    """
    [(categories, products, variants, orders)] = shop.ask(statement)
    return f"{categories:,} categories, {products:,} products, {variants:,} variants, {orders:,} orders at the end"


def _write(figures: Path, drawing: Path, about: dict[str, str], reports: list[Report]) -> None:
    told = json.dumps({**about, "catalogs": [one.as_json() for one in reports]})
    # JSON knows no infinity, which is the ratio of a page that was never answered.
    figures.write_text(json.dumps(json.loads(told, parse_constant=lambda _: None), indent=2) + "\n")
    drawing.write_text(report.chart(reports, about))


def _leave(signal_number: int, frame: FrameType | None) -> None:
    sys.exit(128 + signal_number)
