"""What Prometheus is told, and who may ask."""

import os
import socket
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from checkout import orders
from schema.execution import documents
from shop import siblings
from tests.figures import figures, growth

TOKEN = "the-token-of-our-prometheus"
KNOWN, READ = "shop_graphql_documents_total result=hit", "shop_graphql_documents_total result=miss"


@pytest.fixture(autouse=True)
def unknown_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """No document was read before."""
    monkeypatch.setattr(documents, "_kept", type(documents._kept)())


def answered(kind: str, outcome: str) -> str:
    return f"shop_graphql_request_duration_seconds_count kind={kind} outcome={outcome}"


def executed(executor: str, reason: str = "") -> str:
    return f"shop_graphql_operations_total executor={executor} reason={reason}"


def test_counts_what_was_executed_and_times_it(execute):
    assert growth(lambda: execute("{ shop { name } }")) == {
        executed("breadth-first"): 1,
        answered("query", "ok"): 1,
        READ: 1,
    }


def test_tells_documents_that_were_known(execute):
    execute("{ shop { name } }")

    assert growth(lambda: execute("{ shop { name } }"))[KNOWN] == 1


def test_tells_why_the_fast_executor_was_not_used(execute):
    grown = growth(lambda: execute("{ anAlias: __schema { queryType { name } } }"))

    assert grown[executed("graphql-core", "it asks for __schema")] == 1
    assert not any("anAlias" in name for name in figures())


def test_tells_requests_that_were_not_carried_out(request_graphql):
    assert growth(lambda: request_graphql("{ nonsense }")) == {answered("unknown", "rejected"): 1, READ: 1}


def test_tells_what_a_client_did_wrong_from_what_we_did(request_graphql, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: Any) -> None:
        raise RuntimeError("a bug")

    grown = growth(lambda: request_graphql("{ orders { nodes { id } } }"))
    assert grown[answered("query", "errors")] == 1

    monkeypatch.setattr(orders, "by_status_token", fail)
    grown = growth(lambda: request_graphql('{ orderStatus(token: "x") { id } }'))
    assert grown[answered("query", "bug")] == 1


def test_tells_mutations_apart(execute):
    grown = growth(lambda: execute('mutation { tokenRevoke(refreshToken: "x") { userErrors { message } } }'))

    assert grown[answered("mutation", "ok")] == 1


def test_does_not_count_the_playground(client: Client):
    assert growth(lambda: client.get("/graphql/", headers={"Accept": "text/html"})) == {}


@pytest.mark.parametrize("sent", ["", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_wants_the_token_where_one_is_set(client: Client, settings, sent):
    settings.METRICS_TOKEN, settings.DEBUG = TOKEN, True

    response = client.get("/metrics", headers={"Authorization": sent} if sent else {})

    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert b"shop_" not in response.content


def test_tells_whoever_knows_the_token(client: Client, settings, db):
    settings.METRICS_TOKEN = TOKEN

    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    assert "no-store" in response["Cache-Control"]
    assert figures(response.content.decode())["shop_database_up"] == 1


@pytest.mark.parametrize(("debug", "status"), [(True, 200), (False, 404)])
def test_without_a_token_tells_everybody_in_debug_and_nobody_else(client: Client, settings, db, debug, status):
    settings.METRICS_TOKEN, settings.DEBUG = "", debug

    assert client.get("/metrics").status_code == status


def test_speaks_openmetrics_to_who_prefers_it(client: Client, settings, db):
    settings.METRICS_TOKEN, settings.DEBUG = "", True

    response = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert response["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert response.content.endswith(b"# EOF\n")


def test_says_that_the_database_is_away_and_tells_the_rest(execute, monkeypatch: pytest.MonkeyPatch):
    execute("{ shop { name } }")
    with socket.create_server(("127.0.0.1", 0)) as free:
        nowhere = {"host": "127.0.0.1", "port": free.getsockname()[1]}
    monkeypatch.setattr(connection, "get_connection_params", lambda: nowhere)

    told = figures()

    assert told["shop_database_up"] == 0
    assert told[executed("breadth-first")] >= 1
    assert "shop_outbox_deliveries_due" not in told


def test_what_servers_that_ended_had_counted_is_removed(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(siblings.VARIABLE, raising=False)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    host, start = socket.gethostname(), siblings._start_of(os.getpid())
    elsewhere = ["elsewhere-1-1", f"{host}-1-{ended.pid}-1"]
    names = [f"{host}-{ended.pid}-{start}", f"{host}-{os.getpid()}-1", f"{host}-{os.getpid()}-{start}", *elsewhere]
    for name in names:
        (tmp_path / name).mkdir()

    siblings.count_together(tmp_path)

    own = siblings.folder()
    assert own is not None
    assert own.name.startswith(f"{host}-{os.getppid()}-")
    assert {folder.name for folder in tmp_path.iterdir()} == {
        own.name,
        f"{host}-{os.getpid()}-{start}",
        *elsewhere,
    }
