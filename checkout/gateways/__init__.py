"""Gateways: each turns our question for money into the language of whoever moves it."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from checkout.gateways.protocol import (
    BadNotice,
    Charge,
    Gateway,
    GatewayUnavailable,
    Incoming,
    NextAction,
    Notice,
    Outcome,
    RefundOutcome,
    TokenRefused,
)
from shop.errors import Refusal

__all__ = [
    "BadNotice",
    "Charge",
    "Gateway",
    "GatewayUnavailable",
    "GatewayUnknown",
    "Incoming",
    "NextAction",
    "Notice",
    "Outcome",
    "RefundOutcome",
    "TokenRefused",
    "chosen",
    "collected_outside",
    "known",
    "misconfigured",
    "named",
    "names_offered",
    "offered",
]

# By handle. Loaded once they are named: a shop without Stripe need not keep its library in memory.
_PATHS = {
    "test": "checkout.gateways.test.TestGateway",
    "manual": "checkout.gateways.manual.ManualGateway",
    "bank_transfer": "checkout.gateways.bank_transfer.BankTransferGateway",
    "invoice": "checkout.gateways.invoice.InvoiceGateway",
    "stripe": "checkout.gateways.stripe.StripeGateway",
    "razorpay": "checkout.gateways.razorpay.RazorpayGateway",
    "mpesa": "checkout.gateways.mpesa.MpesaGateway",
}


class GatewayUnknown(Refusal):
    """The shop does not offer this way to pay."""

    code = "PAYMENT_GATEWAY_UNKNOWN"


def known() -> list[str]:
    """The handles that the setting PAYMENT_GATEWAYS may name."""
    return list(_PATHS)


def collected_outside() -> list[str]:
    """The handles of those whose money changes hands outside of the shop."""
    return [handle for handle in _PATHS if named(handle).is_collected_outside]


def misconfigured() -> str:
    """What is wrong with the settings of payments, in one sentence; "" where nothing is."""
    for handle in {*settings.PAYMENT_GATEWAYS, *settings.PAYMENT_CAPTURE_LATER}:
        if handle not in _PATHS:
            return f"PAYMENT_GATEWAYS cannot be used: {handle} is not among {', '.join(known())}."
    for gateway in offered():
        if missing := ", ".join(name for name in gateway.requires if not getattr(settings, name)):
            return f"PAYMENT_GATEWAYS names {gateway.handle}, which wants {missing} set."
        if gateway.handle in settings.PAYMENT_CAPTURE_LATER and not gateway.can_capture_later:
            return f"PAYMENT_CAPTURE_LATER names {gateway.handle}, which captures at once only."
    return ""


def offered() -> list[Gateway]:
    """The gateways a shopper may choose, in the order of the setting PAYMENT_GATEWAYS."""
    return [named(handle) for handle in settings.PAYMENT_GATEWAYS]


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


@cache
def named(handle: str) -> Gateway:
    """The gateway a stored payment went through, offered still or not. Raises KeyError for a handle of none."""
    gateway: Gateway = import_string(_PATHS[handle])()
    return gateway
