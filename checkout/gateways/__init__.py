"""Gateways: each turns our question for money into the language of whoever moves it."""

from django.conf import settings

from checkout.gateways.manual import ManualGateway
from checkout.gateways.protocol import Charge, Gateway, GatewayUnavailable, NextAction, Outcome, RefundOutcome
from checkout.gateways.test import TestGateway
from shop.errors import Refusal

__all__ = [
    "Charge",
    "Gateway",
    "GatewayUnavailable",
    "GatewayUnknown",
    "NextAction",
    "Outcome",
    "RefundOutcome",
    "chosen",
    "known",
    "named",
    "names_offered",
    "offered",
]

_ALL: dict[str, Gateway] = {gateway.handle: gateway for gateway in (TestGateway(), ManualGateway())}


class GatewayUnknown(Refusal):
    """The shop does not offer this way to pay."""

    code = "PAYMENT_GATEWAY_UNKNOWN"


def known() -> list[str]:
    """The handles that the setting PAYMENT_GATEWAYS may name."""
    return list(_ALL)


def offered() -> list[Gateway]:
    """The gateways a shopper may choose, in the order of the setting PAYMENT_GATEWAYS."""
    return [_ALL[handle] for handle in settings.PAYMENT_GATEWAYS]


def names_offered() -> str:
    """The handles of what is offered, for people to read."""
    return ", ".join(gateway.handle for gateway in offered())


def chosen(handle: str) -> Gateway:
    """The gateway a shopper named. Raises GatewayUnknown."""
    found = next((gateway for gateway in offered() if gateway.handle == handle), None)
    if found is None:
        raise GatewayUnknown(
            f"This way to pay is not offered; offered are: {names_offered()}.", field=("payment", "gateway")
        )
    return found


def named(handle: str) -> Gateway:
    """The gateway a stored payment went through, offered still or not."""
    return _ALL[handle]
