"""Other processes of the shop, on the database of the test that starts them."""

import os
from urllib.parse import quote

from django.db import connection


def environment(**extra: str) -> dict[str, str]:
    """What lets another process use this test's database."""
    database = connection.settings_dict
    user, password, host = (quote(database[name], safe="") for name in ("USER", "PASSWORD", "HOST"))
    port = f":{database['PORT']}" if database["PORT"] else ""
    url = f"postgresql://{user}:{password}@{host}{port}/{database['NAME']}"
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "shop.settings", "REDIS_URL": "", **extra}
