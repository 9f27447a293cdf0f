"""Registers the checkout package with Django, and its handlers with the outbox."""

from importlib import import_module

from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    name = "checkout"

    def ready(self) -> None:
        for module in ("checkout.notifications", "checkout.payments", "checkout.checkouts", "checkout.sales"):
            import_module(module)
