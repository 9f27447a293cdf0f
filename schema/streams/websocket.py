"""Subscriptions over a WebSocket: the protocol graphql-transport-ws, any number of them on one connection.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from io import BytesIO
from typing import Any

import orjson
from django.conf import settings

from schema.bodies import BadRequest
from schema.errors import Rejected
from schema.incoming import Incoming
from schema.streams import live
from schema.streams.asgi import Receive, Scope, Send, check_host, request_of
from schema.streams.live import Asked, Streams
from schema.streams.places import NoPlace
from schema.view import encoded
from shop import requests

PROTOCOL = "graphql-transport-ws"
# Seconds a client may take to say who it is.
PATIENCE = 10.0
# What of a reason fits into the frame that closes a connection.
MAX_REASON = 120

BAD_MESSAGE, UNAUTHORIZED, WRONG_PROTOCOL, TOO_SLOW = 4400, 4401, 4406, 4408
ID_TAKEN, ALREADY_INITIALISED = 4409, 4429
TOO_LARGE, RESTARTING, TRY_LATER, SILENT = 1009, 1012, 1013, 4499


class Closed(Exception):
    """The conversation is over: why, by a number of the protocol and in words."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason[:MAX_REASON]


async def answer(streams: Streams, scope: Scope, receive: Receive, send: Send) -> None:
    """Talk with one client until either side has enough."""
    await receive()
    conversation = _Conversation(streams, scope, receive, send)
    try:
        await conversation.run()
    except NoPlace as full:
        await conversation.close(Closed(TRY_LATER, str(full)))
    except BadRequest as bad:
        await conversation.close(Closed(BAD_MESSAGE, bad.message))
    except Closed as closed:
        await conversation.close(closed)


class _Conversation:
    def __init__(self, streams: Streams, scope: Scope, receive: Receive, send: Send) -> None:
        self._streams, self._receive, self._send = streams, receive, send
        self._request = request_of(scope, BytesIO())
        self._speaks_ours = PROTOCOL in scope["subprotocols"]
        self._authorization: str | None = None
        self._initialised = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._has_spoken = True

    async def run(self) -> None:
        """Raises NoPlace, BadRequest, and Closed where it is us who end the conversation."""
        await self._send({"type": "websocket.accept", "subprotocol": PROTOCOL if self._speaks_ours else None})
        if not self._speaks_ours:
            raise Closed(WRONG_PROTOCOL, f"Speak {PROTOCOL}.")
        check_host(self._request)
        with self._streams.connections.one(requests.client_address(self._request)):
            try:
                await live.until_first_ends(
                    self._listen(), self._expect_initialisation(), self._stay(), self._restart()
                )
            finally:
                await live.end(list(self._running.values()))

    async def close(self, closed: Closed) -> None:
        await self._send({"type": "websocket.close", "code": closed.code, "reason": closed.reason})

    async def _listen(self) -> None:
        while (received := await self._receive())["type"] != "websocket.disconnect":
            self._has_spoken = True
            await self._heed(_message(received))

    async def _expect_initialisation(self) -> None:
        try:
            await asyncio.wait_for(self._initialised.wait(), PATIENCE)
        except TimeoutError:
            raise Closed(TOO_SLOW, "Connection initialisation timeout") from None
        await asyncio.Event().wait()

    async def _stay(self) -> None:
        """Show that we are there, and ask whether the client is."""
        while True:
            await asyncio.sleep(live.KEEP_ALIVE)
            if not self._has_spoken:
                raise Closed(SILENT, "Nothing was heard for long")
            self._has_spoken = False
            if self._initialised.is_set():
                await self._say({"type": "ping"})

    async def _restart(self) -> None:
        await self._streams.closing.wait()
        raise Closed(RESTARTING, "The server restarts; connect again")

    async def _heed(self, message: Mapping[str, Any]) -> None:
        match message.get("type"):
            case "connection_init":
                await self._initialise(message.get("payload"))
            case "ping":
                await self._say({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                self._subscribe(message.get("id"), message.get("payload"))
            case "complete":
                if task := self._running.pop(str(message.get("id")), None):
                    task.cancel()
            case _:
                raise Closed(BAD_MESSAGE, "Unknown type of message")

    async def _initialise(self, payload: Any) -> None:
        if self._initialised.is_set():
            raise Closed(ALREADY_INITIALISED, "Too many initialisation requests")
        if payload is not None and not isinstance(payload, dict):
            raise Closed(BAD_MESSAGE, "The payload of connection_init must be an object")
        told = {name.lower(): value for name, value in (payload or {}).items()}
        if isinstance(told.get("authorization"), str):
            self._authorization = told["authorization"]
        self._initialised.set()
        await self._say({"type": "connection_ack"})

    def _subscribe(self, id: Any, payload: Any) -> None:
        if not self._initialised.is_set():
            raise Closed(UNAUTHORIZED, "Unauthorized")
        if not isinstance(id, str) or not id or not isinstance(payload, dict):
            raise Closed(BAD_MESSAGE, "subscribe needs an id and a payload")
        if id in self._running:
            raise Closed(ID_TAKEN, f"Subscriber for {id} already exists")
        try:
            asked = Asked(Incoming.of_parameters(payload), self._request, self._authorization)
        except BadRequest as bad:
            raise Closed(BAD_MESSAGE, bad.message) from None
        self._running[id] = asyncio.create_task(self._tell(id, asked))

    async def _tell(self, id: str, asked: Asked) -> None:
        last: dict[str, Any] = {"type": "complete"}
        try:
            with self._streams.subscribed(PROTOCOL, requests.client_address(asked.request)):
                async with aclosing(self._streams.answers(asked)) as answers:
                    async for found in answers:
                        await self._say({"id": id, "type": "next", "payload": found})
        except Rejected as rejected:
            last = {"type": "error", "payload": rejected.errors}
        except Exception as error:
            last = {"type": "error", "payload": [live.failure(error, asked.request)]}
        # Free before the last word: the client may use the id again as soon as it has heard it.
        self._running.pop(id, None)
        await self._say({"id": id, **last})

    async def _say(self, message: dict[str, Any]) -> None:
        await self._send({"type": "websocket.send", "text": encoded(message).decode()})


def _message(received: Mapping[str, Any]) -> Mapping[str, Any]:
    text = received.get("text")
    if text is None:
        raise Closed(BAD_MESSAGE, "Messages are text")
    if len(text) > settings.GRAPHQL_MAX_BODY_BYTES:
        raise Closed(TOO_LARGE, f"{settings.GRAPHQL_MAX_BODY_BYTES} bytes are allowed")
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Closed(BAD_MESSAGE, "Messages are JSON") from None
    if not isinstance(message, dict):
        raise Closed(BAD_MESSAGE, "Messages are JSON objects")
    return message
