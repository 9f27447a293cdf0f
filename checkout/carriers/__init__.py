"""Carriers: each tells what it would ask for a parcel, in its own way."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from checkout.carriers.protocol import Carrier, CarrierRate, CarrierUnavailable, Consignment, Place

__all__ = [
    "Carrier",
    "CarrierRate",
    "CarrierUnavailable",
    "Consignment",
    "Place",
    "misconfigured",
    "named",
    "names",
]


def names() -> list[str]:
    """The handles of the setting CARRIERS."""
    return list(settings.CARRIERS)


def misconfigured() -> str:
    """What is wrong with the settings of carriers, in one sentence; "" where nothing is."""
    for handle in names():
        try:
            carrier = named(handle)
        except ImportError as error:
            return f"CARRIERS names {handle}, which cannot be loaded: {error}."
        if missing := ", ".join(name for name in carrier.requires if not getattr(settings, name)):
            return f"CARRIERS names {handle}, which wants {missing} set."
    return ""


def named(handle: str) -> Carrier:
    """The carrier with this handle, loaded once it is asked for. Raises KeyError for one that is not in use."""
    return _loaded(settings.CARRIERS[handle])


@cache
def _loaded(path: str) -> Carrier:
    carrier: Carrier = import_string(path)()
    return carrier
