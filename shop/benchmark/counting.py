"""Counting and timing the SQL of single requests: around the shop, and only when a request asks for it."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

Start = Callable[..., Callable[[bytes], object]]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


def counted(application: Application, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """The application's answer, with the number of statements it took in `X-Benchmark-Statements`.

    BEGIN and COMMIT are not among them; savepoints are. `X-Benchmark-Database` has the milliseconds from sending each
    statement until its answer was there, added up.
    """
    statements, seconds = 0, 0.0

    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal statements, seconds
        statements += 1
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            seconds += time.perf_counter() - began

    def start_with_count(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
        taken = [("X-Benchmark-Statements", str(statements)), ("X-Benchmark-Database", f"{1000 * seconds:.3f}")]
        return start_response(status, [*headers, *taken], *rest)

    with connection.execute_wrapper(count):
        return application(environ, start_with_count)
