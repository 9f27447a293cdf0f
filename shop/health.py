"""Two questions an orchestrator asks: is this process alive, and should it get traffic."""

from functools import cache
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

PATIENCE_SECONDS = 2


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer as long as the process can; a lost database is no reason to restart it."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 if everything a request needs is there, else 503 with what is missing."""
    checks = _database() | _redis()
    is_ready = all(state == "ok" for state in checks.values())
    return JsonResponse(
        {"status": "ok" if is_ready else "unavailable", "checks": checks}, status=200 if is_ready else 503
    )


def probe() -> psycopg.Connection[Any]:
    """A connection of its own that gives up soon: the pool's may all be busy, and would wait longer than a probe."""
    params = connection.get_connection_params() | {
        "connect_timeout": PATIENCE_SECONDS,
        "options": f"-c statement_timeout={PATIENCE_SECONDS}s",
    }
    return psycopg.connect(**params)


def _database() -> dict[str, str]:
    try:
        with probe() as database:
            applied = set(database.execute("SELECT app, name FROM django_migrations").fetchall())
    except psycopg.errors.UndefinedTable:
        applied = set()
    except (psycopg.Error, DatabaseError, ImproperlyConfigured):
        return {"database": "unreachable", "migrations": "unknown"}
    return {"database": "ok", "migrations": "ok" if _latest_migrations() <= applied else "pending"}


def _redis() -> dict[str, str]:
    if not settings.REDIS_URL:
        return {}
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
        ) as server:
            server.ping()
    except redis.RedisError:
        return {"redis": "unreachable"}
    return {"redis": "ok"}


@cache
def _latest_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.leaf_nodes())
