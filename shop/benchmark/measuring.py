"""Measuring: each page and its floor in turns, so that whatever else the machine does meets both alike."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.management import CommandError

from shop.benchmark import figures, load
from shop.benchmark.machines import WebServer
from shop.benchmark.pages import NOTHING, Journey, Page, Step, Way

ONE, MANY = 1, 16
_OPEN_CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: so many rounds of so many seconds each; the open loop once."""

    rounds: int
    seconds: float
    open_seconds: float
    reads_per_second: float = 100
    ways_per_second: float = 20


@dataclass(slots=True)
class Figures:
    """What one way of driving came to, over all its rounds. Times are in milliseconds, of a page or of a whole way."""

    per_second: float
    p50: float
    p95: float
    p99: float
    server_ms: float
    database_ms: float
    generator_share: float
    errors: int
    first_error: str
    rounds: list[float]


@dataclass(slots=True)
class Result:
    """A page or a way, at 1 and at 16 connections and in the open loop; `statements` counts the SQL of each request."""

    name: str
    title: str
    statements: list[int]
    bytes: int
    page: dict[str, Figures] = field(default_factory=dict)
    floor: dict[str, Figures] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        return sum(one.errors for one in [*self.page.values(), *self.floor.values()])


class Driver:
    """Drives one web server."""

    def __init__(self, server: WebServer, effort: Effort) -> None:
        self._server = server
        self._effort = effort
        # The journeys of a way are used up: each run goes on where the last one ended.
        self._next: dict[str, int] = {}

    def ceiling(self) -> float:
        """Requests per second at 16 connections where there is neither Django nor shop: what the generator can do."""
        return self._combined([self._closed([(Step(NOTHING),)], "", MANY)]).per_second

    def read(self, page: Page) -> Result:
        """Measure a page and its floor in turns. Raises CommandError if they do not answer the same."""
        check_same(self._server.shop.port, page)
        return self._measured(page, self._effort.reads_per_second, ("", ""))

    def walk(self, way: Way) -> Result:
        """Measure a way of several requests, and its floor if it has one, in turns."""
        return self._measured(way, self._effort.ways_per_second, (way.name, f"{way.name}, its floor"))

    def _measured(self, page: Page | Way, rate: float, names: tuple[str, str]) -> Result:
        driven = list(zip([page.journeys, page.floor] if page.floor else [page.journeys], names, strict=False))
        for journeys, name in driven:
            self._warm(journeys, name)
        result = Result(page.name, page.title, *self._weigh(page.journeys[0]))
        for connections in (ONE, MANY):
            rounds = [[self._closed(*one, connections) for one in driven] for _ in range(self._effort.rounds)]
            self._store(result, str(connections), *zip(*rounds, strict=True))
        self._store(result, "open", *[[self._open(*one, rate)] for one in driven])
        return result

    def _store(
        self, result: Result, driving: str, above: Sequence["_Run"], below: Sequence["_Run"] | None = None
    ) -> None:
        page = result.page[driving] = self._combined(above)
        if below is None:
            return
        floor = result.floor[driving] = self._combined(below)
        if driving != "open":
            result.ratios[driving] = figures.ratio(page.rounds, floor.rounds)

    def _closed(self, journeys: Sequence[Journey], name: str, connections: int) -> "_Run":
        return self._run(journeys, name, connections=connections, seconds=self._effort.seconds, rate=None)

    def _open(self, journeys: Sequence[Journey], name: str, rate: float) -> "_Run":
        seconds = self._effort.open_seconds
        return self._run(journeys, name, connections=_OPEN_CONNECTIONS, seconds=seconds, rate=rate)

    def _warm(self, journeys: Sequence[Journey], name: str) -> None:
        """Let every process and thread meet the document before its time is taken."""
        self._run(journeys, name, connections=MANY, seconds=min(1.0, self._effort.seconds), rate=None)

    def _run(self, journeys: Sequence[Journey], name: str, **pace: Any) -> "_Run":
        first = self._next.get(name, 0) if name else 0
        steps = [[asdict(step) for step in journey] for journey in journeys]
        plan = {"port": self._server.shop.port, "first": first, "journeys": steps, **pace}
        before = self._server.consumption()
        outcome = load.Outcome(**_generate(plan))
        after = self._server.consumption()
        if outcome.errors:
            self._server.settle()
        if name:
            self._next[name] = first + len(outcome.times) + outcome.errors + load.MAX_CONNECTIONS
        return _Run(outcome, after.server - before.server, after.database - before.database)

    def _combined(self, runs: Sequence["_Run"]) -> Figures:
        times = [1000 * time for run in runs for time in run.outcome.times]
        seconds = sum(run.outcome.seconds for run in runs)
        count = max(len(times), 1)
        return Figures(
            per_second=len(times) / seconds,
            p50=figures.percentile(times, 50),
            p95=figures.percentile(times, 95),
            p99=figures.percentile(times, 99),
            server_ms=1000 * sum(run.server for run in runs) / count,
            database_ms=1000 * sum(run.database for run in runs) / count,
            generator_share=sum(run.outcome.processor_seconds for run in runs) / seconds,
            errors=sum(run.outcome.errors for run in runs),
            first_error=next((run.outcome.first_error for run in runs if run.outcome.first_error), ""),
            rounds=[len(run.outcome.times) / run.outcome.seconds for run in runs],
        )

    def _weigh(self, journey: Journey) -> tuple[list[int], int]:
        """SQL statements of each request, and the bytes of the last answer."""
        answers = list(_walk(self._server.shop.port, journey))
        return [statements for statements, _ in answers], len(answers[-1][1])


