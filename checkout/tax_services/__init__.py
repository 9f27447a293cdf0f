"""Tax services: one that the shop names may say which taxes a bill bears, instead of the shop's own rates."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from checkout.tax_services.protocol import Answer, Levy, Question, TaxableLine, TaxService, TaxServiceUnavailable

__all__ = [
    "Answer",
    "Levy",
    "Question",
    "TaxService",
    "TaxServiceUnavailable",
    "TaxableLine",
    "in_use",
    "misconfigured",
]


def in_use() -> TaxService | None:
    """The one that the setting TAX_SERVICE names, loaded once it is asked for; None where own rates count."""
    return _loaded(settings.TAX_SERVICE) if settings.TAX_SERVICE else None


def misconfigured() -> str:
    """What is wrong with the settings of tax services, in one sentence; "" where nothing is."""
    try:
        service = in_use()
    except ImportError as error:
        return f"TAX_SERVICE cannot be loaded: {error}."
    missing = ", ".join(name for name in service.requires if not getattr(settings, name)) if service else ""
    return f"TAX_SERVICE wants {missing} set." if missing else ""


@cache
def _loaded(path: str) -> TaxService:
    service: TaxService = import_string(path)()
    return service
