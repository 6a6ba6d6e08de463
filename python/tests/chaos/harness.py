"""Sets up a project and a server of its own, lets readers read and kills builds."""

import csv
import os
import random
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chaos.builds import NEXASAT, STAGES, Builds
from chaos.readers import OF_OTHERS, Readers, Seen
from nexasat import server as servers
from nexasat import warehouse
from nexasat.settings import Settings
from nexasat.text_table import text_table

CUSTOMERS = (
    600  # SQL takes the same time up to some thousand; the kills fall between the same steps
)
PARTS = (
    "models",
    "macros",
    "seeds",
    "snapshots",
    "tests",
    "analyses",
    "dbt_project.yml",
    "profiles.yml",
)
SABOTAGE = """
select load_audit.extract_date from {{ ref('rpt_load_audit') }} as load_audit
where load_audit.extract_date in (select refused.day from chaos.refused)
"""
TABLES = """
    create schema if not exists analysts; create schema if not exists chaos;
    create table if not exists chaos.refused (day date)
"""
FAILED_BUILD_EVERY = 7  # kills between two builds that fail a test
CLEAN_BUILD_EVERY = 3  # kills between two builds that are left alone


@dataclass(frozen=True)
class Found:
    """What came to light: what readers saw, kills by stage, problems of builds."""

    seen: list[Seen]
    killed: dict[str, int]
    problems: list[str]

    @property
    def is_faulty(self) -> bool:
        """True when somebody saw what nobody may see, or a build went wrong."""
        return bool(self.problems) or any(seen.faults for seen in self.seen)

    def table(self) -> str:
        """For people."""
        rows = [
            [
                seen.kind,
                f"{seen.reads:,}",
                ", ".join(f"{name} {count}" for name, count in seen.faults.items()) or "none",
                str(seen.server_gone),
                f"{seen.longest:.2f} s",
            ]
            for seen in self.seen
        ]
        killed = ", ".join(f"{stage} {count}" for stage, count in self.killed.items() if count)
        return "\n".join(
            [
                text_table(["reader", "reads", "faults", "server away", "slowest"], rows),
                f"reads: {sum(seen.reads for seen in self.seen):,}; killed: {killed or 'nothing'}",
                *(self.problems or ["no build went wrong, nothing was left over"]),
            ]
        )


def run(
    project: Path,
    folder: Path,
    kills: int,
    seed: int,
    *,
    stock: bool,
    report: Callable[[str], None],
) -> Found:
    """Kills builds of a copy of the project in an empty folder, while readers read.

    Args:
        project: to copy.
        folder: for the copy, its server and the extract.
        kills: how many; with `stock` the number of builds, of which none is killed.
        seed: of the moments.
        stock: builds by plain dbt into target `dev`, as a control: its readers see faults.
        report: takes one sentence at a time.
    """
    builds = _prepare(project, folder, random.Random(seed))
    seen: list[Seen] = []
    try:
        builds.succeed()
        schema = "marts"
        if stock:
            schema = "dev_chaos_marts"
            _build_stock(builds, 0)
        with builds.connect() as connection:
            warehouse.execute(connection, OF_OTHERS.format(schema=schema))
        with Readers(builds.parameters, schema, builds.refused) as readers:
            seen = readers.seen
            for number in range(1, kills + 1):
                if stock:
                    _build_stock(builds, number)
                    continue
                _one_round(builds, number)
                report(
                    f"{sum(builds.killed.values())} of {kills} killed, {builds.problems or 'fine'}"
                )
            if not stock:
                builds.succeed()
    except KeyboardInterrupt:
        report("ended early; this is what was seen until then")
    finally:
        builds.end()
        servers.stop(builds.settings)
    return Found(seen, builds.killed, builds.problems)


def _one_round(builds: Builds, number: int) -> None:
    stages = list(STAGES)
    before = sum(builds.killed.values())
    while sum(builds.killed.values()) == before:  # a build can be quicker than its killer
        builds.kill(stages[(number - 1) % len(stages)])
    if number % CLEAN_BUILD_EVERY == 0:
        builds.succeed()
    if number % FAILED_BUILD_EVERY == 0:
        builds.fail()


def _prepare(project: Path, folder: Path, chance: random.Random) -> Builds:
    """A copy of the project with a test of our own, an empty warehouse, and a small extract."""
    copy = folder / "project"
    copy.mkdir(parents=True)
    for part in PARTS:
        if (project / part).is_dir():
            shutil.copytree(project / part, copy / part)
        elif (project / part).exists():
            shutil.copy(project / part, copy)
    (copy / "tests" / "no_refused_day.sql").write_text(SABOTAGE)
    names = {
        name: value for name, value in os.environ.items() if not name.startswith(("PG", "DBT_"))
    }
    environment = {
        **names,
        "NEXASAT_HOME": str(folder / "home"),
        "USER": "chaos",
        "NEXASAT_REPORT": "0",
    }
    settings = Settings(copy, {**environment, "PGDATABASE": servers.DATABASE})
    parameters = servers.start(settings, lambda _: None)
    with warehouse.connect(parameters) as connection:
        warehouse.execute(connection, TABLES)
    extract = folder / "extract.csv"
    arguments = ["generate", "--customers", str(CUSTOMERS), "--seed", "3", "--output", str(extract)]
    subprocess.run(
        [NEXASAT, *arguments], cwd=copy, env=environment, check=True, capture_output=True
    )
    return Builds(settings, extract, chance)


def _build_stock(builds: Builds, number: int) -> None:
    """Plain dbt without a release; the seed of the parameters tells the day."""
    seeds = builds.settings.project / "seeds" / "config" / "cfg_parameters.csv"
    with seeds.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    for row in rows:
        if row[0] == "bundled_extract_date":
            row[1] = f"2020-01-{number + 1:02d}"
    with seeds.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    parameters = builds.parameters()
    assert parameters
    done = subprocess.run(
        [NEXASAT, "dbt", "build", "--target", "dev", "--exclude-resource-type", "unit_test"],
        cwd=builds.settings.project,
        env={**builds.settings.environment, **parameters},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:  # readers can even make it fail: dbt and they deadlock
        builds.problems.append(f"plain dbt failed: {done.stdout[-500:]}")
