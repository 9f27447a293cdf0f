"""What an orchestrator is told about a shop in good and in bad shape, and the id every answer carries."""

import logging
import socket

import psycopg
import pytest
from django.db import connection
from django.test import Client

from shop import health, requests


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
    return number


@pytest.fixture
def lost_database(monkeypatch: pytest.MonkeyPatch, closed_port: int) -> None:
    """The database as it looks to a new connection after its server is gone."""
    params = {"host": "127.0.0.1", "port": closed_port, "password": "secret"}
    monkeypatch.setattr(connection, "get_connection_params", lambda: params)


def test_is_live_without_a_database(client: Client, lost_database):
    response = client.get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_is_ready(client: Client, db, settings):
    settings.REDIS_URL = ""

    response = client.get("/health/ready")

    assert (response.status_code, response.json()) == (
        200,
        {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}},
    )
    assert "no-store" in response["Cache-Control"]


def test_is_not_ready_without_its_database(client: Client, settings, lost_database):
    settings.REDIS_URL = ""

    response = client.get("/health/ready")

    assert (response.status_code, response.json()) == (
        503,
        {"status": "unavailable", "checks": {"database": "unreachable", "migrations": "unknown"}},
    )


def test_is_not_ready_before_its_migrations(client: Client, db, settings, monkeypatch):
    settings.REDIS_URL = ""
    latest = health._latest_migrations() | {("shop", "9999_of_tomorrow")}
    monkeypatch.setattr(health, "_latest_migrations", lambda: latest)

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "migrations": "pending"}


def test_is_not_ready_on_an_empty_database(client: Client, db, settings, monkeypatch):
    settings.REDIS_URL = ""
    params = connection.get_connection_params() | {"dbname": "template1"}
    monkeypatch.setattr(connection, "get_connection_params", lambda: params)

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "migrations": "pending"}


def test_is_not_ready_without_the_redis_it_was_promised(client: Client, db, settings, closed_port):
    settings.REDIS_URL = f"redis://:secret@127.0.0.1:{closed_port}/0"

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "migrations": "ok", "redis": "unreachable"}


def test_a_given_request_id_comes_back_and_stands_in_the_log(client: Client, monkeypatch):
    logged = []

    def note_line(*arguments: object, **options: object) -> None:
        record = logging.makeLogRecord({})
        requests.RequestIdFilter().filter(record)
        logged.append(record.__dict__["request_id"])
        raise psycopg.OperationalError

    monkeypatch.setattr(psycopg, "connect", note_line)

    response = client.get("/health/ready", headers={"X-Request-Id": "edge-4711:a.b"})

    assert response["X-Request-Id"] == "edge-4711:a.b"
    assert logged == ["edge-4711:a.b"]
    assert requests.current_id() == "-"


@pytest.mark.parametrize("given", ["", "short", "two words", "line\nbreak", "x" * 129, "ümlaut-id"])
def test_a_request_id_that_could_harm_is_replaced(client: Client, given):
    response = client.get("/health/live", headers={"X-Request-Id": given})

    assert len(response["X-Request-Id"]) == 36
