"""A shop that cannot start says why in one sentence, and one that runs ends without a trace."""

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest
from django.conf import settings

from tests.concurrency.waiting import eventually
from tests.figures import figures

# A developer's own .env must not decide what these tests see; the environment goes before it.
NEUTRAL = {"DATABASE_URL": "", "REDIS_URL": "", "DEBUG": "1", "HOST": "127.0.0.1", "TESTING": "1"}
STRONG_KEY = secrets.token_urlsafe(50)


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
    return number


@pytest.fixture
def port() -> int:
    return a_free_port()


@pytest.fixture
def stream_port() -> int:
    return a_free_port()


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        yield busy.getsockname()[1]


def manage(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | NEUTRAL | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        (
            {"DEBUG": "0", "SECRET_KEY": ""},
            "SECRET_KEY is not set: with DEBUG=0 the shop needs a random one of 50 characters or more.",
        ),
        (
            {"DEBUG": "0", "SECRET_KEY": "x" * 60},
            "SECRET_KEY is too weak: with DEBUG=0 use a random one of 50 characters or more.",
        ),
        ({"PORT": "abc"}, "PORT cannot be used: Not a valid integer."),
        (
            {"PORT": "70000"},
            "PORT cannot be used: Must be greater than or equal to 1 and less than or equal to 65535.",
        ),
        (
            {"CARRIERS": "http"},
            "CARRIERS cannot be used: Must be handles with paths such as post=shop_post.PostCarrier.",
        ),
        (
            {"CARRIERS": "http=checkout.carriers.http.HttpCarrier"},
            "CARRIERS names http, which wants CARRIER_URL set.",
        ),
        ({"TAX_SERVICE": "nowhere.Nobody"}, "TAX_SERVICE cannot be loaded: No module named 'nowhere'."),
        ({"CART_DAYS": "soon"}, "CART_DAYS cannot be used: Not a valid integer."),
        (
            {"HOLD_MINUTES": "-1"},
            "HOLD_MINUTES cannot be used: Must be greater than or equal to 1 and less than or equal to 100000.",
        ),
        ({"GRAPHQL_MAX_COST": "0"}, "GRAPHQL_MAX_COST cannot be used: Must be greater than or equal to 1."),
        ({"SHOP_CURRENCY": "EURO"}, "SHOP_CURRENCY cannot be used: Not a currency of ISO 4217 such as USD."),
        (
            {"SHOP_LANGUAGES": "EN,fr"},
            "SHOP_LANGUAGES cannot be used: Must be codes of ISO 639-1 such as EN,FR,PT_BR, each once, the shop's own "
            "first.",
        ),
        ({"SHOP_COUNTRY": "UK"}, "SHOP_COUNTRY cannot be used: Not a country of ISO 3166-1 such as US or GB."),
        (
            {"CHECKOUT_URL": "https://shop.example/{id}"},
            "CHECKOUT_URL cannot be used: Must contain {cart}, and no other braces.",
        ),
        (
            {"ORDER_STATUS_URL": "https://shop.example/{token}/{"},
            "ORDER_STATUS_URL cannot be used: Must contain {token}, and no other braces.",
        ),
        (
            {"PAYMENT_GATEWAYS": "manual,gold"},
            "PAYMENT_GATEWAYS cannot be used: gold is not among test, manual, bank_transfer, invoice, stripe, "
            "razorpay, mpesa.",
        ),
        (
            {"DATABASE_URL": "mysql://shop:secret@localhost/shop"},
            "DATABASE_URL cannot be used: it must begin with postgres:// or postgresql://.",
        ),
        (
            {"DATABASE_URL": "postgres://shop:secret@localhost:abc/shop"},
            "DATABASE_URL cannot be used: it must read postgres://user:password@host:5432/name.",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(environment, sentence):
    finished = manage("run", **environment)

    assert (finished.returncode, finished.stdout, finished.stderr) == (1, "", f"{sentence}\n")


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_an_unreachable_database_is_named_without_its_password(command, port):
    finished = manage(command, DATABASE_URL=f"postgres://shop:secret@127.0.0.1:{port}/shop")

    assert finished.returncode == 1
    assert finished.stderr.startswith("The database at DATABASE_URL cannot be reached: ")
    assert finished.stderr.count("\n") == 1
    assert "secret" not in finished.stderr


def test_a_port_in_use_is_named_before_anything_is_touched(busy_port, tmp_path):
    finished = manage("run", PORT=str(busy_port), DATA_DIR=str(tmp_path / "data"))

    assert (finished.returncode, finished.stdout, finished.stderr) == (
        1,
        "",
        f"The shop cannot listen on 127.0.0.1:{busy_port} (Address already in use); choose another PORT or HOST.\n",
    )
    assert not (tmp_path / "data").exists()


@contextmanager
def an_open_shop(**environment: str) -> "Iterator[subprocess.Popen[str]]":
    """A whole shop on an empty data folder, from the moment it says that it is open."""
    shop = subprocess.Popen(
        [sys.executable, "manage.py", "run"],
        cwd=settings.BASE_DIR,
        env=os.environ | NEUTRAL | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert shop.stdout is not None
        said = ""
        while "/health/ready" not in said:
            line = shop.stdout.readline()
            assert line, said
            said += line
        yield shop
    finally:
        if shop.poll() is None:
            shop.terminate()
        shop.communicate(timeout=60)


EXECUTED = "shop_graphql_operations_total executor=breadth-first reason="


def told_by(port: int) -> dict[str, float]:
    """What a shop tells Prometheus."""
    with urlopen(f"http://127.0.0.1:{port}/metrics") as response:
        return figures(response.read().decode())


def test_an_open_shop_greets_serves_and_closes_without_a_trace(port, stream_port, tmp_path):
    with an_open_shop(
        PORT=str(port), STREAM_PORT=str(stream_port), DATA_DIR=str(tmp_path), DATABASE_POOL_SIZE="2"
    ) as shop:
        with urlopen(f"http://127.0.0.1:{port}/health/ready") as response:
            assert response.status == 200
        for _ in range(20):
            urlopen(f"http://127.0.0.1:{port}/graphql/?query={{shop{{name}}}}").close()
        with urlopen(f"http://127.0.0.1:{port}/static/admin/css/base.css") as response:
            assert response.headers.get_content_type() == "text/css"
        with urlopen(f"http://127.0.0.1:{stream_port}/health/ready") as response:
            assert response.status == 200
        # Either process tells a second later what it counted.
        assert eventually(lambda: told_by(port)[EXECUTED] == 20)
        told = told_by(port)

        shop.send_signal(signal.SIGINT)
        said, _ = shop.communicate(timeout=60)

    assert told["shop_graphql_request_duration_seconds_count kind=query outcome=ok"] == 20
    # Each process that was asked had to read the document once.
    assert told["shop_graphql_documents_total result=miss"] == 2
    assert told["shop_database_pool_connections state=idle"] == 0
    assert shop.returncode == 0
    assert "owner@example.com" in said
    assert "Traceback" not in said
    assert "The shop is closed.\n" in said
    assert not (tmp_path / "test-postgres" / "postmaster.pid").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_shop_in_earnest_starts_empty_and_closes_when_its_web_server_dies(port, stream_port, tmp_path):
    note = tmp_path / "web.pid"
    earnest = {"DEBUG": "0", "SECRET_KEY": STRONG_KEY, "GRANIAN_PID_FILE": str(note), "STREAM_PORT": str(stream_port)}
    with an_open_shop(PORT=str(port), DATA_DIR=str(tmp_path), **earnest) as shop:
        os.kill(int(note.read_text()), signal.SIGKILL)
        said, _ = shop.communicate(timeout=60)

    assert shop.returncode == 1
    assert "CommandError: The web server ended by itself (exit status -9), so the shop closes.\n" in said
    assert "owner@example.com" not in said
    assert "Traceback" not in said
