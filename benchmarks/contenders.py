"""Who competes: each is a process of its own that makes its tables from the same file."""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from arena import BUILD_DATABASE, EXTRACT_DATE, HERE, PROJECT, SCRIPTS, Arena, Measured, psql
from nexasat import warehouse

# The same database each time: another name in profiles.yml would cost dbt a full parse.
FLOOR_DATABASE = "floor"
NOTEBOOK_DATABASE = "notebook"
LAST_LINE = re.compile(r"^time\s+[\d.]+ s \((?P<stages>[^)]*)\)", re.MULTILINE)

FIRST = "`nexasat build`, first"
AGAIN = "`nexasat build`, again"
FLOOR = "SQL floor"
NOTEBOOK = "notebook"
NOTEBOOK_COPY = "notebook, COPY"
CONTENDERS = (FIRST, AGAIN, FLOOR, NOTEBOOK, NOTEBOOK_COPY)


@dataclass
class Results:
    """All runs on one file.

    Attributes:
        name: of the file, as the tables show it.
        customers: rows of the file.
        runs: what each contender used, in order.
        stages: seconds of each stage of `nexasat build`, by contender.
    """

    name: str
    customers: int
    runs: dict[str, list[Measured]] = field(default_factory=dict)
    stages: dict[str, list[dict[str, float]]] = field(default_factory=dict)


def run(arena: Arena, contender: str, folder: Path) -> Measured:
    """Runs a contender on the file in the folder."""
    if contender in (FIRST, AGAIN):
        if contender == FIRST:
            arena.fresh_database(BUILD_DATABASE)
        command = [str(SCRIPTS / "nexasat"), "build", "--csv", str(folder / "extract.csv")]
        command += ["--extract-date", EXTRACT_DATE]
        return arena.run(command, PROJECT, BUILD_DATABASE, arena.as_users())
    if contender == FLOOR:
        load_id = save_facts(arena, folder)
        arena.fresh_database(FLOOR_DATABASE)
        command = [psql(), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
        command += ["-v", f"load_id={load_id}", "-v", f"extract_date={EXTRACT_DATE}"]
        command += ["-f", str(HERE / "floor" / "floor.sql")]
        return arena.run(command, folder, FLOOR_DATABASE, {})
    arena.fresh_database(NOTEBOOK_DATABASE)
    command = [sys.executable, str(HERE / "notebook.py"), "extract.csv"]
    if contender == NOTEBOOK_COPY:
        command.append("--copy")
    return arena.run(command, folder, NOTEBOOK_DATABASE, {})


def save_facts(arena: Arena, folder: Path) -> int:
    """Gives the floor what it does not make: the training of the build, and its load number."""
    (folder / "clusters").mkdir(exist_ok=True)
    with warehouse.connect(arena.database(BUILD_DATABASE)) as connection:
        for table in (
            "cluster_runs",
            "cluster_activations",
            "cluster_scalers",
            "cluster_centroids",
            "cluster_overlaps",
        ):
            with (
                connection.cursor() as cursor,
                (folder / "clusters" / f"{table}.csv").open("wb") as file,
                cursor.copy(f"copy ml.{table} to stdout (format csv, header)") as copy,
            ):
                for block in copy:
                    file.write(block)
        loads = warehouse.fetch(connection, "select load_id from raw.extract_loads")
    return int(loads[0]["load_id"])


def stages(output: str) -> dict[str, float]:
    """The seconds of each stage, as the summary of a build tells them."""
    found = LAST_LINE.search(output)
    if found is None:
        return {}
    words = (stage.rsplit(" ", 1) for stage in found["stages"].split(", "))
    return {name: float(seconds) for name, seconds in words}
