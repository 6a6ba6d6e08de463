"""A full disk, a read-only one, a lost connection: a sentence each, and no hands afterwards."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nexasat import server as servers
from nexasat import warehouse
from nexasat.embedded import home as homes
from nexasat.errors import ExitCode, NexasatError
from nexasat.generate_recipe import COLUMNS
from nexasat.settings import Settings

Nexasat = Callable[..., subprocess.CompletedProcess[str]]
ROW = "NSat{},Female,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,0\n"
ROOM = "size=400m"


def _mount(folder: Path, *options: str) -> None:
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def disk(own: Settings) -> Iterator[Path]:
    """A small disk of the test's own."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("root alone can mount a small disk")
    folder = own.project / "disk"
    folder.mkdir()
    _mount(folder, ROOM, "mode=0755")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def small(own: Settings, project: Path, disk: Path) -> Iterator[Settings]:
    """The project with its embedded server on that disk."""
    folders = {"DBT_TARGET_PATH": f"{own.project}/target", "DBT_LOG_PATH": f"{own.project}/logs"}
    settings = Settings(project, {**own.environment, **folders, "NEXASAT_HOME": str(disk / "home")})
    yield settings
    servers.stop(settings)


def _assert_told(done: "subprocess.CompletedProcess[str]", code: ExitCode, reason: str) -> None:
    assert done.returncode == code, done.stdout + done.stderr
    assert reason in done.stderr
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def _fill(disk: Path, left: int) -> Path:
    """Takes all but so many bytes of the disk."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - left)
    return ballast


def test_no_room_for_the_database_files(small: Settings, disk: Path, nexasat: Nexasat) -> None:
    ballast = _fill(disk, 8_000_000)
    _assert_told(nexasat(small, "up"), ExitCode.NO_SERVER, "No space left on device")
    assert not homes.locate(small).data.exists()
    ballast.unlink()
    assert nexasat(small, "up").returncode == 0


def test_a_disk_that_gets_full(
    small: Settings, disk: Path, own: Settings, nexasat: Nexasat
) -> None:
    """The extract in force stays; with room again the same commands work, without hands."""
    files = {"little": own.project / "little.csv", "much": own.project / "much.csv"}
    for name, rows in (("little", 3), ("much", 300_000)):
        text = "".join(map(ROW.format, range(rows)))
        files[name].write_text(",".join(COLUMNS) + "\n" + text)
    assert nexasat(small, "load", files["little"]).returncode == 0
    ballast = _fill(disk, 20_000_000)
    full = nexasat(small, "load", files["much"])
    assert full.returncode in (ExitCode.FAILED, ExitCode.NO_SERVER)
    _assert_told(full, ExitCode(full.returncode), "No space left on device")
    ballast.unlink()
    parameters = servers.start(small, lambda _: None)
    query = "select delivered_rows, (select count(*) from raw.extract_rows) as found"
    with warehouse.connect(parameters) as connection:
        (kept,) = warehouse.fetch(connection, f"{query} from raw.extract_loads")
    assert kept == {"delivered_rows": 3, "found": 3}
    ballast = _fill(disk, 500_000)
    _assert_told(nexasat(small, "build"), ExitCode.FAILED, "No space left on device")
    ballast.unlink()
    assert nexasat(small, "load", files["much"]).returncode == 0


def test_no_room_for_a_backup(small: Settings, disk: Path, own: Settings, nexasat: Nexasat) -> None:
    """Neither half a file is left, nor is an old one touched."""
    assert nexasat(small, "load", small.bundled_extract).returncode == 0
    target = own.project / "backups"
    target.mkdir()
    _mount(target, "size=64k")
    try:
        old = target / "old.dump"
        old.write_text("the one of yesterday")
        for path in (old, target / "new.dump"):
            done = nexasat(small, "backup", path)
            _assert_told(done, ExitCode.FAILED, "No space left on device")
        assert [path.read_text() for path in target.iterdir()] == ["the one of yesterday"]
    finally:
        subprocess.run(["umount", "--lazy", target], check=True)
    del disk


def test_a_read_only_disk(small: Settings, disk: Path, nexasat: Nexasat) -> None:
    assert nexasat(small, "up").returncode == 0
    servers.stop(small)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    try:
        for command in ("up", "build"):
            told = nexasat(small, command)
            _assert_told(told, ExitCode.NO_SERVER, "Read-only file system")
            assert "NEXASAT_HOME" in told.stderr
    finally:
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert nexasat(small, "up").returncode == 0


def test_a_connection_that_is_ended_by_the_server(parameters: dict[str, str]) -> None:
    with (
        pytest.raises(NexasatError, match=r"broke off: .*terminating connection") as raised,
        warehouse.connect(parameters) as connection,
    ):
        warehouse.execute(connection, "select pg_terminate_backend(pg_backend_pid())")
    assert raised.value.exit_code == ExitCode.NO_SERVER
    assert "run the same command again" in raised.value.hint


def test_what_others_hold_is_told_with_the_way_to_find_them(parameters: dict[str, str]) -> None:
    """The server goes on, so that nobody should start it."""
    hold = "lock table pg_catalog.pg_description in access exclusive mode"
    with warehouse.connect(parameters) as other, other.transaction():
        warehouse.execute(other, hold)
        for limit in ("lock_timeout", "statement_timeout"):
            with (
                pytest.raises(NexasatError, match=r"refused: .*timeout") as raised,
                warehouse.connect(parameters) as connection,
                connection.transaction(),
            ):
                warehouse.execute(connection, f"set local {limit} = 50; {hold}")
            assert raised.value.exit_code == ExitCode.FAILED
            assert "pg_stat_activity" in raised.value.hint
