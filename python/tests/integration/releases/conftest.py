"""A warehouse with one release, and the SQL that publishes, as dbt compiles it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg import sql

from nexasat import warehouse
from nexasat.settings import Settings

from .copies import PATIENCE, Nexasat, Publish, finish, prepare


@pytest.fixture(scope="session")
def statements(
    dbt_settings: Callable[..., Settings], nexasat: Nexasat, synthetic_template: str
) -> dict[str, str]:
    """What dbt sends: `publish`, `publish_breaking` and `drop_old`."""
    settings = dbt_settings("release_sql", synthetic_template)
    calls = {
        "publish": ("publish_release('ops', 'b1')", "false"),
        "publish_breaking": ("publish_release('ops', 'b1')", "true"),
        "drop_old": ("drop_old_releases('ops')", "false"),
    }
    found = {}
    for name, (call, breaking) in calls.items():
        variables = f"{{release_patience: {PATIENCE}, allow_breaking: {breaking}}}"
        words = ("--quiet", "compile", "--vars", variables, "--inline", f"{{{{ {call} }}}}")
        done = nexasat(settings, "dbt", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        found[name] = done.stdout
    return found


@pytest.fixture
def database(fresh_database: Callable[..., dict[str, str]], synthetic_template: str) -> Any:  # noqa: ANN401
    """The libpq variables of a warehouse of the test's own, with release 1."""
    return fresh_database("releases", synthetic_template)


@pytest.fixture
def connection(database: dict[str, str]) -> Iterator[warehouse.Connection]:
    """To that warehouse."""
    with warehouse.connect(database) as opened:
        yield opened


@pytest.fixture
def own_settings(database: dict[str, str], dbt_settings: Callable[..., Settings]) -> Settings:
    """The project on that warehouse."""
    settings = dbt_settings("release_target")
    return Settings(settings.project, {**settings.environment, **database})


@pytest.fixture
def publish(connection: warehouse.Connection, statements: dict[str, str]) -> Publish:
    """Makes the tables of a next release, changes them, publishes, and gives what was noted."""

    def run(change: str = "select", *, breaking: bool = False) -> warehouse.Row:
        prepare(connection)
        connection.execute(sql.SQL(change))
        return finish(connection, statements["publish_breaking" if breaking else "publish"])

    return run
