"""Registers the checkout package with Django, and its handlers with the outbox."""

import sys
from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class CheckoutConfig(AppConfig):
    name = "checkout"

    def ready(self) -> None:
        names = ("downloads", "notifications", "payments", "refunds", "checkouts", "purchases", "sales", "watching")
        for module in names:
            import_module(f"checkout.{module}")
        known = import_module("checkout.gateways").known()
        if unknown := ", ".join(handle for handle in settings.PAYMENT_GATEWAYS if handle not in known):
            sys.exit(f"PAYMENT_GATEWAYS cannot be used: {unknown} is not among {', '.join(known)}.")
