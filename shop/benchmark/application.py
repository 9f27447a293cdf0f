"""The WSGI application that the benchmark serves: the shop as it is, beside its floors, able to count its SQL."""

import os
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from shop import siblings, startup
from shop.benchmark.counting import Start, counted
from shop.benchmark.pages import NOTHING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
settings.ROOT_URLCONF = "shop.benchmark.urls"
siblings.count_together(settings.METRICS_DIR)
_shop = get_wsgi_application()
startup.settle_memory()


def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    if environ["PATH_INFO"] == NOTHING:
        # Without Django: what server and load generator can do by themselves.
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]
    if "HTTP_X_BENCHMARK_COUNT" in environ:
        return counted(_shop, environ, start_response)
    return _shop(environ, start_response)
