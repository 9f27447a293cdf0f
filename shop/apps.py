"""The platform: what every part of the shop may stand on."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "shop"
    verbose_name = "Platform"
