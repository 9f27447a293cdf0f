"""The platform: what every part of the shop may stand on."""

from importlib import import_module

from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "shop"
    verbose_name = "Platform"

    def ready(self) -> None:
        import_module("shop.idempotency")
