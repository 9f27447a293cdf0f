"""How answers grow with the catalog: the same pages over the same tree with ten times as many products.

Requests go one after the other over one connection to the production server. Each tells how long its statements took,
from sending one until its answer was there, so that a page's time can be told apart from its SQL.
"""

import http.client
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.core.management import CommandError
from rich.table import Table

from shop.benchmark import figures, load, measuring, pages
from shop.benchmark.goods import Ask, Goods
from shop.benchmark.machines import WebServer
from shop.benchmark.pages import Journey, Page
from shop.benchmark.targets import Target

SIZES = (10_000, 100_000)
CATEGORIES = 5_000
NAMES = ("FACTS", "HISTOGRAM", "PLP", "PLAINSEARCH", "FILTERED", "FILTERED2", "SEARCH")
# In one of thirty-six titles of the invented catalog.
WORDS = "kettle"
PAGE_MS = 50.0
FACTS_MS = 5.0
# Facts are read from as many rows however many products there are; this is what measuring twice may differ by.
FACTS_GROWTH = 1.5
_WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Times:
    """Of one page or floor: milliseconds of whole requests, and of their SQL alone."""

    statements: int
    p50: float
    p95: float
    sql_p50: float
    sql_p95: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A page over a catalog of one size."""

    name: str
    products: int
    page: Times
    floor: Times | None


def chosen(ask: Ask) -> tuple[list[Page], str]:
    """The pages to read, and what they show: the branch below a root that has most categories, the same in any size."""
    [(handle, categories, products)] = ask(_LARGEST_BRANCH)
    goods = Goods(handle, [], [], "", handle, [], [], [WORDS])
    found = [page for page in pages.reads(goods) if page.name in NAMES]
    [(smaller,)] = ask(_SMALLER_BRANCH)
    found.append(replace(pages.filtered(smaller), name="FILTERED2", title=f"the same of {smaller}"))
    found.append(Page("PLAINSEARCH", "what is found, without filters", [pages.query(_SEARCH, {"query": WORDS})], []))
    return found, f"{handle}: {products:,} products in {categories:,} categories"


def measured(server: WebServer, page: Page, products: int, requests: int) -> Measured:
    """Read a page and its floor, if it has one, in turns. Raises CommandError if they do not answer the same."""
    if page.floor:
        measuring.check_same(server.shop.port, page)
    reader = _Reader(server.shop.port)
    driven = [*page.journeys, *page.floor]
    rounds = [[reader.read(one) for one in driven] for _ in range(_WARM_UP + requests)][_WARM_UP:]
    above, *below = [_times(samples) for samples in zip(*rounds, strict=True)]
    return Measured(page.name, products, above, below[0] if below else None)


def held_against(results: Sequence[Measured]) -> list[Target]:
    """What the shop promises of a large catalog, held against what was measured."""
    targets = []
    for one in results:
        where = f"{one.name} of {one.products:,} products"
        if one.name == "FACTS":
            targets.append(
                Target(f"{where}: SQL milliseconds", FACTS_MS, one.page.sql_p50, one.page.sql_p50 < FACTS_MS)
            )
        targets.append(Target(f"{where}: milliseconds, p95", PAGE_MS, one.page.p95, one.page.p95 < PAGE_MS))
    facts = {one.products: one.page.sql_p50 for one in results if one.name == "FACTS"}
    if len(facts) > 1:
        growth = facts[max(facts)] / facts[min(facts)]
        name = f"FACTS: times the SQL, of {max(facts):,} products instead of {min(facts):,}"
        targets.append(Target(name, FACTS_GROWTH, growth, growth <= FACTS_GROWTH))
    return targets


def table(results: Sequence[Measured]) -> Table:
    """Every page at every size, one below the other."""
    made = Table(title="Milliseconds of a request by itself; SQL is the part of it spent on statements")
    headings = ("", "products", "statements", "p50", "p95", "SQL p50", "SQL p95", "floor p50", "p95", "SQL p50", "p95")
    for heading in headings:
        made.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for one in sorted(results, key=lambda one: (one.name, one.products)):
        figures_of = [
            f"{value:.1f}"
            for times in (one.page, one.floor)
            if times is not None
            for value in (times.p50, times.p95, times.sql_p50, times.sql_p95)
        ]
        made.add_row(one.name, f"{one.products:,}", str(one.page.statements), *figures_of)
    return made


def promises(targets: Sequence[Target]) -> Table:
    """Every target, and whether it is met."""
    made = Table(title="Targets")
    for heading in ("", "limit", "measured", ""):
        made.add_column(heading, justify="right" if heading else "left")
    for target in targets:
        verdict = "met" if target.is_met else "[bold red]missed[/bold red]"
        made.add_row(target.name, f"{target.limit:g}", f"{target.measured:.2f}", verdict)
    return made


def as_json(results: Sequence[Measured], targets: Sequence[Target]) -> Mapping[str, Any]:
    return {"results": [asdict(one) for one in results], "targets": [asdict(one) for one in targets]}


@dataclass(frozen=True, slots=True)
class _Sample:
    milliseconds: float
    sql_milliseconds: float
    statements: int


class _Reader:
    """Sends requests one after the other over a connection that stays open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(load.HOST, port, timeout=60)

    def read(self, journey: Journey) -> _Sample:
        [step] = journey
        body = step.body.encode() or None
        began = time.perf_counter()
        self._connection.request("POST" if body else "GET", step.path, body, dict(_HEADERS))
        response = self._connection.getresponse()
        answer = response.read()
        took = 1000 * (time.perf_counter() - began)
        if response.status != 200 or b'"errors":' in answer:
            raise CommandError(f"{step.path} answers {response.status}: {answer[:500].decode(errors='replace')}")
        told = response.headers
        return _Sample(took, float(told["X-Benchmark-Database"]), int(told["X-Benchmark-Statements"]))


def _times(samples: Sequence[_Sample]) -> Times:
    def at(percent: float, values: Iterator[float]) -> float:
        return figures.percentile(list(values), percent)

    return Times(
        statements=max(one.statements for one in samples),
        p50=at(50, (one.milliseconds for one in samples)),
        p95=at(95, (one.milliseconds for one in samples)),
        sql_p50=at(50, (one.sql_milliseconds for one in samples)),
        sql_p95=at(95, (one.sql_milliseconds for one in samples)),
    )


_SEARCH = f"""
query Search($query: String!) {{
  search(query: $query, first: 24, types: [PRODUCT]) {{ nodes {{ ...Card }} }}
}}
{pages.CARD}
"""

_HEADERS = {"X-Benchmark-Count": "1", "Content-Type": "application/json", "Accept": "application/json"}

_LARGEST_BRANCH = """
SELECT c.handle, count(*),
       (SELECT count(*) FROM catalog_product p JOIN catalog_category below ON below.id = p.category_id
        WHERE below.path >= c.path AND below.path < c.path || '[')
FROM catalog_category c
JOIN catalog_category d ON d.path >= c.path AND d.path < c.path || '[' AND d.is_listed
WHERE c.depth = 2 AND c.is_listed
GROUP BY c.id
ORDER BY count(*) DESC, c.path
LIMIT 1
"""

# A branch with about a fiftieth of the catalog.
_SMALLER_BRANCH = """
SELECT c.handle
FROM catalog_category c
JOIN catalog_category d ON d.path >= c.path AND d.path < c.path || '[' AND d.is_listed
WHERE c.is_listed
GROUP BY c.id
ORDER BY abs(50 * count(*) - (SELECT count(*) FROM catalog_category)), c.path
LIMIT 1
"""
