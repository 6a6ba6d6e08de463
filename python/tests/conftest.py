"""What the tests share: a server of their own, empty databases in it, projects to play with.

No test touches the developer's own `.nexasat` or a server that the environment names.
"""

import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path

import pytest
from psycopg import sql

from nexasat import building, warehouse
from nexasat import server as servers
from nexasat.embedded import home as homes
from nexasat.settings import LIBPQ_NAMES, SERVER_NAMES, Settings

PROJECT = Path(__file__).resolve().parents[2]
NEXASAT = Path(sysconfig.get_path("scripts")) / "nexasat"

MakeProject = Callable[..., Settings]
FreshDatabase = Callable[..., dict[str, str]]
BuildWarehouse = Callable[..., dict[str, str]]


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without the developer's server and settings, and with what is given."""
    dropped = {*LIBPQ_NAMES, *SERVER_NAMES, "PGDATA", "PGOPTIONS"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in dropped and not name.startswith(("NEXASAT_", "DBT_"))
    }
    # drawing the report takes as long as a build; the tests of it ask for it
    return {**kept, "NEXASAT_REPORT": "0", **more}


def ignore(sentence: str) -> None:
    """Takes progress and does nothing with it."""
    del sentence


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder with dbt_project.yml."""
    return PROJECT


@pytest.fixture(scope="session")
def nexasat() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the installed command in a project: `nexasat(settings, "up", PGHOST="…", stdin="…")`.

    All that it prints goes through pipes, as in `$(…)`.
    """

    def run(
        settings: Settings, *arguments: str | Path, stdin: str = "", **more: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [NEXASAT, *arguments],
            cwd=settings.project,
            env={**settings.environment, **more},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    return run


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the project with the real extract and the published figures."""
    folder = PROJECT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("there is no folder shared/ beside the project")
    return folder


@pytest.fixture(scope="session")
def make_project() -> Iterator[MakeProject]:
    """Makes empty projects: `make_project()`, or `make_project(folder)` in a folder of the test.

    Without a folder they are in a short temporary one that every account can pass through. At the
    end their servers are stopped and all is removed.
    """
    base = Path(tempfile.mkdtemp(prefix="nxs-")).resolve()
    base.chmod(0o711)
    made: list[Settings] = []

    def make(folder: Path | None = None, **environment: str) -> Settings:
        folder = folder or base / f"p{len(made)}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "dbt_project.yml").write_text("name: nexasat\n")
        settings = Settings(project=folder, environment=clean_environment(**environment))
        made.append(settings)
        return settings

    yield make
    with ExitStack() as stack:  # each step is tried, whatever the ones before it met
        stack.callback(_remove_empty, homes.PLACE_OF_ROOT)
        stack.callback(shutil.rmtree, base, ignore_errors=True)
        for settings in made:
            home = homes.locate(settings)
            for place in (home.base, home.run):
                stack.callback(shutil.rmtree, place, ignore_errors=True)
            stack.callback(servers.stop, settings)


@pytest.fixture
def own(make_project: MakeProject) -> Iterator[Settings]:
    """A project of the test's own, whose embedded server is down at first and at the end."""
    settings = make_project()
    yield settings
    servers.stop(settings)


@pytest.fixture(scope="session")
def server(make_project: MakeProject) -> Settings:
    """The project whose embedded server the tests share; it is up."""
    settings = make_project()
    servers.start(settings, ignore)
    return settings


@pytest.fixture(scope="session")
def parameters(server: Settings) -> dict[str, str]:
    """The libpq variables of the shared server."""
    found = servers.running(server)
    assert found
    return found


@pytest.fixture(scope="session")
def fresh_database(parameters: dict[str, str]) -> Iterator[FreshDatabase]:
    """Makes an empty database on the shared server: `fresh_database("loads")` gives its variables.

    With a template it is a copy of that database, to which nobody may be connected. A second call
    with the same name empties it. All are dropped at the end.
    """
    made: set[str] = set()

    def drop(connection: warehouse.Connection, name: str) -> None:
        statement = sql.SQL("drop database if exists {} with (force)")
        warehouse.execute(connection, statement.format(sql.Identifier(name)))

    def make(name: str, template: str = "template1") -> dict[str, str]:
        with warehouse.connect(parameters) as connection:
            drop(connection, name)
            statement = sql.SQL("create database {} template {}")
            names = map(sql.Identifier, (name, template))
            warehouse.execute(connection, statement.format(*names))
        made.add(name)
        return parameters | {"PGDATABASE": name}

    yield make
    with warehouse.connect(parameters) as connection:
        for name in made:
            drop(connection, name)


@pytest.fixture(scope="session")
def build_warehouse(
    fresh_database: FreshDatabase, tmp_path_factory: pytest.TempPathFactory
) -> BuildWarehouse:
    """Does what `nexasat build` does, in an empty database: `build_warehouse("small", csv_file)`.

    The developer's target/ and logs/ stay as they are; the environment is put back afterwards. The
    names of the dbt nodes that finish are appended to `nodes`.
    """

    def make(
        name: str, csv_file: Path | None = None, nodes: list[str] | None = None
    ) -> dict[str, str]:
        found = fresh_database(name)
        folder = tmp_path_factory.mktemp(name)
        folders = {"DBT_TARGET_PATH": f"{folder}/target", "DBT_LOG_PATH": f"{folder}/logs"}
        environment = {**found, **folders, "DO_NOT_TRACK": "1"}
        with pytest.MonkeyPatch.context() as patch:  # dbt runs in this process and reads them
            for variable, value in environment.items():
                patch.setenv(variable, value)
            settings = Settings(PROJECT, clean_environment(**environment))
            report_node = ignore if nodes is None else nodes.append
            files = [csv_file] if csv_file else []
            building.build(settings, files, date(2023, 7, 31), ignore, report_node)
        return found

    return make


@pytest.fixture(scope="session")
def synthetic_nodes() -> list[str]:
    """The names of the dbt nodes that built `synthetic_template`, in order; ask for both."""
    return []


@pytest.fixture(scope="session")
def synthetic_template(build_warehouse: BuildWarehouse, synthetic_nodes: list[str]) -> str:
    """A database built from the bundled extract; copy it, and never connect to it."""
    return build_warehouse("synthetic_template", nodes=synthetic_nodes)["PGDATABASE"]


@pytest.fixture(scope="session")
def synthetic_warehouse(synthetic_template: str, fresh_database: FreshDatabase) -> dict[str, str]:
    """The libpq variables of a warehouse built from the bundled extract; only read it."""
    return fresh_database("synthetic", synthetic_template)


@pytest.fixture(scope="session")
def real_template(build_warehouse: BuildWarehouse, shared: Path) -> str:
    """A database built from the real extract; copy it, and never connect to it."""
    extract = shared / "data" / "NexaSatData.csv"
    if not extract.is_file():
        pytest.skip("the real extract is not in shared/data beside the project")
    return build_warehouse("real_template", extract)["PGDATABASE"]


@pytest.fixture(scope="session")
def real_warehouse(real_template: str, fresh_database: FreshDatabase) -> dict[str, str]:
    """The libpq variables of a warehouse built from the real extract; only read it."""
    return fresh_database("real", real_template)
