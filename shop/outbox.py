"""The outbox: what happened, written in the transaction that made it happen, and the functions that act on it later.

`shop/relay.py` hands the messages to their handlers; `docs/background-work.md` tells what is guaranteed.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction

from shop import requests, writes
from shop.models import OutboxMessage

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Message:
    """What a handler is given. It may be given the same `id` again, so effects outside the database should carry it."""

    id: int
    topic: str
    payload: Mapping[str, Any]
    created_at: datetime


Handler = Callable[[Message], None]
Task = Callable[[], None]


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """A function that runs again and again, in one worker at a time."""

    run: Task
    interval: timedelta


class UnknownHandler(LookupError):
    """A delivery names a handler that this version of the program does not have."""


# Filled at import by the decorators below; AppConfig.ready imports the modules that use them.
HANDLERS: dict[str, dict[str, Handler]] = {}
TASKS: dict[str, PeriodicTask] = {}


def publish(topic: str, /, **payload: Any) -> None:
    """Tell the handlers of `topic`, if and when the caller's transaction commits. Raises RuntimeError outside of one.

    The payload is JSON: name rows by id and let the handler read them.
    """
    publish_many(topic, [payload])


def publish_many(topic: str, payloads: Iterable[Mapping[str, Any]]) -> None:
    """As `publish`, a message for each payload, all in one statement. Raises RuntimeError outside of a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{topic} must be published in the transaction that makes it true.")
    request_id = requests.current_id()
    writes.insert([OutboxMessage(topic=topic, payload=dict(payload), request_id=request_id) for payload in payloads])


def handler(topic: str) -> Callable[[Handler], Handler]:
    """Run the decorated function for every message of `topic`, in a transaction that also records that it is done."""

    def register(function: Handler) -> Handler:
        registered = HANDLERS.setdefault(topic, {}).setdefault(_name(function), function)
        if registered is not function:
            raise ValueError(f"Two handlers of {topic} are named {_name(function)}.")
        return function

    return register


def every(*, seconds: int) -> Callable[[Task], Task]:
    """Run the decorated function again `seconds` after its last run ended, in one worker at a time.

    It runs outside a transaction and opens its own. Keep it short: what takes long is published.
    """

    def register(function: Task) -> Task:
        TASKS[_name(function)] = PeriodicTask(function, timedelta(seconds=seconds))
        return function

    return register


def one_by_one(keys: Iterable[T], act: Callable[[T], object]) -> None:
    """For a periodic task: `act` upon each of these, in a transaction of its own.

    One that fails does not keep the others waiting: it has its turn again when the task runs the next time.
    """
    for key in keys:
        try:
            with transaction.atomic():
                act(key)
        except Exception:
            log.exception("%s failed for %s; it is tried again.", getattr(act, "__qualname__", act), key)


def handler_named(name: str) -> Handler:
    """The handler a delivery is for. Raises UnknownHandler."""
    for handlers in HANDLERS.values():
        if name in handlers:
            return handlers[name]
    raise UnknownHandler(f"No handler is named {name}: was it renamed or removed while a message was on its way?")


def _name(function: Callable[..., None]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
