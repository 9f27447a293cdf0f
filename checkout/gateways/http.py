"""Asking gateways that speak JSON over HTTPS."""

from typing import Any

import httpx

from checkout.gateways.protocol import unavailable

TIMEOUT = 20.0  # seconds, for connecting and for each piece of an answer


class Refused(Exception):
    """The gateway understood, and says no."""

    def __init__(self, status: int, told: dict[str, Any]) -> None:
        super().__init__(f"refused with {status}")
        self.status = status
        self.told = told


class NeverAsked(Exception):
    """There was no connection, so that the gateway has not heard the question."""


def ask(handle: str, method: str, url: str, **options: Any) -> dict[str, Any]:
    """What the gateway answers. Raises Refused, NeverAsked, and GatewayUnavailable where nobody knows what it did."""
    try:
        response = httpx.request(method, url, timeout=TIMEOUT, **options)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise NeverAsked from error
    except httpx.HTTPError as error:
        raise unavailable(handle, "The payment gateway does not answer; try again.") from error
    try:
        told = response.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise unavailable(handle, "The payment gateway does not answer sensibly; try again.")
    if response.is_success:
        return told
    raise Refused(response.status_code, told)
