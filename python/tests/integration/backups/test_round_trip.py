"""There and back: everything is as it was, and goes on."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from nexasat import warehouse
from nexasat.settings import Settings

from .state import State, differing, state_of

Nexasat = Callable[..., subprocess.CompletedProcess[str]]


def test_there_and_back_and_once_more(
    full: Settings, whole: State, file: Path, empty: Settings, nexasat: Nexasat
) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    first = nexasat(empty, "restore", file)
    assert first.returncode == 0, first.stderr
    there = dict(empty.environment)
    assert differing(state_of(there), whole) == {}
    refused = nexasat(empty, "restore", file)
    assert refused.returncode == 1
    assert "is not empty; nothing was changed" in refused.stderr
    assert "--force" in refused.stderr
    with warehouse.connect(there) as connection:
        connection.execute(b"create schema of_mine; create table of_mine.notes (n int)")
        connection.execute(b"drop schema ops, marts__g1 cascade")
        connection.execute(b"create table public.more (n int)")
        connection.execute(b"grant temporary on database backup_empty to public")
    again = nexasat(empty, "restore", file, "--force")
    assert again.returncode == 0, again.stderr
    assert differing(state_of(there), whole) == {}
    assert nexasat(empty, "roles", "--check").returncode == 0
    assert differing(state_of(dict(full.environment)), whole) == {}, "the original changed"


def test_what_is_restored_goes_on(
    file: Path, project: Path, empty: Settings, nexasat: Nexasat
) -> None:
    """Numbers of loads go on, readers read, and the transformer builds."""
    assert nexasat(empty, "restore", file).returncode == 0
    number = "select max(load_id) as n from raw.extract_loads"
    there = dict(empty.environment)
    with warehouse.connect(there) as connection:
        before = warehouse.fetch(connection, number)[0]["n"]
    words = [
        "load",
        project / "seeds/raw/raw_nexasat_customers.csv",
        "--extract-date",
        "2024-01-31",
    ]
    assert nexasat(empty, *words, PGUSER="nexasat_loader").returncode == 0
    build = ["dbt", "run", "--quiet", "--select", "+dim_plans"]
    done = nexasat(empty, *build, PGUSER="nexasat_transformer")
    assert "only a part was built" in done.stdout, done.stdout
    with warehouse.connect(there | {"PGUSER": "bi_reader"}) as connection:
        plans = warehouse.fetch(connection, "select count(*) as n from marts.dim_plans")
    with warehouse.connect(there) as connection:
        assert warehouse.fetch(connection, number)[0]["n"] == before + 1
    assert plans == [{"n": 4}]


def test_a_new_server_gets_the_roles_too(
    own: Settings, file: Path, whole: State, project: Path, nexasat: Nexasat
) -> None:
    settings = Settings(own.project, own.environment)
    done = nexasat(settings, "restore", file)
    assert done.returncode == 0, done.stderr
    told = nexasat(settings, "roles", "--check")
    assert told.returncode == 0, told.stdout
    asked = nexasat(settings, "psql", "-XAtc", "select count(*) from marts.dim_customers")
    assert asked.stdout == "7043\n"
    assert ("dim_customers", 7043) in {row[:2] for row in whole["rows"]}
    del project


def test_roles_that_are_not_ours_must_be_there(
    full: Settings, own: Settings, tmp_path: Path, nexasat: Nexasat
) -> None:
    with warehouse.connect(full.environment) as connection:
        connection.execute(b'create role "Team B"; grant select on marts.dim_plans to "Team B"')
    try:
        assert nexasat(full, "backup", tmp_path / "b.dump").returncode == 0
    finally:
        with warehouse.connect(full.environment) as connection:
            connection.execute(b'drop owned by "Team B"; drop role "Team B"')
    done = nexasat(own, "restore", tmp_path / "b.dump")
    assert done.returncode == 1
    assert "names roles that are not here: Team B" in done.stderr
    assert 'create role "Team B"' in done.stderr
    assert nexasat(own, "psql", "-XAtc", "select to_regclass('raw.extract_loads')").stdout == "\n"
