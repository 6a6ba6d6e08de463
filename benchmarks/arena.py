"""The place of the contest: a server of its own, fresh databases, input files, measured runs."""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from psycopg import sql

from nexasat import server, warehouse
from nexasat.embedded import home as homes
from nexasat.embedded import programs
from nexasat.generate import write_extract
from nexasat.settings import LIBPQ_NAMES, SERVER_NAMES, Settings

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
SCRIPTS = Path(sysconfig.get_path("scripts"))
SEED = 42
EXTRACT_DATE = "2023-07-31"
BUILD_DATABASE = "nexasat"  # another name in profiles.yml would cost dbt a full parse
REAL_EXTRACT = PROJECT.parent / "shared" / "data" / "NexaSatData.csv"


def say(sentence: str) -> None:
    """Progress, on stderr: stdout has the tables alone."""
    print(sentence, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Measured:
    """What a process used.

    Attributes:
        seconds: from its start to its end.
        processor_seconds: of all its threads, in user and system mode.
        peak_mib: the most memory that it held, the server's not counted.
        output: what it printed.
    """

    seconds: float
    processor_seconds: float
    peak_mib: float
    output: str


@dataclass(frozen=True)
class Arena:
    """A running server and a folder that is removed at the end.

    Attributes:
        folder: for inputs and what the contenders write.
        parameters: libpq variables of the server.
        environment: of the contenders, without the developer's server and settings.
    """

    folder: Path
    parameters: dict[str, str]
    environment: dict[str, str]

    def fresh_database(self, name: str) -> dict[str, str]:
        """An empty database in place of the one of that name; nothing is left to be written."""
        with warehouse.connect(self.database("postgres")) as connection:
            for statement in ("drop database if exists {} with (force)", "create database {}"):
                warehouse.execute(connection, sql.SQL(statement).format(sql.Identifier(name)))
            warehouse.execute(connection, "checkpoint")
        return self.database(name)

    def database(self, name: str) -> dict[str, str]:
        """The libpq variables of a database."""
        return self.parameters | {"PGDATABASE": name}

    def run(
        self, command: list[str], cwd: Path, database: str, environment: Mapping[str, str]
    ) -> Measured:
        """Runs a command as a process of its own, with the database as its libpq variables.

        Raises:
            RuntimeError: it failed; with the end of what it said.
        """
        result = self.folder / "measured.json"
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(HERE / "measure.py"), str(result), *command],
            cwd=cwd,
            env={**self.environment, **self.database(database), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            told = (done.stdout + done.stderr)[-3000:]
            raise RuntimeError(f"{Path(command[0]).name} failed ({done.returncode}):\n{told}")
        return Measured(**json.loads(result.read_text(encoding="utf-8")), output=done.stdout)

    def as_users(self) -> dict[str, str]:
        """Environment of a process that does not find pandas: `make build` does not install it.

        scikit-learn loads it where it is, which takes 0.5 s and 35 MB.
        """
        folder = self.folder / "as-users"
        folder.mkdir(exist_ok=True)
        (folder / "pandas.py").write_text("raise ImportError('pandas')", encoding="utf-8")
        return {"PYTHONPATH": str(folder)}

    def make_input(self, name: str, customers: int, real: bool) -> Path:
        """A folder with extract.csv and config/, as the floor needs it."""
        folder = self.folder / name
        folder.mkdir()
        (folder / "config").symlink_to(PROJECT / "seeds" / "config")
        if real:
            (folder / "extract.csv").symlink_to(REAL_EXTRACT)
        else:
            say(f"generating {customers:,} customers")
            write_extract(folder / "extract.csv", customers, SEED, lambda _: None)
        return folder

    def make_damaged_input(self) -> Path:
        """An extract with a row for each thing that can be wrong with one."""
        folder = self.make_input("damaged", 1_000, real=False)
        with (folder / "extract.csv").open("ab") as file:
            file.write((HERE / "floor" / "damaged_rows.csv").read_bytes())
        return folder


@contextmanager
def open_arena() -> Iterator[Arena]:
    """Starts the server; whatever ends the block, server and folder are gone afterwards."""
    dropped = {*LIBPQ_NAMES, *SERVER_NAMES, "PGDATA", "PGOPTIONS"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in dropped and not name.startswith(("NEXASAT_", "DBT_"))
    }
    kept["NEXASAT_REPORT"] = "0"  # the others draw no pictures
    with ExitStack() as stack:
        stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, _stop))
        folder = Path(tempfile.mkdtemp(prefix="nexasat-bench-")).resolve()
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)  # root's server runs as another account
        environment = kept | {
            "NEXASAT_HOME": str(folder / "home"),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
        }
        settings = Settings(PROJECT, environment)
        stack.callback(_remove_server, settings)
        yield Arena(folder, server.start(settings, say), environment)


@contextmanager
def built_arena(name: str, customers: int) -> Iterator[tuple[Arena, warehouse.Connection]]:
    """An arena whose database has been built once from generated customers, and a connection."""
    with open_arena() as arena:
        extract = arena.make_input(name, customers, real=False) / "extract.csv"
        parameters = arena.fresh_database(BUILD_DATABASE)
        say("building")
        command = [str(SCRIPTS / "nexasat"), "build", "--csv", str(extract)]
        arena.run([*command, "--extract-date", EXTRACT_DATE], PROJECT, BUILD_DATABASE, {})
        with warehouse.connect(parameters) as connection:
            yield arena, connection


def time_models(
    arena: Arena, connection: warehouse.Connection, models: Iterable[str]
) -> dict[str, float]:
    """Seconds of each model's compiled query into a table, without keys, read from what is live."""
    seconds = {}
    for model in models:
        (path,) = (arena.folder / "target" / "compiled").rglob(f"{model}.sql")
        query = path.read_text(encoding="utf-8").replace('"marts__next"', '"marts"')
        start = time.perf_counter()
        warehouse.execute(connection, f"create table public.{model} as {query}")
        seconds[model] = time.perf_counter() - start
    return seconds


def psql() -> str:
    """The psql that comes with the embedded server."""
    return str(programs.bundled() / "psql")


def _remove_server(settings: Settings) -> None:
    server.stop(settings)
    home = homes.locate(settings)
    for place in (home.base, home.run):
        shutil.rmtree(place, ignore_errors=True)
    with suppress(OSError):
        homes.PLACE_OF_ROOT.rmdir()  # when it is empty


def _stop(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)
