"""A server on loopback that plays a company with an API of JSON: it can refuse, be slow, and lose answers."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Answer = tuple[int, Any]


class Double:
    """`answer(method, path, asked)` is the company. What befalls questions
    that end so, such as "POST /orders", stands in `befalls`.

    LOST: it acts, and the answer never comes. SLOW: it acts, and answers when `released`.
    """

    LOST, SLOW = "lost", "slow"

    def __init__(self, answer: Callable[[str, str, dict[str, Any]], Answer]) -> None:
        self.answer = answer
        self.address = ""
        self.befalls: dict[str, str] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.released = threading.Event()


@contextmanager
def running(double: Double) -> Iterator[Double]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(double))
    double.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield double
    finally:
        double.released.set()
        server.shutdown()
        server.server_close()


def _handler(double: Double) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(dict(parse_qsl(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self._answer(json.loads(self.rfile.read(length) or b"{}"))

        def _answer(self, asked: dict[str, Any]) -> None:
            path = urlsplit(self.path).path
            asked_for = f"{self.command} {path}"
            double.asked.append(asked_for)
            double.headers.append(dict(self.headers))
            status, told = double.answer(self.command, path, asked)
            fate = next((fate for ending, fate in double.befalls.items() if asked_for.endswith(ending)), "")
            if fate == Double.SLOW:
                double.released.wait()
            if fate:
                self.close_connection = True
                return
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
