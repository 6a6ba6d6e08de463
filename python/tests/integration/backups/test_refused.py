"""Backups that cannot be written or restored: told in words, and nothing is changed."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nexasat.embedded import programs
from nexasat.errors import ExitCode, NexasatError
from nexasat.settings import Settings

from .state import differing, state_of

OLD_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("1[0-5]/bin"))  # Debian's
Nexasat = Callable[..., subprocess.CompletedProcess[str]]


def _damage(file: Path, tmp_path: Path, size: float) -> Path:
    damaged = tmp_path / "damaged.dump"
    data = file.read_bytes()
    damaged.write_bytes(data[: int(len(data) * size)])
    return damaged


@pytest.mark.parametrize("size", [0.5, 0.97])
def test_a_damaged_backup_changes_nothing(
    file: Path, empty: Settings, tmp_path: Path, nexasat: Nexasat, size: float
) -> None:
    assert nexasat(empty, "restore", file).returncode == 0
    before = state_of(dict(empty.environment))
    done = nexasat(empty, "restore", _damage(file, tmp_path, size), "--force")
    assert done.returncode != 0
    assert "damaged.dump is damaged: " in done.stderr or "cannot be restored: " in done.stderr
    assert "Traceback" not in done.stderr
    assert differing(state_of(dict(empty.environment)), before) == {}


def test_who_may_not_restore_is_told_and_changes_nothing(
    file: Path, empty: Settings, nexasat: Nexasat
) -> None:
    """It is psql that stops, while pg_restore still has much to say."""
    assert nexasat(empty, "restore", file).returncode == 0
    before = state_of(dict(empty.environment))
    done = nexasat(empty, "restore", file, "--force", PGUSER="nexasat_transformer")
    assert done.returncode == 1
    assert "error: nothing was restored: must be owner of schema" in done.stderr
    assert differing(state_of(dict(empty.environment)), before) == {}


def test_what_is_no_backup_of_a_warehouse_is_refused(
    empty: Settings, tmp_path: Path, nexasat: Nexasat
) -> None:
    other = tmp_path / "other.dump"
    for options in ([], ["--format=custom"]):
        command = [str(programs.bundled() / "pg_dump"), *options, f"--file={tmp_path}/other"]
        subprocess.run(command, env=dict(empty.environment), check=True)
        (tmp_path / "other").rename(tmp_path / f"other{len(options)}")
    other.write_text("customer_id\nNSat1\n")
    told = {}
    for name in ("other.dump", "other0", "other1", "nowhere"):
        done = nexasat(empty, "restore", tmp_path / name)
        assert done.returncode == ExitCode.BAD_FILE
        assert "name a file that nexasat backup wrote" in done.stderr
        told[name] = done.stderr
    assert "does not appear to be a valid" in told["other.dump"]
    assert "text format dump" in told["other0"]
    assert "another database: it has no table raw.extract_loads" in told["other1"]
    assert "No such file" in told["nowhere"]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("/dev/full", "No space left on device"),
        ("nowhere/a.dump", "No such file or directory"),
        (".", "Is a directory"),
    ],
)
def test_a_backup_that_cannot_be_written(
    full: Settings, nexasat: Nexasat, place: str, reason: str
) -> None:
    done = nexasat(full, "backup", place)
    assert done.returncode == 1
    assert reason in done.stderr
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr


def test_who_may_not_read_everything_makes_no_backup(
    full: Settings, tmp_path: Path, nexasat: Nexasat
) -> None:
    for user in ("bi_reader", "nexasat_loader"):
        done = nexasat(full, "backup", tmp_path / "a.dump", PGUSER=user)
        assert done.returncode == 1
        assert "permission denied" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_programs_older_than_the_server_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def missing() -> Path:
        raise NexasatError("not installed")

    monkeypatch.setattr(programs, "bundled", missing)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NexasatError, match=r"no pg_dump of PostgreSQL 18 or later$"):
        programs.at_least(("pg_dump",), 18)
    for version, name in ((17, "pg_dump"), (18, "pg_restore"), (18, "psql")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}.2'\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(NexasatError, match="that on PATH is of 17") as raised:
        programs.at_least(("pg_dump",), 18)
    assert "make setup" in raised.value.hint
    assert programs.at_least(("pg_dump",), 16) == tmp_path
    assert programs.at_least(("pg_restore", "psql"), 18) == tmp_path
    if OLD_PROGRAMS:
        monkeypatch.setenv("PATH", str(OLD_PROGRAMS[0]))
        with pytest.raises(NexasatError, match=r"that on PATH is of 1[0-5]"):
            programs.at_least(("pg_dump",), 16)
