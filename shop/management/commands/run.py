"""Serve the whole shop from one terminal: database, migrations, demo shop, web server and worker."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from accounts.models import User
from catalog.models import Product
from checkout.management.commands import seed_demo
from shop import startup
from shop.embedded import CannotStart

START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 15
# Granian's own variables; whatever the environment says goes first.
WEB_SERVER = {
    "GRANIAN_INTERFACE": "wsgi",
    "GRANIAN_WORKERS": "2",
    "GRANIAN_BLOCKING_THREADS": "3",
    "GRANIAN_WEBSOCKETS": "false",
    "GRANIAN_LOG_LEVEL": "warning",
    "GRANIAN_WORKERS_KILL_TIMEOUT": "5",
}
STREAM_SERVER = {
    "GRANIAN_INTERFACE": "asgi",
    "GRANIAN_WORKERS": "1",
    "GRANIAN_LOOP": "asyncio",
    "GRANIAN_LOG_LEVEL": "warning",
    "GRANIAN_WORKERS_KILL_TIMEOUT": "5",
}
PARENT_DEATH_SIGNAL = 1  # Linux's PR_SET_PDEATHSIG


class Command(BaseCommand):
    help = "Prepare the database and serve the shop with its worker until Ctrl-C."
    requires_system_checks = []
    requires_migrations_checks = False

    def handle(self, *arguments: Any, **options: Any) -> None:
        for port in (settings.PORT, settings.STREAM_PORT):
            startup.require_free_port(settings.HOST, port)
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_number, _leave)
        self._prepare()
        children: dict[str, subprocess.Popen[bytes]] = {}
        try:
            for name, (command, environment) in _programs().items():
                children[name] = _start(command, environment)
            self._await_server("web server", settings.PORT, children)
            self._await_server("stream server", settings.STREAM_PORT, children)
            self._welcome()
            self._watch(children)
        finally:
            _stop(list(children.values()))
            self.stdout.write("The shop is closed.")

    def _prepare(self) -> None:
        self.stdout.write("Preparing the database ...")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except CannotStart as failed:
            raise CommandError(str(failed)) from failed
        # Outside debug the shop is somebody's own, and starts empty.
        if settings.DEBUG and not Product.objects.exists():
            self.stdout.write("Filling the empty shop with a demo catalog ...")
            call_command("seed_demo", verbosity=0)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        if not settings.DEBUG:
            call_command("collectstatic", verbosity=0, interactive=False)

    def _await_server(self, name: str, port: int, children: dict[str, subprocess.Popen[bytes]]) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not _is_listening(settings.HOST, port):
            _require_alive(children)
            if time.monotonic() > deadline:
                raise CommandError(f"The {name} does not answer after {START_TIMEOUT_SECONDS} seconds.")
            time.sleep(0.05)

    def _watch(self, children: dict[str, subprocess.Popen[bytes]]) -> None:
        while True:
            _require_alive(children)
            time.sleep(0.5)

    def _welcome(self) -> None:
        shop = f"http://{_visible_host(settings.HOST)}:{settings.PORT}"
        self.stdout.write(
            f"\n  {settings.SHOP_NAME} is open. Ctrl-C closes it.\n\n"
            f"    Playground   {shop}/graphql/   (in a browser)\n"
            f"    API          {shop}/graphql/   (POST)\n"
            f"    Subscribe    {settings.STREAM_URL}   (WebSocket, event stream)\n"
            f"    Admin        {shop}/admin/\n"
            f"    Health       {shop}/health/ready\n"
        )
        self._introduce_demo_logins()
        self.stdout.flush()

    def _introduce_demo_logins(self) -> None:
        emails = [login.email for login in seed_demo.LOGINS]
        present = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
        if not settings.DEBUG or not present:
            return
        self.stdout.write(f"    Demo logins, all with the password {seed_demo.DEMO_PASSWORD}")
        for login in seed_demo.LOGINS:
            if login.email in present:
                self.stdout.write(f"      {login.email:<28} {login.role or 'Customer'}")
        self.stdout.write("")


def _programs() -> dict[str, tuple[list[str], dict[str, str]]]:
    """What runs, each with its command and environment. Granian's own variables are about the web server alone."""
    manage = str(settings.BASE_DIR / "manage.py")
    others = {name: value for name, value in os.environ.items() if not name.startswith("GRANIAN_")}
    return {
        "web server": (_granian(settings.PORT, "shop.wsgi:application"), WEB_SERVER | os.environ),
        "stream server": (_granian(settings.STREAM_PORT, "shop.asgi:application"), others | STREAM_SERVER),
        "worker": ([sys.executable, manage, "worker"], others),
    }


def _granian(port: int, application: str) -> list[str]:
    return [sys.executable, "-m", "granian", "--host", settings.HOST, "--port", str(port), application]


def _start(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    # In a session of its own, so that Ctrl-C in the terminal reaches the children through us and in our order.
    return subprocess.Popen(  # noqa: S603
        command,
        cwd=settings.BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)
    for child in children:
        child.terminate()
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, deadline - time.monotonic()))
        # What is left of the child's session, be it the child itself or processes it did not end.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _require_alive(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, child in children.items():
        if (status := child.poll()) is not None:
            raise CommandError(f"The {name} ended by itself (exit status {status}), so the shop closes.")


def _is_listening(host: str, port: int) -> bool:
    try:
        socket.create_connection((_visible_host(host), port), timeout=1).close()
    except OSError:
        return False
    return True


def _visible_host(host: str) -> str:
    """The address to type into a browser for a server that listens at `host`."""
    return "localhost" if host in {"0.0.0.0", "::", "127.0.0.1", "::1"} else host  # noqa: S104


def _leave(signal_number: int, frame: FrameType | None) -> None:
    sys.exit(0)
