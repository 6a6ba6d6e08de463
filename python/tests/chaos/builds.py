"""Builds that are killed: each loads an extract of a later date, which tells the releases apart."""

import os
import random
import signal
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from nexasat import server as servers
from nexasat import warehouse
from nexasat.embedded import home as homes
from nexasat.embedded import postmaster
from nexasat.settings import Settings

NEXASAT = Path(sysconfig.get_path("scripts")) / "nexasat"
FIRST_DAY = date(2020, 1, 1)
# Where in a build it is killed: the words of the stage that has begun, and within how many seconds.
STAGES = {
    "start": ("", 3.0),
    "load": ("loading", 1.0),
    "features": ("building staging", 12.0),
    "cluster": ("clustering", 3.0),
    "marts": ("building value", 14.0),
    "publish": ("", 0.1),
    "server": ("", 25.0),  # not the build but the server under it
}
PUBLISHING = """
    select pid from pg_stat_activity
    where query ~ 'publish\\$' and state = 'active' and pid != pg_backend_pid()
"""
LIVE_DAY = "select max(extract_date) as day from marts.rpt_load_audit"
ROWS = (
    "select sum(delivered_rows - accepted_rows - rejected_rows) as lost from marts.rpt_load_audit"
)
HISTORY = """
    select array_agg(extract_date order by extract_date) as days from marts.rpt_kpi_history
"""
FINGERPRINT = """
    select
        (
            select md5(string_agg(seen::text, '' order by customer_id))
            from marts.dim_customers as seen
        ),
        (
            select md5(string_agg(seen::text, '' order by customer_id))
            from marts.fct_customer_segments as seen
        ),
        (select string_agg(seen::text, '') from marts.rpt_load_audit as seen)
"""
LEFTOVERS = """
    select nspname::text as name from pg_namespace
    where nspname ~ '^marts_' and nspname != 'marts__next'
    and nspname not in (select schema_name from ops.releases where dropped_at is null)
    union all
    select 'release ' || release_number from (
        select release_number from ops.releases where dropped_at is null
        order by live_since desc offset 2
    ) as too_many
    union all
    select relname::text from pg_class
    where
        relname ~ '^extract_rows_' and relkind = 'r'
        and relname not in (select 'extract_rows_' || load_id from raw.extract_loads)
    union all
    select relname::text from pg_class
    where relname ~ '__dbt_(tmp|backup)$' and relkind in ('r', 'v')
    union all
    select 'lock ' || objid from pg_locks
    inner join pg_database on pg_locks.database = pg_database.oid
    where locktype = 'advisory' and datname = current_database()
"""


@dataclass
class Builds:
    """A project and a warehouse of its own, and the builds in it.

    Attributes:
        settings: the copy of the project, with a test that fails for the days in `chaos.refused`.
        extract: a small file.
        day: extract date of the latest build.
        refused: the days whose builds fail a test.
        killed: how many builds were killed, by stage.
        published: the days of the releases, in order.
        problems: what went wrong although it may not.
        latest: the process of the latest build.
    """

    settings: Settings
    extract: Path
    chance: random.Random
    day: date = FIRST_DAY
    refused: set[date] = field(default_factory=set)
    killed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STAGES, 0))
    published: list[date] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    latest: "subprocess.Popen[str] | None" = None

    def parameters(self) -> dict[str, str] | None:
        """The libpq variables of the server, None while it is away."""
        found = servers.running(self.settings)
        return found and found | {"PGDATABASE": self.settings.environment["PGDATABASE"]}

    def build(self, *, refused: bool = False) -> "subprocess.Popen[str]":
        """Starts `nexasat build` with the extract of the next day."""
        self.day += timedelta(days=1)
        if refused:
            self.refused.add(self.day)
            with self.connect() as connection:
                query = "insert into chaos.refused values (%s)"
                warehouse.execute(connection, query, [self.day])
        arguments = ["build", "--csv", str(self.extract), "--extract-date", self.day.isoformat()]
        self.latest = subprocess.Popen(
            [NEXASAT, *arguments],
            cwd=self.settings.project,
            env=dict(self.settings.environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self.latest

    def end(self) -> None:
        """Ends a build that still runs, since nobody waits for it any more."""
        if self.latest and self.latest.poll() is None:
            os.killpg(self.latest.pid, signal.SIGKILL)
            self.latest.wait()

    def succeed(self) -> None:
        """A build that must work without hands, whatever was killed before; leaves nothing over."""
        code, told = self._finish(self.build())
        if code != 0:
            self.problems.append(f"a build after a kill ended {code}: {told[-500:]}")
            return
        self.published.append(self.day)
        with self.connect() as connection:
            self.problems += leftovers(connection)
            for query, wanted in (
                (LIVE_DAY, {"day": self.day}),
                (ROWS, {"lost": 0}),
                (HISTORY, {"days": self.published}),
            ):
                if (found := warehouse.fetch(connection, query)) != [wanted]:
                    self.problems.append(f"{query}: {found}")

    def fail(self) -> None:
        """A build that fails a test and must leave what readers see as it is, to the byte."""
        with self.connect() as connection:
            before = warehouse.fetch(connection, FINGERPRINT)
        code, told = self._finish(self.build(refused=True))
        with self.connect() as connection:
            after = warehouse.fetch(connection, FINGERPRINT)
        if code != 1 or "as they were" not in told or before != after:
            self.problems.append(f"a build with a failed test ended {code}: {told[-500:]}")

    def kill(self, stage: str) -> None:
        """A build that is killed within a stage, with all of its processes; or the server is."""
        words, seconds = STAGES[stage]
        process = self.build()
        if stage == "publish":
            self._wait_until_publishing(process)
        elif words:
            assert process.stderr
            any(words in line for line in process.stderr)
        time.sleep(self.chance.uniform(0, seconds))
        if process.poll() is not None:
            pass  # it was quicker
        elif stage == "server":
            found = postmaster.find(homes.locate(self.settings))
            assert found
            os.kill(found.pid, signal.SIGKILL)
            self.killed[stage] += 1
        else:
            os.killpg(process.pid, signal.SIGKILL)
            self.killed[stage] += 1
        self._finish(process)
        if stage == "server":
            servers.start(self.settings, lambda _: None)
        with self.connect() as connection:
            # The server ends what it was told for up to a second after the client is gone.
            while warehouse.fetch(connection, PUBLISHING):
                time.sleep(0.01)
            [live] = warehouse.fetch(connection, LIVE_DAY)
        if live["day"] == self.day:
            self.published.append(self.day)  # killed after it was published

    @contextmanager
    def connect(self) -> Iterator[warehouse.Connection]:
        """A connection to the warehouse, whose server is up."""
        parameters = self.parameters()
        assert parameters
        with warehouse.connect(parameters) as connection:
            yield connection

    def _finish(self, process: "subprocess.Popen[str]") -> tuple[int, str]:
        _, told = process.communicate(timeout=600)
        return process.returncode, told

    def _wait_until_publishing(self, process: "subprocess.Popen[str]") -> None:
        with self.connect() as connection:
            while process.poll() is None and not warehouse.fetch(connection, PUBLISHING):
                time.sleep(0.002)


def leftovers(connection: warehouse.Connection) -> list[str]:
    """Schemas and tables that no release and no load needs, and locks that nobody holds."""
    return [f"left over: {row['name']}" for row in warehouse.fetch(connection, LEFTOVERS)]
