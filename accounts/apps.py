"""Registers the accounts package with Django, and its handlers and periodic tasks with the outbox."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        import_module("accounts.notifications")
        import_module("accounts.points")
        import_module("accounts.sessions")
        post_migrate.connect(import_module("accounts.roles").extend, sender=self)
