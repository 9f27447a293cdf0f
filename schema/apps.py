"""Registers the schema package with Django, for its commands and templates."""

from django.apps import AppConfig


class SchemaConfig(AppConfig):
    name = "schema"
