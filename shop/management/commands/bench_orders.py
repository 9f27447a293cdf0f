"""Place real orders again through the public API, and prove afterwards that the shop adds up."""

import gzip
import statistics
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from shop.benchmark import machines, replay
from shop.benchmark.machines import Shop

# A way to deliver that every cart can choose; nothing else of a shop is needed to sell.
_DELIVERY = """
from checkout.models import ShippingMethod, ShippingRate, ShippingZone
zone = ShippingZone.objects.create(title="Everywhere")
method = ShippingMethod.objects.create(handle="standard", title="Standard", zone=zone)
ShippingRate.objects.create(method=method, currency="GBP", amount="4.95")
"""
_VARIANTS = "SELECT sku, 'gid://shop/ProductVariant/' || id FROM catalog_productvariant"


class Command(BaseCommand):
    """Keeps a filled database below the data directory, and begins each run from it."""

    help = "Place orders of a file through the API; print orders a second and the time of each step, then verify."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="orders, one JSON object a line; may be gzipped")
        parser.add_argument("products", type=Path, help="the products they name, as import_catalog takes them")
        parser.add_argument("--orders", type=int, default=2000, help="how many of them, from the first")
        parser.add_argument("--threads", type=int, default=8, help="how many shoppers at once")

    def handle(self, *, file: Path, products: Path, orders: int, threads: int, **options: Any) -> None:
        for path in (file, products):
            if not path.is_file():
                raise CommandError(f"{path} is not here.")
        shop = Shop(settings.DATA_DIR / "bench" / "orders", {})
        shop.environment |= {"SHOP_CURRENCY": "GBP", "SHOP_COUNTRY": "GB"}
        self._prepare(shop, products)
        variants = dict(shop.ask(_VARIANTS))
        wanted = list(islice(replay.orders(_lines(file)), orders))
        with shop.served() as server:
            found = replay.run(server.shop.port, wanted, variants, threads)
        console = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]
        console.print(_table(found))
        left_out = sum(one.left_out for one in wanted)
        console.print(
            f"{len(found.orders):,} of {len(wanted):,} orders by {threads} shoppers: {found.rate:.1f} a second; "
            f"{left_out:,} units left out, {found.refusals.total()} orders refused",
            highlight=False,
        )
        for reason, times in found.refusals.most_common():
            console.print(f"  {times} times {reason}", highlight=False)
        console.print(shop.manage("verify"), highlight=False)

    def _prepare(self, shop: Shop, products: Path) -> None:
        name = machines.fingerprint(products)
        if not shop.is_filled(name):
            self.stderr.write("filling a database with the products")
            shop.empty()
            shop.manage("migrate", "--no-input")
            shop.manage("import_catalog", str(products))
            shop.manage("shell", "--no-imports", "-c", _DELIVERY)
            shop.keep(name)
        shop.restore(name)
        # Copies are of the schema of the day.
        shop.manage("migrate", "--no-input")
        shop.manage("collectstatic", "--no-input", "--verbosity=0")


def _lines(file: Path) -> Iterator[str]:
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        yield from lines


def _table(found: replay.Replayed) -> Table:
    made = Table(title="Milliseconds")
    for heading in ("", "requests", "p50", "p95"):
        made.add_column(heading, justify="right" if heading else "left")
    for name, seconds in [*found.steps.items(), ("a whole order", found.orders)]:
        made.add_row(name, f"{len(seconds):,}", *(f"{1000 * value:.1f}" for value in _quantiles(seconds)))
    return made


def _quantiles(seconds: Sequence[float]) -> tuple[float, float]:
    if len(seconds) < 2:
        return (seconds[0], seconds[0]) if seconds else (0.0, 0.0)
    cuts = statistics.quantiles(seconds, n=20)
    return statistics.median(seconds), cuts[-1]
