"""The embedded server: how it is set up, starting it, stopping it, and choosing another."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from nexasat import server as servers
from nexasat import warehouse
from nexasat.embedded import home as homes
from nexasat.embedded import postmaster
from nexasat.errors import ExitCode, NexasatError
from nexasat.settings import Settings

OLD_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("1[0-5]/bin"))  # Debian's


def _ask(parameters: dict[str, str], query: str) -> list[str]:
    """The first column of a query, as text."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    keywords = {keyword: parameters[name] for keyword, name in names.items()}
    with psycopg.connect(psycopg.conninfo.make_conninfo("", **keywords)) as connection:
        return [str(row[0]) for row in connection.execute(query.encode())]


def _pid(settings: Settings) -> int:
    found = postmaster.find(homes.locate(settings))
    assert found
    return found.pid


def _with(settings: Settings, **more: str) -> Settings:
    return Settings(settings.project, {**settings.environment, **more})


def test_a_new_server_is_set_up_as_the_design_says(parameters: dict[str, str]) -> None:
    assert set(parameters) == {"PGHOST", "PGPORT", "PGUSER", "PGDATABASE"}
    wanted = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "listen_addresses": "",
        "data_checksums": "on",
        "wal_level": "minimal",
        "parallel_tuple_cost": "0.01",
        "jit": "off",
        "TimeZone": "UTC",
        "client_connection_check_interval": "1s",
        "server_encoding": "UTF8",
        "unix_socket_permissions": "0700",
        # /dev/shm has 64 MB in a container, which parallel queries outgrow
        "dynamic_shared_memory_type": "sysv" if sys.platform == "linux" else "posix",
    }
    names = ", ".join(f"'{name}'" for name in wanted)
    query = f"select name || '=' || current_setting(name) from pg_settings where name in ({names})"
    assert set(_ask(parameters, query)) == {f"{name}={value}" for name, value in wanted.items()}


def test_text_is_ordered_by_code_point_on_every_system(parameters: dict[str, str]) -> None:
    words = _ask(parameters, "select w from unnest(array['b', 'A', 'é', 'a', 'B']) w order by w")
    assert words == ["A", "B", "a", "b", "é"]
    assert _ask(parameters, "select lower('É')") == ["é"]


def test_only_the_user_can_open_data_and_socket(server: Settings) -> None:
    home = homes.locate(server)
    for folder in (home.data, home.run):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.stat().st_uid == home.account.uid
    assert home.state.stat().st_mode & 0o007 == 0
    for file in (home.log, home.state / "lock"):
        assert file.stat().st_mode & 0o077 == 0


def test_a_second_start_changes_nothing(server: Settings) -> None:
    pid, told = _pid(server), list[str]()
    servers.start(server, told.append)
    assert (told, _pid(server)) == ([], pid)


def test_data_survive_stop_and_start_and_a_second_stop_is_harmless(own: Settings) -> None:
    assert not servers.stop(own)
    parameters = servers.start(own, print)
    with warehouse.connect(parameters) as connection:
        warehouse.execute(connection, "create table public.kept as select 7 as n")
    assert servers.is_running(own)
    assert servers.stop(own)
    assert not servers.stop(own)
    assert not servers.is_running(own)
    assert servers.running(own) is None
    assert _ask(servers.start(own, print), "select n from public.kept") == ["7"]


def test_a_dropped_database_is_made_again(own: Settings) -> None:
    parameters = servers.start(own, print)
    with warehouse.connect(parameters | {"PGDATABASE": "postgres"}) as connection:
        warehouse.execute(connection, "drop database nexasat")
    assert _ask(servers.start(own, print), "select current_database()") == ["nexasat"]


def test_without_start_a_server_that_is_down_stays_down(own: Settings) -> None:
    with pytest.raises(NexasatError, match="down") as raised:
        servers.server_parameters(own, print, start=False)
    assert "nexasat up" in raised.value.hint
    assert raised.value.exit_code == ExitCode.NO_SERVER
    assert not own.state.exists()


