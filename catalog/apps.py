"""Registers the catalog package with Django, and its handlers and periodic tasks with the outbox."""

from importlib import import_module

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        for module in ("alerts", "bulk", "inventory", "notifications", "uploads", "vocabulary"):
            import_module(f"catalog.{module}")
