"""Registers the catalog package with Django, and its handlers with the outbox."""

from importlib import import_module

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        import_module("catalog.uploads")
