"""The workers of one web server: each counts for itself, and whichever is asked tells the sum of what all counted."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def count_together(folder: Path) -> None:
    """Have what this process counts added up with what its siblings do, in a folder of their server's own below this.

    Call it before anything that counts is imported: `prometheus_client` looks once where to. What servers of this
    machine left behind is removed.
    """
    server = os.getppid()
    own = folder / f"{socket.gethostname()}-{server}-{_start_of(server)}"
    own.mkdir(parents=True, exist_ok=True)
    for left in _left_behind(folder):
        shutil.rmtree(left, ignore_errors=True)
    os.environ[VARIABLE] = str(own)


def folder() -> Path | None:
    """Where the siblings of this process count, or None where it has none."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _left_behind(folder: Path) -> Iterator[Path]:
    # The folder may be on a disk that several machines share.
    for found in folder.glob("*-*-*"):
        host, pid, start = found.name.rsplit("-", 2)
        if host != socket.gethostname() or not pid.isdecimal():
            continue
        if not (is_running(int(pid)) and _start_of(int(pid)) == start):
            yield found


def _start_of(pid: int) -> str:
    """When the process was started, so that a later one with its number is not taken for it; Linux alone tells."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return "0"
