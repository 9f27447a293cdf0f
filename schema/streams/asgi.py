"""The words of ASGI (https://asgi.readthedocs.io), and the request they speak of."""

from collections.abc import Awaitable, Callable, Mapping
from io import BytesIO
from typing import Any, TypeAlias

from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest

from schema.bodies import BadRequest
from shop import requests

Scope: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]
Send: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[None]]


def request_of(scope: Scope, body: BytesIO) -> ASGIRequest:
    """The request that opened this connection, under an id; its body may be filled in later."""
    request = ASGIRequest({"method": "GET", **scope}, body)
    request.request_id = requests.id_for(request)  # type: ignore[attr-defined]
    return request


def check_host(request: ASGIRequest) -> None:
    """Raises BadRequest where the request is for another host than the shop."""
    try:
        request.get_host()
    except DisallowedHost as unknown:
        raise BadRequest(str(unknown)) from None