def check_same(port: int, page: Page) -> None:
    """Raises CommandError unless page and floor answer the same data, on every journey."""
    for above, below in zip(page.journeys, page.floor, strict=True):
        [(_, answer)], [(_, floor)] = _walk(port, above), _walk(port, below)
        difference = difference_of(json.loads(answer).get("data"), json.loads(floor))
        if difference:
            raise CommandError(f"{page.name} and its floor answer different data: {difference}")


def difference_of(page: Any, floor: Any, place: str = "data") -> str:
    """Where a page's data differs from the floor's first, in words; empty if they are the same."""
    if isinstance(page, dict) and isinstance(floor, dict) and page.keys() == floor.keys():
        pairs = [(f"{place}.{name}", page[name], floor[name]) for name in page]
    elif isinstance(page, list) and isinstance(floor, list) and len(page) == len(floor):
        pairs = [(f"{place}[{at}]", one, other) for at, (one, other) in enumerate(zip(page, floor, strict=True))]
    else:
        same = page == floor and type(page) is type(floor)
        return "" if same else f"{place} is {_short(page)} on the page and {_short(floor)} on the floor"
    return next((found for where, one, other in pairs if (found := difference_of(one, other, where))), "")


@dataclass(frozen=True, slots=True)
class _Run:
    outcome: load.Outcome
    server: float
    database: float


def _generate(plan: dict[str, Any]) -> dict[str, Any]:
    """Have the load generator carry out a plan in a process of its own."""
    finished = subprocess.run(  # noqa: S603
        [sys.executable, "-m", load.__name__],
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        check=False,
        timeout=plan["seconds"] + 3 * load.GRACE_SECONDS,
    )
    if finished.returncode:
        raise CommandError(f"The load generator failed: {finished.stderr.strip()[-2000:]}")
    outcome: dict[str, Any] = json.loads(finished.stdout)
    return outcome


def _walk(port: int, journey: Journey) -> Iterator[tuple[int, bytes]]:
    """The statements and the body of each answer on a journey. Raises CommandError for a wrong one."""
    connection = http.client.HTTPConnection(load.HOST, port, timeout=load.GRACE_SECONDS)
    values: dict[bytes, bytes] = {}
    for step in journey:
        request = load.Request.of(asdict(step))
        headers = {"X-Benchmark-Count": "1", "Content-Type": "application/json", "Accept": "application/json"}
        body = request.filled(values)
        try:
            connection.request("POST" if body else "GET", step.path, body or None, headers)
            response = connection.getresponse()
            answer = response.read()
        except OSError as lost:
            raise CommandError(f"{step.path} is not answered: {lost}") from lost
        problem = request.problem_of(b"HTTP/1.1 %d \r\n\r\n%s" % (response.status, answer), values)
        if problem:
            raise CommandError(f"{step.path} answers {response.status}: {problem}")
        yield int(response.headers["X-Benchmark-Statements"]), answer
    connection.close()


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
