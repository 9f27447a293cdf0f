"""Registers the checkout package with Django, and its handlers with the outbox."""

import sys
from importlib import import_module

from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    name = "checkout"

    def ready(self) -> None:
        names = (
            "cart_points",
            "claims",
            "downloads",
            "earned_points",
            "expiry",
            "gift_card_sales",
            "gift_cards",
            "notifications",
            "staff_notices",
            "invoices",
            "text_messages",
            "payments",
            "refunds",
            "checkouts",
            "purchases",
            "quotes",
            "reconciliation",
            "sales",
            "tax_answers",
            "watching",
            "webhooks",
        )
        for module in names:
            import_module(f"checkout.{module}")
        for module in ("gateways", "carriers", "tax_services"):
            if wrong := import_module(f"checkout.{module}").misconfigured():
                sys.exit(wrong)
