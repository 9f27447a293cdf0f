"""Registers the checkout package with Django."""

from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    name = "checkout"
