"""The report: tables for the terminal, everything as JSON, and a chart of how far each page is from its floor."""

import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import psutil  # type: ignore[import-untyped]  # it came without types
from rich.console import Console
from rich.table import Table

from shop.benchmark.measuring import Figures, Result
from shop.benchmark.targets import TIMES_OF_FLOOR, Target

PACKAGES = ("Django", "strawberry-graphql", "graphql-core", "granian", "psycopg")


@dataclass(frozen=True, slots=True)
class Report:
    """What one catalog came to."""

    catalog: str
    size: str
    ceiling: float
    results: Mapping[str, Result]
    memory: Sequence[Mapping[str, float]]
    targets: Sequence[Target]
    differences: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def print(self, console: Console) -> None:
        console.print(f"\n[bold]{self.catalog}[/bold]: {self.size}")
        console.print(f"Without Django the load generator reaches {self.ceiling:,.0f} requests/s at 16 connections.")
        console.print(self._speed())
        console.print(self._cost())
        for number, process in enumerate(self.memory, 1):
            console.print(
                f"Server process {number}: {process['rss']:.0f} MB resident, {process['pss']:.0f} MB its share."
            )
        console.print(self.differences or "manage.py verify finds nothing wrong.", markup=False)
        console.print(self._promises())
        for result in self.results.values():
            for figures in [*result.page.values(), *result.floor.values()]:
                if figures.first_error:
                    console.print(f"First error of {result.name}: {figures.first_error}", markup=False)

    def _speed(self) -> Table:
        table = Table(
            title="Speed by 1 and 16 connections and at a fixed rate (open): per second; milliseconds",
            title_justify="left",
        )
        for heading in ("", "by", "/s", "p50", "p95", "p99", "floor/s", "p50", "p95", "p99", "times"):
            table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
        for result in self.results.values():
            for driving, page in result.page.items():
                ratio = result.ratios.get(driving)
                table.add_row(
                    result.name,
                    driving,
                    *_speed(page),
                    *_speed(result.floor.get(driving)),
                    f"{ratio:.2f}" if ratio else "",
                )
            table.add_section()
        return table

    def _cost(self) -> Table:
        table = Table(
            title="Cost of one at 16 connections: processor milliseconds; load is the generator's share",
            title_justify="left",
        )
        for heading in ("", "SQL", "server", "database", "floor", "database", "bytes", "load", "errors"):
            table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
        for result in self.results.values():
            page, floor = result.page["16"], result.floor.get("16")
            table.add_row(
                result.name,
                "+".join(map(str, result.statements)),
                f"{page.server_ms:.2f}",
                f"{page.database_ms:.2f}",
                f"{floor.server_ms:.2f}" if floor else "",
                f"{floor.database_ms:.2f}" if floor else "",
                f"{result.bytes:,}",
                f"{page.generator_share:.0%}",
                str(result.errors),
            )
        return table

    def _promises(self) -> Table:
        table = Table(title="Targets", title_justify="left")
        for heading in ("", "limit", "measured", ""):
            table.add_column(heading, justify="right" if heading else "left")
        for target in self.targets:
            word = "met" if target.is_met else "[bold red]missed[/bold red]"
            table.add_row(target.name, f"{target.limit:g}", f"{target.measured:.4g}", word)
        return table


def surroundings(now: datetime) -> dict[str, str]:
    """Where and when it was measured, and of what."""
    return {
        "date": now.isoformat(timespec="seconds"),
        "revision": _revision(),
        "machine": f"{_processor()}, {os.cpu_count()} processors, {psutil.virtual_memory().total / 1e9:.0f} GB",
        "system": platform.platform(),
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "versions": ", ".join(
            [f"Python {platform.python_version()}", *(f"{package} {version(package)}" for package in PACKAGES)]
        ),
    }


def chart(reports: Iterable[Report], about: Mapping[str, str]) -> str:
    """An SVG of bars: how many times the floor's time each page takes, and its limit, if any, as a line across them."""
    rows: list[str] = []
    top = 60
    for report in reports:
        rows.append(_text(10, top, report.catalog, weight="bold"))
        top += 12
        for result in report.results.values():
            for driving, ratio in result.ratios.items():
                rows += _bar(top, f"{result.name}, {_DRIVING[driving]}", ratio, TIMES_OF_FLOOR.get(result.name))
                top += 18
        top += 24
    title = "Times the floor: what a page takes beside one hand-written statement (the line is the target)"
    origin = f"{about['date']}, {about['revision']}, {about['machine']}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="820" height="{top}" font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="#fff"/>{_text(10, 20, title, weight="bold")}'
        f"{_text(10, 38, origin)}{''.join(rows)}</svg>\n"
    )


_DRIVING = {"1": "1 connection", "16": "16 connections"}
_SCALE = 60  # pixels for one time the floor
_WIDEST = 9


def _bar(top: int, name: str, ratio: float, limit: float | None) -> list[str]:
    width = _SCALE * min(ratio, _WIDEST)
    colour = "#666" if limit is None else "#3a7d44" if ratio <= limit else "#b3392f"
    drawn = [
        _text(10, top + 11, name),
        f'<rect x="190" y="{top}" width="{width:.1f}" height="14" fill="{colour}"/>',
        _text(max(width, _SCALE * (limit or 0)) + 198, top + 11, f"{ratio:.2f}"),
    ]
    if limit is not None:
        drawn.append(f'<path d="M{190 + _SCALE * limit:.1f} {top - 1}v16" stroke="#222" stroke-width="2"/>')
    return drawn


def _speed(figures: Figures | None) -> tuple[str, ...]:
    if figures is None:
        return ("", "", "", "")
    return f"{figures.per_second:,.0f}", *(f"{time:.1f}" for time in (figures.p50, figures.p95, figures.p99))


def _text(x: float, y: float, words: str, weight: str = "normal") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-weight="{weight}">{escape(words)}</text>'


def _revision() -> str:
    """The commit of the checkout, and whether files differ from it."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        found = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    except FileNotFoundError:
        return "unknown"
    return found.stdout.strip() or "unknown"


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    names = [line for line in known.read_text().splitlines() if line.startswith("model name")] if known.exists() else []
    return names[0].split(":", 1)[1].strip() if names else platform.machine()
