"""The shop as a WSGI application: what granian serves."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from shop import siblings, startup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
siblings.count_together(settings.METRICS_DIR)
application = get_wsgi_application()
startup.settle_memory()
