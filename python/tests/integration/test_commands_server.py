"""`nexasat up`, `down`, `status`, `psql`, `dbt` and `doctor`, as a shell sees them."""

import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from nexasat import server as servers
from nexasat.embedded import home as homes
from nexasat.embedded import programs
from nexasat.errors import ExitCode
from nexasat.settings import Settings

Nexasat = Callable[..., subprocess.CompletedProcess[str]]
FreshDatabase = Callable[[str], dict[str, str]]
SCRIPTS = Path(sysconfig.get_path("scripts"))


def _shell(settings: Settings, script: str) -> subprocess.CompletedProcess[str]:
    """Runs a script with `nexasat` and the package's psql on the PATH."""
    path = f"{SCRIPTS}:{programs.bundled()}:{settings.environment['PATH']}"
    return subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=settings.project,
        env={**settings.environment, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_up_and_down_told_twice(own: Settings, nexasat: Nexasat) -> None:
    first, second = nexasat(own, "up"), nexasat(own, "up")
    assert (first.returncode, second.returncode) == (0, 0)
    assert (first.stdout, second.stdout) == ("", "")
    assert "making the database files" in first.stderr
    assert second.stderr.startswith("PostgreSQL is up")
    assert servers.is_running(own)
    third, fourth = nexasat(own, "down"), nexasat(own, "down")
    assert (third.returncode, fourth.returncode) == (0, 0)
    assert "is down" in third.stderr
    assert "was not running" in fourth.stderr


def test_up_in_a_command_substitution_ends(own: Settings) -> None:
    done = _shell(own, 'found="$(nexasat up 2>&1)"; echo "[$found]"')
    assert "PostgreSQL is up" in done.stdout


def test_status_of_a_server_that_is_down(own: Settings, nexasat: Nexasat) -> None:
    done = nexasat(own, "status")
    assert done.returncode == 4
    assert done.stdout == ""
    assert "nexasat up" in done.stderr
    assert not own.state.exists(), "status made something"


def test_status_sets_the_variables_of_a_shell(server: Settings, nexasat: Nexasat) -> None:
    told = nexasat(server, "status")
    lines = told.stdout.splitlines()
    assert [line.partition("=")[0] for line in lines] == [
        "export PGHOST",
        "export PGPORT",
        "export PGUSER",
        "export PGDATABASE",
    ]
    assert all(line.partition("=")[2][0] == line[-1] == "'" for line in lines)
    done = _shell(server, 'eval "$(nexasat status)"; psql -qAtc "select current_database()"')
    assert done.stdout == "nexasat\n"


def test_what_status_prints_is_safe_in_a_shell(own: Settings) -> None:
    odd = own.project / "it's $HOME; `touch x`"
    odd.mkdir()
    (odd / "dbt_project.yml").write_text("name: nexasat\n")
    settings = Settings(odd, own.environment)
    try:
        parameters = servers.start(settings, print)
        done = _shell(settings, 'eval "$(nexasat status)"; printf %s "$PGHOST"')
        assert done.stdout == parameters["PGHOST"]
        assert not (odd / "x").exists()
    finally:
        servers.stop(settings)


def test_status_of_a_named_server_keeps_the_password(
    server: Settings, own: Settings, parameters: dict[str, str], nexasat: Nexasat
) -> None:
    del server
    named = {"PGHOST": parameters["PGHOST"], "PGUSER": "postgres", "PGPASSWORD": "s3cret"}
    done = nexasat(own, "status", **named)
    assert done.returncode == 0
    assert done.stdout.startswith(f"export PGHOST='{parameters['PGHOST']}'\n")
    assert "s3cret" not in done.stdout + done.stderr


def test_up_with_a_named_server_starts_nothing(
    own: Settings, parameters: dict[str, str], nexasat: Nexasat
) -> None:
    done = nexasat(own, "up", PGHOST=parameters["PGHOST"], PGUSER="postgres")
    assert done.returncode == 0
    assert "PGHOST" in done.stderr
    assert not own.state.exists()
    down = nexasat(own, "down", PGHOST=parameters["PGHOST"], PGUSER="postgres")
    assert "was not running" in down.stderr
    assert nexasat(own, "status", PGHOST=parameters["PGHOST"], PGUSER="postgres").returncode == 0


def test_a_named_server_that_is_not_there_is_a_sentence(own: Settings, nexasat: Nexasat) -> None:
    for words in (["up"], ["status"], ["psql", "-c", "select 1"], ["dbt", "debug"]):
        done = nexasat(own, *words, PGHOST="127.0.0.1", PGPORT="1")
        assert done.returncode == ExitCode.NO_SERVER
        assert done.stdout == ""
        assert "Connection refused" in done.stderr
        assert "unset PGHOST" in done.stderr
        assert "Traceback" not in done.stderr


def test_psql_gets_every_word_and_gives_its_exit_code(server: Settings, nexasat: Nexasat) -> None:
    ask = ["psql", "-XqAt", "-v", "n=7"]
    assert nexasat(server, *ask, "-f", "-", stdin="select :n, :'n';").stdout == "7|7\n"
    assert nexasat(server, *ask, "-h", "/nowhere", "-c", "select 1").returncode == 2
    stop = ["-v", "ON_ERROR_STOP=1", "-f", "-"]
    assert nexasat(server, *ask, *stop, stdin="select 1/0;").returncode == 3
    assert (
        nexasat(server, *ask, "--dbname", "postgres", "-c", "select current_database()").stdout
        == "postgres\n"
    )
    assert "psql is the PostgreSQL" in nexasat(server, "psql", "--", "--help").stdout


def test_psql_starts_a_server_that_is_down(own: Settings, nexasat: Nexasat) -> None:
    assert nexasat(own, "psql", "-XqAtc", "select 7").stdout == "7\n"


def test_dbt_builds_the_project_on_the_server_from_any_folder(
    server: Settings, project: Path, nexasat: Nexasat, fresh_database: FreshDatabase
) -> None:
    shutil.copy(project / "profiles.yml", server.project)
    named = "name: nexasat\nprofile: nexasat\nflags: {send_anonymous_usage_stats: false}\n"
    (server.project / "dbt_project.yml").write_text(named)
    (server.project / "models").mkdir()
    (server.project / "models" / "seven.sql").write_text("select 7 as n")
    inside = Settings(server.project / "models", server.environment)
    target = fresh_database("dbt_command")
    done = nexasat(inside, "dbt", "build", "--select", "seven", **target)
    assert done.returncode == 0, done.stdout
    asked = nexasat(inside, "psql", "-XqAtc", "select n from marts.seven", **target)
    assert asked.stdout == "7\n"
    (server.project / "models" / "seven.sql").write_text("select no_such_column as n")
    assert nexasat(inside, "dbt", "build", **target).returncode == 1
    assert "--full-refresh" in nexasat(inside, "dbt", "run", "--help").stdout


@pytest.mark.parametrize(
    "command",
    ["up", "down", "status", "roles", "backup", "restore", "psql", "dbt", "mf", "doctor"],
)
def test_help_teaches_with_an_example(server: Settings, nexasat: Nexasat, command: str) -> None:
    done = nexasat(server, command, "--help")
    assert done.returncode == 0
    assert f"nexasat {command}" in done.stdout.partition("Options:")[2]


def _findings(told: str) -> dict[str, str]:
    """What the doctor says of each thing: ok or missing."""
    lines = [line.split(maxsplit=1) for line in told.splitlines() if not line.startswith(" ")]
    return {rest[:15].strip(): mark for mark, rest in lines}


@pytest.fixture
def locked(own: Settings, project: Path) -> Settings:
    """A project with the lock file that the doctor compares with."""
    (own.project / "requirements").mkdir()
    shutil.copy(project / "requirements" / "runtime.lock", own.project / "requirements")
    return own


def test_the_doctor_finds_what_a_first_day_lacks(locked: Settings, nexasat: Nexasat) -> None:
    done = nexasat(locked, "doctor")
    found = _findings(done.stdout)
    assert done.returncode == 1
    assert {name for name, mark in found.items() if mark == "missing"} == {"server"}
    assert "hint: start it: nexasat up" in done.stdout
    assert not locked.state.exists(), "the doctor made something"


def test_the_doctor_of_a_built_warehouse(locked: Settings, nexasat: Nexasat) -> None:
    nexasat(locked, "up")
    before = nexasat(locked, "doctor")
    assert before.returncode == 1
    assert "hint: nexasat build" in before.stdout
    make = (
        "create schema marts; create table marts.dim_customers as select generate_series(1, 7043)"
    )
    nexasat(locked, "psql", "-qc", make)
    after = nexasat(locked, "doctor")
    assert after.returncode == 0, after.stdout
    assert set(_findings(after.stdout).values()) == {"ok"}
    assert "7,043 customers" in after.stdout


def test_the_doctor_sees_what_is_wrong(locked: Settings, nexasat: Nexasat) -> None:
    parameters = servers.start(locked, print)
    lock = locked.project / "requirements" / "runtime.lock"
    lock.write_text(lock.read_text() + "click==0.0.1 \\\nno-such-package==1.0 ; extra == 'x'\n")
    nexasat(
        locked,
        "psql",
        "-qc",
        "create role reader login; revoke temporary on database nexasat from public",
    )
    homes.locate(locked).state.chmod(0o755)
    shell = {**parameters, "PGUSER": "reader"}
    done = nexasat(locked, "doctor", **shell)
    assert "reader may not make schemas or make temporary tables" in done.stdout
    assert (
        "hint: as its owner: grant create, temporary on database nexasat to reader" in done.stdout
    )
    assert "is open to everybody" in done.stdout
    assert "no-such-package" not in done.stdout, "it is for other platforms"
    assert done.returncode == 1
    lock.write_text("click==0.0.1 \\\nnot-there==1.0 \\\n")
    told = nexasat(locked, "doctor").stdout
    assert "not 0.0.1; not-there is not installed" in told
    lock.unlink()
    broken = nexasat(locked, "doctor", PGHOST="127.0.0.1", PGPORT="not a port")
    assert _findings(broken.stdout)["packages"] == "missing"
    assert _findings(broken.stdout)["server"] == "missing"
    assert "Traceback" not in broken.stdout + broken.stderr


def test_a_broken_installation_is_a_sentence(own: Settings, nexasat: Nexasat) -> None:
    (own.project / "psycopg.py").write_text("raise ImportError('libpq is missing')")
    done = nexasat(own, "doctor", PYTHONPATH=str(own.project))
    assert done.returncode == 1
    assert "libpq is missing" in done.stderr
    assert "make setup" in done.stderr
    assert "Traceback" not in done.stderr
