"""Registers the accounts package with Django, and its handlers and periodic tasks with the outbox."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        import_module("accounts.notifications")
        import_module("accounts.sessions")
