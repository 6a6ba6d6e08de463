"""Who may do what: a warehouse that a superuser built, given to the roles and built anew by them.

Readers are tried last, on what is left after two builds by nexasat_transformer.
"""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg
import pytest

from nexasat import loading, roles, warehouse
from nexasat.errors import NexasatError
from nexasat.extract_file import open_extracts
from nexasat.settings import Settings

from .refused_statements import REFUSED

Nexasat = Callable[..., subprocess.CompletedProcess[str]]
ONLY_DATA = ("--exclude-resource-type", "unit_test", "--quiet", "--warn-error")


@pytest.fixture(scope="module")
def settings(
    dbt_settings: Callable[..., Settings], synthetic_template: str, nexasat: Nexasat
) -> Settings:
    """A warehouse that a superuser built, with roles."""
    made = dbt_settings("roles", synthetic_template)
    done = nexasat(made, "roles")
    assert done.returncode == 0, done.stdout + done.stderr
    return made


@pytest.fixture(scope="module")
def rebuilt(settings: Settings, nexasat: Nexasat) -> Settings:
    """The same after two builds by the transformer: releases 2 and 3 over that of the superuser."""
    for _ in range(2):  # without the right to make temporary tables it is the second that fails
        done = nexasat(settings, "dbt", "build", *ONLY_DATA, PGUSER="nexasat_transformer")
        assert done.returncode == 0, done.stdout[-4000:]
    return settings


