"""What the benchmark runs beside itself: a database of its own, the web server, and a look at what both consume."""

import contextlib
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # it came without types
import psycopg
from django.conf import settings
from django.core.management import CommandError

from shop import embedded
from shop.management.commands.run import WEB_SERVER

START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 15
SETTLE_SECONDS = 120
PRISTINE = "pristine"


@dataclass(frozen=True, slots=True)
class Consumption:
    """Processor time that server and database have used so far, in seconds."""

    server: float
    database: float


class Shop:
    """A shop in a folder of its own below the data directory, with its own PostgreSQL and a free port.

    `sizes` are settings that make the web server larger or smaller than `manage.py run` does.
    """

    def __init__(self, folder: Path, sizes: Mapping[str, str]) -> None:
        self.folder = folder
        self.database = embedded.Server(folder / "postgres")
        self.port = _free_port()
        self.environment = {name: value for name, value in os.environ.items() if name not in WEB_SERVER} | {
            **WEB_SERVER,
            **sizes,
            "DATA_DIR": str(folder),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "TESTING": "0",
            "DEBUG": "0",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "PAYMENT_GATEWAYS": "test,manual",
            "PORT": str(self.port),
            "SHOP_URL": f"http://127.0.0.1:{self.port}",
            "SHOP_CURRENCY": "USD",
        }

    def manage(self, *arguments: str, text: str = "") -> str:
        """What a command of the shop says. Raises CommandError with its complaint if it fails."""
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
        finished = subprocess.run(  # noqa: S603
            command,
            env=self.environment,
            cwd=settings.BASE_DIR,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode:
            raise CommandError(f"manage.py {' '.join(arguments)}: {finished.stderr.strip()[-2000:]}")
        return finished.stdout.strip()

    def ask(self, statement: str, variables: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows a statement answers."""
        with self._connect("postgres") as connection:
            return connection.execute(statement.encode(), variables).fetchall()

    def is_filled(self, name: str) -> bool:
        """Whether a copy of the database as it was filled under this name is kept."""
        with self._connect("template1") as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [f"{PRISTINE}_{name}"])
            return found.fetchone() is not None

    def empty(self) -> None:
        """Begin anew with an empty database, and forget every copy."""
        with self._connect("template1") as connection:
            kept = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PRISTINE])
            for name in ["postgres", *(name for (name,) in kept.fetchall())]:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
            connection.execute("CREATE DATABASE postgres")

    def keep(self, name: str) -> None:
        """Keep the database as it is now under this name."""
        with self._connect("postgres") as connection:
            connection.execute("VACUUM (ANALYZE, FREEZE)")
        with self._connect("template1") as connection:
            connection.execute(f'ALTER DATABASE postgres RENAME TO "{PRISTINE}_{name}"'.encode())

    def restore(self, name: str) -> None:
        """Make the database what it was when it was kept: what earlier runs sold is back on the shelves."""
        with self._connect("template1") as connection:
            connection.execute("DROP DATABASE IF EXISTS postgres WITH (FORCE)")
            connection.execute(f'CREATE DATABASE postgres TEMPLATE "{PRISTINE}_{name}"'.encode())
            connection.execute("CHECKPOINT")

    @contextlib.contextmanager
    def served(self) -> Iterator["WebServer"]:
        """The shop behind the web server that `manage.py run` starts, with the floors beside it."""
        log = self.folder / "server.log"
        command = ["granian", "--host", "127.0.0.1", "--port", str(self.port), "shop.benchmark.application:application"]
        with log.open("w") as output:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", *command],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _await_listening(self.port, process, log)
            yield WebServer(self, process.pid)
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_TIMEOUT_SECONDS)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _connect(self, name: str) -> "psycopg.Connection[tuple[Any, ...]]":
        self.database.use()
        return psycopg.connect(host=str(self.database.socket_folder), user="postgres", dbname=name, autocommit=True)


class WebServer:
    """The web server while it runs: what it and its database consume."""

    def __init__(self, shop: Shop, pid: int) -> None:
        self.shop = shop
        self._main = psutil.Process(pid)
        postmaster = (shop.database.folder / "postmaster.pid").read_text().split("\n", 1)[0]
        self._database = psutil.Process(int(postmaster))

    def consumption(self) -> Consumption:
        return Consumption(server=_processor_seconds(self._main), database=_processor_seconds(self._database))

    def settle(self) -> None:
        """Wait until the server has nothing to do: a run that was too much for it must not burden the next one."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            before = self.consumption()
            time.sleep(0.3)
            after = self.consumption()
            if after.server + after.database - before.server - before.database < 0.03:
                return

    def memory(self) -> list[dict[str, float]]:
        """Resident and proportional megabytes of each process that answers requests."""
        return [_memory(process) for process in self._main.children()]


def fingerprint(*sources: Path) -> str:
    """A name for what these files hold: a database filled by other code, or from another file, is not that one."""
    digest = hashlib.sha256()
    migrations = (path for path in settings.BASE_DIR.glob("*/migrations/*.py"))
    for path in sorted([*migrations, *sources]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _memory(process: psutil.Process) -> dict[str, float]:
    # Linux alone tells the proportional size; elsewhere the resident one stands for both.
    used = process.memory_full_info()
    return {"rss": used.rss / 1e6, "pss": getattr(used, "pss", used.rss) / 1e6}


def _processor_seconds(process: psutil.Process) -> float:
    """Of the process, of its children, and of those that have ended."""
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_listening(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise CommandError(f"The web server does not start; see {log}.")
        time.sleep(0.05)
