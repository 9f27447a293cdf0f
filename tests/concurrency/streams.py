"""The streaming process as it is served, and clients of both of its protocols."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from time import monotonic
from typing import Any

import websocket
from django.conf import settings

from shop.management.commands import run
from tests.concurrency.processes import environment
from tests.concurrency.waiting import PATIENCE, eventually
from tests.figures import figures

Answer = dict[str, Any]


@dataclass(frozen=True)
class Server:
    """A running streaming process."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    @contextmanager
    def request(self, method: str, path: str, body: str | None = None, **headers: str) -> Iterator[HTTPResponse]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            # An answer without an end holds on to the socket by itself.
            with connection.getresponse() as response:
                yield response
        finally:
            connection.close()

    def figures(self) -> dict[str, float]:
        """What the process tells Prometheus."""
        with self.request("GET", "/metrics") as response:
            return figures(response.read().decode())

    @contextmanager
    def events(self, query: str, access: str = "", **variables: Any) -> Iterator["Events"]:
        """A subscription over an event stream, with an access token or without."""
        headers = {"Authorization": f"Bearer {access}"} if access else {}
        with self.asked(query, variables, **headers) as response:
            assert response.status == 200, response.read()
            assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
            yield Events(response)

    @contextmanager
    def asked(self, query: str, variables: Answer, **headers: str) -> Iterator[HTTPResponse]:
        body = json.dumps({"query": query, "variables": variables})
        told = {"Content-Type": "application/json", "Accept": "text/event-stream", **headers}
        with self.request("POST", "/graphql/stream", body, **told) as response:
            yield response

    @contextmanager
    def socket(self, payload: Answer | None = None, header: dict[str, str] | None = None) -> Iterator["Socket"]:
        """An initialised connection over a WebSocket."""
        with self.raw_socket(header) as client:
            client.say(type="connection_init", **({"payload": payload} if payload else {}))
            assert client.hear() == {"type": "connection_ack"}
            yield client

    @contextmanager
    def raw_socket(
        self, header: dict[str, str] | None = None, protocol: str | None = "graphql-transport-ws"
    ) -> Iterator["Socket"]:
        client = websocket.create_connection(
            f"ws://127.0.0.1:{self.port}/graphql/stream",
            PATIENCE,
            subprotocols=[protocol] if protocol else None,
            header=header or {},
        )
        try:
            yield Socket(client)
        finally:
            client.close()


class Events:
    """What an event stream says, event by event."""

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response

    def event(self) -> tuple[str, str] | None:
        """The next event's name and data; None at the end."""
        told: dict[str, str] = {}
        gives_up_at = monotonic() + PATIENCE
        while line := self._response.readline().decode():
            assert monotonic() < gives_up_at, "Nothing but signs of life"
            name, _, value = line.rstrip("\n").partition(":")
            if name:
                told[name] = value.strip()
            elif told:
                return told["event"], told["data"]
        return None

    def next(self) -> Answer:
        found = self.event()
        assert found is not None
        assert found[0] == "next", found
        answer: Answer = json.loads(found[1])
        return answer


class Socket:
    """What is said over a WebSocket."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def say(self, **message: Any) -> None:
        self._client.send(json.dumps(message))

    def say_raw(self, text: str) -> None:
        self._client.send(text)

    def subscribe(self, query: str, operation: str = "1", **variables: Any) -> None:
        self.say(type="subscribe", id=operation, payload={"query": query, "variables": variables})

    def hear(self) -> Answer:
        message: Answer = json.loads(self._client.recv())
        return message

    def next(self) -> Answer:
        message = self.hear()
        assert message["type"] == "next", message
        answer: Answer = message["payload"]
        return answer

    def closed(self) -> tuple[int, str]:
        """The code and reason with which the server ends the conversation."""
        while (frame := self._client.recv_frame()).opcode != websocket.ABNF.OPCODE_CLOSE:
            pass
        return int.from_bytes(frame.data[:2], "big"), frame.data[2:].decode()


@contextmanager
def a_streaming_server(folder: Path, **extra: str) -> Iterator[Server]:
    """The process that `manage.py run` starts for subscriptions, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = environment(DEBUG="1", METRICS_DIR=str(folder), **extra)
    command = ["granian", "--host", "127.0.0.1", "--port", str(port), "shop.asgi:application"]
    log = folder / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", *command],
            cwd=settings.BASE_DIR,
            env=told | run.STREAM_SERVER,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        assert eventually(lambda: _answers(port) or process.poll() is not None)
        yield Server(port, process, log)
    finally:
        # The server and its worker.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
