"""The ASGI application: subscriptions at their address, probes and metrics at theirs, and nothing else."""

import asyncio
import signal
from contextlib import suppress
from functools import cached_property
from types import FrameType

from django.conf import settings
from django.core.asgi import get_asgi_application

from schema.streams import event_stream, live, websocket
from schema.streams.asgi import Receive, Scope, Send
from schema.streams.live import Streams

# The second is for proxies that tell subscriptions from the rest by `Upgrade` and `Accept` instead of the path.
PATHS = {"/graphql/stream", "/graphql/"}
URLS = "schema.streams.urls"


class Application:
    """Answers each connection; begins to listen for changes, and ends its streams in time, as the server tells it."""

    def __init__(self) -> None:
        settings.ROOT_URLCONF = URLS
        self._django = get_asgi_application()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            if scope["path"] in PATHS:
                await websocket.answer(self._streams, scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 4404, "reason": "Nothing is here"})
        elif scope["path"] in PATHS and scope["method"] in {"GET", "POST"}:
            await event_stream.answer(self._streams, scope, receive, send)
        else:
            await self._django(scope, receive, send)

    @cached_property
    def _streams(self) -> Streams:
        # Made where the event loop runs.
        return Streams()

    async def _live(self, receive: Receive, send: Send) -> None:
        listening = asyncio.create_task(self._streams.listener.listen())
        self._close_on_signals(asyncio.get_running_loop())
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._streams.closing.set()
        await live.end([listening])
        await send({"type": "lifespan.shutdown.complete"})

    def _close_on_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the streams when the process is told to: the server waits for them before it tells us anything."""

        def close(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._streams.closing.set)

        for number in (signal.SIGINT, signal.SIGTERM):
            # The event loop, and with it the server, hears of the signal all the same. Only a main thread can do this.
            with suppress(ValueError):
                signal.signal(number, close)
