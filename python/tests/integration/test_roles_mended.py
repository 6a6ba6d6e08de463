"""`nexasat roles` from nothing, after meddling, and with passwords, on a server of its own."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from nexasat import roles, warehouse
from nexasat import server as servers
from nexasat.embedded import home as homes
from nexasat.errors import ExitCode
from nexasat.settings import Settings

Nexasat = Callable[..., subprocess.CompletedProcess[str]]
MEDDLING = {
    "bi_reader": "alter role bi_reader createdb",
    "analyst": "grant pg_read_all_data to analyst",
    "nexasat_reader": "grant insert on marts.dim_plans to nexasat_reader",
    "nexasat_transformer": "alter table marts.dim_plans owner to postgres",
    "nexasat_loader": "grant usage on schema marts to nexasat_loader",
    "nexasat_owner": "alter role nexasat_owner login",
    "everybody else": "grant connect, temporary on database nexasat to public",
}


@pytest.fixture
def started(own: Settings) -> dict[str, str]:
    """The libpq variables of a server with a schema marts that a superuser made."""
    parameters = servers.start(own, lambda _: None)
    with warehouse.connect(parameters) as connection:
        warehouse.execute(connection, "create schema marts")
        warehouse.execute(connection, "create table marts.dim_plans (plan_key text)")
    return parameters


def _states(told: str) -> dict[str, str]:
    lines = [re.split(r" {2,}", line) for line in told.splitlines()[2:]]
    return {name: state for name, state, *_ in lines}


def test_made_then_left_alone(own: Settings, started: dict[str, str], nexasat: Nexasat) -> None:
    before = nexasat(own, "roles", "--check")
    assert before.returncode == 1
    assert set(_states(before.stdout).values()) == {"missing"}
    with warehouse.connect(started) as connection:
        assert warehouse.fetch(connection, "select to_regrole('analyst') as n") == [{"n": None}]
    made, again = nexasat(own, "roles"), nexasat(own, "roles")
    assert (made.returncode, again.returncode) == (0, 0)
    assert set(_states(made.stdout).values()) == {"made"}
    assert set(_states(again.stdout).values()) == {"ok"}
    assert set(_states(again.stdout)) == {*roles.NAMES, "everybody else"}


def test_what_was_meddled_with_is_told_and_mended(
    own: Settings, started: dict[str, str], nexasat: Nexasat
) -> None:
    nexasat(own, "roles")
    for role, statement in MEDDLING.items():
        with warehouse.connect(started) as connection:
            connection.execute(statement.encode())
        told = nexasat(own, "roles", "--check")
        assert told.returncode == 1
        assert _states(told.stdout)[role] == "wrong", statement
        assert role in told.stderr
        mended = nexasat(own, "roles")
        assert mended.returncode == 0, mended.stdout
        assert _states(mended.stdout)[role] == "mended"
        assert set(_states(nexasat(own, "roles", "--check").stdout).values()) == {"ok"}


def test_a_reader_more_gets_the_limits_and_a_chosen_limit_stays(
    own: Settings, started: dict[str, str], nexasat: Nexasat
) -> None:
    nexasat(own, "roles")
    with warehouse.connect(started) as connection:
        connection.execute(b"create role anna login in role nexasat_reader")
        connection.execute(b"alter role analyst set statement_timeout = '5min'")
    assert _states(nexasat(own, "roles", "--check").stdout)["anna"] == "wrong"
    assert _states(nexasat(own, "roles").stdout)["anna"] == "mended"
    limits = {}
    for user in ("anna", "analyst"):
        with warehouse.connect(started | {"PGUSER": user}) as connection:
            limits[user] = warehouse.fetch(connection, "show statement_timeout")
    assert limits == {
        "anna": [{"statement_timeout": "30s"}],
        "analyst": [{"statement_timeout": "5min"}],
    }


@pytest.fixture
def strict(own: Settings, started: dict[str, str]) -> dict[str, str]:
    """The server asks all but its superuser for a password, and logs every statement."""
    access = homes.locate(own).data / "pg_hba.conf"
    access.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
    with warehouse.connect(started) as connection:
        connection.execute(b"alter system set log_statement = 'all'")
        connection.execute(b"select pg_reload_conf()")
    return started


def test_passwords_are_random_private_scram_and_given_once(
    own: Settings, strict: dict[str, str], nexasat: Nexasat
) -> None:
    file = own.project / "passwords"
    done = nexasat(own, "roles", "--passwords", file)
    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    given = dict(
        line.removeprefix("*:*:nexasat:").split(":") for line in file.read_text().splitlines()
    )
    assert set(given) == set(roles.LOGINS)
    assert len(set(given.values())) == len(given)
    assert min(map(len, given.values())) >= 32
    log = homes.locate(own).log.read_text()
    assert "SCRAM-SHA-256$" in log, "the statements were not logged"
    assert not [word for word in given.values() if word in log + done.stdout + done.stderr]
    with warehouse.connect(strict) as connection:
        kept = warehouse.fetch(
            connection, "select rolname from pg_authid where rolpassword ~ '^SCRAM-SHA-256[$]'"
        )
    assert {row["rolname"] for row in kept} == set(roles.LOGINS)
    before = file.read_text()
    assert nexasat(own, "roles", "--passwords", file).returncode == 0
    assert file.read_text() == before
    where = psycopg.conninfo.make_conninfo(
        "", host=strict["PGHOST"], dbname="nexasat", passfile=str(file)
    )
    for user in roles.LOGINS:
        with psycopg.connect(where, user=user) as session:
            assert session.execute("select current_user").fetchone() == (user,)


@pytest.mark.parametrize("word", ["", "wrong"])
def test_a_wrong_password_is_a_sentence(
    own: Settings, strict: dict[str, str], nexasat: Nexasat, word: str
) -> None:
    nexasat(own, "roles", "--passwords", own.project / "passwords")
    named = {**strict, "PGUSER": "nexasat_transformer", "PGPASSWORD": word}
    for command in (["status"], ["build"], ["backup"], ["roles"]):
        done = nexasat(own, *command, **named)
        assert done.returncode == ExitCode.NO_SERVER
        assert re.search("password authentication failed|no password supplied", done.stderr)
        assert "PGPASSWORD" in done.stderr
        assert "Traceback" not in done.stdout + done.stderr


def test_a_password_file_that_cannot_be_written_gives_no_password(
    own: Settings, started: dict[str, str], nexasat: Nexasat
) -> None:
    done = nexasat(own, "roles", "--passwords", Path("nowhere") / "passwords")
    assert done.returncode == 1
    assert "cannot write nowhere/passwords" in done.stderr
    with warehouse.connect(started) as connection:
        found = warehouse.fetch(connection, "select to_regrole('analyst') as made")
    assert found == [{"made": None}], "the roles were not made either: one transaction"


def test_a_password_that_is_not_scram_is_told(
    own: Settings, started: dict[str, str], nexasat: Nexasat
) -> None:
    nexasat(own, "roles")
    with warehouse.connect(started) as connection:
        connection.execute(b"set password_encryption = 'md5'")
        connection.execute(b"alter role analyst password 'x'")
    done = nexasat(own, "roles")
    assert done.returncode == 1
    assert "not as they should be: analyst" in done.stderr
    assert "\\password NAME" in done.stderr
