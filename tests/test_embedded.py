"""The embedded PostgreSQL is shared by whoever needs it, stopped by the last, and survives being killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from shop.embedded import LONGEST_SOCKET_FOLDER, Server

USE = """
import pathlib, sys
from shop.embedded import Server
Server(pathlib.Path(sys.argv[1]), is_durable=False).use()
print("using", flush=True)
sys.stdin.read()
"""


class Users:
    """Processes that use one server until they are told to leave."""

    def __init__(self, folder: Path) -> None:
        self.server = Server(folder, is_durable=False)
        self.started: list[subprocess.Popen[str]] = []

    def come(self) -> "subprocess.Popen[str]":
        user = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", USE, str(self.server.folder)],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.started.append(user)
        return user

    def leave(self, user: "subprocess.Popen[str]") -> None:
        user.communicate(timeout=60)

    def is_running(self) -> bool:
        try:
            psycopg.connect(host=str(self.server.socket_folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True


def wait_until_using(user: "subprocess.Popen[str]") -> None:
    assert user.stdout is not None
    assert user.stdout.readline() == "using\n"


@pytest.fixture
def users(tmp_path: Path) -> Iterator[Users]:
    users = Users(tmp_path / "postgres")
    yield users
    last = users.come()  # stops what a killed user left running
    wait_until_using(last)
    for user in users.started:
        users.leave(user)
    assert not users.is_running()


def test_the_last_one_out_stops_it(users):
    first, second = users.come(), users.come()
    wait_until_using(first)
    wait_until_using(second)

    users.leave(first)
    assert users.is_running()

    users.leave(second)
    assert not users.is_running()


def test_a_killed_user_and_a_killed_server_do_not_break_the_next_start(users):
    victim = users.come()
    wait_until_using(victim)
    note = users.server.folder / "postmaster.pid"
    pid = int(note.read_text().split("\n", 1)[0])
    victim.kill()
    victim.wait()
    os.kill(pid, signal.SIGKILL)
    # As after a power cut, when that process id has come to belong to some other program: to this one, say.
    note.write_text(note.read_text().replace(str(pid), str(os.getpid()), 1))

    wait_until_using(users.come())

    assert users.is_running()


def test_a_deep_folder_gets_a_short_socket(tmp_path):
    deep = Server(tmp_path / ("d" * LONGEST_SOCKET_FOLDER) / "postgres")
    shallow = Server(Path("/srv/shop/.data/postgres"))

    assert len(str(deep.socket_folder)) <= LONGEST_SOCKET_FOLDER
    assert shallow.socket_folder == shallow.folder


def test_works_in_a_deep_folder(tmp_path):
    users = Users(tmp_path / ("d" * LONGEST_SOCKET_FOLDER) / "it's deep" / "postgres")
    user = users.come()
    wait_until_using(user)

    assert users.is_running()

    users.leave(user)
    assert not users.is_running()
