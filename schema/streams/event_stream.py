"""Subscriptions as server-sent events: the "distinct connections mode" of graphql-sse, one request for each.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

import asyncio
from contextlib import aclosing
from io import BytesIO

from django.conf import settings
from django.http import HttpRequest

from schema.bodies import JSON, BadRequest
from schema.errors import Rejected
from schema.incoming import Incoming
from schema.streams import live
from schema.streams.asgi import Receive, Scope, Send, check_host, request_of
from schema.streams.live import Asked, Streams
from schema.streams.places import NoPlace
from schema.view import encoded
from shop import requests

MEDIA_TYPE = "text/event-stream"
PROTOCOL = "sse"
# Proxies that collect an answer before they pass it on are asked not to.
HEADERS = {"Content-Type": f"{MEDIA_TYPE}; charset=utf-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Gone(Exception):
    """The client left before its request was complete."""


async def answer(streams: Streams, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request for as long as it wants."""
    stream = _EventStream(streams, scope, receive, send)
    try:
        await stream.run()
    except BadRequest as bad:
        await stream.refuse(bad.status, bad.code, bad.message)
    except NoPlace as full:
        await stream.refuse(429, live.TOO_MANY, str(full))
    except Gone:
        return


class _EventStream:
    def __init__(self, streams: Streams, scope: Scope, receive: Receive, send: Send) -> None:
        self._streams, self._scope, self._receive, self._send = streams, scope, receive, send
        self._body = BytesIO()
        self._request = request_of(scope, self._body)
        self._origin = _allowed_origin(self._request)

    async def run(self) -> None:
        """Raises BadRequest and NoPlace before anything is sent, and Gone."""
        request = self._request
        check_host(request)
        if MEDIA_TYPE not in request.headers.get("Accept", ""):
            raise BadRequest(f"Subscriptions are answered as {MEDIA_TYPE}; name it in `Accept`.", status=406)
        with self._streams.connections.one(requests.client_address(request)):
            if request.method == "POST":
                if request.content_type != JSON:
                    raise BadRequest(f"Send the body as {JSON}.", status=415)
                await self._read()
            incoming = Incoming.of(request)
            await self._start(200, HEADERS)
            await live.until_first_ends(
                self._tell(Asked(incoming, request)), self._gone(), self._keep_alive(), self._streams.closing.wait()
            )
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def refuse(self, status: int, code: str, message: str) -> None:
        await self._start(status, {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"})
        content = encoded({"errors": Rejected.because(code, message).errors})
        await self._send({"type": "http.response.body", "body": content, "more_body": False})

    async def _tell(self, asked: Asked) -> None:
        try:
            with self._streams.subscribed(PROTOCOL, requests.client_address(asked.request)):
                async with aclosing(self._streams.answers(asked)) as answers:
                    async for found in answers:
                        await self._event(b"next", encoded(found))
        except Rejected as rejected:
            await self._event(b"next", encoded({"errors": rejected.errors}))
        except Exception as error:
            await self._event(b"next", encoded({"errors": [live.failure(error, asked.request)]}))
        await self._event(b"complete", b"")

    async def _event(self, name: bytes, data: bytes) -> None:
        await self._write(b"event: %b\ndata: %b\n\n" % (name, data))

    async def _keep_alive(self) -> None:
        while True:
            await self._write(b":\n\n")
            await asyncio.sleep(live.KEEP_ALIVE)

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _write(self, content: bytes) -> None:
        await self._send({"type": "http.response.body", "body": content, "more_body": True})

    async def _start(self, status: int, headers: dict[str, str]) -> None:
        told = {**headers, "X-Request-Id": live.request_id(self._request), "Vary": "Accept, Authorization, Origin"}
        if self._origin:
            told |= {"Access-Control-Allow-Origin": self._origin, "Access-Control-Expose-Headers": "X-Request-Id"}
        raw = [(name.lower().encode(), value.encode("latin1")) for name, value in told.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": raw})

    async def _read(self) -> None:
        """Read what was sent, or as much of it as shows that it is too much. Raises Gone."""
        is_complete = False
        while not is_complete and self._body.tell() <= settings.GRAPHQL_MAX_BODY_BYTES:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Gone
            self._body.write(message.get("body", b""))
            is_complete = not message.get("more_body", False)
        self._body.seek(0)


def _allowed_origin(request: HttpRequest) -> str:
    """The page's origin if it may read the answer; its preflight was answered by Django."""
    if settings.CORS_ALLOW_ALL_ORIGINS:
        return "*"
    origin = request.headers.get("Origin", "")
    return origin if origin in settings.CORS_ALLOWED_ORIGINS else ""
