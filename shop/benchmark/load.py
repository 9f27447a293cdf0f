"""The load generator: one process, one thread, raw sockets; so little work that the server is what is measured.

    python -m shop.benchmark.load < plan.json

reads a plan, drives a server on this machine, and writes what happened as JSON. Connections are kept alive. It ends
with its plan: a journey that is still under way some seconds after the last one began counts as an error.
"""

import json
import re
import select
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shop.benchmark.figures import ClosedLoop, OpenLoop

HOST = "127.0.0.1"
MAX_CONNECTIONS = 64
MAX_SECONDS = 120
MAX_ERRORS = 1000
GRACE_SECONDS = 10


@dataclass(slots=True)
class Request:
    """One request of a journey, as bytes; `@name` in its body stands for a value out of an earlier answer."""

    path: str
    body: bytes
    expected: bytes
    captures: Sequence[tuple[bytes, re.Pattern[bytes]]]
    ready: bytes = b""

    @classmethod
    def of(cls, step: Mapping[str, Any]) -> "Request":
        captures = [(f"@{name}".encode(), re.compile(found.encode())) for name, found in step["captures"].items()]
        request = cls(step["path"], step["body"].encode(), step["expected"].encode(), captures)
        if b"@" not in request.body:
            request.ready = request._encode(request.body)
        return request

    def encoded(self, values: Mapping[bytes, bytes]) -> bytes:
        return self.ready or self._encode(self.filled(values))

    def filled(self, values: Mapping[bytes, bytes]) -> bytes:
        """The body, with the values of this journey in their places."""
        body = self.body
        for name, value in values.items():
            body = body.replace(b'"%s"' % name, b'"%s"' % value)
        return body

    def problem_of(self, answer: bytes, values: dict[bytes, bytes]) -> str:
        """What is wrong with an answer, empty if nothing is; then what later requests need is added to `values`."""
        if not answer.startswith(b"HTTP/1.1 200 ") or b'"errors":' in answer or self.expected not in answer:
            return answer.decode(errors="replace")[-600:]
        for name, found in self.captures:
            match = found.search(answer)
            if match is None:
                return f"nothing is like {found.pattern.decode()}"
            values[name] = match[1]
        return ""

    def _encode(self, body: bytes) -> bytes:
        if not body:
            return f"GET {self.path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json\r\n\r\n".encode()
        head = f"POST {self.path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json\r\n"
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@dataclass(slots=True)
class Outcome:
    """What a run came to: the time of each journey in seconds, and how long all of them took together."""

    times: list[float] = field(default_factory=list)
    requests: int = 0
    errors: int = 0
    first_error: str = ""
    seconds: float = 0.0
    processor_seconds: float = 0.0


Journeys = Sequence[Sequence[Request]]


class Connection:
    """A socket kept alive, and the journey it is on."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.socket = socket.create_connection((HOST, port), timeout=GRACE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.journey: Sequence[Request] = ()
        self._place = 0
        self._began = 0.0
        self._values: dict[bytes, bytes] = {}
        self._received = b""

    def begin(self, journey: Sequence[Request], began: float) -> None:
        self.journey, self._began, self._place = journey, began, 0
        self._values.clear()
        self._send()

    def receive(self, outcome: Outcome, now: float) -> bool:
        """Take what has arrived; whether the journey is at its end. Raises OSError if the server hung up."""
        chunk = self.socket.recv(1 << 20)
        if not chunk:
            raise ConnectionError("The server closed the connection.")
        self._received += chunk
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = _LENGTH.search(self._received, 0, end)
        if length is None:
            raise ConnectionError("An answer does not tell its length.")
        if len(self._received) < end + 4 + int(length[1]):
            return False
        answer, self._received = self._received, b""
        return self._advance(answer, outcome, now)

    def reopen(self) -> None:
        """A new socket, on no journey."""
        self.socket.close()
        Connection.__init__(self, self._port)

    def _advance(self, answer: bytes, outcome: Outcome, now: float) -> bool:
        request = self.journey[self._place]
        outcome.requests += 1
        if problem := request.problem_of(answer, self._values):
            raise WrongAnswer(problem)
        self._place += 1
        if self._place < len(self.journey):
            self._send()
            return False
        outcome.times.append(now - self._began)
        return True

    def _send(self) -> None:
        self.socket.sendall(self.journey[self._place].encoded(self._values))


class WrongAnswer(Exception):
    """An answer that is not what the request is for."""


def run(journeys: Journeys, first: int, port: int, connections: int, pace: ClosedLoop | OpenLoop) -> Outcome:
    """Take the journeys in turn from the `first` on, as many at a time as there are connections."""
    outcome, number = Outcome(), 0
    free = [Connection(port) for _ in range(min(connections, MAX_CONNECTIONS))]
    busy: dict[int, Connection] = {}
    processor, start = time.process_time(), time.perf_counter()

    def now() -> float:
        return time.perf_counter() - start

    while (busy or not pace.is_over(now())) and now() < pace.seconds + GRACE_SECONDS and outcome.errors < MAX_ERRORS:
        while free and (began := pace.take(now())) is not None:
            connection = free.pop()
            busy[connection.socket.fileno()] = connection
            connection.begin(journeys[(first + number) % len(journeys)], began)
            number += 1
        # `select` waits for microseconds where `epoll` waits for whole milliseconds.
        patience = pace.wait(now()) if free and not pace.is_over(now()) else 1.0
        ready, _, _ = select.select(list(busy), [], [], patience)
        for descriptor in ready:
            connection = busy[descriptor]
            try:
                is_over = connection.receive(outcome, now())
            except (OSError, WrongAnswer) as error:
                _note(outcome, error)
                connection.reopen()
                is_over = True
            if is_over:
                del busy[descriptor]
                free.append(connection)
    outcome.errors += len(busy)
    outcome.seconds, outcome.processor_seconds = now(), time.process_time() - processor
    return outcome


_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def _note(outcome: Outcome, error: Exception) -> None:
    outcome.errors += 1
    outcome.first_error = outcome.first_error or str(error)


def main() -> None:
    plan = json.load(sys.stdin)
    seconds = min(plan["seconds"], MAX_SECONDS)
    pace = OpenLoop(plan["rate"], seconds) if plan["rate"] else ClosedLoop(seconds)
    journeys = [[Request.of(step) for step in journey] for journey in plan["journeys"]]
    outcome = run(journeys, plan["first"], plan["port"], plan["connections"], pace)
    json.dump({name: getattr(outcome, name) for name in Outcome.__slots__}, sys.stdout)


if __name__ == "__main__":
    main()
