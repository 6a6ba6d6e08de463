"""`nexasat backup` and `nexasat restore`: the same warehouse again, or nothing at all."""

import signal
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nexasat import warehouse
from nexasat.embedded import programs
from nexasat.errors import ExitCode, NexasatError
from nexasat.settings import Settings

NEXASAT = Path(sysconfig.get_path("scripts")) / "nexasat"
OLD_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("1[0-5]/bin"))  # Debian's
Nexasat = Callable[..., subprocess.CompletedProcess[str]]
SettingsFor = Callable[..., Settings]
State = dict[str, list[tuple[object, ...]]]

RIGHTS = "(select array_agg(each::text order by each::text) from unnest({}) as each)::text"
CATALOGS = {  # rights without their order; that nothing is noted stands for the default
    name: query.replace("%(schemas)s", "any (%(schemas)s)")
    for name, query in {
        "relations": "select oid::regclass::text, relkind::text, relowner::regrole::text, "
        + RIGHTS.format(
            "coalesce(relacl, acldefault("
            "case relkind when 'S' then 's' else 'r' end::\"char\", relowner))"
        )
        + " from pg_class where relnamespace = %(schemas)s and relkind <> 't'",
        "columns": "select attrelid::regclass::text, attname::text, atttypid::regtype::text,"
        " attnotnull from pg_attribute inner join pg_class on attrelid = pg_class.oid"
        " where relnamespace = %(schemas)s and attnum > 0 and not attisdropped",
        "constraints": "select conrelid::regclass::text, pg_get_constraintdef(oid)"
        " from pg_constraint where connamespace = %(schemas)s",
        "schemas": "select nspname::text, nspowner::regrole::text, "
        + RIGHTS.format("coalesce(nspacl, acldefault('n', nspowner))")
        + " from pg_namespace where oid = %(schemas)s",
        "routines": "select oid::regprocedure::text, proowner::regrole::text, md5(prosrc), "
        + RIGHTS.format("coalesce(proacl, acldefault('f', proowner))")
        + " from pg_proc where pronamespace = %(schemas)s or proname ~ '^(lo_|pg_advisory_)'",
        "triggers": "select tgrelid::regclass::text, pg_get_triggerdef(oid) from pg_trigger"
        " where not tgisinternal",
        "default rights": "select defaclrole::regrole::text, defaclobjtype::text,"
        " defaclnamespace::regnamespace::text, "
        + RIGHTS.format("defaclacl")
        + " from pg_default_acl",
        "comments": "select identity, description from pg_description,"
        " lateral pg_identify_object(classoid, objoid, objsubid)"
        " where schema is null or schema !~ '^(pg_|information_schema)'",
        "sequences": "select schemaname::text, sequencename::text, last_value from pg_sequences",
        "database": "select datdba::regrole::text, "
        + RIGHTS.format("coalesce(datacl, acldefault('d', datdba))")
        + " from pg_database where datname = current_database()",
    }.items()
}


def _state(parameters: dict[str, str]) -> State:
    """Whatever a backup must bring back: rows, definitions, words, owners, rights, counters."""
    with warehouse.connect(parameters) as connection:
        found = warehouse.fetch(
            connection,
            "select array_agg(oid) as oids from pg_namespace where nspname !~ '^pg_'"
            " and nspname <> 'information_schema'",
        )
        schemas = {"schemas": found[0]["oids"]}
        state: State = {
            name: sorted(
                tuple(row.values())
                for row in warehouse.fetch(connection, query, schemas if "%(" in query else ())
            )
            for name, query in CATALOGS.items()
        }
        state["rows"] = [
            (
                name,
                *warehouse.fetch(
                    connection,
                    "select count(*) as n, md5(string_agg(md5(t::text), '' order by t::text)) as m"
                    f" from {name} as t",
                )[0].values(),
            )
            for name, kind, *_ in state["relations"]
            if kind in ("r", "v", "p")
        ]
    assert len(state["rows"]) > 100
    assert len(state["comments"]) > 500
    return state


@pytest.fixture(scope="module")
def full(
    dbt_settings: SettingsFor, synthetic_template: str, project: Path, nexasat: Nexasat
) -> Settings:
    """A warehouse with roles, a loaded file, a campaign and a trigger."""
    settings = dbt_settings("backup_full", synthetic_template)
    extract = project / "seeds" / "raw" / "raw_nexasat_customers.csv"
    for words in (
        ["roles"],
        ["load", extract],
        ["campaign", "create", "may", "--offer", "extra_line_basic", "--holdout", "0.3"],
    ):
        done = nexasat(settings, *words)
        assert done.returncode == 0, done.stderr
    return settings


@pytest.fixture(scope="module")
def whole(full: Settings) -> State:
    """What is in it."""
    return _state(dict(full.environment))


@pytest.fixture(scope="module")
def file(full: Settings, nexasat: Nexasat, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    path = tmp_path_factory.mktemp("backups") / "warehouse.dump"
    done = nexasat(full, "backup", path, PGUSER="nexasat_transformer")  # needs no superuser
    assert done.returncode == 0, done.stderr
    assert f"{path}: " in done.stderr
    return path


@pytest.fixture
def empty(dbt_settings: SettingsFor) -> Settings:
    return dbt_settings("backup_empty")


def _differing(found: State, expected: State) -> dict[str, object]:
    """The parts that differ, with what is on one side only."""
    assert found.keys() == expected.keys()
    return {
        name: set(found[name]) ^ set(expected[name])
        for name in found
        if found[name] != expected[name]
    }


def test_there_and_back_and_once_more(
    full: Settings, whole: State, file: Path, empty: Settings, nexasat: Nexasat
) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    first = nexasat(empty, "restore", file)
    assert first.returncode == 0, first.stderr
    there = dict(empty.environment)
    assert _differing(_state(there), whole) == {}
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
    assert _differing(_state(there), whole) == {}
    assert nexasat(empty, "roles", "--check").returncode == 0
    assert _differing(_state(dict(full.environment)), whole) == {}, "the original changed"


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
    before = _state(dict(empty.environment))
    done = nexasat(empty, "restore", _damage(file, tmp_path, size), "--force")
    assert done.returncode != 0
    assert "damaged.dump is damaged: " in done.stderr or "cannot be restored: " in done.stderr
    assert "Traceback" not in done.stderr
    assert _differing(_state(dict(empty.environment)), before) == {}


def test_who_may_not_restore_is_told_and_changes_nothing(
    file: Path, empty: Settings, nexasat: Nexasat
) -> None:
    """It is psql that stops, while pg_restore still has much to say."""
    assert nexasat(empty, "restore", file).returncode == 0
    before = _state(dict(empty.environment))
    done = nexasat(empty, "restore", file, "--force", PGUSER="nexasat_transformer")
    assert done.returncode == 1
    assert "error: nothing was restored: must be owner of schema" in done.stderr
    assert _differing(_state(dict(empty.environment)), before) == {}


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
    before = _state(dict(empty.environment))
    with _held(empty, "marts.dim_plans"):
        process = _start(empty, "restore", file, "--force")
        _wait_until_blocked(empty, process)
        process.send_signal(number)
        told = process.communicate(timeout=30)[1]
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    assert "Traceback" not in told
    assert _differing(_state(dict(empty.environment)), before) == {}
    done = nexasat(empty, "restore", file, "--force")
    assert done.returncode == 0, done.stderr


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
