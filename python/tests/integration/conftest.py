"""What the tests of the loader share: a database with the tables of `raw`, and loads into it."""

import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nexasat import loading, warehouse
from nexasat.generate_recipe import COLUMNS
from nexasat.settings import Settings

DAY = date(2023, 7, 31)
HEADER = ",".join(COLUMNS)
ROW = "NSat{},Female,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,0\n"


@pytest.fixture(scope="session")
def dbt_settings(
    server: Settings,
    project: Path,
    fresh_database: Callable[[str], dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Settings]:
    """This project on an empty database of that name, with a target folder of its own."""

    def make(name: str) -> Settings:
        folder = str(tmp_path_factory.mktemp("target"))
        more = {"DBT_TARGET_PATH": folder, "DBT_LOG_PATH": folder, **fresh_database(name)}
        return Settings(project, {**server.environment, **more})

    return make


@pytest.fixture(scope="session")
def loading_settings(
    dbt_settings: Callable[[str], Settings],
    nexasat: Callable[..., subprocess.CompletedProcess[str]],
) -> Settings:
    """This project on a database with the tables of `raw`, as dbt makes them."""
    settings = dbt_settings("loading")
    done = nexasat(settings, "dbt", *loading.MAKE_TABLES)
    assert done.returncode == 0, done.stdout
    return settings


@pytest.fixture
def raw(loading_settings: Settings, tmp_path: Path) -> dict[str, str]:
    """The libpq variables of that database, into which three rows were loaded."""
    names = ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE")
    parameters = {name: loading_settings.environment[name] for name in names}
    old = tmp_path / "old.csv"
    old.write_text(HEADER + "\n" + "".join(map(ROW.format, "123")))
    with warehouse.connect(parameters) as connection:
        loading.load_extract(connection, old, DAY, lambda _: None, pytest.fail)
    return parameters


@pytest.fixture
def load(raw: dict[str, str]) -> Callable[..., loading.Load]:
    """Loads a file: `load(path)`, or `load(path, told.append)` to know what was told."""

    def load_file(path: Path, report: Callable[[str], None] = lambda _: None) -> loading.Load:
        with warehouse.connect(raw) as connection:
            return loading.load_extract(connection, path, DAY, report, pytest.fail)

    return load_file


@pytest.fixture
def ask(raw: dict[str, str]) -> Callable[[str], list[tuple[Any, ...]]]:
    """The rows of a query, which must not have to wait for anybody."""

    def run(query: str) -> list[tuple[Any, ...]]:
        with warehouse.connect(raw) as connection:
            warehouse.execute(connection, "set statement_timeout = '3s'")
            return [tuple(row.values()) for row in warehouse.fetch(connection, query)]

    return run


@pytest.fixture
def state(ask: Callable[[str], list[tuple[Any, ...]]]) -> Callable[[], list[tuple[Any, ...]]]:
    """All that a load can change, down to the tables in the schema."""

    def look() -> list[tuple[Any, ...]]:
        return [
            *ask("select * from raw.extract_loads"),
            *ask("select * from raw.extract_rows order by line_number"),
            *ask("select relname::text from pg_class where relname ~ '^extract_' order by 1"),
        ]

    return look