@contextmanager
def _session(settings: Settings, user: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    names = {"host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE"}
    keywords = {keyword: settings.environment[name] for keyword, name in names.items()}
    where = psycopg.conninfo.make_conninfo("", user=user, **keywords)
    with psycopg.connect(where, autocommit=True) as connection:
        yield connection


def _states(told: str) -> dict[str, str]:
    """The state of each role in what the command printed."""
    lines = [re.split(r" {2,}", line) for line in told.splitlines()[2:]]
    return {name: state for name, state, *_ in lines}


def test_all_rights_are_as_they_should_be_after_two_builds(
    rebuilt: Settings, nexasat: Nexasat
) -> None:
    done = nexasat(rebuilt, "roles", "--check")
    assert done.returncode == 0, done.stderr
    assert set(_states(done.stdout).values()) == {"ok"}
    assert set(_states(done.stdout)) == {*roles.NAMES, "everybody else"}


@pytest.mark.parametrize("reader", ["bi_reader", "analyst"])
@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_readers_are_refused(rebuilt: Settings, reader: str, statement: str) -> None:
    # a session of another, which one of the statements would end
    with warehouse.connect(rebuilt.environment), _session(rebuilt, reader) as connection:
        # they may undo this guard of their own, so that the rights must hold without it
        connection.execute("set statement_timeout = '5s'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.format(reader=reader).encode())


@pytest.mark.parametrize("reader", ["bi_reader", "analyst"])
def test_readers_read_every_mart_and_call_its_functions(
    rebuilt: Settings, project: Path, reader: str
) -> None:
    with _session(rebuilt, reader) as connection:
        for mart in project.glob("models/marts/**/*.sql"):
            connection.execute(f"select * from marts.{mart.stem} limit 1".encode())
        listed = connection.execute("select count(*) from marts.offer_list('extra_line_basic')")
        tier = connection.execute("select count(*) from marts.tier_list('High Value')")
        assert (listed.fetchone(), tier.fetchone()) == ((741,), (641,))
        said = connection.execute("select obj_description('marts.dim_plans'::regclass)").fetchone()
        assert said is not None
        assert "One row per" in str(said[0])
        limits = {
            name: connection.execute(f"show {name}").fetchone()
            for name in ("statement_timeout", "idle_in_transaction_session_timeout")
        }
    assert list(limits.values()) == [("30s",), ("15s",)]


def test_the_view_of_contributing_shows_each_reader_their_own_rows(
    settings: Settings, project: Path
) -> None:
    text = (project / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```sql\n(create schema partners;.*?)```", text, re.DOTALL)
    seen = "select plan_key, count(*) from partners.customers group by plan_key"
    # an error that tells of hidden rows, where the filter does not come first
    spying = "select 1 from partners.customers where 1 / (plan_key <> 'basic_prepaid')::int = 1"
    with warehouse.connect(settings.environment) as connection:
        connection.execute(b"create role partner login")
        connection.execute(b"grant connect on database roles to partner")
    try:
        with _session(settings, "nexasat_transformer") as connection:
            connection.execute(example.encode())
            connection.execute(
                "insert into partners.reader_plans values ('partner', 'premium_prepaid')"
            )
            query = (
                "select plan_key, count(*) from marts.dim_customers where plan_key = %s group by 1"
            )
            own = connection.execute(query, ["premium_prepaid"]).fetchall()
            assert connection.execute(seen.encode()).fetchall() == []
        with _session(settings, "partner") as connection:
            assert connection.execute(seen.encode()).fetchall() == own
            connection.execute(spying.encode())
            for refused in ("marts.dim_customers", "partners.reader_plans"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"select 1 from {refused}".encode())
        with _session(settings, "nexasat_transformer") as connection:
            connection.execute("alter view partners.customers reset (security_barrier)")
        with (
            _session(settings, "partner") as connection,
            pytest.raises(psycopg.errors.DivisionByZero),
        ):
            connection.execute(spying.encode())
    finally:
        with warehouse.connect(settings.environment) as connection:
            connection.execute(b"drop schema if exists partners cascade")
            connection.execute(b"revoke all on database roles from partner; drop role partner")


def test_loads_of_loader_transformer_and_superuser_follow_each_other(
    settings: Settings, project: Path
) -> None:
    """Each drops the table of the one before."""
    extract = project / "seeds" / "raw" / "raw_nexasat_customers.csv"
    turns = ("postgres", "nexasat_loader", "nexasat_transformer", "nexasat_loader")
    for day, user in enumerate(turns, 1):
        found = {**settings.environment, "PGUSER": user}
        with warehouse.connect(found) as connection, open_extracts([extract]) as extracts:
            loading.load_extracts(
                connection, extracts, date(2023, 7, day), lambda _: None, pytest.fail
            )
    owners = "select distinct relowner::regrole::text from pg_class where relname ~ '^extract_row'"
    with _session(settings, "nexasat_loader") as connection:
        assert connection.execute(owners).fetchall() == [("nexasat_loader",)]
        for refused in ("marts.dim_plans", "ops.campaigns", "config.cfg_offers"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select 1 from {refused}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create schema mine")
    with warehouse.connect(settings.environment) as connection:
        loading.unload(connection, lambda _: None)


def test_the_transformer_is_no_superuser(settings: Settings) -> None:
    with _session(settings, "nexasat_transformer") as connection:
        interval = connection.execute("show client_connection_check_interval").fetchone()
        for refused in (
            "create role mine",
            "select pg_read_file('/etc/passwd')",
            "set role nexasat_owner",
            "alter database roles owner to nexasat_transformer",
            "drop database roles",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(refused.encode())
    assert interval == ("1s",)


def test_a_fresh_database_is_loaded_by_the_loader_and_built_by_the_transformer(
    settings: Settings, dbt_settings: Callable[..., Settings], project: Path, nexasat: Nexasat
) -> None:
    del settings  # the server has the roles by it
    fresh = dbt_settings("roles_fresh")
    assert set(_states(nexasat(fresh, "roles").stdout).values()) == {"mended"}
    extract = project / "seeds" / "raw" / "raw_nexasat_customers.csv"
    loaded = nexasat(fresh, "load", extract, PGUSER="nexasat_loader")
    assert loaded.returncode == 0, loaded.stderr
    built = nexasat(
        fresh, "dbt", "build", *ONLY_DATA, "--select", "+dim_plans", PGUSER="nexasat_transformer"
    )
    assert "only a part was built" in built.stdout, built.stdout[-4000:]
    again = nexasat(fresh, "load", extract, PGUSER="nexasat_loader")
    assert "nothing was changed" in again.stderr
    assert nexasat(fresh, "roles", "--check").returncode == 0


def test_the_schemas_of_the_roles_are_those_of_the_project(project: Path) -> None:
    lists = {
        name: re.findall(r"'(\^\(raw\|.*\)\$)'", roles.statements(name))
        for name in ("roles_granted", "roles_checked")
    }
    assert len(lists["roles_granted"]) == 1
    assert lists["roles_granted"] == lists["roles_checked"]
    named = set(re.findall(r"schema: (\w+)", (project / "dbt_project.yml").read_text()))
    for macro in project.glob("macros/**/*.sql"):
        named |= set(re.findall(r"generate_schema_name\('(\w+)'", macro.read_text()))
    assert {"raw", "marts", "ml", "ops"} <= named
    assert {name for name in named if not re.match(lists["roles_checked"][0], name)} == set()


def test_only_a_superuser_makes_roles(settings: Settings, nexasat: Nexasat) -> None:
    for user in ("nexasat_transformer", "analyst"):
        done = nexasat(settings, "roles", PGUSER=user)
        assert done.returncode == 1
        assert f"{user} is none" in done.stderr
    with (
        warehouse.connect({**settings.environment, "PGUSER": "analyst"}) as connection,
        pytest.raises(NexasatError, match="superuser"),
    ):
        roles.establish(connection, lambda _: None)
