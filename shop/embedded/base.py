"""Django's PostgreSQL backend, with the server started when the first connection to it is wanted."""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the embedded server."""

    def get_connection_params(self) -> dict[str, Any]:
        settings.EMBEDDED_POSTGRES.use()
        params: dict[str, Any] = super().get_connection_params()
        return params
