"""Give every request an id that the client sees, and that every line logged on its behalf carries."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import uuid6
from django.conf import settings
from django.http import HttpRequest, HttpResponse

SANE_ID = re.compile(r"[A-Za-z0-9._:-]{8,128}", re.ASCII)

_request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestId:
    """Middleware that takes the proxy's `X-Request-Id`, or makes one, and answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = request.request_id = id_for(request)  # type: ignore[attr-defined]
        with named(request_id):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


class RequestIdFilter(logging.Filter):
    """Let log formats speak of `request_id`; it is "-" outside a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _request_id.get()
        return True


def id_for(request: HttpRequest) -> str:
    """The id that a proxy gave the request, or a new one."""
    given = request.headers.get("X-Request-Id", "")
    # Anything else could forge lines in the log or headers in the answer.
    return given if SANE_ID.fullmatch(given) else str(uuid6.uuid7())


@contextmanager
def named(request_id: str) -> Iterator[None]:
    """Have what is logged in the block carry this id."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


def current_id() -> str:
    """The id of the request being answered, or "-" outside one."""
    return _request_id.get()


def client_address(request: HttpRequest) -> str:
    """The network address of who asks; behind a proxy, the one that the proxy saw, which nobody else can claim."""
    seen_by_proxy = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return seen_by_proxy.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
