"""Counting the SQL of single requests: around the shop, and only when a request asks for it."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

Start = Callable[..., Callable[[bytes], object]]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


def counted(application: Application, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """The application's answer, with the number of statements it took in `X-Benchmark-Statements`.

    BEGIN and COMMIT are not among them; savepoints are.
    """
    statements = 0

    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*arguments)

    def start_with_count(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
        return start_response(status, [*headers, ("X-Benchmark-Statements", str(statements))], *rest)

    with connection.execute_wrapper(count):
        return application(environ, start_with_count)
