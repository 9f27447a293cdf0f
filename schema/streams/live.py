"""What both protocols share: answers that come again when what they tell has changed."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest
from graphql import OperationType

from schema import errors, execution, view
from schema.context import Context
from schema.documents import Operation
from schema.errors import Rejected
from schema.incoming import Incoming
from schema.streams.places import NoPlace, Places
from shop import clock, metrics, notices, requests
from shop.metrics import Timed
from shop.notices import Listener

log = logging.getLogger(__name__)

Value = TypeVar("Value")

# Seconds until what is watched is read again although no notice came: a notice may be lost.
REREAD = 60.0
# Seconds between signs of life, so that nobody between us takes the connection for dead.
KEEP_ALIVE = 15.0
TOO_MANY = "TOO_MANY_SUBSCRIPTIONS"
# Threads that read, where there is no pool whose connections they could be as many as.
THREADS = 4


@dataclass(frozen=True)
class Asked:
    """One subscription, and who asks: by the `authorization` given in the protocol, else by the request's header."""

    incoming: Incoming
    request: HttpRequest
    authorization: str | None = None


class Streams:
    """All that this process is streaming. It belongs to one event loop; what reads the database runs in threads."""

    def __init__(self) -> None:
        self.listener = Listener()
        self.connections = Places("connections")
        self.subscriptions = Places("subscriptions")
        self.closing = asyncio.Event()
        self._threads = ThreadPoolExecutor(settings.DATABASE_POOL_SIZE or THREADS, thread_name_prefix="stream")

    async def answers(self, asked: Asked) -> AsyncGenerator[dict[str, Any], None]:
        """The answer now, and again after each change, until one is a refusal. Raises Rejected before the first."""
        operation = await self._in_thread(_operation, asked.incoming)
        answer, context = await self._in_thread(_executed, operation, asked)
        yield answer
        watched = context.watched
        if watched is None:
            return
        with self.listener.watching(watched.subject) as event:
            while True:
                # Before the first wait too: it may have changed since it was read, when nobody was listening yet.
                event.clear()
                answer, context = await self._in_thread(_executed, operation, asked)
                if context.watched != watched:
                    yield answer
                    watched = context.watched
                if watched is None:
                    return
                await notices.changed(event, within=_patience(context))

    @contextmanager
    def subscribed(self, protocol: str, address: str) -> Iterator[None]:
        """A place for one subscription. Raises Rejected where there is none."""
        with ExitStack() as held:
            try:
                held.enter_context(self.subscriptions.one(address))
            except NoPlace as full:
                raise Rejected.because(TOO_MANY, str(full)) from None
            held.enter_context(metrics.subscribed(protocol))
            yield

    async def _in_thread(self, function: Callable[..., Value], *arguments: Any) -> Value:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


async def until_first_ends(*actions: Coroutine[Any, Any, object]) -> None:
    """Run all of them until one ends, and end the others. Raises what that one raised."""
    tasks = [asyncio.create_task(action) for action in actions]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        await end(tasks)


async def end(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel the tasks and wait until all they held is free."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def failure(error: Exception, request: HttpRequest) -> dict[str, Any]:
    """What a client is told of a bug, which is logged."""
    log.error("request %s failed", request_id(request), exc_info=error)
    return errors.masked(request_id(request))


def request_id(request: HttpRequest) -> str:
    return getattr(request, "request_id", "")


def _operation(incoming: Incoming) -> Operation:
    operation = execution.documents.operation(incoming.query, incoming.operation_name)
    if operation.node.operation is not OperationType.SUBSCRIPTION:
        raise Rejected.because("BAD_REQUEST", "Only subscriptions are answered here; send this by POST to /graphql/.")
    return operation


def _executed(operation: Operation, asked: Asked) -> tuple[dict[str, Any], Context]:
    """The answer as it is now, for who asks as they are now: each time the token is looked at anew."""
    try:
        with requests.named(request_id(asked.request)), Timed(rejections=(Rejected,)) as timed:
            timed.kind = operation.node.operation.value
            context = view.context_of(asked.request, authorization=asked.authorization)
            answer = execution.execute(operation, asked.incoming.variables, context)
            timed.outcome = errors.outcome(answer)
            return answer, context
    finally:
        close_old_connections()


def _patience(context: Context) -> float:
    """Seconds until the next look: an access token that has expired by then is noticed at once."""
    if context.token_expires_at is None:
        return REREAD
    return min(REREAD, max((context.token_expires_at - clock.now()).total_seconds(), 0.05))
