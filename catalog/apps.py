"""Registers the catalog package with Django, and its handlers and periodic tasks with the outbox."""

from importlib import import_module

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        served = ("alerts", "bulk", "inventory", "notifications", "price_lists", "prices", "uploads", "vocabulary")
        for module in served:
            import_module(f"catalog.{module}")
