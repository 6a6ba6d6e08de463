"""What tests share: a database with the tables of `raw`, loads into it, and the survival macros."""

import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from nexasat import loading, warehouse
from nexasat.extract_file import open_extracts
from nexasat.generate_recipe import COLUMNS
from nexasat.settings import Settings

from . import campaign_queries as campaign_sql

DAY = date(2023, 7, 31)
HEADER = ",".join(COLUMNS)
SURVIVAL_QUERIES = {
    "curves": "kaplan_meier('observed', ['stratum'], 'duration', 'event', "
    "confidence='(select confidence from levels)')",
    "curves_weighted": "kaplan_meier('observed', ['stratum'], 'duration', 'event', "
    "weight='customers')",
    "curve": "kaplan_meier('observed', [], 'duration', 'event', 0.9)",
    "tests": "logrank('observed', 'sample', 'duration', 'event', strata=['stratum'])",
    "test": "logrank('observed', 'sample', 'duration', 'event')",
    "test_within_blocks": "logrank('observed', 'sample', 'duration', 'event', weight='customers', "
    "blocks=['stratum'])",
    "quantiles": "normal_quantile('confidence')",
    "tails": "chi_square_tail('x', 'degrees')",
}
OBSERVED = """
    create temporary table observed (
        stratum text, sample text, duration double precision, event boolean, customers bigint
    );
    create temporary table levels (confidence double precision);
    create temporary view curves as
    select 'test' as stratum_level, duration as tenure_month, * from ({}) as curves
"""
ROW = "NSat{},Female,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,0\n"


@pytest.fixture(scope="session")
def dbt_settings(
    server: Settings,
    project: Path,
    fresh_database: Callable[..., dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Settings]:
    """This project on a database of that name, with a target folder of its own.

    It is empty, or a copy of the template that is given.
    """

    def make(name: str, template: str = "template1") -> Settings:
        folder = str(tmp_path_factory.mktemp("target"))
        found = fresh_database(name, template)
        more = {"DBT_TARGET_PATH": folder, "DBT_LOG_PATH": folder, **found}
        return Settings(project, {**server.environment, **more})

    return make


@pytest.fixture(scope="session")
def build_part(
    nexasat: Callable[..., subprocess.CompletedProcess[str]],
) -> Callable[..., None]:
    """Builds a part by dbt, `build_part(settings, "build", "--select", "dim_plans")`, and shows it.

    dbt leaves a part aside, since only whole releases are published; here its marts are read.
    """

    def build(settings: Settings, *arguments: str) -> None:
        done = nexasat(settings, "dbt", *arguments)
        assert done.returncode == 1, done.stdout
        assert "only a part was built" in done.stdout, done.stdout
        names = "select relname from pg_class where relnamespace = 'marts__next'::regnamespace"
        with warehouse.connect(settings.environment) as connection:
            for row in warehouse.fetch(connection, names + " and relkind in ('r', 'v')"):
                name = sql.Identifier(row["relname"])
                show = sql.SQL("create or replace view marts.{} as table marts__next.{}")
                warehouse.execute(connection, show.format(name, name))

    return build


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
    with warehouse.connect(parameters) as connection, open_extracts([old]) as extracts:
        loading.load_extracts(connection, extracts, DAY, lambda _: None, pytest.fail)
    return parameters


@pytest.fixture
def load(raw: dict[str, str]) -> Callable[..., loading.Load]:
    """Loads files: `load(path)`, or `load(path, report=told.append)` to know what was told."""

    def load_files(*paths: Path, report: Callable[[str], None] = lambda _: None) -> loading.Load:
        with open_extracts(paths) as extracts, warehouse.connect(raw) as connection:
            return loading.load_extracts(connection, extracts, DAY, report, pytest.fail)

    return load_files


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
            *ask("select * from raw.extract_files"),
            *ask("select * from raw.extract_rows order by line_number"),
            *ask("select relname::text from pg_class where relname ~ '^extract_' order by 1"),
        ]

    return look


@pytest.fixture(scope="session")
def survival_queries(
    dbt_settings: Callable[[str], Settings],
    nexasat: Callable[..., subprocess.CompletedProcess[str]],
    project: Path,
) -> dict[str, str]:
    """The SQL of the survival macros, of SURVIVAL_QUERIES, and of the model of the `summary`.

    They read temporary tables: `observed`, `levels`, and `curves` in place of fct_survival_curves.
    """
    model = project / "models" / "marts" / "retention" / "rpt_retention_summary.sql"
    calls = [f"{{{{ {call} }}}}" for call in SURVIVAL_QUERIES.values()]
    inline = "\n-- next\n".join([*calls, model.read_text(encoding="utf-8")])
    done = nexasat(dbt_settings("survival"), "dbt", "--quiet", "compile", "--inline", inline)
    assert done.returncode == 0, done.stdout + done.stderr
    *compiled, summary = done.stdout.split("-- next\n")
    summary = re.sub(r'"\w+"\."\w+"\."fct_survival_curves"', "curves", summary)
    return {**dict(zip(SURVIVAL_QUERIES, compiled, strict=True)), "summary": summary}


@pytest.fixture(scope="module")
def survive(
    survival_queries: dict[str, str], parameters: dict[str, str]
) -> Iterator[Callable[..., list[warehouse.Row]]]:
    """Runs one of these queries on rows: `survive("curves", rows, confidence=0.95)`.

    A row is (stratum, sample, duration, event) with or without a number of customers.
    """
    with warehouse.connect(parameters) as connection:
        warehouse.execute(connection, OBSERVED.format(survival_queries["curves"]))

        def run(
            name: str, rows: Iterable[tuple[Any, ...]], confidence: float = 0.95
        ) -> list[warehouse.Row]:
            with connection.cursor() as cursor:
                cursor.execute("truncate observed; truncate levels")
                cursor.execute("insert into levels values (%s)", [confidence])
                with cursor.copy("copy observed from stdin") as copy:
                    for row in rows:
                        copy.write_row(row if len(row) == 5 else (*row, 1))
            return warehouse.fetch(connection, survival_queries[name])

        yield run


@pytest.fixture(scope="session")
def campaign_queries(
    dbt_settings: Callable[[str], Settings],
    nexasat: Callable[..., subprocess.CompletedProcess[str]],
    project: Path,
) -> dict[str, str]:
    """The SQL of the campaign macros and of rpt_campaign_lift, on temporary tables."""
    settings = dbt_settings("campaign_queries")
    inline = campaign_sql.inline(project)
    done = nexasat(settings, "dbt", "--quiet", "compile", "--inline", inline)
    assert done.returncode == 0, done.stdout + done.stderr
    return campaign_sql.split(done.stdout)
