"""Stripe for tests: the server of `localstripe`, behind a proxy that does what it lacks and loses answers when told to.

Added: idempotency keys, a payment method and a return address in a confirmation, the description of an intent, and the
amount that was received.
"""

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.concurrency.waiting import PATIENCE, eventually

KEY = "sk_test_1234567890"
_LACKING = ("return_url", "description")

Answer = tuple[int, bytes]


class StripeServer:
    """What the proxy knows. `loses` holds the ends of paths whose next answer is lost after it took effect."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.address = ""
        self.loses: list[str] = []
        self.asked: list[str] = []
        self._answered: dict[str, Answer] = {}
        self._captured: dict[str, int] = {}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
        """Ask localstripe itself."""
        request = urllib.request.Request(  # noqa: S310
            self.behind + path,
            method=method,
            data=urlencode(form).encode() if form is not None else None,
            headers={"Authorization": f"Bearer {KEY}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def told(self, method: str, path: str, form: dict[str, str] | None = None) -> Any:
        return json.loads(self.ask(method, path, form)[1])

    def answer(self, method: str, path: str, form: dict[str, str] | None, key: str) -> tuple[Answer, bool]:
        """What Stripe would answer, and whether it is what it answered before."""
        if key and key in self._answered:
            return self._answered[key], True
        if form is not None:
            form = {name: value for name, value in form.items() if name not in _LACKING}
            if path.endswith("/confirm") and (method_id := form.pop("payment_method", "")):
                self.ask("POST", path.removesuffix("/confirm"), {"payment_method": method_id})
            if path.endswith("/capture") and "amount_to_capture" in form:
                self._captured[path.split("/")[3]] = int(form["amount_to_capture"])
        answer = self._completed(self.ask(method, path, form))
        if key:
            self._answered[key] = answer
        return answer, False

    def intents(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.told("GET", "/v1/payment_intents?limit=100")["data"]
        return found

    def refunds(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.told("GET", "/v1/refunds?limit=100")["data"]
        return found

    def card(self, number: str) -> str:
        """A payment method, as Stripe's form makes it."""
        card = {"type": "card", "card[number]": number, "card[exp_month]": "12", "card[exp_year]": "2030"}
        made: str = self.told("POST", "/v1/payment_methods", {**card, "card[cvc]": "123"})["id"]
        return made

    def forget(self) -> None:
        self.ask("DELETE", "/_config/data")
        for memory in (self.loses, self.asked, self._answered, self._captured):
            memory.clear()

    def _completed(self, answer: Answer) -> Answer:
        status, body = answer
        told = json.loads(body) if body.startswith(b"{") else {}
        if told.get("object") == "payment_intent":
            is_received = told["status"] == "succeeded"
            told["amount_received"] = self._captured.get(told["id"], told["amount"]) if is_received else 0
            body = json.dumps(told).encode()
        return status, body


@contextmanager
def running(folder: Path) -> Iterator[StripeServer]:
    """The two of them, on ports of their own."""
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (folder / "localstripe.log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"],
            cwd=folder,
            stdout=log,
            stderr=log,
        )
    server = StripeServer(f"http://127.0.0.1:{port}")
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    server.address = f"http://127.0.0.1:{proxy.server_port}"
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        assert eventually(lambda: _answers(server)), (folder / "localstripe.log").read_text()
        yield server
    finally:
        proxy.shutdown()
        proxy.server_close()
        process.kill()
        process.wait(PATIENCE)


def _answers(server: StripeServer) -> bool:
    try:
        return server.ask("GET", "/v1/payment_intents")[0] == 200
    except OSError:
        return False


def _handler(server: StripeServer) -> type[BaseHTTPRequestHandler]:
    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on(None)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self._pass_on(dict(parse_qsl(self.rfile.read(length).decode())))

        def _pass_on(self, form: dict[str, str] | None) -> None:
            server.asked.append(f"{self.command} {self.path.partition('?')[0]}")
            key = self.headers.get("Idempotency-Key", "") if form is not None else ""
            (status, body), is_old = server.answer(self.command, self.path, form, key)
            for ending in server.loses:
                if self.path.endswith(ending):
                    self.close_connection = True
                    return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if is_old:
                self.send_header("Idempotent-Replayed", "true")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Proxy