def test_the_shell_that_asked_status_keeps_using_the_embedded_server(own: Settings) -> None:
    host = str(homes.locate(own).run)
    shell = _with(own, PGHOST=host, PGPORT="5432", PGUSER="postgres", PGDATABASE="postgres")
    assert servers.uses_embedded(shell)
    assert servers.server_parameters(shell, print) == {  # it was down
        "PGHOST": host,
        "PGPORT": "5432",
        "PGUSER": "postgres",
        "PGDATABASE": "postgres",
    }


def test_a_named_server_is_used_with_the_usual_defaults(
    parameters: dict[str, str], own: Settings
) -> None:
    named = _with(own, PGHOST=parameters["PGHOST"], PGUSER="postgres")
    assert not servers.uses_embedded(named)
    assert servers.server_parameters(named, print) == parameters
    assert not servers.is_running(own)


def test_a_service_is_resolved_for_tools_that_know_none(
    parameters: dict[str, str], own: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = tmp_path / "services.conf"
    host = parameters["PGHOST"]
    service.write_text(f"[team]\nhost={host}\nuser=postgres\ndbname=postgres\nport=5432\n")
    monkeypatch.setenv("PGSERVICEFILE", str(service))
    monkeypatch.setenv("PGSERVICE", "team")
    found = servers.server_parameters(_with(own, PGSERVICE="team"), print)
    assert found == parameters | {"PGDATABASE": "postgres"}


def test_a_missing_database_is_told_from_a_missing_server(
    parameters: dict[str, str], own: Settings, tmp_path: Path
) -> None:
    named = _with(own, PGHOST=parameters["PGHOST"], PGUSER="postgres", PGDATABASE="my base")
    with pytest.raises(NexasatError, match="no database my base") as raised:
        servers.server_parameters(named, print)
    assert raised.value.hint.endswith(
        f"createdb -h {parameters['PGHOST']} -p 5432 -U postgres 'my base'"
    )
    nowhere = _with(own, PGHOST=str(tmp_path), PGUSER="postgres", PGDATABASE="my base")
    with pytest.raises(NexasatError, match="cannot be reached"):
        servers.server_parameters(nowhere, print)


@pytest.fixture
def old_server(make_project: Callable[..., Settings]) -> Iterator[Settings]:
    """A PostgreSQL that is too old for the project, as a server of the user's own."""
    if not OLD_PROGRAMS:
        pytest.skip("no PostgreSQL before 16 is installed")
    settings = make_project()
    account = homes.locate(settings).account
    folder = settings.project / "old"
    folder.mkdir()
    account.own(folder)
    data, where = folder / "data", f"-k {folder} -c listen_addresses="

    def run(*command: str | Path) -> None:
        log = (settings.project / "log").open("ab")
        subprocess.run(command, cwd="/", stdout=log, stderr=log, check=True, **account.process)

    run(OLD_PROGRAMS[0] / "initdb", "-D", data, "-U", "postgres", "-A", "trust")
    run(OLD_PROGRAMS[0] / "pg_ctl", "-w", "-D", data, "-o", where, "start")
    yield _with(settings, PGHOST=str(folder), PGUSER="postgres", PGDATABASE="postgres")
    run(OLD_PROGRAMS[0] / "pg_ctl", "-w", "-D", data, "-m", "immediate", "stop")


def test_a_server_that_is_too_old_is_refused(old_server: Settings) -> None:
    with pytest.raises(NexasatError, match=r"is version 1[0-5]; 16 or later") as raised:
        servers.server_parameters(old_server, print)
    assert raised.value.exit_code == ExitCode.NO_SERVER
    assert "docker compose up" in raised.value.hint


def test_data_of_another_major_version_are_refused_with_the_way_out(own: Settings) -> None:
    servers.start(own, print)
    servers.stop(own)
    data = homes.locate(own).data
    version = (data / "PG_VERSION").read_text()
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(NexasatError, match=r"made by PostgreSQL 17; installed is 18\.") as raised:
        servers.start(own, print)
    assert f"mv {data} {data}-17" in raised.value.hint
    (data / "PG_VERSION").write_text(version)
    assert servers.start(own, print)
