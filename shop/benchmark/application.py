"""The WSGI application that the benchmark serves: the shop as it is, beside its floors, able to count its SQL.

A request with the header `X-Benchmark-Count` is answered with the number of statements it took, BEGIN and COMMIT not
among them. All other requests go straight through.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection

from shop.benchmark.pages import NOTHING

Start = Callable[..., Callable[[bytes], object]]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
settings.ROOT_URLCONF = "shop.benchmark.urls"
_shop = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    if environ["PATH_INFO"] == NOTHING:
        # Without Django: what server and load generator can do by themselves.
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]
    if "HTTP_X_BENCHMARK_COUNT" in environ:
        return _counted(environ, start_response)
    return _shop(environ, start_response)


def _counted(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    statements = 0

    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*arguments)

    def start_with_count(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
        return start_response(status, [*headers, ("X-Benchmark-Statements", str(statements))], *rest)

    with connection.execute_wrapper(count):
        return _shop(environ, start_with_count)
