"""Backup and restore that are ended in the middle."""

import signal
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nexasat import warehouse
from nexasat.errors import ExitCode
from nexasat.settings import Settings

from .state import differing, state_of

NEXASAT = Path(sysconfig.get_path("scripts")) / "nexasat"
Nexasat = Callable[..., subprocess.CompletedProcess[str]]


@contextmanager
def _held(settings: Settings, table: str) -> Iterator[None]:
    """Holds a table, so that whoever needs it is in the middle of its work."""
    with warehouse.connect(settings.environment) as connection, connection.transaction():
        warehouse.execute(connection, f"lock table {table} in access exclusive mode")
        yield


def _wait_until_blocked(settings: Settings, process: "subprocess.Popen[str]") -> None:
    query = "select 1 from pg_locks inner join pg_database on database = pg_database.oid"
    query += " where not granted and datname = %s"
    deadline = time.monotonic() + 30
    with warehouse.connect(settings.environment) as connection:
        while not warehouse.fetch(connection, query, [settings.environment["PGDATABASE"]]):
            assert process.poll() is None, "it ended before"
            assert time.monotonic() < deadline
            time.sleep(0.05)


def _start(settings: Settings, *words: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [NEXASAT, *words],
        cwd=settings.project,
        env=dict(settings.environment),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_ctrl_c_in_a_backup_leaves_the_old_file_alone(full: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a.dump"
    path.write_text("the one of yesterday")
    with _held(full, "marts.dim_plans"):
        process = _start(full, "backup", path)
        _wait_until_blocked(full, process)
        time.sleep(2.5)  # until it says that it goes on
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=30)[1]
    assert process.returncode == ExitCode.INTERRUPTED
    assert "MB written" in told
    assert "Traceback" not in told
    assert [found.read_text() for found in tmp_path.iterdir()] == ["the one of yesterday"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_restore_that_is_ended_in_the_middle_changes_nothing(
    file: Path, empty: Settings, nexasat: Nexasat, number: signal.Signals
) -> None:
    assert nexasat(empty, "restore", file).returncode == 0
    before = state_of(dict(empty.environment))
    with _held(empty, "marts.dim_plans"):
        process = _start(empty, "restore", file, "--force")
        _wait_until_blocked(empty, process)
        process.send_signal(number)
        told = process.communicate(timeout=30)[1]
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    assert "Traceback" not in told
    assert differing(state_of(dict(empty.environment)), before) == {}
    done = nexasat(empty, "restore", file, "--force")
    assert done.returncode == 0, done.stderr
