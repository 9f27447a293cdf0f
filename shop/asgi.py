"""The shop's subscriptions as an ASGI application: what the second granian serves. Everything else is `shop.wsgi`."""

import os

import django
from django.conf import settings

from shop import siblings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
siblings.count_together(settings.METRICS_DIR)
django.setup()

# Its modules want the apps to be ready.
from schema.streams.application import Application  # noqa: E402

application = Application()
